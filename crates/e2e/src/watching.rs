//! What a test does with a picture that changes: makes it large or small on the page, hides it, looks how it
//! comes, and listens to the sound beside it.

use crate::stats::Report;
use crate::tab::Tab;
use crate::wait::{Seen, until};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::Key;

/// The sound since [`Tab::listens`] was asked last, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Heard {
    /// The longest time between two packets, or a little less: looked at 20 times a second.
    pub gap: f64,
    /// The longest stretch that the browser made up, because nothing had come.
    pub made_up: f64,
    /// All that it made up.
    pub made_up_in_all: f64,
    /// How often it was looked.
    pub looks: u32,
}

/// A picture in one second, and what the server said of the way there.
#[derive(Clone, Debug)]
pub struct Second {
    /// Of the picture, in pixels; none without one.
    pub height: u32,
    /// Decoded.
    pub frames: u64,
    /// As the message has it.
    pub downlink: Option<Value>,
}

/// A stage that hides no part of what stands on it, with nobody there.
const ALONE: &str = ".stage { overflow: visible; z-index: 1 } [data-testid=tile] { display: none }";

impl Tab {
    /// Shows these people so large, in CSS pixels, and nobody else. By a sheet of its own, since the pages'
    /// policy forbids styles that are written into them.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn lay_out(&self, tiles: &[(&str, u32, u32)]) -> Result<()> {
        let rules = tiles.iter().map(|(name, width, height)| {
            format!(
                "[data-testid=tile][data-name=\"{name}\"]:not([data-self=true]) \
                 {{ display: grid; width: {width}px; height: {height}px; inset: 0 auto auto 0; translate: none; \
                 z-index: 1 }}"
            )
        });
        let rules: String = std::iter::once(ALONE.to_owned()).chain(rules).collect();
        let script = "
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(arguments[0]);
            document.adoptedStyleSheets = [sheet];";
        let _: Option<bool> = self.script(script, vec![json!(rules)]).await?;
        Ok(())
    }

    /// How somebody's picture comes; nothing while there is none.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn picture_of(&self, name: &str) -> Result<Option<Report>> {
        let (view, stats) = (self.view().await?, self.stats().await?);
        let mid = view.tile(name).and_then(|tile| tile.picture.as_ref()?.mid.clone());
        Ok(mid.and_then(|mid| stats.picture(&mid).cloned()))
    }

    /// Waits until somebody's picture runs, and is so high.
    ///
    /// # Errors
    /// When it never does.
    pub async fn sees_at(&self, name: &str, test: impl Fn(u32) -> bool) -> Result<()> {
        let mut running = Running::default();
        until(&format!("{name}'s picture at another size"), async || {
            let picture = self.picture_of(name).await?;
            let runs = running.look(picture.as_ref(), &test);
            Ok(Seen::when(runs, &(picture, self.view().await?)))
        })
        .await
    }

    /// Begins to listen, and tells what was heard since it was asked last.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn listens(&self) -> Result<Option<Heard>> {
        self.script(include_str!("ears.js"), vec![]).await
    }

    /// Looks at somebody's picture for so long, once a second.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn watches_for(&self, name: &str, time: Duration) -> Result<Vec<Second>> {
        let start = Instant::now();
        let mut seconds = Vec::new();
        let mut before: Option<Report> = None;
        until("the time's end", async || {
            let due = Duration::from_secs(seconds.len() as u64);
            if start.elapsed() >= due {
                let now = self.picture_of(name).await?;
                let downlink = self.view().await?.downlink();
                let frames = match (&before, &now) {
                    (Some(before), Some(now)) => now.frames_decoded.saturating_sub(before.frames_decoded),
                    _ => 0,
                };
                let height = now.as_ref().map_or(0, |now| now.frame_height);
                seconds.push(Second { height, frames, downlink });
                before = now;
            }
            Ok(Seen::when(start.elapsed() >= time, &seconds))
        })
        .await?;
        Ok(seconds.split_off(1))
    }

    /// Hides the page, as a person does who puts the window away.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn hide(&self) -> Result<()> {
        let turn = self.turn().await?;
        turn.driver.minimize_window().await?;
        drop(turn);
        self.is_hidden(true).await
    }

    /// Shows it again.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn show(&self) -> Result<()> {
        let turn = self.turn().await?;
        turn.driver.set_window_rect(0, 0, 1280, 800).await?;
        drop(turn);
        self.is_hidden(false).await
    }

    async fn is_hidden(&self, asked: bool) -> Result<()> {
        until(&format!("a page that is hidden: {asked}"), async || {
            let hidden: bool = self.script("return document.hidden", vec![]).await?;
            Ok(Seen::when(hidden == asked, &hidden))
        })
        .await
    }

    /// Presses Escape.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn escape(&self) -> Result<()> {
        let turn = self.turn().await?;
        Ok(turn.driver.active_element().await?.send_keys(Key::Escape).await?)
    }

    /// The browser and its version, in its own words.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn browser(&self) -> Result<String> {
        let agent: Value = self.script("return navigator.userAgent", vec![]).await?;
        let agent = agent.as_str().context("no user agent")?;
        let version = |name: &str| {
            let number = agent.split_once(name)?.1.split('.').next()?;
            Some(number.to_owned())
        };
        Ok(match (version("Chrome/"), version("Firefox/")) {
            (Some(number), _) => format!("Chromium {number}"),
            (None, Some(number)) => format!("Firefox {number}"),
            (None, None) => agent.to_owned(),
        })
    }
}

/// Whether a picture runs as it should: frames are decoded between two looks at which it was so.
#[derive(Debug, Default)]
pub struct Running {
    first: Option<u64>,
}

impl Running {
    /// Takes a look.
    pub fn look(&mut self, picture: Option<&Report>, test: impl Fn(u32) -> bool) -> bool {
        match picture.filter(|picture| test(picture.frame_height)) {
            None => self.first = None,
            Some(picture) => {
                let first = *self.first.get_or_insert(picture.frames_decoded);
                return picture.frames_decoded > first + 1;
            }
        }
        false
    }
}
