//! The invariants, one function each.

use crate::action::{Driver, MAX_PARTICIPANTS, ROOMS};
use crate::observer::Client;
use crate::reference::Member;
use crate::seats;
use crate::talking::Said;
use signal::{MediaKind, Mid, ParticipantId, PublicationId, RoomName, Source};
use std::collections::{BTreeMap, BTreeSet};

/// All of them.
pub fn agree(driver: &Driver) {
    agree_but_for_news(driver);
    assert_eq!(driver.rooms.counts().untold, 0);
    clients_were_told_what_is_so(driver);
    clients_know_what_the_media_plane_said(driver);
    clients_know_what_was_said_and_shown(driver);
    clients_know_how_their_room_is_moderated(driver);
    seats::agree(driver);
}

/// Those that hold while clients are still to be told who came and went.
pub fn agree_but_for_news(driver: &Driver) {
    rooms_hold_whom_they_should(driver);
    routes_lead_where_they_may(driver);
    slots_are_used_as_far_as_they_go(driver);
    the_media_plane_holds_what_is_held(driver);
}

fn rooms_hold_whom_they_should(driver: &Driver) {
    let reference = &driver.reference;
    for room in ROOMS {
        let status = driver.rooms.status(&RoomName::parse(room).unwrap());
        assert_eq!(status.participants, reference.places(room), "who is in {room}");
        assert!(status.participants <= MAX_PARTICIPANTS, "{room} is too full");
    }
    let counts = driver.rooms.counts();
    assert_eq!(counts.connections, reference.sockets.len());
    assert!(driver.observer.open.iter().eq(reference.sockets.keys()), "which sockets are open");
    assert_eq!(counts.joining, reference.joiners.len());
    assert_eq!(counts.participants, reference.members.len());
    let recorded: BTreeSet<_> = driver.observer.inside.values().flatten().copied().collect();
    assert!(recorded.iter().eq(reference.members.keys()), "who is inside by the record");
    let published: usize = reference.members.values().map(|member| member.published.len()).sum();
    assert_eq!(counts.publications, published);
    assert_eq!(counts.routes, driver.observer.routes.len());
    assert_eq!(counts.timers, counts.connections + counts.absent + counts.waiting, "no timer is forgotten");
    let waiting: usize = reference.rules.of.values().map(|rule| rule.waiting.len()).sum();
    assert_eq!(counts.waiting, waiting, "who waits");
    let peers: BTreeSet<_> = reference.members.keys().chain(reference.joiners.keys()).copied().collect();
    assert_eq!(driver.observer.peers, peers);
}

fn clients_were_told_what_is_so(driver: &Driver) {
    for (me, member) in &driver.reference.members {
        let Some(socket) = member.socket else { continue };
        let client = &driver.observer.clients[&socket];
        let seen = |held: &BTreeMap<Source, (_, bool)>| {
            held.iter().map(|(source, (_, muted))| (*source, *muted)).collect()
        };
        let told: BTreeMap<_, BTreeMap<Source, bool>> =
            client.people.iter().map(|(who, held)| (*who, seen(held))).collect();
        let is =
            |member: &Member| member.published.iter().map(|(source, (_, muted))| (*source, *muted)).collect();
        let expected: BTreeMap<_, BTreeMap<Source, bool>> =
            roommates(driver, member).map(|(who, member)| (*who, is(member))).collect();
        assert_eq!(told, expected, "what {me} was told");
        assert_eq!(told_routes(driver, client), routes_to(driver, *me), "the slots of {me}");
    }
}

/// What a client's slots carry, as it was told.
fn told_routes(driver: &Driver, client: &Client) -> BTreeMap<Mid, (ParticipantId, Mid)> {
    let route = |(slot, publication): (&Mid, &PublicationId)| {
        let (owner, source) = client.owner(*publication).expect("a slot that names nothing");
        (slot.clone(), (owner, driver.reference.members[&owner].published[&source].0.clone()))
    };
    client.slots.iter().map(route).collect()
}

pub fn routes_to(driver: &Driver, me: ParticipantId) -> BTreeMap<Mid, (ParticipantId, Mid)> {
    let mine = driver.observer.routes.iter().filter(|((receiver, _), _)| *receiver == me);
    mine.map(|((_, slot), source)| (slot.clone(), source.clone())).collect()
}

fn routes_lead_where_they_may(driver: &Driver) {
    let members = &driver.reference.members;
    let mut carried = BTreeSet::new();
    for ((receiver, slot), (sender, mid)) in &driver.observer.routes {
        assert_ne!(receiver, sender, "nobody is shown itself");
        assert!(carried.insert((receiver, sender, mid)), "one track in two slots");
        assert_eq!(members[receiver].room, members[sender].room, "a route between rooms");
        let published = members[sender].published.iter().find(|(_, (published, _))| published == mid);
        let source = *published.expect("a route from an unpublished track").0;
        assert!(!members[sender].is_held(source), "a route from a track that is held");
        let kind = source.kind();
        let fits = members[receiver].lines.slots().iter().any(|line| line.mid == *slot && line.kind == kind);
        assert!(fits, "a route into a slot of another kind, or into none");
    }
}

/// As many tracks are shown as there are, or as there are slots.
fn slots_are_used_as_far_as_they_go(driver: &Driver) {
    for (me, member) in &driver.reference.members {
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let slots: BTreeSet<_> = member
                .lines
                .slots()
                .into_iter()
                .filter(|line| line.kind == kind)
                .map(|line| line.mid)
                .collect();
            let others = roommates(driver, member).filter(|(who, _)| *who != me);
            let tracks = others
                .flat_map(|(_, other)| other.published.keys().filter(|source| !other.is_held(**source)))
                .filter(|source| source.kind() == kind)
                .count();
            let shown = routes_to(driver, *me).keys().filter(|slot| slots.contains(*slot)).count();
            assert_eq!(shown, tracks.min(slots.len()), "{kind:?} of {me}");
        }
    }
}

fn clients_know_what_the_media_plane_said(driver: &Driver) {
    for (me, member) in &driver.reference.members {
        let Some(socket) = member.socket else { continue };
        let client = &driver.observer.clients[&socket];
        assert_eq!(client.speakers, driver.reference.speakers_in(&member.room), "who speaks, says {me}");
        assert_eq!(client.paused, member.paused, "what is held back, says {me}");
        let wanted = member.wanted();
        let told: BTreeMap<_, _> =
            client.encodings.iter().filter(|(mid, _)| wanted.contains_key(mid)).collect();
        assert_eq!(told, wanted, "which encodings are wanted, says {me}");
    }
}

fn clients_know_what_was_said_and_shown(driver: &Driver) {
    let reference = &driver.reference;
    for (me, member) in &reference.members {
        let Some(socket) = member.socket else { continue };
        let client = &driver.observer.clients[&socket];
        let history = reference.history(&member.room);
        assert!(
            client.chat.ends_with(&history) || history.ends_with(&client.chat),
            "what was said, says {me}"
        );
        let newest = |said: &[Said]| said.last().cloned();
        assert_eq!(newest(&client.chat), newest(&history), "what was said last, says {me}");
        assert_eq!(client.hands, reference.hands_in(&member.room), "whose hands are up, says {me}");
    }
    assert_eq!(driver.observer.reactions, reference.talk.reactions, "how many reactions were shown");
}

fn the_media_plane_holds_what_is_held(driver: &Driver) {
    for (id, member) in &driver.reference.members {
        let told = driver.observer.held.get(id).cloned().unwrap_or_default();
        assert_eq!(told, member.lines_to_hold(), "what is held of {id}");
    }
}

fn clients_know_how_their_room_is_moderated(driver: &Driver) {
    for (me, member) in &driver.reference.members {
        let Some(socket) = member.socket else { continue };
        let mut told = driver.observer.clients[&socket].moderation.clone();
        let (expected, waiting) = driver.reference.moderation(&member.room);
        let waiting = if driver.reference.is_lead(*me) { waiting } else { 0 };
        assert_eq!(std::mem::take(&mut told.waiting).len(), waiting, "how many wait, says {me}");
        assert_eq!(told, expected, "how the room is moderated, says {me}");
    }
}

pub fn roommates<'a>(
    driver: &'a Driver,
    member: &'a Member,
) -> impl Iterator<Item = (&'a ParticipantId, &'a Member)> {
    driver.reference.members.iter().filter(|(_, other)| other.room == member.room)
}
