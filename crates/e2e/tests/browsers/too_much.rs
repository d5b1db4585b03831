//! Who sends more than the server lets one track bring is told so, and sends less.

use anyhow::{Context, Result};
use e2e::{Kind, Seen, Settings, Tab, in_house, stats::as_real, until};
use std::time::{Duration, Instant};

/// Thousands of bits per second that one track may bring.
const MOST: u32 = 300;
/// For so long what comes of the camera is counted.
const SPAN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_camera_that_sends_too_much_is_told_so_and_goes_on_with_less() -> Result<()> {
    // What is sent where nobody limits it is more: else less would be no witness.
    let sends_more = |rate: f64| rate > 2.0 * f64::from(MOST);
    in_house(Settings::default(), async |house| {
        let (ada, _bo) = two(house).await?;
        sends(&ada, "more than the limit is to be", sends_more).await
    })
    .await?;
    let settings = Settings { max_bitrate: Some(MOST), ..Settings::default() };
    in_house(settings, async |house| {
        let (ada, bo) = two(house).await?;
        // The limit counts what goes over the wire, `getStats` what is inside: less, that is.
        sends(&ada, "no more than the limit", |rate| rate > 0.0 && rate <= f64::from(MOST)).await?;
        let before = bo.picture_of("Ada").await?.context("no picture")?.frames_decoded;
        sends(&ada, "and so it stays", |rate| rate > 0.0 && rate <= f64::from(MOST)).await?;
        let picture = bo.picture_of("Ada").await?.context("no picture")?;
        anyhow::ensure!(picture.frames_decoded > before, "the picture stands still: {picture:?}");
        bo.sees_and_hears(&["Ada"]).await
    })
    .await
}

/// Ada, who sends a large picture, and Bo, who shows it large.
async fn two(house: &mut e2e::House) -> Result<(Tab, Tab)> {
    let ada = house.browser(Kind::Chromium.with_a_full_picture()).await?.window().await?;
    ada.enter("lawn", "Ada").await?;
    let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
    bo.enter("lawn", "Bo").await?;
    bo.sees_and_hears(&["Ada"]).await?;
    bo.lay_out(&[("Ada", 1000, 562)]).await?;
    Ok((ada, bo))
}

/// Waits until the rate of the camera's picture, over some seconds, is as asked for.
async fn sends(tab: &Tab, what: &str, test: impl Fn(f64) -> bool) -> Result<()> {
    let mut looks: Vec<(Instant, u64)> = Vec::new();
    until(what, async || {
        looks.push((Instant::now(), tab.stats().await?.bytes_sent("video")));
        let Some(&(now, bytes)) = looks.last() else { return Ok(Seen::NotYet(String::new())) };
        let before = looks.iter().rfind(|(then, _)| now.duration_since(*then) >= SPAN);
        let rate = before.map(|(then, sent)| {
            as_real(bytes.saturating_sub(*sent)) * 8.0 / 1000.0 / now.duration_since(*then).as_secs_f64()
        });
        Ok(Seen::when(rate.is_some_and(&test), &rate))
    })
    .await
}
