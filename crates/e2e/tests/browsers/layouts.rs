//! Where tiles stand: on pages of the window's size, large and beside, floating; and what that means for what is
//! received and for what is playing.

use anyhow::{Context, Result, ensure};
use bot::{Bot, Crowd, Options};
use e2e::view::View;
use e2e::{Browser, Devices, House, Kind, Seen, Settings, Sound, Tab, Wishes, in_house, until};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A tile as it stands, in CSS pixels from the stage's upper left, once nothing glides any more.
#[derive(Clone, Debug, Deserialize)]
pub struct Standing {
    name: String,
    role: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// All of it.
#[derive(Debug, Deserialize)]
pub struct Stage {
    width: f64,
    height: f64,
    tiles: Vec<Standing>,
    /// "1 / 2", where there is more than one.
    pub page: Option<String>,
}

const STAGE: &str = "
    return (async () => {
        const frame = () => new Promise(requestAnimationFrame);
        await frame();
        await frame();
        const ends = (a) => a.playState === 'running' && a.effect.getComputedTiming().endTime < Infinity;
        // One may give way to the next.
        for (;;) {
            const ending = document.getAnimations().filter(ends);
            if (!ending.length) break;
            await Promise.allSettled(ending.map((animation) => animation.finished));
        }
        const stage = document.getElementById('stage').getBoundingClientRect();
        const tiles = [...document.querySelectorAll('[data-testid=tile]')].map((tile) => {
            const { left, top, width, height } = tile.getBoundingClientRect();
            const { name, role } = tile.dataset;
            return { name, role, x: left - stage.left, y: top - stage.top, width, height };
        });
        const page = document.querySelector('[data-testid=page]')?.textContent ?? null;
        return { width: stage.width, height: stage.height, tiles, page };
    })()";

impl Stage {
    /// Once nothing glides any more.
    pub async fn of(tab: &Tab) -> Result<Self> {
        tab.script(STAGE, vec![]).await
    }

    fn tile(&self, name: &str) -> Option<&Standing> {
        self.tiles.iter().find(|tile| tile.name == name)
    }

    fn role(&self, name: &str) -> Option<&str> {
        self.tile(name).map(|tile| tile.role.as_str())
    }

    /// Half a pixel is what a browser's rounding makes.
    fn check(&self) -> Result<()> {
        for (number, one) in self.tiles.iter().enumerate() {
            let inside = one.x > -0.5
                && one.y > -0.5
                && one.x + one.width < self.width + 0.5
                && one.y + one.height < self.height + 0.5;
            ensure!(inside && one.width > 1.0, "{one:?} is not inside the stage: {self:?}");
            for other in self.tiles.iter().take(number) {
                let apart =
                    |a: &Standing, b: &Standing| a.x + a.width < b.x + 0.5 || a.y + a.height < b.y + 0.5;
                let floats = one.role == "floating" || other.role == "floating";
                ensure!(floats || apart(one, other) || apart(other, one), "{one:?} is over {other:?}");
                let alike = one.role == "alike" && other.role == "alike";
                ensure!(
                    !alike
                        || (one.width - other.width).abs() < 0.5 && (one.height - other.height).abs() < 0.5,
                    "{one:?} and {other:?} differ"
                );
            }
        }
        Ok(())
    }
}

/// People who are there, and send nothing.
pub async fn guests(house: &House, room: &str, names: &[&str]) -> Result<Vec<Bot>> {
    let crowd = Crowd::start()?;
    let mut bots = Vec::new();
    for name in names {
        let silent = Options::subscriber(&house.server.socket(), room).named(name);
        let bot = Bot::join(Options { crowd: Some(crowd.clone()), ..silent }).await?;
        bot.connected().await?;
        bots.push(bot);
    }
    Ok(bots)
}

/// Bo, who has no devices.
pub async fn watcher(house: &mut House, room: &str) -> Result<Tab> {
    let browser: &mut Browser = house.browser(Kind::Chromium.with(Devices::None)).await?;
    let tab = browser.window().await?;
    tab.enter(room, "Bo").await?;
    // That there is no camera is said over the stage.
    tab.click_on(".notice button").await?;
    Ok(tab)
}

/// Waits until somebody stands so, or nowhere.
pub async fn until_role(tab: &Tab, name: &str, role: Option<&str>) -> Result<Stage> {
    until(&format!("{name} standing as {role:?}"), async || {
        let stage = Stage::of(tab).await?;
        Ok(if stage.role(name) == role { Seen::Yes(stage) } else { Seen::NotYet(format!("{stage:?}")) })
    })
    .await
}

#[tokio::test]
async fn tiles_stay_inside_the_stage_and_apart_in_any_window() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        let names: Vec<String> = (0..60).map(|number| format!("guest {number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut bots = Vec::new();
        for count in [1, 2, 5, 12, 60] {
            let new = names.get(bots.len()..count).context("too few names")?;
            bots.extend(guests(house, "court", new).await?);
            let text = format!("{} people", count + 1);
            tab.until(&text, |view| view.people.as_deref() == Some(&text)).await?;
            for (width, height) in [(1280, 800), (390, 844), (844, 390), (640, 640), (1920, 1080)] {
                tab.resize(width, height).await?;
                until(&format!("{count} others in {width}×{height}"), async || {
                    let stage = Stage::of(&tab).await?;
                    let settled = (stage.width - f64::from(width)).abs() < 60.0;
                    if settled {
                        stage.check()?;
                        let all = stage.tiles.len() == count + 1;
                        ensure!(
                            all || stage.page.is_some(),
                            "{} of {count} without pages",
                            stage.tiles.len()
                        );
                    }
                    Ok(Seen::when(settled, &stage))
                })
                .await?;
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn whoever_joins_stops_nobodys_picture() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let speaker = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        speaker.enter("court", "Ada").await?;
        let tab = watcher(house, "court").await?;
        tab.sees_and_hears(&["Ada"]).await?;
        let keep = "
            const video = document.querySelector('[data-name=Ada] video');
            window.kept = { video, events: [] };
            for (const name of ['emptied', 'pause', 'playing', 'loadeddata']) {
                video.addEventListener(name, () => window.kept.events.push(name));
            }";
        let _: Option<bool> = tab.script(keep, vec![]).await?;
        let before = Stage::of(&tab).await?;
        let _bots = guests(house, "court", &["Cy", "Di", "Ed", "Fay"]).await?;
        tab.until("six", |view| view.people.as_deref() == Some("6 people")).await?;
        let after = until_role(&tab, "Bo", Some("alike")).await?;
        let width = |stage: &Stage| stage.tile("Ada").map(|tile| tile.width);
        ensure!(width(&after) < width(&before), "the tile is no smaller: {before:?}, {after:?}");
        tab.until_moving("Ada's picture going on", |_, moved| moved.running() == 1).await?;
        let kept: (bool, Vec<String>) = tab
            .script(
                "return [kept.video === document.querySelector('[data-name=Ada] video'), kept.events]",
                vec![],
            )
            .await?;
        ensure!(kept == (true, vec![]), "the same video, and no event: {kept:?}");
        Ok(())
    })
    .await
}

/// The lines on which packets of video came within a second.
async fn coming(tab: &Tab) -> Result<Vec<String>> {
    let count = async || -> Result<BTreeMap<String, u64>> {
        let stats = tab.stats().await?;
        Ok(stats.pictures().map(|report| (report.mid.clone(), report.packets_received)).collect())
    };
    let (start, before) = (Instant::now(), count().await?);
    until("a second's end", async || {
        Ok(Seen::when(start.elapsed() > Duration::from_secs(1), &start.elapsed()))
    })
    .await?;
    let after = count().await?;
    let came = after.into_iter().filter(|(mid, packets)| *packets > before.get(mid).copied().unwrap_or(0));
    Ok(came.map(|(mid, _)| mid).collect())
}

#[tokio::test]
async fn only_who_is_on_the_page_is_received() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        tab.resize(390, 844).await?;
        // Without sound: who speaks comes to the first page.
        let sends = |name: &str| {
            let options = Options::publisher(&house.server.socket(), "court").named(name);
            Options { audio: false, ..options }
        };
        let _near = Bot::join(sends("near")).await?;
        let _between =
            guests(house, "court", &["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"]).await?;
        let _far = Bot::join(sends("far")).await?;
        // The line by which somebody alone comes who is on this page. For a moment that is still another one's.
        let on = async |name: &str, page: &str, comes: &dyn Fn(&str) -> bool| -> Result<String> {
            until(&format!("{name} alone on page {page}"), async || {
                let (stage, lines) = (Stage::of(&tab).await?, coming(&tab).await?);
                let is_there = stage.role(name).is_some() && stage.page.as_deref() == Some(page);
                let seen = format!("{lines:?} {stage:?}");
                Ok(match lines.as_slice() {
                    [line] if is_there && comes(line) => Seen::Yes(line.clone()),
                    _ => Seen::NotYet(seen),
                })
            })
            .await
        };
        let near = on("near", "1 / 2", &|_| true).await?;
        tab.click("page-next").await?;
        on("far", "2 / 2", &|line| line != near).await?;
        tab.click("page-previous").await?;
        on("near", "1 / 2", &|line| line == near).await?;
        Ok(())
    })
    .await
}

/// By the menu, which is there for fingers too.
async fn press_pin(tab: &Tab, name: &str) -> Result<()> {
    tab.click_on(&format!("[data-name={name}] [data-testid=tile-more]")).await?;
    tab.click("menu-pin").await
}

#[tokio::test]
async fn who_is_pinned_is_large_and_the_others_stand_beside() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        let _bots = guests(house, "court", &["Cy", "Di", "Ed"]).await?;
        until_role(&tab, "Di", Some("alike")).await?;
        press_pin(&tab, "Di").await?;
        let stage = until_role(&tab, "Di", Some("large")).await?;
        stage.check()?;
        let area = |name| stage.tile(name).map_or(0.0, |tile| tile.width * tile.height);
        for other in ["Bo", "Cy", "Ed"] {
            ensure!(stage.role(other) == Some("beside") && area("Di") > 8.0 * area(other), "{stage:?}");
        }
        press_pin(&tab, "Cy").await?;
        let stage = until_role(&tab, "Cy", Some("large")).await?;
        stage.check()?;
        ensure!(stage.role("Di") == Some("large"), "one of two is no longer large: {stage:?}");
        press_pin(&tab, "Cy").await?;
        press_pin(&tab, "Di").await?;
        until_role(&tab, "Di", Some("alike")).await?.check()
    })
    .await
}

async fn choose(tab: &Tab, choice: &str) -> Result<()> {
    tab.click("layout").await?;
    tab.click_on(&format!("[data-choice={choice}]")).await
}

#[tokio::test]
async fn the_speaker_view_shows_who_speaks() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        let _bots = guests(house, "court", &["Cy", "Di"]).await?;
        until_role(&tab, "Di", Some("alike")).await?;
        choose(&tab, "speaker").await?;
        until_role(&tab, "Cy", Some("large")).await?.check()?;
        let talks = Wishes { sound: Sound::Talk, ..Kind::Chromium.with_devices() };
        let speaker = house.browser(talks).await?.window().await?;
        speaker.enter("court", "Ada").await?;
        until_role(&tab, "Ada", Some("large")).await?.check()?;
        choose(&speaker, "speaker").await?;
        let stage = until_role(&speaker, "Ada", Some("beside")).await?;
        ensure!(stage.tiles.iter().any(|tile| tile.role == "large"), "nobody is large: {stage:?}");
        choose(&tab, "grid").await?;
        until_role(&tab, "Ada", Some("alike")).await?.check()
    })
    .await
}

#[tokio::test]
async fn ones_own_picture_floats_beside_one_other_and_goes_where_it_is_put() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        until_role(&tab, "Bo", Some("alike")).await?;
        let bots = guests(house, "court", &["Cy"]).await?;
        let own = "[data-self=true]";
        let corner = async |what: &str, left: bool, top: bool| {
            until(what, async || {
                let stage = Stage::of(&tab).await?;
                let Some(tile) = stage.tile("Bo").filter(|tile| tile.role == "floating") else {
                    return Ok(Seen::NotYet(format!("{stage:?}")));
                };
                let is = (tile.x < stage.width / 3.0, tile.y < stage.height / 3.0) == (left, top);
                Ok(Seen::when(is, &stage))
            })
            .await
        };
        corner("floating in its corner", false, false).await?;
        tab.drag(own, -500, -20).await?;
        corner("dragged to the left", true, false).await?;
        tab.press_on(own, "ArrowUp").await?;
        corner("sent up by a key", true, true).await?;
        // Who comes now is met by a grid, and who is left by the same corner.
        let third = guests(house, "court", &["Di"]).await?;
        until_role(&tab, "Bo", Some("alike")).await?.check()?;
        drop(third);
        corner("floating again", true, true).await?;

        tab.click_on("[data-self=true] [data-testid=tile-more]").await?;
        tab.click("own-among").await?;
        until_role(&tab, "Bo", Some("alike")).await?.check()?;
        tab.click_on("[data-self=true] [data-testid=tile-more]").await?;
        tab.click("own-hide").await?;
        until_role(&tab, "Bo", None).await?;
        tab.open("/r/court").await?;
        tab.enter("court", "Bo").await?;
        until_role(&tab, "Cy", Some("alike")).await?;
        ensure!(Stage::of(&tab).await?.role("Bo").is_none(), "what was hidden is remembered");
        tab.click("layout").await?;
        tab.click("own-show").await?;
        corner("brought back", true, true).await?;
        drop(bots);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_volume_is_its_persons() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let speaker = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        speaker.enter("court", "Ada").await?;
        let tab = watcher(house, "court").await?;
        tab.sees_and_hears(&["Ada"]).await?;
        tab.click_on("[data-name=Ada] [data-testid=tile-more]").await?;
        tab.until("a slider", |view: &View| view.shows("volume")).await?;
        let softer = "
            const range = document.querySelector('[data-testid=volume]');
            range.value = 30;
            range.dispatchEvent(new Event('input', { bubbles: true }));";
        let _: Option<bool> = tab.script(softer, vec![]).await?;
        until("one voice of the four softer", async || {
            let script = "return [...document.querySelectorAll('audio')].map((audio) => Math.round(audio.volume * 100))";
            let volumes: Vec<u32> = tab.script(script, vec![]).await?;
            let softer = volumes.iter().filter(|volume| **volume == 30).count();
            let usual = volumes.iter().filter(|volume| **volume == 100).count();
            Ok(Seen::when(softer == 1 && usual + 1 == volumes.len(), &volumes))
        })
        .await
    })
    .await
}
