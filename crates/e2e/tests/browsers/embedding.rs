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
async fn a_page_that_the_server_names_drives_the_room_in_its_frame_in_chromium() -> Result<()> {
    drives_the_room(Kind::Chromium).await
}

#[tokio::test]
async fn a_page_that_the_server_names_drives_the_room_in_its_frame_in_firefox() -> Result<()> {
    drives_the_room(Kind::Firefox).await
}

async fn drives_the_room(kind: Kind) -> Result<()> {
    let around = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(around.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let here = format!("http://localhost:{}", house.server.port());
        let ada = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        let page = house.browser(kind.with_devices()).await?.window().await?;
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
async fn a_page_that_the_server_does_not_name_shows_no_room_and_drives_none_in_chromium() -> Result<()> {
    keeps_strangers_out(Kind::Chromium).await
}

#[tokio::test]
async fn a_page_that_the_server_does_not_name_shows_no_room_and_drives_none_in_firefox() -> Result<()> {
    keeps_strangers_out(Kind::Firefox).await
}

async fn keeps_strangers_out(kind: Kind) -> Result<()> {
    let named = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(named.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let stranger = Site::of_page(PAGE)?;
        let bare = Site::without_policy(house.server.address())?;
        let here = format!("http://localhost:{}", house.server.port());
        let page = house.browser(kind.with_devices()).await?.window().await?;

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
async fn a_frame_with_a_name_joins_by_itself_and_has_no_way_home_in_chromium() -> Result<()> {
    joins_by_itself(Kind::Chromium).await
}

#[tokio::test]
async fn a_frame_with_a_name_joins_by_itself_and_has_no_way_home_in_firefox() -> Result<()> {
    joins_by_itself(Kind::Firefox).await
}

async fn joins_by_itself(kind: Kind) -> Result<()> {
    let around = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(around.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let here = format!("http://localhost:{}", house.server.port());
        let page = house.browser(kind.with_devices()).await?.window().await?;
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

/// Browsers share a screen only a moment after a click in the frame. Firefox has none to share without a display.
#[tokio::test]
async fn a_screen_is_shared_by_a_message_after_a_click_in_the_frame() -> Result<()> {
    let around = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(around.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let here = format!("http://localhost:{}", house.server.port());
        let chromium = house.browser(Kind::Chromium.with_devices()).await?;
        let (ada, page) = (chromium.window().await?, chromium.window().await?);
        ada.enter("tea", "Ada").await?;
        page.go_to(&format!("{}/?frame={here}/r/tea?embed%26name=Bo", around.origin())).await?;
        told(&page, "joined", &json!({ "name": "Bo" })).await?;
        for _ in 0..2 {
            page.click_in_frame("[data-testid=room]").await?;
            say(&page, &json!({ "madang": 1, "type": "screen", "on": true })).await?;
            told(&page, "screen", &json!({ "on": true })).await?;
            ada.until("Bo's screen", |view| view.shows("tile-screen")).await?;
            until("frames of it", async || {
                let frames: Option<u32> = ada.script(SCREEN_FRAMES, vec![]).await?;
                Ok(Seen::when(frames.is_some_and(|frames| frames > 0), &frames))
            })
            .await?;
            say(&page, &json!({ "madang": 1, "type": "screen", "on": false })).await?;
            told(&page, "screen", &json!({ "on": false })).await?;
            ada.until("no screen", |view| !view.shows("tile-screen")).await?;
        }
        Ok(())
    })
    .await
}

/// Frames decoded of the screen that is seen.
const SCREEN_FRAMES: &str = "
    const video = document.querySelector('[data-testid=tile-screen] video');
    return video?.getVideoPlaybackQuality().totalVideoFrames ?? null;";

/// A browser that asks for a screen until it is told what the person chose.
const ASKING: &str = "
    window.asked = 0;
    navigator.mediaDevices.getDisplayMedia = () => new Promise((resolve) => {
        window.asked += 1;
        window.choose = () => {
            const canvas = document.createElement('canvas');
            canvas.getContext('2d').fillRect(0, 0, 1, 1);
            const stream = canvas.captureStream(10);
            [window.chosen] = stream.getVideoTracks();
            resolve(stream);
        };
    });";

#[tokio::test]
async fn a_screen_that_is_not_wanted_any_more_when_it_is_chosen_is_not_shared() -> Result<()> {
    let around = Site::of_page(PAGE)?;
    let settings = Settings { embed: Some(around.port()), ..Settings::default() };
    in_house(settings, async |house| {
        let here = format!("http://localhost:{}", house.server.port());
        let page = house.browser(Kind::Firefox.with_devices()).await?.window().await?;
        page.go_to(&format!("{}/?frame={here}/r/tea?embed%26name=Bo", around.origin())).await?;
        told(&page, "microphone", &json!({ "on": true })).await?;
        page.in_frame(ASKING).await?;
        let is = async |what: &str, script: &str, expected: Value| {
            until(what, async || {
                let seen = page.in_frame(script).await?;
                Ok(Seen::when(seen == expected, &seen))
            })
            .await
        };
        // Asked for twice, the browser asks once.
        for _ in 0..2 {
            say(&page, &json!({ "madang": 1, "type": "screen", "on": true })).await?;
        }
        is("the question", "return window.asked", json!(1)).await?;
        // By what is told after it, what was said before is heard.
        for (source, on) in [("screen", false), ("microphone", false)] {
            say(&page, &json!({ "madang": 1, "type": source, "on": on })).await?;
        }
        told(&page, "microphone", &json!({ "on": false })).await?;
        page.in_frame("window.choose()").await?;
        is("the screen to be let go", "return window.chosen.readyState", json!("ended")).await?;
        let said: Vec<Value> = page.script("return told", vec![]).await?;
        anyhow::ensure!(said.iter().all(|one| one["type"] != "screen"), "{said:?}");
        anyhow::ensure!(page.in_frame("return window.asked").await? == json!(1), "asked once");
        // It can be shared all the same.
        say(&page, &json!({ "madang": 1, "type": "screen", "on": true })).await?;
        is("another question", "return window.asked", json!(2)).await?;
        page.in_frame("window.choose()").await?;
        told(&page, "screen", &json!({ "on": true })).await.map(drop)
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
