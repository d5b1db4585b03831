//! One's own microphone and camera: who holds which device, and what of it is sent.

use super::ext::TrackExt;
use super::track::{Track, TrackId};
use ::signal::Source;
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
    /// Held, and sending, unless the browser or the system has muted it.
    On(LocalTrack),
}

impl Device {
    /// As the session needs to know it.
    pub fn source_state(&self) -> SourceState {
        match self {
            Self::Absent => SourceState::Absent,
            Self::Off | Self::Silent(_) => SourceState::Muted,
            Self::On(track) if track.is_muted() => SourceState::Muted,
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
            Self::On(track) if !track.is_muted() => Some(track.track.id()),
            Self::Absent | Self::Off | Self::Silent(_) | Self::On(_) => None,
        }
    }

    /// The track that is held, sending or not.
    pub fn held(&self) -> Option<&Track> {
        match self {
            Self::Absent | Self::Off => None,
            Self::Silent(track) | Self::On(track) => Some(&track.track),
        }
    }

    /// Whether there is a track, sending or not.
    pub fn is_held(&self) -> bool {
        self.held().is_some()
    }

    /// Whether there is nothing, neither held nor let go.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Not asked for, because it is not wanted now.
    pub fn leave_off(&mut self) {
        if self.is_missing() {
            *self = Self::Off;
        }
    }

    /// Takes a fresh device, unless one is held already; what is not taken is let go. Safari on a phone
    /// mutes the older of two tracks of one device for good: then the fresh one is better.
    fn take_in(&mut self, fresh: Self) {
        let lacking = match self {
            Self::Absent | Self::Off => true,
            Self::Silent(_) => false,
            Self::On(track) => track.is_muted(),
        };
        if lacking && fresh.is_held() {
            *self = fresh;
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

/// The devices, and what is shared of the screen. Dropping them lets all go.
#[derive(Debug, Default)]
pub struct LocalMedia {
    /// Sound.
    pub microphone: Device,
    /// Pictures.
    pub camera: Device,
    /// A screen, a window or a tab: absent or on.
    pub screen: Device,
    /// Its sound, likewise.
    pub screen_audio: Device,
}

impl LocalMedia {
    /// What a source is published from.
    pub fn device(&self, source: Source) -> &Device {
        match source {
            Source::Microphone => &self.microphone,
            Source::Camera => &self.camera,
            Source::Screen => &self.screen,
            Source::ScreenAudio => &self.screen_audio,
        }
    }

    /// The same, to change it.
    pub fn device_mut(&mut self, source: Source) -> &mut Device {
        match source {
            Source::Microphone => &mut self.microphone,
            Source::Camera => &mut self.camera,
            Source::Screen => &mut self.screen,
            Source::ScreenAudio => &mut self.screen_audio,
        }
    }

    /// Shares a screen no longer.
    pub fn stop_sharing(&mut self) {
        self.screen = Device::Absent;
        self.screen_audio = Device::Absent;
    }

    /// Takes in what was asked for, as far as it is still missing, and as the person wants it by now.
    pub fn take_in(&mut self, fresh: Self, wishes: Wishes) {
        self.microphone.take_in(fresh.microphone);
        self.camera.take_in(fresh.camera);
        self.obey(wishes);
    }

    /// Takes what was asked for in the place of what is held; what is held stays where nothing came.
    pub fn replace(&mut self, fresh: Self, wishes: Wishes) {
        for (held, fresh) in [(&mut self.microphone, fresh.microphone), (&mut self.camera, fresh.camera)] {
            if fresh.is_held() {
                *held = fresh;
            }
        }
        self.obey(wishes);
    }

    fn obey(&mut self, wishes: Wishes) {
        if !wishes.microphone {
            self.microphone.silence();
        }
        if !wishes.camera {
            self.camera.release();
        }
    }
}

/// What the person wants to be on. Outlives a visit, so that nobody who was muted is heard after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Sound.
    pub microphone: bool,
    /// Pictures.
    pub camera: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { microphone: true, camera: true }
    }
}

/// What is in a track: whether movement or sharpness goes first (MST Content Hints §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing to see.
    Sound,
    /// Movement goes first.
    Faces,
    /// Sharpness goes first.
    Screen,
}

/// A device's track. Dropping it stops it.
#[derive(Debug)]
pub struct LocalTrack {
    track: Track,
    _on_ended: Closure<dyn FnMut()>,
    /// For `mute` and for `unmute`: the track says which it is.
    _on_muted: Closure<dyn FnMut()>,
}

impl LocalTrack {
    /// Takes a track over; `on_lost` is told when the device goes away by itself, `on_muted` when the
    /// browser or the system mutes it or no longer does (Media Capture and Streams §4.3.1).
    pub fn new(
        track: MediaStreamTrack,
        content: Content,
        on_lost: impl FnMut() + 'static,
        on_muted: impl FnMut() + 'static,
    ) -> Self {
        match content {
            Content::Sound => {}
            Content::Faces => track.unchecked_ref::<TrackExt>().set_content_hint("motion"),
            Content::Screen => track.unchecked_ref::<TrackExt>().set_content_hint("detail"),
        }
        let on_ended = Closure::<dyn FnMut()>::new(on_lost);
        track.set_onended(Some(on_ended.as_ref().unchecked_ref()));
        let on_muted = Closure::<dyn FnMut()>::new(on_muted);
        track.set_onmute(Some(on_muted.as_ref().unchecked_ref()));
        track.set_onunmute(Some(on_muted.as_ref().unchecked_ref()));
        Self { track: Track::new(track), _on_ended: on_ended, _on_muted: on_muted }
    }

    fn is_muted(&self) -> bool {
        self.track.raw().muted()
    }
}

impl Drop for LocalTrack {
    fn drop(&mut self) {
        self.track.raw().set_onended(None);
        self.track.raw().set_onmute(None);
        self.track.raw().set_onunmute(None);
        self.track.raw().stop();
    }
}
