//! The start page: a room to go to, and the rooms one was in.

use anyhow::Result;
use e2e::{Devices, Kind, Seen, Settings, Tab, in_house, until};
use serde_json::json;

#[tokio::test]
async fn a_fresh_room_name_is_filled_in() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        tab.open("/").await?;
        let mut names = Vec::new();
        for _ in 0..3 {
            tab.until("the start page", |view| view.offers("go")).await?;
            names.push(tab.text("room-input").await?.unwrap_or_default());
            tab.open("/").await?;
        }
        let parts = |name: &String| name.split('-').filter(|part| !part.is_empty()).count();
        anyhow::ensure!(names.iter().all(|name| parts(name) == 3), "{names:?}");
        anyhow::ensure!(
            names.windows(2).any(|pair| pair.first() != pair.last()),
            "always the same: {names:?}"
        );

        tab.until("the start page again", |view| view.offers("go")).await?;
        let Some(room) = tab.text("room-input").await? else { anyhow::bail!("no name is filled in") };
        tab.write("name-input", "Ada").await?;
        tab.click("go").await?;
        tab.until("its door", |view| view.shows("lobby") && view.path == format!("/r/{room}")).await
    })
    .await
}

#[tokio::test]
async fn rooms_visited_are_listed_newest_first_until_removed() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        for room in ["attic", "cellar", "garden", "attic"] {
            tab.enter(room, "Ada").await?;
        }
        tab.open("/").await?;
        lists(&tab, &["attic", "garden", "cellar"]).await?;
        tab.click_on("li:nth-child(2) [data-testid=recent-remove]").await?;
        lists(&tab, &["attic", "cellar"]).await?;
        focuses(&tab, "Forget cellar").await?;
        tab.open("/").await?;
        lists(&tab, &["attic", "cellar"]).await?;
        choose_language(&tab, "ko").await?;
        let labels =
            "return [...document.querySelectorAll('[data-testid=recent-remove]')].map((e) => e.ariaLabel)";
        // Its words are fetched.
        until("words in Korean", async || {
            let labels: Vec<String> = tab.script(labels, vec![]).await?;
            Ok(Seen::when(labels == ["attic 목록에서 지우기", "cellar 목록에서 지우기"], &labels))
        })
        .await?;
        choose_language(&tab, "en").await?;
        tab.click_on("li:nth-child(1) [data-testid=recent-remove]").await?;
        focuses(&tab, "Forget cellar").await?;
        tab.click_on("li:nth-child(1) [data-testid=recent-room]").await?;
        tab.until("the room's door", |view| view.shows("lobby") && view.path == "/r/cellar").await?;
        tab.open("/").await?;
        tab.click("recent-remove").await?;
        focuses(&tab, "h1").await
    })
    .await
}

/// The name of what has the focus.
async fn focuses(tab: &Tab, name: &str) -> Result<()> {
    until(&format!("the focus on {name:?}"), async || {
        let script = "return document.activeElement.ariaLabel ?? document.activeElement.localName";
        let focused: String = tab.script(script, vec![]).await?;
        Ok(Seen::when(focused == name, &focused))
    })
    .await
}

async fn choose_language(tab: &Tab, code: &str) -> Result<()> {
    let script = "
        const picker = document.querySelector('.languages');
        picker.value = arguments[0];
        picker.dispatchEvent(new Event('change', { bubbles: true }));
        return picker.value";
    let chosen: String = tab.script(script, vec![json!(code)]).await?;
    anyhow::ensure!(chosen == code, "{chosen}");
    Ok(())
}

async fn lists(tab: &Tab, rooms: &[&str]) -> Result<()> {
    tab.until("the start page", |view| view.offers("go")).await?;
    let listed = tab.texts("recent-room").await?;
    anyhow::ensure!(listed == rooms, "{listed:?} instead of {rooms:?}");
    Ok(())
}
