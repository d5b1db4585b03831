//! What the TURN relay counts; all zero without one.

use super::page::Page;
use crate::turn::TurnCounts;
use turn::{Counters, Refusal};

/// See the module.
pub(super) fn relay(page: &mut Page, counts: &TurnCounts) {
    let TurnCounts { relay, streams, streams_refused, no_room, astray } = counts;
    let Counters {
        allocations,
        allocated,
        refused,
        unanswered,
        bytes_in,
        bytes_out,
        malformed,
        not_permitted,
        over_bandwidth,
    } = relay;
    page.gauge("turn_allocations", "Relayed connections there are.", allocations);
    page.total("turn_allocations", "Relayed connections made.", allocated);
    page.gauge("turn_streams", "TCP and TLS connections to the relay.", streams);
    let by_reason = Refusal::ALL.map(|refusal| (refusal.name(), refused.get(&refusal).copied().unwrap_or(0)));
    let streams = [("too_many_streams", *streams_refused)];
    let reasons = by_reason.into_iter().chain(streams);
    page.totals("turn_refused", "Requests to the relay that were refused.", "reason", reasons);
    page.total("turn_bytes_in", "Bytes relayed to media ports.", bytes_in);
    page.total("turn_bytes_out", "Bytes relayed to clients.", bytes_out);
    let dropped = [
        ("malformed", malformed),
        ("not_permitted", not_permitted),
        ("over_bandwidth", over_bandwidth),
        ("unanswered", unanswered),
        ("no_room", no_room),
        ("astray", astray),
    ];
    page.totals("turn_dropped", "Messages and data that the relay dropped.", "reason", dropped);
}
