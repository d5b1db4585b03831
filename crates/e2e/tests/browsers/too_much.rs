//! Who sends more than the server lets one track bring is told so, and sends less.

use anyhow::{Context, Result, ensure};
use e2e::{House, Kind, Seen, Settings, Tab, in_house, stats::as_real, until};
use std::time::{Duration, Instant};

/// Bits per second that one track may bring.
const MOST: u32 = 300_000;
/// For so long what comes of the camera is counted.
const SPAN: Duration = Duration::from_secs(5);

/// A look at what somebody sends.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    /// Of the camera, ever.
    bytes: u64,
    /// What the browser believes that it may send, in bits per second.
    allowed: f64,
}

#[tokio::test]
async fn a_camera_that_sends_too_much_is_told_so_and_goes_on_with_less() -> Result<()> {
    // What is sent where nobody limits it is more: else less would be no witness.
    let more = |_allowed: f64, rate: f64| rate > 2.0 * f64::from(MOST);
    in_house(Settings::default(), async |house| {
        let (ada, _bo) = two(house).await?;
        sends(&ada, "more than the limit is to be", more).await
    })
    .await?;
    // It is told (REMB), and does not find out by what is dropped, which would have it try more again and again.
    let less = |allowed: f64, rate: f64| {
        rate > 0.0 && rate <= f64::from(MOST) && allowed > 0.0 && allowed <= f64::from(MOST)
    };
    let settings = Settings { max_bitrate: Some(MOST / 1000), ..Settings::default() };
    in_house(settings, async |house| {
        let (ada, bo) = two(house).await?;
        sends(&ada, "no more than the limit", less).await?;
        let before = bo.picture_of("Ada").await?.context("no picture")?.frames_decoded;
        sends(&ada, "no more than the limit from then on", less).await?;
        let picture = bo.picture_of("Ada").await?.context("no picture")?;
        ensure!(picture.frames_decoded > before, "the picture stands still: {picture:?}");
        bo.sees_and_hears(&["Ada"]).await
    })
    .await
}

/// Ada, who sends a large picture, and Bo, who shows it large.
async fn two(house: &mut House) -> Result<(Tab, Tab)> {
    let ada = house.browser(Kind::Chromium.with_a_full_picture()).await?.window().await?;
    ada.enter("lawn", "Ada").await?;
    let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
    bo.enter("lawn", "Bo").await?;
    bo.sees_and_hears(&["Ada"]).await?;
    bo.lay_out(&[("Ada", 1000, 562)]).await?;
    Ok((ada, bo))
}

/// Waits until what the browser may send, at most, and the rate of the camera's picture are as asked for in all of a span.
async fn sends(tab: &Tab, what: &str, test: impl Fn(f64, f64) -> bool) -> Result<()> {
    let mut looks: Vec<Look> = Vec::new();
    until(what, async || {
        let stats = tab.stats().await?;
        let now = Look { at: Instant::now(), bytes: stats.bytes_sent("video"), allowed: stats.available() };
        looks.push(now);
        let Some(first) = looks.iter().rposition(|look| now.at.duration_since(look.at) >= SPAN) else {
            return Ok(Seen::NotYet(format!("{now:?}")));
        };
        looks.drain(..first);
        let then = looks.first().copied().unwrap_or(now);
        let rate = as_real(now.bytes.saturating_sub(then.bytes)) * 8.0
            / now.at.duration_since(then.at).as_secs_f64();
        let allowed = looks.iter().map(|look| look.allowed).fold(0.0, f64::max);
        Ok(Seen::when(test(allowed, rate), &(rate, allowed)))
    })
    .await
}
