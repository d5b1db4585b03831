//! One signaling socket: where it stands, how long it may be silent, how fast it may talk.
//!
//! Owns no participant: a participant outlives its socket. See `member` for that side.

use crate::{ConnectionId, Now, Rooms, rate::Rate, timers::Timer};
use signal::limits::{HANDSHAKE_TIMEOUT, SILENCE_TIMEOUT};
use signal::{ErrorCode, ErrorInfo, ParticipantId, ResumeToken};

/// Where a socket stands.
///
/// ```text
///          join                 negotiated
/// Fresh ─────────▶ Joining ────────────────▶ Member
///  ▲ ▲│               │ ▲                       ▲
///  │ ││               │ └─ let in ── Waiting    │
///  │ ││               │ offer refused   ▲       │
///  │ │└───────────────┼─────── resume ──│───────┘
///  │ │└───────────────┼─────── join ────┘
///  └─┴────────────────┘
/// ```
///
/// A closed socket is forgotten at once; whatever still comes from it is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Must join or resume before the deadline.
    Fresh {
        /// Then it is closed with `handshake_timeout`.
        deadline: Now,
    },
    /// It waits to be let in.
    Waiting(ParticipantId),
    /// Its offer is being answered.
    Joining(ParticipantId),
    /// It speaks for a participant.
    Member(ParticipantId),
}

/// A socket that is open.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Becomes the participant's if this socket joins.
    pub(crate) token: ResumeToken,
    pub(crate) stage: Stage,
    pub(crate) heard_at: Now,
    pub(crate) rate: Rate,
    /// The moment under which its timer is queued: its deadline, or an earlier one.
    wake_at: Now,
}

impl Connection {
    fn deadline(&self) -> Now {
        match self.stage {
            Stage::Fresh { deadline } => deadline,
            Stage::Waiting(_) | Stage::Joining(_) | Stage::Member(_) => {
                self.heard_at.saturating_add(SILENCE_TIMEOUT)
            }
        }
    }
}

impl Rooms {
    pub(crate) fn open(&mut self, id: ConnectionId, token: ResumeToken, now: Now) {
        if self.service == crate::Service::Stopped {
            self.outbox.error(id, ErrorInfo::new(ErrorCode::ShuttingDown));
            self.outbox.close(id);
            return;
        }
        let deadline = now.saturating_add(HANDSHAKE_TIMEOUT);
        let stage = Stage::Fresh { deadline };
        let rate = Rate::at(self.config.limits.messages);
        let connection = Connection { token, stage, heard_at: now, rate, wake_at: deadline };
        self.connections.insert(id, connection);
        self.timers.schedule(deadline, Timer::Connection(id));
    }

    pub(crate) fn set_stage(&mut self, id: ConnectionId, stage: Stage) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.stage = stage;
        self.timers.cancel(connection.wake_at, Timer::Connection(id));
        connection.wake_at = connection.deadline();
        self.timers.schedule(connection.wake_at, Timer::Connection(id));
    }

    /// Forgets a socket and says where it stood.
    pub(crate) fn forget(&mut self, id: ConnectionId) -> Option<Stage> {
        let connection = self.connections.remove(&id)?;
        self.timers.cancel(connection.wake_at, Timer::Connection(id));
        self.outbox.forget(id);
        Some(connection.stage)
    }

    /// A connection's timer came. Hearing from a socket does not move its timer, so that a message
    /// costs nothing here: it may be early, and is then set anew.
    pub(crate) fn wake(&mut self, id: ConnectionId, now: Now) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let deadline = connection.deadline();
        if deadline > now {
            connection.wake_at = deadline;
            self.timers.schedule(deadline, Timer::Connection(id));
            return;
        }
        let code = match connection.stage {
            Stage::Fresh { .. } => ErrorCode::HandshakeTimeout,
            Stage::Waiting(_) | Stage::Joining(_) | Stage::Member(_) => ErrorCode::Silent,
        };
        self.hang_up(id, ErrorInfo::new(code), now);
    }
}
