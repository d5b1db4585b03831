//! What the machine has, or the container leaves of it: cores, memory, open files.

use super::finding::Finding;
use std::fs::read_to_string;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;

/// Files that the server has open by itself, nobody in.
const OWN_FILES: u64 = 100;
/// Fewer open files than this are soon used up: each person's page has one, and some more while it comes.
const FEWEST_FILES: u64 = 256;
/// Enough for as many people as one core serves, and more.
const MANY_FILES: u64 = 4096;
/// Bytes that are free below which the first rooms already are in danger. A participant takes 0.2 to 2 MB
/// (docs/performance.md).
const LEAST_MEMORY: u64 = 128 << 20;

/// All of it that can be seen here.
pub(super) fn all(workers: NonZeroUsize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let usable = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let there = read_to_string("/proc/cpuinfo").map(|text| processors(&text)).unwrap_or_default();
    findings.push(cores(workers.get(), usable.get(), there));
    let free = read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
    findings.extend(free.map(|free| memory(free, left_to_group())));
    let limits = read_to_string("/proc/self/limits").ok();
    findings.extend(limits.and_then(|text| open_files(&text)).map(files));
    findings
}

fn cores(workers: usize, usable: usize, there: usize) -> Finding {
    let given = if there > usable { format!(", of {there} that the machine has") } else { String::new() };
    let found = format!("{workers} media workers on {usable} cores{given}.");
    if workers > usable {
        return Finding::warning("cores", found).advise(format!(
            "Workers beyond the cores take turns, which delays media: --workers {usable}, or give it more cores."
        ));
    }
    Finding::ok("cores", found)
}

fn processors(cpuinfo: &str) -> usize {
    cpuinfo.lines().filter(|line| line.starts_with("processor")).count()
}

fn memory(free: u64, left: Option<u64>) -> Finding {
    let usable = left.map_or(free, |left| left.min(free));
    let whose = if usable < free { ", as its control group has it" } else { "" };
    let found = format!("{} MB are free{whose}.", usable >> 20);
    if usable >= LEAST_MEMORY {
        return Finding::ok("memory", found);
    }
    Finding::warning("memory", found).advise(
        "A participant takes 0.2 to 2 MB: give it 256 MB at least, and 1 GB for some hundreds of people.",
    )
}

/// Bytes, as the kernel thinks that programs can have.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// Bytes that the control group (v2) may still take.
fn left_to_group() -> Option<u64> {
    let text = read_to_string("/proc/self/cgroup").ok()?;
    let own = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder = Path::new("/sys/fs/cgroup").join(own);
    let number = |name| read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
    // `max` without a limit, which is no number.
    Some(number("memory.max")?.saturating_sub(number("memory.current").unwrap_or(0)))
}

fn files(most: u64) -> Finding {
    let people = most.saturating_sub(OWN_FILES);
    let found = format!("{most} files may be open here, which is enough for some {people} people.");
    let unit = "The systemd unit that comes with it gives 65536 (LimitNOFILE); in a shell `ulimit -n 65536`, in a container `--ulimit nofile=65536`.";
    match most {
        0..FEWEST_FILES => Finding::warning("open files", found).advise(unit),
        FEWEST_FILES..MANY_FILES => Finding::note("open files", found).advise(unit),
        MANY_FILES.. => Finding::ok("open files", found),
    }
}

/// The soft limit.
fn open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?;
    if soft == "unlimited" { Some(u64::MAX) } else { soft.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn more_workers_than_cores_are_too_many() {
        assert_eq!(cores(2, 2, 2).state, State::Ok);
        assert_eq!(cores(1, 4, 4).state, State::Ok);
        let many = cores(4, 2, 8);
        assert_eq!(many.state, State::Warning);
        assert_eq!(many.found, "4 media workers on 2 cores, of 8 that the machine has.");
        assert!(many.advice.is_some_and(|advice| advice.contains("--workers 2")));
    }

    #[test]
    fn the_least_of_free_memory_and_the_groups_counts() {
        assert_eq!(memory(4 << 30, None).state, State::Ok);
        assert_eq!(memory(4 << 30, Some(64 << 20)).state, State::Warning);
        assert_eq!(memory(64 << 20, Some(4 << 30)).state, State::Warning);
        assert_eq!(memory(4 << 30, Some(1 << 30)).found, "1024 MB are free, as its control group has it.");
    }

    #[test]
    fn few_open_files_are_told() {
        for (most, state) in
            [(100, State::Warning), (1024, State::Note), (4096, State::Ok), (u64::MAX, State::Ok)]
        {
            assert_eq!(files(most).state, state, "{most}");
        }
    }

    #[test]
    fn the_kernels_tables_are_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 1048576              files\n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files(&limits.replace("1024 ", "unlimited ")), Some(u64::MAX));
        assert_eq!(open_files(""), None);
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2 << 20));
        assert_eq!(available("MemTotal: 9 kB\n"), None);
        assert_eq!(processors("processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n"), 2);
    }
}
