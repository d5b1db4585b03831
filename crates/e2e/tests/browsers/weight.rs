//! What the page weighs: bytes to fetch, time until it can be used, a processor's time in a call, and nothing left
//! over after a long one.

use anyhow::{Context, Result};
use bot::{Bot, Options};
use e2e::{Capture, Devices, Figure, Kind, Seen, Settings, Tab, Weight, Wishes, in_house, until};
use serde::Deserialize;
use serde_json::Value;
use std::env;
use std::time::{Duration, Instant};

/// What all of the client's program may take on the wire, in bytes.
const PROGRAM: u64 = 220_000;

const PAGE: &str = "The page, fetched anew from one's own machine";

/// What was fetched, and when the page could be used, in milliseconds since it was asked for.
#[derive(Debug, Deserialize)]
struct Visit {
    program: u64,
    painted: Option<f64>,
    usable: Option<f64>,
}

const VISIT: &str = "
    const files = performance.getEntriesByType('resource').filter((file) => file.name.includes('.wasm'));
    return {
        program: files.reduce((sum, file) => sum + file.encodedBodySize, 0),
        painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
        usable: performance.getEntriesByName('madang:ready')[0]?.startTime ?? null,
    };";

#[tokio::test]
async fn the_program_is_small_and_soon_there() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let mut visits = Vec::new();
        let mut browser = String::new();
        for _ in 0..if is_measured() { 7 } else { 1 } {
            // A browser of its own: nothing is in its cache, and nothing is compiled.
            let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
            tab.open("/").await?;
            let visit = until("a page that can be used", async || {
                let visit: Visit = tab.script(VISIT, vec![]).await?;
                let there = visit.painted.is_some() && visit.usable.is_some() && visit.program > 0;
                Ok(if there { Seen::Yes(visit) } else { Seen::NotYet(format!("{visit:?}")) })
            })
            .await?;
            visits.push(visit);
            browser = tab.browser().await?;
        }
        let program = visits.first().context("no visit")?.program;
        anyhow::ensure!(program <= PROGRAM, "the program takes {program} bytes");
        let keep = |name, target, measured| {
            Figure { scenario: PAGE, name, target, measured, browser: browser.clone() }.keep()
        };
        keep("the program, compressed by Brotli", "≤ 220 kB", format!("{} kB", program / 1000))?;
        let median = |pick: fn(&Visit) -> Option<f64>| {
            let mut times: Vec<f64> = visits.iter().filter_map(pick).collect();
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).map_or_else(|| "none".to_owned(), |time| format!("{time:.0} ms"))
        };
        keep("first paint, median", "≤ 300 ms", median(|visit| visit.painted))?;
        keep("can be used, median", "≤ 600 ms", median(|visit| visit.usable))
    })
    .await
}

#[tokio::test]
async fn four_small_tiles_are_shown_at_little_cost() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let small = Wishes { capture: Capture::Small, ..Kind::Chromium.with_devices() };
        let publishers = house.browser(small).await?;
        let mut kept = Vec::new();
        for name in NAMES {
            let tab = publishers.window().await?;
            tab.enter("garden", name).await?;
            kept.push(tab);
        }
        let looking = house.browser(Kind::Chromium.with(Devices::None)).await?;
        let tab = looking.window().await?;
        tab.enter("garden", "Eve").await?;
        tab.sees_and_hears(&NAMES).await?;
        tab.lay_out(&NAMES.map(|name| (name, 320, 180))).await?;
        let time = Duration::from_secs(if is_measured() { 20 } else { 2 });
        let (start, before) = (Instant::now(), looking.processor_time()?);
        tokio::time::sleep(time).await;
        let busy = looking.processor_time()?.saturating_sub(before);
        tab.sees_and_hears(&NAMES).await?;
        let share = 100.0 * busy.as_secs_f64() / start.elapsed().as_secs_f64();
        anyhow::ensure!(!busy.is_zero(), "nothing was counted");
        Figure {
            scenario: "Somebody looks at four tiles of 320 × 180 and hears their sound",
            name: "all processes of the browser, of one core",
            target: "≤ 30 %",
            measured: format!("{share:.0} %"),
            browser: tab.browser().await?,
        }
        .keep()
    })
    .await
}

const NAMES: [&str; 4] = ["Ada", "Bo", "Cy", "Di"];

/// How long the call lasts when it is measured, and how many visits there are otherwise.
const LONG: Duration = Duration::from_mins(10);
const FEW: u32 = 60;
/// After so many visits all is there that is there for good: a page grows a little at first.
const WARM: u32 = 12;

/// What a visitor brings into the page, and takes along.
const KINDS: [&str; 8] = [
    "HTMLElement",
    "MediaStream",
    "MediaStreamTrack",
    "RTCPeerConnection",
    "RTCRtpTransceiver",
    "ResizeObserver",
    "EventTarget",
    "Function",
];
/// So many more are the browser's own: what it makes when it is first asked for, and what it holds of the last visitor. One
/// left over by each visit of those there are would be twice as many.
const SOME: u64 = 24;

/// What is left of visits.
#[derive(Debug)]
struct Left {
    weight: Weight,
    living: [(&'static str, u64); KINDS.len()],
}

#[tokio::test]
async fn a_long_call_leaves_nothing_behind() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let wishes = Wishes { capture: Capture::Tiny, ..Kind::Chromium.with_devices() };
        let tab = house.browser(wishes).await?.window().await?;
        tab.enter("bench", "Ada").await?;
        let socket = house.server.socket();
        for number in 0..WARM {
            visit(&tab, &socket, number).await?;
        }
        let warm = what_is_left(&tab).await?;
        let (start, mut visits) = (Instant::now(), WARM);
        while if is_measured() { start.elapsed() < LONG } else { visits < FEW } {
            visit(&tab, &socket, visits).await?;
            visits += 1;
        }
        let after = until("nothing left over", async || {
            let after = what_is_left(&tab).await?;
            let more = more(&warm, &after);
            Ok(if more.is_empty() { Seen::Yes(after) } else { Seen::NotYet(format!("{more:?}")) })
        })
        .await?;
        eprintln!("after {WARM} visits {warm:?}, after {visits} {after:?}");
        let (warm, after) = (warm.weight, after.weight);
        let grown = |before: u64, after: u64| format!("{} → {}", before / 1000, after / 1000);
        let keep = |name, target, measured, browser| {
            Figure {
                scenario: "A call of ten minutes, two people coming and going all the time",
                name,
                target,
                measured,
                browser,
            }
            .keep()
        };
        let browser = tab.browser().await?;
        keep("visits", "", visits.to_string(), browser.clone())?;
        keep(
            "nodes of the document",
            "no growth",
            format!("{} → {}", warm.nodes, after.nodes),
            browser.clone(),
        )?;
        keep("heap, kB", "no growth", grown(warm.heap, after.heap), browser.clone())?;
        keep("the program's memory, kB", "no growth", grown(warm.memory, after.memory), browser)
    })
    .await
}

/// Two come, are seen, and go.
async fn visit(tab: &Tab, socket: &str, number: u32) -> Result<()> {
    let mut bots = Vec::new();
    for place in ["a", "b"] {
        let options = Options { seats: 2, ..Options::publisher(socket, "bench") };
        let bot = Bot::join(options.named(&format!("guest {number}{place}"))).await?;
        bot.connected().await?;
        bots.push(bot);
    }
    sees_others(tab, 2).await?;
    for bot in bots {
        bot.leave().await?;
    }
    sees_others(tab, 0).await
}

async fn sees_others(tab: &Tab, count: usize) -> Result<()> {
    until(&format!("{count} guests"), async || {
        let view = tab.glance().await?;
        Ok(Seen::when(view.others().count() == count, &view))
    })
    .await
}

/// Once all that is told of who came and went has been told.
async fn what_is_left(tab: &Tab) -> Result<Left> {
    until("a page that has told all", async || {
        let told = tab.texts("toast").await?;
        Ok(Seen::when(told.is_empty(), &told))
    })
    .await?;
    Ok(Left { weight: tab.weight().await?, living: tab.living(KINDS).await? })
}

/// What there is more of: a tenth of the heap and some nodes are the browser's own coming and going, and the program's
/// memory comes in pages of 64 KiB, of which two may be needed to put the same elsewhere.
fn more(before: &Left, after: &Left) -> Vec<(&'static str, u64, u64)> {
    let (old, new) = (before.weight, after.weight);
    let weights = [
        ("nodes", old.nodes, new.nodes, 60),
        ("listeners", old.listeners, new.listeners, 10),
        ("heap", old.heap, new.heap, old.heap / 10 + 100_000),
        ("memory", old.memory, new.memory, 2 * 65_536),
    ];
    let living = before.living.iter().zip(&after.living);
    let living = living.map(|(&(kind, before), &(_, after))| (kind, before, after, SOME));
    let all = weights.into_iter().chain(living);
    all.filter(|&(_, before, after, most)| after > before + most)
        .map(|(kind, before, after, _)| (kind, before, after))
        .collect()
}

/// A browser never answers what a connection was asked that has been closed meanwhile. Here it does not answer at all, and
/// each restart of the server has the page close one and make another.
#[tokio::test]
async fn a_connection_that_was_never_answered_is_let_go() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        tab.enter("bench", "Ada").await?;
        let dumb = "
            window.asked = 0;
            window.answering = RTCPeerConnection.prototype.createOffer;
            RTCPeerConnection.prototype.createOffer = () => (window.asked += 1, new Promise(() => {}));";
        tab.script::<Value>(dumb, vec![]).await?;
        for restart in 1..=3 {
            house.server.kill()?;
            house.server.start_again().await?;
            until("another connection", async || {
                let asked: u32 = tab.script("return window.asked", vec![]).await?;
                Ok(Seen::when(asked >= restart, &asked))
            })
            .await?;
        }
        let again = "RTCPeerConnection.prototype.createOffer = window.answering";
        tab.script::<Value>(again, vec![]).await?;
        house.server.kill()?;
        house.server.start_again().await?;
        let peers = || tab.living(["RTCPeerConnection"]);
        until("one connection", async || {
            let connected = tab.view().await?.is_connected();
            let living = peers().await?;
            Ok(Seen::when(connected && living == [("RTCPeerConnection", 1)], &(connected, living)))
        })
        .await
    })
    .await
}

fn is_measured() -> bool {
    env::var_os("MADANG_FIGURES").is_some()
}
