//! The machine's wall clock, by which a packet carries its sending time from one process to another, and
//! which the kernel's receive timestamps are taken from.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds from NTP's epoch (1900) to Unix's (RFC 868).
const NTP_UNIX_OFFSET: u64 = 2_208_988_800;

/// Since Unix's epoch.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// As an 8-byte field of a packet.
pub(crate) fn micros(since_epoch: Duration) -> u64 {
    u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX)
}

/// As 32.32 fixed point seconds since 1900 (RFC 5905 §6).
pub(crate) fn ntp(since_epoch: Duration) -> u64 {
    let fraction = (u64::from(since_epoch.subsec_nanos()) << 32) / 1_000_000_000;
    (since_epoch.as_secs().wrapping_add(NTP_UNIX_OFFSET) << 32) | fraction
}
