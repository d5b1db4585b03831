//! A network that lets no UDP through: audio and video come by TCP (ICE-TCP, RFC 6544).

use anyhow::{Context, Result};
use e2e::{Kind, Network, Settings, in_house};

#[tokio::test]
async fn a_chromium_and_a_firefox_see_and_hear_each_other_by_tcp_alone() -> Result<()> {
    let settings = Settings { network: Network::TcpAlone, ..Settings::default() };
    in_house(settings, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        chromium.enter("courtyard", "Ada").await?;
        let firefox = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        firefox.enter("courtyard", "Fox").await?;
        for (tab, other) in [(&chromium, "Fox"), (&firefox, "Ada")] {
            tab.sees_and_hears(&[other]).await?;
            let picture = tab.picture_of(other).await?.context("no picture")?;
            anyhow::ensure!(picture.frames_decoded > 0, "{picture:?}");
        }
        let (streams, datagrams) =
            (chromium.figure("tcp_streams_open").await?, chromium.figure("datagrams_in_total").await?);
        anyhow::ensure!(streams >= 2, "{streams} streams");
        anyhow::ensure!(datagrams == 0, "{datagrams} datagrams found a way");
        Ok(())
    })
    .await
}
