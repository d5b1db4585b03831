//! RTP and RTCP by hand, written apart from the crate's own code on purpose.

/// An RTP packet being written or read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rtp {
    pub marker: bool,
    pub payload_type: u8,
    pub seq: u16,
    pub time: u32,
    pub ssrc: u32,
    pub extensions: Vec<(u8, Vec<u8>)>,
    pub payload: Vec<u8>,
    pub padding: u8,
}

impl Rtp {
    pub fn write(&self) -> Vec<u8> {
        let flags = 0x80 | (u8::from(!self.extensions.is_empty()) << 4) | (u8::from(self.padding > 0) << 5);
        let mut out = vec![flags, (u8::from(self.marker) << 7) | self.payload_type];
        out.extend(self.seq.to_be_bytes());
        out.extend(self.time.to_be_bytes());
        out.extend(self.ssrc.to_be_bytes());
        if !self.extensions.is_empty() {
            let mut block = vec![];
            for (id, content) in &self.extensions {
                block.push((id << 4) | u8::try_from(content.len() - 1).unwrap());
                block.extend(content);
            }
            block.resize(block.len().next_multiple_of(4), 0);
            out.extend([0xbe, 0xde]);
            out.extend(u16::try_from(block.len() / 4).unwrap().to_be_bytes());
            out.extend(block);
        }
        out.extend(&self.payload);
        if self.padding > 0 {
            out.extend(vec![0; usize::from(self.padding) - 1]);
            out.push(self.padding);
        }
        out
    }

    /// Reads an egress packet, which has no CSRC.
    pub fn read(bytes: &[u8]) -> Self {
        assert_eq!(bytes[0] & 0xcf, 0x80, "version 2, no CSRC");
        let padding = if bytes[0] & 0x20 == 0 { 0 } else { *bytes.last().unwrap() };
        let (extensions, header_len) = extensions(bytes);
        Self {
            marker: bytes[1] & 0x80 != 0,
            payload_type: bytes[1] & 0x7f,
            seq: u16::from_be_bytes([bytes[2], bytes[3]]),
            time: u32::from_be_bytes(bytes[4..8].try_into().unwrap()),
            ssrc: u32::from_be_bytes(bytes[8..12].try_into().unwrap()),
            extensions,
            payload: bytes[header_len..bytes.len() - usize::from(padding)].to_vec(),
            padding,
        }
    }
}

/// The elements of a packet's header extension, of either form, and where the payload begins.
fn extensions(bytes: &[u8]) -> (Vec<(u8, Vec<u8>)>, usize) {
    if bytes[0] & 0x10 == 0 {
        return (vec![], 12);
    }
    let end = 16 + 4 * usize::from(u16::from_be_bytes([bytes[14], bytes[15]]));
    let two_byte = bytes[12] == 0x10;
    let (mut at, mut found) = (16, vec![]);
    while at < end {
        let (id, len, head) = match (bytes[at], two_byte) {
            (0, _) => (0, 0, 1),
            (id, true) => (id, usize::from(bytes[at + 1]), 2),
            (byte, false) => (byte >> 4, usize::from(byte & 15) + 1, 1),
        };
        if id != 0 {
            found.push((id, bytes[at + head..at + head + len].to_vec()));
        }
        at += head + len;
    }
    (found, end)
}

/// A packet of a compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rtcp {
    pub count: u8,
    pub kind: u8,
    /// After the common header.
    pub body: Vec<u8>,
}

impl Rtcp {
    pub fn word(&self, at: usize) -> u32 {
        u32::from_be_bytes(self.body[4 * at..4 * at + 4].try_into().unwrap())
    }
}

/// Takes a compound apart and checks that it is a valid one: report, then SDES, padding only at the end.
pub fn compound(bytes: &[u8]) -> Vec<Rtcp> {
    let mut packets = vec![];
    let mut rest = bytes;
    while !rest.is_empty() {
        assert_eq!(rest[0] >> 6, 2);
        let len = 4 + 4 * usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        packets.push(Rtcp { count: rest[0] & 0x1f, kind: rest[1], body: rest[4..len].to_vec() });
        rest = &rest[len..];
    }
    assert!(matches!(packets[0].kind, 200 | 201), "{packets:?}");
    assert_eq!(packets[1].kind, 202, "{packets:?}");
    packets
}

fn packet(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
    let mut out = vec![0x80 | count, kind];
    out.extend(u16::try_from(words.len()).unwrap().to_be_bytes());
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    out
}

pub fn pli(media: u32) -> Vec<u8> {
    packet(1, 206, &[1, media])
}

pub fn fir(media: u32, number: u8) -> Vec<u8> {
    packet(4, 206, &[1, 0, media, u32::from(number) << 24])
}

pub fn bye(ssrc: u32) -> Vec<u8> {
    packet(1, 203, &[ssrc])
}

pub fn nack(media: u32, seqs: &[u16]) -> Vec<u8> {
    let mut words = vec![1, media];
    words.extend(seqs.iter().map(|seq| u32::from(*seq) << 16));
    packet(1, 205, &words)
}

pub fn nacked(packet: &Rtcp) -> Vec<u16> {
    let mut seqs = vec![];
    for at in 2..packet.body.len() / 4 {
        let (id, mask) = ((packet.word(at) >> 16) as u16, packet.word(at) & 0xffff);
        seqs.push(id);
        seqs.extend((0..16).filter(|bit| mask & (1 << bit) != 0).map(|bit| id.wrapping_add(bit + 1)));
    }
    seqs
}

pub fn sender_report(ssrc: u32, ntp: u64, time: u32) -> Vec<u8> {
    packet(0, 200, &[ssrc, (ntp >> 32) as u32, ntp as u32, time, 0, 0])
}

pub fn receiver_report(ssrc: u32, fraction_and_lost: u32, last_sr: u32, delay: u32) -> Vec<u8> {
    packet(1, 201, &[1, ssrc, fraction_and_lost, 0, 77, last_sr, delay])
}
