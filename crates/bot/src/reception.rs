//! Receiving one SSRC, sans-I/O: what is missing, and whether what came goes on without a jump.

use crate::rtcp::Block;
use crate::rtp::Header;
use crate::stats::Received;
use crate::vp8::{self, Picture, Stamp};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Packets remembered, to compare neighbours that arrive out of order.
const REMEMBERED: u64 = 1024;
/// Between two requests for the same packet.
const ASK_EVERY: Duration = Duration::from_millis(40);
/// Requests for one packet before it is given up.
const ASKS: u32 = 25;

/// What is compared with a packet's neighbours.
#[derive(Clone, Copy, Debug)]
struct Seen {
    index: u64,
    time: u32,
    picture: Option<Picture>,
    source: u32,
}

#[derive(Clone, Copy, Debug)]
struct Missing {
    asked: u32,
    next: Instant,
}

/// One SSRC.
#[derive(Debug)]
pub(crate) struct Reception {
    /// Whether NACK was negotiated.
    repaired: bool,
    highest: Option<u64>,
    seen: Vec<Option<Seen>>,
    missing: BTreeMap<u64, Missing>,
    last_sr: Option<(u32, Instant)>,
    reported: (u64, u64),
}

/// What a packet's arrival calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Fresh(Stamp),
    /// A duplicate, or too old, or not one of ours.
    Stale,
}

impl Reception {
    /// Packets that are all looked into are compared with their neighbours.
    pub(crate) fn new(repaired: bool, compared: bool) -> Self {
        let places = if compared { usize::try_from(REMEMBERED).unwrap_or_default() } else { 0 };
        let seen = vec![None; places];
        Self { repaired, highest: None, seen, missing: BTreeMap::new(), last_sr: None, reported: (0, 0) }
    }

    /// Takes a packet. One that was healed came as a retransmission.
    pub(crate) fn take(
        &mut self,
        header: &Header,
        payload: &[u8],
        healed: bool,
        now: Instant,
        counts: &mut Received,
    ) -> Arrival {
        let Some(stamp) = vp8::stamp(payload) else { return Arrival::Stale };
        let Some(index) = self.arrive(header.seq, healed, now, counts) else { return Arrival::Stale };
        self.remember(index, header, payload, stamp, counts);
        Arrival::Fresh(stamp)
    }

    /// Whether anything came.
    pub(crate) fn has_begun(&self) -> bool {
        self.highest.is_some()
    }

    /// Takes a packet's number; its index, unless it came before.
    pub(crate) fn arrive(
        &mut self,
        seq: u16,
        healed: bool,
        now: Instant,
        counts: &mut Received,
    ) -> Option<u64> {
        let index = self.index(seq);
        let Some(highest) = self.highest else {
            self.highest = Some(index);
            counts.packets += 1;
            counts.hear(now);
            return Some(index);
        };
        if index > highest {
            for skipped in highest + 1..index {
                self.missing.insert(skipped, Missing { asked: 0, next: now });
            }
            self.highest = Some(index);
        } else if self.missing.remove(&index).is_none() {
            // The server sends old packets again as RTX to probe the path.
            let count = if healed { &mut counts.probes } else { &mut counts.duplicates };
            *count += 1;
            return None;
        }
        counts.packets += 1;
        counts.hear(now);
        counts.healed += u64::from(healed);
        counts.missing = self.missing.len() as u64;
        Some(index)
    }

    /// The nearest 64-bit index.
    fn index(&self, seq: u16) -> u64 {
        let Some(highest) = self.highest else { return (1 << 16) + u64::from(seq) };
        let ahead = seq.wrapping_sub((highest & 0xffff) as u16).cast_signed();
        highest.saturating_add_signed(i64::from(ahead))
    }

    fn remember(&mut self, index: u64, header: &Header, payload: &[u8], stamp: Stamp, counts: &mut Received) {
        let picture = if counts.video { vp8::picture(payload) } else { None };
        let this = Seen { index, time: header.time, picture, source: stamp.source };
        counts.keyframes += u64::from(picture.is_some_and(|picture| picture.keyframe));
        let (before, after) = (self.at(index.wrapping_sub(1)), self.at(index + 1));
        if let Some(before) = before {
            compare(&before, &this, counts);
        } else if counts.sources == 0 {
            begin(&this, counts);
        }
        if let Some(after) = after {
            compare(&this, &after, counts);
        }
        if let Some(place) = self.seen.get_mut(place(index)) {
            *place = Some(this);
        }
    }

    fn at(&self, index: u64) -> Option<Seen> {
        self.seen.get(place(index)).copied().flatten().filter(|seen| seen.index == index)
    }

    /// When something is to be asked for again.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.missing.values().map(|missing| missing.next).min()
    }

    /// What to ask for; true if something was given up.
    pub(crate) fn asks(&mut self, now: Instant, counts: &mut Received) -> (Vec<u16>, bool) {
        let (mut seqs, before) = (Vec::new(), self.missing.len());
        let most = if self.repaired { ASKS } else { 1 };
        self.missing.retain(|index, missing| {
            if now >= missing.next {
                missing.next = now + ASK_EVERY;
                missing.asked += 1;
                if missing.asked <= most {
                    seqs.push((index & 0xffff) as u16);
                }
            }
            missing.asked <= most
        });
        let given_up = before - self.missing.len();
        counts.lost += given_up as u64;
        counts.missing = self.missing.len() as u64;
        (if self.repaired { seqs } else { Vec::new() }, given_up > 0)
    }

    pub(crate) fn take_report(&mut self, ntp: u64, now: Instant) {
        // The middle 32 bits (RFC 3550 §6.4.1).
        self.last_sr = Some(((ntp >> 16 & 0xffff_ffff) as u32, now));
    }

    /// A report block since the last.
    pub(crate) fn block(&mut self, ssrc: u32, counts: &Received, now: Instant) -> Option<Block> {
        let highest = self.highest?;
        let lost = counts.lost + counts.missing;
        let expected = counts.packets + lost;
        let (lost_then, expected_then) = std::mem::replace(&mut self.reported, (lost, expected));
        let (lost_since, since) = (lost.saturating_sub(lost_then), expected.saturating_sub(expected_then));
        let fraction = (lost_since * 256).checked_div(since).unwrap_or(0).min(255);
        let (last_sr, delay) =
            self.last_sr.map_or((0, Duration::ZERO), |(sr, at)| (sr, now.saturating_duration_since(at)));
        Some(Block {
            ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative_lost: u32::try_from(lost).unwrap_or(u32::MAX),
            extended_highest: ((highest - (1 << 16)) & 0xffff_ffff) as u32,
            last_sr,
            delay_since_sr: u32::try_from(delay.as_micros() * 65_536 / 1_000_000).unwrap_or(u32::MAX),
        })
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index % REMEMBERED).unwrap_or_default()
}

fn begin(this: &Seen, counts: &mut Received) {
    counts.sources += 1;
    counts.source = this.source;
    if counts.video && !this.picture.is_some_and(|picture| picture.keyframe) {
        counts.bad_starts += 1;
    }
}

fn compare(before: &Seen, after: &Seen, counts: &mut Received) {
    if after.time.wrapping_sub(before.time).cast_signed() < 0 {
        counts.time_breaks += 1;
    }
    if after.source != before.source {
        begin(after, counts);
    }
    if let (Some(before), Some(after)) = (before.picture, after.picture) {
        let expected = if after.first { (before.id + 1) & 0x7fff } else { before.id };
        counts.picture_breaks += u64::from(after.id != expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Feed {
        reception: Reception,
        counts: Received,
        now: Instant,
    }

    impl Feed {
        fn new() -> Self {
            let counts = Received { video: true, ..Received::default() };
            Self { reception: Reception::new(true, true), counts, now: Instant::now() }
        }

        /// A frame of one packet.
        fn take(&mut self, seq: u16, id: u16, keyframe: bool, source: u32) {
            let header = Header { payload_type: 96, marker: true, seq, time: u32::from(id) * 3000, ssrc: 1 };
            let picture = Picture { id, tl0_index: 0, keyframe, first: true };
            let payload = vp8::video(picture, Stamp { sent: 0, source }, 100);
            self.reception.take(&header, &payload, false, self.now, &mut self.counts);
        }
    }

    #[test]
    fn a_gap_is_asked_for_until_it_is_filled() {
        let mut feed = Feed::new();
        feed.take(0xffff, 1, true, 7);
        feed.take(1, 3, false, 7);
        assert_eq!(feed.counts.missing, 1);
        assert_eq!(feed.reception.asks(feed.now, &mut feed.counts), (vec![0], false));
        assert_eq!(feed.reception.asks(feed.now, &mut feed.counts), (vec![], false));
        feed.take(0, 2, false, 7);
        assert!(feed.counts.is_seamless(), "{:?}", feed.counts);
        feed.take(0, 2, false, 7);
        assert_eq!(feed.counts.duplicates, 1);
    }

    #[test]
    fn numbers_alone_tell_what_is_missing() {
        let mut feed = Feed { reception: Reception::new(true, false), ..Feed::new() };
        for seq in [0xffff, 1, 2] {
            assert!(feed.reception.arrive(seq, false, feed.now, &mut feed.counts).is_some());
        }
        assert!(feed.reception.arrive(2, false, feed.now, &mut feed.counts).is_none());
        assert_eq!((feed.counts.packets, feed.counts.missing, feed.counts.duplicates), (3, 1, 1));
        assert_eq!(feed.reception.asks(feed.now, &mut feed.counts), (vec![0], false));
    }

    #[test]
    fn what_never_comes_is_given_up() {
        let mut feed = Feed::new();
        feed.take(1, 1, true, 7);
        feed.take(3, 3, false, 7);
        let gave_up = (0..=ASKS).any(|_| {
            feed.now += ASK_EVERY;
            feed.reception.asks(feed.now, &mut feed.counts).1
        });
        assert!(gave_up);
        assert_eq!((feed.counts.missing, feed.counts.lost), (0, 1));
    }

    #[test]
    fn a_jump_and_a_start_without_a_keyframe_are_noticed() {
        let mut feed = Feed::new();
        feed.take(1, 1, true, 7);
        feed.take(2, 2, false, 8);
        assert_eq!((feed.counts.sources, feed.counts.bad_starts), (2, 1));
        feed.take(3, 4, false, 8);
        assert_eq!(feed.counts.picture_breaks, 1);
    }
}
