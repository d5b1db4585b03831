//! RTP packets (RFC 3550 §5.1) with one-byte header extensions (RFC 8285 §4.2), written and read.

/// Bytes of a header without extensions.
pub(crate) const HEADER_LEN: usize = 12;
const ONE_BYTE_PROFILE: [u8; 2] = [0xbe, 0xde];

/// A fixed header's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) seq: u16,
    pub(crate) time: u32,
    pub(crate) ssrc: u32,
}

/// A header with extensions, each 1 to 16 bytes.
pub(crate) fn write(header: &Header, extensions: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1400);
    out.push(if extensions.is_empty() { 0x80 } else { 0x90 });
    out.push(header.payload_type | if header.marker { 0x80 } else { 0 });
    out.extend(header.seq.to_be_bytes());
    out.extend(header.time.to_be_bytes());
    out.extend(header.ssrc.to_be_bytes());
    if extensions.is_empty() {
        return out;
    }
    let mut body = Vec::with_capacity(16);
    for (id, value) in extensions {
        let len = u8::try_from(value.len()).unwrap_or(16).clamp(1, 16);
        body.push((id << 4) | (len - 1));
        body.extend(value.iter().take(usize::from(len)));
    }
    body.resize(body.len().next_multiple_of(4), 0);
    out.extend(ONE_BYTE_PROFILE);
    out.extend(u16::try_from(body.len() / 4).unwrap_or(0).to_be_bytes());
    out.extend(body);
    out
}

/// The content of a header extension of the one-byte form, if the packet has it.
pub(crate) fn extension(packet: &[u8], wanted: u8) -> Option<&[u8]> {
    let (&[flags, ..], rest) = packet.split_first_chunk::<HEADER_LEN>()?;
    let rest = rest.get(4 * usize::from(flags & 0x0f)..).filter(|_| flags & 0x10 != 0)?;
    let (&[p0, p1, l0, l1], rest) = rest.split_first_chunk::<4>()?;
    let mut block = rest.get(..4 * usize::from(u16::from_be_bytes([l0, l1])))?;
    if [p0, p1] != ONE_BYTE_PROFILE {
        return None;
    }
    while let Some((&head, rest)) = block.split_first() {
        if head == 0 {
            block = rest;
            continue;
        }
        let (content, rest) = rest.split_at_checked(usize::from(head & 0x0f) + 1)?;
        if head >> 4 == wanted {
            return Some(content);
        }
        block = rest;
    }
    None
}

/// The header, and the payload without padding.
pub(crate) fn read(packet: &[u8]) -> Option<(Header, &[u8])> {
    let (header, mut payload) = read_header(packet)?;
    if packet.first()? & 0x20 != 0 {
        let padding = usize::from(*payload.last()?);
        payload = payload.get(..payload.len().checked_sub(padding)?)?;
    }
    Some((header, payload))
}

/// The header, and all that follows: of a sealed packet that is no payload yet.
pub(crate) fn read_header(packet: &[u8]) -> Option<(Header, &[u8])> {
    let (&[flags, kind, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3], rest) =
        packet.split_first_chunk::<HEADER_LEN>()?;
    if flags >> 6 != 2 {
        return None;
    }
    let mut payload = rest.get(4 * usize::from(flags & 0x0f)..)?;
    if flags & 0x10 != 0 {
        let (&[_, _, l0, l1], rest) = payload.split_first_chunk::<4>()?;
        payload = rest.get(4 * usize::from(u16::from_be_bytes([l0, l1]))..)?;
    }
    let header = Header {
        payload_type: kind & 0x7f,
        marker: kind & 0x80 != 0,
        seq: u16::from_be_bytes([s0, s1]),
        time: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
    };
    Some((header, payload))
}

/// Whether a datagram is SRTCP and not SRTP (RFC 5761 §4).
pub(crate) fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [_, 192..=223, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let header = Header { payload_type: 96, marker: true, seq: 0xabcd, time: 7, ssrc: 9 };
        for extensions in [&[][..], &[(3, &[1, 2][..]), (4, b"1")]] {
            let mut packet = write(&header, extensions);
            packet.extend(b"payload");
            assert_eq!(read(&packet), Some((header, &b"payload"[..])));
        }
        assert_eq!(read(&[0x80; 11]), None);
        assert_eq!(read(&[0x40; 20]), None);
    }
}
