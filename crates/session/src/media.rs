//! Whether media flows, and the cure when it does not: an ICE restart, twice, then a new peer.

use crate::{Connectivity, Now, Session};
use core::time::Duration;

/// ICE restarts for one failure; after that the participant joins afresh.
const MAX_RESTARTS: u32 = 2;
/// How long a restart may take.
const RESTART_PATIENCE: Duration = Duration::from_secs(8);

/// The peer connection's state and what is done about it.
#[derive(Debug, Default)]
pub(crate) struct Media {
    connectivity: Option<Connectivity>,
    cure: Cure,
}

/// ```text
///          failed                  offer made
/// Healthy ────────▶ Wanted(tries) ────────────▶ Tried(tries + 1)
///    ▲                   ▲                          │   │ connected
///    │                   └─── failed, too long ─────┘   │
///    └──────────────────────────────────────────────────┘
/// ```
#[derive(Debug, Default)]
enum Cure {
    #[default]
    Healthy,
    /// A restart is due when no other negotiation is under way; so many were tried.
    Wanted { tries: u32 },
    /// An offer with a restart is made.
    Tried { tries: u32, until: Now },
}

/// What is to be done when no negotiation is under way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    Restart,
    NewPeer,
}

impl Media {
    pub(crate) fn connectivity(&self) -> Option<Connectivity> {
        self.connectivity
    }

    pub(crate) fn deadline(&self) -> Option<Now> {
        match self.cure {
            Cure::Tried { until, .. } => Some(until),
            Cure::Healthy | Cure::Wanted { .. } => None,
        }
    }

    pub(crate) fn need(&self) -> Need {
        match self.cure {
            Cure::Healthy | Cure::Tried { .. } => Need::Nothing,
            Cure::Wanted { tries } if tries < MAX_RESTARTS => Need::Restart,
            Cure::Wanted { .. } => Need::NewPeer,
        }
    }

    pub(crate) fn restarting(&mut self, now: Now) {
        let tries = self.tries().saturating_add(1);
        self.cure = Cure::Tried { tries, until: now.saturating_add(RESTART_PATIENCE) };
    }

    /// Media failed, or a restart did not help in time.
    fn failed(&mut self) {
        self.cure = Cure::Wanted { tries: self.tries() };
    }

    fn tries(&self) -> u32 {
        match self.cure {
            Cure::Healthy => 0,
            Cure::Wanted { tries } | Cure::Tried { tries, .. } => tries,
        }
    }
}

impl Session {
    pub(crate) fn connectivity(&mut self, connectivity: Connectivity, now: Now) {
        if !self.offers.has_peer() {
            return;
        }
        self.media.connectivity = Some(connectivity);
        match connectivity {
            Connectivity::Connecting | Connectivity::Disconnected => {}
            Connectivity::Connected => {
                self.media.cure = Cure::Healthy;
                self.patience.media_connected();
            }
            Connectivity::Failed => {
                self.media.failed();
                self.renegotiate(now);
            }
        }
    }

    pub(crate) fn check_media(&mut self, now: Now) {
        if self.is_live() && self.media.deadline().is_some_and(|until| until <= now) {
            self.media.failed();
            self.renegotiate(now);
        }
    }
}
