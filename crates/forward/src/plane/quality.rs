//! How media flows to and from one peer, for the person to see.
//!
//! Owns reading the numbers and saying what limits a picture. Asked about once a second; each answer covers the
//! time since the one before.

use super::Plane;
use super::peer::Presence;
use crate::allocate::Target;
use crate::bitrate::Bitrate;
use crate::codec::Kind;
use crate::ids::{Mid, PeerKey, SlotKey};
use crate::ingest::publication::{Publication, bit};
use crate::ingest::stream::Stream;
use crate::slot::Looked;
use crate::time::Time;
use std::time::Duration;

/// How media flows to and from one peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerQuality {
    /// From the peer.
    pub uplink: LinkQuality,
    /// To the peer.
    pub downlink: LinkQuality,
    /// What it sends, by line; one that sends nothing is left out.
    pub sending: Vec<LineQuality>,
    /// What it is sent, by slot; an idle slot is left out.
    pub slots: Vec<LineQuality>,
}

/// One direction of a peer's path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkQuality {
    /// Of everything, on the wire.
    pub bitrate: Bitrate,
    /// What the path is believed to bear.
    pub estimate: Option<Bitrate>,
    /// Packets lost on the way, in thousandths.
    pub loss: u16,
    /// Round trip.
    pub rtt: Option<Duration>,
}

/// One line's media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineQuality {
    /// The line or slot.
    pub mid: Mid,
    /// Of its media, on the wire.
    pub bitrate: Bitrate,
    /// Packets lost between its publisher and here, in thousandths.
    pub loss: u16,
    /// Pixels across; 0 for sound, and while it is not known.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Per second; 0 for sound.
    pub frames: u16,
    /// Why it is no better.
    pub limit: QualityLimit,
}

/// Why a picture is no better than it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QualityLimit {
    /// It is all that there is.
    #[default]
    None,
    /// It is shown no larger, or nobody watches.
    View,
    /// The receiver's path.
    Downlink,
    /// The publisher's path.
    Uplink,
    /// The server has too much to do.
    Server,
}

/// An encoding that is wanted and was not heard for so long is held back by its publisher's path.
const MISSING: Duration = Duration::from_millis(1500);

/// Loss on the way from a publisher, in thousandths, from which it is what limits the picture.
const LOSSY: u16 = 50;

impl Plane {
    /// How media flowed since the last call for this peer; `None` for one that is not connected. For a guest this only
    /// looks how well its packets come, which its receivers are told of.
    pub fn quality(&mut self, key: PeerKey, now: Time) -> Option<PeerQuality> {
        self.tick(now);
        let presence = self.peers.get(key).map(|peer| peer.presence)?;
        let mut quality = PeerQuality::default();
        self.sending_quality(key, now, &mut quality);
        if presence != Presence::Connected {
            return None;
        }
        let slots: Vec<SlotKey> = self.peers.get(key)?.slots.iter().map(|(_, slot)| *slot).collect();
        let mut receiver_loss = 0;
        for slot in slots {
            let Some((line, lost)) = self.slot_quality(slot, now) else { continue };
            quality.downlink.bitrate += line.bitrate;
            receiver_loss = lost.max(receiver_loss);
            quality.slots.push(line);
        }
        let peer = self.peers.get_mut(key)?;
        quality.uplink.rtt = peer.rtt.measured();
        quality.downlink.rtt = peer.rtt.measured();
        quality.downlink.loss = receiver_loss;
        if let Some(downlink) = peer.downlink.as_mut() {
            // All that goes to it, repairs and probes too.
            quality.downlink.bitrate = downlink.sent_since_look(now);
            quality.downlink.estimate = Some(downlink.estimator.estimate());
            quality.downlink.loss = u16::try_from(downlink.estimator.loss()).unwrap_or(u16::MAX);
            quality.downlink.rtt = downlink.estimator.rtt().or(quality.downlink.rtt);
        }
        Some(quality)
    }

    fn sending_quality(&mut self, key: PeerKey, now: Time, quality: &mut PeerQuality) {
        let Some(peer) = self.peers.get(key) else { return };
        let (mut expected, mut received) = (0, 0);
        for line in peer.publications.clone() {
            let Some(publication) = self.publications.get(line) else { continue };
            let mut bitrate = Bitrate::ZERO;
            let (mut line_expected, mut line_received) = (0, 0);
            for stream in publication.streams().collect::<Vec<_>>() {
                let Some(stream) = self.streams.get_mut(stream) else { continue };
                bitrate += stream.meter.now(now).total();
                let (more, got) = stream.packets_since_look();
                (line_expected, line_received) = (line_expected + more, line_received + got);
            }
            (expected, received) = (expected + line_expected, received + line_received);
            quality.uplink.bitrate += bitrate;
            let Some(publication) = self.publications.get_mut(line) else { continue };
            publication.loss = loss(line_expected, line_received);
            let Some(publication) = self.publications.get(line).filter(|_| bitrate > Bitrate::ZERO) else {
                continue;
            };
            let best = self.best_stream(publication);
            let (width, height, frames) = best.map_or((0, 0, 0), |stream| picture(stream, now));
            let limit = self.limit_of_sender(publication, now);
            let (mid, loss) = (publication.mid, publication.loss);
            quality.sending.push(LineQuality { mid, bitrate, loss, width, height, frames, limit });
        }
        quality.uplink.loss = loss(expected, received);
    }

    /// A slot's line, and what its receiver reported lost in thousandths.
    fn slot_quality(&mut self, key: SlotKey, now: Time) -> Option<(LineQuality, u16)> {
        let slot = self.slots.get_mut(key)?;
        let publication = slot.publication?;
        let span = now.since(slot.looked.at);
        let (bytes, frames) = (slot.payload_bytes - slot.looked.bytes, slot.frames - slot.looked.frames);
        slot.looked = Looked { at: now, bytes: slot.payload_bytes, frames: slot.frames };
        let slot = self.slots.get(key)?;
        let line = self.publications.get(publication)?;
        let current = slot.current().and_then(|stream| self.streams.get(stream));
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
        let (width, height, _) = current.map_or((0, 0, 0), |stream| picture(stream, now));
        let frames = match slot.kind {
            Kind::Audio => 0,
            Kind::Video => u16::try_from((frames * 1000 + millis / 2) / millis).unwrap_or(u16::MAX),
        };
        let limit = match slot.kind {
            Kind::Audio => QualityLimit::None,
            Kind::Video => self.limit_of_slot(key, line, now),
        };
        let lost = u16::from(slot.reception.fraction_lost) * 125 / 32;
        let bitrate = Bitrate::of(bytes, span.max(Duration::from_millis(1)));
        Some((LineQuality { mid: slot.mid, bitrate, loss: line.loss, width, height, frames, limit }, lost))
    }

    /// The highest encoding of a publication that comes, or came last.
    pub(super) fn best_stream(&self, publication: &Publication) -> Option<&Stream> {
        let streams = publication.streams().filter_map(|key| self.streams.get(key));
        streams.max_by_key(|stream| (self.comes(publication, stream.encoding, MISSING), stream.encoding))
    }

    fn limit_of_sender(&self, line: &Publication, now: Time) -> QualityLimit {
        let told = line.wanted.told();
        let missing = line.encodings.iter().enumerate().any(|(place, encoding)| {
            // One that never came is none that its sender can make.
            line.was_asked_for(place, MISSING, now)
                && !encoding.absent
                && encoding.stream.is_some()
                && !self.comes(line, place, MISSING)
        });
        let top = line.encodings.iter().rposition(|encoding| !encoding.absent).unwrap_or(0);
        if line.kind == Kind::Audio {
            QualityLimit::None
        } else if line.loss >= LOSSY || missing {
            QualityLimit::Uplink
        } else if told & bit(top) == 0 {
            QualityLimit::View
        } else {
            QualityLimit::None
        }
    }

    fn limit_of_slot(&self, key: SlotKey, line: &Publication, now: Time) -> QualityLimit {
        let Some(slot) = self.slots.get(key) else { return QualityLimit::None };
        let place = match slot.target {
            Target::Nothing => return QualityLimit::View,
            Target::Paused if slot.shed => return QualityLimit::Server,
            Target::Paused => return QualityLimit::Downlink,
            Target::Layer { encoding, .. } => usize::from(encoding),
        };
        let current = slot.current().and_then(|stream| self.streams.get(stream));
        let below_target = current.is_none_or(|stream| stream.encoding < place);
        let stopped = line.stream_of(place).is_some() && !self.comes(line, place, MISSING);
        if line.loss >= LOSSY || (below_target && stopped && line.was_asked_for(place, MISSING, now)) {
            QualityLimit::Uplink
        } else if slot.shed {
            QualityLimit::Server
        } else if slot.short {
            QualityLimit::Downlink
        } else if line.encodings.iter().skip(place + 1).any(|encoding| !encoding.absent) {
            QualityLimit::View
        } else {
            QualityLimit::None
        }
    }
}

fn picture(stream: &Stream, now: Time) -> (u16, u16, u16) {
    let (width, height) = stream.size.map_or((0, 0), |size| (size.width, size.height));
    match stream.kind {
        Kind::Audio => (0, 0, 0),
        Kind::Video => (width, height, stream.meter.now(now).frames(u8::MAX)),
    }
}

fn loss(expected: u64, received: u64) -> u16 {
    let lost = expected.saturating_sub(received);
    u16::try_from((lost * 1000).checked_div(expected).unwrap_or(0)).unwrap_or(1000)
}
