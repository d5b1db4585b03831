//! The folder of what outlives the server: certificates it got or made, and what the door keeps.

use crate::Config;
use std::path::PathBuf;

/// Where it is: as the operator says, or systemd (`StateDirectory=`), or the XDG base directories.
pub(crate) fn folder(config: &Config) -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let chosen = config.https.state.clone().or_else(|| variable("STATE_DIRECTORY"));
    let of_user = || {
        let base =
            variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")));
        base.map(|base| base.join("madang"))
    };
    chosen.or_else(of_user).unwrap_or_else(|| PathBuf::from("madang-state"))
}
