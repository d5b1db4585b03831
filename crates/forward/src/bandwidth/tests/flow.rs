//! Sources behind estimator and pacer, receivers that send feedback, and the world they share.

use super::link::Link;
use crate::bandwidth::{Estimator, Pacer, Probe};
use crate::bitrate::Bitrate;
use crate::ids::{Seq16, Ssrc};
use crate::ingest::arrivals::Arrivals;
use crate::rtcp::twcc::{Addressing, Encoder};
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const STEP: Duration = Duration::from_micros(500);
const FEEDBACK: Duration = Duration::from_millis(50);
const FRAME: Duration = Duration::from_micros(33_333);
const PACKET: u64 = 1200;

/// The receiver's clock is ahead by this.
const CLOCK: Duration = Duration::from_secs(5000);

pub struct Flow {
    pub estimator: Estimator,
    pacer: Pacer,
    /// Sends the lesser of this and the estimate.
    pub source: Bitrate,
    pub from: Time,
    pub feedback_lost: bool,
    /// Media waiting for the pacer, in bytes, and the part of a byte left from the last frame.
    waiting: u64,
    next_frame: Time,
    probe: Option<(Probe, u64, u32)>,
    arrivals: Arrivals,
    encoder: Encoder,
    next_feedback: Time,
    returning: VecDeque<(Time, Vec<u8>)>,
    pub probes: u32,
    /// The estimate at each step.
    pub trace: Vec<Bitrate>,
}

impl Flow {
    pub fn new(initial: Bitrate, wanted: Bitrate, source: Bitrate, from: Time) -> Self {
        let mut estimator = Estimator::new(initial, from);
        estimator.set_wanted(wanted);
        Self {
            estimator,
            pacer: Pacer::new(initial, from),
            source,
            from,
            feedback_lost: false,
            waiting: 0,
            next_frame: from,
            probe: None,
            arrivals: Arrivals::default(),
            encoder: Encoder::default(),
            next_feedback: from,
            returning: VecDeque::new(),
            probes: 0,
            trace: vec![],
        }
    }

    fn step(&mut self, at: usize, link: &mut Link, now: Time) {
        while self.returning.front().is_some_and(|(due, _)| *due <= now) {
            let (_, fci) = self.returning.pop_front().unwrap();
            self.estimator.feedback(&fci, now);
        }
        if self.estimator.poll_timeout() <= now {
            self.estimator.handle_timeout(now);
        }
        if let Some(probe) = self.estimator.poll_probe(now) {
            self.probe = Some((probe, 0, 0));
            self.probes += 1;
        }
        assert!(self.estimator.poll_timeout() > now, "a timeout that has been handled");
        if self.next_frame <= now {
            self.next_frame += FRAME;
            self.waiting += self.source.min(self.estimator.estimate()).bytes_in(FRAME);
            // What is too old is not sent.
            self.waiting = self.waiting.min(self.estimator.estimate().bytes_in(Duration::from_millis(200)));
        }
        let media = self.estimator.estimate().permille(2500);
        match self.probe {
            Some((probe, ..)) => self.pacer.set_probe_rate(probe.rate, now),
            None => self.pacer.set_rate(media, now),
        }
        while self.pacer.ready(now) && (self.waiting > 0 || self.probe.is_some()) {
            let size = if self.waiting > 0 { self.waiting.min(PACKET) } else { PACKET / 2 };
            self.waiting = self.waiting.saturating_sub(size);
            let size = size + 50;
            let id = self.probe.map(|(probe, ..)| probe.id);
            let seq = self.estimator.sent(usize::try_from(size).unwrap(), id, now);
            self.pacer.spent(size, now);
            link.send(at, seq.0, size, now);
            if let Some((probe, bytes, packets)) = &mut self.probe {
                *bytes += size;
                *packets += 1;
                if *bytes >= probe.bytes && *packets >= probe.packets {
                    self.probe = None;
                }
            }
        }
        self.trace.push(self.estimator.estimate());
    }

    fn receive(&mut self, seq: u16, arrival: Time) {
        self.arrivals.record(Seq16(seq), arrival + CLOCK);
    }

    fn send_feedback(&mut self, delay: Duration, now: Time) {
        if now < self.next_feedback {
            return;
        }
        self.next_feedback = now + FEEDBACK;
        loop {
            let (base, unreported) = self.arrivals.unreported();
            let to = Addressing { sender: Ssrc(1), media: Ssrc(2), base: base.wire(), count: 0 };
            let (packet, taken) = self.encoder.encode(to, unreported);
            if taken == 0 {
                return;
            }
            if !self.feedback_lost {
                self.returning.push_back((now + delay, packet[12..].to_vec()));
            }
            if !self.arrivals.reported(taken) {
                return;
            }
        }
    }
}

pub struct World {
    pub link: Link,
    pub flows: Vec<Flow>,
    pub now: Time,
    arriving: BTreeMap<(Time, u64), (usize, u16)>,
    count: u64,
}

impl World {
    pub fn new(link: Link, flows: impl IntoIterator<Item = Flow>) -> Self {
        let flows = flows.into_iter().collect();
        Self { link, flows, now: Time::ZERO, arriving: BTreeMap::new(), count: 0 }
    }

    /// One flow that wants and sends up to `wanted`, from 300 kbit/s.
    pub fn single(link: Link, wanted: Bitrate) -> Self {
        Self::new(link, [Flow::new(Bitrate::kbit(300), wanted, wanted, Time::ZERO)])
    }

    pub fn run(&mut self, millis: u64) -> &mut Self {
        let end = self.now + Duration::from_millis(millis);
        while self.now < end {
            self.now += STEP;
            let now = self.now;
            for (at, flow) in self.flows.iter_mut().enumerate().filter(|(_, flow)| flow.from <= now) {
                flow.step(at, &mut self.link, now);
            }
            for (flow, seq, arrival) in self.link.take(now) {
                self.count += 1;
                self.arriving.insert((arrival, self.count), (flow, seq));
            }
            while let Some(first) = self.arriving.first_entry().filter(|first| first.key().0 <= now) {
                let (arrival, _) = *first.key();
                let (flow, seq) = first.remove();
                self.flows[flow].receive(seq, arrival);
            }
            for flow in self.flows.iter_mut().filter(|flow| flow.from <= now) {
                flow.send_feedback(self.link.delay, now);
            }
        }
        self
    }

    pub fn estimate(&self) -> Bitrate {
        self.flows[0].estimator.estimate()
    }

    /// The first flow's estimates over the last so many milliseconds.
    pub fn last(&self, millis: usize) -> &[Bitrate] {
        let trace = &self.flows[0].trace;
        &trace[trace.len().saturating_sub(millis * 2)..]
    }

    /// How long after the last `millis` began the condition first held, in ms.
    pub fn first(&self, millis: usize, condition: impl Fn(Bitrate) -> bool) -> Option<usize> {
        self.last(millis).iter().position(|rate| condition(*rate)).map(|steps| steps / 2)
    }

    /// The longest that the estimate stayed above `rate` over the last `millis`, in ms.
    pub fn longest_above(&self, millis: usize, rate: Bitrate) -> usize {
        let runs = self.last(millis).split(|estimate| *estimate <= rate);
        runs.map(<[Bitrate]>::len).max().unwrap_or(0) / 2
    }

    /// Prints each second's estimates when a test is run with `--nocapture`.
    pub fn show(&self, name: &str) {
        for (at, flow) in self.flows.iter().enumerate() {
            let seconds: Vec<_> = flow.trace.chunks(1000).map(|half| half[half.len() - 1].0 / 1000).collect();
            println!("{name} flow {at}, {} probes, kbit/s each 500 ms: {seconds:?}", flow.probes);
        }
    }
}

pub fn average(rates: &[Bitrate]) -> Bitrate {
    Bitrate(rates.iter().copied().sum::<Bitrate>().0 / u64::try_from(rates.len().max(1)).unwrap())
}
