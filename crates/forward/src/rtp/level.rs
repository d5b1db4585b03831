//! The audio level header extension (RFC 6464), `urn:ietf:params:rtp-hdrext:ssrc-audio-level`.
//!
//! Reads one element's content; who speaks is decided elsewhere.

/// How loud the packet is, as its sender measured it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AudioLevel {
    /// The sender believes it is speech; false also from one that does not tell (`vad=off`).
    pub voice: bool,
    /// −dBov: 0 is loudest, 127 silence.
    pub dbov: u8,
}

impl AudioLevel {
    /// `None` unless it is the one byte of §3.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let &[byte] = content else { return None };
        Some(Self { voice: byte & 0x80 != 0, dbov: byte & 0x7f })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_table() {
        for (content, expect) in [
            (&[0x80][..], Some(AudioLevel { voice: true, dbov: 0 })),
            (&[0x9e], Some(AudioLevel { voice: true, dbov: 30 })),
            (&[0x7f], Some(AudioLevel { voice: false, dbov: 127 })),
            (&[], None),
            (&[0x80, 0], None),
        ] {
            assert_eq!(AudioLevel::parse(content), expect, "{content:x?}");
        }
    }
}
