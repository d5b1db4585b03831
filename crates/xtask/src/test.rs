//! `cargo xtask test`: every check and every test there is, on the client and the server as they ship.
//! Nothing is skipped; what is missing is installed, or else it is named and the command fails.

use crate::{
    authority, browsers, client, deny, instructions, process, server, sim, steps::Steps, tidy,
    workspace::Workspace,
};
use anyhow::{Result, bail};
use std::process::Command;

/// Runs all, cheapest first; the arguments after `--` go to nextest.
pub fn test(arguments: &[String]) -> Result<()> {
    let filter = match arguments.split_first() {
        None => &[],
        Some((dashes, filter)) if dashes == "--" => filter,
        Some((other, _)) => bail!("what is `{other}`? Arguments for nextest come after `--`"),
    };
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(11 + usize::from(instructions::is_possible()) + server::STEPS);
    let browsers = steps.step(
        "looking for browsers and their drivers",
        "seconds, unless they must be fetched",
        || browsers::find_or_install(&workspace),
    )?;
    let authority = steps.step(
        "looking for a certificate authority for tests",
        "seconds, unless it must be fetched",
        || authority::find_or_install(&workspace),
    )?;
    steps.step("house rules", "a second", || tidy::check(&workspace))?;
    steps.step("dependencies", "seconds, unless cargo-deny must be built: about 3 min", || {
        deny::check(&workspace)
    })?;
    steps.step("rustfmt", "seconds", || {
        process::run(process::cargo(&workspace).args(["fmt", "--all", "--check"]), "cargo fmt --all")
    })?;
    steps.step("clippy, this machine", "about 3 min the first time", || {
        clippy(&workspace, &["--workspace", "--exclude", "frontend", "--all-targets"])
    })?;
    steps.step("clippy, WebAssembly", "about 1 min the first time", || {
        client::target::ensure(&workspace)?;
        let target = ["--target", client::target::TRIPLE];
        let ours = ["--package=frontend", "--package=madang-client", "--package=minimal"];
        let shared = ["--package=signal", "--package=session"];
        clippy(&workspace, &[&target[..], &ours, &shared].concat())?;
        clippy(&workspace, &[&target[..], &ours, &["--all-targets"]].concat())?;
        clippy(
            &workspace,
            &[&target[..], &["--package=frontend", "--features=gallery", "--all-targets"]].concat(),
        )
    })?;
    let madang = server::release(&workspace, &mut steps)?;
    let example = steps
        .step("building the example", "about 1 min the first time", || client::build_example(&workspace))?;
    let cargo = || {
        let mut cargo = process::cargo(&workspace);
        cargo.env("MADANG_BIN", &madang).env("MADANG_EXAMPLE", &example).envs(browsers.environment());
        cargo.envs(authority.environment());
        cargo
    };
    steps.step("examples in the docs", "about 4 min the first time", || {
        process::run(cargo().args(["test", "--doc", "--workspace"]), "mend the example or the code it shows")
    })?;
    steps.step("scenarios of the media plane", "about 2 min the first time", || sim::sim(&[]))?;
    if instructions::is_possible() {
        let what = "instructions for a forwarded packet";
        steps.step(what, "half a minute", || instructions::instructions(&[]))?;
    }
    steps.announce("tests", "about 5 min the first time");
    if process::succeeds(process::cargo(&workspace).args(["nextest", "--version"])) {
        // Becomes nextest, so that its summary is the last thing printed.
        return process::become_it(
            cargo().args(["nextest", "run", "--workspace", "--all-targets"]).args(filter),
        );
    }
    eprintln!("      no cargo-nextest, so cargo runs them itself (cargo install cargo-nextest --locked)");
    tests_by_cargo(cargo, filter)
}

fn clippy(workspace: &Workspace, what: &[&str]) -> Result<()> {
    let mut cargo = process::cargo(workspace);
    cargo.arg("clippy").args(what).args(["--", "-D", "warnings"]);
    process::run(&mut cargo, "follow the lint, or #[expect] it with a reason")
}

/// Without nextest: the browser tests apart, since they must run one by one.
fn tests_by_cargo(cargo: impl Fn() -> Command, filter: &[String]) -> Result<()> {
    let test = |packages: &[&str], how: &[&str]| {
        let mut cargo = cargo();
        cargo.args(["test", "--all-targets", "--no-fail-fast"]).args(packages).args(filter).args(how);
        process::run(&mut cargo, "the failed tests are named above; `cargo xtask test -- <name>` runs one")
    };
    let host = test(&["--workspace", "--exclude", "e2e"], &[]);
    let browsers = test(&["--package", "e2e"], &["--", "--test-threads=1"]);
    host.and(browsers)
}
