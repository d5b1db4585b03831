//! What goes straight from one person to another: peer connections that have signaling states and nothing behind
//! them, the way between two of them, and what each person sees of the other meanwhile.
//!
//! A peer connection here refuses what a browser's would (an offer while one is out, an answer to nothing), so that a
//! wrong negotiation fails the test rather than passing unseen.

use crate::world::{Event, World};
use session::{Connectivity, DirectEvent, DirectOrder, Origin, Other, Phase, Snapshot, Way};
use signal::{CallNumber, IceCandidate, Mid, ParticipantId, RoomMode, Sdp, Source};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// How often a page looks at what comes.
const LOOK: Duration = Duration::from_millis(250);
/// From the moment on which somebody begins to send, or is connected, to the first picture.
const FIRST_PICTURE: Duration = Duration::from_millis(150);
/// Until ICE notices that nothing comes any more, and until it gives up.
const DISCONNECTED: Duration = Duration::from_secs(5);
const FAILED: Duration = Duration::from_secs(15);

/// All direct connections, and where there is no way for them.
#[derive(Default)]
pub struct Straight {
    ends: BTreeMap<Key, End>,
    /// Between these nothing gets through.
    blocked: BTreeSet<(&'static str, &'static str)>,
    /// Who has seen whom, by what they are called in the room now.
    met: BTreeSet<(ParticipantId, ParticipantId)>,
    /// Since when each sees nothing of another, and the longest that anybody ever did.
    dark: BTreeMap<(&'static str, &'static str), Duration>,
    pub darkest: Duration,
    /// Whether it is an error to see nothing.
    pub strict: bool,
    /// A part of what goes straight is lost.
    pub lossy: bool,
    /// Offers that crossed.
    pub glares: usize,
    /// By what everybody is called in a room, or was last.
    names: BTreeMap<ParticipantId, &'static str>,
    ids: BTreeMap<&'static str, ParticipantId>,
    /// Numbers descriptions.
    counter: u32,
}

type Key = (&'static str, ParticipantId, CallNumber);

/// One end.
#[derive(Default)]
struct End {
    signaling: Signaling,
    /// The offer that both descriptions belong to, once there are both.
    agreed: Option<u32>,
    orders: VecDeque<DirectOrder>,
    /// Addresses of the other side that belong to what was agreed on.
    candidates: usize,
    /// Since when it is connected.
    connected: Option<Duration>,
    open: bool,
    /// It sends no pictures.
    blind: bool,
    /// When what is on its way on the channel arrives.
    channel: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Signaling {
    #[default]
    Stable,
    HaveLocalOffer(u32),
}

/// Delays of a network, the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From nothing to that, without it.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    /// Mostly short, sometimes long.
    pub fn delay(&mut self) -> Duration {
        let most = if self.below(10) == 0 { 4000 } else { 60 };
        Duration::from_millis(1 + self.below(most))
    }
}

impl World {
    /// Some who can connect straight to others, and ask for a room of this mode.
    pub fn able(&mut self, room: &str, mode: Option<RoomMode>, names: &[&'static str]) {
        for who in names {
            self.arrive(who, room, mode);
            self.pass(Duration::from_millis(200));
        }
    }

    /// The same for one, who is not inside yet afterwards.
    pub fn arrive(&mut self, who: &'static str, room: &str, mode: Option<RoomMode>) {
        let person = self.people.entry(who).or_default();
        (person.mode, person.direct) = (mode, true);
        self.enter(who, room);
        self.later(LOOK, Event::Look { who });
    }

    /// From now on nothing goes straight between two, or all does again.
    pub fn block(&mut self, one: &'static str, other: &'static str, blocked: bool) {
        for pair in [(one, other), (other, one)] {
            if blocked {
                self.straight.blocked.insert(pair);
            } else {
                self.straight.blocked.remove(&pair);
            }
        }
        if blocked {
            for (who, with, call) in self.straight.ends.keys().copied().collect::<Vec<_>>() {
                let names = self.name(with).map(|name| (who, name));
                if names.is_some_and(|pair| self.straight.blocked.contains(&pair)) {
                    self.notice(who, with, call);
                }
            }
        }
    }

    /// A tab is gone, and its connections with it.
    pub fn ends_of_tab(&mut self, who: &'static str) {
        for (_, with, call) in
            self.straight.ends.keys().copied().filter(|(one, ..)| *one == who).collect::<Vec<_>>()
        {
            if let Some((other, me)) = self.other_end(who, with) {
                self.notice(other, me, call);
            }
        }
        self.straight.ends.retain(|(one, ..), _| *one != who);
    }

    /// By which way somebody sees another.
    pub fn way(&self, who: &'static str, other: &'static str) -> Way {
        self.other(who, other).way
    }

    /// Whether somebody's tracks go to the server.
    pub fn sends_to_server(&self, who: &'static str) -> bool {
        self.people[who].sending.0
    }

    /// Both ends of every connection have settled on the same descriptions.
    pub fn check_agreed(&self) {
        for ((who, with, call), end) in &self.straight.ends {
            let (other, me) = self.other_end(who, *with).expect("the other one");
            let there = &self.straight.ends[&(other, me, *call)];
            assert_eq!((end.signaling, end.agreed), (Signaling::Stable, there.agreed), "{who} and {other}");
        }
    }

    /// Whether somebody's pictures go straight to another.
    pub fn sends_pictures(&self, who: &'static str, other: &'static str) -> bool {
        let to = |(one, with, _): &Key| *one == who && self.name(*with) == Some(other);
        self.straight.ends.iter().any(|(key, end)| to(key) && end.open && !end.blind)
    }

    /// The offer that somebody's only connection has settled on.
    pub fn agreed_on(&self, who: &'static str) -> Option<u32> {
        self.straight.ends.iter().find(|((one, ..), _)| *one == who).and_then(|(_, end)| end.agreed)
    }

    pub fn open_ends(&self) -> usize {
        self.straight.ends.len()
    }

    // The browser.

    pub fn order(&mut self, who: &'static str, with: ParticipantId, call: CallNumber, order: DirectOrder) {
        let key = (who, with, call);
        if order == DirectOrder::Open {
            let older = |(one, other, _): &Key| (*one, *other) == (who, with);
            assert!(!self.straight.ends.keys().any(older), "one connection of {who} to {with}");
            self.straight.ends.insert(key, End::default());
            return;
        }
        let end = self.straight.ends.get_mut(&key).expect("an order to what is open");
        if order == DirectOrder::Close {
            let was_connected = end.connected.is_some();
            self.straight.ends.remove(&key);
            if let Some((other, me)) = self.other_end(who, with).filter(|_| was_connected) {
                self.notice(other, me, call);
            }
            return;
        }
        end.orders.push_back(order);
        if end.orders.len() == 1 {
            let delay = self.step_time();
            self.later(delay, Event::Order { who, with, call });
        }
    }

    /// The browser is done with the first order, and begins the next.
    pub fn carry_out(&mut self, who: &'static str, with: ParticipantId, call: CallNumber) {
        let key = (who, with, call);
        let Some(end) = self.straight.ends.get_mut(&key) else { return };
        let order = end.orders.front().cloned().expect("an order");
        self.perform(key, order);
        let Some(end) = self.straight.ends.get_mut(&key) else { return };
        end.orders.pop_front();
        if !end.orders.is_empty() {
            let delay = self.step_time();
            self.later(delay, Event::Order { who, with, call });
        }
        self.later(Duration::from_millis(20), Event::Meet { who, with, call });
    }

    fn perform(&mut self, key: Key, order: DirectOrder) {
        let (who, with, call) = key;
        let end = self.straight.ends.get_mut(&key).expect("an end");
        match order {
            DirectOrder::Offer { ice_restart } => {
                assert_eq!(ice_restart, end.agreed.is_some(), "a first offer is no restart");
                self.straight.counter += 1;
                let number = self.straight.counter;
                end.signaling = Signaling::HaveLocalOffer(number);
                self.tell_of(who, with, call, DirectEvent::OfferMade(Sdp(format!("offer {number}"))));
                self.gather(key, number);
            }
            DirectOrder::Answer { offer } => {
                let number = number_in(&offer.0);
                self.straight.glares += usize::from(end.signaling != Signaling::Stable);
                // A browser takes its own offer back here.
                (end.signaling, end.agreed, end.candidates) = (Signaling::Stable, Some(number), 0);
                self.tell_of(who, with, call, DirectEvent::AnswerMade(Sdp(format!("answer {number}"))));
                self.gather(key, number);
            }
            DirectOrder::Accept { answer } => {
                let number = number_in(&answer.0);
                assert_eq!(
                    end.signaling,
                    Signaling::HaveLocalOffer(number),
                    "{who} gets an answer to nothing"
                );
                (end.signaling, end.agreed, end.candidates) = (Signaling::Stable, Some(number), 0);
            }
            DirectOrder::AddCandidate(candidate) => {
                if !candidate.candidate.is_empty() && end.agreed == Some(number_in(&candidate.candidate)) {
                    end.candidates += 1;
                }
            }
            DirectOrder::Say(message) => {
                assert!(end.open, "{who} speaks on a channel that is not open");
                end.channel = end.channel.max(self.now) + Duration::from_millis(15);
                let delay = end.channel.saturating_sub(self.now);
                if let Some((other, me)) = self.other_end(who, with) {
                    let event = DirectEvent::Heard(message);
                    self.later(delay, Event::Tells { who: other, with: me, call, event });
                }
            }
            DirectOrder::SendPictures(sends) => {
                assert_eq!(end.blind, sends, "{who} is told what it does already");
                end.blind = !sends;
            }
            DirectOrder::Open | DirectOrder::Close => unreachable!("carried out at once"),
        }
    }

    fn gather(&mut self, (who, with, call): Key, number: u32) {
        for text in [format!("candidate of {number}"), format!("another of {number}"), String::new()] {
            let delay = self.step_time();
            let event = DirectEvent::Gathered(IceCandidate { candidate: text, mid: None, line: Some(0) });
            self.later(delay, Event::Tells { who, with, call, event });
        }
    }

    /// Both descriptions, an address of each side, and a way: the two are connected.
    pub fn meet(&mut self, who: &'static str, with: ParticipantId, call: CallNumber) {
        let Some((other, me)) = self.other_end(who, with) else { return };
        let (mine, theirs) = ((who, with, call), (other, me, call));
        let ready = |key: &Key| {
            let end = self.straight.ends.get(key)?;
            (end.candidates > 0 && end.signaling == Signaling::Stable).then_some(end.agreed).flatten()
        };
        let agreed = ready(&mine).is_some() && ready(&mine) == ready(&theirs);
        if !agreed || self.straight.blocked.contains(&(who, other)) {
            return;
        }
        for (who, with, call) in [mine, theirs] {
            let end = self.straight.ends.get_mut(&(who, with, call)).expect("an end");
            if end.connected.is_none() {
                end.connected = Some(self.now);
                self.tell_of(who, with, call, DirectEvent::Connectivity(Connectivity::Connected));
                let lines = LINES.map(|(source, mid)| (source, Mid::from(mid))).to_vec();
                let Some(end) = self.straight.ends.get_mut(&(who, with, call)) else { return };
                end.open = true;
                self.tell_of(who, with, call, DirectEvent::Opened(lines));
            }
        }
    }

    /// A browser tells something, if the connection is still there, and as it is so.
    pub fn tell_of(&mut self, who: &'static str, with: ParticipantId, call: CallNumber, event: DirectEvent) {
        let Some(end) = self.straight.ends.get_mut(&(who, with, call)) else { return };
        match &event {
            DirectEvent::Heard(_) if !end.open => return,
            DirectEvent::Connectivity(Connectivity::Disconnected | Connectivity::Failed) => {
                if self.is_up(who, with, call) {
                    return;
                }
                if let Some(end) = self.straight.ends.get_mut(&(who, with, call)) {
                    end.connected = None;
                }
            }
            _ => {}
        }
        self.input(who, session::Input::Direct { with, call, event });
    }

    /// Nothing comes any more: ICE notices after a while.
    fn notice(&mut self, who: &'static str, with: ParticipantId, call: CallNumber) {
        for (after, state) in [(DISCONNECTED, Connectivity::Disconnected), (FAILED, Connectivity::Failed)] {
            let event = DirectEvent::Connectivity(state);
            self.later(after, Event::Tells { who, with, call, event });
        }
    }

    // The page.

    /// A page looks at what comes, and tells.
    pub fn look(&mut self, who: &'static str) {
        if !self.person_is_in(who) {
            return;
        }
        self.later(LOOK, Event::Look { who });
        for other in self.snapshot(who).others {
            let Some(call) = other.direct.as_ref().map(|direct| direct.call) else { continue };
            let Some(name) = self.name(other.id) else { continue };
            let (direct, server) = (self.comes_straight(who, name), self.comes_by_server(name));
            let lost = if self.straight.lossy { 20 } else { 0 };
            let measured = DirectEvent::Measured { packets: if direct { 80 } else { 0 }, lost };
            let told = match other.way {
                Way::Trying if direct => DirectEvent::Plays,
                Way::Returning if server => DirectEvent::ServerPlays,
                Way::Direct => measured,
                Way::Trying | Way::Returning | Way::Server | Way::None => continue,
            };
            self.tell_of(who, other.id, call, told);
        }
    }

    /// After every event: whether everybody sees everybody by the way that is shown.
    pub fn watch(&mut self) {
        if self.people.values().all(|person| !person.direct) {
            return;
        }
        let names: Vec<&'static str> = self.people.keys().copied().collect();
        for who in &names {
            let snapshot = self.snapshot(who);
            for other in names.iter().filter(|other| *other != who) {
                let pair = (*who, *other);
                if self.sees(who, other, &snapshot) {
                    self.straight.dark.remove(&pair);
                    continue;
                }
                let since = *self.straight.dark.entry(pair).or_insert(self.now);
                let dark = self.now.saturating_sub(since);
                self.straight.darkest = self.straight.darkest.max(dark);
                let seen = snapshot.others.iter().find(|seen| seen.name == *other);
                assert!(
                    !self.straight.strict || dark.is_zero(),
                    "{who} sees nothing of {other} at {:?}: {seen:?}",
                    self.now
                );
            }
        }
    }

    /// Or has not yet, or is not to: they are not in a room together, or the camera is off.
    fn sees(&mut self, who: &'static str, other: &'static str, snapshot: &Snapshot) -> bool {
        let live = matches!(snapshot.phase, Phase::Live | Phase::Reconnecting { .. });
        if !live || snapshot.mode == Some(RoomMode::P2p) {
            return true;
        }
        let Some(seen) = snapshot.others.iter().find(|seen| seen.name == other) else { return true };
        let Some(camera) = seen.camera.as_ref().filter(|camera| !camera.muted) else { return true };
        let Some(me) = &snapshot.me else { return true };
        let comes = match &camera.origin {
            Origin::Direct(_) => self.comes_straight(who, other),
            Origin::Server => self.comes_by_server(other),
        };
        let pair = (me.id, seen.id);
        // Whoever comes as two others have just stopped to send to the server is heard of by them a moment later: until
        // then nothing may come from them, and it has not met anybody.
        if comes && !self.straight.met.contains(&pair) && self.knows(other, me.id) {
            self.straight.met.insert(pair);
        }
        comes || !self.straight.met.contains(&pair) || !self.is_here(other, seen.id)
    }

    /// Whether somebody has heard of another.
    fn knows(&self, who: &'static str, other: ParticipantId) -> bool {
        self.snapshot(who).others.iter().any(|seen| seen.id == other)
    }

    /// Whether somebody is still called so, and not somebody else by now.
    fn is_here(&self, name: &'static str, id: ParticipantId) -> bool {
        self.straight.ids.get(name) == Some(&id)
    }

    /// Somebody is inside, and called so.
    pub fn is_called(&mut self, who: &'static str, id: ParticipantId) {
        self.straight.names.insert(id, who);
        self.straight.ids.insert(who, id);
    }

    /// Whether somebody's media is at another now, by the connection between the two.
    fn comes_straight(&self, who: &'static str, other: &'static str) -> bool {
        let mine = self
            .straight
            .ends
            .iter()
            .find(|((one, with, _), _)| *one == who && self.name(*with) == Some(other));
        let Some(((_, with, call), end)) = mine else { return false };
        let since = end.connected.is_some_and(|since| self.now >= since + FIRST_PICTURE);
        since && self.is_up(who, *with, *call)
    }

    fn comes_by_server(&self, other: &'static str) -> bool {
        let (sending, since) = self.people[other].sending;
        let lag = if sending { FIRST_PICTURE } else { Duration::from_millis(20) };
        sending == (self.now >= since + lag)
    }

    /// Whether both ends are there and something gets through.
    fn is_up(&self, who: &'static str, with: ParticipantId, call: CallNumber) -> bool {
        self.other_end(who, with).is_some_and(|(other, me)| {
            !self.straight.blocked.contains(&(who, other))
                && self.straight.ends.contains_key(&(other, me, call))
        })
    }

    fn other_end(&self, who: &'static str, with: ParticipantId) -> Option<(&'static str, ParticipantId)> {
        Some((self.name(with)?, *self.straight.ids.get(who)?))
    }

    fn name(&self, id: ParticipantId) -> Option<&'static str> {
        let name = *self.straight.names.get(&id)?;
        (self.is_here(name, id) && self.people.contains_key(name)).then_some(name)
    }

    fn step_time(&mut self) -> Duration {
        self.dice.as_mut().map_or(Duration::from_millis(5), |dice| Duration::from_millis(1 + dice.below(40)))
    }
}

/// Which line sends what.
const LINES: [(Source, &str); 4] =
    [(Source::Microphone, "0"), (Source::Camera, "1"), (Source::Screen, "2"), (Source::ScreenAudio, "3")];

/// Of a description, or of what an address belongs to.
fn number_in(text: &str) -> u32 {
    text.rsplit(' ').next().unwrap().parse().expect(text)
}

/// The line on which another is seen.
pub fn camera_line(other: &Other) -> Option<&Mid> {
    match &other.camera.as_ref()?.origin {
        Origin::Direct(mid) => Some(mid),
        Origin::Server => None,
    }
}
