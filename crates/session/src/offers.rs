//! The negotiation under way, one at a time, and what has been agreed on so far. Why an offer is made
//! is `renegotiate`'s business.

use crate::{Output, Session};
use signal::limits::MAX_SEATS;
use signal::{OfferId, Sdp};

/// How many seats the first offer has. Few, so that it is small.
const FIRST_SEATS: usize = 4;

/// Offers of one peer connection.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    /// The id of the next offer that is sent. One that fails before that gives its id back.
    next: u32,
    /// How many seats the last answered offer has.
    pub(crate) seats: usize,
    /// Whether it has the data channels.
    pub(crate) data: bool,
    pub(crate) progress: Progress,
}

/// ```text
///         CreateOffer           OfferCreated           sent            answer
/// NoPeer ─────────────▶ Making ─────────────▶ Made ──────────▶ Sent ─────────▶ Settled
///                         ▲                                                       │
///                         └───────────────────────────────────────────────────────┘
/// ```
#[derive(Debug, Default)]
pub(crate) enum Progress {
    /// There is no peer connection.
    #[default]
    NoPeer,
    /// Both sides agree, or have given up trying.
    Settled,
    /// The browser makes an offer.
    Making(Draft),
    /// It waits to be sent.
    Made(Draft, Sdp),
    /// It waits for its answer.
    Sent(Draft),
}

/// What an offer is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    pub(crate) id: OfferId,
    pub(crate) seats: usize,
    pub(crate) ice_restart: bool,
    pub(crate) data: bool,
}

impl Offers {
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.progress, Progress::Settled)
    }

    pub(crate) fn has_peer(&self) -> bool {
        !matches!(self.progress, Progress::NoPeer)
    }

    /// The offer under way.
    pub(crate) fn draft(&self) -> Option<Draft> {
        match &self.progress {
            Progress::NoPeer | Progress::Settled => None,
            Progress::Making(draft) | Progress::Made(draft, _) | Progress::Sent(draft) => Some(*draft),
        }
    }

    /// The browser has made the offer; false when it is none that we wait for.
    pub(crate) fn made(&mut self, id: OfferId, sdp: Sdp) -> bool {
        match self.progress {
            Progress::Making(draft) if draft.id == id => {
                self.progress = Progress::Made(draft, sdp);
                true
            }
            Progress::Making(_)
            | Progress::NoPeer
            | Progress::Settled
            | Progress::Made(..)
            | Progress::Sent(_) => false,
        }
    }

    /// The offer, if it waits to be sent; from now on it waits for its answer.
    pub(crate) fn take_made(&mut self) -> Option<(OfferId, Sdp)> {
        match std::mem::take(&mut self.progress) {
            Progress::Made(draft, sdp) => {
                self.progress = Progress::Sent(draft);
                self.next = draft.id.0.saturating_add(1);
                Some((draft.id, sdp))
            }
            other @ (Progress::NoPeer | Progress::Settled | Progress::Making(_) | Progress::Sent(_)) => {
                self.progress = other;
                None
            }
        }
    }

    /// The answer is there; false when it answers another offer.
    pub(crate) fn answered(&mut self, id: OfferId) -> bool {
        match self.progress {
            Progress::Sent(draft) if draft.id == id => {
                self.seats = draft.seats;
                self.data = draft.data;
                self.progress = Progress::Settled;
                true
            }
            Progress::Sent(_)
            | Progress::NoPeer
            | Progress::Settled
            | Progress::Making(_)
            | Progress::Made(..) => false,
        }
    }

    /// Gives up the offer under way.
    pub(crate) fn give_up(&mut self) {
        if self.has_peer() {
            self.progress = Progress::Settled;
        }
    }
}

impl Session {
    /// The first offer of a new peer connection.
    pub(crate) fn create_first_offer(&mut self) {
        self.offers = Offers::default();
        self.create_offer(FIRST_SEATS, false);
    }

    pub(crate) fn create_offer(&mut self, seats: usize, ice_restart: bool) {
        let (id, data) = (OfferId(self.offers.next), self.wants_data);
        self.tracks.ask_for_mids();
        self.offers.progress = Progress::Making(Draft { id, seats, ice_restart, data });
        self.output(Output::CreateOffer { id, seats, ice_restart, data });
    }

    pub(crate) fn close_peer(&mut self) {
        if self.offers.has_peer() {
            self.output(Output::ClosePeer);
        }
        self.close_directs();
        self.offers = Offers::default();
        self.media = crate::Media::default();
        self.tracks.peer_closed();
        self.roster.slots.clear();
        self.measured = crate::Measured::default();
    }
}

/// The number of seats to offer when so many are needed: 4, 8, 16, 32, 64.
pub(crate) fn step_for(needed: usize) -> usize {
    needed.next_power_of_two().clamp(FIRST_SEATS, MAX_SEATS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_grow_in_steps() {
        let steps = [(0, 4), (4, 4), (5, 8), (8, 8), (9, 16), (33, 64), (64, 64), (65, 64), (500, 64)];
        for (needed, seats) in steps {
            assert_eq!(step_for(needed), seats, "{needed}");
        }
    }
}
