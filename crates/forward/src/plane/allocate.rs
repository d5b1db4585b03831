//! Allocating a receiver's path among its slots, and turning the outcome into streams.
//!
//! Gathers what each video slot could be sent, has `allocate` divide the estimate, aims each slot at the stream
//! that comes nearest, and keeps account of which encodings anybody wants. Not on a packet's way: it runs a few
//! times a second per receiver, and at once when an estimate falls.

use super::peer::Peer;
use super::{Plane, share};
use crate::allocate::{Candidate, Choice, Target, View, allocate, shed};
use crate::bitrate::Bitrate;
use crate::codec::Kind;
use crate::ids::{PeerKey, PublicationKey, SlotKey, StreamKey};
use crate::ingest::meter::Rates;
use crate::ingest::publication::{Publication, bit};
use crate::ingest::stream::Stream;
use crate::select::Layer;
use crate::time::Time;
use slotmap::SlotMap;
use std::time::Duration;

/// How often a receiver with video is allocated anew.
const INTERVAL: Duration = Duration::from_millis(250);

/// A slot that was turned down or paused does not go up again before so long.
const HOLD: Duration = Duration::from_secs(2);

/// A pause is told when it has lasted for so long: a beginning waits for the first estimate.
const TOLD: Duration = Duration::from_millis(500);

/// A slot that was paused so soon after it was resumed tried too early: it waits twice as long the next time. A
/// picture that comes and goes is worse than one that changes its size.
const RELAPSE: Duration = Duration::from_secs(15);

/// It never waits longer than this.
const LONGEST_HOLD: Duration = Duration::from_secs(16);

/// An encoding that was not heard for so long does not come: another one has to do.
const SILENT: Duration = Duration::from_millis(700);

/// A publication that is asked for and not heard for so long sends nothing, and takes nothing of the path.
const MUTED: Duration = Duration::from_secs(3);

/// Packets with which a stream is taken for an encoding that is made: an encoder that is being switched off lets a
/// few go.
const SOME: u64 = 10;

/// What an encoding is taken to need before it was ever measured, from the largest of its line down.
const NOMINAL: [Bitrate; 3] = [Bitrate::kbit(1700), Bitrate::kbit(500), Bitrate::kbit(150)];

/// The size it is taken to have before any keyframe of its line said.
const NOMINAL_SIZE: (u16, u16) = (1280, 720);

/// Of the estimate, in thousandths, what media may take: repairs take the rest.
const MEDIA: u64 = 950;

/// How much of an estimate is asked for, in thousandths of what there is to send: so much that going up fits into
/// the part that media may take and the part of it that going up may take, with a little to spare. With less, a
/// slot would wait for an estimate that nobody looks for.
const WANTED: u64 = 1300;

/// The same of a slot that is paused, which must fit into less to be resumed.
const WANTED_TO_RESUME: u64 = 1750;

/// What the first probes look for.
const FAR: Bitrate = Bitrate::kbit(5000);

/// Frames per second below which a higher encoding at half its frames is worth less than a lower one at all.
const LEAST_FRAMES: u16 = 14;

impl Plane {
    /// Allocates a receiver anew at the next timeout.
    pub(super) fn allocate_soon(&mut self, key: PeerKey, now: Time) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.allocation_due = peer.allocation_due.min(now);
            self.wake(key, now);
        }
    }

    /// A publication sends again: its receivers are allocated anew.
    pub(super) fn allocate_subscribers(&mut self, publication: PublicationKey, now: Time) {
        let Some(publication) = self.publications.get(publication) else { return };
        for slot in &publication.subscribers {
            let Some(slot) = self.slots.get(*slot) else { continue };
            if let Some(receiver) = self.peers.get_mut(slot.peer) {
                receiver.allocation_due = receiver.allocation_due.min(now);
                receiver.due = receiver.due.min(now);
                receiver.alarm = receiver.alarm.min(now);
                if receiver.is_reachable() {
                    self.agenda.bring_forward(slot.peer, now);
                }
            }
        }
    }

    /// Allocates if it is due; when it is due next.
    pub(super) fn allocate(&mut self, key: PeerKey, now: Time) -> Time {
        let Some(peer) = self.peers.get(key) else { return Time::NEVER };
        if peer.allocation_due > now {
            return peer.allocation_due;
        }
        let mut candidates = std::mem::take(&mut self.scratch.candidates);
        candidates.clear();
        let mut sound = Bitrate::ZERO;
        for at in 0..peer.slots.len() {
            let Some((_, slot_key)) = self.peers.get(key).and_then(|peer| peer.slots.get(at)).copied() else {
                break;
            };
            let Some(slot) = self.slots.get(slot_key) else { continue };
            match slot.kind {
                Kind::Audio => sound += slot.current().map_or(Bitrate::ZERO, |key| self.rate_of(key, now)),
                Kind::Video => candidates.extend(self.candidate(slot_key, now)),
            }
        }
        let wanted = candidates.iter().map(wanted_for).sum::<Bitrate>() + sound.permille(WANTED);
        let mut budget = Bitrate(u64::MAX);
        let share = self.share;
        if let Some(downlink) = self.peers.get_mut(key).and_then(|peer| peer.downlink.as_mut()) {
            // What was not measured yet may be anything: the first probes look far.
            let least = if now < downlink.settled_at && !candidates.is_empty() { FAR } else { Bitrate::ZERO };
            let wanted = downlink.with_copies(wanted, now).max(least);
            downlink.allocated = downlink.estimator.estimate();
            if share.is_whole() {
                downlink.estimator.set_wanted(wanted);
            } else {
                downlink.ask_no_more();
                self.counters.probes_withheld += u64::from(wanted > downlink.allocated);
            }
            budget = downlink.allocated.permille(MEDIA) - sound;
        }
        allocate(budget, &mut candidates, now);
        if !share.is_whole() {
            shed(share.permille(), share::number_of(key), &mut candidates);
        }
        let spent = candidates.iter().map(Candidate::cost).sum::<Bitrate>() + sound;
        if let Some(downlink) = self.peers.get_mut(key).and_then(|peer| peer.downlink.as_mut()) {
            downlink.spend(spent, share, now);
        }
        for candidate in &candidates {
            self.apply(candidate, now);
        }
        // Of publications that send nothing there is nothing to measure; they tell when they send again.
        let lives = candidates.iter().any(Candidate::lives);
        self.scratch.candidates = candidates;
        self.tell_paused(key, now);
        let Some(peer) = self.peers.get_mut(key) else { return Time::NEVER };
        peer.allocation_due = if lives { now + INTERVAL } else { Time::NEVER };
        peer.allocation_due
    }

    fn rate_of(&self, stream: StreamKey, now: Time) -> Bitrate {
        self.streams.get(stream).map_or(Bitrate::ZERO, |stream| stream.meter.now(now).total())
    }

    /// What a video slot could be sent; `None` for one without a source.
    fn candidate(&mut self, key: SlotKey, now: Time) -> Option<Candidate> {
        let slot = self.slots.get(key)?;
        let publication = self.publications.get_mut(slot.publication?)?;
        let streams = &self.streams;
        let comes = |key| streams.get(key).is_some_and(|stream| stream.reception.received() >= SOME);
        publication.note_absent(comes, now);
        let downlink = self.peers.get(slot.peer).and_then(|peer| peer.downlink.as_ref());
        let settled = downlink.is_none_or(|downlink| now >= downlink.settled_at);
        // What the first guess did not bear begins as soon as there is more.
        let before = if !settled && slot.borne == Target::Paused { Target::Nothing } else { slot.borne };
        let mut candidate = Candidate::new(key, slot.view, before, slot.hold_until);
        candidate.sent_before = slot.target;
        if slot.view != View::Hidden {
            ladder(publication, &mut self.streams, &mut candidate, now);
        }
        let begins = slot.publication.is_some() && !is_muted(publication, &self.streams, now);
        candidate.set_lives(begins && slot.view != View::Hidden);
        Some(candidate)
    }

    /// Has a slot sent what it was allocated.
    fn apply(&mut self, candidate: &Candidate, now: Time) {
        let Some(slot) = self.slots.get_mut(candidate.slot) else { return };
        let (borne, target) = (candidate.borne(), candidate.target());
        if candidate.before == Target::Paused && borne != Target::Paused {
            slot.resumed_at = Some(now);
        } else if candidate.is_short() && is_less(borne, candidate.before) {
            let downlink = self.peers.get(slot.peer).and_then(|peer| peer.downlink.as_ref());
            let settled = downlink.is_none_or(|downlink| now >= downlink.settled_at);
            let hold = match (borne, slot.resumed_at) {
                _ if !settled => INTERVAL,
                (Target::Paused, Some(at)) if now.since(at) < RELAPSE => (slot.pause * 2).min(LONGEST_HOLD),
                (Target::Paused | Target::Nothing | Target::Layer { .. }, _) => HOLD,
            };
            if borne == Target::Paused {
                slot.pause = hold;
            }
            slot.hold_until = now + hold;
        }
        slot.borne = borne;
        (slot.short, slot.shed) = (candidate.is_short(), candidate.is_shed());
        slot.retarget(target, now);
        let Some(publication) = slot.publication else { return };
        match target {
            Target::Nothing | Target::Paused => {
                slot.stop();
                self.forgo(candidate.slot);
            }
            Target::Layer { encoding, layer } => {
                slot.aim_at_layer(layer);
                self.steer(candidate.slot, usize::from(encoding), now);
                if let Some(slot) = self.slots.get_mut(candidate.slot) {
                    slot.wants |= candidate.unknown;
                }
            }
        }
        self.review_wanted(publication, now);
    }

    /// What waits for a slot that is stopped is not sent any more.
    fn forgo(&mut self, key: SlotKey) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let Some(peer) = self.peers.get_mut(slot.peer) else { return };
        peer.queue.retain(|queued| queued.slot != key);
        peer.forgo_repairs(key, slot);
    }

    /// Aims a slot at an encoding, or at the one that comes nearest of those that come.
    fn steer(&mut self, key: SlotKey, target: usize, now: Time) {
        let Some(slot) = self.slots.get(key) else { return };
        let Some(publication) = slot.publication.and_then(|key| self.publications.get(key)) else { return };
        let lives = |encoding: &usize| self.comes(publication, *encoding, SILENT);
        let current = slot.current();
        let is_current = |encoding: &usize| current.is_some() && publication.stream_of(*encoding) == current;
        let best = Some(target)
            .filter(lives)
            .or_else(|| (0..target).rev().find(lives))
            // A higher one only if it is there already: it goes on until the lower one comes.
            .or_else(|| (target..publication.encodings.len()).filter(is_current).find(lives))
            .unwrap_or(target);
        let stream = publication.stream_of(best);
        // What was asked for and does not come may be more than its sender's path bears: the lower ones, too.
        let asked = publication.was_asked_for(target, SILENT, now);
        let lower = if asked && !lives(&target) { bit(target) - 1 } else { 0 };
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wants = bit(target) | lower;
        let Some(stream) = stream else { return };
        let connected = self.peers.get(slot.peer).is_some_and(Peer::is_reachable);
        let begins = slot.aim_at(stream);
        if !connected {
            return;
        }
        if begins && self.take_up_fresh(key, stream, now) {
            return;
        }
        if begins || self.slots.get(key).is_some_and(|slot| slot.selection.lacks_spatial()) {
            self.request_keyframe(stream, now);
        }
    }

    /// Whether an encoding is heard. What stands still is seldom sent, by all encodings alike: one is missing if
    /// another was heard so much later.
    pub(super) fn comes(&self, publication: &Publication, encoding: usize, within: Duration) -> bool {
        let heard = |key: StreamKey| self.streams.get(key).and_then(|stream| stream.heard);
        let latest = publication.streams().filter_map(heard).max();
        let own = publication.stream_of(encoding).and_then(heard);
        own.zip(latest).is_some_and(|(own, latest)| latest.since(own) < within)
    }

    /// A slot that just turned to a stream begins with its latest keyframe, if that came a moment ago: an encoding
    /// that was switched on for it begins with one before anybody can listen. False if there is none.
    fn take_up_fresh(&mut self, key: SlotKey, stream: StreamKey, now: Time) -> bool {
        let Some(seq) = self.streams.get(stream).and_then(|stream| stream.fresh_keyframe(now)) else {
            return false;
        };
        let Some(receiver) = self.slots.get(key).map(|slot| slot.peer) else { return false };
        let Some(peer) = self.peers.get_mut(receiver) else { return false };
        peer.pending.push((key, self.batch.len()));
        peer.make_ready(receiver, &mut self.ready);
        self.batch.push((stream, seq));
        true
    }

    /// Sums up which encodings of a publication its slots want; its publisher is told of a change.
    pub(super) fn review_wanted(&mut self, key: PublicationKey, now: Time) {
        let Some(publication) = self.publications.get_mut(key) else { return };
        if publication.kind == Kind::Audio {
            // Sound is always made: who is not forwarded now may speak next.
            return;
        }
        let wants = publication.subscribers.iter().filter_map(|slot| self.slots.get(*slot));
        let mask = wants.fold(0, |mask, slot| mask | slot.wants);
        if publication.want(mask, now) {
            self.events.wanted(key);
        }
        let (peer, due) = (publication.peer, publication.wanted.due());
        self.wake(peer, due);
    }

    /// Publisher's timers: what was wanted and is not any more may be taken back by now.
    pub(super) fn review_all_wanted(&mut self, key: PeerKey, now: Time) -> Time {
        let mut due = Time::NEVER;
        let mut at = 0;
        while let Some(publication) = self.peers.get(key).and_then(|peer| peer.publications.get(at)).copied()
        {
            if self.publications.get(publication).is_some_and(|line| line.wanted.due() <= now) {
                self.review_wanted(publication, now);
            }
            due = due.min(self.publications.get(publication).map_or(Time::NEVER, |line| line.wanted.due()));
            at += 1;
        }
        due
    }

    fn tell_paused(&mut self, key: PeerKey, now: Time) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let is_paused = |slot: &SlotKey| {
            let since = self.slots.get(*slot).and_then(|slot| slot.paused_since);
            since.is_some_and(|since| now.since(since) >= TOLD)
        };
        let paused = peer.slots.iter().map(|(_, slot)| *slot).filter(is_paused);
        if paused.clone().eq(peer.paused.iter().copied()) {
            return;
        }
        let paused: Vec<SlotKey> = paused.collect();
        self.counters.pauses += u64::from(paused.len() > peer.paused.len());
        peer.paused = paused;
        self.events.paused(key);
    }
}

/// What the path would have to bear for a candidate to get all that there is for it.
fn wanted_for(candidate: &Candidate) -> Bitrate {
    let permille = if candidate.before == Target::Paused { WANTED_TO_RESUME } else { WANTED };
    candidate.best().permille(permille)
}

fn is_less(target: Target, before: Target) -> bool {
    let rank = |target| match target {
        Target::Nothing => None,
        Target::Paused => Some((0, 0, 0)),
        Target::Layer { encoding, layer } => Some((encoding + 1, layer.spatial, layer.temporal)),
    };
    rank(target).zip(rank(before)).is_some_and(|(target, before)| target < before)
}

/// The steps of a publication's ladder up to what the view can show.
fn ladder(
    publication: &Publication,
    streams: &mut SlotMap<StreamKey, Stream>,
    candidate: &mut Candidate,
    now: Time,
) {
    let count = publication.encodings.len();
    let top_size = top_size(publication, streams);
    let muted = is_muted(publication, streams, now);
    for (place, encoding) in publication.encodings.iter().enumerate() {
        let below = u32::try_from(count - 1 - place).unwrap_or(0);
        let rates = encoding.stream.and_then(|key| streams.get_mut(key)?.meter.reckoned(now));
        let whole = shrink(top_size, below);
        if encoding.absent {
            candidate.unknown |= bit(place);
            continue;
        }
        let Ok(encoding) = u8::try_from(place) else { return };
        let Some(rates) = rates else {
            candidate.unknown |= bit(place);
            let nominal = NOMINAL.get(NOMINAL.len().min(count - place) - 1).copied();
            let alone = if count == 1 { NOMINAL.get(1).copied() } else { nominal };
            let bitrate = if muted { Bitrate(u64::from(encoding)) } else { alone.unwrap_or(Bitrate::ZERO) };
            candidate.offer(Choice { encoding, layer: Layer::ALL, bitrate, pixels: pixels(whole) });
            if candidate.view.is_filled_by(whole) {
                return;
            }
            continue;
        };
        let tops = (rates.top_spatial(), rates.top_temporal());
        for spatial in 0..=tops.0 {
            let size = shrink(whole, u32::from(tops.0 - spatial));
            let least = place == 0 && spatial == 0;
            for temporal in 0..=tops.1 {
                let useful = temporal == tops.1
                    || least
                    || (temporal + 1 == tops.1 && rates.frames(temporal) >= LEAST_FRAMES);
                if !useful {
                    continue;
                }
                let layer = Layer {
                    spatial: if spatial == tops.0 { u8::MAX } else { spatial },
                    temporal: if temporal == tops.1 { u8::MAX } else { temporal },
                };
                let bitrate = if muted {
                    Bitrate(u64::from(encoding) * 16 + u64::from(spatial) * 4 + u64::from(temporal))
                } else {
                    cost(&rates, spatial, temporal)
                };
                candidate.offer(Choice { encoding, layer, bitrate, pixels: pixels(size) });
            }
            if candidate.view.is_filled_by(size) {
                return;
            }
        }
    }
}

fn cost(rates: &Rates, spatial: u8, temporal: u8) -> Bitrate {
    // Of an encoding that was just switched on, hardly anything may have been measured.
    rates.bitrate(spatial, temporal).max(Bitrate(1))
}

/// Pixels of the highest encoding's picture, from what any keyframe of the line said.
fn top_size(publication: &Publication, streams: &SlotMap<StreamKey, Stream>) -> (u16, u16) {
    let last = publication.encodings.len().saturating_sub(1);
    let said = publication.encodings.iter().enumerate().rev().find_map(|(place, encoding)| {
        let size = streams.get(encoding.stream?)?.size?;
        let times = u16::try_from(1u32 << (last - place).min(4)).ok()?;
        Some((size.width.saturating_mul(times), size.height.saturating_mul(times)))
    });
    said.unwrap_or(NOMINAL_SIZE)
}

/// Half as wide and high, so many times.
fn shrink((width, height): (u16, u16), times: u32) -> (u16, u16) {
    let half = |side: u16| side.checked_shr(times).unwrap_or(0).max(1);
    (half(width), half(height))
}

fn pixels((width, height): (u16, u16)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Whether nothing came of all that was asked for, for so long that nothing is being sent.
fn is_muted(publication: &Publication, streams: &SlotMap<StreamKey, Stream>, now: Time) -> bool {
    let heard = publication.streams().filter_map(|key| streams.get(key)?.heard).max();
    publication.wanted.told() != 0 && now.since(publication.quiet_since(heard)) >= MUTED
}
