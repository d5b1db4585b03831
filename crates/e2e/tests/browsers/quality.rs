//! How good a connection is can be seen, and why it is no better: at a glance, and in figures.

use crate::scene::{self, Scene, link};
use anyhow::{Context, Result};
use e2e::shot::{LAPTOP, PHONE, shoot};
use e2e::{Figure, Kind, Links, Seen, Settings, Tab, in_house, until};
use netsim::Rate;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_bad_downlink_is_named_and_its_figures_are_drawn() -> Result<()> {
    let settings = Settings { links: Some(Links::default()), ..Settings::default() };
    in_house(settings, async |house| {
        let Scene { receiver, address, .. } = scene::large(house, Kind::Chromium, Kind::Chromium).await?;
        receiver.click_on(NOTICE).await?;
        until("a good connection", async || {
            let ada = indicator(&receiver).await?;
            Ok(Seen::when(ada.0 == "good", &(ada, receiver.view().await?.said)))
        })
        .await?;
        house.relay()?.set_down_for(address, link(Rate::kbps(350)));
        until("words about one's own connection", async || {
            let (level, words) = indicator(&receiver).await?;
            let told = ["fair", "poor"].contains(&level.as_str()) && words.contains("Your ");
            Ok(Seen::when(told, &(level, words, receiver.view().await?.said)))
        })
        .await?;
        receiver.watches_for("Ada", Duration::from_secs(4)).await?;
        receiver.click_on(INDICATOR).await?;
        receiver.until("the panel", |view| view.shows("quality-panel")).await?;
        for graph in ["bitrate", "loss", "rtt", "height", "frames"] {
            until(&format!("a curve of {graph}"), async || {
                let script = "return document.querySelector(`[data-testid=graph-${arguments[0]}] path.line:not(.estimate)`)?.getAttribute('d') ?? ''";
                let curve: String = receiver.script(script, vec![graph.into()]).await?;
                // At least three points, so two straight lines.
                Ok(Seen::when(curve.starts_with('M') && curve.matches('L').count() >= 2, &curve))
            })
            .await?;
        }
        shoot(&receiver, "quality-panel", LAPTOP).await?;
        shoot(&receiver, "quality-panel-phone", PHONE).await?;
        receiver.resize(LAPTOP.0, LAPTOP.1).await?;
        receiver.escape().await?;
        receiver.until("no panel", |view| !view.shows("quality-panel")).await?;
        let focused: Option<String> = receiver.script("return document.activeElement.dataset.testid ?? null", vec![]).await?;
        anyhow::ensure!(focused.as_deref() == Some("quality"), "the focus is on {focused:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_picture_that_the_downlink_does_not_bear_is_paused_and_the_sound_goes_on() -> Result<()> {
    const SCENARIO: &str = "Downlink of 120 kbit/s, then 5 Mbit/s";
    let settings = Settings { links: Some(Links::default()), ..Settings::default() };
    in_house(settings, async |house| {
        let Scene { receiver, address, .. } = scene::large(house, Kind::Chromium, Kind::Chromium).await?;
        receiver.click_on(NOTICE).await?;
        // A machine that has much else to do makes up sound by itself.
        receiver.listens().await?;
        receiver.watches_for("Ada", Duration::from_secs(6)).await?;
        let usual = receiver.listens().await?.context("nobody listened")?;
        house.relay()?.set_down_for(address, link(Rate::kbps(120)));
        let start = Instant::now();
        receiver.until("words about a pause", |view| view.shows("tile-paused")).await?;
        let paused = start.elapsed();
        receiver.listens().await?;
        for (name, size) in [("paused-tile", LAPTOP), ("paused-tile-phone", PHONE)] {
            receiver.until("words about a pause", |view| view.shows("tile-paused")).await?;
            shoot(&receiver, name, size).await?;
        }
        let seconds = receiver.watches_for("Ada", Duration::from_secs(6)).await?;
        eprintln!("bad: {seconds:?}");
        let heard = receiver.listens().await?.context("nobody listened")?;
        receiver.resize(LAPTOP.0, LAPTOP.1).await?;

        house.relay()?.set_down_for(address, link(Rate::mbps(5)));
        let start = Instant::now();
        receiver.until("no words any more", |view| !view.shows("tile-paused")).await?;
        receiver.sees_at("Ada", |_| true).await?;
        let figures = [
            ("paused, and said", "it is", format!("{:.1} s", paused.as_secs_f64())),
            (
                "longest stretch of made-up sound while paused",
                "sound goes on",
                format!("{:.0} ms", heard.made_up),
            ),
            ("picture runs again", "it does", format!("{:.1} s", start.elapsed().as_secs_f64())),
        ];
        let browser = receiver.browser().await?;
        for (name, target, measured) in figures {
            Figure { scenario: SCENARIO, name, target, measured, browser: browser.clone() }.keep()?;
        }
        anyhow::ensure!(
            heard.looks > 0 && heard.made_up < usual.made_up + 200.0,
            "sound stopped: {heard:?}, before {usual:?}"
        );
        Ok(())
    })
    .await
}

/// Closes what is said about missing devices.
const NOTICE: &str = ".notice button";

const INDICATOR: &str = "[data-testid=tile][data-name=Ada] [data-testid=quality]";

/// The level of Ada's indicator, and its words.
async fn indicator(tab: &Tab) -> Result<(String, String)> {
    let script = "const e = document.querySelector(arguments[0]); return [e?.dataset.level ?? '', e?.getAttribute('aria-label') ?? '']";
    tab.script(script, vec![INDICATOR.into()]).await
}
