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

/// What stands for a packet that was padding only: one byte of padding, counting itself.
const PADDING: [u8; 1] = [1];

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
    // RTX needs no padding: the original number alone stands for an empty packet.
    let (ssrc, seq, payload_type, original, padding) = match envelope {
        Envelope::Media { ssrc, seq } => (ssrc, seq, rewrite.payload_type, None, payload.is_empty()),
        Envelope::Rtx { ssrc, seq, original } => {
            let payload_type = rewrite.rtx_payload_type.unwrap_or(rewrite.payload_type);
            (ssrc, seq, payload_type, Some(original.0.to_be_bytes()), false)
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
    let header = fixed_header(marker, padding, !block.is_empty(), payload_type, seq.wire(), time, ssrc);
    let original = original.as_ref().map_or(&[][..], |bytes| bytes);
    let body = if padding { &PADDING[..] } else { payload };
    let header_len = FIXED_LEN + block.len();
    let len = header_len + original.len() + body.len();
    egress.rtp(to, RtpOut { ssrc, index: seq.0, header_len, len }, |buffer| {
        let buffer = copy(copy(copy(buffer, &header), block), original);
        if let Some(room) = buffer.get_mut(..body.len()) {
            room.copy_from_slice(body);
            rewrite.payload(&entry.fields, kept.shift, room);
        }
    });
    len
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
        buffer.fill(0);
        if let Some(last) = buffer.get_mut(usize::from(FILLER) - 1) {
            *last = FILLER;
        }
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
    for (to, from) in room.iter_mut().zip(bytes) {
        *to = *from;
    }
    rest
}
