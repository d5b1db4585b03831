//! The workspace as cargo sees it: where it lies, where it builds, which of our crates names which.

use crate::process;
use anyhow::{Context, Result};
use serde_json::Value;
use std::{env, path::PathBuf};

/// What the chores need of `cargo metadata`.
pub struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds, whatever the environment or a config file says.
    pub target: PathBuf,
    /// Our crates.
    pub packages: Vec<Package>,
}

/// One of our crates.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Those of its dependencies that are ours too.
    pub dependencies: Vec<Dependency>,
}

/// One arrow between two of our crates.
pub struct Dependency {
    /// The crate it leads to.
    pub name: String,
    /// Whether only tests, benches and examples go that way.
    pub dev: bool,
    /// What is switched on there.
    pub features: Vec<String>,
}

impl Workspace {
    /// Asks cargo. Where we lie is what `cargo run` says: two checkouts may share one built xtask.
    pub fn find() -> Result<Self> {
        let mut cargo = process::bare_cargo();
        let here = env::var_os("CARGO_MANIFEST_DIR");
        cargo.current_dir(here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()));
        let text = process::output(cargo.args(["metadata", "--no-deps", "--format-version", "1"]))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(text).context("cargo metadata is no JSON")?;
        let packages = array(&metadata, "packages").iter().map(package).collect::<Result<_>>()?;
        Ok(Self {
            root: string(&metadata, "workspace_root")?.into(),
            target: string(&metadata, "target_directory")?.into(),
            packages,
        })
    }
}

fn package(value: &Value) -> Result<Package> {
    let ours = |dependency: &&Value| dependency.get("path").is_some_and(Value::is_string);
    let dependencies =
        array(value, "dependencies").iter().filter(ours).map(dependency).collect::<Result<_>>()?;
    Ok(Package { name: string(value, "name")?, dependencies })
}

fn dependency(value: &Value) -> Result<Dependency> {
    let dev = value.get("kind").and_then(Value::as_str) == Some("dev");
    let features = array(value, "features").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Dependency { name: string(value, "name")?, dev, features })
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn string(value: &Value, key: &str) -> Result<String> {
    let text = value.get(key).and_then(Value::as_str);
    text.map(str::to_owned).with_context(|| format!("cargo metadata has no `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_crates_are_arrows() {
        let text = r#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": [{"name": "room",
            "dependencies": [{"name": "serde", "kind": null, "path": null},
                             {"name": "signal", "kind": null, "path": "/w/crates/signal"},
                             {"name": "session", "kind": "dev", "path": "/w/crates/session"}]}]}"#;
        let workspace = Workspace::parse(text).unwrap();
        let arrows = |package: &Package| -> Vec<(String, bool)> {
            package.dependencies.iter().map(|to| (to.name.clone(), to.dev)).collect()
        };
        assert_eq!(arrows(&workspace.packages[0]), [("signal".into(), false), ("session".into(), true)]);
        assert_eq!(workspace.target, PathBuf::from("/w/target"));
    }
}
