//! Who changes the network in the middle of a call stays in it.

use crate::scene::{self, Scene};
use anyhow::Result;
use e2e::{Figure, Kind, Links, Running, Seen, Settings, Tab, in_house, until};
use std::time::Instant;

#[tokio::test]
async fn a_chromiums_call_goes_on_from_another_address() -> Result<()> {
    goes_on_from_another_address(Kind::Chromium).await
}

#[tokio::test]
async fn a_firefoxs_call_goes_on_from_another_address() -> Result<()> {
    goes_on_from_another_address(Kind::Firefox).await
}

async fn goes_on_from_another_address(kind: Kind) -> Result<()> {
    let settings = Settings { links: Some(Links::default()), ..Settings::default() };
    in_house(settings, async |house| {
        let Scene { publisher, receiver, .. } = scene::large(house, Kind::Chromium, kind).await?;
        let before = (identity(&publisher).await?, identity(&receiver).await?);
        // Both are at other addresses from here on, and nothing comes back to the old ones.
        house.relay()?.rebind()?;
        let start = Instant::now();
        let first = receiver.picture_of("Ada").await?.map_or(0, |picture| picture.packets_received);
        let mut running = Running::default();
        until("the picture going on", async || {
            let picture = receiver.picture_of("Ada").await?;
            // Some were on the road: it goes on when more than these come.
            let more = picture.as_ref().is_some_and(|picture| picture.packets_received > first + 30);
            let runs = more && running.look(picture.as_ref(), |_| true);
            Ok(Seen::when(runs, &(picture, publisher.stats().await?)))
        })
        .await?;
        let measured = format!("{:.1} s", start.elapsed().as_secs_f64());
        let after = (identity(&publisher).await?, identity(&receiver).await?);
        anyhow::ensure!(before == after, "{before:?} became {after:?}");
        for tab in [&publisher, &receiver] {
            tab.until("nothing to say about it", e2e::view::View::is_connected).await?;
        }
        let (scenario, name) = ("Both change their address", "picture goes on, nobody rejoins");
        Figure { scenario, name, target: "it does", measured, browser: receiver.browser().await? }.keep()
    })
    .await
}

/// Who one is, and how many sockets and peer connections there ever were.
async fn identity(tab: &Tab) -> Result<(String, u32, u32)> {
    let view = tab.view().await?;
    let own = view.tiles.iter().find(|tile| tile.own).map(|tile| tile.id.clone()).unwrap_or_default();
    let peers = tab.script("return window.e2e.peers.length", vec![]).await?;
    Ok((own, view.sockets, peers))
}
