//! Many viewers of one publisher: one's trouble is nobody else's.

use super::{Findings, GOOD, at, camera, line, secs};
use crate::figure::Outcome;
use crate::world::{PeerId, World};
use netsim::{LinkConfig, Loss, PerMille};

const SECONDS: u64 = 40;
const FROM: u64 = 10;

fn room(seed: u64, first: LinkConfig) -> (World, Vec<PeerId>) {
    let mut world = World::new(seed);
    let publisher = camera(&mut world);
    let viewers: Vec<PeerId> = (0..10)
        .map(|place| {
            let link = if place == 0 { first } else { line(5000, 20) };
            let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), link)]));
            let viewer = world.viewer(1, true, up, down);
            world.seat(viewer, 0, Some(publisher));
            world.view(viewer, 0, 1280, 720);
            viewer
        })
        .collect();
    world.run_until(secs(SECONDS));
    (world, viewers)
}

/// Frames a second and kilobits a second of one viewer.
fn rates(world: &World, viewer: PeerId) -> (f64, f64) {
    let frames = world.at(viewer, 0).screen.frame_rate(at(FROM), at(SECONDS));
    (frames, world.kbps_received(viewer, FROM, SECONDS))
}

pub fn one_of_ten(seed: u64) -> Outcome {
    let (alone, viewers) = room(seed, line(5000, 20));
    let bad = LinkConfig { loss: Loss::Random(PerMille::percent(10)), ..line(300, 40) };
    let (world, _) = room(seed, bad);
    let (mut frames, mut bits) = (0f64, 0f64);
    for viewer in viewers.iter().skip(1) {
        let (before, after) = (rates(&alone, *viewer), rates(&world, *viewer));
        frames = frames.max(100.0 * (after.0 - before.0).abs() / before.0);
        bits = bits.max(100.0 * (after.1 - before.1).abs() / before.1);
    }
    let mut findings = Findings::new();
    findings.at_most("the others' frame rate differs by", frames, "%", 1.0);
    findings.at_most("the others' bit rate differs by", bits, "%", 2.0);
    if let Some(first) = viewers.first() {
        findings.at_least("frames a second on the bad link", rates(&world, *first).0, "", 5.0);
    }
    findings.finish(world)
}
