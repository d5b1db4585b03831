//! What must hold for a received stream, whatever the network did.

use super::publisher::Dress;
use super::wire::Rtp;
use std::collections::BTreeMap;

/// A received frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub from: u8,
    pub number: u32,
    pub key: bool,
    pub complete: bool,
    pub time: u32,
    /// Millisecond it was captured in.
    pub captured: u32,
    /// With its width: 15 bits or 7.
    pub picture_id: Option<(u16, bool)>,
    pub tl0: Option<u8>,
    pub key_idx: Option<u8>,
}

/// No egress number is missing.
pub fn check_contiguous(stream: &BTreeMap<u64, Rtp>) {
    let first = *stream.first_key_value().expect("packets").0;
    for (at, index) in (first..).zip(stream.keys()) {
        assert_eq!(at, *index, "a gap in egress");
    }
}

/// The frames of a video stream, in order of egress number. Padding is passed over.
pub fn frames(stream: &BTreeMap<u64, Rtp>, dress: impl Fn(u8) -> Dress) -> Vec<Frame> {
    let mut frames: Vec<(Frame, u8, u8)> = vec![];
    for packet in stream.values().filter(|packet| !packet.payload.is_empty()) {
        let (body, picture_id, tl0, key_idx) = undress(packet, &dress);
        let from = body[0];
        let number = u32::from_be_bytes(body[1..5].try_into().unwrap());
        let (index, total, key) = (body[5], body[6], body[7] != 0);
        let captured = u32::from_be_bytes(body[8..12].try_into().unwrap());
        let time = packet.time;
        let frame = Frame { from, number, key, complete: false, time, captured, picture_id, tl0, key_idx };
        match frames.last_mut() {
            Some((last, seen, of)) if (last.from, last.number) == (from, number) => {
                assert_eq!(*last, frame, "one frame, one timestamp and picture id");
                assert_eq!((*seen, *of), (index, total), "packets of a frame in order");
                *seen += 1;
            }
            _ => {
                // A frame may begin in the middle only if its own first packet was lost for good.
                frames.push((frame, index + 1, total));
            }
        }
        let (last, seen, of) = frames.last_mut().unwrap();
        assert_eq!(packet.marker, seen == of, "the marker ends a frame");
        assert!(body[12..].iter().all(|byte| *byte == from ^ index), "the payload is untouched");
        last.complete = false;
    }
    frames.into_iter().map(|(frame, seen, of)| Frame { complete: seen == of, ..frame }).collect()
}

/// Frames follow each other as a decoder needs them: each new source starts with a whole keyframe, then
/// every frame is the next of its source; only a frame cut off by a switch may be incomplete. Timestamps
/// go forward, picture numbers go on by one. Returns how often the source changed.
pub fn check_decodable(frames: &[Frame]) -> usize {
    assert!(frames.first().expect("frames").key, "starts with a keyframe");
    let mut changes = 0;
    for pair in frames.windows(2) {
        let [last, next] = pair else { unreachable!() };
        assert!(next.time.wrapping_sub(last.time).cast_signed() > 0, "time goes back: {last:?} {next:?}");
        if next.from == last.from && next.number == last.number + 1 {
            assert!(last.complete, "{last:?} {next:?}");
        } else {
            changes += 1;
            assert!(next.key, "a source starts with a keyframe: {last:?} {next:?}");
        }
        if let (Some((a, a_wide)), Some((b, b_wide))) = (last.picture_id, next.picture_id) {
            let mask = if a_wide && b_wide { 0x7fff } else { 0x7f };
            assert_eq!(a.wrapping_add(1) & mask, b & mask, "{last:?} {next:?}");
        }
        if let (Some(a), Some(b)) = (last.tl0, next.tl0) {
            assert_eq!(a.wrapping_add(1), b, "{last:?} {next:?}");
        }
        if let (Some(a), Some(b)) = (last.key_idx, next.key_idx) {
            assert_eq!((a + u8::from(next.key)) & 0x1f, b, "{last:?} {next:?}");
        }
    }
    changes
}

type Undressed<'a> = (&'a [u8], Option<(u16, bool)>, Option<u8>, Option<u8>);

/// The same where packets are lost: what a source lacked at the moment of a switch is never mended, so its
/// last frames may be broken, but only those.
pub fn check_decodable_until_switches(frames: &[Frame]) -> usize {
    const REPAIR_MILLIS: u32 = 400;
    let runs: Vec<&[Frame]> = frames.chunk_by(|last, next| last.from == next.from).collect();
    for run in &runs {
        let follows = |at: usize| run[at].complete && (at == 0 || run[at].number == run[at - 1].number + 1);
        let whole = (0..run.len()).take_while(|at| follows(*at)).count();
        check_decodable(&run[..whole]);
        let until = run.last().unwrap().captured - REPAIR_MILLIS;
        assert!(
            whole == run.len() || run[whole].captured > until,
            "broken long before the switch: {:?}",
            run[whole]
        );
    }
    for pair in frames.windows(2) {
        assert!(pair[1].time.wrapping_sub(pair[0].time).cast_signed() > 0, "time goes back: {pair:?}");
    }
    runs.len() - 1
}

/// The body of a synthetic payload, and its picture numbers.
fn undress<'a>(packet: &'a Rtp, dress: &impl Fn(u8) -> Dress) -> Undressed<'a> {
    let payload = &packet.payload;
    match dress(packet.payload_type) {
        Dress::Vp8 { .. } => {
            let wide = payload[2] & 0x80 != 0;
            let at = if wide { 4 } else { 3 };
            let id = if wide {
                u16::from_be_bytes([payload[2] & 0x7f, payload[3]])
            } else {
                u16::from(payload[2])
            };
            assert_eq!(payload[at + 1] & 0xe0, 0x20, "TID and Y untouched");
            (&payload[at + 3..], Some((id, wide)), Some(payload[at]), Some(payload[at + 1] & 0x1f))
        }
        Dress::Vp9 { flexible } => {
            let id = u16::from_be_bytes([payload[1] & 0x7f, payload[2]]);
            assert_eq!(flexible, payload[0] & 0x10 != 0);
            if flexible {
                (&payload[4..], Some((id, true)), None, None)
            } else {
                (&payload[5..], Some((id, true)), Some(payload[4]), None)
            }
        }
        Dress::H264 => {
            let at = if payload[0] == 0x7c { 2 } else { 1 };
            (&payload[at..], None, None, None)
        }
    }
}
