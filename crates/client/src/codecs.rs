//! Which codecs an m-line offers, and in which order. Narrow, so that offers stay small.

use super::ext::TransceiverExt;
use ::signal::MediaKind;
use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{RtcRtpCapabilities, RtcRtpCodecCapability, RtcRtpReceiver, RtcRtpSender, RtcRtpTransceiver};

/// Narrows a transceiver. A browser that will not is left with what it offers by itself: the server
/// answers with what both sides have.
pub fn narrow(transceiver: &RtcRtpTransceiver, kind: MediaKind, sending: bool) {
    let name = match kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    };
    let transceiver: &TransceiverExt = transceiver.unchecked_ref();
    let receives = || RtcRtpReceiver::get_capabilities(name);
    let sends = || RtcRtpSender::get_capabilities(name);
    // Browsers differ in which of their lists they take preferences from, when sending.
    let lists = if sending { [sends(), receives()] } else { [receives(), None] };
    let narrowed = lists
        .iter()
        .flatten()
        .map(preferred)
        .any(|codecs| codecs.length() > 0 && transceiver.try_set_codec_preferences(&codecs).is_ok());
    if !narrowed {
        crate::page::warn(&format!("codecs of an {name} line are the browser's own"));
    }
}

/// What is offered, in the order of [`rank`], and in the browser's own within a rank.
fn preferred(capabilities: &RtcRtpCapabilities) -> Array {
    let codecs = capabilities.get_codecs();
    (0..=LAST_RANK)
        .flat_map(|wanted| {
            codecs.iter().filter(move |codec| {
                let codec: &RtcRtpCodecCapability = codec.unchecked_ref();
                let format = codec.get_sdp_fmtp_line().unwrap_or_default();
                rank(&codec.get_mime_type(), &format) == Some(wanted)
            })
        })
        .collect()
}

/// That of retransmission.
const LAST_RANK: u8 = 3;

/// The place of a codec in the offer; nothing when it is left out.
fn rank(mime_type: &str, format: &str) -> Option<u8> {
    let has = |parameter: &str| format.split(';').any(|part| part.trim() == parameter);
    match mime_type.to_ascii_lowercase().as_str() {
        "audio/opus" | "video/vp8" => Some(0),
        "audio/red" => Some(1), // opus twice, where the network loses (RFC 2198); opus stays the first choice
        "video/h264" => has("packetization-mode=1").then_some(1),
        "video/vp9" => (has("profile-id=0") || !format.contains("profile-id")).then_some(2),
        "video/rtx" => Some(LAST_RANK),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_have_their_places() {
        assert_eq!(rank("video/VP8", ""), Some(0));
        let h264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
        assert_eq!(rank("video/H264", h264), Some(1));
        assert_eq!(rank("video/H264", &h264.replace("mode=1", "mode=0")), None);
        assert_eq!(rank("video/VP9", "profile-id=0"), Some(2));
        assert_eq!(rank("video/VP9", "profile-id=2"), None);
        assert_eq!(rank("video/rtx", ""), Some(3));
        assert_eq!(rank("audio/opus", "minptime=10;useinbandfec=1"), Some(0));
        assert_eq!(rank("audio/red", "111/111"), Some(1));
        for left_out in ["video/AV1", "video/red", "video/ulpfec", "video/flexfec-03", "audio/PCMU"] {
            assert_eq!(rank(left_out, ""), None, "{left_out}");
        }
    }
}
