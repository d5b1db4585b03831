//! A room that holds no more says so at the door, before it asks for anything.

use anyhow::Result;
use e2e::{Devices, Kind, Settings, in_house};

#[tokio::test]
async fn the_fifth_of_four_is_told_before_being_asked_for_a_camera() -> Result<()> {
    in_house(Settings { max_participants: Some(4), ..Settings::default() }, async |house| {
        let chromium = house.browser(Kind::Chromium.with(Devices::None)).await?;
        let mut inside = Vec::new();
        for name in ["Ada", "Bo", "Cy", "Di"] {
            let tab = chromium.window().await?;
            tab.enter("nook", name).await?;
            inside.push(tab);
        }
        let fifth = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        fifth.open("/r/nook").await?;
        fifth.until("a full room", |view| view.shows("room-full")).await?;
        let view = fifth.view().await?;
        anyhow::ensure!(view.asked == 0 && view.live_tracks == 0, "asked for devices: {view:?}");
        anyhow::ensure!(!view.shows("join") && !view.preview, "there is a way in all the same: {view:?}");
        anyhow::ensure!(view.lobby_notice.as_deref().is_some_and(|words| words.contains('4')), "{view:?}");

        let Some(last) = inside.pop() else { anyhow::bail!("nobody is inside") };
        last.click("leave").await?;
        last.until("a goodbye", |view| view.shows("ended")).await?;
        fifth.until("a way in", |view| view.preview && !view.shows("room-full")).await?;
        fifth.write("name-input", "Eve").await?;
        fifth.join().await?;
        fifth.until("being inside", |view| view.is_connected() && view.others().count() == 3).await
    })
    .await
}

#[tokio::test]
async fn who_comes_to_the_last_place_too_late_is_told_that_the_room_is_full() -> Result<()> {
    in_house(Settings { max_participants: Some(1), ..Settings::default() }, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (quick, slow) = (chromium.window().await?, chromium.window().await?);
        quick.wait_at("nook", "Quick").await?;
        slow.wait_at("nook", "Slow").await?;
        // The door looks again every few seconds: what it was told before Quick came is what Slow goes by.
        let _: Option<bool> = slow.script("window.fetch = () => new Promise(() => {})", vec![]).await?;
        quick.join().await?;
        quick.until("Quick inside", e2e::view::View::is_connected).await?;
        slow.join().await?;
        slow.until("words about a full room, devices let go, and a way on", |view| {
            view.shows("room-full") && view.shows("go-home") && view.live_tracks == 0 && view.open_peers == 0
        })
        .await
    })
    .await
}
