//! Data channels between browsers, through the server, as an application in the page uses them.

use anyhow::{Context, Result};
use e2e::{Devices, Kind, Seen, Settings, Tab, in_house, until};
use serde_json::{Value, json};

/// Asks for the channels, and notes what is told of them.
const OPEN: &str = "window.told = []; \
    madangData.open((event) => told.push({ ...event, data: event.data?.length ? [...event.data] : event.data }))";

#[tokio::test]
async fn text_and_bytes_go_from_chromium_to_firefox_and_back() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let ada = house.browser(Kind::Chromium.with(Devices::Given)).await?.window().await?;
        let bo = house.browser(Kind::Firefox.with(Devices::Given)).await?.window().await?;
        // Ada asks before she joins, Bo when he is in.
        ada.wait_at("lawn", "Ada").await?;
        ada.script::<Value>(OPEN, vec![]).await?;
        ada.join().await?;
        bo.enter("lawn", "Bo").await?;
        ada.sees_and_hears(&["Bo"]).await?;
        bo.script::<Value>(OPEN, vec![]).await?;
        for tab in [&ada, &bo] {
            told(tab, 1, "the channels open").await?;
        }
        send(&ada, "'마당'", "{}").await?;
        send(&ada, "new Uint8Array([0, 255])", "{ reliable: true }").await?;
        let heard = told(&bo, 3, "Ada's messages").await?;
        let from = heard[1]["from"].as_u64().context("from nobody")?;
        let message = |data| json!({ "type": "message", "from": from, "data": data });
        assert_eq!(heard[1..], [message(json!(["마", "당"])), message(json!([0, 255]))]);
        send(&bo, "'only you'", &format!("{{ to: {from}, reliable: false }}")).await?;
        let heard = told(&ada, 2, "Bo's message").await?;
        assert_eq!(heard[1]["data"], json!(["o", "n", "l", "y", " ", "y", "o", "u"]));
        bo.sees_and_hears(&["Ada"]).await
    })
    .await
}

#[tokio::test]
async fn a_later_listener_is_told_that_the_channels_are_open_and_when_they_close() -> Result<()> {
    in_house(Settings::default(), async |house| {
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        ada.enter("lawn", "Ada").await?;
        for _ in 0..2 {
            ada.script::<Value>(OPEN, vec![]).await?;
            let told = told(&ada, 1, "the channels open").await?;
            assert_eq!(told[0]["type"], "open");
        }
        // Everybody joins afresh, by another connection.
        house.server.kill()?;
        house.server.start_again().await?;
        let told = told(&ada, 3, "the channels closed, and open again").await?;
        let kinds: Vec<&Value> = told.iter().map(|event| &event["type"]).collect();
        assert_eq!(kinds, ["open", "closed", "open"]);
        Ok(())
    })
    .await
}

async fn send(tab: &Tab, data: &str, options: &str) -> Result<()> {
    tab.script::<Value>(&format!("madangData.send({data}, {options})"), vec![]).await.map(drop)
}

/// Waits until so much was told, and returns it.
async fn told(tab: &Tab, count: usize, what: &str) -> Result<Vec<Value>> {
    until(what, async || {
        let told: Vec<Value> = tab.script("return told", vec![]).await?;
        let seen = format!("{told:?}");
        Ok(if told.len() >= count { Seen::Yes(told) } else { Seen::NotYet(seen) })
    })
    .await
}
