//! More people than a page has seats for at first.

use anyhow::Result;
use e2e::{Capture, Kind, Settings, Wishes, in_house};

#[tokio::test]
async fn six_people_see_and_hear_one_another() -> Result<()> {
    const NAMES: [&str; 6] = ["Ada", "Bo", "Cy", "Di", "Ed", "Fay"];
    in_house(Settings::default(), async |house| {
        let tiny = Wishes { capture: Capture::Tiny, ..Kind::Chromium.with_devices() };
        let chromium = house.browser(tiny).await?;
        let mut tabs = Vec::new();
        for name in NAMES {
            let tab = chromium.window().await?;
            tab.enter("square", name).await?;
            tabs.push((name, tab));
        }
        for (own, tab) in &tabs {
            let others: Vec<&str> = NAMES.into_iter().filter(|name| name != own).collect();
            tab.sees_and_hears(&others).await?;
            tab.until("six people", |view| view.people.as_deref() == Some("6 people")).await?;
        }
        Ok(())
    })
    .await
}
