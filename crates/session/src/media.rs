//! Whether media flows, and the cure when it does not: a moment's patience, an ICE restart, twice, then a new peer.
//! What never connected, or did not come back by one restart, takes relays if there are any. Without a socket
//! nothing is cured; what is due then is done as soon as it is back.

use crate::{Connectivity, Now, Session};
use core::time::Duration;

/// ICE restarts for one failure; after that the participant joins afresh.
const MAX_RESTARTS: u32 = 2;
/// How long an interruption may heal by itself; browsers call it a failure only after 15 s and more.
const HEALS_WITHIN: Duration = Duration::from_secs(4);
/// How long a restart may take.
const RESTART_PATIENCE: Duration = Duration::from_secs(8);

/// The peer connection's state and what is done about it.
#[derive(Debug, Default)]
pub(crate) struct Media {
    connectivity: Option<Connectivity>,
    /// It was once. So the way without a relay was open then.
    was_connected: bool,
    cure: Cure,
}

/// ```text
///         disconnected             too long, failed                  offer made
/// Healthy ────────────▶ Doubtful ──────────────────▶ Wanted(tries) ────────────▶ Tried(tries + 1)
///  ▲  │                    │ connected                 ▲       ▲                     │    │
///  │  └────────────────────│────────── failed ─────────┘       └── failed, too long ─┘    │
///  └───────────────────────┴───────────────────── connected ──────────────────────────────┘
/// ```
///
/// Another network is taken for a failure, of what is healthy or doubtful.
#[derive(Debug, Default)]
enum Cure {
    #[default]
    Healthy,
    /// Interrupted: it may come back by itself.
    Doubtful { until: Now },
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
            Cure::Doubtful { until } | Cure::Tried { until, .. } => Some(until),
            Cure::Healthy | Cure::Wanted { .. } => None,
        }
    }

    pub(crate) fn need(&self) -> Need {
        match self.cure {
            Cure::Healthy | Cure::Doubtful { .. } | Cure::Tried { .. } => Need::Nothing,
            Cure::Wanted { tries } if tries < MAX_RESTARTS => Need::Restart,
            Cure::Wanted { .. } => Need::NewPeer,
        }
    }

    pub(crate) fn restarting(&mut self, now: Now) {
        let tries = self.tries().saturating_add(1);
        self.cure = Cure::Tried { tries, until: now.saturating_add(RESTART_PATIENCE) };
    }

    /// There is an answer, and another way if this one does not lead there: media that is not connected in time is
    /// taken for interrupted.
    pub(crate) fn awaited(&mut self, now: Now) {
        if !self.was_connected {
            self.doubted(now);
        }
    }

    /// Whether the next restart is to try relays too. One network gone, another is tried without first: a relay is a
    /// detour, and browsers keep what they have allocated.
    pub(crate) fn wants_relay(&self) -> bool {
        !self.was_connected || self.tries() > 0
    }

    /// The offer with the restart goes out again, on a new socket: its time starts anew.
    pub(crate) fn restarting_again(&mut self, now: Now) {
        if let Cure::Tried { until, .. } = &mut self.cure {
            *until = now.saturating_add(RESTART_PATIENCE);
        }
    }

    /// The browser says how it stands.
    pub(crate) fn take(&mut self, connectivity: Connectivity, now: Now) {
        self.connectivity = Some(connectivity);
        match connectivity {
            Connectivity::Connecting => {}
            Connectivity::Disconnected => self.doubted(now),
            Connectivity::Connected => {
                self.was_connected = true;
                self.cure = Cure::Healthy;
            }
            Connectivity::Failed => self.failed(),
        }
    }

    /// Media is interrupted. A cure under way goes on.
    fn doubted(&mut self, now: Now) {
        if matches!(self.cure, Cure::Healthy) {
            self.cure = Cure::Doubtful { until: now.saturating_add(HEALS_WITHIN) };
        }
    }

    /// Media failed, or did not come back in time.
    fn failed(&mut self) {
        self.cure = Cure::Wanted { tries: self.tries() };
    }

    /// The path that media takes may be gone, whatever the browser says. A cure under way goes on; media
    /// that never connected is waited for as before.
    pub(crate) fn network_changed(&mut self) {
        let was_connected = match self.connectivity {
            Some(Connectivity::Connected | Connectivity::Disconnected) => true,
            None | Some(Connectivity::Connecting | Connectivity::Failed) => false,
        };
        match self.cure {
            Cure::Healthy | Cure::Doubtful { .. } if was_connected => self.cure = Cure::Wanted { tries: 0 },
            Cure::Healthy | Cure::Doubtful { .. } | Cure::Wanted { .. } | Cure::Tried { .. } => {}
        }
    }

    /// A cure has taken too long. One that was begun on a mere suspicion, as of another network, and in
    /// all of whose time the connection was never out of order, is over: a browser whose connection stays
    /// up through a restart says nothing.
    pub(crate) fn overdue(&mut self) {
        match self.connectivity {
            Some(Connectivity::Connected) => self.cure = Cure::Healthy,
            None | Some(Connectivity::Connecting | Connectivity::Disconnected | Connectivity::Failed) => {
                self.failed();
            }
        }
    }

    fn tries(&self) -> u32 {
        match self.cure {
            Cure::Healthy | Cure::Doubtful { .. } => 0,
            Cure::Wanted { tries } | Cure::Tried { tries, .. } => tries,
        }
    }
}

impl Session {
    pub(crate) fn connectivity(&mut self, connectivity: Connectivity, now: Now) {
        if !self.offers.has_peer() {
            return;
        }
        self.media.take(connectivity, now);
        match connectivity {
            Connectivity::Connecting | Connectivity::Disconnected => {}
            Connectivity::Connected => self.patience.media_connected(),
            Connectivity::Failed => self.renegotiate(now),
        }
    }

    pub(crate) fn check_media(&mut self, now: Now) {
        if self.is_live() && self.media.deadline().is_some_and(|until| until <= now) {
            self.media.overdue();
            self.renegotiate(now);
        }
    }
}
