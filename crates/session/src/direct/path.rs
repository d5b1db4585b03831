//! By which way media goes between oneself and one other participant.

use super::call::{Call, Reception};
use super::negotiation::Role;
use super::{Act, DirectEvent, DirectOrder, Way};
use crate::{Connectivity, Now};
use core::time::Duration;
use signal::{CallNumber, DirectSignal, OfferId, PeerMessage, RoomMode, Sdp};

/// From the beginning of a direct connection to the first picture on it.
const TRY_PATIENCE: Duration = Duration::from_secs(10);
/// From the decision to go back to the server to its picture. Then it is shown, or what there is of it.
const RETURN_PATIENCE: Duration = Duration::from_secs(10);
/// The wish to go back is said again so often, until that picture is there: the other one may have had no socket.
const BACK_AGAIN: Duration = Duration::from_secs(3);
/// A direct connection that lasted so long was a good one: failures are counted anew.
const STEADY: Duration = Duration::from_secs(30);
/// How long to wait after a failure, after a second one in a row, and so on.
const BACKOFF: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(6), Duration::from_secs(20), Duration::from_mins(1)];

/// What a path needs to know of the room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) mode: RoomMode,
    pub(crate) role: Role,
    /// A direct connection is wanted: in an `auto` room the two are alone.
    pub(crate) wanted: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Path {
    /// The highest number that a connection has had.
    last: CallNumber,
    /// Connections in a row that failed.
    failures: usize,
    stage: Stage,
}

/// ```text
///             begun by either                 it plays
///   Apart ────────────────────▶ Trying ─────────────────▶ Direct
///     ▲                           │                          │
///     │ too long, failed, "bye"   │ the same, once the       │ no more wanted, poor, failed,
///     ├───────────────────────────┤ channel is open          │ "back" of the other
///     │                           ▼                          ▼
///     └───────────────────── Returning ◀─────────────────────┘
///       the server's picture is back on both sides, "bye", too long
/// ```
///
/// In a room where nothing goes by the server there is no way to return to it: `Direct` is left for `Apart`, after ICE restarts
/// that did not help, and begun again. From anywhere to `Trying`, when the other side has begun a newer connection.
#[derive(Debug)]
enum Stage {
    /// There is no connection.
    Apart {
        /// None is begun before; never again by this side when absent.
        not_before: Option<Now>,
    },
    /// It is being made, and what comes by it is not shown yet.
    Trying { call: Call, until: Now },
    /// What comes by it is shown.
    Direct { call: Call, since: Now },
    /// Both send to the server again.
    Returning {
        call: Call,
        shown: Shown,
        until: Now,
        /// When that is said again, while it is of use.
        say_again: Now,
        /// The two were not alone any more: nothing has failed.
        excused: bool,
    },
}

/// From where the other's picture is taken on the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Direct,
    Server,
}

impl Path {
    pub(crate) fn new(now: Now) -> Self {
        let stage = Stage::Apart { not_before: Some(now) };
        Self { last: CallNumber::default(), failures: 0, stage }
    }

    /// As the views see it.
    pub(crate) fn way(&self, mode: RoomMode) -> Way {
        match (&self.stage, mode) {
            (Stage::Apart { .. }, RoomMode::P2p) if self.failures > 0 => Way::None,
            (Stage::Apart { .. }, RoomMode::Auto | RoomMode::Sfu) => Way::Server,
            (Stage::Apart { .. }, RoomMode::P2p) | (Stage::Trying { .. }, _) => Way::Trying,
            (Stage::Direct { .. }, _) => Way::Direct,
            (Stage::Returning { .. }, _) => Way::Returning,
        }
    }

    /// The connection, if there is one.
    pub(crate) fn call(&self) -> Option<&Call> {
        match &self.stage {
            Stage::Apart { .. } => None,
            Stage::Trying { call, .. } | Stage::Direct { call, .. } | Stage::Returning { call, .. } => {
                Some(call)
            }
        }
    }

    pub(crate) fn call_mut(&mut self) -> Option<&mut Call> {
        match &mut self.stage {
            Stage::Apart { .. } => None,
            Stage::Trying { call, .. } | Stage::Direct { call, .. } | Stage::Returning { call, .. } => {
                Some(call)
            }
        }
    }

    /// Whether what comes by the connection is what is shown.
    pub(crate) fn shows_direct(&self) -> bool {
        match &self.stage {
            Stage::Direct { .. } | Stage::Returning { shown: Shown::Direct, .. } => true,
            Stage::Apart { .. } | Stage::Trying { .. } | Stage::Returning { shown: Shown::Server, .. } => {
                false
            }
        }
    }

    /// Whether the other one needs nothing of ours from the server.
    pub(crate) fn spares_server(&self) -> bool {
        match &self.stage {
            Stage::Trying { call, .. } | Stage::Direct { call, .. } => call.reception == Reception::Received,
            Stage::Apart { .. } | Stage::Returning { .. } => false,
        }
    }

    /// When a connection may be begun, while there is none.
    pub(crate) fn may_begin_at(&self) -> Option<Now> {
        match &self.stage {
            Stage::Apart { not_before } => *not_before,
            Stage::Trying { .. } | Stage::Direct { .. } | Stage::Returning { .. } => None,
        }
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn deadline(&self, mode: RoomMode) -> Option<Now> {
        match &self.stage {
            Stage::Apart { .. } => None,
            Stage::Returning { shown: Shown::Direct, until, say_again, .. } => Some(*until.min(say_again)),
            Stage::Trying { until, .. } | Stage::Returning { shown: Shown::Server, until, .. } => {
                Some(*until)
            }
            Stage::Direct { call, .. } => call.deadline().filter(|_| mode == RoomMode::P2p),
        }
    }

    /// Begins a connection.
    pub(crate) fn begin(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        let Some(number) = self.last.next() else {
            self.stage = Stage::Apart { not_before: None };
            return;
        };
        self.open(number, setting, now, acts, |call, acts| call.offer(false, acts));
    }

    /// The other one says something over the server.
    pub(crate) fn signal(
        &mut self,
        number: CallNumber,
        signal: DirectSignal,
        setting: Setting,
        now: Now,
        acts: &mut Vec<Act>,
    ) {
        let newer = number > self.last;
        self.last = self.last.max(number);
        match signal {
            DirectSignal::Offer { id, sdp } if newer => self.invited(number, (id, sdp), setting, now, acts),
            DirectSignal::Bye {} if newer || self.is(number) => self.ended(setting, now, acts),
            DirectSignal::Back {} if self.is(number) && setting.mode == RoomMode::Auto => {
                self.turn_back(setting, now, acts);
            }
            DirectSignal::Offer { .. }
            | DirectSignal::Answer { .. }
            | DirectSignal::Candidate(_)
            | DirectSignal::Back {}
            | DirectSignal::Bye {} => {
                let Some(call) = self.call_mut().filter(|call| call.number == number) else { return };
                match signal {
                    DirectSignal::Offer { id, sdp } => call.offered(id, sdp, acts),
                    DirectSignal::Answer { id, sdp } => call.answered(id, sdp, acts),
                    DirectSignal::Candidate(candidate) => call.found(candidate, acts),
                    DirectSignal::Back {} | DirectSignal::Bye {} => {}
                }
            }
        }
    }

    /// The browser tells something of a connection.
    pub(crate) fn event(
        &mut self,
        number: CallNumber,
        event: DirectEvent,
        setting: Setting,
        now: Now,
        acts: &mut Vec<Act>,
    ) {
        let Some(call) = self.call_mut().filter(|call| call.number == number) else { return };
        match event {
            DirectEvent::OfferMade(sdp) => call.offer_made(sdp, now, acts),
            DirectEvent::AnswerMade(sdp) => call.answer_made(sdp, acts),
            DirectEvent::Gathered(candidate) => call.gathered(candidate, acts),
            DirectEvent::Heard(message) => self.heard(message, setting, now, acts),
            DirectEvent::Failed(_) => self.fail(setting, now, acts),
            DirectEvent::Connectivity(connectivity) => {
                call.media.take(connectivity, now);
                self.connectivity(connectivity, setting, now, acts);
            }
            DirectEvent::Opened(lines) => {
                call.opened(lines);
                if setting.mode == RoomMode::P2p {
                    self.arrive(now, acts);
                }
            }
            DirectEvent::Plays => {
                if call.is_open() && call.tracks.is_some() {
                    self.arrive(now, acts);
                }
            }
            DirectEvent::ServerPlays => self.release(setting, now, acts),
            DirectEvent::Measured { packets, lost } => {
                // What is not shown may be poor, and where there is nothing to go back to ICE alone judges.
                let Stage::Direct { call, .. } = &mut self.stage else { return };
                let something = call.is_sent_something();
                if call.health.take(packets, lost, something, now) && setting.mode == RoomMode::Auto {
                    self.go_back(setting, now, acts);
                }
            }
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        if self.deadline(setting.mode).is_none_or(|at| at > now) {
            return;
        }
        match &mut self.stage {
            Stage::Apart { .. } => {}
            Stage::Trying { .. } => self.fail(setting, now, acts),
            Stage::Returning { call, until, say_again, .. } if *until > now => {
                *say_again = now.saturating_add(BACK_AGAIN);
                call.tell(DirectSignal::Back {}, acts);
            }
            Stage::Returning { .. } => self.part(setting, now, acts),
            Stage::Direct { call, .. } => {
                if !call.tick(now, acts) {
                    self.fail(setting, now, acts);
                }
            }
        }
    }

    /// Media goes by the server again, and the other one is told. Where it does not, the connection is given up.
    pub(crate) fn go_back(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        match (&self.stage, setting.mode) {
            (Stage::Apart { .. } | Stage::Returning { .. }, _) => {}
            (Stage::Trying { call, .. } | Stage::Direct { call, .. }, RoomMode::Auto) => {
                call.tell(DirectSignal::Back {}, acts);
                self.turn_back(setting, now, acts);
            }
            (Stage::Trying { .. } | Stage::Direct { .. }, RoomMode::Sfu | RoomMode::P2p) => {
                self.part(setting, now, acts);
            }
        }
    }

    /// The browser has another network than before.
    pub(crate) fn network_changed(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        self.failures = 0;
        if let Stage::Apart { not_before } = &mut self.stage {
            *not_before = Some(now);
        }
        match setting.mode {
            RoomMode::Auto | RoomMode::Sfu => self.go_back(setting, now, acts),
            RoomMode::P2p => {
                if let Some(call) = self.call_mut() {
                    call.media.network_changed();
                    self.cure(setting, now, acts);
                }
            }
        }
    }

    /// The socket is back. What was said meanwhile, either way, is lost: an attempt is begun anew, and what is
    /// waited for is asked for again.
    pub(crate) fn resumed(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        match &mut self.stage {
            Stage::Apart { .. } => {}
            // An ICE restart may have been under way.
            Stage::Direct { call, .. } => {
                call.ask_again();
                call.offer_again(now, acts);
            }
            // Nothing more has to be said over the server; but it may have been asked something.
            Stage::Trying { call, .. } if call.is_open() => call.ask_again(),
            Stage::Trying { .. } => {
                self.part(setting, now, acts);
                self.failures = self.failures.saturating_sub(1);
                self.stage = Stage::Apart { not_before: Some(now) };
            }
            Stage::Returning { call, until, .. } => {
                *until = now.saturating_add(RETURN_PATIENCE);
                call.tell(DirectSignal::Back {}, acts);
            }
        }
    }

    /// Closes the connection without a word.
    pub(crate) fn close(&mut self, now: Now, acts: &mut Vec<Act>) {
        if let Some(call) = self.call() {
            call.order(DirectOrder::Close, acts);
        }
        self.stage = Stage::Apart { not_before: Some(now) };
    }

    fn is(&self, number: CallNumber) -> bool {
        self.call().is_some_and(|call| call.number == number)
    }

    fn open(
        &mut self,
        number: CallNumber,
        setting: Setting,
        now: Now,
        acts: &mut Vec<Act>,
        first: impl FnOnce(&mut Call, &mut Vec<Act>),
    ) {
        self.last = number;
        let mut call = Call::open(number, setting.role, now, acts);
        first(&mut call, acts);
        self.stage = Stage::Trying { call, until: now.saturating_add(TRY_PATIENCE) };
    }

    /// The other one offers a newer connection. It has given up the old one, if there was one.
    fn invited(
        &mut self,
        number: CallNumber,
        (id, offer): (OfferId, Sdp),
        setting: Setting,
        now: Now,
        acts: &mut Vec<Act>,
    ) {
        if !setting.wanted {
            acts.push(Act::Tell(number, DirectSignal::Bye {}));
            return;
        }
        self.close(now, acts);
        self.open(number, setting, now, acts, |call, acts| call.offered(id, offer, acts));
    }

    fn heard(&mut self, message: PeerMessage, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        let Some(call) = self.call_mut() else { return };
        match message {
            PeerMessage::State { tracks } => call.heard_state(tracks, now),
            PeerMessage::Pictures { wanted } => call.pictures_wanted(wanted, acts),
            PeerMessage::Received {} => call.reception = Reception::Received,
            PeerMessage::Released {} => {
                call.reception = Reception::Released;
                if setting.mode == RoomMode::Auto {
                    self.turn_back(setting, now, acts);
                    self.part_if_released(setting, now, acts);
                }
            }
        }
    }

    /// What comes by the connection is shown from now on.
    fn arrive(&mut self, now: Now, acts: &mut Vec<Act>) {
        self.change(|stage| match stage {
            Stage::Trying { mut call, .. } => {
                call.health.expect_from(now);
                call.say(PeerMessage::Received {}, acts);
                Stage::Direct { call, since: now }
            }
            other @ (Stage::Apart { .. } | Stage::Direct { .. } | Stage::Returning { .. }) => other,
        });
    }

    /// Media goes by the server again.
    fn turn_back(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        let until = now.saturating_add(RETURN_PATIENCE);
        let say_again = now.saturating_add(BACK_AGAIN);
        let excused = !setting.wanted;
        let steady = matches!(self.stage, Stage::Direct { since, .. } if now.saturating_sub(since) >= STEADY);
        if steady {
            self.failures = 0;
        }
        match &self.stage {
            // Without the channel neither shows anything of it: there is nothing to go back from.
            Stage::Trying { call, .. } if !call.is_open() => return self.part(setting, now, acts),
            Stage::Trying { call, .. } => call.say(PeerMessage::Released {}, acts),
            Stage::Apart { .. } | Stage::Direct { .. } | Stage::Returning { .. } => {}
        }
        self.change(|stage| match stage {
            Stage::Trying { call, .. } => {
                Stage::Returning { call, shown: Shown::Server, until, say_again, excused }
            }
            Stage::Direct { call, .. } => {
                Stage::Returning { call, shown: Shown::Direct, until, say_again, excused }
            }
            other @ (Stage::Apart { .. } | Stage::Returning { .. }) => other,
        });
        self.part_if_released(setting, now, acts);
    }

    /// The server's picture is back.
    fn release(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        if let Stage::Returning { call, shown: shown @ Shown::Direct, .. } = &mut self.stage {
            *shown = Shown::Server;
            call.say(PeerMessage::Released {}, acts);
            self.part_if_released(setting, now, acts);
        }
    }

    /// Neither shows anything of the connection any more, or it carries no word of it.
    fn part_if_released(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        if let Stage::Returning { call, shown: Shown::Server, .. } = &self.stage {
            let broken = match call.media.connectivity() {
                Some(Connectivity::Disconnected | Connectivity::Failed) => true,
                None | Some(Connectivity::Connecting | Connectivity::Connected) => false,
            };
            if call.reception == Reception::Released || broken {
                self.part(setting, now, acts);
            }
        }
    }

    fn connectivity(&mut self, connectivity: Connectivity, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        match (connectivity, &self.stage) {
            (Connectivity::Connecting | Connectivity::Connected, _)
            | (_, Stage::Apart { .. })
            | (Connectivity::Disconnected, Stage::Trying { .. }) => {}
            (Connectivity::Failed, Stage::Trying { .. }) => self.fail(setting, now, acts),
            (_, Stage::Direct { .. }) => match setting.mode {
                RoomMode::Auto | RoomMode::Sfu => self.go_back(setting, now, acts),
                RoomMode::P2p => self.cure(setting, now, acts),
            },
            (_, Stage::Returning { .. }) => self.part_if_released(setting, now, acts),
        }
    }

    /// Restarts ICE where there is nothing to go back to, as far as that is needed and may help.
    fn cure(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        if let Some(call) = self.call_mut()
            && !call.cure(now, acts)
        {
            self.fail(setting, now, acts);
        }
    }

    /// The connection is of no use. In one that somebody watches media goes by the server first.
    fn fail(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        let watched = self.call().is_some_and(Call::is_open);
        match (setting.mode, &self.stage) {
            (RoomMode::Auto | RoomMode::Sfu, Stage::Trying { .. } | Stage::Direct { .. }) if watched => {
                self.go_back(setting, now, acts);
            }
            (_, Stage::Apart { .. }) => {}
            (_, Stage::Trying { .. } | Stage::Direct { .. } | Stage::Returning { .. }) => {
                self.part(setting, now, acts);
            }
        }
    }

    /// Closes the connection, and says so.
    fn part(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        if let Some(call) = self.call() {
            call.tell(DirectSignal::Bye {}, acts);
        }
        self.ended(setting, now, acts);
    }

    /// The connection is over. That counts as a failure unless it was not wanted any more, or not when it was given up.
    fn ended(&mut self, setting: Setting, now: Now, acts: &mut Vec<Act>) {
        if matches!(self.stage, Stage::Apart { .. }) {
            return;
        }
        if matches!(self.stage, Stage::Direct { since, .. } if now.saturating_sub(since) >= STEADY) {
            self.failures = 0;
        }
        let excused = matches!(self.stage, Stage::Returning { excused: true, .. });
        self.close(now, acts);
        if setting.wanted && !excused {
            let wait = BACKOFF.get(self.failures).copied();
            self.failures = self.failures.saturating_add(1);
            // Where nothing goes by the server it is tried for as long as both are there.
            let wait = wait.or(BACKOFF.last().copied().filter(|_| setting.mode == RoomMode::P2p));
            self.stage = Stage::Apart { not_before: wait.map(|wait| now.saturating_add(wait)) };
        }
    }

    fn change(&mut self, change: impl FnOnce(Stage) -> Stage) {
        let stage = std::mem::replace(&mut self.stage, Stage::Apart { not_before: None });
        self.stage = change(stage);
    }
}
