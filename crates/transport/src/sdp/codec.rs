//! Which payload formats the media plane forwards, and under what feedback.

use super::attributes::parameter;
use super::offer::{PayloadFormat, Section, SectionKind};
use forward::{Codec, CodecMap, H264Profile, Kind, PayloadType};

/// rtcp-fb lines that are kept for video, when offered: repair (RFC 4585), keyframe requests (RFC 5104),
/// and, on send m-lines, transport-wide feedback. `goog-remb` is not: the server does not send it.
const VIDEO_FEEDBACK: [&str; 3] = ["nack", "nack pli", "ccm fir"];
/// The rtcp-fb line of draft-holmer-rmcat-transport-wide-cc-extensions-01.
pub(super) const TRANSPORT_CC: &str = "transport-cc";

/// What may be kept of a section's feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The browser sends: transport-cc wanted.
    Ingress,
    /// The browser receives.
    Egress,
}

/// The codec that a format stands for, if it is one that is forwarded.
pub(super) fn codec_of(kind: SectionKind, format: &PayloadFormat) -> Option<Codec> {
    let codec = match (format.name.to_ascii_lowercase().as_str(), format.clock_rate) {
        ("opus", 48_000) => Codec::Opus,
        ("vp8", 90_000) => Codec::Vp8,
        ("vp9", 90_000) => Codec::Vp9 {
            // RFC 9628 §6: absent means 0.
            profile: parameter(&format.fmtp, "profile-id").map_or(Some(0), |id| id.parse().ok())?,
        },
        ("h264", 90_000) => Codec::H264 {
            // RFC 6184 §8.1: absent means baseline level 1.
            profile: H264Profile::from_profile_level_id(
                parameter(&format.fmtp, "profile-level-id").unwrap_or("42000a"),
            )?,
            packetization_mode: parameter(&format.fmtp, "packetization-mode")
                .map_or(Some(0), |mode| mode.parse().ok())
                .filter(|mode| *mode <= 1)?,
        },
        _ => return None,
    };
    let fits = match codec.kind() {
        Kind::Audio => kind == SectionKind::Audio,
        Kind::Video => kind == SectionKind::Video,
    };
    fits.then_some(codec)
}

/// A section's formats that are forwarded, in the browser's order, RTX formats behind theirs.
pub(super) fn accepted(section: &Section) -> Vec<&PayloadFormat> {
    let forwarded = |payload_type: u8| {
        section
            .formats
            .iter()
            .any(|format| format.payload_type == payload_type && codec_of(section.kind, format).is_some())
    };
    section
        .formats
        .iter()
        .filter(|format| match format.repairs() {
            Some(repaired) => forwarded(repaired),
            None => codec_of(section.kind, format).is_some(),
        })
        .collect()
}

/// The same for the media plane.
pub(crate) fn codec_maps(section: &Section) -> Vec<CodecMap> {
    section
        .formats
        .iter()
        .filter_map(|format| {
            let codec = codec_of(section.kind, format)?;
            Some(CodecMap {
                codec,
                payload_type: PayloadType(format.payload_type),
                rtx: section.rtx_of(format.payload_type).map(PayloadType),
                nack: codec.kind() == Kind::Video && format.feedback.iter().any(|line| line == "nack"),
            })
        })
        .collect()
}

/// The feedback lines of a format that are kept.
pub(super) fn kept_feedback<'a>(
    section: &Section,
    format: &'a PayloadFormat,
    way: Way,
) -> impl Iterator<Item = &'a str> {
    let video = section.kind == SectionKind::Video;
    format.feedback.iter().map(String::as_str).filter(move |line| {
        (video && VIDEO_FEEDBACK.contains(line)) || (way == Way::Ingress && *line == TRANSPORT_CC)
    })
}
