//! Sequence headers by hand, and what is read of them.

use super::*;
use crate::codec::write::BitWriter;
use proptest::prelude::*;

#[test]
fn bytes_table() {
    let of = FrameSize::new;
    for (payload, expect) in [
        // 000 profile | 0 still | 0 reduced | 0 timing | 0 display delay | 00000 one operating point
        // | 0…0 all of it | 00100 level | 1001 ten bits | 1001 ten bits | 1001111111 639 | 0111011111 479.
        (&[0, 0, 0, 0x24, 0xcc, 0xfe, 0xef, 0x80][..], of(640, 480)),
        // 00011 still and reduced | 00000 level | 0000 one bit | 0000 one bit | 1 | 0: 2×1.
        (&[0x18, 0x00, 0x20], of(2, 1)),
        (&[0x18, 0x00], None),
        (&[0, 0, 0, 0x24, 0xcc, 0xfe, 0xef], None),
        (&[], None),
    ] {
        assert_eq!(size(payload), expect, "{payload:x?}");
    }
}

#[test]
fn whatever_stands_before_the_size() {
    let size_after = |write: &dyn Fn(&mut BitWriter)| {
        let mut out = BitWriter::default();
        out.bits(5, 0);
        write(&mut out);
        out.bits(4, 11).bits(4, 10).bits(12, 1919).bits(11, 1079);
        size(&out.finish())
    };
    let point = |out: &mut BitWriter| {
        out.bits(12, 0xf01).bits(5, 9).flag(true); // level above 7: a tier
    };
    // Three operating points, as L1T3 has them, each with a display delay.
    let layered = |out: &mut BitWriter| {
        out.flag(false).flag(true).bits(5, 2);
        for _ in 0..3 {
            point(out);
            out.flag(true).bits(4, 9);
        }
    };
    // Timing with ticks, and a decoder model whose delays take 32 bits.
    let timed = |out: &mut BitWriter| {
        out.flag(true).bits(32, 1).bits(32, 60).flag(true).exp_golomb(7);
        out.flag(true).bits(5, 31).bits(32, 1).bits(10, 0);
        out.flag(false).bits(5, 1);
        point(out);
        out.flag(true).bits(32, 1).bits(32, 2).flag(false);
        point(out);
        out.flag(false);
    };
    let timed_without_model = |out: &mut BitWriter| {
        out.flag(true).bits(32, 1).bits(32, 60).flag(false).flag(false);
        out.flag(false).bits(5, 0);
        point(out);
    };
    for write in [&layered as &dyn Fn(&mut BitWriter), &timed, &timed_without_model] {
        assert_eq!(size_after(write), FrameSize::new(1920, 1080));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(payload: Vec<u8>) {
        let _ = size(&payload);
    }
}
