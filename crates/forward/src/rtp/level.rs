//! The audio level header extension (RFC 6464), `urn:ietf:params:rtp-hdrext:ssrc-audio-level`.
//!
//! Reads one element's content; who speaks is decided elsewhere.

/// How loud the packet is, as its sender measured it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AudioLevel {
    /// −dBov: 0 is loudest, 127 silence.
    pub dbov: u8,
}

impl AudioLevel {
    /// `None` unless it is the one byte of §3.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let &[byte] = content else { return None };
        // The top bit says whether the sender takes it for speech; senders differ too much in that.
        Some(Self { dbov: byte & 0x7f })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_table() {
        for (content, expect) in [
            (&[0x80][..], Some(AudioLevel { dbov: 0 })),
            (&[0x9e], Some(AudioLevel { dbov: 30 })),
            (&[0x7f], Some(AudioLevel { dbov: 127 })),
            (&[], None),
            (&[0x80, 0], None),
        ] {
            assert_eq!(AudioLevel::parse(content), expect, "{content:x?}");
        }
    }
}
