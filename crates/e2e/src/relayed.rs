//! What the server forwards, by its own count, and how evenly a picture runs on the page.

use crate::tab::Tab;
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

/// Looks at every frame of a picture, as the page presents it.
const WATCH: &str = include_str!("frames.js");

/// The frames of a picture since [`Tab::watch_frames`] was asked.
#[derive(Clone, Debug, Deserialize)]
pub struct Frames {
    /// How many.
    pub count: u64,
    /// The longest time between two on one track, in milliseconds.
    pub steady: f64,
    /// Where the track changed between two, the time between these, in milliseconds.
    pub switches: Vec<f64>,
}

impl Tab {
    /// RTP packets that the server ever sent to anybody.
    ///
    /// # Errors
    /// When the server or the page does not answer.
    pub async fn packets_forwarded(&self) -> Result<u64> {
        self.figure("packets_out_total").await
    }

    /// A figure of the server's own, by its name without `madang_`.
    ///
    /// # Errors
    /// When the server or the page does not answer.
    pub async fn figure(&self, name: &str) -> Result<u64> {
        let text: String =
            self.script("return fetch('/metrics').then((answer) => answer.text())", vec![]).await?;
        let name = format!("madang_{name} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        line.context("no such figure")?.parse().context("a figure that is no number")
    }

    /// Counts somebody's frames from now on, or from their first one if they are not seen yet.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn watch_frames(&self, name: &str) -> Result<()> {
        let _: Option<bool> = self.script(WATCH, vec![json!(name)]).await?;
        Ok(())
    }

    /// What was counted since.
    ///
    /// # Errors
    /// When nothing was.
    pub async fn frames(&self, name: &str) -> Result<Frames> {
        let script = "
            const all = window.e2e.frames[arguments[0]];
            return { count: all.count, switches: all.switches, steady: all.steady };";
        self.script(script, vec![json!(name)]).await
    }
}
