//! Sender and receiver reports, and the SDES that goes with them (RFC 3550 §6.4, §6.5).

use super::reader::Block;
use super::{RR, SDES, SR, header};
use crate::clock::SenderReport;
use crate::ids::Ssrc;

/// Most report blocks in one packet: its count has five bits.
pub(crate) const MAX_BLOCKS: usize = 31;

/// Bytes of a sender report without blocks.
pub(crate) const SENDER_REPORT_LEN: usize = 28;

/// CNAME item of an SDES chunk.
const CNAME: u8 = 1;

/// A sender report without report blocks. The counts wrap at 32 bits.
pub(crate) fn write_sender(ssrc: Ssrc, report: SenderReport, packets: u64, bytes: u64, out: &mut Vec<u8>) {
    out.extend(header(0, SR, SENDER_REPORT_LEN - 4));
    out.extend(ssrc.0.to_be_bytes());
    out.extend(report.ntp.0.to_be_bytes());
    out.extend(report.time.0.to_be_bytes());
    for count in [packets, bytes] {
        let [_, _, _, _, low @ ..] = count.to_be_bytes();
        out.extend(low);
    }
}

/// A receiver report; at most [`MAX_BLOCKS`] of the blocks are written.
pub(crate) fn write_receiver(sender: Ssrc, blocks: &[Block], out: &mut Vec<u8>) {
    let count = blocks.len().min(MAX_BLOCKS);
    out.extend(header(u8::try_from(count).unwrap_or(0), RR, receiver_len(count) - 4));
    out.extend(sender.0.to_be_bytes());
    for block in blocks.iter().take(MAX_BLOCKS) {
        let [_, lost @ ..] = block.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff).to_be_bytes();
        out.extend(block.ssrc.0.to_be_bytes());
        out.push(block.fraction_lost);
        out.extend(lost);
        for word in [block.extended_highest, block.jitter, block.last_sr, block.delay_since_sr] {
            out.extend(word.to_be_bytes());
        }
    }
}

/// Bytes of a receiver report with this many blocks.
pub(crate) fn receiver_len(blocks: usize) -> usize {
    8 + 24 * blocks
}

/// An SDES of one chunk with a CNAME, cut at 255 bytes.
pub(crate) fn write_cname(ssrc: Ssrc, cname: &str, out: &mut Vec<u8>) {
    let name = cname.as_bytes();
    let name = name.get(..255).unwrap_or(name);
    let body = cname_len(cname) - 4;
    out.extend(header(1, SDES, body));
    out.extend(ssrc.0.to_be_bytes());
    out.push(CNAME);
    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    out.extend(name);
    // At least one zero ends the chunk's items, and more fill it up.
    out.extend(std::iter::repeat_n(0, body - 6 - name.len()));
}

/// Bytes of [`write_cname`].
pub(crate) fn cname_len(cname: &str) -> usize {
    4 + (4 + 2 + cname.len().min(255) + 1).next_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Ntp;
    use crate::ids::RtpTime;
    use crate::rtcp::reader::{Packet, blocks, packets};

    #[test]
    fn reports_read_back() {
        let block = Block {
            ssrc: Ssrc(7),
            fraction_lost: 51,
            cumulative_lost: -2,
            extended_highest: 0x1_0009,
            jitter: 3,
            last_sr: 4,
            delay_since_sr: 5,
        };
        let report = SenderReport { ntp: Ntp(0x0102_0304_0506_0708), time: RtpTime(9) };
        let mut out = vec![];
        write_sender(Ssrc(1), report, 10, (1 << 32) + 11, &mut out);
        assert_eq!((out.len(), &out[20..]), (SENDER_REPORT_LEN, &[0, 0, 0, 10, 0, 0, 0, 11][..]));
        write_receiver(Ssrc(2), &[block, block], &mut out);
        let found: Vec<_> = packets(&out).collect::<Result<_, _>>().unwrap();
        assert_eq!(found[0], Packet::SenderReport { ssrc: Ssrc(1), report, blocks: &[] });
        let Packet::ReceiverReport { blocks: bytes } = found[1] else { panic!("{found:?}") };
        assert_eq!(blocks(bytes).collect::<Vec<_>>(), [block, block]);
    }

    #[test]
    fn sdes_chunks_end_in_zero_on_a_word() {
        for len in 0..300 {
            let cname = "c".repeat(len);
            let mut out = vec![];
            write_cname(Ssrc(1), &cname, &mut out);
            assert_eq!(out.len(), cname_len(&cname));
            assert_eq!(out.len() % 4, 0);
            assert_eq!(usize::from(u16::from_be_bytes([out[2], out[3]])) * 4 + 4, out.len());
            assert_eq!(out.last(), Some(&0));
            assert_eq!(usize::from(out[9]), len.min(255));
        }
    }
}
