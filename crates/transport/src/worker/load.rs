//! How busy a worker is, and how much of its video it sends so as to keep up.
//!
//! Owns the measure and the rule, both without a clock, and the figures that others may look at. A worker is busy
//! whenever it does not wait for something to do; who has too much to do never waits, whatever it is that takes the
//! time. The rule moves the share that is sent down by as much as is too much, and up little by little, so that it
//! settles where the worker is just not too busy.

use forward::{Share, Time};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Busy for so many thousandths of its time a worker has too much to do.
pub const BUSY: u16 = 900;

/// Over which its time is looked at.
const WINDOW: Duration = Duration::from_millis(500);

/// Windows in a row that must be too busy before anything is shed. A single one may be many joins at once.
const IN_A_ROW: u32 = 2;

/// Where shedding aims at, in thousandths of what is too busy.
const AIM: u32 = 890;

/// Less busy than so many thousandths of that, more is sent.
const CALM: u32 = 830;

/// The share goes up by the time that is left below [`CALM`], divided by this: what is sent follows half a second
/// later, and should not overshoot.
const CAUTION: u32 = 5;

/// And by so many thousandths at least.
const LEAST_STEP: u32 = 10;

/// A worker's load and health, for everybody to see. The worker writes its load twice a second.
#[derive(Debug)]
pub(crate) struct Load {
    busy: AtomicU16,
    share: AtomicU16,
    limit: AtomicU16,
    /// It stands still: see [`LoadValues::still`].
    still: AtomicBool,
    /// How often it began anew.
    restarts: AtomicU64,
    /// Commands were lost, since it took none for too long.
    deaf: AtomicBool,
}

/// A worker's load at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadValues {
    /// How much of its time it was busy, in thousandths.
    pub busy: u16,
    /// The share of its video that it sends, in thousandths: 1000 unless it sheds.
    pub share: u16,
    /// It has too much to do: it sheds.
    pub overloaded: bool,
    /// It does nothing: it hangs in something, or waits a moment before it begins anew.
    pub still: bool,
    /// How often it began anew after a panic that was nobody's alone.
    pub restarts: u64,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            busy: AtomicU16::new(0),
            share: AtomicU16::new(whole()),
            limit: AtomicU16::new(BUSY),
            still: AtomicBool::new(false),
            restarts: AtomicU64::new(0),
            deaf: AtomicBool::new(false),
        }
    }
}

impl Load {
    /// As it stands.
    pub(crate) fn values(&self) -> LoadValues {
        let share = self.share.load(Relaxed);
        LoadValues {
            busy: self.busy.load(Relaxed),
            share,
            overloaded: share < whole(),
            still: self.is_still(),
            restarts: self.restarts(),
        }
    }

    pub(crate) fn is_still(&self) -> bool {
        self.still.load(Relaxed)
    }

    /// Says whether it stands still; what was said before.
    pub(crate) fn set_still(&self, still: bool) -> bool {
        self.still.swap(still, Relaxed)
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts.load(Relaxed)
    }

    pub(crate) fn restarted(&self) {
        self.restarts.fetch_add(1, Relaxed);
    }

    /// A command did not reach it: what it does from now on is not what it should.
    pub(crate) fn deafen(&self) {
        self.deaf.store(true, Relaxed);
    }

    /// Whether commands were lost since this was asked last.
    pub(crate) fn was_deaf(&self) -> bool {
        self.deaf.load(Relaxed) && self.deaf.swap(false, Relaxed)
    }

    /// From which on the worker sheds, in thousandths of its time: [`BUSY`] unless told otherwise.
    pub(crate) fn set_limit(&self, busy: u16) {
        self.limit.store(busy, Relaxed);
    }

    pub(crate) fn limit(&self) -> u16 {
        self.limit.load(Relaxed)
    }

    pub(crate) fn publish(&self, busy: u16, share: Share) {
        self.busy.store(busy, Relaxed);
        self.share.store(u16::try_from(share.permille()).unwrap_or(u16::MAX), Relaxed);
    }
}

fn whole() -> u16 {
    u16::try_from(Share::WHOLE.permille()).unwrap_or(u16::MAX)
}

/// Adds up a worker's time.
#[derive(Debug, Default)]
pub(super) struct Meter {
    began: Time,
    waited: Duration,
}

impl Meter {
    /// Begins at a moment.
    pub(super) fn begun(at: Time) -> Self {
        Self { began: at, ..Self::default() }
    }

    /// The worker waited from one moment to another.
    pub(super) fn waited(&mut self, from: Time, until: Time) {
        self.waited += until.since(from);
    }

    /// When the window is over.
    pub(super) fn due(&self) -> Time {
        self.began + WINDOW
    }

    /// How busy it was, in thousandths, if a window is over. The next begins.
    pub(super) fn close(&mut self, now: Time) -> Option<u16> {
        let passed = now.since(self.began);
        if passed < WINDOW {
            return None;
        }
        let waited = std::mem::take(&mut self.waited).min(passed);
        self.began = now;
        let busy = passed.saturating_sub(waited).as_micros() * 1000 / passed.as_micros().max(1);
        Some(u16::try_from(busy).unwrap_or(1000))
    }
}

/// The rule.
#[derive(Debug)]
pub(super) struct Shedding {
    share: Share,
    /// Windows in a row that were too busy.
    too_busy: u32,
}

impl Default for Shedding {
    fn default() -> Self {
        Self { share: Share::WHOLE, too_busy: 0 }
    }
}

impl Shedding {
    /// The share to be sent after a window that was so busy, where from `limit` on it is too busy; both in thousandths.
    pub(super) fn update(&mut self, busy: u16, limit: u16) -> Share {
        let (busy, limit, share) = (u32::from(busy), u32::from(limit), self.share.permille());
        let share = u32::try_from(share).unwrap_or(0);
        self.too_busy = if busy >= limit { self.too_busy.saturating_add(1) } else { 0 };
        let calm = limit * CALM / 1000;
        let next = if self.too_busy > 0 && (!self.share.is_whole() || self.too_busy >= IN_A_ROW) {
            share * (limit * AIM / 1000) / busy.max(1)
        } else if busy < calm {
            share + ((calm - busy) / CAUTION).max(LEAST_STEP)
        } else {
            share
        };
        self.share = Share::of_permille(u16::try_from(next).unwrap_or(u16::MAX));
        self.share
    }

    /// What is sent now.
    pub(super) fn share(&self) -> Share {
        self.share
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
