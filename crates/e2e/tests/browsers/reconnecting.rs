//! A server that goes away is missed in words, and found again without anybody's help.

use anyhow::Result;
use e2e::{Kind, Settings, in_house};

#[tokio::test]
async fn both_are_back_in_the_room_after_the_server_was_away() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (first, second) = (chromium.window().await?, chromium.window().await?);
        first.enter("bridge", "Ada").await?;
        second.enter("bridge", "Bo").await?;
        first.sees_and_hears(&["Bo"]).await?;
        house.server.kill()?;
        for tab in [&first, &second] {
            tab.until("words about reconnecting", |view| {
                view.shows("room") && view.status.as_deref().is_some_and(|s| s.contains("Reconnecting"))
            })
            .await?;
        }
        house.server.start_again().await?;
        first.sees_and_hears(&["Bo"]).await?;
        second.sees_and_hears(&["Ada"]).await?;
        for tab in [&first, &second] {
            tab.until("one peer connection and nothing to say", |view| {
                view.is_connected() && view.open_peers == 1 && view.people.as_deref() == Some("2 people")
            })
            .await?;
        }
        Ok(())
    })
    .await
}

/// The page would look by itself every five seconds, and then there is nothing to press.
const PRESSED_ONLY: &str = "
    const later = window.setTimeout;
    window.setTimeout = (act, time, ...rest) => (time === 5000 ? 0 : later(act, time, ...rest));";

#[tokio::test]
async fn a_door_without_a_server_says_so_and_opens_when_it_is_back() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.open("/").await?;
        let _: Option<bool> = tab.script(PRESSED_ONLY, vec![]).await?;
        tab.write("name-input", "Ada").await?;
        house.server.kill()?;
        tab.click("go").await?;
        tab.until("words about the server", |view| {
            view.offers("try-again")
                && view.lobby_notice.as_deref().is_some_and(|words| words.contains("cannot be reached"))
        })
        .await?;
        house.server.start_again().await?;
        tab.click("try-again").await?;
        tab.until("a way in", |view| view.preview && view.offers("join")).await
    })
    .await
}
