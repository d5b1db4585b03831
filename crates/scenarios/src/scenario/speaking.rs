//! More microphones than are forwarded.

use super::{Findings, GOOD, at, line, millis, secs};
use crate::figure::Outcome;
use crate::publisher::Media;
use crate::watching::count;
use crate::world::{PeerId, World};
use forward::Time;

pub fn microphones(seed: u64) -> Outcome {
    let mut world = World::new(seed);
    let publishers: Vec<PeerId> = (0..8)
        .map(|_| {
            let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), GOOD)]));
            world.publisher(Media::Microphone, up, down)
        })
        .collect();
    world.outside.all_audible = false;
    let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), line(5000, 20))]));
    let listener = world.viewer(8, true, up, down);
    for (seat, publisher) in publishers.iter().enumerate() {
        world.seat(listener, seat, Some(*publisher));
    }
    for publisher in publishers.iter().take(2) {
        world.talk(*publisher, true);
    }
    world.run_until(secs(10));
    let flowing = |world: &World, from: Time, to: Time| {
        (0..8).filter(|seat| world.at(listener, *seat).sound.count(from, to) > 0).count()
    };
    let mut findings = Findings::new();
    findings.at_most("forwarded at once", count(flowing(&world, at(5), at(10))), "", 6.0);
    findings.at_least("and no fewer", count(flowing(&world, at(5), at(10))), "", 6.0);
    // Whoever is left out speaks up.
    let mut slowest = 0f64;
    for round in 0..4 {
        let begin = at(10 + 2 * round);
        let silent = |seat: &usize| world.at(listener, *seat).sound.count(at(9 + 2 * round), begin) == 0;
        let Some(seat) = (0..8).find(silent) else { continue };
        let Some(publisher) = publishers.get(seat).copied() else { continue };
        world.talk(publisher, true);
        world.run_until(secs(11 + 2 * round));
        world.talk(publisher, false);
        world.run_until(secs(12 + 2 * round));
        let id = world.peer(publisher).and_then(|peer| peer.publisher.as_ref()).map_or(0, |p| p.id);
        let heard = world.at(listener, seat).sound.first_of(id, begin);
        slowest = slowest.max(heard.map_or(f64::NAN, |heard| millis(heard.since(begin))));
    }
    findings.at_most("a new speaker heard after", slowest, "ms", 300.0);
    let speakers = (0..2).map(|seat| world.at(listener, seat).sound.gap(at(1), at(18))).max();
    findings.at_most(
        "audio gap of those who spoke all along",
        millis(speakers.unwrap_or_default()),
        "ms",
        60.0,
    );
    findings.finish(world)
}
