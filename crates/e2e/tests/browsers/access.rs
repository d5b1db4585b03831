//! Everybody can use it: axe-core looks at every page and every panel, in both themes, wide and narrow, and finds nothing
//! serious. What no program can see, the focus and the keys, is in `talk`.

use anyhow::Result;
use e2e::{Devices, Kind, Settings, Tab, in_house};

/// <https://github.com/dequelabs/axe-core>, under the licence that stands in it.
const AXE: &str = include_str!("../../assets/axe.min.js");

/// What is serious, in words: the rule, the element, and why.
const LOOK: &str = "
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
    const ending = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(ending.map((animation) => animation.finished));
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`));";

#[tokio::test]
async fn pages_without_a_call() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.open("/").await?;
        tab.until("the start page", |view| view.shows("go")).await?;
        is_accessible(&tab, "the start page").await?;
        tab.open("/r/a%20b").await?;
        tab.until("a dead end", |view| view.shows("dead-end")).await?;
        is_accessible(&tab, "a dead end").await?;
        tab.wait_at("porch", "Ada").await?;
        is_accessible(&tab, "the lobby").await?;
        tab.join().await?;
        tab.until("the room", |view| view.shows("room")).await?;
        is_accessible(&tab, "the room alone").await?;
        tab.click("leave").await?;
        tab.until("the end", |view| view.shows("ended")).await?;
        is_accessible(&tab, "the end").await
    })
    .await
}

#[tokio::test]
async fn the_lobby_without_devices() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = house.browser(Kind::Chromium.with(Devices::Refused)).await?.window().await?;
        tab.wait_at("porch", "Ada").await?;
        is_accessible(&tab, "the lobby without devices").await
    })
    .await
}

#[tokio::test]
async fn the_room_and_its_panels() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, bo) = (chromium.window().await?, chromium.window().await?);
        bo.enter("porch", "Bo").await?;
        bo.click("open-chat").await?;
        bo.write("chat-field", "See https://example.org").await?;
        bo.click("chat-send").await?;
        bo.click("raise-hand").await?;
        ada.enter("porch", "Ada").await?;
        ada.sees_and_hears(&["Bo"]).await?;
        is_accessible(&ada, "the room").await?;
        for (open, panel) in [
            ("open-chat", "chat-panel"),
            ("open-people", "people-panel"),
            ("invite", "invite-panel"),
            ("quality", "quality-panel"),
            ("pick-camera-open", "settings"),
        ] {
            ada.click(open).await?;
            ada.until(panel, |view| view.shows(panel)).await?;
            is_accessible(&ada, panel).await?;
        }
        ada.click("panel-close").await?;
        for (open, shown) in [("more", "more-menu"), ("reactions", "reaction-choice")] {
            ada.click(open).await?;
            ada.until(shown, |view| view.shows(shown)).await?;
            is_accessible(&ada, shown).await?;
            ada.escape().await?;
            ada.until("the room again", |view| !view.shows(shown)).await?;
        }
        ada.key('?').await?;
        ada.until("the keys", |view| view.shows("shortcuts-sheet")).await?;
        is_accessible(&ada, "the keys").await?;
        ada.escape().await?;

        ada.resize(390, 844).await?;
        is_accessible(&ada, "the room on a phone").await?;
        ada.click("open-chat").await?;
        ada.until("the chat", |view| view.shows("chat-panel")).await?;
        is_accessible(&ada, "the chat on a phone").await
    })
    .await
}

/// Looks in both themes.
pub async fn is_accessible(tab: &Tab, what: &str) -> Result<()> {
    let _: Option<bool> = tab.script(&format!("if (!window.axe) {{ {AXE} }}"), vec![]).await?;
    for theme in ["light", "dark"] {
        tab.theme(theme).await?;
        let look = format!("return (async () => {{ {LOOK} }})()");
        let found: Vec<String> = tab.script(&look, vec![]).await?;
        anyhow::ensure!(found.is_empty(), "{what}, {theme}: {}", found.join("\n"));
    }
    Ok(())
}
