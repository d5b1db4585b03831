//! The clock: invitations, certificates and TURN credentials hold until a time.

use super::finding::Finding;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const CHECK: &str = "clock";
/// Seconds since the epoch at which this was written, 2026-11-01: no clock that is right shows less.
const WRITTEN: u64 = 1_793_491_200;
/// Files may be a little younger than the clock of whoever reads them.
const SLACK: Duration = Duration::from_hours(1);

/// Of the time, when this program was built, and whether the system says that its clock is set by others'.
pub(super) fn judge(now: SystemTime, built: Option<SystemTime>, synchronised: Option<bool>) -> Finding {
    let earliest = built.into_iter().fold(UNIX_EPOCH + Duration::from_secs(WRITTEN), SystemTime::max);
    if now + SLACK < earliest {
        return Finding::error(
            CHECK,
            format!("It shows {}, which is before this program was built.", shown(now)),
        )
        .advise("Set it, and have it kept right: `timedatectl set-ntp true`. Until then certificates and invitations do not hold.");
    }
    match synchronised {
        Some(true) => Finding::ok(CHECK, format!("It shows {}, and is kept right.", shown(now))),
        Some(false) => Finding::warning(
            CHECK,
            format!("It shows {}, and is not kept right: the system has no time server.", shown(now)),
        )
        .advise("`timedatectl set-ntp true`, or install chrony: invitations and TURN credentials hold until a time."),
        None => {
            Finding::note(CHECK, format!("It shows {}. Whether it is kept right cannot be seen here.", shown(now)))
        }
    }
}

/// When this program was built, as its file says.
pub(super) fn built() -> Option<SystemTime> {
    std::env::current_exe().and_then(std::fs::metadata).and_then(|file| file.modified()).ok()
}

/// What systemd says of the kernel's clock, whoever sets it. In a container there is none to ask.
pub(super) fn synchronised() -> Option<bool> {
    let asked = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    let answer = asked.ok().filter(|answer| answer.status.success())?;
    match String::from_utf8_lossy(&answer.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn shown(time: SystemTime) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    time::OffsetDateTime::from(time).format(format).unwrap_or_else(|_| "an odd time".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn at(days: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(WRITTEN) + Duration::from_hours(24 * days)
    }

    #[test]
    fn a_clock_is_right_wrong_or_unknown() {
        let check = |now, built, synchronised, state| {
            let finding = judge(now, built, synchronised);
            assert_eq!(finding.state, state, "{finding:?}");
            assert_eq!(finding.advice.is_some(), state >= State::Warning, "{finding:?}");
        };
        check(at(9), Some(at(8)), Some(true), State::Ok);
        check(at(9), Some(at(8)), Some(false), State::Warning);
        check(at(9), None, None, State::Note);
        check(at(7), Some(at(8)), Some(true), State::Error);
        check(at(8), Some(at(8) + SLACK), Some(true), State::Ok);
        check(UNIX_EPOCH, None, None, State::Error);
    }

    #[test]
    fn the_time_is_shown_in_words() {
        let finding = judge(at(1), None, Some(true));
        assert_eq!(finding.found, "It shows 2026-11-02 00:00 UTC, and is kept right.");
    }
}
