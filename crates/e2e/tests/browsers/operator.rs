//! The operator's page: what the server does, as lines and in words.

use crate::access::is_accessible;
use anyhow::Result;
use bot::{Bot, Options};
use e2e::{ADMIN_KEY, House, Kind, Seen, Settings, in_house, until};

const ENTER: char = '\u{e007}';
/// What a graph says in words, what stands below it, and how many points its first line has.
const GRAPH: &str = "const graph = document.getElementById(arguments[0]);
    const points = graph.querySelector('polyline')?.getAttribute('points').trim();
    return [graph.querySelector('svg').getAttribute('aria-label') ?? '', graph.querySelector('output').textContent,
        String(points ? points.split(' ').length : 0)];";

#[tokio::test]
async fn the_operator_sees_who_is_there_and_how_much_flows() -> Result<()> {
    let settings = Settings { closed: true, ..Settings::default() };
    in_house(settings, async |house| {
        let tab = house.browser(Kind::Chromium.with_devices()).await?.window().await?;
        tab.open("/admin").await?;
        tab.click_on("#key").await?;
        tab.types(ADMIN_KEY).await?;
        tab.key(ENTER).await?;
        let graph = async |id: &str| -> Result<[String; 3]> { tab.script(GRAPH, vec![id.into()]).await };
        until("lines of an empty server", async || {
            let [words, people, points] = graph("graph-people").await?;
            let is_drawn = words.contains("0 now") && people == "0" && points.parse::<u32>()? > 1;
            Ok(Seen::when(is_drawn, &(words, people, points)))
        })
        .await?;
        let token = invitation(house).await?;
        let url = house.server.socket();
        let publisher = Bot::join(Options::publisher(&url, "stage").with_token(&token)).await?;
        let watcher = Bot::join(Options::subscriber(&url, "stage").with_token(&token)).await?;
        until("two people, and what they send", async || {
            let [_, people, _] = graph("graph-people").await?;
            let [traffic, ..] = graph("graph-traffic").await?;
            Ok(Seen::when(people == "2" && traffic.contains("bit/s now"), &(people, traffic)))
        })
        .await?;
        is_accessible(&tab, "the operator's page, with lines").await?;
        drop((publisher, watcher));
        Ok(())
    })
    .await
}

/// For a room that need not have been made.
async fn invitation(house: &House) -> Result<String> {
    let key = format!("Bearer {ADMIN_KEY}");
    let head = [("Authorization", key.as_str())];
    let body = br#"{"room":"stage"}"#;
    let response = bot::http::request(house.server.address(), "POST", "/api/tokens", &head, body).await?;
    let made: serde_json::Value = serde_json::from_str(&response.body)?;
    Ok(made.get("token").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
}
