//! Who comes is seen at once, and who goes is gone at once; who vanishes, a little later.

use anyhow::Result;
use e2e::{Figure, Kind, Seen, Settings, Tab, in_house, is_exactly, until, view::Tile, view::View, within};
use std::time::{Duration, Instant};

/// From the click on "Join" to everybody's running picture, and from leaving to the tile's end.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How long one whose connection is lost is still shown (`signal::limits::LOST_WINDOW`), and a little.
const VANISHED: Duration = Duration::from_secs(10 + 3);

/// For those who vanish without even a closed socket (`signal::limits::SILENCE_TIMEOUT`, and the above).
const SILENT: Duration = Duration::from_secs(10 + 10 + 3);

/// Has a page note when nobody else is on it any more.
const ALONE: &str = "
    new MutationObserver((_, watch) => {
        if (document.querySelector('[data-testid=tile]:not([data-self=true])')) return;
        watch.disconnect();
        e2e.alone = performance.timeOrigin + performance.now();
    }).observe(document.body, { childList: true, subtree: true });";

#[tokio::test]
async fn a_late_joiner_sees_everybody_at_once() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let names = ["Ada", "Bo", "Cy"];
        let mut tabs = Vec::new();
        for name in names {
            let tab = chromium.window().await?;
            tab.enter("hall", name).await?;
            tabs.push(tab);
        }
        let late = chromium.window().await?;
        late.wait_at("hall", "Late").await?;
        late.join().await?;
        let mut took: Vec<f64> = Vec::new();
        until("everybody's running picture", async || {
            let (view, stats) = (late.view().await?, late.stats().await?);
            // The page's own clock: how long the driver takes to tell is not the page's fault.
            let since = |tile: &Tile| tile.picture.as_ref().and_then(|picture| picture.since_click);
            took = view.others().filter_map(since).collect();
            let running = |tile: &Tile| {
                let mid = tile.picture.as_ref().and_then(|picture| picture.mid.as_ref());
                mid.and_then(|mid| stats.picture(mid)).is_some_and(|report| report.frames_decoded > 1)
            };
            let all = is_exactly(&view, &names) && view.others().all(running);
            Ok(Seen::when(all && took.len() == names.len(), &(view, stats)))
        })
        .await?;
        let all = took.into_iter().fold(0.0, f64::max);
        let figure = Figure {
            scenario: "A fourth person joins a room, all in one browser",
            name: "everybody's picture runs, after the click",
            target: "≤ 2 s",
            measured: format!("{:.1} s", all / 1000.0),
            browser: late.browser().await?,
        };
        figure.keep()
    })
    .await
}

#[tokio::test]
async fn who_leaves_is_gone_at_once() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (stayer, leaver) = (chromium.window().await?, chromium.window().await?);
        both_in(&stayer, &leaver).await?;
        let _: Option<bool> = stayer.script(ALONE, vec![]).await?;
        leaver.click("leave").await?;
        stayer.until("being alone", is_alone).await?;
        // By the pages' own clocks: how long the driver takes to press and to look is nobody's fault.
        let left: f64 = leaver.script("return performance.timeOrigin + e2e.clicked", vec![]).await?;
        let gone: f64 = stayer.script("return e2e.alone", vec![]).await?;
        anyhow::ensure!(gone - left <= AT_ONCE.as_secs_f64() * 1000.0, "gone after {} ms", gone - left);
        leaver.until("a goodbye", |view| view.shows("ended") && view.shows("rejoin")).await
    })
    .await
}

#[tokio::test]
async fn who_closes_the_window_is_gone_at_once() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (stayer, leaver) = (chromium.window().await?, chromium.window().await?);
        both_in(&stayer, &leaver).await?;
        let start = Instant::now();
        leaver.close().await?;
        alone_within(AT_ONCE, start, &stayer).await
    })
    .await
}

#[tokio::test]
async fn who_crashes_is_gone_after_a_while() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (stayer, victim) = (chromium.window().await?, chromium.window().await?);
        both_in(&stayer, &victim).await?;
        victim.crash().await?;
        let start = Instant::now();
        alone_within(VANISHED, start, &stayer).await
    })
    .await
}

#[tokio::test]
async fn whose_browser_is_killed_is_gone_after_a_while() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let stayer = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let doomed = house.browser(Kind::Firefox.with_devices()).await?;
        let victim = doomed.window().await?;
        both_in(&stayer, &victim).await?;
        let start = Instant::now();
        doomed.kill()?;
        alone_within(SILENT, start, &stayer).await
    })
    .await
}

async fn both_in(stayer: &Tab, leaver: &Tab) -> Result<()> {
    stayer.enter("hall", "Stay").await?;
    leaver.enter("hall", "Go").await?;
    stayer.sees_and_hears(&["Go"]).await
}

async fn alone_within(limit: Duration, start: Instant, tab: &Tab) -> Result<()> {
    within(limit, start, "the tile's end", async || {
        let view = tab.view().await?;
        Ok(Seen::when(is_alone(&view), &view))
    })
    .await
}

fn is_alone(view: &View) -> bool {
    view.is_connected() && view.others().count() == 0 && view.people.as_deref() == Some("1 person")
}
