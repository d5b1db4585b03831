//! A publication: one send line of a peer, whatever SSRCs feed it now.
//!
//! Owns the line's payload types, its encodings and which stream each is, and the list of slots it feeds.

use crate::codec::{Codec, Kind};
use crate::config::CodecMap;
use crate::ids::{Mid, PayloadType, PeerKey, Rid, SlotKey, StreamKey};
use crate::ingest::allowance::Allowance;
use crate::speaking::Voice;
use crate::time::Time;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Publication {
    pub peer: PeerKey,
    pub mid: Mid,
    pub kind: Kind,
    pub codecs: Vec<CodecMap>,
    /// Lowest first; one, without a name, unless the line is simulcast.
    pub encodings: Vec<Encoding>,
    pub subscribers: Vec<SlotKey>,
    /// What it may bring now.
    pub allowance: Allowance,
    pub wanted: Wanted,
    /// What receivers in other planes want: which plane, and a bit for each encoding.
    wanted_elsewhere: Vec<(u16, u8)>,
    /// When the publisher was last told what is wanted; before that, when the line began.
    told_at: Time,
    /// Packets lost on the way here over the last second or so, in thousandths.
    pub loss: u16,
    /// Of sound: whether it is among the loudest, and so forwarded.
    pub audible: bool,
    /// Nothing of it is to reach anybody.
    pub held: bool,
    /// Of sound: how loud it is.
    pub voice: Voice,
}

/// One encoding of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Encoding {
    /// None on a line that is not simulcast.
    pub rid: Option<Rid>,
    /// The stream it comes as. Changes when a new SSRC begins to send.
    pub stream: Option<StreamKey>,
    /// Since when its publisher has known that it is wanted, if it is.
    asked_since: Option<Time>,
    /// It was asked for and did not come, while others did: its publisher cannot make it, for its camera is too
    /// small, or does not get it through. Until it comes it is not reckoned with.
    pub absent: bool,
}

impl Encoding {
    fn asked_for(rid: Option<Rid>, now: Time) -> Self {
        Self { rid, stream: None, asked_since: Some(now), absent: false }
    }
}

/// An encoding that was asked for so long ago and never came is absent.
const ABSENT: Duration = Duration::from_millis(1500);

/// What a payload type of the line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    Media {
        codec: Codec,
        nack: bool,
    },
    /// Retransmissions of that payload type.
    Rtx {
        original: PayloadType,
    },
}

impl Publication {
    pub fn new(peer: PeerKey, mid: Mid, kind: Kind, now: Time) -> Self {
        Self {
            peer,
            mid,
            kind,
            codecs: Vec::new(),
            encodings: vec![Encoding::asked_for(None, now)],
            subscribers: Vec::new(),
            allowance: Allowance::default(),
            wanted: Wanted::all(1),
            wanted_elsewhere: Vec::new(),
            told_at: now,
            loss: 0,
            audible: true,
            held: false,
            voice: Voice::default(),
        }
    }

    /// Takes over the names of its encodings; true if they are others than before.
    pub fn name_encodings(&mut self, rids: &[Rid], now: Time) -> bool {
        let same = match rids {
            [] => matches!(self.encodings.as_slice(), [Encoding { rid: None, .. }]),
            rids => self.encodings.iter().map(|encoding| encoding.rid).eq(rids.iter().copied().map(Some)),
        };
        if !same {
            self.encodings = rids.iter().map(|rid| Encoding::asked_for(Some(*rid), now)).collect();
            if self.encodings.is_empty() {
                self.encodings.push(Encoding::asked_for(None, now));
            }
            self.wanted = Wanted::all(self.encodings.len());
        }
        !same
    }

    /// Its publisher was told nothing: what is wanted is news.
    pub fn expect_nothing(&mut self) {
        self.wanted = Wanted { now: 0, told: 0, until: Time::NEVER };
        for encoding in &mut self.encodings {
            encoding.asked_since = None;
        }
    }

    /// Notes what the receivers in another plane want.
    pub fn want_elsewhere(&mut self, plane: u16, mask: u8) {
        self.wanted_elsewhere.retain(|(other, _)| *other != plane);
        if mask != 0 {
            self.wanted_elsewhere.push((plane, mask));
        }
    }

    /// Notes what its receivers here want now, a bit for each encoding; true if the publisher must be told something.
    pub fn want(&mut self, mask: u8, now: Time) -> bool {
        let mask = self.wanted_elsewhere.iter().fold(mask, |mask, (_, elsewhere)| mask | elsewhere);
        let changed = self.wanted.update(mask, now);
        if changed {
            self.told_at = now;
            let told = self.wanted.told();
            for (place, encoding) in self.encodings.iter_mut().enumerate() {
                let asked = told & bit(place) != 0;
                encoding.asked_since = asked.then(|| encoding.asked_since.unwrap_or(now));
            }
        }
        changed
    }

    /// Whether its publisher has known for at least so long that this encoding is wanted.
    pub fn was_asked_for(&self, encoding: usize, at_least: Duration, now: Time) -> bool {
        let since = self.encodings.get(encoding).and_then(|encoding| encoding.asked_since);
        since.is_some_and(|since| now.since(since) >= at_least)
    }

    /// Since when nothing is known to be sent of it, `heard` being when something was last.
    pub fn quiet_since(&self, heard: Option<Time>) -> Time {
        heard.unwrap_or(Time::ZERO).max(self.told_at)
    }

    /// Looks which encodings come; `comes` says it of a stream.
    pub fn note_absent(&mut self, comes: impl Fn(StreamKey) -> bool, now: Time) {
        let some = self.streams().any(&comes);
        for encoding in &mut self.encodings {
            let here = encoding.stream.is_some_and(&comes);
            let waited = encoding.asked_since.is_some_and(|since| now.since(since) >= ABSENT);
            encoding.absent = !here && (encoding.absent || (some && waited));
        }
    }

    /// Whether the line has named encodings.
    pub fn is_simulcast(&self) -> bool {
        self.encodings.iter().any(|encoding| encoding.rid.is_some())
    }

    /// The place of an encoding by the content of a RID extension.
    pub fn encoding_named(&self, rid: &[u8]) -> Option<usize> {
        self.encodings.iter().position(|encoding| encoding.rid.is_some_and(|known| known.is(rid)))
    }

    /// The stream an encoding comes as.
    pub fn stream_of(&self, encoding: usize) -> Option<StreamKey> {
        self.encodings.get(encoding)?.stream
    }

    /// Every stream it comes as, lowest first.
    pub fn streams(&self) -> impl Iterator<Item = StreamKey> {
        self.encodings.iter().filter_map(|encoding| encoding.stream)
    }

    pub fn carries(&self, payload_type: PayloadType) -> Option<Carries> {
        self.codecs.iter().find_map(|map| {
            if map.payload_type == payload_type {
                Some(Carries::Media { codec: map.codec, nack: map.nack })
            } else if map.rtx == Some(payload_type) {
                Some(Carries::Rtx { original: map.payload_type })
            } else {
                None
            }
        })
    }

    pub fn subscribe(&mut self, slot: SlotKey) {
        if !self.subscribers.contains(&slot) {
            self.subscribers.push(slot);
        }
    }

    pub fn unsubscribe(&mut self, slot: SlotKey) {
        self.subscribers.retain(|subscriber| *subscriber != slot);
    }
}

/// An encoding is reported as unwanted only when it has been so for this long, so that a layout in motion or a
/// short pause does not switch encoders off and on.
const UNWANTED: Duration = Duration::from_secs(2);

/// Which encodings anybody wants, and what the publisher was told of it. Bit k is encoding k.
///
/// A bit that is wanted is told at once, one that is not only after [`UNWANTED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    now: u8,
    told: u8,
    /// When what is told and not wanted any more may be taken back.
    until: Time,
}

impl Wanted {
    /// Before anything was told, a publisher makes all its encodings, so many.
    fn all(count: usize) -> Self {
        let all = u8::try_from((1u32 << count.min(8)) - 1).unwrap_or(u8::MAX);
        Self { now: all, told: all, until: Time::NEVER }
    }

    /// Notes what is wanted now; true if the publisher must be told something.
    pub fn update(&mut self, wanted: u8, now: Time) -> bool {
        if wanted != self.now {
            self.now = wanted;
            self.until = if wanted & self.told == self.told { Time::NEVER } else { now + UNWANTED };
        }
        let told = if now >= self.until { wanted } else { self.told | wanted };
        let changed = told != self.told;
        if now >= self.until {
            self.until = Time::NEVER;
        }
        self.told = told;
        changed
    }

    /// When to look again.
    pub fn due(&self) -> Time {
        self.until
    }

    /// What the publisher was told is wanted.
    pub fn told(&self) -> u8 {
        self.told
    }
}

/// The bit of an encoding in a mask.
pub(crate) fn bit(encoding: usize) -> u8 {
    1u8.checked_shl(u32::try_from(encoding).unwrap_or(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_at_once_and_unwanted_after_a_while() {
        let mut wanted = Wanted::all(3);
        assert!(!wanted.update(0b001, Time(0)));
        assert!(!wanted.update(0b001, Time(1_999_999)));
        assert_eq!(wanted.due(), Time(2_000_000));
        assert!(wanted.update(0b001, Time(2_000_000)));
        assert_eq!((wanted.told(), wanted.due()), (0b001, Time::NEVER));
        assert!(wanted.update(0b100, Time(3_000_000)), "wanted at once");
        assert_eq!(wanted.told(), 0b101);
        assert!(!wanted.update(0b101, Time(3_500_000)), "and both again");
        assert!(!wanted.update(0b101, Time(9_000_000)));
        assert_eq!((wanted.told(), wanted.due()), (0b101, Time::NEVER));
    }

    #[test]
    fn encodings_keep_their_streams_while_their_names_stay() {
        let mut line = Publication::new(PeerKey::default(), Mid::from("1"), Kind::Video, Time(0));
        assert!(!line.name_encodings(&[], Time(0)));
        assert!(line.name_encodings(&["q".into(), "f".into()], Time(0)));
        line.encodings[1].stream = Some(StreamKey::default());
        assert!(!line.name_encodings(&["q".into(), "f".into()], Time(0)));
        assert_eq!((line.encoding_named(b"f"), line.stream_of(1)), (Some(1), Some(StreamKey::default())));
        assert_eq!(line.encoding_named(b"h"), None);
        assert!(line.name_encodings(&["q".into()], Time(0)));
        assert!(line.is_simulcast());
    }

    #[test]
    fn what_was_asked_for_and_does_not_come_is_absent_until_it_comes() {
        let mut line = Publication::new(PeerKey::default(), Mid::from("1"), Kind::Video, Time(0));
        line.name_encodings(&["q".into(), "f".into()], Time(0));
        line.encodings[0].stream = Some(StreamKey::default());
        line.note_absent(|_| true, Time(1_400_000));
        assert!(!line.encodings[1].absent, "too soon to tell");
        line.note_absent(|_| false, Time(1_600_000));
        assert!(!line.encodings[1].absent, "nothing comes at all: the camera is off");
        line.note_absent(|_| true, Time(1_600_000));
        assert!(line.encodings[1].absent && !line.encodings[0].absent);
        line.want(0b01, Time(1_700_000));
        line.want(0b01, Time(4_000_000));
        line.note_absent(|_| true, Time(4_000_000));
        assert!(line.encodings[1].absent, "it is not forgotten");
        line.encodings[1].stream = Some(StreamKey::default());
        line.note_absent(|_| true, Time(5_000_000));
        assert!(!line.encodings[1].absent);
    }
}
