//! The two switches, together over the preview, and each in the room's bar.

use super::icon::{Shape, icon_of};
use crate::dom::{El, el};
use crate::reactive::{Callback, Signal};
use crate::state::keys::Action;
use crate::words::{self, Word, say};
use session::SourceState;

/// A device that can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switchable {
    Microphone,
    Camera,
}

impl Switchable {
    fn testid(self) -> &'static str {
        match self {
            Self::Microphone => "toggle-mic",
            Self::Camera => "toggle-camera",
        }
    }

    fn name(self) -> Word {
        match self {
            Self::Microphone => Word::Microphone,
            Self::Camera => Word::Camera,
        }
    }

    /// What pressing does.
    fn action(self, on: bool) -> Word {
        match (self, on) {
            (Self::Microphone, true) => Word::MicrophoneOff,
            (Self::Microphone, false) => Word::MicrophoneOn,
            (Self::Camera, true) => Word::CameraOff,
            (Self::Camera, false) => Word::CameraOn,
        }
    }

    fn icon(self, on: bool) -> Shape {
        match (self, on) {
            (Self::Microphone, true) => Shape::Microphone,
            (Self::Microphone, false) => Shape::MicrophoneOff,
            (Self::Camera, true) => Shape::Camera,
            (Self::Camera, false) => Shape::CameraOff,
        }
    }
}

/// What the controls show and do.
#[derive(Clone, Copy)]
pub struct Controls {
    /// As the others have it.
    pub microphone: Signal<SourceState>,
    /// Likewise.
    pub camera: Signal<SourceState>,
    /// The browser is asked now; pressing has to wait.
    pub asking: Signal<bool>,
    /// Switches it.
    pub on_microphone: Callback<()>,
    /// Likewise.
    pub on_camera: Callback<()>,
}

/// The switches, the camera's after the microphone's.
pub fn controls(controls: Controls) -> El {
    let Controls { microphone, camera, asking, on_microphone, on_camera } = controls;
    el("div")
        .class("controls")
        .set("role", "group")
        .word("aria-label", Word::Controls)
        .child(switch(Switchable::Microphone, microphone, asking, on_microphone, None))
        .child(switch(Switchable::Camera, camera, asking, on_camera, None))
}

/// One switch; with the key that does the same, if one does.
pub fn switch(
    what: Switchable,
    state: Signal<SourceState>,
    asking: Signal<bool>,
    press: Callback<()>,
    key: Option<Action>,
) -> El {
    let on = move || state.get() == SourceState::Live;
    el("button")
        .set("type", "button")
        .class("round switch")
        .testid(what.testid())
        .truth("aria-pressed", on)
        .word("aria-label", what.name())
        .truth("aria-busy", move || asking.get())
        .bind("title", move || words::with_key(say(what.action(on())), key))
        .on("click", move |_| press.run(()))
        .child(icon_of(move || what.icon(on())))
}
