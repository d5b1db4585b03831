//! Pages of the stage, turned by keys and by fingers.

use crate::layouts::{Stage, guests, watcher};
use crate::talk::focused;
use anyhow::{Result, ensure};
use e2e::{Seen, Settings, Tab, in_house, until};
use thirtyfour::Key;

#[tokio::test]
async fn pages_are_turned_by_keys_and_by_fingers() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        tab.resize(390, 844).await?;
        let names = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11"];
        let _guests = guests(house, "court", &names).await?;
        shows(&tab, "1 / 2").await?;
        tab.key(Key::PageDown).await?;
        shows(&tab, "2 / 2").await?;
        tab.key(Key::PageUp).await?;
        shows(&tab, "1 / 2").await?;

        tab.swipe("#stage", -150, 20).await?;
        shows(&tab, "2 / 2").await?;
        tab.swipe("#stage", 20, 150).await?;
        ensure!(Stage::of(&tab).await?.page.as_deref() == Some("2 / 2"), "turned by a finger that went down");
        tab.swipe("#stage", 20, 0).await?;
        ensure!(Stage::of(&tab).await?.page.as_deref() == Some("2 / 2"), "turned by a touch");
        tab.swipe("#stage", 150, -20).await?;
        shows(&tab, "1 / 2").await?;

        // While one writes, the key is the field's.
        tab.click("open-chat").await?;
        tab.click("chat-field").await?;
        focused(&tab, "chat-field").await?;
        tab.key(Key::PageDown).await?;
        ensure!(Stage::of(&tab).await?.page.as_deref() == Some("1 / 2"), "turned by whom writes");
        Ok(())
    })
    .await
}

async fn shows(tab: &Tab, page: &str) -> Result<()> {
    until(&format!("page {page}"), async || {
        let stage = Stage::of(tab).await?;
        Ok(Seen::when(stage.page.as_deref() == Some(page), &stage))
    })
    .await
}
