//! One receiver's estimate: what was sent and what its feedback says, to a rate.
//!
//! Owns the parts and their order. Sends nothing: the plane asks [`Estimator::poll_probe`] what to send
//! beyond media, and reports every packet by [`Estimator::sent`].

use super::MAX_RATE;
use super::answers::Answers;
use super::cluster::{Probe, ProbeId};
use super::control::{Control, Flow};
use super::detector::{Detector, Usage};
use super::flight::{CAPACITY, Flight, News, Sent};
use super::groups::Groups;
use super::loss::{Loss, Verdict};
use super::prober::{Ask, Prober};
use super::queueing::Queueing;
use super::rivals::Rivals;
use super::throughput::Throughput;
use super::trendline::Trendline;
use crate::bitrate::Bitrate;
use crate::ids::Seq16;
use crate::rtcp::twcc_reader::Feedback;
use crate::time::Time;
use std::time::Duration;

/// A queue this long is one, whatever it is doing.
const QUEUE: Duration = Duration::from_millis(30);

/// A growing delay is believed only if this much of a queue has grown, and more than jitter makes: see
/// [`Delay::jitter`].
const GROWN: Duration = Duration::from_millis(6);

/// Where packets are held up for this long by something else than a queue, the trend of delay, which takes
/// part of a second, tells nothing while no queue stands.
const NOISY: Duration = Duration::from_millis(60);

/// When even the shortest of the latest waits is this long, and twice the jitter, there is no need for a trend.
const SHARP: Duration = Duration::from_millis(100);

/// A queue this long that does not drain is full, or others fill it.
const LONG_QUEUE: Duration = Duration::from_millis(100);

/// Between decreases for a long queue, so that it can drain.
const DRAINING: Duration = Duration::from_millis(300);

/// No feedback for this long, or this many round trips, while packets leave: the path may be dead.
const SILENCE: Duration = Duration::from_secs(1);
const SILENT_ROUND_TRIPS: u32 = 3;

/// Then the rate is lowered to so many thousandths, as often as this.
const SILENT_DECREASE: u64 = 800;
const SILENT_INTERVAL: Duration = Duration::from_millis(500);

/// Assumed until measured.
const USUAL_RTT: Duration = Duration::from_millis(100);

/// A receiver's clock that jumped by this much has been set.
const CLOCK_SET: Duration = Duration::from_secs(10);

const TICK_MICROS: i64 = 250;

/// What rests on the receiver's clock.
#[derive(Debug)]
struct Delay {
    groups: Groups,
    trendline: Trendline,
    detector: Detector,
    queueing: Queueing,
    acknowledged: Throughput,
}

impl Delay {
    fn new() -> Self {
        Self {
            groups: Groups::default(),
            trendline: Trendline::default(),
            detector: Detector::new(),
            queueing: Queueing::default(),
            acknowledged: Throughput::default(),
        }
    }

    /// A standing queue shorter than this is none, but jitter: the emptiest moment of late was not empty by
    /// chance. Packets held up right after others that were wait for both, so half as much again.
    fn jitter(&self) -> Duration {
        (self.queueing.jitter() * 3 / 4).max(self.queueing.held() * 3 / 2)
    }

    fn arrived(&mut self, sent: Sent, arrival: Time, rate: Bitrate) {
        let size = u64::from(sent.size);
        self.acknowledged.add(arrival, size);
        self.queueing.add(sent.at, arrival, size, rate);
        // A probe's queue is meant, and gone by the time it could be answered.
        if sent.probe.is_some() {
            return;
        }
        let Some(gradient) = self.groups.add(sent.at, arrival) else { return };
        if let Some(trend) = self.trendline.update(gradient) {
            self.detector.update(trend, gradient.sent, gradient.arrival);
        }
    }
}

/// The last feedback: our time, and its reference time in the receiver's.
#[derive(Clone, Copy, Debug)]
struct Heard {
    at: Time,
    reference: i64,
}

/// Estimates what the path to one receiver carries.
#[derive(Debug)]
pub(crate) struct Estimator {
    flight: Flight,
    answers: Answers,
    last_sent: Time,
    delay: Delay,
    sending: Throughput,
    loss: Loss,
    control: Control,
    prober: Prober,
    wanted: Bitrate,
    rtt: Option<Duration>,
    heard: Option<Heard>,
    /// When the rate is lowered next if there is no feedback until then; set while packets leave.
    silence: Time,
    /// Decreases for want of feedback since the last.
    silences: u32,
    rivals: Rivals,
    /// The long queue at the last look.
    long: Duration,
}

impl Estimator {
    pub fn new(initial: Bitrate, now: Time) -> Self {
        Self {
            flight: Flight::new(),
            answers: Answers::default(),
            last_sent: now,
            delay: Delay::new(),
            sending: Throughput::default(),
            loss: Loss::default(),
            control: Control::new(initial, now),
            prober: Prober::new(now),
            wanted: Bitrate::ZERO,
            rtt: None,
            heard: None,
            silence: Time::NEVER,
            silences: 0,
            rivals: Rivals::default(),
            long: Duration::ZERO,
        }
    }

    /// A packet of `size` bytes (on the wire, with all overhead) leaves now; returns its transport-wide
    /// number. With `probe`, it is part of that probe, be it media or padding.
    pub fn sent(&mut self, size: usize, probe: Option<ProbeId>, now: Time) -> Seq16 {
        let bytes = u64::try_from(size).unwrap_or(u64::MAX);
        self.sending.add(now, bytes);
        self.answers.sent(now);
        if let Some(id) = probe {
            self.prober.sent(id, bytes, now);
        }
        if self.silence == Time::NEVER {
            let first = SILENCE.max(self.known_rtt() * SILENT_ROUND_TRIPS);
            self.silence = now + if self.silences == 0 { first } else { SILENT_INTERVAL };
        }
        self.last_sent = now;
        self.flight.push(size, probe, now)
    }

    /// FCI of a transport-wide feedback packet. What does not tell of packets sent is passed over.
    pub fn feedback(&mut self, fci: &[u8], now: Time) {
        let Some(feedback) = Feedback::read(fci) else { return };
        let reference = self.reference(feedback, now);
        let mut newest: Option<Time> = None;
        let mut news = false;
        // No more statuses can mean anything than there are packets remembered.
        for (wire, ticks) in feedback.statuses().take(CAPACITY) {
            let Some(seq) = self.flight.find(wire) else { continue };
            let arrival = ticks.map(|ticks| {
                let micros = (reference + ticks).max(0).saturating_mul(TICK_MICROS);
                Time(micros.unsigned_abs())
            });
            let Some(told) = self.flight.resolve(seq, arrival.is_some()) else { continue };
            news = true;
            match told {
                News::Lost(sent) => {
                    self.loss.lost(seq, now);
                    self.prober.resolved(sent, None);
                    continue;
                }
                News::Arrived(sent) => {
                    self.loss.arrived(seq, now);
                    self.prober.resolved(sent, arrival);
                }
                News::ArrivedAfterAll(_) => self.loss.arrived_after_all(),
            }
            let (News::Arrived(sent) | News::ArrivedAfterAll(sent)) = told else { continue };
            newest = newest.max(Some(sent.at));
            if let Some(arrival) = arrival {
                self.delay.arrived(sent, arrival, self.control.rate());
            }
        }
        if !news {
            return;
        }
        self.heard = Some(Heard { at: now, reference });
        self.silence = Time::NEVER;
        self.silences = 0;
        if let Some(newest) = newest {
            self.measure_rtt(now.since(newest));
            self.answers.answered(newest, newest == self.last_sent, now);
        }
        self.update(now);
    }

    /// The reference time in the receiver's ticks. If that clock has been set, all that rests on it goes.
    fn reference(&mut self, feedback: Feedback, now: Time) -> i64 {
        let reference = feedback.unwrapped_reference(self.heard.map(|heard| heard.reference));
        let Some(heard) = self.heard else { return reference };
        let passed = i64::try_from(now.since(heard.at).as_micros()).unwrap_or(i64::MAX);
        let told = (reference - heard.reference).saturating_mul(TICK_MICROS);
        if told.abs_diff(passed) > u64::try_from(CLOCK_SET.as_micros()).unwrap_or(u64::MAX) {
            self.delay = Delay::new();
        }
        reference
    }

    /// Smoothed as in RFC 6298 §2. The wait for feedback at the receiver is part of it.
    fn measure_rtt(&mut self, sample: Duration) {
        self.rtt = Some(self.rtt.map_or(sample, |rtt| (rtt * 7 + sample) / 8));
    }

    fn known_rtt(&self) -> Duration {
        self.rtt.unwrap_or(USUAL_RTT)
    }

    fn is_noisy(&self) -> bool {
        self.delay.queueing.held() > NOISY
    }

    fn flow(&mut self, now: Time) -> Flow {
        Flow {
            acknowledged: self.acknowledged(),
            sent: self.sending.rate_until(now),
            rtt: self.known_rtt(),
            noisy: self.is_noisy(),
            short: self.delay.queueing.standing() < LONG_QUEUE / 2,
            held_back: self.answers.were_overdue(now) && self.delay.queueing.standing() >= LONG_QUEUE,
        }
    }

    /// Moves the rate by what feedback has said.
    fn update(&mut self, now: Time) {
        let flow = self.flow(now);
        let before = self.control.rate();
        let standing = self.delay.queueing.standing();
        let jitter = self.delay.jitter();
        let queue = standing >= QUEUE.max(jitter);
        let usage = match self.delay.detector.usage() {
            // A trend of what comes and goes.
            Usage::Over | Usage::Under if flow.noisy && !queue => Usage::Normal,
            usage @ (Usage::Normal | Usage::Over | Usage::Under) => usage,
        };
        let sharp = self.delay.queueing.latest() >= SHARP.max(jitter * 2);
        let growing = sharp || usage == Usage::Over && standing >= GROWN.max(jitter);
        let verdict = self.loss.judge(queue || growing, flow.sent, now);
        self.rivals.look(queue.then_some(standing), flow.sent, now);
        let rival = self.rivals.present(now);
        let lowered = if !rival && (growing || self.is_stuck(standing, usage, &flow, now)) {
            let lowered = self.control.overused(&flow, now);
            if let Some(delivered) = flow.acknowledged.filter(|_| lowered && standing >= LONG_QUEUE) {
                self.rivals.lowered(standing, delivered, now);
            }
            lowered
        } else if verdict == Verdict::Heavy {
            self.lost_much(queue, &flow, now);
            true
        } else if (usage == Usage::Normal || rival) && (verdict == Verdict::Fine || !queue) {
            self.control.increase(&flow, now);
            false
        } else {
            self.control.hold(now);
            false
        };
        if lowered {
            self.loss.restart(self.flight.next(), now);
            self.prober.fell(before, self.control.rate(), now);
        }
        self.probed(now);
    }

    /// With a queue, down to what arrives, less what drains it. Without, to what arrives: if that is
    /// all that is lost, the path is found; if not, `loss` learns what the path loses of itself.
    fn lost_much(&mut self, queue: bool, flow: &Flow, now: Time) {
        let rate = self.control.rate();
        let delivered = flow.acknowledged.unwrap_or(rate);
        let to = if queue { delivered.permille(850) } else { delivered.max(rate.permille(500)) };
        self.control.reduce_to(to, now);
    }

    /// Whether a long queue stands that does not drain, though the rate has been lowered for it. A full
    /// queue does not grow, so its trend shows nothing.
    fn is_stuck(&mut self, standing: Duration, usage: Usage, flow: &Flow, now: Time) -> bool {
        if standing < LONG_QUEUE.max(self.delay.jitter()) {
            self.long = Duration::ZERO;
            return false;
        }
        let looked = self.control.settled(now) < DRAINING || !self.control.may_decrease(flow, now);
        if looked || usage == Usage::Under {
            return false;
        }
        let drains = standing * 10 < self.long * 9;
        self.long = standing;
        !drains
    }

    /// What the path is believed to carry.
    pub fn estimate(&self) -> Bitrate {
        self.control.rate()
    }

    /// What was delivered over the last half second of the receiver's.
    pub fn acknowledged(&self) -> Option<Bitrate> {
        self.delay.acknowledged.rate()
    }

    /// Loss over the last second of feedback, in thousandths.
    pub fn loss(&self) -> u32 {
        self.loss.permille()
    }

    /// Smoothed round trip, with the wait for feedback at the receiver.
    pub fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// Until when what can wait should wait, if answers are overdue.
    pub fn overdue(&self, now: Time) -> Option<Time> {
        self.answers.overdue(now)
    }

    /// What could be used at most: the path is not asked for more, nor for more than it is ever believed to carry,
    /// which there would be no end of.
    pub fn set_wanted(&mut self, wanted: Bitrate) {
        self.wanted = wanted.min(MAX_RATE);
    }

    /// When to call [`Estimator::handle_timeout`] and then [`Estimator::poll_probe`].
    pub fn poll_timeout(&self) -> Time {
        self.silence.min(self.prober.timeout(self.wanted > self.control.rate()))
    }

    /// Lowers the rate when feedback fails to come, ends a probe that got no answer, puts off one that
    /// is due at a bad time.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.silence <= now {
            let before = self.control.rate();
            self.control.reduce_to(before.permille(SILENT_DECREASE), now);
            self.loss.restart(self.flight.next(), now);
            self.prober.fell(before, self.control.rate(), now);
            self.silence = Time::NEVER;
            self.silences = self.silences.saturating_add(1);
        }
        self.probed(now);
        if !self.is_calm(now) {
            self.prober.put_off(now);
        }
    }

    fn probed(&mut self, now: Time) {
        if let Some(rate) = self.prober.result(now)
            && (self.delay.detector.usage() != Usage::Over || self.is_noisy() || self.rivals.present(now))
        {
            self.control.raise_to(rate);
        }
    }

    /// Whether the path may be asked for more: no queue, no loss to speak of, not silent, and time for
    /// the last decrease to show.
    fn is_calm(&self, now: Time) -> bool {
        let settled = self.control.settled(now) >= SILENCE / 2;
        let clear = self.delay.queueing.standing() < QUEUE.max(self.delay.jitter())
            && (self.delay.detector.usage() != Usage::Over || self.is_noisy());
        self.silences == 0 && settled && (clear || self.rivals.present(now))
    }

    /// A probe to be sent now, if the path should be asked for more.
    pub fn poll_probe(&mut self, now: Time) -> Option<Probe> {
        if !self.is_calm(now) {
            return None;
        }
        let rate = self.control.rate();
        let filled = self.control.was_full(now) && !self.flow(now).is_application_limited(rate);
        let held = self.delay.queueing.held();
        self.prober.poll(Ask { estimate: rate, wanted: self.wanted, filled, held }, now)
    }
}
