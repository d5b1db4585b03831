//! `examples/minimal`, a page of its own on `madang-client`, in a room with the client that ships.

use anyhow::{Context, Result};
use e2e::{Kind, Seen, Settings, Site, Tab, in_house, until};
use serde_json::json;
use std::env;
use std::path::PathBuf;

/// The frames decoded of a picture, by the name under it; nothing while there is no such figure.
const FRAMES: &str = "
    const figure = [...document.querySelectorAll('figure')].find((one) => one.textContent === arguments[0]);
    return figure?.querySelector('video').getVideoPlaybackQuality().totalVideoFrames ?? null;";

/// Samples of sound that were asked for by whoever plays them.
const SAMPLES: &str = "
    const lines = e2e.peers.flatMap((peer) => peer.getReceivers()).filter((line) => line.track.kind === 'audio');
    return Promise.all(lines.map((line) => line.getStats())).then((all) => all
        .flatMap((stats) => [...stats.values()])
        .reduce((sum, one) => sum + (one.type === 'inbound-rtp' && one.packetsReceived ? one.totalSamplesReceived : 0), 0))";

#[tokio::test]
async fn the_example_is_in_the_room_sees_and_hears() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let folder = env::var_os("MADANG_EXAMPLE").map(PathBuf::from);
        let folder = folder.context("MADANG_EXAMPLE is not set; `cargo xtask test` builds the example")?;
        let site = Site::of_folder(&folder, house.server.address())?;
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, own) = (chromium.window().await?, chromium.window().await?);
        ada.enter("tea", "Ada").await?;
        own.go_to(&format!("{}/?room=tea&name=Bo", site.origin())).await?;
        ada.sees_and_hears(&["Bo"]).await?;
        rises(&own, "frames of Ada", FRAMES, "Ada").await?;
        rises(&own, "sound that is played", SAMPLES, "").await?;
        ada.close().await?;
        until("Ada's picture to go", async || {
            let frames: Option<u64> = own.script(FRAMES, vec![json!("Ada")]).await?;
            Ok(Seen::when(frames.is_none(), &frames))
        })
        .await
    })
    .await
}

/// Waits until a number has risen twice.
async fn rises(tab: &Tab, what: &str, script: &str, argument: &str) -> Result<()> {
    let mut seen: Vec<u64> = Vec::new();
    until(what, async || {
        seen.extend(tab.script::<Option<u64>>(script, vec![json!(argument)]).await?);
        seen.dedup();
        Ok(Seen::when(seen.len() > 2, &seen))
    })
    .await
}
