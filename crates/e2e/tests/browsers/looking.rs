//! Who is looked at is sent as large as it is looked at, and what nobody looks at is not made at all.

use crate::scene::{self, Scene};
use anyhow::Result;
use e2e::{Devices, Figure, Kind, Links, Running, Seen, Settings, Tab, in_house, until, within};
use std::time::{Duration, Instant};

/// After a change of the layout everybody is as large as their tile by then, even on a machine that is full; how long
/// it takes is the figure.
const SOON: Duration = Duration::from_secs(20);

// All of them side by side on the page.
const LARGE: (u32, u32) = (840, 473);
const SMALL: (u32, u32) = (160, 90);

#[tokio::test]
async fn the_large_tile_gets_the_large_picture_and_the_small_ones_small_ones() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_a_full_picture()).await?;
        let names = ["Ada", "Bo", "Cy"];
        let mut publishers = Vec::new();
        for name in names {
            let tab = chromium.window().await?;
            tab.enter("lawn", name).await?;
            // They look at nobody, which spares the machine.
            tab.lay_out(&[]).await?;
            publishers.push(tab);
        }
        let receiver = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        receiver.enter("lawn", "Di").await?;
        receiver.sees_and_hears(&names).await?;
        for large in ["Ada", "Cy"] {
            let size = |name| if name == large { LARGE } else { SMALL };
            let start = Instant::now();
            receiver.lay_out(&names.map(|name| (name, size(name).0, size(name).1))).await?;
            let mut running: [Running; 3] = Default::default();
            within(SOON, start, &format!("{large} large, the others small"), async || {
                let mut all = true;
                let mut seen = Vec::new();
                for (name, running) in names.into_iter().zip(&mut running) {
                    let asked = if name == large { 720 } else { 180 };
                    let picture = receiver.picture_of(name).await?;
                    all &= running.look(picture.as_ref(), |height| height == asked);
                    seen.push((name, picture));
                }
                Ok(Seen::when(all, &(seen, receiver.view().await?.said)))
            })
            .await?;
            let measured = format!("{:.1} s", start.elapsed().as_secs_f64());
            let (scenario, name) = ("One large tile and two small ones", "each at its layer after a change");
            Figure { scenario, name, target: "≤ 5 s", measured, browser: receiver.browser().await? }
                .keep()?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_encoding_that_nobody_wants_is_not_made_and_comes_when_it_is_wanted() -> Result<()> {
    let settings = Settings { links: Some(Links::default()), ..Settings::default() };
    in_house(settings, async |house| {
        let Scene { publisher, receiver, .. } = scene::large(house, Kind::Chromium, Kind::Chromium).await?;
        receiver.lay_out(&[("Ada", SMALL.0, SMALL.1)]).await?;
        receiver.sees_at("Ada", |height| height == 180).await?;
        rest(&publisher, &["h", "f"]).await?;
        let before = encoded(&publisher, &["f"]).await?;
        let start = Instant::now();
        receiver.lay_out(&[("Ada", LARGE.0, LARGE.1)]).await?;
        until("the top encoding made again", async || {
            let now = encoded(&publisher, &["f"]).await?;
            Ok(Seen::when(now > before, &now))
        })
        .await?;
        let measured = format!("{} ms", start.elapsed().as_millis());
        receiver.sees_at("Ada", |height| height == 720).await?;
        eprintln!("and seen after {:?}", start.elapsed());
        let scenario = "A layer that nobody wanted is wanted";
        let (name, target) = ("encoded again after the viewer's layout changed", "< 500 ms");
        Figure { scenario, name, target, measured, browser: publisher.browser().await? }.keep()
    })
    .await
}

#[tokio::test]
async fn nothing_is_made_for_a_tile_or_a_page_that_is_not_seen() -> Result<()> {
    let settings = Settings { links: Some(Links::default()), ..Settings::default() };
    in_house(settings, async |house| {
        let Scene { publisher, receiver, .. } = scene::large(house, Kind::Chromium, Kind::Chromium).await?;
        receiver.lay_out(&[]).await?;
        rest(&publisher, &["q", "h", "f"]).await?;
        receiver.lay_out(&[("Ada", LARGE.0, LARGE.1)]).await?;
        receiver.sees_at("Ada", |height| height == 720).await?;

        receiver.hide().await?;
        rest(&publisher, &["q", "h", "f"]).await?;
        receiver.show().await?;
        receiver.sees_at("Ada", |height| height == 720).await
    })
    .await
}

#[tokio::test]
async fn nothing_is_made_of_a_chromiums_picture_while_nobody_else_is_there() -> Result<()> {
    nothing_is_made_while_alone(Kind::Chromium).await
}

#[tokio::test]
async fn nothing_is_made_of_a_firefoxs_picture_while_nobody_else_is_there() -> Result<()> {
    nothing_is_made_while_alone(Kind::Firefox).await
}

async fn nothing_is_made_while_alone(kind: Kind) -> Result<()> {
    in_house(Settings::default(), async |house| {
        let alone = house.browser(kind.with_a_full_picture()).await?.window().await?;
        alone.enter("lawn", "Ada").await?;
        let rids: &[&str] = &["q", "h", "f"];
        rest(&alone, rids).await?;
        let company = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        company.enter("lawn", "Bo").await?;
        company.sees_and_hears(&["Ada"]).await?;
        company.click("leave").await?;
        rest(&alone, rids).await
    })
    .await
}

/// Waits until for a second nothing is made of these encodings.
async fn rest(publisher: &Tab, rids: &[&str]) -> Result<()> {
    let mut since: Option<(Instant, u64)> = None;
    until(&format!("{rids:?} resting"), async || {
        let now = encoded(publisher, rids).await?;
        match since {
            Some((start, then)) if then == now => {
                let quiet = start.elapsed() >= Duration::from_secs(1);
                Ok(Seen::when(quiet, &(publisher.stats().await?, publisher.view().await?.said)))
            }
            _ => {
                since = Some((Instant::now(), now));
                Ok(Seen::NotYet(format!("{now} frames; {:?}", publisher.view().await?.said)))
            }
        }
    })
    .await
}

/// Frames ever made of these encodings. Browsers report none that they never made.
async fn encoded(publisher: &Tab, rids: &[&str]) -> Result<u64> {
    let stats = publisher.stats().await?;
    Ok(rids.iter().filter_map(|rid| stats.encoding(rid)).map(|report| report.frames_encoded).sum())
}
