//! RTCP on the wire (RFC 3550 §6, RFC 4585, RFC 5104): reading compounds, and writing ours.

pub(crate) mod nack;
pub(crate) mod outbox;
pub(crate) mod reader;
pub(crate) mod remb;
pub(crate) mod report;
pub(crate) mod twcc;
pub(crate) mod twcc_reader;

/// Sender report.
pub(crate) const SR: u8 = 200;
/// Receiver report.
pub(crate) const RR: u8 = 201;
/// Source description.
pub(crate) const SDES: u8 = 202;
/// Goodbye.
pub(crate) const BYE: u8 = 203;
/// Transport layer feedback (RFC 4585 §6.2).
pub(crate) const RTPFB: u8 = 205;
/// Payload-specific feedback (RFC 4585 §6.3).
pub(crate) const PSFB: u8 = 206;

/// Generic NACK, an [`RTPFB`] format.
pub(crate) const FMT_NACK: u8 = 1;
/// Transport-wide congestion control feedback, an [`RTPFB`] format.
pub(crate) const FMT_TRANSPORT_CC: u8 = 15;
/// Picture loss indication, a [`PSFB`] format.
pub(crate) const FMT_PLI: u8 = 1;
/// Full intra request (RFC 5104 §4.3.1), a [`PSFB`] format.
pub(crate) const FMT_FIR: u8 = 4;

/// Application layer feedback, a [`PSFB`] format: REMB alone.
pub(crate) const FMT_REMB: u8 = 15;

/// The common header; `body_len` is in bytes and a multiple of four.
pub(crate) fn header(count_or_format: u8, kind: u8, body_len: usize) -> [u8; 4] {
    let [l0, l1] = u16::try_from(body_len / 4).unwrap_or(u16::MAX).to_be_bytes();
    [0x80 | (count_or_format & 0x1f), kind, l0, l1]
}

/// A picture loss indication about `media` (RFC 4585 §6.3.1).
pub(crate) fn write_pli(sender: crate::ids::Ssrc, media: crate::ids::Ssrc, out: &mut Vec<u8>) {
    out.extend(header(FMT_PLI, PSFB, 8));
    out.extend(sender.0.to_be_bytes());
    out.extend(media.0.to_be_bytes());
}
