//! A house where rooms are closed: the operator's page, by the keyboard, and what people see at the door.

use crate::access::is_accessible;
use anyhow::{Context, Result};
use bot::http::request;
use e2e::{ADMIN_KEY, House, Kind, Seen, Settings, Tab, in_house, until};
use serde_json::{Value, json};

const ENTER: char = '\u{e007}';
const TAB: char = '\u{e004}';

fn closed() -> Settings {
    Settings { closed: true, ..Settings::default() }
}

/// The path of an invitation to a room.
async fn invitation(house: &House, asked: Value) -> Result<String> {
    let key = format!("Bearer {ADMIN_KEY}");
    let head = [("Authorization", key.as_str())];
    let body = asked.to_string();
    let response = request(house.server.address(), "POST", "/api/tokens", &head, body.as_bytes()).await?;
    let made: Value = serde_json::from_str(&response.body).with_context(|| format!("{response:?}"))?;
    Ok(made.get("path").and_then(Value::as_str).context("no path")?.to_owned())
}

async fn says(tab: &Tab, expected: &str) -> Result<()> {
    until(&format!("{expected:?} said"), async || {
        let said: String = tab.script("return document.getElementById('said').textContent", vec![]).await?;
        Ok(Seen::when(said.contains(expected), &said))
    })
    .await
}

#[tokio::test]
async fn the_operator_makes_a_room_and_people_are_asked_for_its_password() -> Result<()> {
    in_house(closed(), async |house| {
        let operator = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        operator.open("/admin").await?;
        is_accessible(&operator, "the operator's page, outside").await?;
        operator.click_on("#key").await?;
        operator.types("not the key of the courtyard").await?;
        operator.key(ENTER).await?;
        says(&operator, "not the key").await?;
        operator.types(ADMIN_KEY).await?;
        operator.key(ENTER).await?;
        until("the operator's page, inside", async || {
            let focused: String = operator.script("return document.activeElement.id", vec![]).await?;
            Ok(Seen::when(focused == "room-name", &focused))
        })
        .await?;
        operator.types("pavilion").await?;
        operator.key(TAB).await?;
        operator.types("persimmon").await?;
        operator.key(ENTER).await?;
        says(&operator, "/r/pavilion").await?;
        is_accessible(&operator, "the operator's page, inside").await?;

        let tab = operator;
        tab.wait_at("pavilion", "Ada").await?;
        tab.join().await?;
        tab.until("being asked for the password", |view| view.shows("closed-notice") && view.offers("join"))
            .await?;
        is_accessible(&tab, "the door of a closed room").await?;
        tab.write("password-input", "quince").await?;
        tab.join().await?;
        until("being asked again", async || {
            let written = tab.text("password-input").await?;
            Ok(Seen::when(written.as_deref() == Some(""), &written))
        })
        .await?;
        tab.until("the preview again", |view| view.preview && view.offers("join")).await?;
        tab.write("password-input", "persimmon").await?;
        tab.join().await?;
        tab.until("being inside", e2e::view::View::is_connected).await
    })
    .await
}

#[tokio::test]
async fn an_invitation_leaves_the_address_and_outlives_a_reload_and_a_restart() -> Result<()> {
    in_house(closed(), async |house| {
        let path = invitation(house, json!({ "room": "stage", "name": "Dr. Ada" })).await?;
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.open(&path).await?;
        tab.write("name-input", "Ada").await?;
        for _ in 0..2 {
            tab.until("a way in", |view| view.preview && view.offers("join")).await?;
            let address: String = tab.script("return location.href", vec![]).await?;
            anyhow::ensure!(address.ends_with("/r/stage"), "{address}");
            tab.join().await?;
            tab.until("being inside", e2e::view::View::is_connected).await?;
            let _: Value = tab.script("location.reload(); return true", vec![]).await?;
        }
        tab.until("a way in", |view| view.preview && view.offers("join")).await?;
        tab.join().await?;
        tab.until("being inside", e2e::view::View::is_connected).await?;
        house.server.kill()?;
        tab.until("words about reconnecting", |view| {
            view.status.as_deref().is_some_and(|status| status.contains("Reconnecting"))
        })
        .await?;
        house.server.start_again().await?;
        tab.until("being inside again", e2e::view::View::is_connected).await
    })
    .await
}

#[tokio::test]
async fn at_home_no_room_is_proposed_that_nobody_could_enter() -> Result<()> {
    in_house(closed(), async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.open("/").await?;
        until("what it takes to enter, in words", async || {
            let about = tab.text("about").await?;
            let is_told = about.as_deref().is_some_and(|words| words.contains("invitation"));
            Ok(Seen::when(is_told, &about))
        })
        .await?;
        let proposed = tab.text("room-input").await?.unwrap_or_default();
        anyhow::ensure!(proposed.is_empty(), "{proposed} is proposed");
        is_accessible(&tab, "the start page").await
    })
    .await
}
