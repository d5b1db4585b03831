//! A panic stays where it is: whose work a worker does, and going on without whoever's panicked.
//!
//! Around everything that is done for one peer stands [`Worker::guard`]: each datagram, each parcel, each command, the
//! plane's flush and its timers. What unwinds ends that peer and no other: all tables forget it, and the control side
//! hears of it. Whatever can be nobody's alone goes on unwinding, to `keeper`, which begins the worker anew.
//!
//! Nothing is believed after a panic: the tables are compared with each other, and if they contradict each other the
//! worker begins anew too. What is not ours is untouched: SRTP keys go with their peer, so no nonce is used twice.

use super::{Peer, Worker, count};
use crate::transport::Event;
use forward::PeerKey;
use slotmap::SecondaryMap;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tokio::sync::mpsc::error::TrySendError;

/// Whose work is being done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Work {
    /// Nobody's alone.
    #[default]
    Everybody,
    /// A datagram's of which it is not known yet whose it is.
    Stranger,
    /// This peer's.
    Peer(PeerKey),
    /// The plane's, which knows whose.
    Plane,
}

/// What is known of faults.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub work: Work,
    /// Whose packet was in hand when another peer's work panicked. That can be either's doing, so it goes only when it
    /// happens again: a sender whose packets are poison takes two receivers with it at most.
    suspects: SecondaryMap<PeerKey, ()>,
    /// Who is gone, as far as the control side had no place to be told yet: no more than there were peers.
    pub news: VecDeque<Event>,
}

impl Faults {
    /// Nothing is known of anybody but who is to be told of.
    pub fn begin_anew(&mut self) {
        *self = Self { news: std::mem::take(&mut self.news), ..Self::default() };
    }

    pub fn forget(&mut self, peer: PeerKey) {
        self.suspects.remove(peer);
    }

    /// Whether it was suspected before.
    fn suspect(&mut self, peer: PeerKey) -> bool {
        self.suspects.insert(peer, ()).is_some()
    }
}

impl Worker {
    /// Does somebody's work; false if it panicked, and that peer is gone.
    pub(super) fn guard(&mut self, work: Work, act: impl FnOnce(&mut Self)) -> bool {
        let before = std::mem::replace(&mut self.faults.work, work);
        // What may be half changed is looked at in `contain`.
        let outcome = catch_unwind(AssertUnwindSafe(|| act(self)));
        let done = outcome.is_ok();
        if let Err(panic) = outcome
            && !self.contain()
        {
            resume_unwind(panic);
        }
        self.faults.work = before;
        done
    }

    /// Ends whoever's work panicked; false if the worker cannot go on.
    #[cold]
    fn contain(&mut self) -> bool {
        let (culprit, sender) = match self.faults.work {
            Work::Everybody => return false,
            Work::Stranger => {
                count(&self.counters.stranger_panics);
                tracing::error!("a datagram made the worker panic; it is dropped");
                return self.demux.is_sound();
            }
            Work::Peer(peer) => (Some(peer), None),
            Work::Plane => (self.plane.at_work(), self.plane.in_hand()),
        };
        let Some(culprit) = culprit else { return false };
        let sender = sender.filter(|sender| *sender != culprit && self.faults.suspect(*sender));
        let ended = self.end(culprit);
        ended && sender.is_none_or(|sender| self.end(sender))
    }

    /// Forgets a peer after a panic, and has the control side told; false if what is left contradicts itself.
    fn end(&mut self, peer: PeerKey) -> bool {
        count(&self.counters.peer_panics);
        tracing::error!(?peer, "a panic in one peer's work: it is sent away, the others go on");
        self.forget(peer);
        self.faults.news.push_back(Event::Faulted(peer));
        let sound = self.plane.recover(peer) && self.demux.is_sound();
        if !sound {
            tracing::error!("what is left contradicts itself");
        }
        sound
    }

    /// All tables but the plane's.
    pub(super) fn forget(&mut self, peer: PeerKey) -> Option<Peer> {
        self.demux.remove(peer);
        self.close_orphans();
        self.neighbours.forget(peer);
        self.faults.forget(peer);
        self.peers.remove(peer)
    }

    /// Tells the control side who is gone, as far as it has place.
    pub(super) fn tell_faults(&mut self) {
        while let Some(event) = self.faults.news.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => return self.faults.news.push_front(event),
                // The server is stopping.
                Err(TrySendError::Closed(_)) => return self.faults.news.clear(),
            }
        }
    }
}
