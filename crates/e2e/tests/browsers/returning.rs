//! How soon everybody is in the room again after the server was away, and what is missed while the way to it is cut.

use anyhow::{Context, Result, ensure};
use e2e::{Cable, Figure, House, Kind, Seen, Settings, Tab, in_house, until};
use std::env;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// For so many seconds the server is away, when figures are kept: the last is past the time for which places are kept
/// (`signal::limits::RESUME_WINDOW`).
const AWAY: [(u64, &str); 3] = [
    (1, "The server is killed, and back after a second"),
    (10, "The server is killed, and back after 10 s"),
    (40, "The server is killed, and back after 40 s"),
];
/// So often each. At other times once, away for the shortest time.
const TIMES: u32 = 3;
/// More each time: where between two attempts of a page it falls is chance.
const LATER: Duration = Duration::from_millis(700);
/// For so many seconds signaling is cut, when figures are kept.
const CUT: Duration = Duration::from_secs(10);
/// And swallowed: into the middle of what a page waits for (`signal::limits::SILENCE_TIMEOUT`), at its second attempt.
const SWALLOWED: Duration = Duration::from_secs(14);

/// How long after the new server's first answer.
#[derive(Clone, Copy, Debug)]
struct Back {
    /// The page is in the room.
    inside: Duration,
    /// It decodes the other's picture.
    sees: Duration,
}

#[tokio::test]
async fn everybody_is_back_in_the_room_after_the_server() -> Result<()> {
    let measures = env::var_os("MADANG_FIGURES").is_some();
    let (away, times) = if measures { (&AWAY[..], TIMES) } else { (&AWAY[..1], 1) };
    in_house(Settings::default(), async |house| {
        let origin = house.server.origin().to_owned();
        let (ada, fox) = two_by(&origin, house).await?;
        for &(seconds, scenario) in away {
            let mut all = [Vec::new(), Vec::new()];
            for time in 0..times {
                ada.sees_and_hears(&["Fox"]).await?;
                fox.sees_and_hears(&["Ada"]).await?;
                house.server.kill()?;
                let killed = Instant::now();
                misses_it(&ada).await?;
                misses_it(&fox).await?;
                let due = killed + Duration::from_secs(seconds) + LATER * time;
                tokio::time::sleep_until(due.into()).await;
                let answered = answers_again(house).await?;
                let both = tokio::join!(back(&ada, "Fox", answered), back(&fox, "Ada", answered));
                all[0].push(both.0?);
                all[1].push(both.1?);
            }
            for (tab, all) in [&ada, &fox].into_iter().zip(all) {
                keep(tab, scenario, &all).await?;
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn media_goes_on_while_the_way_to_signaling_is_cut() -> Result<()> {
    let cut = if env::var_os("MADANG_FIGURES").is_some() { CUT } else { Duration::from_secs(1) };
    in_house(Settings::default(), async |house| {
        let mut cable = Cable::to(house.server.address()).await?;
        let (ada, fox) = two_by(&cable.origin(), house).await?;
        let both = [(&ada, "Fox"), (&fox, "Ada")];
        let mut before = Vec::new();
        for (tab, other) in both {
            tab.sees_and_hears(&[other]).await?;
            before.push(identity(tab).await?);
            tab.watch_frames(other).await?;
            tab.listens().await?;
        }
        cable.cut().await?;
        let start = Instant::now();
        for (tab, _) in both {
            misses_it(tab).await?;
        }
        for (tab, other) in both {
            let before = decoded(tab, other).await?;
            until("pictures while signaling is cut", async || {
                let now = decoded(tab, other).await?;
                Ok(Seen::when(now >= before + 5, &now))
            })
            .await?;
            misses_it(tab).await?;
        }
        tokio::time::sleep_until((start + cut).into()).await;
        cable.mend().await?;
        let mended = Instant::now();
        let back = tokio::try_join!(inside(&ada, mended), inside(&fox, mended))?;
        for (((tab, other), back), before) in both.into_iter().zip([back.0, back.1]).zip(before) {
            let (frames, heard) =
                (tab.frames(other).await?, tab.listens().await?.context("nobody listened")?);
            let after = identity(tab).await?;
            ensure!(before == after, "{before:?} became {after:?}");
            ensure!(
                frames.count > 0 && frames.switches.is_empty() && heard.looks > 0,
                "{frames:?} {heard:?}"
            );
            let scenario = "Signaling is cut for 10 s, and media is not";
            let browser = tab.browser().await?;
            for (name, target, measured) in [
                ("longest time between two frames", "media never stops", format!("{:.0} ms", frames.steady)),
                (
                    "longest time without a packet of sound",
                    "media never stops",
                    format!("{:.0} ms", heard.gap),
                ),
                ("has its place again, after the way back is there", "≤ 5 s", seconds(back)),
            ] {
                Figure { scenario, name, target, measured, browser: browser.clone() }.keep()?;
            }
            tab.sees_and_hears(&[other]).await?;
        }
        Ok(())
    })
    .await
}

/// As behind a router when the machine is away: nobody says that nothing is there, and TCP asks ever more rarely.
#[tokio::test]
async fn who_was_never_answered_asks_again() -> Result<()> {
    let away = if env::var_os("MADANG_FIGURES").is_some() { SWALLOWED } else { Duration::from_secs(1) };
    in_house(Settings::default(), async |house| {
        let mut cable = Cable::to(house.server.address()).await?;
        let (ada, fox) = two_by(&cable.origin(), house).await?;
        cable.swallow().await?;
        let start = Instant::now();
        for tab in [&ada, &fox] {
            misses_it(tab).await?;
        }
        until("questions that nobody answers", async || {
            let count = cable.swallowed();
            Ok(Seen::when(count >= 2 && start.elapsed() >= away, &count))
        })
        .await?;
        cable.mend().await?;
        let mended = Instant::now();
        let back = tokio::try_join!(inside(&ada, mended), inside(&fox, mended))?;
        for (tab, back) in [(&ada, back.0), (&fox, back.1)] {
            let scenario = "Signaling is swallowed for 14 s, without a word to who asks for it";
            let (name, target) = ("has its place again, after the way back is there", "≤ 5 s");
            let browser = tab.browser().await?;
            Figure { scenario, name, target, measured: seconds(back), browser }.keep()?;
        }
        ada.sees_and_hears(&["Fox"]).await?;
        fox.sees_and_hears(&["Ada"]).await
    })
    .await
}

/// Ada's Chromium and Fox's Firefox are in the room, and find the server at `origin`.
async fn two_by(origin: &str, house: &mut House) -> Result<(Tab, Tab)> {
    let ada = house.browser_at(origin, Kind::Chromium.with_devices()).await?.window().await?;
    ada.enter("bridge", "Ada").await?;
    let fox = house.browser_at(origin, Kind::Firefox.with_devices()).await?.window().await?;
    fox.enter("bridge", "Fox").await?;
    Ok((ada, fox))
}

async fn misses_it(tab: &Tab) -> Result<()> {
    tab.until("words about reconnecting", |view| {
        view.shows("room") && view.status.as_deref().is_some_and(|words| words.contains("Reconnecting"))
    })
    .await
}

/// Frames of the other's picture that were decoded.
async fn decoded(tab: &Tab, other: &str) -> Result<u64> {
    let picture = tab.picture_of(other).await?.context("no picture")?;
    Ok(picture.frames_decoded)
}

/// Starts the server again. When it first answered that it is well.
async fn answers_again(house: &mut House) -> Result<Instant> {
    let address = house.server.address();
    let (started, answered) = tokio::join!(house.server.start_again(), first_answer(address));
    started.and(answered)
}

async fn first_answer(server: SocketAddr) -> Result<Instant> {
    let asked = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        loop {
            tick.tick().await;
            let answer = bot::http::request(server, "GET", "/healthz", &[], b"").await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Instant::now();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.context("the server does not come back")
}

async fn back(tab: &Tab, other: &str, since: Instant) -> Result<Back> {
    let inside = inside(tab, since).await?;
    until("a picture that is decoded", async || {
        let picture = tab.picture_of(other).await?;
        let decoded = picture.as_ref().is_some_and(|picture| picture.frames_decoded > 1);
        Ok(Seen::when(decoded, &(picture, tab.view().await?)))
    })
    .await?;
    Ok(Back { inside, sees: since.elapsed() })
}

/// How long it takes until the page is in the room.
async fn inside(tab: &Tab, since: Instant) -> Result<Duration> {
    tab.until("being in the room", e2e::view::View::is_connected).await?;
    Ok(since.elapsed())
}

async fn keep(tab: &Tab, scenario: &'static str, all: &[Back]) -> Result<()> {
    let browser = tab.browser().await?;
    let figure = |name, mut times: Vec<Duration>| {
        times.sort_unstable();
        let (median, worst) = (times.get(times.len() / 2), times.last());
        let (median, worst) = median.zip(worst).context("nothing was measured")?;
        let measured = format!("median {}, worst {}", seconds(*median), seconds(*worst));
        Figure { scenario, name, target: "≤ 5 s", measured, browser: browser.clone() }.keep()
    };
    figure(
        "in the room again, after the server's first answer",
        all.iter().map(|back| back.inside).collect(),
    )?;
    figure("the other's picture is decoded again", all.iter().map(|back| back.sees).collect())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Who one is, and how many peer connections there ever were.
async fn identity(tab: &Tab) -> Result<(String, u32)> {
    let view = tab.view().await?;
    let own = view.tiles.iter().find(|tile| tile.own).map(|tile| tile.id.clone()).unwrap_or_default();
    Ok((own, tab.script("return window.e2e.peers.length", vec![]).await?))
}
