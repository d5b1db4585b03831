//! RTP and RTCP by hand, written apart from `forward`'s own code on purpose: what both get wrong alike would
//! never be found.

/// Header extension ids both ways, the same for every synthetic browser.
pub const MID_ID: u8 = 4;
/// Transport-wide numbers.
pub const TRANSPORT_ID: u8 = 5;
/// Audio level.
pub const LEVEL_ID: u8 = 6;
/// RID.
pub const RID_ID: u8 = 10;
/// Repaired RID.
pub const REPAIRED_ID: u8 = 11;

/// An RTP packet to write.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub seq: u16,
    pub time: u32,
    pub ssrc: u32,
}

/// Writes a packet, its payload in two parts.
pub fn write(header: Header, extensions: &[(u8, &[u8])], payload: [&[u8]; 2]) -> Vec<u8> {
    let [first, second] = payload;
    let mut out = Vec::with_capacity(48 + first.len() + second.len());
    out.push(0x80 | (u8::from(!extensions.is_empty()) << 4));
    out.push((u8::from(header.marker) << 7) | header.payload_type);
    out.extend(header.seq.to_be_bytes());
    out.extend(header.time.to_be_bytes());
    out.extend(header.ssrc.to_be_bytes());
    if !extensions.is_empty() {
        let len: usize = extensions.iter().map(|(_, content)| 1 + content.len()).sum();
        out.extend([0xbe, 0xde]);
        out.extend(wire16(len.div_ceil(4)).to_be_bytes());
        for (id, content) in extensions {
            out.push((id << 4) | (wire8(content.len()) - 1));
            out.extend_from_slice(content);
        }
        out.resize(out.len() + len.next_multiple_of(4) - len, 0);
    }
    out.extend_from_slice(first);
    out.extend_from_slice(second);
    out
}

/// An RTP packet that was read.
#[derive(Clone, Copy, Debug)]
pub struct Rtp<'a> {
    pub marker: bool,
    pub payload_type: u8,
    pub seq: u16,
    pub time: u32,
    pub ssrc: u32,
    pub transport_seq: Option<u16>,
    pub payload: &'a [u8],
}

/// Reads a packet; `None` if it is none that a server may send.
pub fn read(bytes: &[u8]) -> Option<Rtp<'_>> {
    let first = *bytes.first()?;
    // Version 2, no CSRC.
    if first & 0xcf != 0x80 {
        return None;
    }
    let second = *bytes.get(1)?;
    let mut at = 12;
    let mut transport_seq = None;
    if first & 0x10 != 0 {
        let len = 4 * usize::from(be16(bytes, 14)?);
        let block = bytes.get(16..16 + len)?;
        transport_seq = element(block, TRANSPORT_ID).and_then(|content| be16(content, 0));
        at = 16 + len;
    }
    let padding = if first & 0x20 == 0 { 0 } else { usize::from(*bytes.last()?) };
    Some(Rtp {
        marker: second & 0x80 != 0,
        payload_type: second & 0x7f,
        seq: be16(bytes, 2)?,
        time: be32(bytes, 4)?,
        ssrc: be32(bytes, 8)?,
        transport_seq,
        payload: bytes.get(at..bytes.len().checked_sub(padding)?)?,
    })
}

/// An element of a block of one-byte header extensions (RFC 8285 §4.2).
fn element(mut block: &[u8], wanted: u8) -> Option<&[u8]> {
    while let Some((&head, rest)) = block.split_first() {
        if head == 0 {
            block = rest;
            continue;
        }
        let (content, after) = rest.split_at_checked(usize::from(head & 0xf) + 1)?;
        if head >> 4 == wanted {
            return Some(content);
        }
        block = after;
    }
    None
}

/// RFC 5761 §4.
pub fn is_rtcp(packet: &[u8]) -> bool {
    packet.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// A packet of a compound.
#[derive(Clone, Copy, Debug)]
pub struct Rtcp<'a> {
    pub count: u8,
    pub kind: u8,
    /// After the common header.
    pub body: &'a [u8],
}

impl Rtcp<'_> {
    pub fn word(&self, at: usize) -> u32 {
        be32(self.body, 4 * at).unwrap_or(0)
    }
}

/// The packets of a compound; ends where it is malformed.
pub fn compound(mut bytes: &[u8]) -> impl Iterator<Item = Rtcp<'_>> {
    std::iter::from_fn(move || {
        let len = 4 * usize::from(be16(bytes, 2)?);
        let (head, rest) = bytes.split_at_checked(4)?;
        let (body, rest) = rest.split_at_checked(len)?;
        bytes = rest;
        let [first, kind, ..] = head else { return None };
        Some(Rtcp { count: first & 0x1f, kind: *kind, body })
    })
}

fn packet(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
    let mut out = vec![0x80 | count, kind];
    out.extend(wire16(words.len()).to_be_bytes());
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    out
}

/// RFC 4585 §6.3.1.
pub fn pli(media: u32) -> Vec<u8> {
    packet(1, 206, &[1, media])
}

/// RFC 4585 §6.2.1, one item for each 17 numbers.
pub fn nack(media: u32, seqs: &[u16]) -> Vec<u8> {
    let mut words = vec![1, media];
    let mut open: Option<(u16, u32)> = None;
    for seq in seqs {
        open = match open {
            Some((id, mask)) if (1..=16).contains(&seq.wrapping_sub(id)) => {
                Some((id, mask | 1 << (seq.wrapping_sub(id) - 1)))
            }
            Some((id, mask)) => {
                words.push(u32::from(id) << 16 | mask);
                Some((*seq, 0))
            }
            None => Some((*seq, 0)),
        };
    }
    words.extend(open.map(|(id, mask)| u32::from(id) << 16 | mask));
    packet(1, 205, &words)
}

/// The numbers a NACK names.
pub fn nacked(packet: &Rtcp) -> Vec<u16> {
    let mut seqs = vec![];
    for at in 2..packet.body.len() / 4 {
        let word = packet.word(at);
        let id = high16(word);
        seqs.push(id);
        seqs.extend((0..16).filter(|bit| word & (1 << bit) != 0).map(|bit| id.wrapping_add(bit + 1)));
    }
    seqs
}

/// RFC 3550 §6.4.1, without blocks.
pub fn sender_report(ssrc: u32, ntp: u64, time: u32, packets: u32, bytes: u32) -> Vec<u8> {
    let [high, low] = [ntp >> 32, ntp & 0xffff_ffff].map(|half| u32::try_from(half).unwrap_or(0));
    packet(0, 200, &[ssrc, high, low, time, packets, bytes])
}

/// What a receiver report says of one source (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub ssrc: u32,
    pub fraction_lost: u8,
    pub cumulative_lost: u32,
    pub highest: u32,
    pub last_sr: u32,
    pub delay_since_sr: u32,
}

/// RFC 3550 §6.4.2.
pub fn receiver_report(blocks: &[Block]) -> Vec<u8> {
    let mut words = vec![1];
    for block in blocks {
        let lost = u32::from(block.fraction_lost) << 24 | block.cumulative_lost & 0x00ff_ffff;
        words.extend([block.ssrc, lost, block.highest, 0, block.last_sr, block.delay_since_sr]);
    }
    packet(wire8(blocks.len()), 201, &words)
}

/// Two bytes at a place.
pub fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_be_bytes(*chunk))
}

/// Four.
pub fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

/// Eight.
pub fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_be_bytes(*chunk))
}

fn high16(word: u32) -> u16 {
    u16::try_from(word >> 16).unwrap_or(0)
}

fn wire8(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(u8::MAX)
}

fn wire16(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

/// A number on the wire, counted on from the one before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrap(Option<i64>);

impl Unwrap {
    /// The unwrapped number of 16 bits nearest to the last.
    pub fn seq(&mut self, wire: u16) -> i64 {
        let last = self.0.unwrap_or(i64::from(wire) + (1 << 16));
        let step = wire.wrapping_sub(low16(last)).cast_signed();
        self.keep(last + i64::from(step))
    }

    /// The same of 32 bits.
    pub fn time(&mut self, wire: u32) -> i64 {
        let last = self.0.unwrap_or(i64::from(wire) + (1 << 32));
        let step = wire.wrapping_sub(low32(last)).cast_signed();
        self.keep(last + i64::from(step))
    }

    fn keep(&mut self, number: i64) -> i64 {
        self.0 = Some(self.0.map_or(number, |last| last.max(number)));
        number
    }
}

/// The lower half.
pub fn low16(number: i64) -> u16 {
    u16::try_from(number & 0xffff).unwrap_or(0)
}

fn low32(number: i64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nacks_are_read_as_written() {
        let seqs = [65_530, 65_535, 2, 3, 40, 41, 57, 58];
        let bytes = nack(7, &seqs);
        let packet = compound(&bytes).next().unwrap();
        assert_eq!((packet.kind, packet.count, packet.word(1)), (205, 1, 7));
        assert_eq!(nacked(&packet), seqs);
    }

    #[test]
    fn packets_are_read_as_written() {
        let header = Header { marker: true, payload_type: 96, seq: 5, time: 6, ssrc: 7 };
        let bytes = write(header, &[(MID_ID, b"v"), (TRANSPORT_ID, &[1, 2]), (RID_ID, b"q")], [b"ab", b"c"]);
        let rtp = read(&bytes).unwrap();
        assert_eq!((rtp.marker, rtp.payload_type, rtp.seq, rtp.time, rtp.ssrc), (true, 96, 5, 6, 7));
        assert_eq!((rtp.transport_seq, rtp.payload), (Some(0x0102), &b"abc"[..]));
    }
}
