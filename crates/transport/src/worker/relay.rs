//! Between two workers that share a room: packets one way, what is asked of their publishers the other.
//!
//! A bounded lock-free queue each way per pair of workers, made when a room first spans the two. A worker that does
//! not keep up loses packets, counted by who had no place for them; its receivers then get a keyframe, as after any
//! loss that is not mended. Nothing is allocated per packet: the queue's places are as long as the longest datagram.

use forward::{Mid, PeerKey, SsrcName};
use mio::Waker;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;

/// Places in a queue, each of [`LONGEST`] bytes: at 10,000 packets/s, some 50 ms.
const QUEUE: usize = 512;

/// Bytes of the longest packet that is relayed; an Ethernet frame's.
const LONGEST: usize = 1500;

/// Parcels taken from one queue before the worker looks at its socket again.
pub(super) const PARCELS_PER_TURN: usize = 64;

/// What a worker is called by the others: its place among them.
pub type WorkerId = u16;

/// What is in a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// An opened RTP packet of the peer, for those who have it as a guest, and what its SSRC stands for.
    Rtp(Option<SsrcName>),
    /// An opened RTCP compound of the peer, likewise.
    Rtcp,
    /// RTCP that a worker wrote to its guest, for the one that has the peer.
    Feedback,
    /// The encodings that the receivers of one worker want of a line of the peer, a byte for each.
    Wanted(Mid),
}

/// One thing that goes from worker to worker.
pub(super) struct Parcel {
    pub peer: PeerKey,
    pub content: Content,
    len: usize,
    bytes: [u8; LONGEST],
}

impl Parcel {
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// `None` if it is too long.
    fn new(peer: PeerKey, content: Content, contents: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..contents.len())?.copy_from_slice(contents);
        Some(Self { peer, content, len: contents.len(), bytes })
    }
}

/// One worker's ends of the queues between it and another.
pub struct Relay {
    out: Producer<Parcel>,
    into: Consumer<Parcel>,
    waker: Arc<Waker>,
    /// Something was put in since the other was woken.
    unannounced: bool,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("free", &self.out.slots()).finish_non_exhaustive()
    }
}

impl Relay {
    /// Both ends of a pair of queues; each has the other's waker.
    pub(crate) fn pair(first: Arc<Waker>, second: Arc<Waker>) -> (Self, Self) {
        let (there, from_first) = RingBuffer::new(QUEUE);
        let (back, from_second) = RingBuffer::new(QUEUE);
        (
            Self { out: there, into: from_second, waker: second, unannounced: false },
            Self { out: back, into: from_first, waker: first, unannounced: false },
        )
    }

    /// Puts something in; false if it has no place there.
    pub(super) fn put(&mut self, peer: PeerKey, content: Content, bytes: &[u8]) -> bool {
        let Some(parcel) = Parcel::new(peer, content, bytes) else { return false };
        self.unannounced = true;
        self.out.push(parcel).is_ok()
    }

    /// Wakes the other if there is something new for it.
    pub(super) fn announce(&mut self) {
        if std::mem::take(&mut self.unannounced) {
            // It fails only when the other is gone.
            let _ = self.waker.wake();
        }
    }

    /// How many parcels wait.
    pub(super) fn waiting(&self) -> usize {
        self.into.slots()
    }

    /// What came from the other.
    pub(super) fn take(&mut self) -> Option<Parcel> {
        self.into.pop().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::WAKER;
    use mio::{Events, Poll};
    use std::time::Duration;

    fn pair() -> (Relay, Relay, Poll, Poll) {
        let polls = [Poll::new().unwrap(), Poll::new().unwrap()];
        let wakers = polls.each_ref().map(|poll| Arc::new(Waker::new(poll.registry(), WAKER).unwrap()));
        let [first, second] = wakers;
        let (one, other) = Relay::pair(first, second);
        let [first, second] = polls;
        (one, other, first, second)
    }

    fn is_woken(poll: &mut Poll) -> bool {
        let mut events = Events::with_capacity(1);
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        !events.is_empty()
    }

    #[test]
    fn what_is_put_in_comes_out_at_the_other_end_in_order() {
        let (mut one, mut other, _, mut others) = pair();
        let peer = PeerKey::default();
        assert!(one.put(peer, Content::Rtp(None), b"first"));
        assert!(one.put(peer, Content::Wanted(Mid::from("1")), &[0, 2]));
        assert!(!is_woken(&mut others));
        one.announce();
        assert!(is_woken(&mut others), "once for both");
        one.announce();
        assert!(!is_woken(&mut others), "nothing new");
        let first = other.take().unwrap();
        assert_eq!((first.content, first.bytes()), (Content::Rtp(None), &b"first"[..]));
        let second = other.take().unwrap();
        assert_eq!((second.content, second.bytes()), (Content::Wanted(Mid::from("1")), &[0, 2][..]));
        assert!(other.take().is_none());
        assert!(one.take().is_none(), "its own way back");
    }

    #[test]
    fn a_full_queue_and_a_packet_too_long_are_refused() {
        let (mut one, mut other, ..) = pair();
        let peer = PeerKey::default();
        assert!(!one.put(peer, Content::Rtp(None), &[0; LONGEST + 1]));
        let taken = (0..QUEUE + 9).filter(|_| one.put(peer, Content::Rtp(None), &[7; LONGEST])).count();
        assert_eq!(taken, QUEUE);
        assert!(other.take().is_some());
        assert!(one.put(peer, Content::Rtp(None), &[]));
    }
}
