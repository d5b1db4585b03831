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

/// The longest wait before the second attempt, and before any. A server that is back is found within the latter: with
/// what joining takes, everybody is in again within five seconds.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(3);

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
    /// Tells this client from those who lost the same server: which participant it was last.
    pub(crate) seed: u32,
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

    /// How long to wait before the next attempt: up to 0.5, 1, 2, 3, 3, … seconds, of which each client takes another
    /// part, from a half on, so that those who lost the same server do not come back all at once. The first one is
    /// made at once to resume; to join again, which is what many do together, within half a second.
    pub(crate) fn backoff(&self, aim: &Aim) -> Duration {
        let half = match (self.attempts, aim) {
            (0, Aim::Resume(_)) => return Duration::ZERO,
            (0, Aim::Join) => return FIRST_WAIT * self.share() / u32::from(u8::MAX),
            (n, _) => (FIRST_WAIT * (1 << (n - 1).min(3))).min(LONGEST_WAIT) / 2,
        };
        half + half * self.share() / u32::from(u8::MAX)
    }

    /// This client's part of a wait, of 255. Multiples of the golden ratio lie evenly, however many there are.
    fn share(&self) -> u32 {
        self.seed.wrapping_add(self.attempts).wrapping_mul(2_654_435_769) >> 24
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
    fn attempts_come_slower_and_slower_down_to_one_in_three_seconds() {
        for seed in 0..1000 {
            let mut patience = Patience { seed, ..Patience::default() };
            assert!(patience.backoff(&Aim::Join) <= FIRST_WAIT);
            let resume = Ticket {
                participant: ParticipantId(seed),
                token: ResumeToken::from_random([0; 16]),
                since: Duration::ZERO,
            };
            let resume = Aim::Resume(resume);
            assert_eq!(patience.backoff(&resume), Duration::ZERO);
            for most in [500, 1000, 2000, 3000, 3000, 3000] {
                patience.attempt_started();
                for aim in [&Aim::Join, &resume] {
                    let wait = patience.backoff(aim).as_millis();
                    assert!((most / 2..=most).contains(&wait), "{wait} of {most}");
                }
            }
        }
    }

    #[test]
    fn those_who_lost_the_same_server_come_back_one_after_another() {
        let mut waits: Vec<_> = (1..=256)
            .map(|seed| Patience { seed, ..Patience::default() }.backoff(&Aim::Join).as_micros())
            .collect();
        waits.sort_unstable();
        assert!(waits.windows(2).all(|two| two[1] - two[0] < 10_000), "no gap, no crowd: {waits:?}");
        waits.dedup();
        assert!(waits.len() > 150, "{}", waits.len());
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
        assert_eq!(patience.attempts, 1);
        patience.lost_after(STEADY);
        assert_eq!(patience.attempts, 0);
    }
}
