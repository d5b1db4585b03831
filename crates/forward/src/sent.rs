//! What a slot has sent lately, so that a NACK for it can be answered from the stream's history.
//!
//! Owns the map from egress number to ingress number and rewrite, and the throttle on resending.
//! The bytes themselves are in the stream's history only.

use crate::ids::Seq64;
use crate::limits::{REMEMBERED_REWRITES, SENT_HISTORY};
use crate::rewrite::Rewrite;
use crate::select::Kept;
use crate::time::Time;
use std::time::Duration;

/// Resending one packet to one receiver waits at least this long, or a round trip.
const MIN_RESEND_INTERVAL: Duration = Duration::from_millis(20);

/// How far back a probe looks for a packet to send again.
const RECENT: u64 = 64;

#[derive(Clone, Copy, Debug)]
struct SentPacket {
    seq: Seq64,
    ingress: Seq64,
    /// Ordinal of the rewrite it went through.
    rewrite: u64,
    kept: Kept,
    resent: Resent,
}

/// Whether a packet was sent again.
#[derive(Clone, Copy, Debug)]
enum Resent {
    Never,
    /// It waits for its turn: asking for it once more does not queue it once more.
    Waiting,
    At(Time),
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
        if place.is_some_and(|sent| sent.seq >= seq) {
            return false;
        }
        *place = Some(SentPacket { seq, ingress, rewrite: self.begun, kept, resent: Resent::Never });
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
            Resent::At(last) => now.since(last) >= rtt.max(MIN_RESEND_INTERVAL),
        };
        if due {
            sent.resent = Resent::Waiting;
        }
        due
    }

    /// A packet that waited for its turn is sent again.
    pub fn resent(&mut self, seq: Seq64, now: Time) {
        self.set_resent(seq, Resent::At(now));
    }

    /// A packet that waited for its turn is not sent again after all.
    pub fn forgone(&mut self, seq: Seq64) {
        self.set_resent(seq, Resent::Never);
    }

    fn set_resent(&mut self, seq: Seq64, resent: Resent) {
        let place = self.packets.get_mut(packet_place(seq)).and_then(Option::as_mut);
        if let Some(sent) = place.filter(|sent| sent.seq == seq) {
            sent.resent = resent;
        }
    }

    /// Where a sent packet came from and how it was changed.
    pub fn origin(&self, seq: Seq64) -> Option<Origin<'_>> {
        let sent = self.packets.get(packet_place(seq))?.as_ref().filter(|sent| sent.seq == seq)?;
        let (ordinal, rewrite) = self.rewrites.get(rewrite_place(sent.rewrite))?.as_ref()?;
        // The ring may have moved on to a newer source.
        (*ordinal == sent.rewrite).then_some(Origin { ingress: sent.ingress, kept: sent.kept, rewrite })
    }

    /// The last packets sent, newest first, for a probe to send again.
    pub fn recent(&self, highest: Seq64) -> impl Iterator<Item = Seq64> {
        (0..RECENT)
            .map_while(move |back| highest.0.checked_sub(back).map(Seq64))
            .filter(|seq| self.origin(*seq).is_some())
    }
}

fn packet_place(seq: Seq64) -> usize {
    let mask = u64::try_from(SENT_HISTORY).unwrap_or(1) - 1;
    usize::try_from(seq.0 & mask).unwrap_or(0)
}

fn rewrite_place(ordinal: u64) -> usize {
    let count = u64::try_from(REMEMBERED_REWRITES).unwrap_or(1);
    usize::try_from(ordinal % count).unwrap_or(0)
}
