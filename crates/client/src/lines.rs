//! M-lines of the peer connection as transceivers: those that send, and slots that receive.

use super::codecs;
use super::encodings::{self, EncodingPlan};
use super::ext::PeerConnectionExt;
use super::marks::{Moment, mark};
use super::peer::PeerError;
use super::sender::{self, PictureSender};
use super::track::Track;
use crate::page::spawn_local;
use ::signal::{MediaKind, Source};
use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaStream, MediaStreamTrack, RtcPeerConnection, RtcRtpTransceiver, RtcRtpTransceiverDirection,
    RtcRtpTransceiverInit,
};

/// What a camera is taken to capture before one is known: what it is asked for.
const CAMERA: (u32, u32) = (1280, 720);
/// A screen, likewise.
const SCREEN: (u32, u32) = (1920, 1080);

/// A receive-only line; the server chooses what feeds it.
#[derive(Debug)]
pub struct Slot {
    /// The line.
    pub transceiver: RtcRtpTransceiver,
    /// What comes in, the same object whatever feeds it.
    pub track: Track,
    /// Of a picture's: the track is unmuted when its first packet comes (webrtc-pc §5.3). For the timeline only.
    _on_packet: Option<Closure<dyn FnMut()>>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.track.raw().set_onunmute(None);
    }
}

/// A line that sends.
#[derive(Debug)]
pub struct SendLine {
    /// What it carries.
    pub source: Source,
    /// The line.
    pub transceiver: RtcRtpTransceiver,
    /// Of a picture: what is made of it.
    picture: Option<PictureSender>,
}

impl SendLine {
    /// A line with nothing to send yet. A picture has all its encodings from the start, because their number
    /// cannot be changed later.
    pub fn add(
        connection: &RtcPeerConnection,
        source: Source,
        stream: &MediaStream,
    ) -> Result<Self, PeerError> {
        let kind = source.kind();
        let init = RtcRtpTransceiverInit::new();
        init.set_direction(RtcRtpTransceiverDirection::Sendonly);
        init.set_streams(&Array::of1(stream));
        let plans = plans(source, None);
        if !plans.is_empty() {
            init.set_send_encodings(&sender::initial(&plans));
        }
        let transceiver = add_line(connection, kind, &init)?;
        codecs::narrow(&transceiver, kind, true);
        let picture = (!plans.is_empty()).then(|| PictureSender::new(transceiver.sender(), plans));
        Ok(Self { source, transceiver, picture })
    }

    /// A line with one encoding, the best that the capture has.
    pub fn alone(source: Source, transceiver: RtcRtpTransceiver) -> Self {
        // Whose bounds are told with the first track.
        let picture = || PictureSender::new(transceiver.sender(), vec![]);
        let picture = (source.kind() == MediaKind::Video).then(picture);
        Self { source, transceiver, picture }
    }

    /// Sends a track, or nothing.
    pub fn send(&self, track: Option<&MediaStreamTrack>) {
        let promise = self.transceiver.sender().replace_track(track);
        spawn_local(async move {
            if let Err(error) = JsFuture::from(promise).await {
                crate::page::warn(&PeerError::at("replace track")(error).to_string());
            }
        });
        if let Some((picture, track)) = self.picture.as_ref().zip(track) {
            picture.set_plans(plans(self.source, Some(track)));
        }
    }

    /// Makes nothing of a picture from now on, or makes it again.
    pub fn hold(&self, held: bool) {
        if let Some(picture) = &self.picture {
            picture.hold(held);
        }
    }

    /// Makes only these encodings, by their places.
    pub fn set_wanted(&self, wanted: Vec<u8>) {
        if let Some(picture) = &self.picture {
            picture.set_wanted(wanted);
        }
    }
}

/// The encodings of what is captured; none of sound.
fn plans(source: Source, track: Option<&MediaStreamTrack>) -> Vec<EncodingPlan> {
    let settings = track.map(MediaStreamTrack::get_settings);
    let size = settings.and_then(|settings| {
        let (width, height) = settings.get_width().zip(settings.get_height())?;
        u32::try_from(width).ok().zip(u32::try_from(height).ok()).filter(|(w, h)| *w > 0 && *h > 0)
    });
    let (width, height) = size.unwrap_or(if source == Source::Screen { SCREEN } else { CAMERA });
    match source {
        Source::Microphone | Source::ScreenAudio => vec![],
        Source::Camera => encodings::camera(width, height),
        Source::Screen => encodings::screen(width, height),
    }
}

/// A slot.
pub fn add_slot(connection: &RtcPeerConnection, kind: MediaKind) -> Result<Slot, PeerError> {
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(RtcRtpTransceiverDirection::Recvonly);
    let transceiver = add_line(connection, kind, &init)?;
    codecs::narrow(&transceiver, kind, false);
    let track = Track::new(transceiver.receiver().track());
    let on_packet = (kind == MediaKind::Video).then(|| Closure::<dyn FnMut()>::new(|| mark(Moment::Packet)));
    if let Some(on_packet) = &on_packet {
        track.raw().set_onunmute(Some(on_packet.as_ref().unchecked_ref()));
    }
    Ok(Slot { transceiver, track, _on_packet: on_packet })
}

/// A line of a kind.
pub fn add_line(
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
