//! Perfect negotiation (W3C WebRTC §10.7) without a browser: who may offer when, and whose offer goes first when two
//! cross. The browser carries steps out one after the other, so what it was told counts as done here.

/// Which of the two gives way. By the participants' ids, so both know it without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Takes its own offer back and answers the other's.
    Polite,
    /// Passes the other's offer over.
    Impolite,
}

/// What is known of the local and the remote description.
///
/// ```text
///            to be made            made, sent           answer
///   Stable ─────────────▶ Making ───────────▶ Offered ─────────▶ Stable
///     │                      │ ▲                 │ │ too long without an answer
///     │                      │ └─────────────────│─┘
///     │ offer                │ offer, polite     │ offer, polite: its own is rolled back
///     ▼                      ▼                   ▼
///   Answering ◀──────────────┴───────────────────┘
///     │ answer made, sent
///     ▼
///   Stable
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Negotiation {
    /// Both descriptions fit each other, or there are none yet.
    #[default]
    Stable,
    /// The browser makes an offer.
    Making,
    /// Ours waits for its answer.
    Offered,
    /// The browser makes an answer to theirs.
    Answering,
}

impl Negotiation {
    /// An offer is to be made; whether the browser is to be asked. A negotiation under way does as well.
    pub(crate) fn offer(&mut self) -> bool {
        let free = *self == Self::Stable;
        if free {
            *self = Self::Making;
        }
        free
    }

    /// Ours was lost on the way, or its answer was: it is to be made again; whether the browser is to be asked.
    pub(crate) fn offer_again(&mut self) -> bool {
        self.step(Self::Offered, Self::Making)
    }

    /// Theirs came; whether it is to be answered.
    pub(crate) fn offered(&mut self, role: Role) -> bool {
        let taken = match (*self, role) {
            (Self::Stable, _) | (Self::Making | Self::Offered, Role::Polite) => true,
            // One at a time: who makes a second one before the first is answered is not of this kind.
            (Self::Answering, _) | (Self::Making | Self::Offered, Role::Impolite) => false,
        };
        if taken {
            *self = Self::Answering;
        }
        taken
    }

    /// Their answer came; whether it is waited for.
    pub(crate) fn answered(&mut self) -> bool {
        self.step(Self::Offered, Self::Stable)
    }

    /// The browser has made our offer; whether it is to be sent, and not given up meanwhile for theirs.
    pub(crate) fn offer_made(&mut self) -> bool {
        self.step(Self::Making, Self::Offered)
    }

    /// The browser has made our answer; whether it is to be sent.
    pub(crate) fn answer_made(&mut self) -> bool {
        self.step(Self::Answering, Self::Stable)
    }

    /// Whether a description of ours is still being made: addresses gathered for it wait until it is sent.
    pub(crate) fn is_making(self) -> bool {
        match self {
            Self::Making | Self::Answering => true,
            Self::Stable | Self::Offered => false,
        }
    }

    fn step(&mut self, from: Self, to: Self) -> bool {
        let fits = *self == from;
        if fits {
            *self = to;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_answered() {
        let (mut ours, mut theirs) = (Negotiation::Stable, Negotiation::Stable);
        assert!(ours.offer() && ours.offer_made());
        assert!(theirs.offered(Role::Impolite) && theirs.answer_made());
        assert!(ours.answered());
        assert_eq!((ours, theirs), (Negotiation::Stable, Negotiation::Stable));
    }

    #[test]
    fn of_two_offers_that_cross_the_polite_ones_is_taken_back() {
        for made in [false, true] {
            let (mut polite, mut impolite) = (Negotiation::Stable, Negotiation::Stable);
            assert!(polite.offer() && impolite.offer() && impolite.offer_made());
            assert!(!made || polite.offer_made());
            assert!(!impolite.offered(Role::Impolite), "passed over");
            assert!(polite.offered(Role::Polite));
            assert!(!polite.offer_made(), "what was being made is not sent any more");
            assert!(polite.answer_made() && impolite.answered());
            assert_eq!((polite, impolite), (Negotiation::Stable, Negotiation::Stable));
        }
    }

    #[test]
    fn one_negotiation_at_a_time() {
        for state in [Negotiation::Making, Negotiation::Offered, Negotiation::Answering] {
            let mut same = state;
            assert!(!same.offer());
            assert_eq!(same, state);
        }
        assert!(!Negotiation::Answering.offered(Role::Polite));
        assert!(!Negotiation::Stable.answered() && !Negotiation::Making.answered());
    }
}
