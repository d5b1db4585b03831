//! `cargo xtask instructions`: how many instructions the media plane executes for a packet it forwards, by callgrind.
//!
//! Time on a shared machine says little of a few per cent; instructions repeat. `crates/forward/src/bin/forwarding.rs`
//! runs the load, fifty receivers with estimator, pacer and allocator at work, and only its steady state is counted. It
//! is built for the baseline x86-64, and valgrind's machine is told to lack what the C library would choose its
//! `memcpy` by, so that the processor makes no difference. The compiler does: the record names it.

use crate::{packages, process, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{env, fs, path::Path, process::Command};

/// What was recorded, in the workspace.
const RECORD: &str = "crates/forward/instructions.json";
/// More than so much above the record, in thousandths, is a regression.
const TOLERANCE: f64 = 50.0;
/// Far less than the record is worth recording.
const WORTH_RECORDING: f64 = -20.0;
/// The function within which callgrind counts.
const COUNTED: &str = "--toggle-collect=forwarding::steady*";
/// Without these the C library's memory functions are the baseline's, whatever the processor.
const BASELINE: &str = "glibc.cpu.hwcaps=-AVX2,-AVX512VL,-AVX512F,-ERMS,-FSRM,-AVX_Fast_Unaligned_Load";

/// Whether this machine can count.
pub fn is_possible() -> bool {
    cfg!(all(target_arch = "x86_64", target_os = "linux"))
}

/// Counts, prints, compares with the record; `--write` records.
pub fn instructions(arguments: &[String]) -> Result<()> {
    let write = match arguments {
        [] => false,
        [only] if only == "--write" => true,
        _ => bail!("there is --write, and nothing else"),
    };
    ensure!(is_possible(), "instructions are compared on x86-64 Linux only");
    let workspace = Workspace::find()?;
    let counted = count(&workspace)?;
    println!("{counted}");
    let file = workspace.root.join(RECORD);
    if write {
        fs::write(&file, format!("{:#}\n", counted.to_json())).with_context(|| file.display().to_string())?;
        eprintln!("written to {}", file.display());
        return Ok(());
    }
    let text = fs::read_to_string(&file).with_context(|| format!("{RECORD}; `--write` makes it"))?;
    compare(&counted, &Counted::from_json(&serde_json::from_str(&text).context(RECORD)?)?)
}

/// One count.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    instructions: u64,
    packets: u64,
    rustc: String,
}

impl Counted {
    fn per_packet(&self) -> f64 {
        float(self.instructions) / float(self.packets.max(1))
    }

    fn to_json(&self) -> Value {
        json!({
            "instructions": self.instructions,
            "packets": self.packets,
            "per_packet": (self.per_packet() * 10.0).round() / 10.0,
            "rustc": self.rustc,
        })
    }

    fn from_json(value: &Value) -> Result<Self> {
        let number =
            |key| value.get(key).and_then(Value::as_u64).with_context(|| format!("{RECORD} lacks {key}"));
        let rustc =
            value.get("rustc").and_then(Value::as_str).with_context(|| format!("{RECORD} lacks rustc"))?;
        Ok(Self {
            instructions: number("instructions")?,
            packets: number("packets")?,
            rustc: rustc.to_owned(),
        })
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (each, Self { instructions, packets, rustc }) = (self.per_packet(), self);
        write!(
            f,
            "{each:.1} instructions per forwarded packet ({instructions} for {packets} packets; {rustc})"
        )
    }
}

fn compare(counted: &Counted, record: &Counted) -> Result<()> {
    let change = 1000.0 * (counted.per_packet() / record.per_packet() - 1.0);
    println!("recorded: {:.1}, so {:+.1} %", record.per_packet(), change / 10.0);
    if counted.rustc != record.rustc {
        println!(
            "the record is of another compiler ({}): what changed may be its doing, so nothing is judged;\n\
             `cargo xtask instructions --write` on the commit before, and then compare",
            record.rustc
        );
        return Ok(());
    }
    if change > TOLERANCE {
        bail!(
            "forwarding a packet takes {:.1} % more instructions than recorded\n  \
             what to do: find what was added, or record it with the reason: cargo xtask instructions --write",
            change / 10.0
        );
    }
    if change < WORTH_RECORDING {
        println!("that is less: `cargo xtask instructions --write` keeps it so");
    }
    Ok(())
}

fn count(workspace: &Workspace) -> Result<Counted> {
    let find = || process::find(&["valgrind"], &[]);
    if find().is_none() {
        packages::install(&["valgrind"])?;
    }
    let valgrind = find().context(
        "counting needs valgrind\n  what to do: install it; on Debian: sudo apt-get install valgrind",
    )?;
    // A folder of its own: other flags would have everything else built again.
    let folder = workspace.target.join("instructions");
    let mut build = process::cargo(workspace);
    build.args(["build", "--quiet", "--release", "--package", "forward", "--bin", "forwarding"]);
    build.env("CARGO_TARGET_DIR", &folder).env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-cpu=x86-64");
    process::run(&mut build, "read the compiler's message above")?;
    let (program, out) = (folder.join("release/forwarding"), folder.join("callgrind.out"));
    let mut command = Command::new(valgrind);
    command.args(["--quiet", "--tool=callgrind", "--collect-atstart=no", COUNTED]);
    command.arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    command.env("GLIBC_TUNABLES", BASELINE);
    let packets = process::output(&mut command)?;
    let packets = packets.trim().parse().with_context(|| format!("`forwarding` printed {packets:?}"))?;
    Ok(Counted { instructions: collected(&out)?, packets, rustc: compiler(workspace)? })
}

/// The total of a callgrind file.
fn collected(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out).with_context(|| out.display().to_string())?;
    let total =
        text.lines().find_map(|line| line.strip_prefix("totals:")).context("callgrind wrote no totals")?;
    let total = total.trim().parse().with_context(|| format!("callgrind's totals are `{total}`"))?;
    ensure!(total > 0, "callgrind found no function to count in: {COUNTED}");
    Ok(total)
}

/// The compiler, as it names itself.
fn compiler(workspace: &Workspace) -> Result<String> {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    Ok(process::output(rustc.arg("--version").current_dir(&workspace.root))?.trim().to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "a few billions are far below 2⁵³")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(instructions: u64, rustc: &str) -> Counted {
        Counted { instructions, packets: 100, rustc: rustc.to_owned() }
    }

    #[test]
    fn only_a_regression_under_the_same_compiler_fails() {
        let record = counted(100_000, "rustc 1");
        for (instructions, rustc, good) in [
            (104_900, "rustc 1", true),
            (105_100, "rustc 1", false),
            (10_000, "rustc 1", true),
            (200_000, "rustc 2", true),
        ] {
            assert_eq!(
                compare(&counted(instructions, rustc), &record).is_ok(),
                good,
                "{instructions} {rustc}"
            );
        }
    }

    #[test]
    fn what_is_recorded_is_read() {
        let record = counted(123_456, "rustc 1");
        assert_eq!(Counted::from_json(&record.to_json()).unwrap(), record);
    }
}
