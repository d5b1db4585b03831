//! The life of a session, and how patient it is. The transitions are in the files named after them.

use crate::{EndReason, Now, Phase};
use core::time::Duration;
use signal::{ParticipantId, ResumeToken};

/// A stay at least this long ended for a new reason: attempts to get back count from 0 again. After a
/// shorter one they go on counting, so that a server which lets us in and drops us is not hammered.
const STEADY: Duration = Duration::from_secs(10);
/// Media may fail so many times in a row, each with a new peer, before that ends the session.
const MAX_MEDIA_FAILURES: u32 = 3;
/// The same while media has never connected: then most likely nothing gets through this network.
const MAX_FIRST_MEDIA_FAILURES: u32 = 1;

/// Where a session stands.
///
/// ```text
///         join            joined               socket lost
/// Idle ─────────▶ Joining ───────▶ Live ──────────────────────▶ Lost
///  or Ended          │              │ ▲                          │ │
///    ▲               │ refused      │ └── resumed, or joined ────┘ │ refused
///    └───────────────┴──────────────┴── left, replaced ────────────┘
/// ```
#[derive(Debug, Default)]
pub(crate) enum Stage {
    /// Nothing asked for.
    #[default]
    Idle,
    /// On the way in for the first time. What is missing is seen from the link and the offer.
    Joining,
    /// In the room.
    Live(Ticket),
    /// In the room before, and to be again.
    Lost(Retry),
    /// Out.
    Ended(EndReason),
}

/// With what a place in the room is taken up again.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) participant: ParticipantId,
    pub(crate) token: ResumeToken,
    /// When we got in, or back in.
    pub(crate) since: Now,
}

/// On the way back.
#[derive(Debug)]
pub(crate) struct Retry {
    pub(crate) aim: Aim,
    /// When the next attempt starts, or the one under way did.
    pub(crate) at: Now,
    pub(crate) step: Step,
}

/// What is asked for on the way back.
#[derive(Clone, Debug)]
pub(crate) enum Aim {
    /// The same participant, whose media never stopped.
    Resume(Ticket),
    /// A new participant with a new peer: the old one is gone.
    Join,
}

/// How far an attempt has come. The rest is seen from the link and the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Until its time comes.
    Waiting,
    /// The socket is opening, or is open and something is asked.
    Asking,
}

impl Stage {
    /// As the views see it.
    pub(crate) fn phase(&self, patience: &Patience) -> Phase {
        match self {
            Self::Idle => Phase::Idle,
            Self::Joining => Phase::Joining,
            Self::Live(_) => Phase::Live,
            Self::Lost(Retry { at, step, .. }) => {
                let attempt = match step {
                    Step::Waiting => patience.attempts,
                    Step::Asking => patience.attempts.saturating_sub(1),
                };
                Phase::Reconnecting { attempt, next_at: *at }
            }
            Self::Ended(reason) => Phase::Ended(reason.clone()),
        }
    }

    /// Whether the next thing to ask for is a new place in the room.
    pub(crate) fn wants_join(&self) -> bool {
        match self {
            Self::Joining => true,
            Self::Lost(retry) => matches!(retry, Retry { aim: Aim::Join, step: Step::Asking, .. }),
            Self::Idle | Self::Live(_) | Self::Ended(_) => false,
        }
    }

    /// The place in the room that is being asked back.
    pub(crate) fn wants_resume(&self) -> Option<&Ticket> {
        match self {
            Self::Lost(Retry { aim: Aim::Resume(ticket), step: Step::Asking, .. }) => Some(ticket),
            Self::Lost(_) | Self::Idle | Self::Joining | Self::Live(_) | Self::Ended(_) => None,
        }
    }
}

/// Counts what failed in a row.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Attempts to get back in that were started.
    pub(crate) attempts: u32,
    /// Peers that failed before they connected.
    media_failures: u32,
    /// Media has connected once at least.
    connected_once: bool,
}

impl Patience {
    /// The socket was lost after so long inside.
    pub(crate) fn lost_after(&mut self, stay: Duration) {
        if stay >= STEADY {
            self.attempts = 0;
        }
    }

    pub(crate) fn attempt_started(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    /// How long to wait before the next attempt: 0, 0.5, 1, 2, 4, 4, … seconds.
    pub(crate) fn backoff(&self) -> Duration {
        match self.attempts {
            0 => Duration::ZERO,
            n => Duration::from_millis(500 << n.saturating_sub(1).min(3)),
        }
    }

    pub(crate) fn media_connected(&mut self) {
        self.media_failures = 0;
        self.connected_once = true;
    }

    /// A peer failed; false when that is enough.
    pub(crate) fn media_failed(&mut self) -> bool {
        self.media_failures = self.media_failures.saturating_add(1);
        self.media_failures <= if self.connected_once { MAX_MEDIA_FAILURES } else { MAX_FIRST_MEDIA_FAILURES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_slower_and_slower_down_to_one_in_four_seconds() {
        let mut patience = Patience::default();
        let mut waits = Vec::new();
        for _ in 0..7 {
            waits.push(patience.backoff().as_millis());
            patience.attempt_started();
        }
        assert_eq!(waits, [0, 500, 1000, 2000, 4000, 4000, 4000]);
    }

    #[test]
    fn media_that_connected_once_is_given_more_tries() {
        let tries = |mut patience: Patience| (0..9).take_while(|_| patience.media_failed()).count();
        assert_eq!(tries(Patience::default()), 1);
        let mut connected = Patience::default();
        connected.media_connected();
        assert_eq!(tries(connected), 3);
    }

    #[test]
    fn only_a_steady_stay_starts_the_count_anew() {
        let mut patience = Patience::default();
        patience.attempt_started();
        patience.lost_after(Duration::from_secs(1));
        assert_eq!(patience.backoff(), Duration::from_millis(500));
        patience.lost_after(STEADY);
        assert_eq!(patience.backoff(), Duration::ZERO);
    }
}
