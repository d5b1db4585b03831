//! What the process takes of the machine, as the kernel tells it (proc(5)); where it tells nothing, nothing is shown.

use super::page::Page;

/// All of it.
pub(super) fn tell(page: &mut Page) {
    page.gauges("build_info", "Always 1.", "version", [(env!("CARGO_PKG_VERSION"), 1)]);
    if let Some(bytes) = resident() {
        page.gauge("process_resident_memory_bytes", "Memory that the process holds.", bytes);
    }
    if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
        // One is the directory itself.
        page.gauge("process_open_fds", "Open file descriptors.", entries.count().saturating_sub(1));
    }
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    page.gauge("tasks", "Tasks of the asynchronous runtime, one or two for each socket and peer.", tasks);
    if let Some(threads) = status("Threads:") {
        page.gauge("process_threads", "Threads.", threads);
    }
}

fn resident() -> Option<u64> {
    status("VmRSS:").and_then(|kilobytes| kilobytes.checked_mul(1024))
}

/// A number from `/proc/self/status`.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
