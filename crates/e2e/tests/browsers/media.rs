//! Sound and pictures reach everybody in the room, and nobody outside.

use anyhow::Result;
use e2e::{Browser, Kind, Settings, Tab, in_house};

#[tokio::test]
async fn three_chromiums_and_a_firefox_see_and_hear_one_another() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let firefox = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let mut tabs = Vec::new();
        for name in ["Ada", "Bo", "Cy"] {
            let tab = chromium.window().await?;
            tab.enter("courtyard", name).await?;
            tabs.push((name, tab));
        }
        firefox.enter("courtyard", "Fox").await?;
        tabs.push(("Fox", firefox));
        let everybody: Vec<&str> = tabs.iter().map(|(name, _)| *name).collect();
        for (own, tab) in &tabs {
            let others: Vec<&str> = everybody.iter().copied().filter(|name| name != own).collect();
            tab.sees_and_hears(&others).await?;
            tab.until("four people", |view| view.people.as_deref() == Some("4 people")).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn two_firefoxes_see_and_hear_each_other() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let firefox = house.browser(Kind::Firefox.with_devices()).await?;
        let (first, second) = (firefox.window().await?, firefox.window().await?);
        first.enter("den", "Red").await?;
        second.enter("den", "Grey").await?;
        first.sees_and_hears(&["Grey"]).await?;
        second.sees_and_hears(&["Red"]).await
    })
    .await
}

#[tokio::test]
async fn rooms_neither_see_nor_hear_each_other() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (tea_a, tea_b) = pair(chromium, "tea", ["Ada", "Bo"]).await?;
        let (mint_a, mint_b) = pair(chromium, "mint", ["Cy", "Di"]).await?;
        for (tab, other) in [(tea_a, "Bo"), (tea_b, "Ada"), (mint_a, "Di"), (mint_b, "Cy")] {
            tab.sees_and_hears(&[other]).await?;
            let stats = tab.stats().await?;
            let pictures = stats.pictures().filter(|report| report.packets_received > 0).count();
            let sounds = stats.sounds().filter(|report| report.packets_received > 0).count();
            anyhow::ensure!((pictures, sounds) == (1, 1), "beside {other}, something else came: {stats:?}");
        }
        Ok(())
    })
    .await
}

async fn pair(browser: &mut Browser, room: &str, names: [&str; 2]) -> Result<(Tab, Tab)> {
    let (first, second) = (browser.window().await?, browser.window().await?);
    let [first_name, second_name] = names;
    first.enter(room, first_name).await?;
    second.enter(room, second_name).await?;
    Ok((first, second))
}
