//! A worker with too much to do: probes go first, then higher layers, then pictures; sound stays.

use super::{Findings, GOOD, at, camera, line, millis, passed, secs};
use crate::figure::{Outcome, Target};
use crate::world::{PeerId, World};

/// Kilobits a second of all viewers together, between two seconds.
fn rate(world: &World, viewers: &[PeerId], from: u64, to: u64) -> f64 {
    viewers.iter().map(|viewer| world.kbps_received(*viewer, from, to)).sum()
}

/// The least frames a second of any viewer, between two seconds.
fn frames(world: &World, viewers: &[PeerId], from: u64, to: u64) -> f64 {
    let rates = viewers.iter().map(|viewer| world.at(*viewer, 0).screen.frame_rate(at(from), at(to)));
    rates.fold(f64::INFINITY, f64::min)
}

pub fn in_order(seed: u64) -> Outcome {
    let mut world = World::new(seed);
    let publisher = camera(&mut world);
    let viewers: Vec<PeerId> = (0..8)
        .map(|place| {
            // One path bears no more than the middle layer, so that its receiver always wants probes.
            let down = if place == 0 { line(1200, 20) } else { line(5000, 20) };
            let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), down)]));
            let viewer = world.viewer(1, true, up, down);
            world.seat(viewer, 0, Some(publisher));
            world.view(viewer, 0, 1280, 720);
            viewer
        })
        .collect();
    let probes = |world: &World| {
        let sent = world.plane.counters().probe_packets_out;
        f64::from(u32::try_from(sent).unwrap_or(u32::MAX))
    };
    world.run_until(secs(15));
    world.shed(500);
    let before = probes(&world);
    world.run_until(secs(30));
    world.shed(60);
    world.run_until(secs(45));
    world.shed(0);
    world.run_until(secs(60));
    let while_shed = probes(&world) - before;
    world.shed(1000);
    world.run_until(secs(90));
    let mut findings = Findings::new();
    findings.at_least("probes before", before, "packets", 1.0);
    findings.at_most("probes while anything is shed", while_shed, "packets", 0.0);
    let whole = rate(&world, &viewers, 10, 15);
    let part = |from, to| rate(&world, &viewers, from, to) / whole;
    findings.at_most("bits at half the video", part(20, 30), "of before", 0.62);
    findings.at_least("and no fewer than", part(20, 30), "of before", 0.42);
    // Half the frames are a layer, too.
    findings.at_least("frames a second of everybody at half", frames(&world, &viewers, 20, 30), "", 14.0);
    findings.at_most("bits at 6 % of the video", part(35, 45), "of before", 0.12);
    let seen: usize = viewers.iter().map(|viewer| world.at(*viewer, 0).screen.frames(at(47), at(60))).sum();
    findings.at_most("frames shown with no video", crate::watching::count(seen), "", 0.0);
    let gap = viewers.iter().map(|viewer| world.at(*viewer, 0).sound.gap(at(1), at(90))).max();
    findings.at_most("audio gap", millis(gap.unwrap_or_default()), "ms", 60.0);
    let again = viewers.iter().skip(1).map(|viewer| {
        let settled = world.at(*viewer, 0).screen.settled(2, at(90));
        passed(at(60), settled.map(|when| when.max(at(60))))
    });
    let slowest = again.fold(0.0, |slowest: f64, one| if one.is_nan() { one } else { slowest.max(one) });
    findings.at_most("top layer for good after the end", slowest, "s", 2.0);
    let after = rate(&world, &viewers, 80, 90) / whole;
    findings.add("bits after the end", after, "of before", Target::AtLeast(0.95));
    findings.finish(world)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_probe_under_way_ends_at_once() {
        let mut world = World::new(1);
        let publisher = camera(&mut world);
        let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), GOOD)]));
        let viewer = world.viewer(1, true, up, down);
        world.seat(viewer, 0, Some(publisher));
        world.view(viewer, 0, 1280, 720);
        let probes = |world: &World| world.plane.counters().probe_packets_out;
        let mut passed = Duration::ZERO;
        while probes(&world) == 0 {
            passed += Duration::from_millis(1);
            assert!(passed < secs(5), "nothing was probed");
            world.run_until(passed);
        }
        world.shed(999);
        let before = probes(&world);
        world.run_until(passed + secs(10));
        assert_eq!(probes(&world), before);
        world.shed(1000);
        world.run_until(passed + secs(20));
        assert!(probes(&world) > before, "and begins again afterwards");
    }
}
