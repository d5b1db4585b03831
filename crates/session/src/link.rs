//! The socket as the session sees it: is it open, when to say something, when to take it for dead.

use crate::{Now, Output, Session};
use core::time::Duration;
use signal::ClientMessage;
use signal::limits::{PING_INTERVAL, SILENCE_TIMEOUT};

/// An unanswered message is waited for so long. With a ping every [`PING_INTERVAL`] this makes
/// [`SILENCE_TIMEOUT`] in all; but after a sleep the server is asked once before the socket is given up.
const ANSWER_PATIENCE: Duration = SILENCE_TIMEOUT.saturating_sub(PING_INTERVAL);

/// The same for a ping on the suspicion that the socket is dead, after a change of network.
const PROBE_PATIENCE: Duration = Duration::from_secs(3);

/// The one socket a session has.
#[derive(Debug, Default)]
pub(crate) struct Link {
    state: State,
    nonce: u32,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Opening {
        since: Now,
    },
    Open {
        spoke_at: Now,
        heard_at: Now,
        /// When we first spoke after the server last did.
        unanswered_since: Option<Now>,
        /// It is suspected: dead unless something is heard by then.
        probed_until: Option<Now>,
    },
}

/// What a link needs when its deadline comes.
enum Due {
    Nothing,
    Ping,
    Dead,
}

impl Link {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    pub(crate) fn is_opening(&self) -> bool {
        matches!(self.state, State::Opening { .. })
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    pub(crate) fn opening(&mut self, now: Now) {
        self.state = State::Opening { since: now };
    }

    pub(crate) fn opened(&mut self, now: Now) {
        self.state = State::Open { spoke_at: now, heard_at: now, unanswered_since: None, probed_until: None };
    }

    pub(crate) fn closed(&mut self) {
        self.state = State::Closed;
    }

    pub(crate) fn heard(&mut self, now: Now) {
        if let State::Open { heard_at, unanswered_since, probed_until, .. } = &mut self.state {
            *heard_at = now;
            *unanswered_since = None;
            *probed_until = None;
        }
    }

    pub(crate) fn spoke(&mut self, now: Now) {
        if let State::Open { spoke_at, unanswered_since, .. } = &mut self.state {
            *spoke_at = now;
            unanswered_since.get_or_insert(now);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Now> {
        match self.state {
            State::Closed => None,
            State::Opening { since } => Some(since.saturating_add(SILENCE_TIMEOUT)),
            State::Open { spoke_at, .. } => {
                let ping = spoke_at.saturating_add(PING_INTERVAL);
                Some(self.dead_at().map_or(ping, |dead| dead.min(ping)))
            }
        }
    }

    fn dead_at(&self) -> Option<Now> {
        let State::Open { heard_at, unanswered_since: Some(asked_at), probed_until, .. } = self.state else {
            return None;
        };
        let silent = heard_at.saturating_add(SILENCE_TIMEOUT).max(asked_at.saturating_add(ANSWER_PATIENCE));
        Some(probed_until.map_or(silent, |until| until.min(silent)))
    }

    /// Suspects an open socket; false when it is suspected already, or none is open.
    fn suspect(&mut self, now: Now) -> bool {
        match &mut self.state {
            State::Open { probed_until: until @ None, .. } => {
                *until = Some(now.saturating_add(PROBE_PATIENCE));
                true
            }
            State::Open { probed_until: Some(_), .. } | State::Closed | State::Opening { .. } => false,
        }
    }

    fn due(&self, now: Now) -> Due {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return Due::Nothing;
        }
        match self.state {
            State::Closed => Due::Nothing,
            State::Opening { .. } => Due::Dead,
            State::Open { .. } if self.dead_at().is_some_and(|dead| dead <= now) => Due::Dead,
            State::Open { .. } => Due::Ping,
        }
    }
}

impl Session {
    pub(crate) fn open_socket(&mut self, now: Now) {
        self.link.opening(now);
        self.output(Output::OpenSocket);
    }

    pub(crate) fn close_socket(&mut self) {
        if !self.link.is_closed() {
            self.link.closed();
            self.output(Output::CloseSocket);
        }
    }

    pub(crate) fn check_link(&mut self, now: Now) {
        match self.link.due(now) {
            Due::Nothing => {}
            Due::Ping => {
                self.ping(now);
            }
            Due::Dead => {
                self.close_socket();
                self.socket_gone(now);
            }
        }
    }
    /// Asks at once whether the socket is still good.
    pub(crate) fn probe_link(&mut self, now: Now) {
        if self.link.suspect(now) {
            self.ping(now);
        }
    }

    /// Answers its number, by which its answer is known.
    pub(crate) fn ping(&mut self, now: Now) -> u32 {
        self.link.nonce = self.link.nonce.wrapping_add(1);
        self.send(ClientMessage::Ping { nonce: self.link.nonce }, now);
        self.link.nonce
    }
}
