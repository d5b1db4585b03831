//! Makes sure that `dist/` exists, so that a clean checkout compiles (`assets.rs` embeds the folder), and
//! has the server built again when `cargo xtask build` changed it.

use std::{fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=../dist");
    fs::create_dir_all("../dist")
}
