//! Which payload formats the media plane forwards, and under what feedback.

use super::attributes::parameter;
use super::offer::{PayloadFormat, Section, SectionKind};
use forward::{Codec, CodecMap, H264Profile, Kind, PayloadType};

/// rtcp-fb lines that are kept for video, when offered: repair (RFC 4585), keyframe requests (RFC 5104),
/// and transport-wide feedback both ways.
const VIDEO_FEEDBACK: [&str; 3] = ["nack", "nack pli", "ccm fir"];
/// draft-alvestrand-rmcat-remb-03: kept where the browser sends. The server says by it how much that may be, and to those
/// alone who sent more.
const REMB: &str = "goog-remb";
/// The rtcp-fb line of draft-holmer-rmcat-transport-wide-cc-extensions-01.
pub(super) const TRANSPORT_CC: &str = "transport-cc";

/// Which way a section's media goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The browser sends.
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
        ("av1", 90_000) => Codec::Av1 {
            // AV1 RTP payload specification §7.2.1: absent means 0.
            profile: parameter(&format.fmtp, "profile").map_or(Some(0), |profile| profile.parse().ok())?,
        },
        // Only around opus: the fmtp line names the payload types of its blocks (RFC 2198 §5), checked below.
        ("red", 48_000) => Codec::Red,
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
    let carried = |format: &PayloadFormat| {
        codec_of(section.kind, format)
            .is_some_and(|codec| codec != Codec::Red || is_red_of_opus(section, format))
    };
    let forwarded = |payload_type: u8| {
        section.formats.iter().any(|format| format.payload_type == payload_type && carried(format))
    };
    section
        .formats
        .iter()
        .filter(|format| match format.repairs() {
            Some(repaired) => forwarded(repaired),
            None => carried(format),
        })
        .collect()
}

/// Whether every block of a RED format is opus of the same section.
fn is_red_of_opus(section: &Section, red: &PayloadFormat) -> bool {
    let mut blocks = red.fmtp.split('/').map(str::trim).peekable();
    blocks.peek().is_some_and(|block| !block.is_empty())
        && blocks.all(|block| {
            section.formats.iter().any(|format| {
                block.parse() == Ok(format.payload_type)
                    && codec_of(section.kind, format) == Some(Codec::Opus)
            })
        })
}

/// Whether AV1 is among what a section is answered with.
pub(super) fn has_av1(section: &Section) -> bool {
    section.formats.iter().any(|format| matches!(codec_of(section.kind, format), Some(Codec::Av1 { .. })))
}

/// The fmtp line of the answer: the offer's, and where the browser sends Opus, that it shall send in-band FEC and
/// stop when there is silence (RFC 7587 §6.1, `useinbandfec` and `usedtx`).
pub(super) fn answered_parameters(section: &Section, format: &PayloadFormat, way: Way) -> String {
    let mut fmtp = format.fmtp.clone();
    if way == Way::Ingress && codec_of(section.kind, format) == Some(Codec::Opus) {
        for (key, wanted) in [("useinbandfec", "useinbandfec=1"), ("usedtx", "usedtx=1")] {
            if parameter(&fmtp, key).is_none() {
                let separator = if fmtp.is_empty() { "" } else { ";" };
                fmtp = format!("{fmtp}{separator}{wanted}");
            }
        }
    }
    fmtp
}

/// The same for the media plane.
pub(crate) fn codec_maps(section: &Section) -> Vec<CodecMap> {
    section
        .formats
        .iter()
        .filter_map(|format| {
            let codec = codec_of(section.kind, format)?;
            if codec == Codec::Red && !is_red_of_opus(section, format) {
                return None;
            }
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
    let capped = video && way == Way::Ingress;
    format.feedback.iter().map(String::as_str).filter(move |line| {
        (video && VIDEO_FEEDBACK.contains(line)) || (capped && *line == REMB) || *line == TRANSPORT_CC
    })
}
