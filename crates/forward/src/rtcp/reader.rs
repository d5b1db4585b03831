//! Walking a compound RTCP packet (RFC 3550 §6.1, A.2).
//!
//! Owns bounds checking. Packets of kinds not used here are passed over; what is malformed ends the walk.

use super::{BYE, FMT_FIR, FMT_NACK, FMT_PLI, FMT_TRANSPORT_CC, PSFB, RR, RTPFB, SR};
use crate::clock::{Ntp, SenderReport};
use crate::ids::{RtpTime, Ssrc};

/// One packet of a compound, as far as the plane uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    SenderReport {
        ssrc: Ssrc,
        report: SenderReport,
        blocks: &'a [u8],
    },
    ReceiverReport {
        blocks: &'a [u8],
    },
    Bye {
        sources: &'a [u8],
    },
    Nack {
        media: Ssrc,
        items: &'a [u8],
    },
    Pli {
        media: Ssrc,
    },
    Fir {
        items: &'a [u8],
    },
    /// Transport-wide feedback; `twcc_reader` reads the rest.
    TransportFeedback {
        fci: &'a [u8],
    },
    /// SDES, REMB, and what is not known.
    Other,
}

/// What is left of a compound could not be walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The packets of a compound, up to the first that is malformed.
pub(crate) fn packets(compound: &[u8]) -> impl Iterator<Item = Result<Packet<'_>, Malformed>> {
    let mut rest = Some(compound).filter(|compound| !compound.is_empty());
    std::iter::from_fn(move || {
        let Some((packet, after)) = rest.and_then(split) else {
            return rest.take().map(|_| Err(Malformed));
        };
        rest = Some(after).filter(|after| !after.is_empty());
        Some(Ok(packet))
    })
}

/// A report block (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub ssrc: Ssrc,
    pub fraction_lost: u8,
    /// 24 bits, signed.
    pub cumulative_lost: i32,
    pub extended_highest: u32,
    pub jitter: u32,
    pub last_sr: u32,
    /// In 1/65536 s.
    pub delay_since_sr: u32,
}

/// The blocks of a report.
pub(crate) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Block> {
    let (blocks, _) = bytes.as_chunks::<24>();
    blocks.iter().filter_map(|block| {
        let (words, _) = block.as_chunks::<4>();
        let mut words = words.iter().map(|word| u32::from_be_bytes(*word));
        let (ssrc, loss) = (Ssrc(words.next()?), words.next()?);
        let [fraction_lost, ..] = loss.to_be_bytes();
        Some(Block {
            ssrc,
            fraction_lost,
            cumulative_lost: (loss << 8).cast_signed() >> 8,
            extended_highest: words.next()?,
            jitter: words.next()?,
            last_sr: words.next()?,
            delay_since_sr: words.next()?,
        })
    })
}

/// SSRCs in a row, as in a BYE.
pub(crate) fn sources(bytes: &[u8]) -> impl Iterator<Item = Ssrc> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| Ssrc(u32::from_be_bytes(*word)))
}

/// The SSRCs a FIR's items ask keyframes of (RFC 5104 §4.3.1.1).
pub(crate) fn fir_targets(items: &[u8]) -> impl Iterator<Item = Ssrc> {
    let (items, _) = items.as_chunks::<8>();
    items.iter().map(|&[s0, s1, s2, s3, ..]| Ssrc(u32::from_be_bytes([s0, s1, s2, s3])))
}

fn split(bytes: &[u8]) -> Option<(Packet<'_>, &[u8])> {
    let (&[flags, kind, l0, l1], rest) = bytes.split_first_chunk()?;
    if flags >> 6 != 2 {
        return None;
    }
    let (mut body, rest) = rest.split_at_checked(4 * usize::from(u16::from_be_bytes([l0, l1])))?;
    if flags & 0x20 != 0 {
        let padding = usize::from(*body.last()?);
        body = body.get(..body.len().checked_sub(padding)?)?;
    }
    Some((read(flags & 0x1f, kind, body)?, rest))
}

fn read(count_or_format: u8, kind: u8, body: &[u8]) -> Option<Packet<'_>> {
    let count = usize::from(count_or_format);
    Some(match (kind, count_or_format) {
        (SR, _) => {
            let (&[s0, s1, s2, s3], body) = body.split_first_chunk()?;
            let (ntp, body) = body.split_first_chunk()?;
            let (time, body) = body.split_first_chunk()?;
            let (_counts, body) = body.split_first_chunk::<8>()?;
            Packet::SenderReport {
                ssrc: Ssrc(u32::from_be_bytes([s0, s1, s2, s3])),
                report: SenderReport {
                    ntp: Ntp(u64::from_be_bytes(*ntp)),
                    time: RtpTime(u32::from_be_bytes(*time)),
                },
                blocks: body.get(..24 * count)?,
            }
        }
        (RR, _) => Packet::ReceiverReport { blocks: body.get(4..)?.get(..24 * count)? },
        (BYE, _) => Packet::Bye { sources: body.get(..4 * count)? },
        (RTPFB, FMT_NACK) => {
            let (media, items) = feedback(body)?;
            Packet::Nack { media, items }
        }
        (RTPFB, FMT_TRANSPORT_CC) => Packet::TransportFeedback { fci: feedback(body)?.1 },
        (PSFB, FMT_PLI) => Packet::Pli { media: feedback(body)?.0 },
        (PSFB, FMT_FIR) => Packet::Fir { items: feedback(body)?.1 },
        _ => Packet::Other,
    })
}

/// Media SSRC and items of a feedback packet, past its sender's SSRC (RFC 4585 §6.1).
fn feedback(body: &[u8]) -> Option<(Ssrc, &[u8])> {
    let (_sender, body) = body.split_first_chunk::<4>()?;
    let (media, items) = body.split_first_chunk()?;
    Some((Ssrc(u32::from_be_bytes(*media)), items))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_a_compound_and_stops_at_rubbish() {
        let mut compound = vec![0x81, 201, 0, 7, 0, 0, 0, 1];
        compound.extend([0, 0, 0, 2, 51, 0xff, 0xff, 0xfe, 0, 1, 0, 9, 0, 0, 0, 7, 1, 2, 3, 4, 0, 0, 0, 5]);
        compound.extend([0x81, 202, 0, 1, 1, 2, 3, 4]); // SDES, not looked into
        compound.extend([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9]);
        compound.extend([0xa1, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 9, 0, 5, 0, 1, 0, 0, 0, 4]); // padded
        compound.extend([0x81, 203, 0, 1, 0, 0, 0, 9]);
        compound.extend([0x80, 203, 0, 9]);
        let found: Vec<_> = packets(&compound).collect();
        let Ok(Packet::ReceiverReport { blocks: bytes }) = found[0] else { panic!("{found:?}") };
        let block = blocks(bytes).next().unwrap();
        assert_eq!((block.ssrc, block.fraction_lost, block.cumulative_lost), (Ssrc(2), 51, -2));
        assert_eq!((block.extended_highest, block.jitter), (0x1_0009, 7));
        assert_eq!((block.last_sr, block.delay_since_sr), (0x0102_0304, 5));
        assert_eq!(found[1], Ok(Packet::Other));
        assert_eq!(found[2], Ok(Packet::Pli { media: Ssrc(9) }));
        assert_eq!(found[3], Ok(Packet::Nack { media: Ssrc(9), items: &[0, 5, 0, 1] }));
        assert_eq!(found[4], Ok(Packet::Bye { sources: &[0, 0, 0, 9] }));
        assert_eq!(found[5..], [Err(Malformed)]);
    }
}
