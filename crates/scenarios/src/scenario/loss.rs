//! One viewer, and a network that loses packets or holds them up.

use super::{Call, Findings, at, call, line, millis, secs};
use crate::figure::{Outcome, Target};
use crate::publisher::Media;
use crate::world::World;
use netsim::{Jitter, LinkConfig, Loss, PerMille};
use std::time::Duration;

const SECONDS: u64 = 60;
/// Figures count from here on.
const FROM: u64 = 5;

/// What frames, freezes and sound have to be, and how many packets a second are sent twice.
struct Wants {
    decoded: f64,
    frozen: f64,
    gap: f64,
    twice: Target,
}

const STRICT: Wants = Wants { decoded: 95.0, frozen: 1.0, gap: 200.0, twice: Target::AtMost(0.0) };

fn measure(Call { mut world, viewer, .. }: Call, wants: &Wants) -> Outcome {
    world.run_until(secs(SECONDS));
    let mut findings = Findings::new();
    let seat = world.at(viewer, 0);
    let (from, to) = (at(FROM), at(SECONDS));
    findings.at_least("frames decoded", seat.screen.decoded(from, to), "%", wants.decoded);
    let freezes = seat.screen.freezes(from, to);
    let frozen = 100.0 * freezes.total.as_secs_f64() / to.since(from).as_secs_f64();
    findings.at_most("frozen, of the time", frozen, "%", wants.frozen);
    findings.add("longest freeze", freezes.longest.as_secs_f64(), "s", Target::None);
    findings.at_most("audio gap", millis(seat.sound.gap(from, to)), "ms", wants.gap);
    findings.add("top layer", seat.screen.share_of(2, from, to), "of frames", Target::None);
    let twice = world.plane.counters().sent_twice;
    findings.add("sent twice", per_second(twice), "packets/s", wants.twice);
    findings.finish(world)
}

fn per_second(packets: u64) -> f64 {
    f64::from(u32::try_from(packets / SECONDS).unwrap_or(u32::MAX))
}

fn lossy(loss: Loss) -> LinkConfig {
    LinkConfig { loss, ..line(5000, 30) }
}

pub fn random(seed: u64) -> Outcome {
    let link = lossy(Loss::Random(PerMille::percent(5)));
    measure(
        call(seed, &[(secs(0), link)], &[(secs(0), link)]),
        &Wants { twice: Target::AtLeast(100.0), ..STRICT },
    )
}

/// Calls of one run of [`burst`]. Where a burst takes the end of a keyframe and then its repairs, a picture stands
/// for seconds: that is the luck of one call in five, so that a single one says little.
const CALLS: u64 = 9;

pub fn burst(seed: u64) -> Outcome {
    let link = lossy(Loss::Burst { share: PerMille::percent(20), mean_len: 5 });
    let wants = Wants { decoded: 70.0, frozen: 2.0, gap: 400.0, twice: Target::None };
    let one = |number| {
        let seed = seed * CALLS + number;
        measure(call(seed, &[(secs(0), link)], &[(secs(0), line(5000, 30))]), &wants)
    };
    Outcome::median((0..CALLS).map(one).collect(), &["frozen, of the time", "longest freeze", "audio gap"])
}

pub fn uplink(seed: u64) -> Outcome {
    let mut world = World::new(seed);
    let link = lossy(Loss::Random(PerMille::percent(5)));
    let (up, back) = (world.link(&[(secs(0), link)]), world.link(&[(secs(0), line(5000, 30))]));
    let publisher = world.publisher(Media::Both, up, back);
    world.talk(publisher, true);
    let (up, down) = (world.link(&[(secs(0), line(5000, 5))]), world.link(&[(secs(0), line(5000, 5))]));
    let viewer = world.viewer(1, true, up, down);
    world.allow_ingress_loss();
    world.seat(viewer, 0, Some(publisher));
    world.view(viewer, 0, 1280, 720);
    measure(Call { world, publisher, viewer, down }, &STRICT)
}

fn jittery(seed: u64, jitter: Jitter) -> Outcome {
    let link = LinkConfig { jitter, ..line(5000, 20) };
    measure(call(seed, &[(secs(0), link)], &[(secs(0), link)]), &STRICT)
}

pub fn jitter(seed: u64) -> Outcome {
    jittery(seed, Jitter::Uniform(Duration::from_millis(200)))
}

pub fn jitter_in_steps(seed: u64) -> Outcome {
    let (at_most, every) = (Duration::from_millis(200), Duration::from_millis(100));
    jittery(seed, Jitter::Steps { at_most, every })
}
