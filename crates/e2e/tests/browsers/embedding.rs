//! A room in a frame of somebody else's page: driven from there, if the server names that page, and by nobody else.

use anyhow::Result;
use e2e::{Kind, Seen, Settings, Site, Tab, in_house, until};
use serde_json::{Value, json};

/// Shows what `?frame=` names in a frame, and notes what comes from there.
const PAGE: &str = r#"<!doctype html><title>Around</title>
<script>
  window.told = [];
  addEventListener("message", ({ origin, source, data }) =>
    told.push({ origin, framed: source === document.querySelector("iframe").contentWindow, ...data }));
  window.say = (message) => document.querySelector("iframe").contentWindow.postMessage(message, "*");
</script>
<iframe allow="camera; microphone; display-capture; autoplay" width="900" height="600"></iframe>
<script>
  const frame = document.querySelector("iframe");
  frame.addEventListener("load", () => (window.loads = (window.loads ?? 0) + 1));
  frame.src = new URLSearchParams(location.search).get("frame");
</script>"#;

#[tokio::test]
async fn a_page_that_the_server_names_drives_the_room_in_its_frame() -> Result<()> {
    let around = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(around.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let here = format!("http://localhost:{}", house.server.port());
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, page) = (chromium.window().await?, chromium.window().await?);
        ada.enter("tea", "Ada").await?;
        page.go_to(&format!("{}/?frame={here}/r/tea?embed", around.origin())).await?;
        let ready = told(&page, "ready", &json!({})).await?;
        assert_eq!(
            ready,
            json!({ "origin": here, "framed": true, "madang": 1, "type": "ready", "room": "tea" })
        );
        say(&page, &json!({ "madang": 1, "type": "join", "name": "Bo" })).await?;
        told(&page, "joined", &json!({ "name": "Bo" })).await?;
        told(&page, "camera", &json!({ "on": true })).await?;
        told(&page, "participants", &json!({})).await?;
        ada.sees_and_hears(&["Bo"]).await?;

        // What is unknown, malformed, too long, or another's, is ignored.
        for nothing in [
            json!({ "madang": 2, "type": "leave" }),
            json!({ "type": "leave" }),
            json!({ "madang": 1, "type": "dance" }),
            json!({ "madang": 1, "type": "camera", "on": "off" }),
            json!({ "madang": 1, "type": ["leave"] }),
            json!({ "madang": 1, "type": "chat", "text": "x".repeat(4097) }),
            json!("leave"),
            json!(null),
        ] {
            say(&page, &nothing).await?;
        }
        say(&page, &json!({ "madang": 1, "type": "chat", "text": "hello from around" })).await?;
        say(&page, &json!({ "madang": 1, "type": "microphone", "on": false })).await?;
        told(&page, "microphone", &json!({ "on": false })).await?;
        ada.until("Bo muted, and still there", |view| {
            view.tile("Bo").is_some_and(|tile| tile.muted && tile.picture.is_some())
        })
        .await?;
        say(&page, &json!({ "madang": 1, "type": "camera", "on": false })).await?;
        told(&page, "camera", &json!({ "on": false })).await?;
        ada.click("open-chat").await?;
        until("what was said around", async || {
            let said = ada.texts("chat-text").await?;
            Ok(Seen::when(said == ["hello from around"], &said))
        })
        .await?;

        say(&page, &json!({ "madang": 1, "type": "leave" })).await?;
        told(&page, "left", &json!({ "reason": "left" })).await?;
        ada.until("nobody else", |view| view.names().is_empty()).await?;
        // And in again, as another.
        say(&page, &json!({ "madang": 1, "type": "join", "name": "Cy" })).await?;
        told(&page, "joined", &json!({ "name": "Cy" })).await?;
        ada.until("Cy", |view| view.names() == ["Cy"]).await
    })
    .await
}

#[tokio::test]
async fn a_page_that_the_server_does_not_name_shows_no_room_and_drives_none() -> Result<()> {
    let named = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(named.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let stranger = Site::of_page(PAGE)?;
        let bare = Site::without_policy(house.server.address())?;
        let here = format!("http://localhost:{}", house.server.port());
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let page = chromium.window().await?;

        // The browser shows nothing of it, by the policy.
        page.go_to(&format!("{}/?frame={here}/r/tea?embed", stranger.origin())).await?;
        until("the frame's end", async || {
            let loads: Option<u32> = page.script("return window.loads ?? null", vec![]).await?;
            Ok(Seen::when(loads.is_some(), &loads))
        })
        .await?;
        assert_eq!(page.in_frame("return !!document.querySelector('[data-testid]')").await?, json!(false));
        assert_eq!(page.script::<Vec<Value>>("return told", vec![]).await?, Vec::<Value>::new());

        // Without the policy it shows the door, and neither hears nor says a word.
        page.go_to(&format!("{}/?frame={}/r/tea?embed", stranger.origin(), bare.origin())).await?;
        let way_in = "return !!document.querySelector('[data-testid=join]:not([disabled])')";
        until("the door", async || {
            let open = page.in_frame(way_in).await?;
            Ok(Seen::when(open == json!(true), &open))
        })
        .await?;
        say(&page, &json!({ "madang": 1, "type": "join", "name": "Eve" })).await?;
        // Both are answered in this order, so that the one is over when the other is there.
        let asked = "return fetch('/api/embed').then((answer) => answer.json())";
        assert_eq!(page.in_frame(asked).await?, json!({ "origins": [named.origin()] }));
        assert_eq!(page.in_frame(way_in).await?, json!(true), "nobody joined");
        assert_eq!(page.script::<Vec<Value>>("return told", vec![]).await?, Vec::<Value>::new());

        // The one that is named goes by the same way in: it was not the way that held the other back.
        page.go_to(&format!("{}/?frame={}/r/tea?embed", named.origin(), bare.origin())).await?;
        told(&page, "ready", &json!({})).await?;
        say(&page, &json!({ "madang": 1, "type": "join", "name": "Bo" })).await?;
        told(&page, "joined", &json!({ "name": "Bo" })).await.map(drop)
    })
    .await
}

#[tokio::test]
async fn a_frame_with_a_name_joins_by_itself_and_has_no_way_home() -> Result<()> {
    let around = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(around.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let here = format!("http://localhost:{}", house.server.port());
        let page = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let frame = format!("{here}/r/tea?embed%26name=Ada");
        page.go_to(&format!("{}/?frame={frame}", around.origin())).await?;
        told(&page, "joined", &json!({ "name": "Ada" })).await?;
        say(&page, &json!({ "madang": 1, "type": "leave" })).await?;
        told(&page, "left", &json!({})).await?;
        let home =
            "return [...document.querySelectorAll('a[href=\"/\"]')].some((link) => link.checkVisibility())";
        assert_eq!(page.in_frame(home).await?, json!(false));
        // Outside of a frame the same address is a page as any other.
        page.open("/r/tea?embed&name=Ada").await?;
        page.until("the door", |view| view.offers("join")).await?;
        assert!(page.script::<bool>(home, vec![]).await?);
        Ok(())
    })
    .await
}

async fn say(page: &Tab, message: &Value) -> Result<()> {
    page.script::<Value>("say(arguments[0])", vec![message.clone()]).await.map(drop)
}

/// Waits until the last that was told of a type has these fields, and returns it.
async fn told(page: &Tab, kind: &str, fields: &Value) -> Result<Value> {
    until(&format!("{kind} with {fields}"), async || {
        let told: Vec<Value> = page.script("return told", vec![]).await?;
        let last = told.iter().rev().find(|one| one["type"] == kind);
        let wanted = fields.as_object().into_iter().flatten();
        match last.filter(|last| wanted.clone().all(|(name, value)| last[name] == *value)) {
            Some(last) => Ok(Seen::Yes(last.clone())),
            None => Ok(Seen::NotYet(format!("{told:?}"))),
        }
    })
    .await
}
