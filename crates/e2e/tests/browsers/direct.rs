//! Calls straight from one browser to another: the server forwards nothing, and nobody sees the switch.

use anyhow::{Result, ensure};
use e2e::{
    Figure, House, Kind, Modes, Network, Seen, Settings, Tab, in_house, is_exactly, until, view::View,
};
use std::time::{Duration, Instant};

/// No picture may stand still for so many milliseconds longer, while it changes its way, than it does at other times: a
/// machine that has much else to do keeps pictures waiting by itself.
const GAP: f64 = 500.0;

/// Media goes as it does where nobody says otherwise.
pub const ALL: Settings = Settings {
    max_participants: None,
    modes: Modes::All,
    embed: None,
    links: None,
    network: Network::Open,
    ice_servers: &[],
    turn: false,
    closed: false,
    front: e2e::Front::Plain,
    max_bitrate: None,
};
/// Media never goes by the server.
pub const MESH: Settings = Settings { modes: Modes::Mesh, ..ALL };

#[tokio::test]
async fn two_chromiums_who_are_alone_need_no_server_and_a_third_brings_them_back_to_it() -> Result<()> {
    in_house(ALL, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        third_comes_and_goes(house, &ada, &bo).await
    })
    .await
}

#[tokio::test]
async fn two_firefoxes_who_are_alone_need_no_server_and_a_third_brings_them_back_to_it() -> Result<()> {
    in_house(ALL, async |house| {
        let firefox = house.browser(Kind::Firefox.with_devices()).await?;
        let (ada, bo) = (firefox.window().await?, firefox.window().await?);
        third_comes_and_goes(house, &ada, &bo).await
    })
    .await
}

#[tokio::test]
async fn a_chromium_and_a_firefox_who_are_alone_need_no_server_and_a_third_brings_them_back_to_it()
-> Result<()> {
    in_house(ALL, async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let bo = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        third_comes_and_goes(house, &ada, &bo).await
    })
    .await
}

#[tokio::test]
async fn a_firefox_and_a_chromium_who_are_alone_need_no_server_and_a_third_brings_them_back_to_it()
-> Result<()> {
    // Whoever comes first offers.
    in_house(ALL, async |house| {
        let ada = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        let bo = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        third_comes_and_goes(house, &ada, &bo).await
    })
    .await
}

async fn third_comes_and_goes(house: &mut House, ada: &Tab, bo: &Tab) -> Result<()> {
    // From the first frame: a page may have changed its way before a driver has looked.
    ada.enter("nook", "Ada").await?;
    ada.watch_frames("Bo").await?;
    bo.wait_at("nook", "Bo").await?;
    bo.watch_frames("Ada").await?;
    bo.join().await?;
    let pair = [(ada, "Bo"), (bo, "Ada")];
    for (tab, other) in pair {
        sees_and_hears_directly(tab, &[other]).await?;
    }
    server_rests(ada).await?;
    let there = longest_switch(&pair, 1).await?;

    let third = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
    third.enter("nook", "Cy").await?;
    for (tab, other) in pair {
        tab.until("everybody by the server", |view| view.others().count() == 2 && view.is_by_server())
            .await?;
        tab.until("no other connection", |view| view.open_peers == 1).await?;
        tab.sees_and_hears(&["Cy", other]).await?;
    }
    third.sees_and_hears(&["Ada", "Bo"]).await?;
    third.click("leave").await?;
    for (tab, other) in pair {
        sees_and_hears_directly(tab, &[other]).await?;
    }
    server_rests(ada).await?;
    let and_back = longest_switch(&pair, 3).await?;
    let figure = Figure {
        scenario: "Two who see each other directly are joined by a third, who leaves again",
        name: "the longest time between two frames as the way changes",
        target: "≤ 500 ms",
        measured: format!("{:.0} ms", and_back.gap),
        browser: format!("{} and {}", ada.browser().await?, bo.browser().await?),
    };
    figure.keep()?;
    for switch in [there, and_back] {
        ensure!(switch.gap <= GAP + switch.steady, "a picture stood still: {switch:?}");
    }
    Ok(())
}

/// Pictures and sound of all these come straight from them, and from nowhere else.
pub async fn sees_and_hears_directly(tab: &Tab, others: &[&str]) -> Result<()> {
    tab.until("direct paths", |view| is_exactly(view, others) && view.is_direct()).await?;
    tab.until_moving("others seen and heard directly", |view, moved| {
        let straight = moved.heard.keys().filter(|line| line.starts_with("direct-")).count();
        view.is_direct() && moved.running() == others.len() && straight == others.len()
    })
    .await
}

/// In milliseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Switch {
    /// The longest time between two frames of which one came by another way than the other.
    gap: f64,
    /// Between two that came by the same.
    steady: f64,
}

/// The longest of all. The browser's frames are 100 ms apart.
async fn longest_switch(pair: &[(&Tab, &str)], switches: usize) -> Result<Switch> {
    let mut longest = Switch::default();
    for (tab, other) in pair {
        let frames = tab.frames(other).await?;
        eprintln!("{other}: {frames:?}");
        ensure!(frames.switches.len() >= switches, "{other}'s picture did not change its way: {frames:?}");
        longest.gap = frames.switches.into_iter().fold(longest.gap, f64::max);
        longest.steady = longest.steady.max(frames.steady);
    }
    Ok(longest)
}

/// For three seconds the server forwards nothing at all.
pub async fn server_rests(tab: &Tab) -> Result<()> {
    let (mut since, mut before) = (Instant::now(), tab.packets_forwarded().await?);
    until("a server that rests", async || {
        let now = tab.packets_forwarded().await?;
        if now != before {
            (since, before) = (Instant::now(), now);
        }
        let rested = since.elapsed() > Duration::from_secs(3);
        Ok(Seen::when(rested, &format!("{now} packets forwarded")))
    })
    .await
}

#[tokio::test]
async fn what_is_switched_off_is_off_and_shown_so_without_the_server_too() -> Result<()> {
    in_house(ALL, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("nook", "Ada").await?;
        bo.enter("nook", "Bo").await?;
        for tab in [&ada, &bo] {
            tab.until("the direct path", View::is_direct).await?;
        }
        ada.click("toggle-camera").await?;
        ada.click("toggle-mic").await?;
        bo.until("a muted avatar", |view| {
            view.tile("Ada").is_some_and(|tile| tile.muted && tile.avatar && tile.picture.is_none())
        })
        .await?;
        ada.click("toggle-camera").await?;
        ada.click("toggle-mic").await?;
        sees_and_hears_directly(&bo, &["Ada"]).await?;
        server_rests(&ada).await
    })
    .await
}

#[tokio::test]
async fn without_the_server_a_direct_call_goes_on_and_is_shown_so() -> Result<()> {
    in_house(ALL, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("nook", "Ada").await?;
        bo.enter("nook", "Bo").await?;
        sees_and_hears_directly(&ada, &["Bo"]).await?;
        sees_and_hears_directly(&bo, &["Ada"]).await?;
        house.server.kill()?;
        ada.until("words about the server alone", |view| {
            view.status.as_deref().is_some_and(|words| words.contains("still see and hear"))
        })
        .await?;
        sees_and_hears_directly(&ada, &["Bo"]).await?;
        let dimmed: bool = ada.script("return !!document.querySelector('.cut-off')", vec![]).await?;
        ensure!(!dimmed, "pictures that move are shown as if they stood still");
        house.server.start_again().await?;
        sees_and_hears_directly(&ada, &["Bo"]).await?;
        ada.until("nothing to say", View::is_connected).await
    })
    .await
}

#[tokio::test]
async fn in_a_mesh_three_see_and_hear_one_another_and_the_fifth_is_refused() -> Result<()> {
    in_house(MESH, async |house| {
        let firefox = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        firefox.enter("nook", "Fox").await?;
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.enter("nook", "Ada").await?;
        bo.enter("nook", "Bo").await?;
        for (tab, others) in [(&firefox, ["Ada", "Bo"]), (&ada, ["Bo", "Fox"]), (&bo, ["Ada", "Fox"])] {
            sees_and_hears_directly(tab, &others).await?;
        }
        let forwarded = ada.packets_forwarded().await?;
        ensure!(forwarded == 0, "the server forwarded {forwarded} packets");
        let (cy, dee) = (chromium.window().await?, chromium.window().await?);
        cy.enter("nook", "Cy").await?;
        dee.open("/r/nook").await?;
        dee.until("a full room", |view| view.shows("room-full") && !view.offers("join")).await
    })
    .await
}

#[tokio::test]
async fn who_asks_for_the_server_alone_gets_it() -> Result<()> {
    in_house(ALL, async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        ada.open("/r/nook?mode=sfu").await?;
        ada.write("name-input", "Ada").await?;
        ada.until("a way in", |view| view.preview && view.offers("join")).await?;
        ada.join().await?;
        bo.enter("nook", "Bo").await?;
        let start = Instant::now();
        until("ten seconds by the server", async || {
            let view = ada.view().await?;
            ensure!(view.open_peers <= 1, "a direct connection was tried");
            Ok(Seen::when(start.elapsed() > Duration::from_secs(10), &view))
        })
        .await?;
        ada.until("Bo by the server", View::is_by_server).await?;
        ada.sees_and_hears(&["Bo"]).await
    })
    .await
}
