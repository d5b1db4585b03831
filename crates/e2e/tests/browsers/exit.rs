//! Out of the room, nothing of it is left: no device is held, no connection stands.

use anyhow::Result;
use e2e::{Kind, Settings, in_house, view::View};

#[tokio::test]
async fn leaving_gives_the_devices_back_and_one_may_join_again() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (leaver, stayer) = (chromium.window().await?, chromium.window().await?);
        leaver.enter("gate", "Ada").await?;
        stayer.enter("gate", "Bo").await?;
        leaver.sees_and_hears(&["Bo"]).await?;
        let view = leaver.view().await?;
        anyhow::ensure!((view.live_tracks, view.open_peers) == (2, 1), "{view:?}");

        leaver.click("leave").await?;
        leaver.until("a clean goodbye", |view| view.shows("ended") && is_clean(view)).await?;
        let stats = leaver.stats().await?;
        anyhow::ensure!(stats.0.is_empty(), "a peer connection still counts: {stats:?}");

        leaver.click("rejoin").await?;
        leaver.until("a way in", |view| view.preview && view.offers("join")).await?;
        // Another tab of the same browser gave its name last.
        leaver.write("name-input", "Ada").await?;
        leaver.join().await?;
        leaver.sees_and_hears(&["Bo"]).await?;
        stayer.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn going_home_from_the_preview_gives_the_devices_back() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        // By the start page, so that going back stays on the page and the tracks can be looked at.
        tab.open("/").await?;
        tab.write("name-input", "Ada").await?;
        tab.click("go").await?;
        tab.until("a preview", |view| view.preview && view.live_tracks == 2).await?;
        let _: Option<bool> = tab.script("history.back()", vec![]).await?;
        tab.until("the start page and no device held", |view| {
            view.path == "/" && view.asked == 1 && is_clean(view)
        })
        .await
    })
    .await
}

fn is_clean(view: &View) -> bool {
    view.live_tracks == 0 && view.open_peers == 0
}
