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

/// Bytes of the largest block written: a transport-wide number and a dependency descriptor of any length.
const MAX_BLOCK: usize = 4 + 4 + 2 + 255 + 3;

/// A block being written, of ids 1 to 14. One-byte elements (RFC 8285 §4.2) unless one is too long for that.
#[derive(Debug)]
pub(crate) struct Block {
    bytes: [u8; MAX_BLOCK],
    len: usize,
    two_byte: bool,
    last: usize,
}

impl Default for Block {
    fn default() -> Self {
        Self { bytes: [0; MAX_BLOCK], len: 0, two_byte: false, last: 0 }
    }
}

impl Block {
    /// Adds an element. One that is empty, too long or one too many is left out.
    pub fn push(&mut self, id: u8, content: &[u8]) {
        let Ok(len) = u8::try_from(content.len()) else { return };
        // Two-byte elements need the head of every earlier one widened.
        if len > 16 && !self.two_byte && self.widen().is_none() {
            return;
        }
        let at = self.len.max(4);
        let head = if self.two_byte { [id, len] } else { [(id << 4) | len.saturating_sub(1), 0] };
        let head_len = if self.two_byte { 2 } else { 1 };
        let end = at + head_len + content.len();
        let Some(room) = self.bytes.get_mut(at..end).filter(|_| len > 0) else { return };
        let (head_room, content_room) = room.split_at_mut(head_len);
        for (to, from) in head_room.iter_mut().zip(head) {
            *to = from;
        }
        content_room.copy_from_slice(content);
        self.last = at + head_len;
        self.len = end;
    }

    /// Overwrites bytes of the last element's content.
    pub fn patch_last(&mut self, offset: usize, bytes: &[u8]) {
        let end = (self.last + offset + bytes.len()).min(self.len);
        if let Some(room) =
            self.bytes.get_mut(self.last + offset..end).filter(|room| room.len() == bytes.len())
        {
            room.copy_from_slice(bytes);
        }
    }

    /// The whole block with its own header, padded to 32 bits; empty if nothing was added.
    pub fn finish(&mut self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        let len = self.len.next_multiple_of(4).min(MAX_BLOCK);
        let profile = if self.two_byte { TWO_BYTE } else { ONE_BYTE };
        let words = u16::try_from(len / 4 - 1).unwrap_or(0);
        if let Some(head) = self.bytes.first_chunk_mut() {
            let ([p0, p1], [w0, w1]) = (profile.to_be_bytes(), words.to_be_bytes());
            *head = [p0, p1, w0, w1];
        }
        self.bytes.get(..len).unwrap_or_default()
    }

    /// Turns the one-byte elements there are into two-byte ones.
    fn widen(&mut self) -> Option<()> {
        let narrow = self.bytes;
        let narrow = Extensions { two_byte: false, block: narrow.get(4..self.len.max(4))? };
        self.two_byte = true;
        self.len = 0;
        for (id, content) in narrow.elements() {
            self.push(id, content);
        }
        Some(())
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
    fn writes_what_it_reads() {
        let check = |elements: &[(u8, &[u8])]| {
            let mut block = Block::default();
            for (id, content) in elements {
                block.push(*id, content);
            }
            let written = block.finish();
            assert_eq!(written.len() % 4, 0);
            let (extensions, rest) = Extensions::split(written).unwrap();
            assert!(rest.is_empty());
            assert_eq!(extensions.elements().collect::<Vec<_>>(), elements);
        };
        check(&[(3, &[1, 2])]);
        check(&[(3, &[1, 2]), (12, &[7; 16])]);
        check(&[(3, &[1, 2]), (12, &[7; 17])]);
        check(&[(3, &[1, 2]), (12, &[7; 255])]);
        assert!(Block::default().finish().is_empty());
    }

    #[test]
    fn a_lying_length_ends_the_walk() {
        let bytes = [0xbe, 0xde, 0, 1, 0x1f, 1, 2, 3];
        let (extensions, _) = Extensions::split(&bytes).unwrap();
        assert_eq!(extensions.elements().count(), 0);
        assert!(Extensions::split(&[0xbe, 0xde, 0, 2, 0, 0, 0, 0]).is_none());
    }
}
