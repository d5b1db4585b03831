//! The figures of `/metrics`: who may see them, that Prometheus can read them, that each is explained, and that they
//! count what happened.

use crate::house::House;
use bot::http::{Response, request};
use bot::{Bot, JoinError, Options};
use server::{AccessMode, Secret};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

async fn get(house: &House, headers: &[(&str, &str)]) -> Response {
    request(house.running.http_addr(), "GET", "/metrics", headers, b"").await.unwrap()
}

/// A figure by its name and labels.
async fn figure(house: &House, name: &str) -> f64 {
    let page = get(house, &[]).await;
    let value = page.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name} in\n{}", page.body))
}

async fn until(house: &House, name: &str, is: impl Fn(f64) -> bool) {
    let looks = tokio::time::timeout(PATIENCE, async {
        while !is(figure(house, name).await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(looks.await.is_ok(), "{name} is {}", figure(house, name).await);
}

async fn check(house: &House, name: &str, expected: f64) {
    until(house, name, |value| (value - expected).abs() < f64::EPSILON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_shown_to_this_machine_and_to_others_only_if_so_wished() {
    let through_a_proxy = [("X-Forwarded-For", "192.0.2.7")];
    for open in [false, true] {
        let house = House::with(|config| {
            config.telemetry.open_metrics = open;
            config.access.mode = AccessMode::Closed;
        })
        .await;
        let here = get(&house, &[]).await;
        assert_eq!(here.status, 200);
        assert_eq!(here.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        let elsewhere = get(&house, &through_a_proxy).await;
        assert_eq!(elsewhere.status, if open { 200 } else { 403 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_shown_from_anywhere_to_whoever_has_the_admin_key() {
    const KEY: &str = "the key of the courtyard";
    let bearer = format!("Bearer {KEY}");
    let asked = async |house: &House, key: &str| {
        get(house, &[("X-Forwarded-For", "192.0.2.7"), ("Authorization", key)]).await.status
    };
    let house = House::with(|config| {
        config.access.admin_key = Some(Secret::from(KEY.to_owned()));
        config.access.mode = AccessMode::Closed;
    })
    .await;
    assert_eq!(asked(&house, &bearer).await, 200);
    for wrong in ["", "Bearer", "Bearer x", KEY, &format!("Basic {KEY}")] {
        assert_eq!(asked(&house, wrong).await, 403, "{wrong}");
    }
    assert_eq!(asked(&House::open().await, &bearer).await, 403, "where no key is set");
}

/// `# HELP` and `# TYPE` before each, and figures by name and labels (Prometheus, exposition formats).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_in_the_format_that_prometheus_reads() {
    let house = House::open().await;
    let page = get(&house, &[]).await.body;
    let mut names = BTreeSet::new();
    let mut known = None;
    for line in page.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["#", "HELP", name, _, ..] => {
                assert!(name.starts_with("madang_") && names.insert(name), "{line}");
                known = Some((name.to_owned(), None));
            }
            ["#", "TYPE", name, kind] => {
                assert_eq!(known, Some((name.to_owned(), None)));
                assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                known = Some((name.to_owned(), Some(kind)));
            }
            [name, value] => {
                let bare = name.split('{').next().unwrap();
                let (head, kind) = known.clone().unwrap();
                let ends: &[&str] = match kind {
                    Some("histogram") => &["_bucket", "_sum", "_count"],
                    _ => &[""],
                };
                assert!(ends.iter().any(|end| bare == format!("{head}{end}")), "{line} under {head}");
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
            _ => panic!("{line}"),
        }
    }
    assert!(page.ends_with('\n') && names.len() > 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_figure_stands_in_the_documents_and_no_other() {
    let house = House::open().await;
    let page = get(&house, &[]).await.body;
    let mut expected = String::from("| Figure | Kind | What it says |\n|---|---|---|\n");
    let heads: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    for pair in heads.chunks(2) {
        let (name, help) = pair[0].strip_prefix("HELP ").unwrap().split_once(' ').unwrap();
        let kind = pair[1].split(' ').next_back().unwrap();
        writeln!(expected, "| `{name}` | {kind} | {help} |").unwrap();
    }
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let document = std::fs::read_to_string(document).unwrap();
    assert!(document.contains(&expected), "docs/metrics.md should have this table:\n{expected}");
}

/// The names of figures in what a dashboard asks for.
fn names(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("madang_")).map(|name| name.strip_suffix("_bucket").unwrap_or(name))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_asks_for_figures_that_there_are() {
    let house = House::open().await;
    let page = get(&house, &[]).await.body;
    let dashboard = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/grafana.json");
    let dashboard: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dashboard).unwrap()).unwrap();
    let mut asked = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            for name in names(target["expr"].as_str().unwrap()) {
                assert!(page.contains(&format!("# TYPE {name} ")), "{name}, in {}", panel["title"]);
                asked += 1;
            }
        }
    }
    assert!(asked > 20, "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_count_what_happened() {
    let house = House::with(|config| config.max_participants = 3).await;
    let publisher = house.admit(Options::publisher(&house.url, "tea")).await;
    let watchers = [
        house.admit(Options::subscriber(&house.url, "tea")).await,
        house.admit(Options::subscriber(&house.url, "tea")).await,
    ];
    for watcher in &watchers {
        watcher.until("media", |stats, _| stats.received.len() == 2).await.unwrap();
    }
    let refused = Bot::join(Options::subscriber(&house.url, "tea")).await;
    assert!(matches!(refused, Err(JoinError::Refused(_))));

    assert_eq!((house.report().await.peers, house.counts().await.participants), (3, 3));
    check(&house, "madang_rooms", 1.0).await;
    check(&house, "madang_participants", 3.0).await;
    check(&house, "madang_publications", 2.0).await;
    check(&house, "madang_peers", 3.0).await;
    check(&house, "madang_subscriptions", 4.0).await;
    check(&house, "madang_join_seconds_count{until=\"answered\"}", 3.0).await;
    check(&house, "madang_join_seconds_count{until=\"connected\"}", 3.0).await;
    check(&house, "madang_join_seconds_bucket{until=\"connected\",le=\"+Inf\"}", 3.0).await;
    check(&house, "madang_errors_total{code=\"room_full\"}", 1.0).await;
    check(&house, "madang_estimates{le=\"+Inf\"}", 2.0).await;
    // Which of them has a picture now is the network's to say.
    let shown = get(&house, &[]).await.body;
    let shown = shown.lines().filter(|line| line.starts_with("madang_video_slots{"));
    let shown: f64 = shown.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum();
    assert!((shown - 2.0).abs() < f64::EPSILON, "{shown} slots");
    for busy in ["packets_in", "bytes_in", "packets_out", "bytes_out", "datagrams_in", "sends"] {
        until(&house, &format!("madang_{busy}_total"), |value| value > 10.0).await;
    }
    let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    stranger.send_to(&[0x80; 40], house.running.udp_addrs()[0]).await.unwrap();
    check(&house, "madang_datagrams_dropped_total{cause=\"unknown_address\"}", 1.0).await;

    drop((publisher, watchers));
    check(&house, "madang_rooms", 0.0).await;
    check(&house, "madang_estimates{le=\"+Inf\"}", 0.0).await;
    check(&house, "madang_join_seconds_count{until=\"connected\"}", 3.0).await;
}
