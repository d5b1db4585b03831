//! Pictures of the pages for whom wants to see what they look like, in `target/shots`. Each is taken only
//! of a page that shows what it should.

use anyhow::Result;
use e2e::shot::{LAPTOP, PHONE, shoot};
use e2e::{Kind, Settings, in_house};

#[tokio::test]
async fn every_page_has_its_picture_taken() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let tab = chromium.window().await?;
        tab.open("/").await?;
        tab.until("the start page", |view| view.offers("go")).await?;
        shoot(&tab, "home", LAPTOP).await?;
        shoot(&tab, "home-phone", PHONE).await?;

        tab.wait_at("quiet-otter-42", "Ada Lovelace").await?;
        shoot(&tab, "preview", LAPTOP).await?;
        shoot(&tab, "preview-phone", PHONE).await?;

        tab.join().await?;
        tab.until("being alone", |view| view.is_connected() && view.tiles.len() == 1).await?;
        shoot(&tab, "room-of-one", LAPTOP).await?;

        let mut others = Vec::new();
        for name in ["김민수", "🦦 Otter", "Bo"] {
            let other = chromium.window().await?;
            other.enter("quiet-otter-42", name).await?;
            others.push(other);
        }
        tab.sees_and_hears(&["김민수", "🦦 Otter", "Bo"]).await?;
        let [first, second, ..] = others.as_slice() else { anyhow::bail!("too few came") };
        first.click("toggle-mic").await?;
        second.click("toggle-camera").await?;
        tab.until("a badge and an avatar", |view| {
            view.tile("김민수").is_some_and(|tile| tile.muted)
                && view.tile("🦦 Otter").is_some_and(|tile| tile.avatar)
        })
        .await?;
        shoot(&tab, "room-of-four", LAPTOP).await?;
        shoot(&tab, "room-of-four-phone", PHONE).await?;

        tab.click("leave").await?;
        tab.until("a goodbye", |view| view.shows("ended")).await?;
        shoot(&tab, "goodbye", LAPTOP).await
    })
    .await
}
