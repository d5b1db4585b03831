//! Redundant audio (RFC 2198): blocks of earlier frames before the frame itself.
//!
//! Only finds the frame itself, for receivers that did not negotiate RED; the earlier ones are not read.

use super::descriptor::Walk;
use crate::ids::PayloadType;

/// Where the primary block begins and under which payload type it would be sent alone; it reaches to the
/// payload's end (§3: it is the last and has no length). `None` if the headers do not fit the payload or
/// leave nothing for it.
pub(crate) fn primary(payload: &[u8]) -> Option<(usize, PayloadType)> {
    let mut walk = Walk::new(payload);
    let mut redundant = 0;
    loop {
        let first = walk.byte()?;
        if first & 0x80 == 0 {
            walk.take(redundant)?;
            let block = walk.rest();
            let at = payload.len().checked_sub(block.len())?;
            return (!block.is_empty()).then_some((at, PayloadType(first)));
        }
        // Timestamp offset in 14 bits, block length in 10.
        let (_, [high, low]) = (walk.byte()?, walk.u16()?.to_be_bytes());
        redundant += usize::from(u16::from_be_bytes([high & 0x03, low]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn primary_table() {
        for (payload, expect) in [
            // One block alone, as at the start of a stream.
            (&[0x6f, 0xaa, 0xbb][..], Some((1, PayloadType(111)))),
            // 960 ticks earlier (00001111000000), two bytes; then the frame.
            (&[0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2, 0xaa], Some((7, PayloadType(111)))),
            // Two earlier frames, the older of 257 ticks and one byte, the other empty.
            (&[0xef, 0x04, 0x04, 0x01, 0xef, 0, 0, 0, 0x6f, 1, 0xaa, 0xbb], Some((10, PayloadType(111)))),
            (&[0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2], None), // no room for the frame
            (&[0xef, 0x0f, 0x03, 0xff, 0x6f, 1, 2, 3], None), // a block longer than the packet
            (&[0xef, 0x0f, 0x00], None),                   // ends inside a header
            (&[0xef, 0x0f, 0x00, 0x00], None),             // no last header
            (&[0x6f], None),
            (&[], None),
        ] {
            assert_eq!(primary(payload), expect, "{payload:x?}");
        }
    }

    #[test]
    fn a_block_s_length_has_ten_bits() {
        let mut payload = vec![0xef, 0x0f, 0x02, 0x01, 0x6f];
        payload.extend([0; 0x201]);
        payload.push(0xaa);
        assert_eq!(primary(&payload), Some((5 + 0x201, PayloadType(111))));
    }

    proptest! {
        #[test]
        fn the_primary_block_is_within_any_payload(payload: Vec<u8>) {
            if let Some((at, kind)) = primary(&payload) {
                prop_assert!(at < payload.len() && kind.0 < 128);
            }
        }
    }
}
