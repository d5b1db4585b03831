//! Synthetic payloads: VP8 that no decoder could show but every forwarder must take for real (RFC 7741),
//! and Opus. Each carries when it was sent and by whom.

/// Where the stamp lies in every payload.
const STAMP_AT: usize = 16;
const STAMP_LEN: usize = 12;
/// Bytes of an Opus payload: 20 ms at 40 kbit/s.
const OPUS_LEN: usize = 100;

/// What every payload carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Microseconds since Unix's epoch.
    pub(crate) sent: u64,
    /// The sender's SSRC, as it was before any forwarder changed it.
    pub(crate) source: u32,
}

/// One packet's place in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// 15 bits.
    pub(crate) id: u16,
    pub(crate) tl0_index: u8,
    pub(crate) keyframe: bool,
    /// The picture's first packet.
    pub(crate) first: bool,
}

/// A VP8 payload of so many bytes.
pub(crate) fn video(picture: Picture, stamp: Stamp, len: usize) -> Vec<u8> {
    let [high, low] = (picture.id & 0x7fff).to_be_bytes();
    let start = if picture.first { 0x10 } else { 0 };
    // X and S; I, L and T; a picture id with M; TL0PICIDX; TID 0.
    let mut payload = vec![0x80 | start, 0xe0, 0x80 | high, low, picture.tl0_index, 0];
    if picture.first {
        // RFC 6386 §9.1: the inverse key bit, version 0, shown, first partition's size; start code and size.
        let frame_tag = if picture.keyframe { 0x10 } else { 0x11 };
        payload.extend([frame_tag, 0x02, 0x00]);
        if picture.keyframe {
            payload.extend([0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);
        }
    }
    finish(payload, stamp, len)
}

/// An Opus payload.
pub(crate) fn audio(stamp: Stamp) -> Vec<u8> {
    // RFC 6716 §3.1: CELT, fullband, 20 ms, mono, one frame.
    finish(vec![0xf8], stamp, OPUS_LEN)
}

fn finish(mut payload: Vec<u8>, stamp: Stamp, len: usize) -> Vec<u8> {
    payload.resize(STAMP_AT, 0x5a);
    payload.extend(stamp.sent.to_be_bytes());
    payload.extend(stamp.source.to_be_bytes());
    payload.resize(len.max(STAMP_AT + STAMP_LEN), 0xa5);
    payload
}

/// The stamp of any payload.
pub(crate) fn stamp(payload: &[u8]) -> Option<Stamp> {
    let stamp = payload.get(STAMP_AT..STAMP_AT + STAMP_LEN)?;
    let (sent, source) = stamp.split_first_chunk::<8>()?;
    Some(Stamp { sent: u64::from_be_bytes(*sent), source: u32::from_be_bytes(source.try_into().ok()?) })
}

/// The picture of a video payload with the descriptor that [`video`] writes.
pub(crate) fn picture(payload: &[u8]) -> Option<Picture> {
    let (&[first, present, high, low, tl0_index, _], frame) = payload.split_first_chunk::<6>()?;
    if first & 0x80 == 0 || present != 0xe0 || high & 0x80 == 0 {
        return None;
    }
    let first = first & 0x10 != 0;
    Some(Picture {
        id: u16::from_be_bytes([high & 0x7f, low]),
        tl0_index,
        keyframe: first && frame.first()? & 1 == 0,
        first,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let stamp_in = Stamp { sent: 0x0102_0304_0506_0708, source: 9 };
        for (keyframe, first) in [(true, true), (false, true), (false, false)] {
            let picture_in = Picture { id: 0x7ffe, tl0_index: 200, keyframe, first };
            let payload = video(picture_in, stamp_in, 1138);
            assert_eq!(payload.len(), 1138);
            assert_eq!(picture(&payload), Some(picture_in));
            assert_eq!(stamp(&payload), Some(stamp_in));
        }
        assert_eq!(stamp(&audio(stamp_in)), Some(stamp_in));
    }
}
