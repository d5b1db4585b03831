//! Who ought to sit where there are fewer slots than tracks. Not which slot each gets, nor all that
//! decides, but what nobody may be denied: every swap must be for a reason, and every reason must count.

use crate::action::Driver;
use crate::check::{roommates, routes_to};
use crate::reference::Member;
use signal::{MediaKind, Mid, ParticipantId, PublicationId, Source};
use std::collections::{BTreeMap, BTreeSet};

/// A track: its owner and m-line.
type Track = (ParticipantId, Mid);

/// Why one track sits rather than another; the least sits first. Those alike are served as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    Preferred(usize),
    Screen,
    Speaks,
    Listens,
    Muted,
}

/// All invariants of one receiver's slots of one kind.
pub fn agree(driver: &Driver) {
    for (me, member) in &driver.reference.members {
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let slots = slots(member, kind);
            let claims = claims(driver, *me, member, kind);
            let now: BTreeMap<_, _> = routes(routes_to(driver, *me), &slots);
            let sits: BTreeSet<Track> = now.values().cloned().collect();
            nobody_sits_before_a_better_claim(*me, &claims, &sits);
            let before = driver.observer.routes_before.iter().filter(|((receiver, _), _)| receiver == me);
            let before = before.map(|((_, slot), track)| (slot.clone(), track.clone())).collect();
            for (slot, track) in routes(before, &slots) {
                if claims.contains_key(&track) && now.get(&slot) != Some(&track) {
                    assert!(!sits.contains(&track), "{track:?} is moved at {me}");
                    assert!(claims.len() > slots.len(), "{track:?} has to go, and there is room at {me}");
                    let better = now.get(&slot).map(|other| claims[other]);
                    assert!(better < Some(claims[&track]), "{track:?} has to go for nothing at {me}");
                }
            }
        }
    }
}

/// How often somebody with a claim of another kind than somebody else's has to wait.
pub fn contests(driver: &Driver) -> usize {
    let mut count = 0;
    for (me, member) in &driver.reference.members {
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let claims = claims(driver, *me, member, kind);
            let kinds: BTreeSet<_> = claims.values().collect();
            let slots = slots(member, kind).len();
            count += usize::from(0 < slots && slots < claims.len() && kinds.len() > 1);
        }
    }
    count
}

fn nobody_sits_before_a_better_claim(
    me: ParticipantId,
    claims: &BTreeMap<Track, Claim>,
    sits: &BTreeSet<Track>,
) {
    let worst = claims.iter().filter(|(track, _)| sits.contains(*track)).map(|(_, claim)| *claim).max();
    let best = claims.iter().filter(|(track, _)| !sits.contains(*track)).map(|(_, claim)| *claim).min();
    let (Some(worst), Some(best)) = (worst, best) else { return };
    assert!(worst <= best, "{worst:?} sits and {best:?} waits at {me}");
}

fn slots(member: &Member, kind: MediaKind) -> BTreeSet<Mid> {
    let slots = member.lines.slots().into_iter().filter(|line| line.kind == kind);
    slots.map(|line| line.mid).collect()
}

fn routes(all: BTreeMap<Mid, Track>, slots: &BTreeSet<Mid>) -> BTreeMap<Mid, Track> {
    all.into_iter().filter(|(slot, _)| slots.contains(slot)).collect()
}

/// What everybody else's tracks of one kind can say for themselves.
fn claims(driver: &Driver, me: ParticipantId, member: &Member, kind: MediaKind) -> BTreeMap<Track, Claim> {
    let speakers = driver.reference.speakers_in(&member.room);
    let mut claims = BTreeMap::new();
    for (owner, other) in roommates(driver, member).filter(|(who, _)| **who != me) {
        let heard = |source: &Source| source.kind() == kind && !other.is_held(*source);
        for (source, (mid, muted)) in other.published.iter().filter(|(source, _)| heard(source)) {
            let preferred = member.preferred.iter().position(|id| is(driver, *id, *owner, *source));
            let screen = matches!(source, Source::Screen | Source::ScreenAudio);
            let claim = match preferred {
                Some(place) => Claim::Preferred(place),
                None if *muted => Claim::Muted,
                None if screen => Claim::Screen,
                None if speakers.contains(owner) => Claim::Speaks,
                None => Claim::Listens,
            };
            claims.insert((*owner, mid.clone()), claim);
        }
    }
    claims
}

/// Whether this id is that of what is published now.
fn is(driver: &Driver, id: PublicationId, owner: ParticipantId, source: Source) -> bool {
    let newest = driver.observer.introduced.iter().rev().find(|(_, what)| **what == (owner, source));
    newest.is_some_and(|(newest, _)| *newest == id)
}
