//! Sequence parameter sets by hand, and the sizes they give.

use super::*;
use crate::codec::write::BitWriter;
use proptest::prelude::*;

#[test]
fn bytes_table() {
    let of = FrameSize::new;
    for (body, expect) in [
        // 42c01f; then 1 id 0 | 1 frame_num | 011 order type 2 | 010 one reference | 0 gaps
        // | 00000101000 39 | 000011110 29 | 1 frames only | 1 direct | 0 no crop | 0 no VUI | 1 stop.
        (&[0x42, 0xc0, 0x1f, 0xda, 0x02, 0x80, 0xf6, 0x40][..], of(640, 480)),
        // The same in a set that goes on: a VUI is not read.
        (&[0x42, 0xc0, 0x1f, 0xda, 0x02, 0x80, 0xf6, 0x80], of(640, 480)),
        // Ends before its cropping flag.
        (&[0x42, 0xc0, 0x1f, 0xda, 0x02, 0x80], None),
        (&[0x42, 0xc0, 0x1f], None),
        (&[], None),
    ] {
        assert_eq!(size(body), expect, "{body:x?}");
    }
}

#[test]
fn emulation_prevention_bytes_are_left_out() {
    let read = |bytes: &[u8]| Unescaped { bytes: bytes.iter(), zeros: 0 }.collect::<Vec<_>>();
    for (bytes, expect) in [
        (&[1, 0, 0, 3, 1][..], &[1, 0, 0, 1][..]),
        (&[0, 0, 3, 0, 0, 3, 0], &[0, 0, 0, 0, 0]),
        (&[0, 0, 0, 3, 2], &[0, 0, 0, 2]),
        (&[0, 3, 0, 3], &[0, 3, 0, 3]),
        (&[0, 0, 3], &[0, 0]),
        (&[0, 0, 3, 3], &[0, 0, 3]),
    ] {
        assert_eq!(read(bytes), expect, "{bytes:x?}");
    }
}

/// What a parameter set is written from.
#[derive(Clone, Debug)]
struct Set {
    profile: u32,
    /// Of the high profiles: format, separate planes.
    chroma: Option<(u32, bool)>,
    scaling: bool,
    order: u32,
    columns: u32,
    rows: u32,
    frames_only: bool,
    crop: [u32; 4],
}

const PLAIN: Set = Set {
    profile: 66,
    chroma: None,
    scaling: false,
    order: 0,
    columns: 80,
    rows: 45,
    frames_only: true,
    crop: [0; 4],
};

impl Set {
    fn write(&self) -> Vec<u8> {
        let mut out = BitWriter::default();
        out.bits(8, self.profile).bits(16, 0x001f).exp_golomb(0);
        if let Some((format, separate)) = self.chroma {
            out.exp_golomb(format);
            if format == 3 {
                out.flag(separate);
            }
            out.exp_golomb(0).exp_golomb(0).flag(false).flag(self.scaling);
            if self.scaling {
                // The first list whole, the second ended by a zero (8 − 1 − 7), the third whole; the first of
                // the large ones, wrapping past 255; the others absent.
                out.flag(true);
                for _ in 0..16 {
                    out.signed_exp_golomb(3);
                }
                out.flag(true).signed_exp_golomb(-1).signed_exp_golomb(-7);
                out.flag(true);
                for _ in 0..16 {
                    out.signed_exp_golomb(-9);
                }
                out.bits(3, 0).flag(true);
                for _ in 0..64 {
                    out.signed_exp_golomb(5);
                }
                out.bits(if format == 3 { 5 } else { 1 }, 0);
            }
        }
        out.exp_golomb(4).exp_golomb(self.order);
        match self.order {
            0 => {
                out.exp_golomb(2);
            }
            1 => {
                out.flag(false).signed_exp_golomb(-3).signed_exp_golomb(1).exp_golomb(2);
                out.signed_exp_golomb(5).signed_exp_golomb(-5);
            }
            _ => {}
        }
        out.exp_golomb(1).flag(false).exp_golomb(self.columns - 1).exp_golomb(self.rows - 1);
        out.flag(self.frames_only);
        if !self.frames_only {
            out.flag(false);
        }
        out.flag(true).flag(self.crop != [0; 4]);
        if self.crop != [0; 4] {
            for side in self.crop {
                out.exp_golomb(side);
            }
        }
        out.flag(false).flag(true);
        escaped(&out.finish())
    }
}

/// As an encoder puts it on the wire: 3 after two zeros before a byte below 4 (§7.4.1).
fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in bytes {
        if byte < 4 && out.ends_with(&[0, 0]) {
            out.push(3);
        }
        out.push(byte);
    }
    out
}

#[test]
fn size_table() {
    let of = FrameSize::new;
    let high = Set { profile: 100, chroma: Some((1, false)), ..PLAIN };
    for (set, expect) in [
        (PLAIN, of(1280, 720)),
        // 1080 is no multiple of 16: 68 rows less 4 units of two lines.
        (Set { columns: 120, rows: 68, crop: [0, 0, 0, 4], ..PLAIN }, of(1920, 1080)),
        (Set { columns: 20, rows: 12, crop: [1, 2, 3, 3], ..PLAIN }, of(314, 180)),
        // Fields: 34 rows of two, and a unit of cropping is four lines.
        (Set { columns: 120, rows: 34, frames_only: false, crop: [0, 0, 0, 2], ..PLAIN }, of(1920, 1080)),
        (Set { order: 1, ..PLAIN }, of(1280, 720)),
        (Set { order: 2, ..PLAIN }, of(1280, 720)),
        (high.clone(), of(1280, 720)),
        (Set { scaling: true, ..high.clone() }, of(1280, 720)),
        // Monochrome, 4:2:2, 4:4:4, 4:4:4 in planes: other units of cropping.
        (Set { chroma: Some((0, false)), crop: [0, 1, 0, 1], ..high.clone() }, of(1279, 719)),
        (Set { chroma: Some((2, false)), crop: [0, 1, 0, 1], ..high.clone() }, of(1278, 719)),
        (Set { profile: 244, chroma: Some((3, false)), crop: [0, 1, 0, 1], ..PLAIN }, of(1279, 719)),
        (
            Set { profile: 244, chroma: Some((3, true)), scaling: true, crop: [0, 1, 0, 1], ..PLAIN },
            of(1279, 719),
        ),
        // Cropped away, and too wide to be true.
        (Set { crop: [640, 0, 0, 0], ..PLAIN }, None),
        (Set { crop: [700, 0, 0, 0], ..PLAIN }, None),
        (Set { columns: 4096, ..PLAIN }, None),
        (Set { columns: u32::MAX - 1, crop: [u32::MAX - 1; 4], ..PLAIN }, None),
    ] {
        assert_eq!(size(&set.write()), expect, "{set:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(mut body: Vec<u8>, high: bool) {
        if let (Some(profile), true) = (body.first_mut(), high) {
            *profile = 100;
        }
        let _ = size(&body);
    }
}
