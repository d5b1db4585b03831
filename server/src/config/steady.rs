//! Settings of staying up.

use crate::Origin;
use std::time::Duration;

/// What the operator decides about faults and the end.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Staying up")]
pub struct Steady {
    /// A media thread that does nothing for so many seconds, though it should, stands still: its rooms are sent
    /// elsewhere, no other is given to it, and /healthz says so
    #[arg(
        long,
        env = "MADANG_STALL_AFTER",
        value_name = "SECONDS",
        default_value = "5",
        value_parser = seconds::<1, 600>,
    )]
    pub stall_after: Duration,

    /// How many seconds rooms may go on after SIGTERM before everybody is sent away: meanwhile no other room is opened,
    /// and /readyz says so. It stops at once when nobody is left; a second SIGTERM, or Ctrl-C, does not wait
    #[arg(
        long,
        env = "MADANG_DRAIN_TIMEOUT",
        value_name = "SECONDS",
        default_value = "20",
        value_parser = seconds::<0, 86_400>,
    )]
    pub drain_timeout: Duration,

    /// Where people go when this server stops, and who would open a room meanwhile: another server's site, like
    /// `https://meet2.example.org`. Their page goes there by itself. Unset: they come back here
    #[arg(long, env = "MADANG_DRAIN_TO", value_name = "ORIGIN")]
    pub drain_to: Option<Origin>,
}

/// From one number to another.
pub(super) fn seconds<const LEAST: u64, const MOST: u64>(text: &str) -> Result<Duration, String> {
    let number: u64 = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    if (LEAST..=MOST).contains(&number) {
        Ok(Duration::from_secs(number))
    } else {
        Err(format!("not from {LEAST} to {MOST}"))
    }
}
