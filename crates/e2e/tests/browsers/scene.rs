//! What several of these tests begin with: somebody with a picture of 720 lines, and somebody who looks at it
//! over a road of their own.

use anyhow::{Context, Result};
use e2e::{Devices, House, Kind, Tab};
use netsim::{LinkConfig, Rate};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// See the module.
pub struct Scene {
    /// Ada, who sends.
    pub publisher: Tab,
    /// Bo, who only looks.
    pub receiver: Tab,
    /// Bo's, as the relay sees it.
    pub address: SocketAddr,
}

/// Ada's picture fills Bo's page. The settings must have links.
pub async fn large(house: &mut House, of: Kind, to: Kind) -> Result<Scene> {
    let publisher = house.browser(of.with_a_full_picture()).await?.window().await?;
    publisher.enter("lawn", "Ada").await?;
    publisher.until("being alone", e2e::view::View::is_connected).await?;
    house.newcomer()?;
    // A Firefox without devices would use no address but that of the page, which is the loopback's.
    let devices = if to == Kind::Firefox { Devices::Given } else { Devices::None };
    let receiver = house.browser(to.with(devices)).await?.window().await?;
    receiver.enter("lawn", "Bo").await?;
    receiver.sees_and_hears(&["Ada"]).await?;
    let address = house.newcomer()?;
    receiver.lay_out(&[("Ada", 1000, 562)]).await?;
    if let Err(error) = receiver.sees_at("Ada", |height| height == 720).await {
        anyhow::bail!("{error}; Ada sends {:?} {:?}", publisher.stats().await?, publisher.view().await?.said);
    }
    Ok(Scene { publisher, receiver, address })
}

/// A link of a rate, with a queue of 300 ms and 20 ms on the way.
pub fn link(rate: Rate) -> LinkConfig {
    LinkConfig { rate: Some(rate), delay: Duration::from_millis(20), ..LinkConfig::PERFECT }
}

/// Counters of a picture on its way, at one moment.
pub struct Frames {
    pub at: Instant,
    /// Of each encoding.
    pub sent: Vec<u64>,
    pub decoded: u64,
    /// In seconds.
    pub frozen: f64,
}

/// Of Ada's picture at Bo's.
pub async fn frames(publisher: &Tab, receiver: &Tab) -> Result<Frames> {
    let at = Instant::now();
    let sent = publisher.stats().await?.sent("video").map(|report| report.frames_sent).collect();
    let picture = receiver.picture_of("Ada").await?.context("no picture")?;
    Ok(Frames { at, sent, decoded: picture.frames_decoded, frozen: picture.total_freezes_duration })
}
