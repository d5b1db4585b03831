//! `GET /metrics`: what is counted, for Prometheus (text exposition format 0.0.4).
//!
//! The figures are asked for when somebody looks: nothing is kept here. `metrics/` owns their names, each of which
//! stands in docs/metrics.md; a test compares.

mod house;
mod media;
mod page;
mod process;
mod relay;

use crate::access::api::bearer;
use crate::control::ControlHandle;
use crate::front::{Gate, Hosts};
use crate::turn::{RelayDoor, TurnCounts};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use transport::Transport;

pub(crate) use page::Histogram;
use page::Page;

/// What proxies add. A request that came through one came from elsewhere, whoever's address it has.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Where the figures come from, and who may see them.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) control: ControlHandle,
    pub(crate) transport: Transport,
    pub(crate) gate: Gate,
    /// What this machine calls itself.
    pub(crate) hosts: Hosts,
    /// The relay, if there is one.
    pub(crate) turn: Option<RelayDoor>,
    /// To everybody, rather than to this machine alone.
    pub(crate) open: bool,
}

/// `GET /metrics`.
pub(crate) async fn show(
    State(metrics): State<Metrics>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let has_key = || bearer(&headers).is_some_and(|key| metrics.control.door().is_admin(key));
    if !metrics.open && !is_from_here(from, &metrics.hosts, &headers) && !has_key() {
        let sentence = "Metrics are for this machine alone and for whoever has the --admin-key, unless the server runs \
            with --open-metrics.\n";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    let (report, counts) = (metrics.transport.report().await, metrics.control.counts().await);
    let (Ok(report), Some(counts)) = (report, counts) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let relayed = match &metrics.turn {
        Some(turn) => turn.counts().await,
        None => TurnCounts::default(),
    };
    let mut page = Page::default();
    process::tell(&mut page);
    house::rooms(&mut page, counts, metrics.transport.groups_refused());
    house::tally(&mut page, &metrics.control.tally());
    house::front(&mut page, metrics.gate.counts());
    house::webhooks(&mut page, metrics.control.webhook_counts());
    house::data(&mut page, metrics.control.data_counts());
    relay::relay(&mut page, &relayed);
    media::workers(&mut page, &metrics.transport.loads());
    media::media(&mut page, &report);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.into_text()).into_response()
}

/// By another name it may be a proxy that asks and says nothing of it, or a page of elsewhere (`front/host.rs`).
fn is_from_here(from: SocketAddr, hosts: &Hosts, headers: &HeaderMap) -> bool {
    from.ip().to_canonical().is_loopback()
        && hosts.hold(headers)
        && !FORWARDED.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_this_machine_alone() {
        let here = |from: &str, headers: &[&'static str]| {
            let headers = headers.iter().map(|name| (name.parse().unwrap(), "x".parse().unwrap()));
            is_from_here(from.parse().unwrap(), &Hosts::of_this_machine(), &headers.collect())
        };
        for (from, headers, expected) in [
            ("127.0.0.1:5", &[][..], true),
            ("[::1]:5", &[], true),
            ("[::ffff:127.0.0.1]:5", &[], true),
            ("192.0.2.1:5", &[], false),
            ("127.0.0.1:5", &["x-forwarded-for"], false),
            ("127.0.0.1:5", &["Forwarded"], false),
            // `x`, by which only a proxy or a page of elsewhere knows it.
            ("127.0.0.1:5", &["host"], false),
        ] {
            assert_eq!(here(from, headers), expected, "{from} {headers:?}");
        }
    }
}
