//! Keyframe requests toward one ingress stream: when to send a PLI (RFC 4585 §6.3.1).
//!
//! Owns throttling, coalescing over subscribers and asking again. Who waits for a keyframe is the
//! slots' business; writing the PLI is `rtcp`'s.

use crate::time::Time;
use std::time::Duration;

/// Shortest time between two requests: an encoder needs time to answer, and keyframes are large.
const MIN_INTERVAL: Duration = Duration::from_millis(300);

/// How soon to ask again while a slot still waits.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// A stream silent for this long is muted or gone: requests back off until it sends again.
const SILENCE: Duration = Duration::from_secs(3);

/// Longest back-off, as a power of two of [`ASK_AGAIN`]: 8 s.
const MAX_BACKOFF: u32 = 4;

/// One stream's request state.
///
/// ```text
/// Quiet ──request──▶ Due ──sent, a slot waits──▶ Due (again)
///   ▲                 │
///   └── sent or kept, and no slot waits
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyframeRequests {
    state: State,
    last_sent: Option<Time>,
    backoff: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Quiet,
    /// At this time, ask: if someone asked outright in any case, otherwise only if a slot still waits.
    Due { at: Time, outright: bool },
}

impl KeyframeRequests {
    /// Someone needs a keyframe: a slot took the stream up, or a receiver's decoder lost its way.
    pub fn request(&mut self, now: Time) {
        let interval = if self.backoff == 0 { MIN_INTERVAL } else { self.ask_again() };
        let earliest = self.last_sent.map_or(now, |sent| now.max(sent + interval));
        let at = match self.state {
            State::Quiet => earliest,
            State::Due { at, .. } => at.min(earliest),
        };
        self.state = State::Due { at, outright: true };
    }

    /// A keyframe began. It serves everyone who asked; slots it missed are looked at again later.
    pub fn began(&mut self, now: Time) {
        if self.state != State::Quiet {
            self.state = State::Due { at: now + ASK_AGAIN, outright: false };
        }
        self.backoff = 0;
    }

    /// The stream sends again after a silence: what is still wanted is asked for at once.
    pub fn revived(&mut self, now: Time) {
        self.backoff = 0;
        if self.state != State::Quiet {
            self.request(now);
        }
    }

    /// When to call [`Self::fire`].
    pub fn due(&self) -> Time {
        match self.state {
            State::Quiet => Time::NEVER,
            State::Due { at, .. } => at,
        }
    }

    /// Whether to send a request now. `waiting`: a slot waits for this stream; `heard`: when it last sent.
    pub fn fire(&mut self, now: Time, waiting: bool, heard: Option<Time>) -> bool {
        let State::Due { at, outright } = self.state else { return false };
        if at > now {
            return false;
        }
        if !outright && !waiting {
            self.state = State::Quiet;
            return false;
        }
        // Nobody to ask yet; the first packet revives.
        let Some(heard) = heard else {
            self.state = State::Due { at: Time::NEVER, outright };
            return false;
        };
        let silent = now.since(heard) >= SILENCE;
        self.backoff = if silent { (self.backoff + 1).min(MAX_BACKOFF) } else { 0 };
        self.last_sent = Some(now);
        let again = State::Due { at: now + self.ask_again(), outright: false };
        self.state = if waiting { again } else { State::Quiet };
        true
    }

    fn ask_again(&self) -> Duration {
        ASK_AGAIN * (1 << self.backoff)
    }

    /// Whether a packet at `now` ends a silence.
    pub fn ends_silence(now: Time, heard: Option<Time>) -> bool {
        heard.is_none_or(|heard| now.since(heard) >= SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Time {
        Time(millis * 1000)
    }

    fn sent(
        requests: &mut KeyframeRequests,
        from: u64,
        to: u64,
        waiting: bool,
        heard: impl Fn(u64) -> u64,
    ) -> Vec<u64> {
        (from..to).filter(|now| requests.fire(millis(*now), waiting, Some(millis(heard(*now))))).collect()
    }

    #[test]
    fn many_requests_become_few() {
        let mut requests = KeyframeRequests::default();
        let mut times = vec![];
        for now in 1000..2000 {
            requests.request(millis(now));
            if requests.fire(millis(now), false, Some(millis(now))) {
                times.push(now);
            }
        }
        assert_eq!(times, [1000, 1300, 1600, 1900]);
    }

    #[test]
    fn asks_again_while_a_slot_waits_and_stops_after() {
        let mut requests = KeyframeRequests::default();
        requests.request(millis(0));
        assert_eq!(sent(&mut requests, 0, 1200, true, |now| now), [0, 500, 1000]);
        assert_eq!(sent(&mut requests, 1200, 9000, false, |now| now), []);
    }

    #[test]
    fn a_keyframe_serves_a_request_still_waiting_its_turn() {
        let mut requests = KeyframeRequests::default();
        requests.request(millis(0));
        assert!(requests.fire(millis(0), true, Some(millis(0))));
        requests.request(millis(100));
        requests.began(millis(150));
        assert_eq!(sent(&mut requests, 150, 2000, false, |now| now), []);
    }

    #[test]
    fn a_silent_stream_is_asked_ever_less_and_at_once_when_it_returns() {
        let mut requests = KeyframeRequests::default();
        requests.request(millis(10_000));
        assert_eq!(
            sent(&mut requests, 10_000, 40_000, true, |_| 0),
            [10_000, 11_000, 13_000, 17_000, 25_000, 33_000]
        );
        requests.revived(millis(40_000));
        assert_eq!(sent(&mut requests, 40_000, 40_600, true, |now| now), [40_000, 40_500]);
    }
}
