//! More than a page's own window: all of the screen, and the small one over all others.

use crate::direct::ALL;
use crate::layouts::{guests, until_role, watcher};
use anyhow::Result;
use e2e::{Kind, Seen, Settings, Tab, in_house, until, view::View};

#[tokio::test]
async fn the_stage_the_page_or_one_tile_fills_the_screen() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        let _guests = guests(house, "court", &["Cy", "Di"]).await?;
        until_role(&tab, "Di", Some("alike")).await?;
        filled_by(&tab, "nothing").await?;
        tab.click("layout").await?;
        tab.click("full-screen").await?;
        filled_by(&tab, "stage").await?;
        tab.key('f').await?;
        filled_by(&tab, "nothing").await?;
        tab.key('f').await?;
        filled_by(&tab, "html").await?;
        tab.click("more").await?;
        tab.click_on("#more [data-testid=full-screen]").await?;
        filled_by(&tab, "nothing").await?;
        tab.click_on("[data-name=Cy] [data-testid=tile-more]").await?;
        tab.click("menu-full-screen").await?;
        filled_by(&tab, "Cy").await?;
        // Escape is the browser's own, and a driver's does not reach that far.
        tab.key('f').await?;
        filled_by(&tab, "nothing").await?;
        until_role(&tab, "Cy", Some("alike")).await?;
        Ok(())
    })
    .await
}

/// Waits until this fills the screen; or nothing, and the window is as large as when that was asked first.
async fn filled_by(tab: &Tab, what: &str) -> Result<()> {
    until(&format!("the screen filled by {what}"), async || {
        let script = "
            const full = document.fullscreenElement;
            const { width, height } = full?.getBoundingClientRect() ?? {};
            if (full && (width < innerWidth || height < innerHeight)) return `${width}×${height}`;
            const size = `${innerWidth}×${innerHeight}`;
            window.unfilled ??= size;
            if (!full && size !== window.unfilled) return size;
            return full ? full.id || full.dataset.name || full.localName : 'nothing'";
        let filled: String = tab.script(script, vec![]).await?;
        Ok(Seen::when(filled == what, &filled))
    })
    .await
}

#[tokio::test]
async fn a_picture_in_picture_shows_the_other_straight_from_them_and_by_the_server() -> Result<()> {
    in_house(ALL, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("nook", "Ada").await?;
        bo.enter("nook", "Bo").await?;
        ada.until("the direct path", View::is_direct).await?;
        press_picture(&ada).await?;
        small_window(&ada, true).await?;
        press_picture(&ada).await?;
        small_window(&ada, false).await?;
        // Opened again, it goes on when the way changes, and goes with the room.
        press_picture(&ada).await?;
        small_window(&ada, true).await?;
        let _third = guests(house, "nook", &["Cy"]).await?;
        ada.until("Bo by the server", |view| {
            let picture = view.tile("Bo").and_then(|tile| tile.picture.as_ref());
            let line = picture.and_then(|picture| picture.mid.as_deref());
            line.is_some_and(|line| !line.starts_with("direct-"))
        })
        .await?;
        // Each video has a player of its own, which counts from nothing when it is given another track.
        until("pictures in it by the same way", async || {
            let now = frames(&ada).await?;
            Ok(Seen::when(now > 0, &now))
        })
        .await?;
        let before = frames(&ada).await?;
        until("more pictures in it", async || {
            let now = frames(&ada).await?;
            Ok(Seen::when(now > before + 5, &(before, now)))
        })
        .await?;
        ada.click("leave").await?;
        small_window(&ada, false).await
    })
    .await
}

async fn press_picture(tab: &Tab) -> Result<()> {
    tab.click("layout").await?;
    tab.click("picture-in-picture").await
}

/// Waits until the small window is there with a running picture, or is not.
async fn small_window(tab: &Tab, there: bool) -> Result<()> {
    let script = "const video = document.pictureInPictureElement; return [!!video, !!video && video.videoWidth > 0 && !video.paused]";
    until(&format!("a small window: {there}"), async || {
        let seen: (bool, bool) = tab.script(script, vec![]).await?;
        Ok(Seen::when(seen == (there, there), &seen))
    })
    .await
}

/// How many pictures of Bo the small window has shown, from where Bo's tile has them.
async fn frames(tab: &Tab) -> Result<u64> {
    let script = "
        const [small, tile] = [document.pictureInPictureElement, document.querySelector('[data-name=Bo] video')];
        const [shown, wanted] = [small, tile].map((video) => video?.srcObject?.getVideoTracks()[0]);
        return wanted && shown === wanted ? small.getVideoPlaybackQuality().totalVideoFrames : 0";
    tab.script(script, vec![]).await
}
