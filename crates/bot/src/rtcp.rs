//! RTCP, as far as a bot speaks it: reports (RFC 3550 §6.4), NACK and PLI (RFC 4585 §6), transport-wide
//! feedback only heard.

const SR: u8 = 200;
const RR: u8 = 201;
const RTPFB: u8 = 205;
const PSFB: u8 = 206;
/// Blocks of one report (five bits).
pub(crate) const MOST_BLOCKS: usize = 31;

/// A report block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    pub(crate) fraction_lost: u8,
    pub(crate) cumulative_lost: u32,
    pub(crate) extended_highest: u32,
    pub(crate) last_sr: u32,
    /// In 1/65536 s.
    pub(crate) delay_since_sr: u32,
}

/// What a sender report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderInfo {
    pub(crate) ssrc: u32,
    pub(crate) ntp: u64,
    pub(crate) time: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// One packet of a compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    SenderReport { ssrc: u32, ntp: u64 },
    Nack { media: u32, seqs: Vec<u16> },
    KeyframeRequest { media: u32 },
    TransportFeedback,
    Other,
}

/// A sender report without blocks.
pub(crate) fn sender_report(info: &SenderInfo) -> Vec<u8> {
    let mut out = vec![0x80, SR, 0, 6];
    out.extend(info.ssrc.to_be_bytes());
    out.extend(info.ntp.to_be_bytes());
    for word in [info.time, info.packets, info.octets] {
        out.extend(word.to_be_bytes());
    }
    out
}

/// A receiver report of at most [`MOST_BLOCKS`] blocks.
pub(crate) fn receiver_report(sender: u32, blocks: &[Block]) -> Vec<u8> {
    let count = u8::try_from(blocks.len().min(MOST_BLOCKS)).unwrap_or_default();
    let mut out = vec![0x80 | count, RR, 0, 1 + 6 * count];
    out.extend(sender.to_be_bytes());
    for block in blocks.iter().take(MOST_BLOCKS) {
        let loss = (u32::from(block.fraction_lost) << 24) | (block.cumulative_lost & 0x7f_ffff);
        let jitter = 0;
        for word in [block.ssrc, loss, block.extended_highest, jitter, block.last_sr, block.delay_since_sr] {
            out.extend(word.to_be_bytes());
        }
    }
    out
}

/// Asks for packets again, one item each.
pub(crate) fn nack(sender: u32, media: u32, seqs: &[u16]) -> Vec<u8> {
    let mut out = vec![0x81, RTPFB];
    out.extend(u16::try_from(2 + seqs.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(sender.to_be_bytes());
    out.extend(media.to_be_bytes());
    for seq in seqs {
        out.extend(seq.to_be_bytes());
        out.extend([0, 0]);
    }
    out
}

/// Asks for a keyframe.
pub(crate) fn pli(sender: u32, media: u32) -> Vec<u8> {
    let mut out = vec![0x81, PSFB, 0, 2];
    out.extend(sender.to_be_bytes());
    out.extend(media.to_be_bytes());
    out
}

/// The packets of a compound, up to the first that makes no sense.
pub(crate) fn read(mut compound: &[u8]) -> Vec<Packet> {
    let mut packets = Vec::new();
    while let Some((packet, rest)) = split(compound) {
        packets.push(packet);
        compound = rest;
    }
    packets
}

fn split(bytes: &[u8]) -> Option<(Packet, &[u8])> {
    let (&[flags, kind, l0, l1], rest) = bytes.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(4 * usize::from(u16::from_be_bytes([l0, l1])))?;
    let packet = match (kind, flags & 0x1f) {
        (SR, _) => {
            let (ssrc, body) = body.split_first_chunk::<4>()?;
            let (ntp, _) = body.split_first_chunk::<8>()?;
            Packet::SenderReport { ssrc: u32::from_be_bytes(*ssrc), ntp: u64::from_be_bytes(*ntp) }
        }
        (RTPFB, 1) => Packet::Nack { media: media_of(body)?, seqs: nacked(body.get(8..)?) },
        (RTPFB, 15) => Packet::TransportFeedback,
        (PSFB, 1) => Packet::KeyframeRequest { media: media_of(body)? },
        // FIR names its targets in items (RFC 5104 §4.3.1).
        (PSFB, 4) => Packet::KeyframeRequest { media: media_of(body.get(4..)?)? },
        _ => Packet::Other,
    };
    Some((packet, rest))
}

fn media_of(body: &[u8]) -> Option<u32> {
    body.get(4..8)?.try_into().ok().map(u32::from_be_bytes)
}

fn nacked(items: &[u8]) -> Vec<u16> {
    let (items, _) = items.as_chunks::<4>();
    let mut seqs = Vec::new();
    for &[p0, p1, b0, b1] in items {
        let (first, following) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([b0, b1]));
        seqs.push(first);
        seqs.extend((0..16).filter(|bit| following >> bit & 1 == 1).map(|bit| first.wrapping_add(bit + 1)));
    }
    seqs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let info = SenderInfo { ssrc: 1, ntp: 2, time: 3, packets: 4, octets: 5 };
        let mut compound = sender_report(&info);
        compound.extend(nack(9, 7, &[5, 0xffff]));
        compound.extend(pli(9, 7));
        compound.extend(receiver_report(9, &[Block::default(); 2]));
        assert_eq!(
            read(&compound),
            [
                Packet::SenderReport { ssrc: 1, ntp: 2 },
                Packet::Nack { media: 7, seqs: vec![5, 0xffff] },
                Packet::KeyframeRequest { media: 7 },
                Packet::Other,
            ]
        );
    }

    #[test]
    fn a_nacks_bitmask_counts_from_the_next() {
        assert_eq!(nacked(&[0xff, 0xff, 0x80, 0x01]), [0xffff, 0, 15]);
    }
}
