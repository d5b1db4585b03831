//! One participant's offers after the first: which is being answered, which id comes next.
//!
//! The client counts its offers, one at a time. A lost socket may take an offer or an answer with it, so
//! after `resumed` the client offers anew under a new id, and what was being answered then is answered
//! to nobody. Ids are never used twice; the first one after `resumed` may skip those that were lost.

use signal::{ErrorCode, ErrorInfo, OfferId, Sdp};

/// The state of renegotiation.
#[derive(Debug)]
pub(crate) struct Offers {
    /// The last offer that was let through.
    seen: OfferId,
    /// The last offer whose answer was sent.
    answered: OfferId,
    expected: Expected,
    progress: Progress,
}

/// Which id is taken next.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// One more than the last.
    Next,
    /// Any later one: the last ones may have been lost with the old socket.
    AnyLater,
}

/// ```text
///          offer              negotiated
/// Settled ───────▶ Answering ────────────▶ Settled
///                     │ resume
///                     ▼          negotiated
///                 Superseded ──────────────▶ Settled, or Answering the offer held back
/// ```
#[derive(Debug)]
enum Progress {
    Settled,
    Answering(OfferId),
    /// The socket that offered was replaced. A newer offer waits until the peer is done with the old.
    Superseded {
        offer: OfferId,
        held: Option<(OfferId, Sdp)>,
    },
}

/// What to do with a negotiation that ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nobody asked for it.
    Unknown,
    /// The client waits for it.
    Awaited,
    /// The client has given it up; this newer offer may go to the peer now.
    GivenUp { next: Option<(OfferId, Sdp)> },
}

impl Offers {
    /// After the offer inside `join` was answered.
    pub(crate) fn after_join() -> Self {
        let first = OfferId(0);
        Self { seen: first, answered: first, expected: Expected::Next, progress: Progress::Settled }
    }

    pub(crate) fn answered(&self) -> OfferId {
        self.answered
    }

    /// The id of the next offer of whoever does not count its own.
    pub(crate) fn next(&self) -> OfferId {
        OfferId(self.seen.0.saturating_add(1))
    }

    /// Takes an offer; gives it back if it is to be answered now.
    pub(crate) fn take(&mut self, id: OfferId, sdp: Sdp) -> Result<Option<Sdp>, ErrorInfo> {
        if sdp.0.is_empty() {
            return bad("The offer is empty.");
        }
        let in_turn = match self.expected {
            Expected::Next => Some(id.0) == self.seen.0.checked_add(1),
            Expected::AnyLater => id > self.seen,
        };
        if !in_turn {
            return bad("The offer is out of turn.");
        }
        let now = match &mut self.progress {
            Progress::Settled => {
                self.progress = Progress::Answering(id);
                Some(sdp)
            }
            Progress::Superseded { held: held @ None, .. } => {
                *held = Some((id, sdp));
                None
            }
            Progress::Answering(_) | Progress::Superseded { held: Some(_), .. } => {
                return bad("Another offer is being answered.");
            }
        };
        self.seen = id;
        self.expected = Expected::Next;
        Ok(now)
    }

    /// The peer is done with an offer.
    pub(crate) fn end(&mut self, offer: OfferId) -> Ended {
        match std::mem::replace(&mut self.progress, Progress::Settled) {
            Progress::Answering(id) if id == offer => Ended::Awaited,
            Progress::Superseded { offer: id, held } if id == offer => {
                if let Some((next, _)) = &held {
                    self.progress = Progress::Answering(*next);
                }
                Ended::GivenUp { next: held }
            }
            other @ (Progress::Settled | Progress::Answering(_) | Progress::Superseded { .. }) => {
                self.progress = other;
                Ended::Unknown
            }
        }
    }

    /// An answer was sent.
    pub(crate) fn sent(&mut self, offer: OfferId) {
        self.answered = offer;
    }

    /// The client came back on a new socket.
    pub(crate) fn resume(&mut self) {
        self.expected = Expected::AnyLater;
        match &mut self.progress {
            Progress::Settled => {}
            Progress::Answering(offer) => {
                self.progress = Progress::Superseded { offer: *offer, held: None };
            }
            Progress::Superseded { held, .. } => *held = None,
        }
    }
}

fn bad<T>(sentence: &str) -> Result<T, ErrorInfo> {
    Err(ErrorInfo::with_message(ErrorCode::BadOffer, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(offers: &mut Offers, id: u32) -> Result<bool, ErrorCode> {
        offers.take(OfferId(id), Sdp::from("v=0")).map(|now| now.is_some()).map_err(|error| error.code)
    }

    #[test]
    fn ids_count_up_by_one() {
        let mut offers = Offers::after_join();
        assert_eq!(take(&mut offers, 0), Err(ErrorCode::BadOffer));
        assert_eq!(take(&mut offers, 2), Err(ErrorCode::BadOffer));
        assert_eq!(take(&mut offers, 1), Ok(true));
    }

    #[test]
    fn one_offer_at_a_time() {
        let mut offers = Offers::after_join();
        assert_eq!(take(&mut offers, 1), Ok(true));
        assert_eq!(take(&mut offers, 2), Err(ErrorCode::BadOffer));
        assert_eq!(offers.end(OfferId(7)), Ended::Unknown);
        assert_eq!(offers.end(OfferId(1)), Ended::Awaited);
        assert_eq!(offers.end(OfferId(1)), Ended::Unknown);
        assert_eq!(take(&mut offers, 2), Ok(true));
    }

    #[test]
    fn an_empty_offer_takes_no_id() {
        let mut offers = Offers::after_join();
        assert!(offers.take(OfferId(1), Sdp::from("")).is_err());
        assert_eq!(take(&mut offers, 1), Ok(true));
    }

    #[test]
    fn after_a_resume_lost_ids_are_skipped_and_a_new_offer_waits_for_the_old() {
        let mut offers = Offers::after_join();
        assert_eq!(take(&mut offers, 1), Ok(true));
        offers.resume();
        assert_eq!(take(&mut offers, 1), Err(ErrorCode::BadOffer));
        assert_eq!(take(&mut offers, 3), Ok(false));
        assert_eq!(take(&mut offers, 4), Err(ErrorCode::BadOffer));
        let next = Some((OfferId(3), Sdp::from("v=0")));
        assert_eq!(offers.end(OfferId(1)), Ended::GivenUp { next });
        assert_eq!(offers.end(OfferId(3)), Ended::Awaited);
    }
}
