//! Media straight from one participant to another, beside the server's: when a direct connection is tried, when what
//! comes by it is shown, and when media goes by the server again.
//!
//! Both sides decide alike and tell each other little, because the receiver knows best what it sees. Nobody stops to
//! send to the server before the other one says that it is seen directly, nor before it knows who is in the room, and nobody stops to show what comes
//! directly before the server's picture is back: so there is always one of the two to show.
//!
//! `path` is the life of the way to one other participant, `call` one connection on it, `negotiation` who may
//! offer when, `health` whether it has become poor; `io` what the caller must do and what it tells. This file knows
//! everybody: who is alone with whom, and whether anybody still needs anything from the server.

mod call;
mod health;
mod io;
mod negotiation;
mod path;

pub use io::{DirectEvent, DirectOrder, DirectView, Origin, Way};

use crate::SortedMap;
use crate::{Now, Other, Output, Session};
use core::time::Duration;
use negotiation::Role;
use path::{Path, Setting};
use signal::{CallNumber, ClientMessage, DirectSignal, ParticipantId, RoomMode};

/// Two must have been alone for so long before they try to connect: whoever comes with a third is not worth it, and
/// the first picture comes by the server, undisturbed.
const QUIET: Duration = Duration::from_secs(2);
/// The polite one waits so much longer: two that begin at once make an offer in vain.
const HEAD_START: Duration = Duration::from_secs(3);

/// What is to be done for a path, in order.
#[derive(Debug)]
pub(crate) enum Act {
    /// The browser is to do something.
    Order(CallNumber, DirectOrder),
    /// The other one is to be told something, over the server.
    Tell(CallNumber, DirectSignal),
}

/// Everybody one can connect to.
#[derive(Debug)]
pub(crate) struct Directs {
    /// By which way media goes in the room, once one is in it.
    mode: Option<RoomMode>,
    paths: SortedMap<ParticipantId, Path>,
    /// With whom one has been alone, and since when.
    alone: Option<(ParticipantId, Now)>,
    /// The person saves data: no connection where there is a choice, no pictures where there is none.
    pub(crate) declined: bool,
    /// Whether the browser sends to the server.
    sending: bool,
}

impl Default for Directs {
    fn default() -> Self {
        Self { mode: None, paths: SortedMap::new(), alone: None, declined: false, sending: true }
    }
}

impl Directs {
    pub(crate) fn mode(&self) -> Option<RoomMode> {
        self.mode
    }

    fn setting(&self, me: ParticipantId, with: ParticipantId) -> Setting {
        let mode = self.mode.unwrap_or(RoomMode::Sfu);
        let role = if me > with { Role::Polite } else { Role::Impolite };
        let wanted = match mode {
            RoomMode::Auto => self.alone.is_some_and(|(other, _)| other == with),
            RoomMode::Sfu => false,
            RoomMode::P2p => true,
        };
        Setting { mode, role, wanted }
    }

    /// When a connection is to be begun with somebody, if there is none.
    fn begin_at(&self, me: ParticipantId, with: ParticipantId, path: &Path) -> Option<Now> {
        let setting = self.setting(me, with);
        let since = match setting.mode {
            RoomMode::Auto => self.alone.filter(|(other, _)| *other == with)?.1.saturating_add(QUIET),
            RoomMode::Sfu => return None,
            RoomMode::P2p => Now::ZERO,
        };
        let free = path.may_begin_at()?.max(since);
        Some(match setting.role {
            Role::Impolite => free,
            Role::Polite => free.saturating_add(HEAD_START),
        })
    }

    /// Whether what one sends is needed by nobody from the server.
    fn spare_server(&self) -> bool {
        match self.mode {
            None | Some(RoomMode::Sfu) => false,
            Some(RoomMode::P2p) => true,
            Some(RoomMode::Auto) => {
                self.alone.and_then(|(with, _)| self.paths.get(&with)).is_some_and(Path::spares_server)
            }
        }
    }
}

impl Session {
    /// Another participant says something about the connection between the two.
    pub(crate) fn direct_signal(
        &mut self,
        from: ParticipantId,
        call: CallNumber,
        signal: DirectSignal,
        now: Now,
    ) {
        let Some(me) = self.roster.me.as_ref().map(|me| me.id) else { return };
        let mode = self.directs.mode.filter(|mode| *mode != RoomMode::Sfu);
        if mode.is_none() || !self.roster.is_direct(from) || self.keeps_to_server() {
            return;
        }
        // Whom one has been alone with is as of now: an offer may be right behind the news that a third has left.
        self.count_heads(now);
        let setting = self.directs.setting(me, from);
        let mut acts = Vec::new();
        let path = self.directs.paths.get_or_insert_with(from, || Path::new(now));
        path.signal(call, signal, setting, now, &mut acts);
        self.act(from, acts, now);
    }

    /// The browser tells something of a connection. Of one that is closed it is passed over.
    pub(crate) fn direct_event(
        &mut self,
        with: ParticipantId,
        call: CallNumber,
        event: DirectEvent,
        now: Now,
    ) {
        if let DirectEvent::Failed(detail) = &event {
            self.problem = Some(format!("direct: {detail}"));
        }
        let Some(me) = self.roster.me.as_ref().map(|me| me.id) else { return };
        let setting = self.directs.setting(me, with);
        let Some(path) = self.directs.paths.get_mut(&with) else { return };
        let mut acts = Vec::new();
        path.event(call, event, setting, now, &mut acts);
        self.act(with, acts, now);
    }

    pub(crate) fn direct_network_changed(&mut self, now: Now) {
        self.each_path(now, |_, path, setting, acts| path.network_changed(setting, now, acts));
    }

    pub(crate) fn direct_resumed(&mut self, now: Now) {
        self.each_path(now, |_, path, setting, acts| path.resumed(setting, now, acts));
    }

    /// In a room, in which media goes by this way.
    pub(crate) fn direct_joined(&mut self, mode: RoomMode, now: Now) {
        self.directs.mode = Some(mode);
        self.settle_direct(now);
    }

    /// Closes every connection, without a word: who is left sees that one has left.
    pub(crate) fn close_directs(&mut self) {
        let mut acts = Vec::new();
        for (with, path) in &mut self.directs.paths {
            let mut closed = Vec::new();
            path.close(Now::ZERO, &mut closed);
            acts.push((*with, closed));
        }
        for (with, acts) in acts {
            self.act(with, acts, Now::ZERO);
        }
        let sending = self.directs.sending;
        self.directs = Directs { declined: self.directs.declined, ..Directs::default() };
        if !sending {
            self.output(Output::SendToServer(true));
        }
    }

    /// When there is something to do for a direct connection.
    pub(crate) fn direct_deadline(&self) -> Option<Now> {
        let me = self.roster.me.as_ref()?.id;
        let mode = self.directs.mode?;
        let due = |(with, path): (&ParticipantId, &Path)| {
            path.deadline(mode).or_else(|| self.directs.begin_at(me, *with, path))
        };
        self.directs.paths.iter().filter_map(due).min()
    }

    pub(crate) fn check_direct(&mut self, now: Now) {
        if self.is_live() {
            self.each_path(now, |_, path, setting, acts| path.tick(setting, now, acts));
            self.settle_direct(now);
        }
    }

    /// After everything that happened: who is there, and what follows from it.
    pub(crate) fn settle_direct(&mut self, now: Now) {
        let Some(me) = self.roster.me.as_ref().map(|me| me.id) else { return };
        let Some(mode) = self.directs.mode.filter(|mode| *mode != RoomMode::Sfu) else { return };
        self.count_heads(now);
        let sources = self.tracks.sources();
        let live = self.is_live();
        // Where there is a choice, who saves data goes back to the server, which has both to show until then.
        let pictures = mode == RoomMode::Auto || !self.directs.declined;
        let mut due: Vec<ParticipantId> = Vec::new();
        for (with, path) in &self.directs.paths {
            if live && self.directs.begin_at(me, *with, path).is_some_and(|at| at <= now) {
                due.push(*with);
            }
        }
        self.ask_for_news(now);
        self.each_path(now, |with, path, setting, acts| {
            if mode == RoomMode::Auto && !setting.wanted {
                path.go_back(setting, now, acts);
            }
            if due.contains(&with) {
                path.begin(setting, now, acts);
            }
            if let Some(call) = path.call_mut() {
                call.say_state(&sources, mode, acts);
                call.ask_for_pictures(pictures, acts);
            }
        });
        let sending = !self.directs.spare_server();
        if sending != self.directs.sending {
            self.directs.sending = sending;
            self.output(Output::SendToServer(sending));
        }
    }

    /// Of a connection that has just been made it is said what comes by it once one knows who else is here.
    fn ask_for_news(&mut self, now: Now) {
        let lacks = |(with, path): (&ParticipantId, &Path)| path.call()?.lacks_news().then_some(*with);
        let mut all: Vec<ParticipantId> = Vec::new();
        if self.is_live() {
            all.extend(self.directs.paths.iter().filter_map(lacks));
        }
        for with in all {
            let nonce = self.ping(now);
            if let Some(call) = self.directs.paths.get_mut(&with).and_then(Path::call_mut) {
                call.asks_for_news(nonce);
            }
        }
    }

    /// The server answers a ping.
    pub(crate) fn direct_pong(&mut self, nonce: u32) {
        for (_, path) in &mut self.directs.paths {
            if let Some(call) = path.call_mut() {
                call.pong(nonce);
            }
        }
    }

    /// Notes by which way everybody is seen and heard.
    pub(crate) fn show_ways(&self, others: &mut [Other]) {
        let Some(mode) = self.directs.mode else { return };
        for other in others {
            let Some(path) = self.directs.paths.get(&other.id) else {
                if mode == RoomMode::P2p {
                    other.way = Way::None;
                }
                continue;
            };
            other.way = path.way(mode);
            let Some(call) = path.call() else { continue };
            let tracks = call.tracks.clone().unwrap_or_default();
            if path.shows_direct() {
                for track in &tracks {
                    if let Some(feed) = other.feed_mut(track.source) {
                        feed.origin = Origin::Direct(track.mid.clone());
                        // Told on the way that the media takes: it is there also while the server cannot be reached.
                        feed.muted = track.muted;
                    }
                }
            }
            other.direct = Some(DirectView { call: call.number, tracks });
        }
    }

    /// Notes who is there and who is gone, and with whom one is alone.
    fn count_heads(&mut self, now: Now) {
        // As if there were nobody: what is held comes directly for no moment longer.
        let able = if self.keeps_to_server() { Vec::new() } else { self.roster.able() };
        let gone = |with: &ParticipantId| !able.contains(with);
        let mut lost = Vec::new();
        for (with, path) in self.directs.paths.extract_if(|with, _| gone(with)) {
            lost.push((with, path));
        }
        for (with, mut path) in lost {
            let mut acts = Vec::new();
            path.close(now, &mut acts);
            self.act(with, acts, now);
        }
        let alone = match able.as_slice() {
            [with] if self.roster.is_pair() && !self.directs.declined => Some(*with),
            _ => None,
        };
        if alone != self.directs.alone.map(|(with, _)| with) {
            self.directs.alone = alone.map(|with| (with, now));
        }
        let wanted = match self.directs.mode {
            Some(RoomMode::Auto) => alone.into_iter().collect(),
            Some(RoomMode::P2p) => able,
            Some(RoomMode::Sfu) | None => Vec::new(),
        };
        for with in wanted {
            self.directs.paths.get_or_insert_with(with, || Path::new(now));
        }
    }

    fn each_path(
        &mut self,
        now: Now,
        mut with_each: impl FnMut(ParticipantId, &mut Path, Setting, &mut Vec<Act>),
    ) {
        let Some(me) = self.roster.me.as_ref().map(|me| me.id) else { return };
        let mut all = Vec::new();
        let mut paths = std::mem::take(&mut self.directs.paths);
        for (with, path) in &mut paths {
            let mut acts = Vec::new();
            with_each(*with, path, self.directs.setting(me, *with), &mut acts);
            if !acts.is_empty() {
                all.push((*with, acts));
            }
        }
        self.directs.paths = paths;
        for (with, acts) in all {
            self.act(with, acts, now);
        }
    }

    /// What is said while there is no socket is lost: see [`direct_resumed`](Self::direct_resumed).
    fn act(&mut self, with: ParticipantId, acts: Vec<Act>, now: Now) {
        for act in acts {
            match act {
                Act::Order(call, order) => self.output(Output::Direct { with, call, order }),
                Act::Tell(call, signal) if self.is_live() && self.link.is_open() => {
                    self.send(ClientMessage::Direct { to: with, call, signal }, now);
                }
                Act::Tell(..) => {}
            }
        }
    }
}
