//! Codecs: what is negotiated, and what a payload's first bytes say.
//!
//! Owns the codec identities and, in its child modules, the read-only payload parsers. Changing payload
//! bytes is `rewrite`'s business.

mod av1;
mod bits;
pub(crate) mod dependency;
pub(crate) mod descriptor;
mod h264;
pub(crate) mod layer;
pub(crate) mod red;
mod vp8;
mod vp9;
#[cfg(test)]
pub(crate) mod write;

use std::time::Duration;

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Forwarded at once, never asked for keyframes.
    Audio,
    /// Starts at a keyframe.
    Video,
}

/// A codec with those of its parameters that decide whether two payload types carry the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 7587.
    Opus,
    /// Opus with redundancy, RFC 2198: `red/48000/2` of which every block is Opus.
    Red,
    /// RFC 7741.
    Vp8,
    /// RFC 9628.
    Vp9 {
        /// `profile-id`, 0–3.
        profile: u8,
    },
    /// RFC 6184.
    H264 {
        /// From `profile-level-id`; the level is not compared.
        profile: H264Profile,
        /// `packetization-mode`, 0 or 1.
        packetization_mode: u8,
    },
    /// RTP Payload Format For AV1.
    Av1 {
        /// `profile`, 0–2.
        profile: u8,
    },
}

impl Codec {
    /// RTP clock rate in Hz.
    #[must_use]
    pub const fn clock_rate(self) -> u32 {
        match self {
            Codec::Opus | Codec::Red => 48_000,
            Codec::Vp8 | Codec::Vp9 { .. } | Codec::H264 { .. } | Codec::Av1 { .. } => 90_000,
        }
    }

    /// Audio or video.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Codec::Opus | Codec::Red => Kind::Audio,
            Codec::Vp8 | Codec::Vp9 { .. } | Codec::H264 { .. } | Codec::Av1 { .. } => Kind::Video,
        }
    }

    /// Whether what was sent as `self` may be forwarded on a payload type negotiated as `offered`.
    ///
    /// H.264 constrained baseline is a subset of every profile named here (ITU-T H.264 A.2), and
    /// packetization mode 0 of mode 1 (RFC 6184 §6.2, §6.3); the other way round is refused.
    #[must_use]
    pub fn compatible_with(self, offered: Codec) -> bool {
        match (self, offered) {
            (
                Codec::H264 { profile, packetization_mode },
                Codec::H264 { profile: into, packetization_mode: mode },
            ) => {
                packetization_mode <= mode && (profile == into || profile == H264Profile::ConstrainedBaseline)
            }
            (sent, offered) => sent == offered,
        }
    }

    /// A usual distance between frames, by which a timestamp steps at least when the source changes.
    pub(crate) const fn frame_duration(self) -> Duration {
        match self.kind() {
            Kind::Audio => Duration::from_millis(20),
            Kind::Video => Duration::from_millis(33),
        }
    }
}

/// H.264 profiles as WebRTC tells them apart by `profile-level-id` (RFC 6184 §8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum H264Profile {
    /// 42 with `constraint_set1`, e.g. `42e01f`.
    ConstrainedBaseline,
    /// 42 without it, e.g. `42001f`.
    Baseline,
    /// 4d, e.g. `4d001f`.
    Main,
    /// 64 with `constraint_set4` and 5, e.g. `640c1f`.
    ConstrainedHigh,
    /// 64, e.g. `64001f`.
    High,
    /// f4, e.g. `f4001f`.
    High444,
}

impl H264Profile {
    /// Reads the six hexadecimal digits of `profile-level-id`; `None` for a profile not known here.
    #[must_use]
    pub fn from_profile_level_id(text: &str) -> Option<Self> {
        if text.len() != 6 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let [_, idc, constraints, _] = u32::from_str_radix(text, 16).ok()?.to_be_bytes();
        match (idc, constraints) {
            (0x42, c) if c & 0x40 != 0 => Some(Self::ConstrainedBaseline),
            // Main and extended profile streams that also obey baseline's constraints.
            (0x4d, c) if c & 0x80 != 0 => Some(Self::ConstrainedBaseline),
            (0x42, _) => Some(Self::Baseline),
            (0x4d, _) => Some(Self::Main),
            (0x64, c) if c & 0x0c == 0x0c => Some(Self::ConstrainedHigh),
            (0x64, _) => Some(Self::High),
            (0xf4, _) => Some(Self::High444),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_level_id_table() {
        for (text, expect) in [
            ("42e01f", Some(H264Profile::ConstrainedBaseline)),
            ("42E034", Some(H264Profile::ConstrainedBaseline)),
            ("42001f", Some(H264Profile::Baseline)),
            ("4d001f", Some(H264Profile::Main)),
            ("640c1f", Some(H264Profile::ConstrainedHigh)),
            ("64001f", Some(H264Profile::High)),
            ("f4001f", Some(H264Profile::High444)),
            ("+2e01f", None),
            ("42e0", None),
        ] {
            assert_eq!(H264Profile::from_profile_level_id(text), expect, "{text}");
        }
    }

    #[test]
    fn compatibility_is_directional() {
        let h264 = |profile, packetization_mode| Codec::H264 { profile, packetization_mode };
        let constrained = h264(H264Profile::ConstrainedBaseline, 1);
        assert!(constrained.compatible_with(h264(H264Profile::High, 1)));
        assert!(!h264(H264Profile::High, 1).compatible_with(constrained));
        assert!(!constrained.compatible_with(h264(H264Profile::ConstrainedBaseline, 0)));
        assert!(!Codec::Vp9 { profile: 0 }.compatible_with(Codec::Vp9 { profile: 2 }));
        assert!(!Codec::Av1 { profile: 0 }.compatible_with(Codec::Av1 { profile: 1 }));
        assert!(Codec::Av1 { profile: 0 }.compatible_with(Codec::Av1 { profile: 0 }));
        assert!(Codec::Vp8.compatible_with(Codec::Vp8));
        assert!(Codec::Red.compatible_with(Codec::Red));
        assert!(!Codec::Red.compatible_with(Codec::Opus), "it must be stripped first");
        assert!(!Codec::Opus.compatible_with(Codec::Red));
    }

    #[test]
    fn kinds_and_clock_rates() {
        for (codec, kind, rate) in
            [(Codec::Red, Kind::Audio, 48_000), (Codec::Av1 { profile: 0 }, Kind::Video, 90_000)]
        {
            assert_eq!((codec.kind(), codec.clock_rate()), (kind, rate), "{codec:?}");
        }
    }
}
