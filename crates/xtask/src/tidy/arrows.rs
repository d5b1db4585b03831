//! Who of our crates may name whom. The arrows all lead inwards: what is pure knows nothing of what does
//! I/O, and the control plane and the media plane meet in the server only.

use crate::workspace::{Dependency, Package};

/// A crate and what it may depend on. A crate that is not here has no business in the workspace.
const ALLOWED: &[(&str, &[&str])] = &[
    ("signal", &[]),
    ("forward", &[]),
    ("turn", &[]),
    ("room", &["signal"]),
    ("session", &["signal"]),
    ("transport", &["forward"]),
    ("server", &["transport", "turn", "forward", "room", "signal"]),
    ("madang-client", &["session", "signal"]),
    ("frontend", &["madang-client", "session", "signal"]),
    ("minimal", &["madang-client"]),
    ("bot", &["signal", "transport", "forward", "session"]),
    ("netsim", &[]),
    ("scenarios", &["forward", "netsim"]),
    ("e2e", &["netsim", "bot"]),
    ("xtask", &["scenarios"]),
];

/// What only a crate's tests may depend on, besides: the room is driven against the browser's half, the
/// server by bots.
const ALLOWED_IN_TESTS: &[(&str, &[&str])] = &[("room", &["session"]), ("server", &["bot"])];

/// What only tests may switch on: panics where they are asked for.
const FOR_TESTS: &str = "fault-injection";

/// A problem for each arrow that is not allowed.
pub fn check(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(check_one).collect()
}

fn check_one(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let Some(allowed) = row(ALLOWED, name) else {
        return vec![format!("{name}: a new crate; say in {} what it may depend on", file!())];
    };
    let in_tests = row(ALLOWED_IN_TESTS, name).unwrap_or(&[]);
    let in_order = |to: &Dependency| {
        let to_name = to.name.as_str();
        allowed.contains(&to_name) || (to.dev && in_tests.contains(&to_name))
    };
    let forbidden = package.dependencies.iter().filter(|to| !in_order(to));
    let forbidden = forbidden.map(|to| format!("{name} → {}: the arrows do not go that way", to.name));
    let plants = |to: &&Dependency| !to.dev && to.features.iter().any(|feature| feature == FOR_TESTS);
    let planting = package.dependencies.iter().filter(plants);
    let planting = planting.map(|to| format!("{name} → {}: `{FOR_TESTS}` is for tests alone", to.name));
    forbidden.chain(planting).collect()
}

fn row(table: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
        let dependency =
            |&(name, dev): &(&str, bool)| Dependency { name: name.into(), dev, features: Vec::new() };
        Package { name: name.into(), dependencies: dependencies.iter().map(dependency).collect() }
    }

    #[test]
    fn arrows() {
        let table = [
            (package("room", &[("signal", false)]), None),
            (package("room", &[("session", true)]), None),
            (package("room", &[("session", false)]), Some("room → session")),
            (package("room", &[("forward", false)]), Some("room → forward")),
            (package("signal", &[("room", true)]), Some("signal → room")),
            (package("e2e", &[("server", true)]), Some("e2e → server")),
            (package("bot", &[("session", false), ("transport", false)]), None),
            (package("shared", &[]), Some("shared: a new crate")),
        ];
        for (package, expected) in table {
            match (check(&[package]).as_slice(), expected) {
                ([], None) => {}
                ([problem], Some(expected)) => assert!(problem.starts_with(expected), "{problem}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn faults_are_planted_by_tests_alone() {
        for (dev, problems) in [(true, 0), (false, 1)] {
            let features = vec![FOR_TESTS.to_owned()];
            let to = Dependency { name: "transport".into(), dev, features };
            let server = Package { name: "server".into(), dependencies: vec![to] };
            assert_eq!(check(&[server]).len(), problems);
        }
    }
}
