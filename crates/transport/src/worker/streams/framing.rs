//! Frames of a TCP stream (RFC 4571 §2): two bytes of length, then what would be a datagram.

/// Bytes of a frame's head.
pub const HEAD: usize = 2;
/// Bytes of the longest frame taken: as of a datagram. A longer one ends the stream.
pub const MAX_FRAME: usize = 2048;

/// What bytes begin with.
#[derive(Debug, PartialEq, Eq)]
pub enum Split<'a> {
    /// A whole frame, and what follows it.
    Frame(&'a mut [u8], &'a mut [u8]),
    /// A frame of which something is still to come, or nothing.
    Part(&'a mut [u8]),
    /// A frame longer than any that is taken.
    TooLong,
}

/// Splits the first frame off.
pub fn split(bytes: &mut [u8]) -> Split<'_> {
    let Some([high, low]) = bytes.first_chunk::<HEAD>().copied() else { return Split::Part(bytes) };
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len > MAX_FRAME {
        return Split::TooLong;
    }
    if bytes.len() < HEAD + len {
        return Split::Part(bytes);
    }
    let (frame, rest) = bytes.split_at_mut(HEAD + len);
    let (_, frame) = frame.split_at_mut(HEAD);
    Split::Frame(frame, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_split_off_only_when_all_of_it_is_there() {
        let mut bytes = [0, 3, 7, 8, 9, 0, 0, 1];
        for len in 0..5 {
            assert!(matches!(split(&mut bytes[..len]), Split::Part(part) if part.len() == len), "{len}");
        }
        let Split::Frame(frame, rest) = split(&mut bytes) else { panic!("a frame") };
        assert_eq!(frame, [7, 8, 9]);
        let Split::Frame(frame, rest) = split(rest) else { panic!("an empty frame") };
        assert!(frame.is_empty());
        assert_eq!(split(rest), Split::Part(&mut [1]));
    }

    #[test]
    fn the_longest_frame_is_taken_and_no_longer_one() {
        let of = |len: u16| [&len.to_be_bytes()[..], &[0; 2048]].concat();
        assert!(matches!(split(&mut of(2048)), Split::Frame(frame, []) if frame.len() == 2048));
        // Known by its head, before anything of it is kept.
        assert_eq!(split(&mut of(2049)[..2]), Split::TooLong);
    }
}
