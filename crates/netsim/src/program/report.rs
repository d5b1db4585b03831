//! What is printed each second.

use netsim::{LinkStats, Rate, RelayStats};

/// Over the columns.
pub const HEAD: &str =
    "   s flows │ up: through    in  lost  full   queue │ down: through  in  lost  full   queue";

/// What happened since `before`, one second ago.
pub fn line(second: u64, before: &RelayStats, now: &RelayStats) -> String {
    let up = direction(&before.up, &now.up, now.up_queue.as_millis());
    let down = direction(&before.down, &now.down, now.down_queue.as_millis());
    let mut line = vec![format!("{second:4} {:5} │ {up} │ {down}", now.flows)];
    let seldom = [
        ("refused", now.refused - before.refused),
        ("blocked", now.blocked - before.blocked),
        ("oversized", now.oversized - before.oversized),
        ("unsent", now.unsent - before.unsent),
    ];
    let seen = seldom.iter().filter(|(_, count)| *count > 0);
    line.extend(seen.map(|(what, count)| format!("{what} {count}")));
    line.join(" ")
}

/// Throughput with overhead, packets put on, lost and dropped at a full queue, and how long one waits now.
fn direction(before: &LinkStats, now: &LinkStats, queue_ms: u128) -> String {
    let through = Rate::bps((now.wire_bytes_delivered() - before.wire_bytes_delivered()) * 8).to_string();
    let sent = now.sent - before.sent;
    let lost = now.lost - before.lost;
    let full = now.dropped_by_queue - before.dropped_by_queue;
    format!("{through:>14} {sent:5} {lost:5} {full:5} {queue_ms:4} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_printed() {
        let link = |sent, delivered| LinkStats {
            sent,
            delivered,
            bytes_delivered: delivered * 972,
            lost: sent - delivered,
            ..LinkStats::default()
        };
        let before = RelayStats { flows: 1, up: link(10, 10), ..RelayStats::default() };
        let now = RelayStats { flows: 2, up: link(30, 25), refused: 3, ..before };
        let line = line(7, &before, &now);
        assert_eq!(
            line,
            "   7     2 │   120.0 kbit/s    20     5     0    0 ms │     0.0 kbit/s     0     0     0    0 ms \
             refused 3"
        );
    }
}
