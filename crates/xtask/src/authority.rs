//! The certificate authority that the server's test of ACME asks (`server/tests/front/acme.rs`): Pebble, and the DNS
//! server that comes with it.

use crate::{
    wanted::{self, Found, Wanted},
    workspace::Workspace,
};
use anyhow::Result;

const WANTED: [Wanted; 2] = [
    Wanted {
        variable: "MADANG_PEBBLE",
        names: &["pebble"],
        package: Some("pebble"),
        elsewhere: "go install github.com/letsencrypt/pebble/v2/cmd/pebble@latest",
    },
    Wanted {
        variable: "MADANG_PEBBLE_CHALLTESTSRV",
        names: &["pebble-challtestsrv"],
        package: Some("pebble"),
        elsewhere: "go install github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv@latest",
    },
];

/// Both, or an error that names what is missing.
pub fn find_or_install(workspace: &Workspace) -> Result<Found> {
    wanted::install(&WANTED, &[], workspace)?;
    wanted::find_all(&WANTED, "the tests of certificates from an authority", workspace)
}
