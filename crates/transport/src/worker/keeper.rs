//! The worker's thread: runs it, and begins it anew when it fails.
//!
//! A worker ends by a panic that is nobody's alone, or when its socket cannot be used. Then all its peers are lost: the
//! control side hears of each, and their clients join afresh. The sockets stay, and so the port, and the commands that
//! wait; tables, plane and buffers are new. One that fails again and again waits longer and longer in between.

use super::gather::Gathering;
use super::load::{Meter, Shedding};
use super::neighbours::Neighbours;
use super::outgoing::RunBuffer;
use super::receive::Receiver;
use super::{Origin, Worker};
use crate::demux::Demux;
use crate::transport::Event;
use forward::{Plane, Share};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A worker that lived this long failed for a new reason.
const STEADY: Duration = Duration::from_mins(1);

/// How long one waits that fails for the second time within that, and at most.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Runs a worker until the server stops.
pub(crate) fn keep(mut worker: Worker, number: usize) {
    let mut pause = Duration::ZERO;
    loop {
        let began = Instant::now();
        let restarts = worker.load.restarts();
        match catch_unwind(AssertUnwindSafe(|| worker.run())) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                tracing::error!(worker = number, %error, "a media worker failed; it begins anew");
            }
            Err(_) => {
                tracing::error!(worker = number, "a media worker panicked; it begins anew");
            }
        }
        pause = next_pause(pause, restarts, began.elapsed());
        worker.begin_anew();
        worker.tell_faults();
        if !pause.is_zero() {
            worker.load.set_still(true);
            std::thread::sleep(pause);
            worker.load.set_still(false);
        }
    }
}

/// None the first time.
fn next_pause(before: Duration, restarts: u64, lived: Duration) -> Duration {
    if restarts == 0 || lived >= STEADY { Duration::ZERO } else { (before * 2).clamp(PAUSE, LONGEST_PAUSE) }
}

impl Worker {
    /// As it was when the server began, but for what it has counted, its clock, and what it has to tell.
    fn begin_anew(&mut self) {
        let lost = std::mem::take(&mut self.peers);
        self.faults.news.extend(lost.keys().map(Event::Faulted));
        self.faults.begin_anew();
        let Origin { plane, flush_deadline, counted } = &mut self.origin;
        *counted = counted.and(*self.plane.counters());
        self.plane = Plane::new(*plane);
        self.gathering = Gathering::new(*flush_deadline);
        self.demux = Demux::default();
        self.streams.begin_anew(&self.counters);
        self.neighbours = Neighbours::default();
        self.receiver = Receiver::new(self.udp.gro_segments());
        self.runs = RunBuffer::new(self.udp.max_gso_segments());
        self.meter = Meter::begun(self.now());
        self.shedding = Shedding::default();
        self.load.publish(0, Share::WHOLE);
        self.load.restarted();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_fails_again_and_again_waits_longer_and_longer() {
        let (mut pause, mut pauses) = (Duration::ZERO, Vec::new());
        for restarts in 0..8 {
            pause = next_pause(pause, restarts, Duration::from_secs(1));
            pauses.push(pause.as_millis());
        }
        assert_eq!(pauses, [0, 250, 500, 1000, 2000, 4000, 5000, 5000]);
        assert_eq!(next_pause(pause, 9, STEADY), Duration::ZERO);
    }
}
