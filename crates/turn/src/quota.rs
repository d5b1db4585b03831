//! What one person may use, and how often those without are answered.

use crate::Now;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// A bucket holds so much of a second's share: a keyframe comes at once.
const BURST: u64 = 2;
/// And so many bytes at least.
const LEAST_BURST: u64 = 64 * 1024;

/// Bytes that may be relayed now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    left: u64,
    since: Now,
}

impl Bucket {
    fn full(rate: u64, now: Now) -> Self {
        Self { left: Self::most(rate), since: now }
    }

    fn most(rate: u64) -> u64 {
        (rate / BURST).max(LEAST_BURST)
    }

    /// Takes so many bytes out, if there are so many; it fills again by `rate` bytes a second.
    fn take(&mut self, bytes: usize, rate: u64, now: Now) -> bool {
        let millis = u64::try_from(now.saturating_sub(self.since).as_millis()).unwrap_or(u64::MAX);
        let more = rate.saturating_mul(millis) / 1000;
        if more > 0 {
            self.left = self.left.saturating_add(more).min(Self::most(rate));
            self.since = now;
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let enough = self.left >= bytes;
        if enough {
            self.left -= bytes;
        }
        enough
    }
}

/// What one person uses, while it has any allocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub(crate) allocations: usize,
    to_peers: Bucket,
    to_client: Bucket,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Toward {
    Peers,
    Client,
}

impl Holder {
    pub(crate) fn new(rate: u64, now: Now) -> Self {
        let full = Bucket::full(rate, now);
        Self { allocations: 0, to_peers: full, to_client: full }
    }

    pub(crate) fn take(&mut self, toward: Toward, bytes: usize, rate: u64, now: Now) -> bool {
        match toward {
            Toward::Peers => self.to_peers.take(bytes, rate, now),
            Toward::Client => self.to_client.take(bytes, rate, now),
        }
    }
}

/// Answers to those without good credentials are counted for so long, then from the beginning.
const WINDOW: Duration = Duration::from_secs(5);
/// Answers to one address in that time; beyond, none. A browser needs one for each of its networks and URLs, and many
/// may come from behind one NAT.
pub(crate) const PER_ADDRESS: u32 = 200;
/// Addresses that are counted apart. All others in the same time share [`FOR_OTHERS`].
const ADDRESSES: usize = 4096;
/// Answers to them in that time.
const FOR_OTHERS: u32 = 1000;

/// How often whoever has shown no good credentials is answered: source addresses of UDP can be forged, and their
/// owner is to be bothered by nobody's answers. IPv6 is counted by /64.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    since: Now,
    counts: BTreeMap<u64, u32>,
    others: u32,
}

impl Budget {
    /// One more answer; false when there may be none.
    pub(crate) fn take(&mut self, ip: IpAddr, now: Now) -> bool {
        if now.saturating_sub(self.since) >= WINDOW {
            *self = Self { since: now, ..Self::default() };
        }
        let room = self.counts.len() < ADDRESSES;
        let (count, most) = match self.counts.get_mut(&place(ip)) {
            Some(count) => (count, PER_ADDRESS),
            None if room => (self.counts.entry(place(ip)).or_default(), PER_ADDRESS),
            None => (&mut self.others, FOR_OTHERS),
        };
        *count = count.saturating_add(1);
        *count <= most
    }
}

fn place(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        // No /64 in use begins with zeros.
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => u64::try_from(ip.to_bits() >> 64).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_bucket_fills_at_its_rate() {
        let rate = 1_000_000;
        let mut bucket = Bucket::full(rate, Duration::ZERO);
        assert!(bucket.take(500_000, rate, Duration::ZERO));
        assert!(!bucket.take(1, rate, Duration::ZERO));
        assert!(bucket.take(10_000, rate, Duration::from_millis(10)));
        assert!(!bucket.take(1, rate, Duration::from_millis(10)));
        assert!(bucket.take(500_000, rate, Duration::from_hours(1)));
        assert!(!bucket.take(1, rate, Duration::from_hours(1)));
    }

    #[test]
    fn one_address_is_answered_so_often() {
        let mut budget = Budget::default();
        let (ada, bob): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let answered = (0..1000).filter(|_| budget.take(ada, Duration::ZERO)).count();
        assert_eq!(answered, 200);
        assert!(budget.take(bob, Duration::ZERO));
        assert!(!budget.take("::ffff:192.0.2.1".parse().unwrap(), Duration::from_secs(4)));
        assert!(budget.take(ada, WINDOW));
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let mut budget = Budget::default();
        let at = |n: u16| format!("2001:db8::{n:x}").parse().unwrap();
        assert_eq!((0..1000).filter(|n| budget.take(at(*n), Duration::ZERO)).count(), 200);
        assert!(budget.take("2001:db8:0:1::1".parse().unwrap(), Duration::ZERO));
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded_and_passes() {
        let mut budget = Budget::default();
        let flood =
            (0..100_000u32).filter(|n| budget.take(Ipv4Addr::from_bits(*n).into(), Duration::ZERO)).count();
        assert_eq!(flood, ADDRESSES + 1000);
        assert_eq!(budget.counts.len(), ADDRESSES);
        assert!(budget.take("192.0.2.1".parse().unwrap(), WINDOW));
    }
}
