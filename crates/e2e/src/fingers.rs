//! Fingers, as a person's on a phone. Chromium only.

use crate::tab::Tab;
use anyhow::{Context, Result};
use serde_json::json;

/// In so many steps a finger moves from one place to another.
const STEPS: i32 = 4;

impl Tab {
    /// Puts a finger on the middle of what a selector finds, moves it so far across and down, in CSS pixels, and lifts
    /// it.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn swipe(&self, selector: &str, across: i32, down: i32) -> Result<()> {
        let middle = "
            const box = document.querySelector(arguments[0])?.getBoundingClientRect();
            return box && [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]";
        let middle: Option<(i32, i32)> = self.script(middle, vec![json!(selector)]).await?;
        let (x, y) = middle.with_context(|| format!("{selector} is not there"))?;
        let at = |step: i32| vec![json!({ "x": x + across * step / STEPS, "y": y + down * step / STEPS })];
        let moves = (1..=STEPS).map(|step| ("touchMove", at(step)));
        let all = [("touchStart", at(0))].into_iter().chain(moves).chain([("touchEnd", vec![])]);
        let turn = self.turn().await?;
        for (kind, points) in all {
            let event = json!({ "type": kind, "touchPoints": points });
            turn.driver.cdp().send_raw("Input.dispatchTouchEvent", event).await?;
        }
        Ok(())
    }
}
