//! Messages in a stream (RFC 8656 §3.5, §12.5): TCP and TLS keep no boundaries, so each message says its length. The
//! way in, before `Relay`; the way out needs nothing.

use crate::message::MAGIC_COOKIE;

/// The longest message taken, in bytes: an Ethernet frame's worth, with room to spare. One that says it is longer ends
/// its stream.
pub const MAX_FRAME: usize = 2048;

/// The stream is no TURN, or not one that is understood: it is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Neither STUN nor `ChannelData` begins so.
    #[error("neither STUN nor ChannelData")]
    Unknown,
    /// Longer than [`MAX_FRAME`].
    #[error("a message of {0} bytes")]
    TooLong(usize),
}

/// Cuts a stream into messages. Holds one message's worth and what was pushed last.
#[derive(Debug, Default)]
pub struct Deframer {
    bytes: Vec<u8>,
    /// So many at the front were given out.
    done: usize,
}

impl Deframer {
    /// What was read. All messages are to be taken before the next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.done.min(self.bytes.len()));
        self.done = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message, without padding.
    ///
    /// # Errors
    /// See [`FrameError`]; there is no way on.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let rest = self.bytes.get(self.done..).unwrap_or_default();
        let Some(&[first, _, l0, l1]) = rest.first_chunk::<4>() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if first <= 0x3f && rest.get(4..8).is_some_and(|cookie| cookie != MAGIC_COOKIE) {
            return Err(FrameError::Unknown);
        }
        let (whole, padded) = match first {
            0x00..=0x3f => (length + 20, length + 20),
            0x40..=0x4f => (length + 4, (length + 4).next_multiple_of(4)),
            _ => return Err(FrameError::Unknown),
        };
        if padded > MAX_FRAME {
            return Err(FrameError::TooLong(padded));
        }
        if rest.len() < padded {
            return Ok(None);
        }
        self.done += padded;
        Ok(rest.get(..whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Class, kind, method};
    use crate::write::{Writer, channel_data};
    use proptest::prelude::*;

    fn stun() -> Vec<u8> {
        Writer::new(method::ALLOCATE, Class::Request, [1; 12]).with(kind::DATA, b"hello").finish(None)
    }

    fn all(pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, FrameError> {
        let (mut deframer, mut found) = (Deframer::default(), Vec::new());
        for piece in pieces {
            deframer.push(piece);
            while let Some(frame) = deframer.next_frame()? {
                found.push(frame.to_vec());
            }
        }
        Ok(found)
    }

    #[test]
    fn split_at_any_byte_it_is_the_same() {
        let frames = [stun(), channel_data(0x4001, b"abcde", true), stun(), channel_data(0x4002, b"", true)];
        let stream = frames.concat();
        let expected =
            [stun(), channel_data(0x4001, b"abcde", false), stun(), channel_data(0x4002, b"", false)];
        for place in 0..=stream.len() {
            let (one, two) = stream.split_at(place);
            assert_eq!(all(&[one, two]).unwrap(), expected, "{place}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(all(&bytes).unwrap(), expected);
    }

    #[test]
    fn what_is_no_turn_is_refused_at_once() {
        assert_eq!(all(&[b"POST / HTTP/1.1"]), Err(FrameError::Unknown));
        assert_eq!(all(&[b"GET / HTTP/1.1"]), Err(FrameError::TooLong(21_540)));
        assert_eq!(all(&[b"\x16\x03\x01\x00\x10\x01\x00\x00"]), Err(FrameError::Unknown));
        assert_eq!(all(&[&[0x40, 0, 0xff, 0xff]]), Err(FrameError::TooLong(65_540)));
        assert_eq!(all(&[&[0, 1, 0x08, 0]]), Err(FrameError::TooLong(2068)));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..20)) {
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let _ = all(&pieces);
        }
    }
}
