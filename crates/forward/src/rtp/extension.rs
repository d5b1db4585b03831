//! Header extensions, one-byte and two-byte form (RFC 8285 §4.2, §4.3).
//!
//! Owns walking the block. Which id means what is negotiated: see `ExtensionIds`.

const ONE_BYTE: u16 = 0xbede;
const TWO_BYTE: u16 = 0x1000;

/// The extension block of a packet; empty if it has none or one of an unknown form.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extensions<'a> {
    two_byte: bool,
    block: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// Splits the block off what follows the CSRC list; `None` if it ends too early.
    pub fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&[p0, p1, l0, l1], rest) = bytes.split_first_chunk()?;
        let (block, rest) = rest.split_at_checked(4 * usize::from(u16::from_be_bytes([l0, l1])))?;
        let profile = u16::from_be_bytes([p0, p1]);
        // The low four bits of the two-byte form's profile are "appbits".
        let extensions = match (profile == ONE_BYTE, profile & 0xfff0 == TWO_BYTE) {
            (true, _) => Self { two_byte: false, block },
            (_, true) => Self { two_byte: true, block },
            (false, false) => Self::default(),
        };
        Some((extensions, rest))
    }

    /// Every element up to the first that ends too early.
    pub fn elements(self) -> Elements<'a> {
        Elements(self)
    }
}

/// Iterator over a block's elements.
pub(crate) struct Elements<'a>(Extensions<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let block = &mut self.0.block;
        while let Some((&0, rest)) = block.split_first() {
            *block = rest; // padding
        }
        let (&first, rest) = block.split_first()?;
        let (id, len, rest) = if self.0.two_byte {
            let (&len, rest) = rest.split_first()?;
            (first, usize::from(len), rest)
        } else {
            // Id 15 is reserved and ends the walk (RFC 8285 §4.2).
            if first >> 4 == 15 {
                *block = &[];
                return None;
            }
            (first >> 4, usize::from(first & 0x0f) + 1, rest)
        };
        let Some((content, rest)) = rest.split_at_checked(len) else {
            *block = &[];
            return None;
        };
        *block = rest;
        Some((id, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_both_forms() {
        let one = [0xbe, 0xde, 0, 2, 0x11, 7, 8, 0, 0x30, b'a', 0, 0, 0xff];
        let (extensions, rest) = Extensions::split(&one).unwrap();
        assert_eq!(rest, [0xff]);
        let found: Vec<_> = extensions.elements().collect();
        assert_eq!(found, [(1, &[7, 8][..]), (3, &b"a"[..])]);

        let two = [0x10, 0x05, 0, 2, 9, 0, 0, 4, 3, 1, 2, 3];
        let (extensions, _) = Extensions::split(&two).unwrap();
        let found: Vec<_> = extensions.elements().collect();
        assert_eq!(found, [(9, &[][..]), (4, &[1, 2, 3][..])]);
    }

    #[test]
    fn a_lying_length_ends_the_walk() {
        let bytes = [0xbe, 0xde, 0, 1, 0x1f, 1, 2, 3];
        let (extensions, _) = Extensions::split(&bytes).unwrap();
        assert_eq!(extensions.elements().count(), 0);
        assert!(Extensions::split(&[0xbe, 0xde, 0, 2, 0, 0, 0, 0]).is_none());
    }
}
