//! How long it takes from the click on "Join" to the first picture of somebody else, and where the time goes: by the
//! marks that the client makes (`frontend/src/rtc/marks.rs`), and by the browser's own count of pictures.

use anyhow::{Context, Result};
use e2e::{Devices, Figure, Kind, Seen, Settings, in_house, until};
use serde::Deserialize;
use std::env;

/// Joins when figures are kept; otherwise a few, to see that all moments are marked.
const JOINS: usize = 15;
const FEW: usize = 3;

/// The client's marks, in the order in which they usually come, and what lies between each and the one before.
const MOMENTS: [(&str, &str); 8] = [
    ("socket", "until the signaling socket is open"),
    ("offer", "until the offer is made"),
    ("answer", "until the answer came"),
    ("answered", "until it is set"),
    ("ice", "until ICE is connected"),
    ("connected", "until DTLS is done"),
    ("packet", "until the first packet of a picture"),
    ("frame", "until the first picture"),
];

/// A look at the page's timeline, in milliseconds since the click.
#[derive(Debug, Deserialize)]
struct Join {
    /// By place in [`MOMENTS`].
    moments: Vec<Option<f64>>,
    /// Until the first picture was presented, by the video element's own account.
    presented: Option<f64>,
}

/// Remembers when the first picture of anybody else is presented: the element comes with the room.
const WATCH: &str = "
    window.presented = undefined;
    const found = new WeakSet();
    const look = () => {
        for (const video of document.querySelectorAll('[data-testid=tile]:not([data-self=true]) video')) {
            if (found.has(video)) continue;
            found.add(video);
            video.requestVideoFrameCallback((now) => { window.presented ??= now; });
        }
        if (window.presented === undefined) setTimeout(look, 2);
    };
    look();";

const TIMELINE: &str = "
    const at = (name) => performance.getEntriesByName('madang:' + name)[0]?.startTime;
    const start = at('join');
    const since = (moment) => moment === undefined || start === undefined ? null : moment - start;
    return { moments: arguments[0].map((name) => since(at(name))), presented: since(window.presented) };";

#[tokio::test]
async fn the_first_picture_comes_soon_after_the_click() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let publisher = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        publisher.enter("porch", "Ada").await?;
        let visitor = house.browser(Kind::Chromium.with(Devices::Given)).await?.window().await?;
        let names: Vec<&str> = MOMENTS.iter().map(|(name, _)| *name).collect();
        let count = if env::var_os("MADANG_FIGURES").is_some() { JOINS } else { FEW };
        let mut joins = Vec::new();
        for _ in 0..count {
            visitor.wait_at("porch", "Bo").await?;
            let _: Option<bool> = visitor.script(WATCH, vec![]).await?;
            visitor.join().await?;
            let mut last = None;
            until("all moments of a join", async || {
                let join: Join = visitor.script(TIMELINE, vec![names.clone().into()]).await?;
                let all = join.presented.is_some() && join.moments.iter().all(Option::is_some);
                let seen = Seen::when(all, &join);
                last = Some(join);
                Ok(seen)
            })
            .await?;
            visitor.sees_and_hears(&["Ada"]).await?;
            joins.push(last.context("no look")?);
            visitor.click("leave").await?;
            visitor.until("a goodbye", |view| view.shows("ended")).await?;
            publisher.until("being alone", |view| view.others().count() == 0).await?;
        }
        let browser = visitor.browser().await?;
        let keep = |name, target, times: Vec<f64>| {
            let measured =
                format!("p50 {:.0} ms, p90 {:.0} ms", percentile(&times, 50), percentile(&times, 90));
            Figure { scenario: SCENARIO, name, target, measured, browser: browser.clone() }.keep()
        };
        let presented: Vec<f64> = joins.iter().filter_map(|join| join.presented).collect();
        keep("first picture presented, after the click", "p50 ≤ 400 ms", presented)?;
        for (place, (_, name)) in MOMENTS.iter().enumerate() {
            keep(name, "after the click", joins.iter().filter_map(|join| join.moments[place]).collect())?;
        }
        Ok(())
    })
    .await
}

const SCENARIO: &str = "Somebody joins one other, each in a Chromium, on one machine";

/// The nearest rank.
fn percentile(times: &[f64], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(rank).copied().unwrap_or(f64::NAN)
}
