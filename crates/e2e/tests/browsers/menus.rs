//! Menus over the stage: whose they are, and where the focus goes when they close.

use crate::layouts::{Stage, guests, until_role, watcher};
use crate::talk::focused;
use anyhow::{Result, ensure};
use e2e::{Seen, Settings, Tab, in_house, until};
use serde_json::json;
use thirtyfour::Key;

#[tokio::test]
async fn a_menu_is_its_tiles_and_gives_the_focus_back() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        let names = ["Cy", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "Di"];
        let _guests = guests(house, "court", &names).await?;
        until_role(&tab, "Di", Some("alike")).await?;

        // By keys alone, one menu takes another's place.
        tab.click("open-people").await?;
        tab.until("people", |view| view.shows("people-panel")).await?;
        enter_on(&tab, "[data-name=Cy] [data-testid=tile-more]").await?;
        menu_is(&tab, Some("More for Cy")).await?;
        enter_on(&tab, "[data-name=Di] [data-testid=tile-more]").await?;
        menu_is(&tab, Some("More for Di")).await?;

        // One thing closes at a time.
        tab.escape().await?;
        menu_is(&tab, None).await?;
        focused(&tab, "tile-more").await?;
        ensure!(tab.view().await?.shows("people-panel"), "the panel closed with the menu");
        tab.escape().await?;
        tab.until("no panel", |view| !view.shows("people-panel")).await?;

        // What is chosen brings the focus back too.
        for choice in ["speaker", "grid"] {
            enter_on(&tab, "[data-testid=layout]").await?;
            tab.until("the choice", |view| view.shows("layout-menu")).await?;
            enter_on(&tab, &format!("[data-choice={choice}]")).await?;
            tab.until("no choice", |view| !view.shows("layout-menu")).await?;
            focused(&tab, "layout").await?;
        }

        // It goes with its tile, which a smaller window has no room for, and does not come back with it.
        until_role(&tab, "Di", Some("alike")).await?;
        tab.click_on("[data-name=Di] [data-testid=tile-more]").await?;
        menu_is(&tab, Some("More for Di")).await?;
        tab.resize(390, 844).await?;
        until_role(&tab, "Di", None).await?;
        menu_is(&tab, None).await?;
        tab.resize(1280, 800).await?;
        until_role(&tab, "Di", Some("alike")).await?;
        Stage::of(&tab).await?;
        ensure!(!tab.view().await?.shows("tile-menu"), "the menu is back");
        Ok(())
    })
    .await
}

/// Reaches it by the keyboard, and presses it.
async fn enter_on(tab: &Tab, selector: &str) -> Result<()> {
    let script = "const found = document.querySelector(arguments[0]); found?.focus(); return document.activeElement === found";
    until(&format!("the focus on {selector}"), async || {
        let there: bool = tab.script(script, vec![json!(selector)]).await?;
        Ok(Seen::when(there, &there))
    })
    .await?;
    tab.key(Key::Enter).await
}

async fn menu_is(tab: &Tab, name: Option<&str>) -> Result<()> {
    until(&format!("the menu {name:?}"), async || {
        let script = "return document.querySelector('[data-testid=tile-menu]')?.ariaLabel ?? null";
        let menu: Option<String> = tab.script(script, vec![]).await?;
        Ok(Seen::when(menu.as_deref() == name, &menu))
    })
    .await
}
