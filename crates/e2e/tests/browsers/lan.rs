//! `madang --lan`: a phone of the local network opens the address that the server prints, and has a camera.

use anyhow::{Context, Result, ensure};
use e2e::{Front, Kind, Settings, in_house};
use serde::Deserialize;

/// What a page is, where it stands.
#[derive(Debug, Deserialize)]
struct Place {
    secure: bool,
    origin: String,
    /// Fingers it can feel.
    fingers: u32,
    width: u32,
    agent: String,
}

const PLACE: &str =
    "return { secure: isSecureContext, origin: location.origin, fingers: navigator.maxTouchPoints,
    width: innerWidth, agent: navigator.userAgent };";

#[tokio::test]
async fn a_phone_and_a_firefox_of_the_local_network_see_and_hear_each_other() -> Result<()> {
    let settings = Settings { front: Front::Lan, ..Settings::default() };
    in_house(settings, async |house| {
        let origin = house.server.origin().to_owned();
        let host = origin.strip_prefix("https://").context("no HTTPS")?;
        ensure!(!host.starts_with("127.") && !host.starts_with("[::1]"), "the server prints {origin}");
        let phone = house.browser(Kind::Chromium.on_a_phone()).await?.window().await?;
        phone.enter("terrace", "Ada").await?;
        let firefox = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        firefox.enter("terrace", "Fox").await?;
        for (tab, other) in [(&phone, "Fox"), (&firefox, "Ada")] {
            tab.sees_and_hears(&[other]).await?;
            let picture = tab.picture_of(other).await?.context("no picture")?;
            ensure!(picture.frames_decoded > 0, "{picture:?}");
            let place: Place = tab.script(PLACE, vec![]).await?;
            ensure!(place.secure && place.origin == origin, "{place:?}");
            let view = tab.view().await?;
            ensure!(view.live_tracks >= 2, "{} devices are in use: {view:?}", view.live_tracks);
        }
        let place: Place = phone.script(PLACE, vec![]).await?;
        ensure!(place.fingers > 0 && place.width < 500 && place.agent.contains("Mobile"), "{place:?}");
        Ok(())
    })
    .await
}
