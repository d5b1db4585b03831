//! A smaller WASM by binaryen's `wasm-opt`, where a good one is installed. The client works without.

use super::read;
use crate::process;
use anyhow::{Context, Result};
use std::{fs, path::Path, process::Command};

/// The oldest release known to be good: 108, which Debian 12 has, breaks the table of references, and
/// the page dies at its start ("WebAssembly.Table.set").
const OLDEST: u32 = 120;

/// Optimises for size, or says that and why it does not.
pub fn optimise(wasm: Vec<u8>, scratch: &Path) -> Result<Vec<u8>> {
    let Some(program) = process::find(&["wasm-opt"], &[]) else {
        eprintln!("      no wasm-opt on PATH: the client stays a little larger");
        return Ok(wasm);
    };
    let version = process::output(Command::new(&program).arg("--version")).unwrap_or_default();
    if !good(&version) {
        eprintln!("      {} is older than {OLDEST}, not used", version.trim());
        return Ok(wasm);
    }
    let (from, to) = (scratch.join("plain.wasm"), scratch.join("small.wasm"));
    if to.is_file() && fs::read(&from).is_ok_and(|before| before == wasm) {
        return read(&to);
    }
    // Gone until it is made from what stands in `from`.
    let _ = fs::remove_file(&to);
    fs::write(&from, &wasm).with_context(|| format!("{} cannot be written", from.display()))?;
    let mut command = Command::new(program);
    command.args(["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"]);
    command.args(["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"]);
    command.arg(&from).arg("-o").arg(&to);
    process::run(&mut command, "take wasm-opt off PATH; the client is built without it")?;
    let small = read(&to)?;
    eprintln!("      wasm-opt: {} kB → {} kB", wasm.len() / 1000, small.len() / 1000);
    Ok(small)
}

/// Whether what `wasm-opt --version` prints names a good one.
fn good(version: &str) -> bool {
    let number = version.split_whitespace().nth(2).and_then(|word| word.parse::<u32>().ok());
    number.is_some_and(|number| number >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_unreadable_versions_are_not_good() {
        let table = [
            ("wasm-opt version 108", false),
            ("wasm-opt version 120 (version_120)", true),
            ("wasm-opt version 123 (version_123-12-gabcdef)", true),
            ("wasm-opt", false),
            ("", false),
        ];
        for (version, expected) in table {
            assert_eq!(good(version), expected, "{version}");
        }
    }
}
