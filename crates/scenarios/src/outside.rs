//! What is around the plane: links, browsers, and the oracles where packets leave.

use crate::load::Load;
use crate::oracle::Oracle;
use crate::publisher::{OPUS, Publisher, VP8};
use crate::receiver::Receiver;
use crate::wire;
use crate::world::{LinkId, PeerId};
use forward::{Egress, PeerKey, RtpOut, Time};
use netsim::{Link, PACKET_OVERHEAD, Script};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes that sealing adds: the tag of AES-GCM (RFC 7714), with the index of SRTCP.
pub const SRTP: usize = 16;
/// See [`SRTP`].
pub const SRTCP: usize = 20;

/// While video is sent, sound that comes is sent at least so often.
const STARVED: Duration = Duration::from_millis(200);
/// While video arrives, sound arrives at least so often.
const STARVED_ON_THE_WAY: Duration = Duration::from_secs(1);
/// A microphone that the server heard this lately sends.
const HEARD: Duration = Duration::from_millis(60);
/// Violations kept.
const KEPT: usize = 20;

/// Something that must not be.
#[derive(Clone, Debug)]
pub struct Violation {
    /// When it was seen.
    pub at: Time,
    /// What it is.
    pub what: String,
}

/// What travels on a link.
#[derive(Clone, Debug)]
pub enum Parcel {
    ToServer(PeerId, Vec<u8>),
    ToPeer(PeerId, Vec<u8>),
    /// A bulk flow's packet.
    Bulk(usize, u64),
}

/// A participant.
#[derive(Debug)]
pub struct Peer {
    pub key: PeerKey,
    pub up: LinkId,
    pub down: LinkId,
    pub publisher: Option<Publisher>,
    pub receiver: Option<Receiver>,
    pub oracle: Oracle,
    pub due: Time,
    /// Media bytes the server sent it, by second since the start.
    pub sent_by_second: Vec<u64>,
    /// Sounds it should be hearing.
    seated: BTreeMap<usize, Seated>,
    /// When the server last heard its microphone.
    heard: Time,
}

#[derive(Clone, Copy, Debug)]
struct Seated {
    publisher: PeerId,
    ssrc: u32,
    sent: Time,
    arrived: Time,
}

impl Peer {
    /// Neither sent nor received anything yet.
    pub fn new(
        key: PeerKey,
        up: LinkId,
        down: LinkId,
        publisher: Option<Publisher>,
        receiver: Option<Receiver>,
    ) -> Self {
        let mut peer = Self {
            key,
            up,
            down,
            publisher,
            receiver,
            oracle: Oracle::new(true),
            due: Time::ZERO,
            sent_by_second: vec![],
            seated: BTreeMap::new(),
            heard: Time::ZERO,
        };
        peer.reckon();
        peer
    }

    fn reckon(&mut self) {
        let publisher = self.publisher.as_ref().map_or(Time::NEVER, Publisher::due);
        self.due = publisher.min(self.receiver.as_ref().map_or(Time::NEVER, Receiver::due));
    }

    /// Does what is due.
    pub fn handle(&mut self, now: Time, out: &mut Vec<Vec<u8>>) {
        if let Some(publisher) = &mut self.publisher {
            publisher.handle(now, out);
        }
        if let Some(receiver) = &mut self.receiver {
            let mut said = vec![];
            receiver.handle(now, &mut said);
            out.extend((!said.is_empty()).then(|| said.concat()));
        }
        self.reckon();
    }

    fn starved(&mut self, now: Time, limit: Duration, of: impl Fn(&mut Seated) -> &mut Time) -> Option<u32> {
        for seated in self.seated.values_mut() {
            let at = of(seated);
            if now.since(*at) > limit {
                // Once for each gap.
                *at = now;
                return Some(seated.ssrc);
            }
        }
        None
    }
}

/// All but the plane.
#[derive(Debug)]
pub struct Outside {
    pub now: Time,
    pub peers: Vec<Peer>,
    pub loads: Vec<Load>,
    pub violations: Vec<Violation>,
    /// How many there were, those not kept included.
    pub violated: usize,
    /// Of everything the plane sent, and when.
    pub hash: u64,
    /// Microphones are never more than are forwarded: each must be.
    pub all_audible: bool,
    links: Vec<Link<Parcel>>,
    link_due: Vec<Time>,
    buffer: Vec<u8>,
}

impl Default for Outside {
    fn default() -> Self {
        Self {
            now: Time::ZERO,
            peers: vec![],
            loads: vec![],
            violations: vec![],
            violated: 0,
            hash: 0xcbf2_9ce4_8422_2325,
            all_audible: true,
            links: vec![],
            link_due: vec![],
            buffer: vec![],
        }
    }
}

impl Outside {
    /// One more link.
    pub fn add_link(&mut self, link: Link<Parcel>, script: Script, steps: Vec<Time>) -> LinkId {
        self.links.push(link);
        self.link_due.push(Time::NEVER);
        self.loads.push(Load::new(script, steps));
        LinkId(self.links.len() - 1)
    }

    /// When something next happens out here.
    pub fn due(&self) -> Time {
        let peers = self.peers.iter().map(|peer| peer.due).min().unwrap_or(Time::NEVER);
        self.link_due.iter().copied().min().unwrap_or(Time::NEVER).min(peers)
    }

    /// Who has a key.
    pub fn find(&self, key: PeerKey) -> Option<PeerId> {
        self.peers.iter().position(|peer| peer.key == key).map(PeerId)
    }

    /// A seat is fed by someone from now on.
    pub fn seated(&mut self, viewer: PeerId, seat: usize, publisher: Option<PeerId>, now: Time) {
        let Some(peer) = self.peers.get_mut(viewer.0) else { return };
        let ssrc = peer.receiver.as_ref().and_then(|receiver| receiver.seats.get(seat));
        let ssrc = ssrc.map_or(0, |seat| seat.screen.ssrc - 1);
        match publisher {
            Some(publisher) => {
                peer.seated.insert(seat, Seated { publisher, ssrc, sent: now, arrived: now });
            }
            None => {
                peer.seated.remove(&seat);
            }
        }
    }

    /// Puts something on a link.
    pub fn send(&mut self, link: LinkId, now: Time, len: usize, parcel: Parcel) {
        if let (Some(found), Some(due)) = (self.links.get_mut(link.0), self.link_due.get_mut(link.0)) {
            found.send(netsim::Time(now.0), len, parcel);
            *due = found.next_due().map_or(Time::NEVER, |due| Time(due.0));
        }
    }

    /// The next thing that arrived.
    pub fn poll(&mut self, now: Time) -> Option<Parcel> {
        for (link, due) in self.links.iter_mut().zip(&mut self.link_due) {
            while *due <= now {
                let parcel = link.poll(netsim::Time(now.0));
                *due = link.next_due().map_or(Time::NEVER, |due| Time(due.0));
                if parcel.is_some() {
                    return parcel;
                }
            }
        }
        None
    }

    /// A participant's packet reached the server.
    pub fn ingested(&mut self, from: PeerId, bytes: &[u8], now: Time) {
        let sound = wire::read(bytes).is_some_and(|rtp| rtp.payload_type == OPUS);
        if let Some(peer) = self.peers.get_mut(from.0).filter(|_| sound) {
            peer.heard = now;
        }
    }

    /// Something arrived at a participant.
    pub fn deliver(&mut self, to: PeerId, bytes: &[u8], now: Time) {
        let Some(peer) = self.peers.get_mut(to.0) else { return };
        if let Some(publisher) = peer.publisher.as_mut().filter(|_| wire::is_rtcp(bytes)) {
            publisher.feedback(now, bytes);
        }
        let mut said = vec![];
        if let Some(receiver) = &mut peer.receiver {
            receiver.receive(now, bytes, &mut said);
        }
        peer.reckon();
        let up = peer.up;
        let starved = match wire::read(bytes).filter(|_| !wire::is_rtcp(bytes)) {
            Some(rtp) if rtp.payload_type == OPUS => {
                if let Some(seated) = peer.seated.values_mut().find(|seated| seated.ssrc == rtp.ssrc) {
                    seated.arrived = now;
                }
                None
            }
            Some(_) => peer.starved(now, STARVED_ON_THE_WAY, |seated| &mut seated.arrived),
            None => None,
        };
        if !said.is_empty() {
            let bytes = said.concat();
            self.send(up, now, bytes.len() + SRTCP, Parcel::ToServer(to, bytes));
        }
        if let Some(ssrc) = starved.filter(|_| self.all_audible) {
            self.violation(now, format!("{to:?}: sound {ssrc} starved on the way while video came"));
        }
    }

    /// Notes something that must not be.
    pub fn violation(&mut self, at: Time, what: String) {
        self.violated += 1;
        if self.violations.len() < KEPT {
            self.violations.push(Violation { at, what });
        }
    }

    /// As FNV-1a does, eight bytes at a time.
    fn mix(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let rest = rest.iter().copied().map(u64::from);
        for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain(rest) {
            self.hash = (self.hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        }
    }

    fn leave(&mut self, to: PeerId, overhead: usize) {
        let bytes = std::mem::take(&mut self.buffer);
        self.mix(&self.now.0.to_be_bytes());
        self.mix(&bytes);
        let Some(peer) = self.peers.get_mut(to.0) else { return };
        let (down, len) = (peer.down, bytes.len() + overhead);
        let wire = u64::try_from(len).unwrap_or(0) + PACKET_OVERHEAD;
        let second = usize::try_from(self.now.0 / 1_000_000).unwrap_or(0);
        if peer.sent_by_second.len() <= second {
            peer.sent_by_second.resize(second + 1, 0);
        }
        if let Some(sum) = peer.sent_by_second.get_mut(second) {
            *sum += wire;
        }
        if let Some(load) = self.loads.get_mut(down.0) {
            load.count(self.now, wire);
        }
        self.send(down, self.now, len, Parcel::ToPeer(to, bytes));
    }

    fn check_starved(&mut self, to: PeerId, rtp_ssrc: u32, payload_type: u8) {
        let now = self.now;
        let heard: Vec<Time> = self.peers.iter().map(|peer| peer.heard).collect();
        let Some(peer) = self.peers.get_mut(to.0) else { return };
        if payload_type == OPUS {
            if let Some(seated) = peer.seated.values_mut().find(|seated| seated.ssrc == rtp_ssrc) {
                seated.sent = now;
            }
        } else if payload_type == VP8 {
            for seated in peer.seated.values_mut() {
                let sends = heard.get(seated.publisher.0).is_some_and(|at| now.since(*at) < HEARD);
                if !sends {
                    // Nothing to send: its time begins anew.
                    (seated.sent, seated.arrived) = (now, now);
                }
            }
            let starved = peer.starved(now, STARVED, |seated| &mut seated.sent);
            if let Some(ssrc) = starved.filter(|_| self.all_audible) {
                self.violation(now, format!("{to:?}: sound {ssrc} not sent while video was"));
            }
        }
    }
}

impl Egress for Outside {
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        let Some(id) = self.find(to) else { return };
        let mut bytes = vec![0xee; packet.len];
        fill(&mut bytes);
        let mut wrong = vec![];
        if let Some(peer) = self.peers.get_mut(id.0) {
            peer.oracle.check(packet, &bytes, &mut wrong);
        }
        for what in wrong {
            self.violation(self.now, format!("{id:?}: {what}"));
        }
        let payload_type = bytes.get(1).map_or(0, |byte| byte & 0x7f);
        self.check_starved(id, packet.ssrc.0, payload_type);
        self.buffer = bytes;
        self.leave(id, SRTP);
    }

    fn rtcp(&mut self, to: PeerKey, compound: &[u8]) {
        let Some(id) = self.find(to) else { return };
        self.buffer = compound.to_vec();
        self.leave(id, SRTCP);
    }
}
