//! One's own microphone and camera: who holds which device, and what of it is sent.

use super::ext::TrackExt;
use super::track::{Track, TrackId};
use session::SourceState;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::MediaStreamTrack;

/// A device's life.
///
/// ```text
/// Absent ──opened──▶ On ◀──▶ Silent      the microphone: switched off, it is kept
///    ▲               │ ▲
///    └────lost───────┤ └──opened── Off   the camera: switched off, it is let go, and its light goes out
///                    └──────────────▲
/// ```
#[derive(Debug, Default)]
pub enum Device {
    /// There is none.
    #[default]
    Absent,
    /// There is one; it is let go.
    Off,
    /// Held, and sending nothing.
    Silent(LocalTrack),
    /// Held, and sending.
    On(LocalTrack),
}

impl Device {
    /// As the session needs to know it.
    pub fn source_state(&self) -> SourceState {
        match self {
            Self::Absent => SourceState::Absent,
            Self::Off | Self::Silent(_) => SourceState::Muted,
            Self::On(_) => SourceState::Live,
        }
    }

    /// The track to send.
    pub fn sending(&self) -> Option<&MediaStreamTrack> {
        match self {
            Self::Absent | Self::Off | Self::Silent(_) => None,
            Self::On(track) => Some(track.track.raw()),
        }
    }

    /// The number of the track to show.
    pub fn shown(&self) -> Option<TrackId> {
        match self {
            Self::Absent | Self::Off | Self::Silent(_) => None,
            Self::On(track) => Some(track.track.id()),
        }
    }

    /// Stops sending, and keeps the device.
    pub fn silence(&mut self) {
        *self = match std::mem::take(self) {
            Self::On(track) => {
                track.track.raw().set_enabled(false);
                Self::Silent(track)
            }
            other @ (Self::Absent | Self::Off | Self::Silent(_)) => other,
        };
    }

    /// Sends again, if the device is held.
    pub fn wake(&mut self) {
        *self = match std::mem::take(self) {
            Self::Silent(track) => {
                track.track.raw().set_enabled(true);
                Self::On(track)
            }
            other @ (Self::Absent | Self::Off | Self::On(_)) => other,
        };
    }

    /// Stops sending, and lets the device go.
    pub fn release(&mut self) {
        if !matches!(self, Self::Absent) {
            *self = Self::Off;
        }
    }
}

/// The two devices. Dropping them lets both go.
#[derive(Debug, Default)]
pub struct LocalMedia {
    /// Sound.
    pub microphone: Device,
    /// Pictures.
    pub camera: Device,
}

/// A device's track. Dropping it stops it.
#[derive(Debug)]
pub struct LocalTrack {
    track: Track,
    _on_ended: Closure<dyn FnMut()>,
}

impl LocalTrack {
    /// Takes a track over; `on_lost` is told when the device goes away by itself.
    pub fn new(track: MediaStreamTrack, on_lost: impl FnMut() + 'static) -> Self {
        if track.kind() == "video" {
            track.unchecked_ref::<TrackExt>().set_content_hint("motion");
        }
        let on_ended = Closure::<dyn FnMut()>::new(on_lost);
        track.set_onended(Some(on_ended.as_ref().unchecked_ref()));
        Self { track: Track::new(track), _on_ended: on_ended }
    }
}

impl Drop for LocalTrack {
    fn drop(&mut self) {
        self.track.raw().set_onended(None);
        self.track.raw().stop();
    }
}
