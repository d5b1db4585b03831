//! Every scenario under its first seed, and the same seed twice.

#![expect(clippy::expect_used, reason = "a name or a seed that is missing is a mistake in this file")]

use scenarios::{ALL, Row, Scenario, text};

fn check(scenario: &'static Scenario) {
    let seed = *scenario.seeds.first().expect("a seed");
    let outcome = (scenario.run)(seed);
    let accepted = outcome.is_good();
    assert!(accepted, "\n{}", text(&[Row { scenario: *scenario, seed, outcome }]));
}

macro_rules! scenarios {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                check(Scenario::named($name).expect("a scenario of the list"));
            }
        )*

        #[test]
        fn each_scenario_has_its_test() {
            let names: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

scenarios! {
    clean_start: "clean-start",
    link_falls: "link-falls",
    too_small: "too-small",
    on_the_edge: "on-the-edge",
    feedback_lost: "feedback-lost",
    no_transport_cc: "no-transport-cc",
    loss_5: "loss-5",
    burst_20: "burst-20",
    uplink_loss_5: "uplink-loss-5",
    jitter_200: "jitter-200",
    jitter_steps: "jitter-steps",
    one_of_ten: "one-of-ten",
    second_flow: "second-flow",
    two_viewers: "two-viewers",
    tiles: "tiles",
    hidden_tile: "hidden-tile",
    unwanted_layer: "unwanted-layer",
    too_busy: "too-busy",
    microphones: "microphones",
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for name in ["link-falls", "uplink-loss-5", "tiles"] {
        let scenario = Scenario::named(name).expect("a scenario of the list");
        let hashes = [7, 7, 8].map(|seed| (scenario.run)(seed).hash);
        assert_eq!(hashes[0], hashes[1], "{name}");
        assert_ne!(hashes[0], hashes[2], "{name}: seeds change nothing");
    }
}
