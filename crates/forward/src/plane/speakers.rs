//! Groups of peers that hear each other: who speaks, and whose sound is forwarded.
//!
//! Owns the groups. Loudness and order are `speaking`'s. A group with no more microphones than may be heard at
//! once forwards all, and never switches; in a larger one those are heard who spoke last.

use super::Plane;
use crate::ids::{GroupId, PeerKey, PublicationKey, Seq64};
use crate::rtp::level::AudioLevel;
use crate::speaking::{Voice, reorder};
use crate::time::Time;
use std::cmp::Reverse;
use std::time::Duration;

/// How often a group with somebody in it who speaks is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// One group.
#[derive(Debug)]
pub(super) struct Group {
    /// Its publications of sound, in the order they came.
    members: Vec<(PublicationKey, Voice)>,
    /// Those who speak, the loudest first.
    pub speakers: Vec<PublicationKey>,
    due: Time,
}

impl Plane {
    pub(super) fn join_group(&mut self, group: GroupId, publication: PublicationKey) {
        let group = self.groups.entry(group).or_insert_with(|| Group {
            members: Vec::new(),
            speakers: Vec::new(),
            due: Time::NEVER,
        });
        group.members.push((publication, Voice::default()));
        group.due = self.now;
        self.due = self.due.min(self.now);
    }

    pub(super) fn leave_group(&mut self, publication: PublicationKey, peer: PeerKey) {
        // A peer being removed is gone from the table already: then every group is asked.
        let of_peer = self.peers.get(peer).map(|peer| peer.group);
        let found = self.groups.iter_mut().find(|(id, group)| {
            of_peer.is_none_or(|of_peer| of_peer == **id)
                && group.members.iter().any(|(member, _)| *member == publication)
        });
        let Some((id, group)) = found else { return };
        let id = *id;
        group.members.retain(|(member, _)| *member != publication);
        group.due = self.now;
        self.due = self.due.min(self.now);
        if group.members.is_empty() {
            let spoke = !group.speakers.is_empty();
            self.groups.remove(&id);
            if spoke {
                self.events.speakers(id);
            }
        }
    }

    /// A publication's packet says how loud it is.
    pub(super) fn hear(&mut self, publication: PublicationKey, level: AudioLevel, now: Time) {
        let Some(peer) = self.publications.get(publication).map(|line| line.peer) else { return };
        let Some(group) = self.peers.get(peer).map(|peer| peer.group) else { return };
        let Some(group) = self.groups.get_mut(&group) else { return };
        let Some((_, voice)) = group.members.iter_mut().find(|(member, _)| *member == publication) else {
            return;
        };
        if voice.hear(level, now) {
            group.due = group.due.min(now);
            self.due = self.due.min(now);
        }
    }

    /// Looks at the groups that are due; when the next one is.
    pub(super) fn look_at_groups(&mut self, now: Time) -> Time {
        let mut groups = std::mem::take(&mut self.scratch.groups);
        groups.extend(self.groups.iter().filter(|(_, group)| group.due <= now).map(|(id, _)| *id));
        for id in groups.drain(..) {
            self.look_at_group(id, now);
        }
        self.scratch.groups = groups;
        self.groups.values().map(|group| group.due).min().unwrap_or(Time::NEVER)
    }

    fn look_at_group(&mut self, id: GroupId, now: Time) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        let mut speaking: Vec<(PublicationKey, Voice)> = Vec::new();
        for (member, voice) in &mut group.members {
            if voice.speaks(now) {
                speaking.push((*member, *voice));
            }
        }
        let before = group.speakers.clone();
        reorder(&mut group.speakers, &speaking);
        group.due = if group.speakers.is_empty() { Time::NEVER } else { now + LOOK };
        if group.speakers != before {
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
        let mut order: Vec<(usize, Reverse<Time>, bool, PublicationKey)> = group
            .members
            .iter()
            .map(|(key, voice)| {
                let heard = self.publications.get(*key).is_some_and(|line| line.audible);
                (rank(key), Reverse(voice.spoke_at), !heard, *key)
            })
            .collect();
        order.sort_unstable();
        let max = self.config.max_audible;
        for (place, (.., key)) in order.into_iter().enumerate() {
            self.set_audible(key, place < max, now);
        }
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
