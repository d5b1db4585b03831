//! M-lines of the peer connection as transceivers: two that send, and slots that receive.

use super::codecs;
use super::ext::PeerConnectionExt;
use super::peer::PeerError;
use super::track::Track;
use ::signal::MediaKind;
use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{
    MediaStream, RtcPeerConnection, RtcRtpEncodingParameters, RtcRtpTransceiver, RtcRtpTransceiverDirection,
    RtcRtpTransceiverInit,
};

/// What the camera may take, in bits per second: 720p at 30 frames.
const MAX_VIDEO_BITRATE: u32 = 1_700_000;

/// A receive-only line; the server chooses what feeds it.
#[derive(Debug)]
pub struct Slot {
    /// The line.
    pub transceiver: RtcRtpTransceiver,
    /// What comes in, the same object whatever feeds it.
    pub track: Track,
}

/// A line that sends, with nothing to send yet.
pub fn add_sender(
    connection: &RtcPeerConnection,
    kind: MediaKind,
    stream: &MediaStream,
) -> Result<RtcRtpTransceiver, PeerError> {
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(RtcRtpTransceiverDirection::Sendonly);
    init.set_streams(&Array::of1(stream));
    if kind == MediaKind::Video {
        let encoding = RtcRtpEncodingParameters::new();
        encoding.set_max_bitrate(MAX_VIDEO_BITRATE);
        init.set_send_encodings(&Array::of1(&encoding));
    }
    let transceiver = add_line(connection, kind, &init)?;
    codecs::narrow(&transceiver, kind, true);
    Ok(transceiver)
}

/// A slot.
pub fn add_slot(connection: &RtcPeerConnection, kind: MediaKind) -> Result<Slot, PeerError> {
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(RtcRtpTransceiverDirection::Recvonly);
    let transceiver = add_line(connection, kind, &init)?;
    codecs::narrow(&transceiver, kind, false);
    let track = Track::new(transceiver.receiver().track());
    Ok(Slot { transceiver, track })
}

fn add_line(
    connection: &RtcPeerConnection,
    kind: MediaKind,
    init: &RtcRtpTransceiverInit,
) -> Result<RtcRtpTransceiver, PeerError> {
    let kind = match kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    };
    let connection: &PeerConnectionExt = connection.unchecked_ref();
    connection.try_add_transceiver(kind, init).map_err(PeerError::at("add a line"))
}
