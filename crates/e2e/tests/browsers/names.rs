//! Names are text, whatever is in them; and a name that cannot be used is refused in words.

use anyhow::Result;
use e2e::{Devices, Kind, Settings, in_house};

#[tokio::test]
async fn names_are_shown_as_they_were_written() -> Result<()> {
    const NAMES: [&str; 3] = ["<img src=x onerror=window.owned=1>", "🦦 한글 é", "<b>Bo</b> &amp; {{1+1}}"];
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with(Devices::None)).await?;
        let mut tabs = Vec::new();
        for name in NAMES {
            let tab = chromium.window().await?;
            tab.enter("table", name).await?;
            tabs.push(tab);
        }
        for tab in &tabs {
            tab.until("everybody", |view| view.tiles.len() == NAMES.len()).await?;
            let view = tab.view().await?;
            for other in view.others() {
                anyhow::ensure!(NAMES.contains(&other.name.as_str()), "{:?} was not written", other.name);
                anyhow::ensure!(
                    other.caption == other.name,
                    "{:?} is shown for {:?}",
                    other.caption,
                    other.name
                );
                anyhow::ensure!(other.elements.is_empty(), "{:?} became {:?}", other.name, other.elements);
            }
            let owned: bool = tab.script("return 'owned' in window", vec![]).await?;
            anyhow::ensure!(!owned, "a name was run as a script");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_name_that_cannot_be_used_is_refused_in_words() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        tab.wait_at("table", "").await?;
        for (name, words) in [
            (String::new(), "Tell the others your name"),
            ("   ".to_owned(), "Tell the others your name"),
            ("x".repeat(49), "At most 48 characters"),
        ] {
            tab.write("name-input", &name).await?;
            tab.join().await?;
            let said = tab.text("name-input-error").await?.unwrap_or_default();
            anyhow::ensure!(said.contains(words), "{name:?} is answered {said:?}");
            anyhow::ensure!(tab.view().await?.shows("lobby"), "{name:?} leads somewhere");
        }
        tab.write("name-input", &"🦦".repeat(48)).await?;
        tab.join().await?;
        tab.until("the room", e2e::view::View::is_connected).await
    })
    .await
}

#[tokio::test]
async fn a_room_name_that_cannot_be_used_is_refused_in_words() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::None)).await?.window().await?;
        tab.open("/").await?;
        tab.write("name-input", "Ada").await?;
        for (room, words) in [
            (String::new(), "Give the room a name"),
            ("a b".to_owned(), "Only letters, digits"),
            ("x".repeat(65), "At most 64 characters"),
        ] {
            tab.write("room-input", &room).await?;
            tab.click("go").await?;
            let said = tab.text("room-input-error").await?.unwrap_or_default();
            anyhow::ensure!(said.contains(words), "{room:?} is answered {said:?}");
        }
        tab.open("/r/a%20b").await?;
        tab.until("a dead end", |view| view.shows("dead-end") && view.shows("go-home")).await?;
        tab.open("/r/마당").await?;
        tab.until("a room with a name in Korean", |view| view.offers("join-without-devices")).await
    })
    .await
}
