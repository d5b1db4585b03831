//! The ids and wire numbers every other file speaks in.
//!
//! Owns newtypes over RTP's integers, so that a sequence number is never taken for a timestamp.
//! Wire values wrap; `Seq64` is unwrapped and does not.

use std::fmt;

slotmap::new_key_type! {
    /// A peer: the server end of one participant's PeerConnection. Allocated by the control side.
    pub struct PeerKey;
    /// One ingress SSRC of a peer.
    pub(crate) struct StreamKey;
    /// One send line of a peer, whatever SSRC feeds it now.
    pub(crate) struct PublicationKey;
    /// One receive slot of a peer.
    pub(crate) struct SlotKey;
}

/// Synchronization source, RFC 3550 §5.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ssrc(pub u32);

/// RTP payload type, 0–127.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PayloadType(pub u8);

/// RTP timestamp in units of the codec's clock rate; wraps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RtpTime(pub u32);

impl RtpTime {
    /// Ticks from `earlier` to `self`, taking the shorter way round.
    #[must_use]
    pub fn since(self, earlier: RtpTime) -> i32 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }

    /// `ticks` later.
    #[must_use]
    pub fn plus(self, ticks: u32) -> RtpTime {
        RtpTime(self.0.wrapping_add(ticks))
    }
}

/// Sequence number as it stands on the wire; wraps at 2¹⁶.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seq16(pub u16);

impl Seq16 {
    /// Steps from `earlier` to `self`, taking the shorter way round.
    #[must_use]
    pub fn since(self, earlier: Seq16) -> i16 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }
}

/// Unwrapped sequence number: never wraps, and its low 16 bits are the wire's. For an egress SSRC it is
/// also the SRTP packet index (RFC 3711 §3.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq64(pub u64);

impl Seq64 {
    /// The number as sent on the wire.
    #[must_use]
    pub fn wire(self) -> Seq16 {
        let [.., high, low] = self.0.to_be_bytes();
        Seq16(u16::from_be_bytes([high, low]))
    }

    /// The following number.
    #[must_use]
    pub fn next(self) -> Seq64 {
        Seq64(self.0.saturating_add(1))
    }

    /// The unwrapped number nearest to `self` whose wire form is `wire`; `None` if it would be negative.
    #[must_use]
    pub fn nearest(self, wire: Seq16) -> Option<Seq64> {
        self.0.checked_add_signed(i64::from(wire.since(self.wire()))).map(Seq64)
    }
}

/// A short name as it stands in SDP and in header extensions, at most [`Self::MAX_LEN`] bytes.
///
/// A longer name is cut at that length; a header extension of the one-byte form (RFC 8285 §4.2) could not
/// carry more anyway.
macro_rules! short_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            bytes: [u8; Self::MAX_LEN],
            len: u8,
        }

        impl $name {
            /// Longest name kept, in bytes.
            pub const MAX_LEN: usize = 16;

            /// The name as in SDP.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(self.as_bytes()).unwrap_or_default()
            }

            /// Whether a header extension's content is this name.
            pub(crate) fn is(&self, bytes: &[u8]) -> bool {
                self.as_bytes() == bytes
            }

            fn as_bytes(&self) -> &[u8] {
                self.bytes.get(..usize::from(self.len)).unwrap_or_default()
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                let mut short = Self::default();
                let name = name.get(..name.floor_char_boundary(Self::MAX_LEN)).unwrap_or_default();
                for (to, from) in short.bytes.iter_mut().zip(name.as_bytes()) {
                    *to = *from;
                    short.len += 1;
                }
                short
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.as_str())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

short_name!(
    /// Media identification of an m-line (RFC 5888, RFC 9143). Browsers use one to three digits.
    Mid
);
short_name!(
    /// Identification of one encoding of an m-line (RFC 8851, RFC 8852).
    Rid
);

/// Peers of one group compete for being heard: those of one room. Chosen by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_unwraps_both_ways() {
        for (from, wire, expect) in [
            (65_535, 0, Some(65_536)),
            (65_536, 65_535, Some(65_535)),
            (10, 65_530, None),
            (70_000, 4_470, Some(70_006)),
            (1 << 40, 0, Some(1 << 40)),
        ] {
            assert_eq!(Seq64(from).nearest(Seq16(wire)), expect.map(Seq64), "{from} {wire}");
        }
    }

    #[test]
    fn mid_keeps_short_names_and_cuts_long_ones_at_a_character() {
        assert_eq!(Mid::from("12").as_str(), "12");
        assert_eq!(Mid::from("").as_str(), "");
        assert_eq!(Mid::from("123456789012345é").as_str(), "123456789012345");
        assert!(Mid::from("a0").is(b"a0"));
    }
}
