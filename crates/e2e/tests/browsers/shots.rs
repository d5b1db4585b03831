//! Taking a picture of a page, into `target/shots`.

use anyhow::Result;
use e2e::Tab;
use std::{fs, path::PathBuf};

pub const LAPTOP: (u32, u32) = (1280, 800);
pub const PHONE: (u32, u32) = (390, 844);

/// Waits until the page has measured itself and nothing moves but what always does; then how wide the
/// screen is, and the page.
const SETTLE: &str = "
    const frame = () => new Promise(requestAnimationFrame);
    return (async () => {
      for (let frames = 0; frames < 3; frames += 1) await frame();
      const ending = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity);
      await Promise.allSettled(ending.map((animation) => animation.finished));
      return [innerWidth, document.documentElement.scrollWidth];
    })()";

/// Takes it at this size, once nothing moves, and only if the page fits.
pub async fn shoot(tab: &Tab, name: &str, (width, height): (u32, u32)) -> Result<()> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/shots"));
    fs::create_dir_all(&folder)?;
    tab.resize(width, height).await?;
    let (inner, scroll): (u32, u32) = tab.script(SETTLE, vec![]).await?;
    anyhow::ensure!(scroll <= inner, "{name}: the page is {scroll} px wide on a screen of {inner}");
    tab.shoot(&folder.join(format!("{name}.png"))).await
}
