//! What a slot has sent lately, so that a NACK for it can be answered from the stream's history.
//!
//! Owns the map from egress number to ingress number and rewrite, and the throttle on resending.
//! The bytes themselves are in the stream's history only.

use crate::ids::Seq64;
use crate::limits::{REMEMBERED_REWRITES, SENT_HISTORY};
use crate::rewrite::Rewrite;
use crate::select::{Kept, Shift};
use crate::time::Time;
use std::time::Duration;

/// Resending one packet to one receiver waits at least this long, or a round trip.
const MIN_RESEND_INTERVAL: Duration = Duration::from_millis(20);

/// How far back a probe looks for a packet to send again.
const RECENT: u64 = 64;

/// Half a cache line: with a thousand receivers, each packet's place in each ring is a miss.
#[derive(Clone, Copy, Debug)]
struct SentPacket {
    /// The number's lower half, which tells one round of the ring from another.
    seq: u32,
    /// Ordinal of the rewrite it went through, its lowest bits: more than [`REMEMBERED_REWRITES`] differ in them.
    rewrite: u16,
    /// Of its [`Kept`]; how many packets were left out follows from the two numbers.
    frames_left_out: u16,
    ends_frame: bool,
    resent: Resent,
    ingress: Seq64,
}

const _: () = assert!(size_of::<Option<SentPacket>>() == 32);

/// Whether a packet was sent again.
#[derive(Clone, Copy, Debug)]
enum Resent {
    Never,
    /// It waits for its turn: asking for it once more does not queue it once more.
    Waiting,
    /// In milliseconds, wrapping after 49 days.
    At(u32),
}

/// Where a sent packet came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub ingress: Seq64,
    pub kept: Kept,
    pub rewrite: &'a Rewrite,
}

/// A ring of sent packets and one of the rewrites they went through.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Empty until the first packet.
    packets: Vec<Option<SentPacket>>,
    /// Each with its ordinal.
    rewrites: [Option<(u64, Rewrite)>; REMEMBERED_REWRITES],
    begun: u64,
}

impl Sent {
    /// A new source begins.
    pub fn begin(&mut self, rewrite: Rewrite) {
        self.begun += 1;
        let at = rewrite_place(self.begun);
        if let Some(place) = self.rewrites.get_mut(at) {
            *place = Some((self.begun, rewrite));
        }
    }

    /// The rewrite of the current source.
    pub fn rewrite(&self) -> Option<&Rewrite> {
        self.rewrites.get(rewrite_place(self.begun))?.as_ref().map(|(_, rewrite)| rewrite)
    }

    /// Sources begun so far.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Notes a packet of the current source; false if it had been sent, or its place has passed.
    pub fn note(&mut self, seq: Seq64, ingress: Seq64, kept: Kept) -> bool {
        if self.packets.is_empty() {
            self.packets = vec![None; SENT_HISTORY];
        }
        let Some(place) = self.packets.get_mut(packet_place(seq)) else { return false };
        if place.is_some_and(|sent| sent.seq.wrapping_sub(low(seq.0)) < u32::MAX / 2) {
            return false;
        }
        *place = Some(SentPacket {
            seq: low(seq.0),
            ingress,
            rewrite: ordinal(self.begun),
            frames_left_out: kept.shift.frames,
            ends_frame: kept.ends_frame,
            resent: Resent::Never,
        });
        true
    }

    /// Whether a packet is to be sent again, NACK being negotiated for it; notes that it waits for its turn.
    /// Then either [`Self::resent`] or [`Self::forgone`] follows.
    pub fn resend(&mut self, seq: Seq64, now: Time, rtt: Duration) -> bool {
        if !self.origin(seq).is_some_and(|origin| origin.rewrite.nack) {
            return false;
        }
        let Some(sent) = self.packets.get_mut(packet_place(seq)).and_then(Option::as_mut) else {
            return false;
        };
        let due = match sent.resent {
            Resent::Never => true,
            Resent::Waiting => false,
            Resent::At(last) => {
                let passed = millis(now).wrapping_sub(last);
                Duration::from_millis(u64::from(passed)) >= rtt.max(MIN_RESEND_INTERVAL)
            }
        };
        if due {
            sent.resent = Resent::Waiting;
        }
        due
    }

    /// A packet that waited for its turn is sent again.
    pub fn resent(&mut self, seq: Seq64, now: Time) {
        self.set_resent(seq, Resent::At(millis(now)));
    }

    /// A packet that waited for its turn is not sent again after all.
    pub fn forgone(&mut self, seq: Seq64) {
        self.set_resent(seq, Resent::Never);
    }

    fn set_resent(&mut self, seq: Seq64, resent: Resent) {
        let place = self.packets.get_mut(packet_place(seq)).and_then(Option::as_mut);
        if let Some(sent) = place.filter(|sent| sent.seq == low(seq.0)) {
            sent.resent = resent;
        }
    }

    /// Where a sent packet came from and how it was changed.
    pub fn origin(&self, seq: Seq64) -> Option<Origin<'_>> {
        let sent = self.packets.get(packet_place(seq))?.as_ref().filter(|sent| sent.seq == low(seq.0))?;
        let (begun, rewrite) = self.rewrites.get(rewrite_place(u64::from(sent.rewrite)))?.as_ref()?;
        // The ring may have moved on to a newer source.
        if ordinal(*begun) != sent.rewrite {
            return None;
        }
        let packets = rewrite.left_out(sent.ingress, seq)?;
        let shift = Shift { packets, frames: sent.frames_left_out };
        let kept = Kept { shift, ends_frame: sent.ends_frame };
        Some(Origin { ingress: sent.ingress, kept, rewrite })
    }

    /// The last packets sent, newest first, for a probe to send again.
    pub fn recent(&self, highest: Seq64) -> impl Iterator<Item = Seq64> {
        (0..RECENT)
            .map_while(move |back| highest.0.checked_sub(back).map(Seq64))
            .filter(|seq| self.origin(*seq).is_some())
    }
}

/// The lower half of a number.
fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0)
}

/// The lowest bits of a rewrite's ordinal. A multiple of [`REMEMBERED_REWRITES`] fits into them, so they say its place.
fn ordinal(begun: u64) -> u16 {
    u16::try_from(begun & u64::from(u16::MAX)).unwrap_or(0)
}

fn millis(time: Time) -> u32 {
    low(time.0 / 1000)
}

fn packet_place(seq: Seq64) -> usize {
    let mask = u64::try_from(SENT_HISTORY).unwrap_or(1) - 1;
    usize::try_from(seq.0 & mask).unwrap_or(0)
}

fn rewrite_place(ordinal: u64) -> usize {
    let count = u64::try_from(REMEMBERED_REWRITES).unwrap_or(1);
    usize::try_from(ordinal % count).unwrap_or(0)
}
