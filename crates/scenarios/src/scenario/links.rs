//! One viewer whose link changes.

use super::{Call, Findings, GOOD, at, call, call_with, line, millis, passed, secs};
use crate::figure::{Outcome, Target};
use crate::load::LIMIT;
use crate::world::World;
use netsim::{LinkConfig, Loss, PerMille};
use std::time::Duration;

fn load(findings: &mut Findings, call: &Call) {
    let load = call.world.outside.loads.get(call.down.0);
    let (worst, peak) = load.map_or((0.0, 0.0), |load| (load.worst, load.peak));
    findings.at_most("most sent in 2 s, of the link", worst, "×", LIMIT);
    findings.add("the same right after it fell", peak, "×", Target::None);
}

pub fn clean_start(seed: u64) -> Outcome {
    let mut call = call(seed, &[(secs(0), line(5000, 20))], &[(secs(0), line(2000, 20))]);
    call.world.run_until(secs(20));
    let mut findings = Findings::new();
    let seat = call.world.at(call.viewer, 0);
    findings.at_most("first picture after", passed(at(0), seat.screen.first(at(0), |_| true)), "s", 1.0);
    findings.at_most("top layer for good after", passed(at(0), seat.screen.settled(2, at(20))), "s", 5.0);
    findings.at_most("audio gap", millis(seat.sound.gap(at(1), at(20))), "ms", 200.0);
    load(&mut findings, &call);
    findings.finish(call.world)
}

pub fn falls(seed: u64) -> Outcome {
    let steps = [(secs(0), line(5000, 20)), (secs(20), line(500, 20)), (secs(50), line(5000, 20))];
    let mut call = call(seed, &steps, &[(secs(0), line(2000, 20))]);
    call.world.run_until(secs(80));
    let mut findings = Findings::new();
    let seat = call.world.at(call.viewer, 0);
    findings.at_most("audio gap", millis(seat.sound.gap(at(1), at(80))), "ms", 200.0);
    let lower = seat.screen.first(at(20), |shown| shown.name.encoding < 2);
    findings.at_most("picture back at a lower layer after", passed(at(20), lower), "s", 3.0);
    let low = seat.screen.freezes(at(20), at(50));
    findings.at_most("longest freeze on the small link", low.longest.as_secs_f64(), "s", 3.0);
    findings.add(
        "frames a second on the small link",
        seat.screen.frame_rate(at(25), at(50)),
        "",
        Target::None,
    );
    findings.at_most(
        "top layer for good after its return",
        passed(at(50), seat.screen.settled(2, at(80))),
        "s",
        15.0,
    );
    load(&mut findings, &call);
    findings.finish(call.world)
}

/// Of the time between two moments, how much the one video slot was paused; and how often it changed.
fn paused(world: &World, from: u64, to: u64) -> (f64, usize) {
    let (mut since, mut sum, mut flips) = (None, Duration::ZERO, 0);
    for (when, _, slots) in &world.paused {
        flips += 1;
        match (slots.is_empty(), since) {
            (false, None) => since = Some(*when),
            (true, Some(begun)) => {
                sum += when.min(&at(to)).since(at(from).max(begun));
                since = None;
            }
            (false, Some(_)) | (true, None) => {}
        }
    }
    sum += since.map_or(Duration::ZERO, |begun| at(to).since(at(from).max(begun)));
    (sum.as_secs_f64() / (at(to).since(at(from))).as_secs_f64(), flips)
}

pub fn too_small(seed: u64) -> Outcome {
    let steps = [(secs(0), line(2000, 20)), (secs(10), line(90, 20)), (secs(40), line(2000, 20))];
    let mut call = call(seed, &steps, &[(secs(0), line(2000, 20))]);
    call.world.run_until(secs(70));
    let mut findings = Findings::new();
    let seat = call.world.at(call.viewer, 0);
    let (share, flips) = paused(&call.world, 15, 40);
    findings.at_least("paused, of the time", share, "", 0.9);
    findings.at_most("audio gap while paused", millis(seat.sound.gap(at(15), at(40))), "ms", 60.0);
    findings.add("audio gap in all", millis(seat.sound.gap(at(1), at(70))), "ms", Target::None);
    findings.at_most("resumed after", passed(at(40), seat.screen.first(at(40), |_| true)), "s", 10.0);
    findings.at_most("pauses and resumptions", crate::watching::count(flips), "", 6.0);
    load(&mut findings, &call);
    findings.finish(call.world)
}

pub fn on_the_edge(seed: u64) -> Outcome {
    let steps: Vec<(Duration, LinkConfig)> =
        (0..12).map(|step| (secs(5 * step), line(110 + 10 * (step * 3 % 5), 20))).collect();
    let mut call = call(seed, &steps, &[(secs(0), line(2000, 20))]);
    call.world.run_until(secs(60));
    let mut findings = Findings::new();
    let seat = call.world.at(call.viewer, 0);
    let (_, flips) = paused(&call.world, 0, 60);
    findings.at_most("pauses and resumptions", crate::watching::count(flips), "", 12.0);
    findings.at_most("audio gap", millis(seat.sound.gap(at(5), at(60))), "ms", 250.0);
    load(&mut findings, &call);
    findings.finish(call.world)
}

pub fn feedback_lost(seed: u64) -> Outcome {
    let dead = LinkConfig { loss: Loss::Random(PerMille::ALL), ..line(2000, 20) };
    let up = [(secs(0), line(2000, 20)), (secs(20), dead), (secs(22), line(2000, 20))];
    let mut call = call(seed, &[(secs(0), line(3000, 20))], &up);
    call.world.run_until(secs(50));
    let mut findings = Findings::new();
    let seat = call.world.at(call.viewer, 0);
    findings.at_most("audio gap", millis(seat.sound.gap(at(1), at(50))), "ms", 200.0);
    let freezes = seat.screen.freezes(at(20), at(50));
    findings.at_most("longest freeze", freezes.longest.as_secs_f64(), "s", 2.0);
    findings.at_most(
        "top layer for good after its end",
        passed(at(22), seat.screen.settled(2, at(50))),
        "s",
        15.0,
    );
    load(&mut findings, &call);
    findings.finish(call.world)
}

pub fn without_transport_cc(seed: u64) -> Outcome {
    let mut call = call_with(seed, &[(secs(0), GOOD)], &[(secs(0), GOOD)], false);
    call.world.run_until(secs(10));
    call.world.view(call.viewer, 0, 320, 180);
    call.world.run_until(secs(20));
    call.world.view(call.viewer, 0, 0, 0);
    call.world.run_until(secs(30));
    let mut findings = Findings::new();
    let screen = &call.world.at(call.viewer, 0).screen;
    findings.at_least("top layer while large", screen.share_of(2, at(2), at(10)), "of frames", 1.0);
    findings.at_least("lowest layer while small", screen.share_of(0, at(11), at(20)), "of frames", 1.0);
    findings.at_least("frames decoded", screen.decoded(at(2), at(20)), "%", 99.0);
    findings.at_most("frames while hidden", crate::watching::count(screen.frames(at(21), at(30))), "", 0.0);
    findings.finish(call.world)
}
