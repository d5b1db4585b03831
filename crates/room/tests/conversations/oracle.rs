//! The judge: does everybody see what is so?
//!
//! What is so is taken from the people themselves (who is in which room, with which tracks on) and from
//! the media plane (what was routed), never from what `room` says of itself.

use crate::world::{Person, World};
use session::{Feed, Other, Phase, SourceState};
use signal::{Mid, ParticipantId, PublicationId, ServerMessage, Source};
use std::collections::BTreeSet;

impl World {
    /// Everybody who wants to be in a room is live there, and sees exactly the others who are.
    pub fn agree(&self) {
        for (who, person) in &self.people {
            check_order(who, &person.heard);
            if person.room.is_some() {
                assert_eq!(self.phase(who), Phase::Live, "{who}");
                self.check_others(who, person);
            } else {
                assert!(person.session.snapshot().others.is_empty(), "{who} sees a room from outside");
            }
        }
        self.check_routes();
    }

    fn check_others(&self, who: &'static str, person: &Person) {
        let mut expected: Vec<_> = self
            .people
            .iter()
            .filter(|(name, other)| **name != who && other.room == person.room)
            .map(|(name, other)| (self.id(name), *name, other))
            .collect();
        expected.sort_by_key(|(id, _, _)| *id);
        let seen = self.snapshot(who).others;
        let names: Vec<_> = seen.iter().map(|other| (other.id, other.name.as_str())).collect();
        let expected_names: Vec<_> = expected.iter().map(|(id, name, _)| (*id, *name)).collect();
        assert_eq!(names, expected_names, "whom {who} sees");
        let is_known = |id: &ParticipantId| *id == self.id(who) || names.iter().any(|(other, _)| other == id);
        assert!(self.snapshot(who).speakers.iter().all(is_known), "{who} hears somebody who is not there");
        let count = u32::try_from(expected.len() + 1).unwrap();
        assert_eq!(self.in_room(person.room.as_ref().unwrap()), count, "how full {who}'s room is");
        for (other, (id, name, owner)) in seen.iter().zip(expected) {
            for source in [Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio] {
                let state = owner.sources.get(&source).copied().unwrap_or(SourceState::Absent);
                let feed = feed(other, source);
                let seen = feed.map_or(SourceState::Absent, |feed| {
                    if feed.muted { SourceState::Muted } else { SourceState::Live }
                });
                assert_eq!(seen, state, "{name}'s {source:?} as {who} sees it");
                let line = owner.browser.mid(source).map(|mid| (id, mid.clone()));
                let mut routes = self.routes.iter().filter(|((to, _), _)| *to == self.id(who));
                let through =
                    routes.find(|(_, from)| Some(*from) == line.as_ref()).map(|((_, slot), _)| slot);
                let told = feed.and_then(|feed| feed.slot.as_ref());
                assert_eq!(told, through, "the slot of {name}'s {source:?} at {who}");
            }
        }
    }

    /// Every route carries a track that is published, to a slot that its receiver offered, and no track
    /// goes to one receiver twice.
    fn check_routes(&self) {
        let mut carried = BTreeSet::new();
        for ((receiver, slot), (sender, mid)) in &self.routes {
            assert!(carried.insert((receiver, sender, mid)), "{sender}'s {mid} twice to {receiver}");
            let (receiver, sender) = (self.person_of(*receiver), self.person_of(*sender));
            assert_eq!(receiver.room, sender.room, "a route between rooms");
            assert!(receiver.browser.mids().iter().all(|(_, own)| own != slot), "a route into a send line");
            let is_published = |(source, own): &(Source, Mid)| {
                let state = sender.sources.get(source).copied();
                own == mid && !matches!(state, None | Some(SourceState::Absent))
            };
            assert!(sender.browser.mids().iter().any(is_published), "a route from an unpublished track");
        }
    }

    /// How many of the others' tracks come to somebody.
    pub fn fed(&self, who: &'static str) -> usize {
        let me = self.id(who);
        self.routes.keys().filter(|(receiver, _)| *receiver == me).count()
    }

    /// The slots by which somebody sees and hears another.
    pub fn slots(&self, who: &'static str, other: &'static str) -> (Option<Mid>, Option<Mid>) {
        let other = self.other(who, other);
        let slot = |feed: &Option<Feed>| feed.as_ref().and_then(|feed| feed.slot.clone());
        (slot(&other.microphone), slot(&other.camera))
    }

    /// Another as somebody sees it.
    pub fn other(&self, who: &'static str, other: &'static str) -> Other {
        let seen = self.snapshot(who).others;
        seen.into_iter().find(|seen| seen.name == other).unwrap_or_else(|| panic!("{who} misses {other}"))
    }

    fn person_of(&self, id: ParticipantId) -> &Person {
        let has_id = |person: &&Person| person.session.snapshot().me.is_some_and(|me| me.id == id);
        self.people.values().find(has_id).unwrap_or_else(|| panic!("nobody is {id}"))
    }
}

fn feed(other: &Other, source: Source) -> Option<&Feed> {
    match source {
        Source::Microphone => other.microphone.as_ref(),
        Source::Camera => other.camera.as_ref(),
        Source::Screen => other.screen.as_ref(),
        Source::ScreenAudio => other.screen_audio.as_ref(),
    }
}

/// No message names a participant or a publication before it was introduced.
fn check_order(who: &str, heard: &[ServerMessage]) {
    let mut people: BTreeSet<ParticipantId> = BTreeSet::new();
    let mut known: BTreeSet<PublicationId> = BTreeSet::new();
    for message in heard {
        match message {
            ServerMessage::Joined { participants, slots, .. }
            | ServerMessage::Resumed { participants, slots, .. } => {
                people = participants.iter().map(|info| info.id).collect();
                known = participants.iter().flat_map(|info| &info.publications).map(|held| held.id).collect();
                assert!(
                    slots.iter().all(|slot| known.contains(&slot.publication.unwrap())),
                    "{who}: {message:?}"
                );
            }
            ServerMessage::ParticipantJoined { participant } => {
                assert!(people.insert(participant.id), "{who}: {message:?}");
                known.extend(participant.publications.iter().map(|held| held.id));
            }
            ServerMessage::ParticipantLeft { participant, .. } => {
                assert!(people.remove(participant), "{who}: {message:?}");
            }
            ServerMessage::Published { participant, publication } => {
                assert!(people.contains(participant) && known.insert(publication.id), "{who}: {message:?}");
            }
            ServerMessage::Unpublished { publication, .. } | ServerMessage::Muted { publication, .. } => {
                assert!(known.contains(publication), "{who}: {message:?}");
            }
            ServerMessage::Slots { slots } => {
                let named = slots.iter().filter_map(|slot| slot.publication.as_ref());
                assert!(named.into_iter().all(|id| known.contains(id)), "{who}: {message:?}");
            }
            ServerMessage::Chat { message: said } => {
                assert!(people.contains(&said.participant) && said.ago == 0, "{who}: {message:?}");
            }
            ServerMessage::Reaction { participant, .. } => {
                assert!(people.contains(participant), "{who}: {message:?}");
            }
            ServerMessage::Hands { participants } | ServerMessage::Speakers { participants } => {
                assert!(participants.iter().all(|speaker| people.contains(speaker)), "{who}: {message:?}");
            }
            ServerMessage::Moderation(moderation) => {
                let named =
                    moderation.moderators.iter().chain(moderation.held.iter().map(|it| &it.participant));
                assert!({ named }.all(|id| people.contains(id)), "{who}: {message:?}");
            }
            ServerMessage::Encodings { .. }
            | ServerMessage::Waiting {}
            | ServerMessage::Paused { .. }
            | ServerMessage::Quality(_)
            | ServerMessage::Direct { .. }
            | ServerMessage::Answer { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Error(_) => {}
        }
    }
}
