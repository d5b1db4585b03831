//! The scenarios: what each is called, which seeds CI runs, and the function that plays and measures it.
//!
//! Owns the list and what all of them share: usual links, a call of one to one, writing figures down.

mod layout;
mod links;
mod loss;
mod many;
mod sharing;
mod shedding;
mod speaking;

use crate::figure::{Figure, Outcome, Target};
use crate::load::LIMIT;
use crate::publisher::Media;
use crate::world::{LinkId, PeerId, World};
use forward::Time;
use netsim::{LinkConfig, Rate};
use std::time::Duration;

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called by.
    pub name: &'static str,
    /// What happens, in a line.
    pub about: &'static str,
    /// Replayed on every run of the list.
    pub seeds: &'static [u64],
    /// Plays it.
    pub run: fn(u64) -> Outcome,
}

impl Scenario {
    /// The scenario of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|scenario| scenario.name == name)
    }

    const fn under(self, seeds: &'static [u64]) -> Self {
        Self { seeds, ..self }
    }
}

/// Every scenario.
pub const ALL: &[Scenario] = &[
    scenario("clean-start", "5 Mbit/s from the start", links::clean_start),
    // Under the last one the estimate once stood still, a little too low for the top layer.
    scenario("link-falls", "5 → 0.5 → 5 Mbit/s, at 20 s and 50 s", links::falls).under(&[
        1,
        2,
        3,
        658_261_329,
    ]),
    scenario("too-small", "2 Mbit/s → 90 kbit/s → 2 Mbit/s, at 10 s and 40 s", links::too_small),
    scenario("on-the-edge", "110 to 150 kbit/s, changing every 5 s", links::on_the_edge),
    scenario("feedback-lost", "nothing from the receiver arrives from 20 s to 22 s", links::feedback_lost),
    scenario("no-transport-cc", "a receiver that does not report arrivals", links::without_transport_cc),
    scenario("loss-5", "5 % random loss both ways, 60 ms round trip", loss::random),
    scenario("burst-20", "20 % loss in bursts of 5, 60 ms round trip, median of 9 calls", loss::burst)
        .under(&[1]),
    scenario("uplink-loss-5", "5 % random loss on the publisher's way in, 60 ms round trip", loss::uplink),
    scenario("jitter-200", "up to 200 ms of jitter, packet by packet", loss::jitter),
    scenario("jitter-steps", "up to 200 ms of jitter, changing every 100 ms", loss::jitter_in_steps),
    scenario("one-of-ten", "one of ten viewers at 300 kbit/s with 10 % loss", many::one_of_ten),
    scenario("second-flow", "4 Mbit/s shared with a bulk TCP flow from 15 s on", sharing::with_bulk),
    scenario("two-viewers", "3 Mbit/s shared by two viewers, the second 10 s later", sharing::two_viewers),
    scenario("tiles", "a large and two small tiles at 5 Mbit/s, swapped at 20 s", layout::tiles),
    scenario("hidden-tile", "a tile hidden from 10 s to 20 s", layout::hidden),
    scenario("unwanted-layer", "shown small from 10 s to 20 s", layout::unwanted),
    scenario(
        "too-busy",
        "the worker sheds half of the video at 15 s, 94 % at 30 s, all at 45 s, nothing from 60 s on",
        shedding::in_order,
    ),
    scenario("microphones", "8 microphones, 6 of them forwarded", speaking::microphones),
];

const SEEDS: &[u64] = &[1, 2, 3];

const fn scenario(name: &'static str, about: &'static str, run: fn(u64) -> Outcome) -> Scenario {
    Scenario { name, about, seeds: SEEDS, run }
}

/// Packets that may be missing at the end of a run and come a moment later.
const ON_THE_WAY: usize = 32;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const fn at(secs: u64) -> Time {
    Time(secs * 1_000_000)
}

/// A link of a rate, with so many milliseconds one way.
const fn line(kbps: u64, millis: u64) -> LinkConfig {
    LinkConfig { rate: Some(Rate::kbps(kbps)), delay: Duration::from_millis(millis), ..LinkConfig::PERFECT }
}

/// A way one never has to think about.
const GOOD: LinkConfig = line(50_000, 10);

/// A publisher with camera and microphone on good links, and somebody speaking.
fn camera(world: &mut World) -> PeerId {
    let (up, down) = (world.link(&[(secs(0), GOOD)]), world.link(&[(secs(0), GOOD)]));
    let publisher = world.publisher(Media::Both, up, down);
    world.talk(publisher, true);
    publisher
}

/// One publisher, one viewer with one large tile.
struct Call {
    world: World,
    publisher: PeerId,
    viewer: PeerId,
    down: LinkId,
}

fn call(seed: u64, down: &[(Duration, LinkConfig)], up: &[(Duration, LinkConfig)]) -> Call {
    call_with(seed, down, up, true)
}

fn call_with(
    seed: u64,
    down: &[(Duration, LinkConfig)],
    up: &[(Duration, LinkConfig)],
    transport_cc: bool,
) -> Call {
    let mut world = World::new(seed);
    let publisher = camera(&mut world);
    let (up, down) = (world.link(up), world.link(down));
    let viewer = world.viewer(1, transport_cc, up, down);
    world.seat(viewer, 0, Some(publisher));
    world.view(viewer, 0, 1280, 720);
    Call { world, publisher, viewer, down }
}

/// What is being written down of a run.
struct Findings(Vec<Figure>);

impl Findings {
    fn new() -> Self {
        Self(vec![])
    }

    fn add(&mut self, name: &'static str, value: f64, unit: &'static str, target: Target) {
        self.0.push(Figure { name, value, unit, target });
    }

    fn at_most(&mut self, name: &'static str, value: f64, unit: &'static str, limit: f64) {
        self.add(name, value, unit, Target::AtMost(limit));
    }

    fn at_least(&mut self, name: &'static str, value: f64, unit: &'static str, limit: f64) {
        self.add(name, value, unit, Target::AtLeast(limit));
    }

    /// Ends the run.
    fn finish(self, mut world: World) -> Outcome {
        for at in 0..world.outside.loads.len() {
            let worst = world.outside.loads.get(at).map_or(0.0, |load| load.worst);
            if worst > LIMIT {
                let what = format!("link {at} was given {worst:.2} times what it carries in 2 s");
                world.outside.violation(world.now(), what);
            }
        }
        // A number is left out for a packet that never came, and for no other; some may still be on their way.
        let given_up = usize::try_from(world.plane.counters().given_up).unwrap_or(usize::MAX);
        let holes: usize = world.outside.peers.iter().map(|peer| peer.oracle.holes()).sum();
        if holes > given_up + ON_THE_WAY {
            let what = format!("{holes} numbers left out, {given_up} packets given up");
            world.outside.violation(world.now(), what);
        }
        Outcome {
            figures: self.0,
            violations: world.outside.violations,
            violated: world.outside.violated,
            hash: world.outside.hash,
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Seconds from one moment to another; not a number if that never came.
fn passed(from: Time, to: Option<Time>) -> f64 {
    to.map_or(f64::NAN, |to| to.since(from).as_secs_f64())
}
