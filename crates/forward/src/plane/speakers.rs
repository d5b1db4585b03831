//! Groups of peers that hear each other: who speaks, and whose sound is forwarded.
//!
//! Owns the groups. Loudness and order are `speaking`'s. A group with no more microphones than may be heard at
//! once forwards all, and never switches; in a larger one those are heard who spoke last.

use super::Plane;
use super::planted::Site;
use crate::codec::Kind;
use crate::ids::{GroupId, PeerKey, PublicationKey, Seq64};
use crate::ingest::publication::Publication;
use crate::rtp::level::AudioLevel;
use crate::speaking::reorder;
use crate::time::Time;
use std::cmp::Reverse;
use std::time::Duration;

/// How often a group with somebody in it who speaks is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Bytes of a packet of Opus from which on it is more than comfort noise.
const COMFORT_NOISE: usize = 20;

/// The level that a publisher is taken to have who does not say, in dB below the loudest: a quiet voice.
const UNMEASURED: u8 = 45;

/// What decides who is heard: place among the speakers, when it last spoke, whether it is heard already.
pub(super) type Rank = (usize, Reverse<Time>, bool, PublicationKey);

/// One group.
#[derive(Debug)]
pub(super) struct Group {
    /// Its publications of sound, in the order they came.
    members: Vec<PublicationKey>,
    /// Those who speak, the loudest first.
    pub speakers: Vec<PublicationKey>,
    due: Time,
}

impl Group {
    /// Lets those members go that are no more.
    pub fn retain(&mut self, is_there: impl Fn(PublicationKey) -> bool) {
        self.members.retain(|member| is_there(*member));
        self.speakers.retain(|speaker| is_there(*speaker));
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Something has changed that the voices do not say.
    pub fn look_again(&mut self, now: Time) {
        self.due = self.due.min(now);
    }
}

impl Plane {
    pub(super) fn join_group(&mut self, group: GroupId, publication: PublicationKey) {
        let group = self.groups.entry(group).or_insert_with(|| Group {
            members: Vec::new(),
            speakers: Vec::new(),
            due: Time::NEVER,
        });
        group.members.push(publication);
        group.due = self.now;
        self.groups_due = self.groups_due.min(self.now);
    }

    pub(super) fn leave_group(&mut self, publication: PublicationKey, peer: PeerKey) {
        // A peer being removed is gone from the table already: then every group is asked.
        let of_peer = self.peers.get(peer).map(|peer| peer.group);
        let found = self.groups.iter_mut().find(|(id, group)| {
            of_peer.is_none_or(|of_peer| of_peer == **id) && group.members.contains(&publication)
        });
        let Some((id, group)) = found else { return };
        let id = *id;
        group.members.retain(|member| *member != publication);
        group.due = self.now;
        self.groups_due = self.groups_due.min(self.now);
        if group.members.is_empty() {
            let spoke = !group.speakers.is_empty();
            self.groups.remove(&id);
            if spoke {
                self.events.speakers(id);
            }
        }
    }

    /// A publication's packet says how loud it is. A publisher that does not say counts as speaking while it sends
    /// more than comfort noise: somebody has to be heard.
    pub(super) fn hear(
        &mut self,
        publication: PublicationKey,
        level: Option<AudioLevel>,
        bytes: usize,
        now: Time,
    ) {
        let unmeasured = AudioLevel { dbov: if bytes > COMFORT_NOISE { UNMEASURED } else { 127 } };
        let is_voice = |line: &&mut Publication| line.kind == Kind::Audio && !line.held;
        let Some(line) = self.publications.get_mut(publication).filter(is_voice) else {
            return;
        };
        if !line.voice.hear(level.unwrap_or(unmeasured), now) {
            return;
        }
        let Some(group) = self.peers.get(line.peer).map(|peer| peer.group) else { return };
        if let Some(group) = self.groups.get_mut(&group) {
            group.due = group.due.min(now);
            self.groups_due = self.groups_due.min(now);
        }
    }

    /// Looks at the groups that are due; when the next one is.
    pub(super) fn look_at_groups(&mut self, now: Time) -> Time {
        let mut groups = std::mem::take(&mut self.scratch.groups);
        groups.extend(self.groups.iter().filter(|(_, group)| group.due <= now).map(|(id, _)| *id));
        for id in groups.drain(..) {
            self.planted.trip(Site::Group, PeerKey::default());
            self.look_at_group(id, now);
        }
        self.scratch.groups = groups;
        self.groups.values().map(|group| group.due).min().unwrap_or(Time::NEVER)
    }

    fn look_at_group(&mut self, id: GroupId, now: Time) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        let speaking = &mut self.scratch.speaking;
        speaking.clear();
        for member in &group.members {
            let Some(line) = self.publications.get_mut(*member) else { continue };
            if line.voice.speaks(now) {
                speaking.push((*member, line.voice));
            }
        }
        let before = &mut self.scratch.speakers;
        before.clone_from(&group.speakers);
        reorder(&mut group.speakers, speaking);
        group.due = if group.speakers.is_empty() { Time::NEVER } else { now + LOOK };
        if group.speakers != *before {
            self.events.speakers(id);
        }
        self.choose_audible(id, now);
    }

    /// Of a group with more microphones than may be heard, the speakers are, then who spoke last.
    fn choose_audible(&mut self, id: GroupId, now: Time) {
        let Some(group) = self.groups.get(&id) else { return };
        let rank = |key: &PublicationKey| {
            group.speakers.iter().position(|speaker| speaker == key).unwrap_or(usize::MAX)
        };
        let mut order = std::mem::take(&mut self.scratch.order);
        // What is held takes nobody's place.
        let is_held = |key: &&PublicationKey| self.publications.get(**key).is_some_and(|line| line.held);
        order.extend(group.members.iter().filter(|key| !is_held(key)).map(|key| {
            let line = self.publications.get(*key);
            let (heard, spoke_at) =
                line.map_or((false, Time::ZERO), |line| (line.audible, line.voice.spoke_at));
            (rank(key), Reverse(spoke_at), !heard, *key)
        }));
        order.sort_unstable();
        let max = self.config.max_audible;
        for (place, (.., key)) in order.drain(..).enumerate() {
            self.set_audible(key, place < max, now);
        }
        self.scratch.order = order;
    }

    fn set_audible(&mut self, key: PublicationKey, audible: bool, now: Time) {
        let Some(line) = self.publications.get_mut(key).filter(|line| line.audible != audible) else {
            return;
        };
        line.audible = audible;
        let stream = line.stream_of(0);
        let from =
            stream.and_then(|stream| self.streams.get(stream)?.highest()).map_or(Seq64(0), Seq64::next);
        self.counters.audible_changes += 1;
        let Some(line) = self.publications.get(key) else { return };
        for slot in &line.subscribers {
            // What was left out leaves no gap: the slot takes the stream up anew.
            if let (Some(slot), Some(stream)) = (self.slots.get_mut(*slot), stream) {
                slot.await_stream(stream, from);
            }
        }
        self.tick(now);
    }
}
