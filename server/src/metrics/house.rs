//! Rooms, who is in them, how they came, what was refused, what applications say.

use super::page::Page;
use crate::control::{DataCounts, TallyValues};
use crate::front::GateCounts;
use crate::webhooks::WebhookCounts;
use room::Counts;
use signal::ErrorCode;
use std::collections::BTreeMap;

/// What the rooms hold.
pub(super) fn rooms(page: &mut Page, counts: Counts, refused: u64) {
    let Counts {
        connections,
        resources,
        rooms,
        waiting,
        joining,
        participants,
        absent,
        publications,
        routes,
        timers: _,
        untold: _,
    } = counts;
    page.gauge("rooms", "Rooms with somebody in them or on the way in.", rooms);
    page.gauge("participants", "Participants inside, present or waited for.", participants);
    page.gauge("participants_joining", "Participants on the way in.", joining);
    page.gauge("participants_waiting", "Those who wait to be let into a room.", waiting);
    page.gauge("participants_absent", "Participants inside whose WebSocket is lost, and waited for.", absent);
    page.gauge("websockets", "Open WebSockets.", connections);
    page.gauge("http_resources", "Participants that came by WHIP or WHEP.", resources);
    page.gauge("publications", "Tracks offered to rooms.", publications);
    page.gauge("slots_routed", "Slots with a source.", routes);
    page.total("rooms_refused", "Times that a new room was refused for want of computing power.", refused);
}

/// How people came, and what they were refused.
pub(super) fn tally(page: &mut Page, tally: &TallyValues) {
    page.histograms(
        "join_seconds",
        "From a join until the server's answer was ready, and until media was connected.",
        "until",
        &[("answered", tally.answered), ("connected", tally.connected)],
    );
    let errors: BTreeMap<_, _> = tally.errors.iter().map(|(code, count)| (name_of(*code), count)).collect();
    page.totals("errors", "Errors told to clients, by code.", "code", errors);
    page.total("media_failed", "Participants whose media never connected, or was lost.", tally.media_failed);
}

/// Who came to the front door, and was sent away there.
pub(super) fn front(page: &mut Page, counts: GateCounts) {
    let GateCounts {
        connections,
        full,
        per_address,
        sockets,
        joins,
        origin,
        host,
        handshake,
        slow,
        stranger,
    } = counts;
    page.gauge(
        "http_connections",
        "Open connections to the ports of pages, WebSockets among them.",
        connections,
    );
    let causes = [
        ("connections", full),
        ("connections_of_address", per_address),
        ("websockets_of_address", sockets),
        ("joins_of_address", joins),
        ("origin", origin),
        ("host", host),
        ("tls", handshake),
        ("slow", slow),
        ("not_local", stranger),
    ];
    page.totals(
        "http_refused",
        "Connections, requests and joins refused or cut off, by cause.",
        "cause",
        causes,
    );
}

/// As it stands on the wire: a plain enum is always a JSON string.
fn name_of(code: ErrorCode) -> String {
    let name = serde_json::to_value(code).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// What became of webhooks.
pub(super) fn webhooks(page: &mut Page, counts: WebhookCounts) {
    let WebhookCounts { delivered, failed, dropped } = counts;
    let outcomes = [("delivered", delivered), ("failed", failed), ("dropped", dropped)];
    page.totals("webhooks", "Webhooks, by what became of them.", "outcome", outcomes);
}

/// What became of messages over data channels.
pub(super) fn data(page: &mut Page, counts: DataCounts) {
    let DataCounts { members, relayed, bytes, malformed, unknown, forbidden, too_many, too_slow, stalled } =
        counts;
    page.gauge("data_members", "Participants whose data channels are open.", members);
    page.total("data_messages_out", "Messages given to a receiver over data channels.", relayed);
    page.total("data_bytes_out", "Bytes of messages given to a receiver over data channels.", bytes);
    let dropped = [
        ("malformed", malformed),
        ("forbidden", forbidden),
        ("unknown_receiver", unknown),
        ("sender_too_fast", too_many),
        ("receiver_too_slow", too_slow),
    ];
    page.totals("data_messages_dropped", "Messages over data channels that were dropped.", "reason", dropped);
    page.total("data_receivers_closed", "Receivers that lost their data channels, taking nothing.", stalled);
}
