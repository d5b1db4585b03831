//! When to ask the path for more than is sent, and how much more (libwebrtc's `ProbeController`).
//!
//! Owns the schedule and the one probe under way. The first probe is for three times the initial rate,
//! each that succeeds is followed by one for twice its result; one that fails puts the next off, from a
//! second to five, for as long as more is wanted than the estimate.

use super::MAX_RATE;
use super::cluster::{Cluster, Measured, Probe, ProbeId};
use super::flight::Sent;
use crate::bitrate::Bitrate;
use crate::time::Time;
use std::num::NonZeroU16;
use std::time::Duration;

/// Rates to ask for, in thousandths of the estimate.
const FIRST: u64 = 3000;
const NEXT: u64 = 2000;

/// Nothing is asked for beyond so many thousandths of what is wanted.
const BEYOND_WANTED: u64 = 1200;

/// A result above so many thousandths of what was asked for asks for more at once.
const SUCCESS: u64 = 700;

/// How long, in how many packets and bytes a probe is: at a low rate fewer bytes would measure nothing.
const LENGTH: Duration = Duration::from_millis(20);
const PACKETS: u32 = 5;
const LEAST_BYTES: u64 = 2000;

/// Where packets are held up for longer than this, a probe lasts twice as long as they are, since its ends
/// may arrive so much too late; but no longer than the last.
const NOISY: Duration = Duration::from_millis(30);
const LONGEST: Duration = Duration::from_millis(400);

/// Between probes, after one failure and after many.
const INTERVAL: Duration = Duration::from_secs(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(5);

/// The rate falling below so many thousandths of what it was is a drop, and calls for a probe soon.
const DROP: u64 = 750;

/// How long a probe that cannot be sent now is put off.
const LATER: Duration = Duration::from_millis(100);

/// A source that fills a path whose capacity is known learns by growing what a probe would tell; it would
/// only push others aside. It goes half the way, and only where the probe did not fill the path, and
/// probes this seldom, unless the rate is below so many thousandths of the
/// highest of this long to twice that.
const FILLED_INTERVAL: Duration = Duration::from_secs(20);
const RECOVERING: u64 = 600;
const REMEMBERED: Duration = Duration::from_secs(30);

/// The highest estimate of two spans of time, this one and the last.
#[derive(Clone, Copy, Debug)]
struct Peak {
    began: Time,
    now: Bitrate,
    before: Bitrate,
}

impl Peak {
    fn add(&mut self, estimate: Bitrate, now: Time) -> Bitrate {
        if now.since(self.began) >= REMEMBERED {
            *self = Self { began: now, now: estimate, before: self.now };
        }
        self.now = self.now.max(estimate);
        self.now.max(self.before)
    }
}

/// What is asked of the prober.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub estimate: Bitrate,
    pub wanted: Bitrate,
    /// The source sends all that the estimate allows, and the path has been full before.
    pub filled: bool,
    /// How long packets are held up by something else than a queue: see `queueing`.
    pub held: Duration,
}

/// The schedule.
#[derive(Debug)]
pub(crate) struct Prober {
    next: Time,
    /// When the last probe ended.
    ended: Time,
    /// It was asked for by a source that filled the path.
    filled: bool,
    peak: Peak,
    failures: u32,
    multiple: u64,
    cluster: Option<(Cluster, Ask)>,
    id: NonZeroU16,
}

impl Prober {
    pub fn new(now: Time) -> Self {
        let peak = Peak { began: now, now: Bitrate::ZERO, before: Bitrate::ZERO };
        Self {
            next: now,
            ended: now,
            filled: false,
            peak,
            failures: 0,
            multiple: FIRST,
            cluster: None,
            id: NonZeroU16::MIN,
        }
    }

    /// When there is something to do, if `wanting` more than the estimate.
    pub fn timeout(&self, wanting: bool) -> Time {
        match &self.cluster {
            Some((cluster, _)) => cluster.deadline,
            None if wanting => self.next,
            None => Time::NEVER,
        }
    }

    /// A probe, if one is due.
    pub fn poll(&mut self, mut ask: Ask, now: Time) -> Option<Probe> {
        // Just raised by a probe, a source has had no time to fill the rate it is given.
        ask.filled |= self.filled && now < self.ended + INTERVAL;
        let Ask { estimate, wanted, filled, held } = ask;
        let peak = self.peak.add(estimate, now);
        if self.cluster.is_some() || now < self.next || wanted <= estimate {
            return None;
        }
        if filled && estimate >= peak.permille(RECOVERING) && now < self.ended + FILLED_INTERVAL {
            self.put_off(now);
            return None;
        }
        let rate = estimate.permille(self.multiple).min(wanted.permille(BEYOND_WANTED)).min(MAX_RATE);
        self.id = self.id.checked_add(1).unwrap_or(NonZeroU16::MIN);
        let length = if held > NOISY { (held * 2).min(LONGEST) } else { LENGTH };
        let bytes = rate.bytes_in(length).max(LEAST_BYTES);
        let probe = Probe { id: ProbeId(self.id), rate, bytes, packets: PACKETS };
        self.multiple = NEXT;
        self.cluster = Some((Cluster::new(probe, now), ask));
        Some(probe)
    }

    /// Not now: the path is not in a state to be asked.
    pub fn put_off(&mut self, now: Time) {
        self.next = self.next.max(now + LATER);
    }

    pub fn sent(&mut self, id: ProbeId, size: u64, now: Time) {
        if let Some((cluster, _)) = self.cluster.as_mut().filter(|(cluster, _)| cluster.probe.id == id) {
            cluster.sent(size, now);
        }
    }

    pub fn resolved(&mut self, sent: Sent, arrival: Option<Time>) {
        let cluster = self.cluster.as_mut();
        if let Some((cluster, _)) = cluster.filter(|(cluster, _)| Some(cluster.probe.id) == sent.probe) {
            cluster.resolved(sent, arrival);
        }
    }

    /// What a probe that has ended allows the rate to be raised to.
    pub fn result(&mut self, now: Time) -> Option<Bitrate> {
        let over = |(cluster, _): &mut (Cluster, Ask)| cluster.is_complete() || cluster.deadline <= now;
        let (cluster, ask) = self.cluster.take_if(over)?;
        self.ended = now;
        self.filled = ask.filled;
        let measured = cluster.measured().filter(|measured| !(ask.filled && measured.full));
        if measured.is_some_and(|Measured { rate, .. }| rate >= cluster.probe.rate.permille(SUCCESS)) {
            self.failures = 0;
            self.next = now;
        } else {
            let interval = INTERVAL.saturating_mul(1 << self.failures.min(8));
            self.next = now + interval.min(LONGEST_INTERVAL);
            self.failures = self.failures.saturating_add(1);
        }
        let Measured { rate, .. } = measured?;
        Some(if ask.filled { (ask.estimate + rate).permille(500) } else { rate })
    }

    /// The rate fell.
    pub fn fell(&mut self, from: Bitrate, to: Bitrate, now: Time) {
        if to < from.permille(DROP) {
            self.failures = 0;
            self.next = now + INTERVAL;
        } else {
            self.next = self.next.max(now + INTERVAL / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandwidth::flight::{Flight, News};
    use crate::ids::Seq64;

    const WANTED: Bitrate = Bitrate::kbit(2000);

    fn ask(estimate: Bitrate) -> Ask {
        Ask { estimate, wanted: WANTED, filled: false, held: Duration::ZERO }
    }

    /// Sends the probe over a path of `capacity` and returns what came of it.
    fn run(prober: &mut Prober, probe: Probe, capacity: Bitrate, now: Time) -> Option<Bitrate> {
        let mut flight = Flight::new();
        let size = probe.bytes.div_ceil(u64::from(PACKETS));
        for at in 0..PACKETS {
            let sent = now + probe.rate.time_for(size) * at;
            flight.push(usize::try_from(size).unwrap(), Some(probe.id), sent);
            prober.sent(probe.id, size, sent);
            let arrival = now + probe.rate.min(capacity).time_for(size) * (at + 1);
            let Some(News::Arrived(sent)) = flight.resolve(Seq64(at.into()), true) else { panic!() };
            prober.resolved(sent, Some(arrival));
        }
        prober.result(now)
    }

    #[test]
    fn asks_three_times_then_twice_and_no_more_than_is_wanted() {
        let (mut prober, mut estimate, mut asked) = (Prober::new(Time(0)), Bitrate::kbit(300), vec![]);
        while let Some(probe) = prober.poll(ask(estimate), Time(0)) {
            asked.push(probe.rate.0 / 10_000);
            assert_eq!(prober.poll(ask(estimate), Time(0)), None, "one at a time");
            estimate = estimate.max(run(&mut prober, probe, Bitrate::kbit(9000), Time(0)).unwrap());
        }
        assert_eq!(asked, [90, 180, 240]);
        assert_eq!(prober.timeout(false), Time::NEVER);
    }

    #[test]
    fn failures_put_the_next_off_and_a_drop_calls_it_in() {
        let (mut prober, mut now, mut waits) = (Prober::new(Time(0)), Time(0), vec![]);
        let estimate = Bitrate::kbit(1000);
        for _ in 0..5 {
            let probe = prober.poll(ask(estimate), now).unwrap();
            run(&mut prober, probe, estimate, now);
            waits.push(prober.timeout(true).since(now).as_secs());
            now = prober.timeout(true);
        }
        assert_eq!(waits, [1, 2, 4, 5, 5]);
        prober.fell(estimate, Bitrate::kbit(500), now);
        assert_eq!(prober.timeout(true), now + INTERVAL);
    }

    #[test]
    fn a_probe_nobody_sends_is_given_up() {
        let mut prober = Prober::new(Time(0));
        assert!(prober.poll(ask(Bitrate::kbit(300)), Time(0)).is_some());
        let end = prober.timeout(true);
        assert_eq!((end, prober.result(end)), (Time(1_000_000), None));
        assert_eq!(prober.timeout(true), Time(2_000_000));
    }
}
