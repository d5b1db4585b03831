//! What is shown decides what is sent, and what is made.

use super::{Findings, GOOD, at, call, camera, line, millis, passed, secs};
use crate::figure::{Outcome, Target};
use crate::watching::count;
use crate::world::{PeerId, World};
use forward::Time;

pub fn tiles(seed: u64) -> Outcome {
    let mut world = World::new(seed);
    let publishers: Vec<PeerId> = (0..3).map(|_| camera(&mut world)).collect();
    let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), line(5000, 20))]));
    let viewer = world.viewer(3, true, up, down);
    for (seat, publisher) in publishers.iter().enumerate() {
        world.seat(viewer, seat, Some(*publisher));
    }
    let show = |world: &mut World, large: usize| {
        for seat in 0..3 {
            let (width, height) = if seat == large { (1280, 720) } else { (320, 180) };
            world.view(viewer, seat, width, height);
        }
    };
    show(&mut world, 0);
    world.run_until(secs(20));
    show(&mut world, 1);
    world.run_until(secs(40));
    let mut findings = Findings::new();
    let settled = |seat, encoding, from: u64, to: u64| {
        passed(
            at(from),
            world.at(viewer, seat).screen.settled(encoding, at(to)).map(|when| when.max(at(from))),
        )
    };
    findings.at_most("large at the top layer after", settled(0, 2, 0, 20), "s", 5.0);
    let small = |from, to, seats: [usize; 2]| {
        let times = seats.map(|seat| settled(seat, 0, from, to));
        if times.iter().any(|time| time.is_nan()) { f64::NAN } else { times[0].max(times[1]) }
    };
    findings.at_most("small at the lowest after", small(0, 20, [1, 2]), "s", 5.0);
    findings.at_most("swapped: large at the top after", settled(1, 2, 20, 40), "s", 5.0);
    findings.at_most("swapped: small at the lowest after", small(20, 40, [0, 2]), "s", 5.0);
    let frozen = (0..3).map(|seat| world.at(viewer, seat).screen.freezes(at(3), at(40)).longest).max();
    findings.at_most("longest freeze", frozen.unwrap_or_default().as_secs_f64(), "s", 0.5);
    let gap = (0..3).map(|seat| world.at(viewer, seat).sound.gap(at(1), at(40))).max();
    findings.at_most("audio gap", millis(gap.unwrap_or_default()), "ms", 200.0);
    findings.finish(world)
}

pub fn hidden(seed: u64) -> Outcome {
    let mut call = call(seed, &[(secs(0), line(5000, 20))], &[(secs(0), GOOD)]);
    call.world.run_until(secs(10));
    call.world.view(call.viewer, 0, 0, 0);
    call.world.run_until(secs(11));
    let before = call.world.at(call.viewer, 0).screen.packets;
    call.world.run_until(secs(20));
    let after = call.world.at(call.viewer, 0).screen.packets;
    call.world.view(call.viewer, 0, 1280, 720);
    call.world.run_until(secs(30));
    let mut findings = Findings::new();
    findings.at_most("packets while hidden", count(usize::try_from(after - before).unwrap_or(0)), "", 0.0);
    let seat = call.world.at(call.viewer, 0);
    findings.at_most("picture back after", passed(at(20), seat.screen.first(at(20), |_| true)), "s", 0.5);
    findings.at_most("top layer for good after", passed(at(20), seat.screen.settled(2, at(30))), "s", 5.0);
    findings.at_most("audio gap", millis(seat.sound.gap(at(1), at(30))), "ms", 200.0);
    findings.finish(call.world)
}

pub fn unwanted(seed: u64) -> Outcome {
    let mut call = call(seed, &[(secs(0), line(5000, 20))], &[(secs(0), GOOD)]);
    call.world.run_until(secs(10));
    call.world.view(call.viewer, 0, 320, 180);
    call.world.run_until(secs(20));
    call.world.view(call.viewer, 0, 1280, 720);
    call.world.run_until(secs(30));
    let mut findings = Findings::new();
    let switched = call.world.peer(call.publisher).and_then(|peer| peer.publisher.as_ref());
    let switched = switched.map(|publisher| publisher.switched.as_slice()).unwrap_or_default();
    let when = |after: Time, like: fn(u8) -> bool| {
        switched.iter().find(|(at, mask)| *at >= after && like(*mask)).map(|(at, _)| *at)
    };
    findings.at_most("top encoding off after", passed(at(10), when(at(10), |mask| mask & 4 == 0)), "s", 3.0);
    findings.at_most(
        "on again after",
        1000.0 * passed(at(20), when(at(20), |mask| mask & 4 != 0)),
        "ms",
        500.0,
    );
    let screen = &call.world.at(call.viewer, 0).screen;
    let shown = screen.first(at(20), |shown| shown.name.encoding == 2);
    findings.add("shown again after", 1000.0 * passed(at(20), shown), "ms", Target::None);
    let frozen = screen.freezes(at(2), at(30)).longest;
    findings.at_most("longest freeze", frozen.as_secs_f64(), "s", 0.5);
    findings.finish(call.world)
}
