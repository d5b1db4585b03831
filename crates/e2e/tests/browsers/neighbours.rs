//! One bad connection in a room is the trouble of one.

use crate::scene;
use anyhow::{Context, Result};
use bot::{Bot, Options};
use e2e::{Devices, Figure, Kind, Links, Settings, in_house, stats::as_real};
use netsim::{LinkConfig, Loss, PerMille, Rate};
use std::time::{Duration, Instant};

/// Besides the browser with the good link: nine in all.
const BOTS: usize = 8;
const TIME: Duration = Duration::from_secs(5);

#[tokio::test]
async fn nine_on_good_links_do_not_notice_the_tenth_on_a_bad_one() -> Result<()> {
    let settings = Settings { links: Some(Links::default()), ..Settings::default() };
    in_house(settings, async |house| {
        let scene::Scene { publisher, receiver: good, .. } =
            scene::large(house, Kind::Chromium, Kind::Chromium).await?;
        let mut bots = Vec::new();
        for number in 0..BOTS {
            let options = Options::subscriber(&house.server.socket(), "lawn").named(&format!("bot {number}"));
            let bot = Bot::join(options).await?;
            bot.connected().await?;
            bots.push(bot);
            house.newcomer()?;
        }
        let bad = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        bad.enter("lawn", "Cy").await?;
        let address = house.newcomer()?;
        bad.lay_out(&[("Ada", 1000, 562)]).await?;
        bad.sees_at("Ada", |height| height == 720).await?;

        let mut rates = Vec::new();
        for badly in [false, true] {
            if badly {
                let link =
                    LinkConfig { loss: Loss::Random(PerMille::percent(10)), ..scene::link(Rate::kbps(400)) };
                anyhow::ensure!(house.relay()?.set_down_for(address, link), "the relay does not know Cy");
                bad.sees_at("Ada", |height| height < 720).await.context("the bad link is not felt")?;
            }
            let (start, frames) = (Instant::now(), scene::frames(&publisher, &good).await?);
            let before: Vec<u64> = bots.iter().map(bytes).collect();
            let bytes_before = good.picture_of("Ada").await?.map_or(0, |picture| picture.bytes_received);
            good.watches_for("Ada", TIME).await?;
            let time = start.elapsed().as_secs_f64();
            let after = scene::frames(&publisher, &good).await?;
            let picture = good.picture_of("Ada").await?.context("no picture")?;
            anyhow::ensure!(picture.frame_height == 720, "{picture:?}");
            let mut bits: Vec<f64> = bots
                .iter()
                .zip(&before)
                .map(|(bot, before)| 8.0 * as_real(bytes(bot) - before) / time)
                .collect();
            bits.push(8.0 * as_real(picture.bytes_received - bytes_before) / time);
            let least = bits.iter().copied().fold(f64::INFINITY, f64::min);
            rates.push((as_real(after.decoded - frames.decoded) / time, least));
            eprintln!("bad link: {badly}; bits per second of the nine: {bits:.0?}");
        }
        let [(frames, bits), (frames_with, bits_with)] = rates.as_slice() else { anyhow::bail!("{rates:?}") };
        let browser = good.browser().await?;
        let scenario = "One of ten on a bad link (0.4 Mbit/s, 10 % loss)";
        let figures = [
            ("frame rate of the others", "unchanged", format!("{frames_with:.1}/s, before {frames:.1}/s")),
            (
                "bitrate of the one that gets least of the others",
                "unchanged",
                format!("{:.2} Mbit/s, before {:.2} Mbit/s", bits_with / 1e6, bits / 1e6),
            ),
        ];
        for (name, target, measured) in figures {
            Figure { scenario, name, target, measured, browser: browser.clone() }.keep()?;
        }
        // What a camera's picture takes differs from one time to the next by this much.
        anyhow::ensure!(*frames_with > frames * 0.8, "{frames_with} frames a second, {frames} before");
        anyhow::ensure!(*bits_with > bits * 0.5, "{bits_with} bits per second, {bits} before");
        for bot in bots {
            let stats = bot.stats();
            let whole =
                stats.received.values().filter(|received| received.video).all(|video| video.lost == 0);
            anyhow::ensure!(whole, "{stats:?}");
        }
        Ok(())
    })
    .await
}

fn bytes(bot: &Bot) -> u64 {
    bot.stats().received.values().filter(|received| received.video).map(|received| received.bytes).sum()
}
