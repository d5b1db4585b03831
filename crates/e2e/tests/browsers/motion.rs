//! Whoever wants nothing to move sees nothing move.

use crate::layouts::{guests, until_role, watcher};
use anyhow::{Result, ensure};
use e2e::{Settings, Tab, in_house};

/// Notes by name whatever runs from one frame to the next, however short.
const WATCH: &str = "
    window.moved = new Set();
    const look = () => {
        for (const animation of document.getAnimations()) {
            moved.add(animation.animationName ?? animation.transitionProperty ?? 'another');
        }
        requestAnimationFrame(look);
    };
    look();
    return true";

#[tokio::test]
async fn nothing_moves_for_whom_wants_it_still() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let tab = watcher(house, "court").await?;
        ensure!(tab.script::<bool>(WATCH, vec![]).await?);
        let mut here = guests(house, "court", &["Cy"]).await?;
        until_role(&tab, "Cy", Some("alike")).await?;
        let moving = moved(&tab).await?;
        ensure!(!moving.is_empty(), "nobody is watched");

        tab.still().await?;
        let _: bool = tab.script("moved.clear(); return true", vec![]).await?;
        let (more, ()) = tokio::try_join!(
            guests(house, "court", &["Di", "Ed"]),
            tab.until("news, which are not there for long", |view| view.shows("toast")),
        )?;
        here.extend(more);
        until_role(&tab, "Ed", Some("alike")).await?;
        tab.key('p').await?;
        tab.until("people", |view| view.shows("people-panel")).await?;
        tab.key('r').await?;
        tab.key('1').await?;
        tab.until("a reaction", |view| view.shows("float")).await?;
        tab.click_on("[data-name=Ed] [data-testid=tile-more]").await?;
        tab.click("menu-pin").await?;
        until_role(&tab, "Ed", Some("large")).await?;
        let moving = moved(&tab).await?;
        ensure!(moving.is_empty(), "{moving:?}");
        Ok(())
    })
    .await
}

async fn moved(tab: &Tab) -> Result<Vec<String>> {
    tab.script("return [...moved]", vec![]).await
}
