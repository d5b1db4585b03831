//! What the kernel gives UDP: many datagrams to a call, buffers, and a firewall's table of connections.

use super::finding::Finding;
use std::fs::read_to_string;
use transport::SocketFacts;

/// Flows that a firewall should have room for: each participant's media is one, and browsers try several.
const FEWEST_FLOWS: u64 = 16_384;

/// GSO and GRO.
pub(super) fn segments(facts: &SocketFacts) -> Finding {
    let (sent, received) = (facts.sent_at_once, facts.received_at_once);
    let found =
        format!("Up to {sent} datagrams leave in one call (GSO), up to {received} arrive in one (GRO).");
    if sent > 1 && received > 1 {
        Finding::ok("batches", found)
    } else {
        Finding::warning("batches", found).advise(
            "Forwarding costs two to four times as much without: run a kernel of at least 5.0, outside of sandboxes that replace the kernel's network (gVisor).",
        )
    }
}

/// The sockets' buffers.
pub(super) fn buffers(facts: &SocketFacts) -> Finding {
    let (receive, send, wanted) = (facts.receive_buffer, facts.send_buffer, facts.wanted);
    let found = format!(
        "A worker's socket has {} kB for what arrives and {} kB for what leaves, of {} kB wanted.",
        receive >> 10,
        send >> 10,
        wanted >> 10
    );
    if receive.min(send) >= wanted {
        return Finding::ok("buffers", found);
    }
    Finding::warning("buffers", found).advise(format!(
        "A large room overruns them. Write into /etc/sysctl.d/60-madang.conf, then `sysctl --system`:\n\
         net.core.rmem_max = {wanted}\nnet.core.wmem_max = {wanted}"
    ))
}

/// Where the kernel follows connections, for a firewall.
pub(super) fn conntrack() -> Option<Finding> {
    let number = |name: &str| {
        let text = read_to_string(format!("/proc/sys/net/netfilter/{name}")).ok()?;
        text.trim().parse::<u64>().ok()
    };
    Some(flows(number("nf_conntrack_count")?, number("nf_conntrack_max")?))
}

fn flows(now: u64, most: u64) -> Finding {
    let found = format!("The firewall follows {now} connections, of {most} at most.");
    if most >= FEWEST_FLOWS && now < most / 5 * 4 {
        return Finding::ok("conntrack", found);
    }
    Finding::warning("conntrack", found).advise(format!(
        "When its table is full new people cannot come in. Raise net.netfilter.nf_conntrack_max to {} or more, or have the \
         firewall not follow the media's UDP ports (`notrack`).",
        FEWEST_FLOWS.max(most.saturating_mul(2))
    ))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    const GOOD: SocketFacts = SocketFacts {
        sent_at_once: 64,
        received_at_once: 64,
        receive_buffer: 4 << 20,
        send_buffer: 4 << 20,
        wanted: 4 << 20,
    };

    #[test]
    fn datagrams_go_many_at_once_or_one_by_one() {
        assert_eq!(segments(&GOOD).state, State::Ok);
        assert_eq!(segments(&SocketFacts { sent_at_once: 1, ..GOOD }).state, State::Warning);
        assert_eq!(segments(&SocketFacts { received_at_once: 1, ..GOOD }).state, State::Warning);
    }

    #[test]
    fn small_buffers_are_told_with_the_settings_that_mend_them() {
        assert_eq!(buffers(&GOOD).state, State::Ok);
        let small = buffers(&SocketFacts { receive_buffer: 212_992, ..GOOD });
        assert_eq!(small.state, State::Warning);
        assert!(small.found.contains("208 kB for what arrives"), "{small:?}");
        assert!(small.advice.is_some_and(|advice| advice.contains("net.core.rmem_max = 4194304")));
    }

    #[test]
    fn a_small_or_full_table_of_connections_is_told() {
        assert_eq!(flows(10, 65_536).state, State::Ok);
        assert_eq!(flows(10, 4096).state, State::Warning);
        assert_eq!(flows(60_000, 65_536).state, State::Warning);
    }
}
