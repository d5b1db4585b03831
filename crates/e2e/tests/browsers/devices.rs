//! Without devices, without leave to use them, and on a page that browsers hide them from: there are clear
//! words, and always a way into the room.

use anyhow::Result;
use e2e::{Devices, INSECURE_HOST, Kind, Settings, Tab, in_house};

#[tokio::test]
async fn without_devices_one_listens_and_watches() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let speaker = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        speaker.enter("yard", "Ada").await?;
        let watcher = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        watcher.wait_at("yard", "Will").await?;
        says(&watcher, "No microphone or camera was found").await?;
        watches(&watcher, &speaker).await
    })
    .await
}

#[tokio::test]
async fn without_a_camera_one_is_still_heard() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let listener = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        listener.enter("yard", "Ada").await?;
        let speaker = house.browser(Kind::Chromium.with(Devices::Microphone)).await?.window().await?;
        speaker.wait_at("yard", "Will").await?;
        says(&speaker, "No camera was found").await?;
        speaker.join().await?;
        speaker.sees_and_hears(&["Ada"]).await?;
        listener
            .until_moving("Will heard behind an avatar", |view, moved| {
                let will = view.tile("Will");
                will.is_some_and(|tile| tile.avatar && !tile.muted) && moved.heard.len() == 1
            })
            .await
    })
    .await
}

#[tokio::test]
async fn refused_devices_in_chromium_are_explained() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let speaker = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        speaker.enter("yard", "Ada").await?;
        let watcher = house.browser(Kind::Chromium.with(Devices::Refused)).await?.window().await?;
        watcher.wait_at("yard", "Will").await?;
        says(&watcher, "Your browser does not allow the microphone and camera").await?;
        watches(&watcher, &speaker).await
    })
    .await
}

#[tokio::test]
async fn refused_devices_in_firefox_are_explained() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let speaker = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        speaker.enter("yard", "Ada").await?;
        let watcher = house.browser(Kind::Firefox.with(Devices::Refused)).await?.window().await?;
        watcher.wait_at("yard", "Will").await?;
        says(&watcher, "Your browser does not allow the microphone and camera").await?;
        watches(&watcher, &speaker).await
    })
    .await
}

#[tokio::test]
async fn an_insecure_page_says_why_it_has_no_devices() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let insecure = format!("http://{INSECURE_HOST}:{}/r/yard", house.server.port());
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (speaker, watcher) = (chromium.window().await?, chromium.window().await?);
        speaker.enter("yard", "Ada").await?;
        watcher.go_to(&insecure).await?;
        watcher.until("a way in", |view| view.offers("join-without-devices")).await?;
        says(&watcher, "https://").await?;
        watcher.write("name-input", "Will").await?;
        watches(&watcher, &speaker).await
    })
    .await
}

async fn says(tab: &Tab, words: &str) -> Result<()> {
    let view = tab.view().await?;
    let notice = view.lobby_notice.clone().unwrap_or_default();
    anyhow::ensure!(notice.contains(words), "no {words:?} in {notice:?}: {view:?}");
    Ok(())
}

/// Will joins without devices, sees and hears Ada, and is an avatar to her.
async fn watches(will: &Tab, ada: &Tab) -> Result<()> {
    will.click("join-without-devices").await?;
    will.sees_and_hears(&["Ada"]).await?;
    ada.until("Will as a muted avatar", |view| {
        view.tile("Will").is_some_and(|tile| tile.avatar && tile.muted && tile.picture.is_none())
    })
    .await
}
