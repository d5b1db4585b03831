//! Building an egress packet from a stream's history: the copy that goes into the send buffer.
//!
//! Owns the egress layout: fixed header, header extensions, for RTX the original number (RFC 4588 §4), the
//! payload, and the rewrite of its picture numbers. The same `Media` packet always gives the same bytes; see
//! `rewrite`. That holds for its extensions too, because SRTP authenticates them under the packet's nonce: so a
//! transport-wide number, new at each sending, goes only into packets that are never sent again as they are.

use crate::codec::red;
use crate::egress::{Egress, RtpOut};
use crate::history::Packet;
use crate::ids::{PayloadType, PeerKey, RtpTime, Seq16, Seq64, Ssrc};
use crate::limits::MAX_PAYLOAD;
use crate::rewrite::Rewrite;
use crate::rtp::extension::Block;
use crate::rtp::header::{FIXED_LEN, fixed_header};
use crate::select::Kept;

/// A packet in a history, and the rewrite it goes through.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub packet: Packet<'a>,
    pub kept: Kept,
    pub rewrite: &'a Rewrite,
}

/// Under which SSRC and numbers it goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// On the media SSRC, the first time or again.
    Media { ssrc: Ssrc, seq: Seq64 },
    /// As a retransmission of `original`.
    Rtx { ssrc: Ssrc, seq: Seq64, original: Seq16 },
}

/// A packet's transport-wide number, and the id it goes under.
pub(crate) type TransportWide = Option<(u8, Seq16)>;

/// Long packets are padded to a multiple of so many bytes. Encoders cut a frame into packets of lengths that differ by
/// one, and only packets of one length leave in one system call (UDP GSO); this costs half a percent of their bytes at
/// most. A packet's padding follows from its length, so that it is the same when it is sent again.
const EVEN: usize = 8;

/// From so many bytes on, for sound and what is small comes singly; and up to so many, to stay a datagram.
const LONG: usize = 600;
const LONGEST: usize = MAX_PAYLOAD;

/// Bytes of padding in a packet of nothing else: the most there can be (RFC 3550 §5.1).
const FILLER: u8 = 255;

/// About how long a packet will be, before its extensions are known: what the estimator reckons with.
pub(crate) fn len(envelope: Envelope, source: Source) -> usize {
    let original = match envelope {
        Envelope::Media { .. } => 0,
        Envelope::Rtx { .. } => 2,
    };
    FIXED_LEN + 8 + original + primary(source.rewrite, source.packet.payload).len()
}

/// Sends one packet; returns its length.
pub(crate) fn send(
    to: PeerKey,
    envelope: Envelope,
    transport_wide: TransportWide,
    source: Source,
    egress: &mut impl Egress,
) -> usize {
    let Source { packet: Packet { entry, payload, dependency }, kept, rewrite } = source;
    let payload = primary(rewrite, payload);
    let time = rewrite.time(entry.time);
    let (ssrc, seq, payload_type, original) = match envelope {
        Envelope::Media { ssrc, seq } => (ssrc, seq, rewrite.payload_type, None),
        Envelope::Rtx { ssrc, seq, original } => {
            let payload_type = rewrite.rtx_payload_type.unwrap_or(rewrite.payload_type);
            (ssrc, seq, payload_type, Some(original.0.to_be_bytes()))
        }
    };
    let mut block = Block::default();
    if let Some((id, seq)) = transport_wide {
        block.push(id, &seq.0.to_be_bytes());
    }
    if let (Some(id), Some(number)) = (rewrite.dependency, entry.fields.frame_number) {
        block.push(id, dependency);
        block.patch_last(1, &rewrite.frame_number(number).to_be_bytes());
    }
    let block = block.finish();
    let marker = kept.ends_frame;
    let original = original.as_ref().map_or(&[][..], |bytes| bytes);
    let header_len = FIXED_LEN + block.len();
    let unpadded = header_len + original.len() + payload.len();
    let len = match unpadded {
        // RTX needs no padding: the original number alone stands for an empty packet.
        _ if payload.is_empty() && original.is_empty() => unpadded + 1,
        LONG..=LONGEST => unpadded.next_multiple_of(EVEN),
        _ => unpadded,
    };
    let padding = len - unpadded;
    let header = fixed_header(marker, padding > 0, !block.is_empty(), payload_type, seq.wire(), time, ssrc);
    egress.rtp(to, RtpOut { ssrc, index: seq.0, header_len, len }, |buffer| {
        let buffer = copy(copy(copy(buffer, &header), block), original);
        if let Some((room, rest)) = buffer.split_at_mut_checked(payload.len()) {
            room.copy_from_slice(payload);
            rewrite.payload(&entry.fields, kept.shift, room);
            if padding > 0 {
                pad(rest, padding);
            }
        }
    });
    len
}

/// Writes padding: zeros, and last how many bytes it takes (RFC 3550 §5.1).
fn pad(buffer: &mut [u8], len: usize) {
    let Some(room) = buffer.get_mut(..len) else { return };
    room.fill(0);
    if let Some(last) = room.last_mut() {
        *last = u8::try_from(len).unwrap_or(0);
    }
}

/// A packet of padding only, on a slot's RTX SSRC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filler {
    pub ssrc: Ssrc,
    pub seq: Seq64,
    pub payload_type: PayloadType,
    pub time: RtpTime,
}

/// Bytes of a [`Filler`] with a transport-wide number.
pub(crate) const FILLER_LEN: usize = FIXED_LEN + 8 + FILLER as usize;

/// Sends a packet of padding only: it takes up room on the path and means nothing.
pub(crate) fn send_filler(
    to: PeerKey,
    filler: Filler,
    transport_wide: TransportWide,
    egress: &mut impl Egress,
) -> usize {
    let mut block = Block::default();
    if let Some((id, seq)) = transport_wide {
        block.push(id, &seq.0.to_be_bytes());
    }
    let block = block.finish();
    let Filler { ssrc, seq, payload_type, time } = filler;
    let header = fixed_header(false, true, !block.is_empty(), payload_type, seq.wire(), time, ssrc);
    let header_len = FIXED_LEN + block.len();
    let len = header_len + usize::from(FILLER);
    egress.rtp(to, RtpOut { ssrc, index: seq.0, header_len, len }, |buffer| {
        let buffer = copy(copy(buffer, &header), block);
        pad(buffer, usize::from(FILLER));
    });
    len
}

/// What is sent of a payload: of RED, for a receiver without it, the primary encoding.
fn primary<'a>(rewrite: &Rewrite, payload: &'a [u8]) -> &'a [u8] {
    if !rewrite.strip_red {
        return payload;
    }
    red::primary(payload).and_then(|(at, _)| payload.get(at..)).unwrap_or_default()
}

/// Copies as much as fits and returns what is left of the buffer.
fn copy<'a>(buffer: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let len = bytes.len().min(buffer.len());
    let (room, rest) = buffer.split_at_mut(len);
    if let Some(bytes) = bytes.get(..len) {
        room.copy_from_slice(bytes);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::descriptor::PictureFields;
    use crate::codec::layer::LayerInfo;
    use crate::history::{Entry, History};
    use crate::ids::StreamKey;
    use crate::rewrite::{Progress, Start};
    use crate::rtp::header::RtpView;
    use crate::time::Time;
    use slotmap::SlotMap;

    /// Keeps a packet and, as the shell does, gives it more room than it needs.
    #[derive(Default)]
    struct Last(Vec<u8>);

    impl Egress for Last {
        fn rtp(&mut self, _: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
            self.0 = vec![0xee; packet.len + 16];
            fill(&mut self.0);
            assert_eq!(self.0.split_off(packet.len), [0xee; 16], "no more than it said");
        }

        fn rtcp(&mut self, _: PeerKey, _: &[u8]) {}
    }

    #[test]
    fn packets_of_nearly_one_length_leave_in_one_length_and_padding_is_not_payload() {
        let to = SlotMap::<PeerKey, ()>::with_key().insert(());
        let start = Start {
            stream: SlotMap::<StreamKey, ()>::with_key().insert(()),
            seq: Seq64(1),
            time: RtpTime(0),
            fields: PictureFields::default(),
            payload_type_in: PayloadType(96),
            payload_type: PayloadType(97),
            rtx_payload_type: Some(PayloadType(98)),
            nack: true,
            strip_red: false,
            dependency: None,
            keeps_picture_ids: false,
        };
        let rewrite = Rewrite::begin(&start, Seq64(9), RtpTime(0), &Progress::before(Seq64(8), RtpTime(0)));
        let entry = Entry {
            seq: Seq64(1),
            time: RtpTime(0),
            arrival: Time(0),
            payload_type: PayloadType(96),
            marker: false,
            keyframe_start: false,
            layer: LayerInfo::default(),
            fields: PictureFields::default(),
        };
        let media = Envelope::Media { ssrc: Ssrc(5), seq: Seq64(9) };
        let rtx = Envelope::Rtx { ssrc: Ssrc(6), seq: Seq64(3), original: Seq16(9) };
        for len in [0, 1, 560, 579, 580, 581, 1100, 1101, 1102, 1103, MAX_PAYLOAD - 1, MAX_PAYLOAD] {
            let payload = vec![7; len];
            let mut history = History::new(2);
            history.insert(entry, &payload, &[]).unwrap();
            let packet = history.get(Seq64(1)).unwrap();
            let source = Source { packet, kept: Kept::default(), rewrite: &rewrite };
            for (envelope, before) in [(media, &[][..]), (rtx, &[0, 9][..])] {
                let mut last = Last::default();
                let sent = send(to, envelope, Some((3, Seq16(4))), source, &mut last);
                let view = RtpView::parse(&last.0).unwrap();
                assert_eq!((sent, view.payload), (last.0.len(), &[before, &payload].concat()[..]), "{len}");
                let even = (600..=1400).contains(&(20 + before.len() + len));
                assert!(!even || sent.is_multiple_of(8), "{len}: {sent}");
            }
        }
    }
}
