//! Plane, links and browsers in virtual time: from event to event, nothing in between.
//!
//! Owns the loop and the wiring; what stands at the server's way out is `outside`'s. A scenario builds a world,
//! says what happens and lets it run.

use crate::cross::{self, Bulk};
use crate::dice::Dice;
use crate::outside::{Outside, Parcel, Peer, SRTCP, SRTP};
use crate::publisher::{Media, Publisher, ingress_config};
use crate::receiver::{Receiver, Seat};
use crate::watching::count;
use crate::wire::{self, TRANSPORT_ID};
use forward::{EgressExtensionIds, GroupId, Mid, PeerKey, Plane, PlaneConfig, PlaneEvent, Share, Time, View};
use netsim::{Link, Script};
use slotmap::SlotMap;
use std::time::Duration;

/// From the server's saying which encodings are wanted to the publisher's doing it.
const SIGNALING: Duration = Duration::from_millis(50);

const ROOM: GroupId = GroupId(1);

/// A participant of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerId(pub usize);

/// A link of a world; several may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkId(pub usize);

/// Everything there is.
#[derive(Debug)]
pub struct World {
    pub plane: Plane,
    pub outside: Outside,
    /// Which slots of whom the plane said are paused, and when.
    pub paused: Vec<(Time, PeerId, Vec<Mid>)>,
    now: Time,
    keys: SlotMap<PeerKey, ()>,
    dice: Dice,
    bulk: Vec<(Bulk, LinkId)>,
    /// Signaling on its way: when, to whom, which encodings.
    signals: Vec<(Time, PeerId, Vec<u8>)>,
    scratch: Vec<Vec<u8>>,
}

impl World {
    /// An empty one, whose chances come from a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            plane: Plane::new(PlaneConfig { ntp_at_zero: 100 << 32, ..PlaneConfig::default() }),
            outside: Outside::default(),
            paused: vec![],
            now: Time::ZERO,
            keys: SlotMap::with_key(),
            dice: Dice::new(seed),
            bulk: vec![],
            signals: vec![],
            scratch: vec![],
        }
    }

    /// A link that follows a script.
    pub fn link(&mut self, steps: &[(Duration, netsim::LinkConfig)]) -> LinkId {
        let script = Script::new(steps.iter().copied());
        let link = Link::scripted(&script, self.dice.throw());
        let times = steps.iter().map(|(at, _)| Time::ZERO + *at).collect();
        self.outside.add_link(link, script, times)
    }

    /// A participant that publishes.
    pub fn publisher(&mut self, media: Media, up: LinkId, down: LinkId) -> PeerId {
        let id = u8::try_from(self.outside.peers.len() + 1).unwrap_or(u8::MAX);
        let publisher = Publisher::new(id, media, self.now, self.dice.throw());
        let key = self.keys.insert(());
        let mut config = ingress_config(0xfeed);
        config.sends = publisher.lines();
        self.plane.insert_peer(key, ROOM);
        self.plane.configure(key, config);
        self.plane.connected(key, self.now);
        self.add(Peer::new(key, up, down, Some(publisher), None))
    }

    /// A participant that watches, with so many seats.
    pub fn viewer(&mut self, seats: u32, transport_cc: bool, up: LinkId, down: LinkId) -> PeerId {
        let base = 1_000_000 * u32::try_from(self.outside.peers.len() + 1).unwrap_or(1);
        let receiver = Receiver::new(base, seats, transport_cc, self.now, self.dice.throw());
        let key = self.keys.insert(());
        let mut config = ingress_config(0xfeee);
        config.slots = receiver.slots();
        config.egress_extensions =
            EgressExtensionIds { transport_cc: transport_cc.then_some(TRANSPORT_ID), ..Default::default() };
        self.plane.insert_peer(key, ROOM);
        self.plane.configure(key, config);
        self.plane.connected(key, self.now);
        self.add(Peer::new(key, up, down, None, Some(receiver)))
    }

    fn add(&mut self, peer: Peer) -> PeerId {
        self.outside.peers.push(peer);
        PeerId(self.outside.peers.len() - 1)
    }

    /// A bulk flow on a link, beginning at a time.
    pub fn bulk(&mut self, link: LinkId, from: Time, back: Duration) {
        self.bulk.push((Bulk::new(from, back), link));
    }

    /// Bytes the bulk flows delivered.
    pub fn bulk_delivered(&self) -> u64 {
        self.bulk.iter().map(|(bulk, _)| bulk.delivered).sum()
    }

    /// Packets of this publisher may get lost on their way to the server: the oracles allow for it.
    pub fn allow_ingress_loss(&mut self) {
        for peer in &mut self.outside.peers {
            peer.oracle.relax();
        }
    }

    /// Seats a publisher, sound and picture.
    pub fn seat(&mut self, viewer: PeerId, seat: usize, publisher: Option<PeerId>) {
        let Some(to) = self.outside.peers.get(viewer.0).map(|peer| peer.key) else { return };
        let from = publisher.and_then(|id| self.outside.peers.get(id.0)).map(|peer| peer.key);
        for line in ["a", "v"] {
            let slot = Mid::from(format!("{line}{seat}").as_str());
            self.plane.route(to, &slot, from.map(|from| (from, Mid::from(line))), self.now);
        }
        self.outside.seated(viewer, seat, publisher, self.now);
        self.flush();
    }

    /// How large a seat's picture is shown.
    pub fn view(&mut self, viewer: PeerId, seat: usize, width: u16, height: u16) {
        let Some(to) = self.outside.peers.get(viewer.0).map(|peer| peer.key) else { return };
        let slot = Mid::from(format!("v{seat}").as_str());
        self.plane.view(to, &slot, View::of(width, height), self.now);
        self.flush();
    }

    /// The worker sends so many thousandths of its video from now on.
    pub fn shed(&mut self, permille: u16) {
        self.plane.shed(Share::of_permille(permille));
    }

    /// Whether somebody speaks into a microphone.
    pub fn talk(&mut self, publisher: PeerId, talks: bool) {
        let found = self.outside.peers.get_mut(publisher.0).and_then(|peer| peer.publisher.as_mut());
        if let Some(publisher) = found {
            publisher.talks = talks;
        }
    }

    /// What a receiver has of a seat.
    ///
    /// # Panics
    ///
    /// When there is no such seat.
    #[expect(clippy::expect_used, reason = "a scenario that names a seat it did not make is wrong")]
    pub fn at(&self, viewer: PeerId, seat: usize) -> &Seat {
        let receiver = self.outside.peers.get(viewer.0).and_then(|peer| peer.receiver.as_ref());
        receiver.and_then(|receiver| receiver.seats.get(seat)).expect("the scenario made this seat")
    }

    /// A participant.
    pub fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.outside.peers.get(id.0)
    }

    /// Kilobits a second that a viewer received between two seconds since the start.
    pub fn kbps_received(&self, viewer: PeerId, from: u64, to: u64) -> f64 {
        let receiver = self.outside.peers.get(viewer.0).and_then(|peer| peer.receiver.as_ref());
        let seconds = receiver.map(|receiver| receiver.by_second.as_slice()).unwrap_or_default();
        let place = |second: u64| usize::try_from(second).unwrap_or(usize::MAX).min(seconds.len());
        let bytes: u64 = seconds.get(place(from)..place(to)).unwrap_or_default().iter().sum();
        count(usize::try_from(bytes).unwrap_or(0)) * 8.0 / 1000.0 / at_least_one(to.saturating_sub(from))
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Lets it run until so long after the start.
    pub fn run_until(&mut self, since_start: Duration) {
        let end = Time::ZERO + since_start;
        loop {
            let next = self.next_due().max(self.now);
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
            self.step();
        }
    }

    fn next_due(&self) -> Time {
        // What the plane could not do yet, it does a moment later.
        let plane = self.plane.poll_timeout().map_or(Time::NEVER, |due| due.max(self.now + MOMENT));
        let bulk = self.bulk.iter().map(|(bulk, _)| bulk.due()).min().unwrap_or(Time::NEVER);
        let signals = self.signals.first().map_or(Time::NEVER, |(at, ..)| *at);
        plane.min(bulk).min(signals).min(self.outside.due())
    }

    fn step(&mut self) {
        self.arrivals();
        self.browsers();
        self.bulks();
        let now = self.now;
        while self.signals.first().is_some_and(|(at, ..)| *at <= now) {
            let (_, peer, encodings) = self.signals.remove(0);
            let found = self.outside.peers.get_mut(peer.0).and_then(|peer| peer.publisher.as_mut());
            if let Some(publisher) = found {
                publisher.wanted(now, &encodings);
            }
        }
        self.flush();
    }

    /// What the links deliver.
    fn arrivals(&mut self) {
        let now = self.now;
        while let Some(parcel) = self.outside.poll(now) {
            match parcel {
                Parcel::ToServer(from, bytes) => {
                    let Some(peer) = self.outside.peers.get(from.0) else { continue };
                    let key = peer.key;
                    if wire::is_rtcp(&bytes) {
                        self.plane.ingest_rtcp(key, &bytes, now);
                    } else {
                        self.outside.ingested(from, &bytes, now);
                        self.plane.ingest_rtp(key, &bytes, now);
                    }
                }
                Parcel::ToPeer(to, bytes) => self.outside.deliver(to, &bytes, now),
                Parcel::Bulk(at, number) => {
                    if let Some((bulk, _)) = self.bulk.get_mut(at) {
                        bulk.arrived(number, now);
                    }
                }
            }
        }
    }

    /// What the browsers do by the clock.
    fn browsers(&mut self) {
        let mut out = std::mem::take(&mut self.scratch);
        for at in 0..self.outside.peers.len() {
            let Some(peer) = self.outside.peers.get_mut(at).filter(|peer| peer.due <= self.now) else {
                continue;
            };
            peer.handle(self.now, &mut out);
            let up = peer.up;
            for bytes in out.drain(..) {
                let overhead = if wire::is_rtcp(&bytes) { SRTCP } else { SRTP };
                let len = bytes.len() + overhead;
                self.outside.send(up, self.now, len, Parcel::ToServer(PeerId(at), bytes));
            }
        }
        self.scratch = out;
    }

    fn bulks(&mut self) {
        for (at, (bulk, link)) in self.bulk.iter_mut().enumerate() {
            for number in bulk.handle(self.now) {
                self.outside.send(*link, self.now, cross::PACKET, Parcel::Bulk(at, number));
            }
        }
    }

    fn flush(&mut self) {
        self.outside.now = self.now;
        self.plane.flush(self.now, &mut self.outside);
        while let Some(event) = self.plane.poll_event() {
            self.told(event);
        }
    }

    fn told(&mut self, event: PlaneEvent) {
        let find = |key: PeerKey| self.outside.find(key);
        match event {
            PlaneEvent::Speakers { .. } => {}
            PlaneEvent::Wanted { peer, encodings, .. } => {
                if let Some(peer) = find(peer) {
                    self.signals.push((self.now + SIGNALING, peer, encodings));
                }
            }
            PlaneEvent::Paused { peer, slots } => {
                if let Some(peer) = find(peer) {
                    self.paused.push((self.now, peer, slots));
                }
            }
        }
    }
}

/// The shortest time between two looks at the plane's timers: what a server's loop takes.
const MOMENT: Duration = Duration::from_micros(100);

fn at_least_one(number: u64) -> f64 {
    count(usize::try_from(number.max(1)).unwrap_or(1))
}
