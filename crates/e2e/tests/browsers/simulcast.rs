//! Both browsers make three encodings of a picture, and soon the best of them.

use anyhow::Result;
use e2e::{Devices, Figure, Kind, Running, Seen, Settings, in_house, until};
use std::time::Instant;

#[tokio::test]
async fn a_chromium_makes_three_encodings_for_three_sizes() -> Result<()> {
    three_encodings_for_three_sizes(Kind::Chromium).await
}

#[tokio::test]
async fn a_firefox_makes_three_encodings_for_three_sizes() -> Result<()> {
    three_encodings_for_three_sizes(Kind::Firefox).await
}

async fn three_encodings_for_three_sizes(kind: Kind) -> Result<()> {
    in_house(Settings::default(), async |house| {
        let publisher = house.browser(kind.with_a_full_picture()).await?.window().await?;
        publisher.enter("lawn", "Ada").await?;
        let chromium = house.browser(Kind::Chromium.with(Devices::None)).await?;
        let mut tabs = Vec::new();
        for (name, width, height) in [("Large", 960, 720), ("Middle", 480, 360), ("Small", 240, 180)] {
            let tab = chromium.window().await?;
            tab.enter("lawn", name).await?;
            tab.lay_out(&[("Ada", width, height * 3 / 4)]).await?;
            tabs.push((tab, height));
        }
        for (tab, asked) in &tabs {
            tab.sees_at("Ada", |height| height == *asked).await?;
        }
        let before = publisher.stats().await?;
        until("three encodings sent", async || {
            let now = publisher.stats().await?;
            let sent = |rid| Some(now.encoding(rid)?.frames_sent > before.encoding(rid)?.frames_sent + 5);
            Ok(Seen::when(["q", "h", "f"].into_iter().all(|rid| sent(rid) == Some(true)), &now))
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_chromium_climbs_to_its_best_encoding() -> Result<()> {
    climbs_to_its_best_encoding(Kind::Chromium).await
}

#[tokio::test]
async fn a_firefox_climbs_to_its_best_encoding() -> Result<()> {
    climbs_to_its_best_encoding(Kind::Firefox).await
}

async fn climbs_to_its_best_encoding(kind: Kind) -> Result<()> {
    in_house(Settings::default(), async |house| {
        let receiver = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        receiver.enter("lawn", "Bo").await?;
        receiver.lay_out(&[("Ada", 1000, 562)]).await?;
        let publisher = house.browser(kind.with_a_full_picture()).await?.window().await?;
        publisher.wait_at("lawn", "Ada").await?;
        publisher.join().await?;
        until("a first packet", async || {
            let stats = publisher.stats().await?;
            Ok(Seen::when(stats.bytes_sent("video") > 0, &stats))
        })
        .await?;
        let start = Instant::now();
        let mut running = Running::default();
        until("the best encoding", async || {
            let picture = receiver.picture_of("Ada").await?;
            let runs = running.look(picture.as_ref(), |height| height == 720);
            Ok(Seen::when(runs, &(picture, publisher.stats().await?, receiver.view().await?.said)))
        })
        .await?;
        let took = start.elapsed();
        let (scenario, name) = ("A clean link", "first packet to the top encoding, seen by another");
        let measured = format!("{:.1} s", took.as_secs_f64());
        Figure { scenario, name, target: "≤ 5 s", measured, browser: publisher.browser().await? }.keep()?;
        Ok(())
    })
    .await
}
