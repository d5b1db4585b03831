//! Building an egress packet from a stream's history: the copy that goes into the send buffer.
//!
//! Owns the egress layout: fixed header, for RTX the original number (RFC 4588 §4), the payload, and the
//! rewrite of its picture numbers. The same `Media` packet always gives the same bytes; see `rewrite`.

use crate::egress::{Egress, RtpOut};
use crate::history::Entry;
use crate::ids::{PeerKey, Seq16, Seq64, Ssrc};
use crate::rewrite::Rewrite;
use crate::rtp::header::{FIXED_LEN, fixed_header};

/// A payload in a history, and the rewrite it goes through.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub entry: &'a Entry,
    pub payload: &'a [u8],
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

/// What stands for a packet that was padding only: one byte of padding, counting itself.
const PADDING: [u8; 1] = [1];

/// Sends one packet; returns its length.
pub(crate) fn send(to: PeerKey, envelope: Envelope, source: Source, egress: &mut impl Egress) -> usize {
    let Source { entry, payload, rewrite } = source;
    let time = rewrite.time(entry.time);
    // RTX needs no padding: the original number alone stands for an empty packet.
    let (ssrc, seq, payload_type, original, padding) = match envelope {
        Envelope::Media { ssrc, seq } => (ssrc, seq, rewrite.payload_type, None, payload.is_empty()),
        Envelope::Rtx { ssrc, seq, original } => {
            let payload_type = rewrite.rtx_payload_type.unwrap_or(rewrite.payload_type);
            (ssrc, seq, payload_type, Some(original.0.to_be_bytes()), false)
        }
    };
    let header = fixed_header(entry.marker, padding, payload_type, seq.wire(), time, ssrc);
    let original = original.as_ref().map_or(&[][..], |bytes| bytes);
    let body = if padding { &PADDING[..] } else { payload };
    let len = FIXED_LEN + original.len() + body.len();
    egress.rtp(to, RtpOut { ssrc, index: seq.0, header_len: FIXED_LEN, len }, |buffer| {
        let buffer = copy(copy(buffer, &header), original);
        if let Some(room) = buffer.get_mut(..body.len()) {
            room.copy_from_slice(body);
            rewrite.payload(&entry.fields, room);
        }
    });
    len
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
