//! `cargo xtask shots`: the client with its gallery, looked at by a browser in many sizes and states. The pictures are
//! taken by `crates/e2e/src/bin/shots.rs`; they are for people, and nothing compares them.

use crate::{browsers, client, process, steps::Steps, workspace::Workspace};
use anyhow::Result;

/// Takes them all, or those whose names hold what is given.
pub fn shots(arguments: &[String]) -> Result<()> {
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(4);
    let browsers = steps.step(
        "looking for browsers and their drivers",
        "seconds, unless they must be fetched",
        || browsers::find_or_install(&workspace),
    )?;
    let gallery = client::build_gallery(&workspace, &mut steps)?;
    let shots = workspace.target.join("shots");
    steps.step("taking pictures", "about 3 min", || {
        let mut cargo = process::cargo(&workspace);
        cargo.args(["run", "--quiet", "--package", "e2e", "--bin", "shots", "--"]).args([&gallery, &shots]);
        process::run(cargo.args(arguments).envs(browsers.environment()), "read what it says above")
    })?;
    eprintln!("\nsee {}", shots.display());
    Ok(())
}
