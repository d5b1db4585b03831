//! Taking a picture of a page, into `target/shots`: for people to look at.

use crate::tab::Tab;
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Sizes of pages, in CSS pixels.
pub const LAPTOP: (u32, u32) = (1280, 800);
/// See [`LAPTOP`].
pub const PHONE: (u32, u32) = (390, 844);
/// A phone that lies. See [`LAPTOP`].
pub const LYING: (u32, u32) = (844, 390);
/// See [`LAPTOP`].
pub const WIDE: (u32, u32) = (1920, 1080);

/// Waits until the page has measured itself, all pictures that come have come, and nothing moves but what always does;
/// then how wide the screen is, and the page.
const SETTLE: &str = "
    const frame = () => new Promise(requestAnimationFrame);
    const waits = (video) => video.srcObject && video.checkVisibility() && video.readyState < 2;
    return (async () => {
      for (let frames = 0; frames < 3; frames += 1) await frame();
      const late = performance.now() + 3000;
      while ([...document.querySelectorAll('video')].some(waits) && performance.now() < late) await frame();
      await frame();
      const ending = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity);
      await Promise.allSettled(ending.map((animation) => animation.finished));
      return [innerWidth, document.documentElement.scrollWidth];
    })()";

/// Takes it at this size, once nothing moves, and only if the page fits.
///
/// # Errors
/// When the page is wider than its screen, or the picture cannot be written.
pub async fn shoot(tab: &Tab, name: &str, size: (u32, u32)) -> Result<()> {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target =
        target.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")));
    shoot_into(tab, &target.join("shots"), name, size).await
}

/// The same, into a folder.
///
/// # Errors
/// As above.
pub async fn shoot_into(tab: &Tab, folder: &Path, name: &str, (width, height): (u32, u32)) -> Result<()> {
    fs::create_dir_all(folder)?;
    tab.resize(width, height).await?;
    let (inner, scroll): (u32, u32) = tab.script(SETTLE, vec![]).await?;
    ensure!(scroll <= inner, "{name}: the page is {scroll} px wide on a screen of {inner}");
    tab.shoot(&folder.join(format!("{name}.png"))).await
}
