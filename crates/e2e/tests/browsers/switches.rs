//! The microphone and the camera, switched off and on again: the others see it, and nothing is sent.

use anyhow::Result;
use e2e::{Kind, Seen, Settings, Tab, in_house, stats::Progress, until};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_switched_off_microphone_is_silent_and_shown_as_muted() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, listener) = speaker_and_listener(house).await?;
        let usual = bytes_in_a_second(&speaker, "audio").await?;
        speaker.click("toggle-mic").await?;
        let is_muted = |muted: bool| {
            move |view: &e2e::view::View| view.tile("Ada").is_some_and(|tile| tile.muted == muted)
        };
        listener.until("the badge", is_muted(true)).await?;
        sends_less(&speaker, "audio", usual).await?;

        speaker.click("toggle-mic").await?;
        listener.until("no badge", is_muted(false)).await?;
        listener.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn a_switched_off_camera_is_dark_and_shown_as_an_avatar() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, listener) = speaker_and_listener(house).await?;
        let usual = bytes_in_a_second(&speaker, "video").await?;
        speaker.click("toggle-camera").await?;
        listener
            .until("the avatar", |view| {
                view.tile("Ada").is_some_and(|tile| tile.avatar && tile.picture.is_none())
            })
            .await?;
        sends_less(&speaker, "video", usual).await?;
        let tracks = speaker.view().await?.live_tracks;
        anyhow::ensure!(tracks == 1, "the camera is held although it is off: {tracks} live tracks");

        speaker.click("toggle-camera").await?;
        listener
            .until("the picture", |view| {
                view.tile("Ada").is_some_and(|tile| !tile.avatar && tile.picture.is_some())
            })
            .await?;
        listener.sees_and_hears(&["Ada"]).await
    })
    .await
}

async fn speaker_and_listener(house: &mut e2e::House) -> Result<(Tab, Tab)> {
    let chromium = house.browser(Kind::Chromium.with_devices()).await?;
    let (speaker, listener) = (chromium.window().await?, chromium.window().await?);
    speaker.enter("porch", "Ada").await?;
    listener.enter("porch", "Bo").await?;
    listener.sees_and_hears(&["Ada"]).await?;
    Ok((speaker, listener))
}

async fn bytes_in_a_second(tab: &Tab, kind: &str) -> Result<u64> {
    let (start, before) = (Instant::now(), tab.stats().await?.bytes_sent(kind));
    until("a second's end", async || {
        Ok(Seen::when(start.elapsed() >= Duration::from_secs(1), &start.elapsed()))
    })
    .await?;
    Ok(tab.stats().await?.bytes_sent(kind).saturating_sub(before))
}

/// Less than a twentieth of what it sent in a second before.
async fn sends_less(tab: &Tab, kind: &str, usual: u64) -> Result<()> {
    anyhow::ensure!(usual > 0, "no {kind} was sent while it was on");
    until("a quiet second", async || {
        let now = bytes_in_a_second(tab, kind).await?;
        Ok(Seen::when(now * 20 < usual, &format!("{now} bytes in a second, {usual} before")))
    })
    .await
}

#[tokio::test]
async fn who_joins_with_both_off_is_met_by_an_avatar_and_can_switch_on() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (shy, other) = (chromium.window().await?, chromium.window().await?);
        shy.wait_at("porch", "Shy").await?;
        shy.click("toggle-mic").await?;
        shy.click("toggle-camera").await?;
        shy.until("no preview", |view| !view.preview && view.live_tracks == 1).await?;
        shy.join().await?;
        other.enter("porch", "Bo").await?;
        other
            .until("a muted avatar", |view| {
                view.tile("Shy").is_some_and(|tile| tile.muted && tile.avatar && tile.picture.is_none())
            })
            .await?;
        shy.click("toggle-mic").await?;
        shy.click("toggle-camera").await?;
        other.sees_and_hears(&["Shy"]).await
    })
    .await
}

#[tokio::test]
async fn a_camera_that_went_dark_shows_no_old_picture_to_a_late_joiner() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let (speaker, listener) = speaker_and_listener(house).await?;
        speaker.click("toggle-camera").await?;
        listener.until("the avatar", |view| view.tile("Ada").is_some_and(|tile| tile.avatar)).await?;
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let late = chromium.window().await?;
        late.enter("porch", "Late").await?;
        let mut progress = Progress::default();
        until("Bo's picture and Ada's avatar", async || {
            let (view, stats) = (late.view().await?, late.stats().await?);
            let moved = progress.look(&view, &stats);
            let dark = view.tile("Ada").is_some_and(|tile| tile.avatar && tile.picture.is_none());
            Ok(Seen::when(dark && moved.running() == 1, &(moved, view, stats)))
        })
        .await
    })
    .await
}
