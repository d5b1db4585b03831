//! Pictures of every page and state, with the made-up people of the client's gallery: `shots CLIENT INTO [PART OF A NAME
//! ...]`. `cargo xtask shots` builds that client and calls this.

mod files;

use anyhow::{Context, Result};
use e2e::shot::{LAPTOP, LYING, PHONE, WIDE, shoot_into};
use e2e::{Browser, Folder, Kind, Pages, Seen, Tab, until};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs};

const SIZES: [(&str, (u32, u32)); 4] =
    [("phone", PHONE), ("lying", LYING), ("laptop", LAPTOP), ("wide", WIDE)];
const COUNTS: [u32; 5] = [1, 2, 5, 12, 49];
const LANGUAGES: [&str; 2] = ["en", "ko"];

/// What a state is called, and its address. Each in one language and surrounding on a phone and a laptop, by turns.
const STATES: [(&str, &str); 26] = [
    ("home", "/"),
    ("lobby", "/r/quiet-otter-42"),
    ("not-found", "/nowhere/at-all"),
    ("bad-link", "/r/quiet%20otter!"),
    ("left", "/gallery/3?left"),
    ("full", "/gallery/3?full"),
    ("unreachable", "/gallery/3?unreachable"),
    ("joining", "/gallery/1?joining"),
    ("empty", "/gallery/1?bare"),
    ("reconnecting", "/gallery/5?reconnecting&quality"),
    ("paused", "/gallery/5?paused"),
    ("paused-small", "/gallery/24?paused"),
    ("speaking", "/gallery/5?speaking&hands&quality"),
    ("speaking-small", "/gallery/30?speaking&hands&quality"),
    ("details", "/gallery/5?details"),
    ("problem", "/gallery/4?problem&bare"),
    ("avatars", "/gallery/9?bare"),
    ("screen", "/gallery/4?screen"),
    ("screen-of-many", "/gallery/24?screen&hands"),
    ("sharing", "/gallery/3?sharing"),
    ("speaker", "/gallery/12?layout=speaker&speaking"),
    ("pinned", "/gallery/7?pinned"),
    ("chat", "/gallery/5?chat"),
    ("invitation", "/gallery/2?invite"),
    ("people", "/gallery/6?people&speaking&hands"),
    ("settings", "/gallery/3?settings"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut path =
        |what: &str| arguments.next().map(PathBuf::from).with_context(|| format!("no {what} is given"));
    let (client, into) = (path("folder of the client")?, path("folder to write to")?);
    let parts: Vec<String> = arguments.collect();
    let port = files::serve(client).await?;
    let folder = Folder::new()?;
    let mut browser =
        Browser::start(folder.path(), 1, Kind::Chromium.with_devices(), Pages::of_this_machine(port)).await?;
    let taken = match browser.window().await {
        Ok(tab) => take_all(&tab, &into, &parts).await,
        Err(error) => Err(error),
    };
    browser.quit().await?;
    taken
}

/// One page in one language and surrounding, and the pictures of it.
struct Page {
    path: String,
    language: &'static str,
    dark: bool,
    shots: Vec<(String, (u32, u32))>,
}

async fn take_all(tab: &Tab, into: &Path, parts: &[String]) -> Result<()> {
    let mut pages = pages();
    for page in &mut pages {
        page.shots.retain(|(name, _)| parts.is_empty() || parts.iter().any(|part| name.contains(part)));
    }
    let total: usize = pages.iter().map(|page| page.shots.len()).sum();
    fs::create_dir_all(into)?;
    let mut taken = 0;
    for page in pages.iter().filter(|page| !page.shots.is_empty()) {
        tab.theme(if page.dark { "dark" } else { "light" }).await?;
        tab.open("/api/none").await?;
        let remember = "localStorage.setItem('madang.language', arguments[0])";
        let _: Option<bool> = tab.script(remember, vec![page.language.into()]).await?;
        tab.open(&page.path).await?;
        until("the page", async || {
            let shown: bool = tab.script("return !!document.querySelector('main')", vec![]).await?;
            Ok(Seen::when(shown, &page.path))
        })
        .await?;
        for (name, size) in &page.shots {
            let start = Instant::now();
            shoot_into(tab, into, name, *size).await?;
            taken += 1;
            eprintln!("      {taken}/{total} {name} ({:.1} s)", start.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    for count in COUNTS {
        for language in LANGUAGES {
            for dark in [false, true] {
                let scheme = if dark { "dark" } else { "light" };
                let name = |size: &str| format!("room-{count:02}-{size}-{language}-{scheme}");
                let shots = SIZES.map(|(size, pixels)| (name(size), pixels)).into();
                pages.push(Page { path: format!("/gallery/{count}"), language, dark, shots });
            }
        }
    }
    for (number, (state, path)) in STATES.into_iter().enumerate() {
        let shots =
            [("phone", PHONE), ("laptop", LAPTOP)].map(|(size, pixels)| (format!("{state}-{size}"), pixels));
        let language = if number % 4 < 2 { "en" } else { "ko" };
        pages.push(Page { path: path.to_owned(), language, dark: number % 2 == 1, shots: shots.into() });
    }
    pages
}
