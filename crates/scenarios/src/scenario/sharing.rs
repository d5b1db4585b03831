//! A bottleneck shared: with a bulk flow, and between two of ours.

use super::{Findings, GOOD, at, call, camera, line, millis, passed, secs};
use crate::figure::{Outcome, Target};
use crate::world::{PeerId, World};
use std::time::Duration;

pub fn with_bulk(seed: u64) -> Outcome {
    let mut call = call(seed, &[(secs(0), line(4000, 20))], &[(secs(0), line(4000, 20))]);
    call.world.bulk(call.down, at(15), Duration::from_millis(20));
    call.world.run_until(secs(30));
    let before = call.world.bulk_delivered();
    call.world.run_until(secs(90));
    let mut findings = Findings::new();
    let ours = call.world.kbps_received(call.viewer, 30, 90);
    let theirs = crate::watching::count(usize::try_from(call.world.bulk_delivered() - before).unwrap_or(0));
    findings.at_least("our part of the link", ours / 4000.0, "", 0.1);
    findings.at_least("the other's part", theirs * 8.0 / 60.0 / 4_000_000.0, "", 0.1);
    let seat = call.world.at(call.viewer, 0);
    findings.at_most("audio gap", millis(seat.sound.gap(at(16), at(90))), "ms", 200.0);
    findings.at_least("frames a second", seat.screen.frame_rate(at(30), at(90)), "", 7.0);
    findings.finish(call.world)
}

pub fn two_viewers(seed: u64) -> Outcome {
    let mut world = World::new(seed);
    let publisher = camera(&mut world);
    let down = world.link(&[(secs(0), line(3000, 20))]);
    let viewers: Vec<PeerId> = (0..2)
        .map(|_| {
            let up = world.link(&[(secs(0), GOOD)]);
            let viewer = world.viewer(1, true, up, down);
            world.view(viewer, 0, 1280, 720);
            viewer
        })
        .collect();
    for (viewer, from) in viewers.iter().zip([0, 10]) {
        world.run_until(secs(from));
        world.seat(*viewer, 0, Some(publisher));
    }
    world.run_until(secs(90));
    let mut findings = Findings::new();
    let rates: Vec<f64> = viewers.iter().map(|viewer| world.kbps_received(*viewer, 30, 90)).collect();
    let (least, most) =
        rates.iter().fold((f64::INFINITY, 0f64), |(least, most), rate| (least.min(*rate), most.max(*rate)));
    findings.at_most("the larger part, of the smaller", most / least, "×", 2.5);
    findings.add("of the link in all", (least + most) / 3000.0, "", Target::None);
    let gap = viewers.iter().map(|viewer| world.at(*viewer, 0).sound.gap(at(12), at(90))).max();
    findings.at_most("audio gap", millis(gap.unwrap_or_default()), "ms", 200.0);
    let frozen =
        viewers.iter().map(|viewer| world.at(*viewer, 0).screen.freezes(at(30), at(90)).longest).max();
    findings.at_most("longest freeze", frozen.unwrap_or_default().as_secs_f64(), "s", 1.0);
    let second = viewers.last().map(|viewer| world.at(*viewer, 0).screen.first(at(10), |_| true));
    findings.at_most("first picture of the second after", passed(at(10), second.flatten()), "s", 1.0);
    findings.finish(world)
}
