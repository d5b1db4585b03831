//! `GET /metrics`: what is counted, for Prometheus (text exposition format 0.0.4).
//!
//! Owns the names. The figures are asked for when somebody looks: nothing is kept here.

use crate::control::{ControlHandle, DataCounts};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write;
use std::net::SocketAddr;
use transport::{LoadValues, Report, Transport};

/// What proxies add. A request that came through one came from elsewhere, whoever's address it has.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Where the figures come from, and who may see them.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) control: ControlHandle,
    pub(crate) transport: Transport,
    /// To everybody, rather than to this machine alone.
    pub(crate) open: bool,
}

/// `GET /metrics`.
pub(crate) async fn show(
    State(metrics): State<Metrics>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !metrics.open && !is_from_here(from, &headers) {
        let sentence = "Metrics are for this machine alone, unless the server runs with --open-metrics.\n";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    let (report, counts) = (metrics.transport.report().await, metrics.control.counts().await);
    let (Ok(report), Some(counts)) = (report, counts) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let refused = metrics.transport.groups_refused();
    let mut page = text(&metrics.transport.loads(), &report, counts, refused);
    data(&mut page, metrics.control.data_counts());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.0).into_response()
}

fn is_from_here(from: SocketAddr, headers: &HeaderMap) -> bool {
    from.ip().to_canonical().is_loopback() && !FORWARDED.iter().any(|name| headers.contains_key(*name))
}

/// All of it.
fn text(loads: &[LoadValues], report: &Report, counts: room::Counts, refused: u64) -> Page {
    let mut page = Page::default();
    let ratio = |permille: u16| f64::from(permille) / 1000.0;
    page.by_worker("busy_ratio", "Part of its time that the worker was busy.", loads, |load| {
        ratio(load.busy)
    });
    page.by_worker("shed_ratio", "Part of its video that the worker does not send.", loads, |load| {
        ratio(1000u16.saturating_sub(load.share))
    });
    page.by_worker("overloaded", "1 while the worker has too much to do, and sheds.", loads, |load| {
        f64::from(u8::from(load.overloaded))
    });
    page.gauge("rooms", "Rooms with somebody in them or on the way in.", counts.rooms);
    page.gauge("participants", "Participants inside, present or waited for.", counts.participants);
    page.gauge(
        "slots_shed",
        "Video slots sent less than their path bears, for want of computing power.",
        report.sizes.slots_shed,
    );
    page.gauge("slots_shed_whole", "Of these, those sent nothing.", report.sizes.slots_shed_whole);
    let forward = &report.forward;
    page.total("rooms_refused", "Times that a new room was refused for want of computing power.", refused);
    page.total(
        "probes_withheld",
        "Times that a path was not asked for more for want of computing power.",
        forward.probes_withheld,
    );
    page.total("probe_packets_out", "Packets sent only to probe a path.", forward.probe_packets_out);
    page.total("packets_in", "RTP packets from participants.", forward.rtp_packets_in);
    page.total("packets_out", "RTP packets to participants, repairs included.", forward.rtp_packets_out);
    page
}

fn data(page: &mut Page, counts: DataCounts) {
    let DataCounts { members, relayed, bytes, malformed, unknown, too_many, too_slow, stalled } = counts;
    page.gauge("data_members", "Participants whose data channels are open.", members);
    page.total("data_messages_out", "Messages given to a receiver over data channels.", relayed);
    page.total("data_bytes_out", "Their bytes.", bytes);
    let dropped = [
        ("malformed", malformed),
        ("unknown_receiver", unknown),
        ("sender_too_fast", too_many),
        ("receiver_too_slow", too_slow),
    ];
    page.by_reason("data_messages_dropped", "Messages over data channels that were dropped.", &dropped);
    page.total("data_receivers_closed", "Receivers that lost their data channels, taking nothing.", stalled);
}

/// Lines of the format.
#[derive(Default)]
struct Page(String);

// `write!` to a String cannot fail.
impl Page {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP madang_{name} {help}\n# TYPE madang_{name} {kind}");
    }

    fn by_worker(&mut self, name: &str, help: &str, loads: &[LoadValues], of: impl Fn(&LoadValues) -> f64) {
        let name = format!("worker_{name}");
        self.head(&name, help, "gauge");
        for (worker, load) in loads.iter().enumerate() {
            let _ = writeln!(self.0, "madang_{name}{{worker=\"{worker}\"}} {}", of(load));
        }
    }

    fn by_reason(&mut self, name: &str, help: &str, values: &[(&str, u64)]) {
        let name = format!("{name}_total");
        self.head(&name, help, "counter");
        for (reason, value) in values {
            let _ = writeln!(self.0, "madang_{name}{{reason=\"{reason}\"}} {value}");
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: usize) {
        self.head(name, help, "gauge");
        let _ = writeln!(self.0, "madang_{name} {value}");
    }

    fn total(&mut self, name: &str, help: &str, value: u64) {
        let name = format!("{name}_total");
        self.head(&name, help, "counter");
        let _ = writeln!(self.0, "madang_{name} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_this_machine_alone() {
        let here = |from: &str, headers: &[&'static str]| {
            let headers = headers.iter().map(|name| (name.parse().unwrap(), "x".parse().unwrap()));
            is_from_here(from.parse().unwrap(), &headers.collect())
        };
        for (from, headers, expected) in [
            ("127.0.0.1:5", &[][..], true),
            ("[::1]:5", &[], true),
            ("[::ffff:127.0.0.1]:5", &[], true),
            ("192.0.2.1:5", &[], false),
            ("127.0.0.1:5", &["x-forwarded-for"], false),
            ("127.0.0.1:5", &["Forwarded"], false),
        ] {
            assert_eq!(here(from, headers), expected, "{from} {headers:?}");
        }
    }
}
