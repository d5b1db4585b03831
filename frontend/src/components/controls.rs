//! The two switches, alone over the preview or with a screen to share and the way out in the room.

use super::icon::{Shape, icon, icon_of};
use crate::dom::{El, el};
use crate::words::{Word, say};
use leptos::prelude::*;
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
    /// Whether a screen is shared, and what switches that; without it there is no screen to share.
    pub screen: Option<(Signal<SourceState>, Callback<()>)>,
    /// Without it there is no way out to show.
    pub on_leave: Option<Callback<()>>,
}

/// The group of them.
pub fn controls(controls: Controls) -> El {
    let Controls { microphone, camera, asking, on_microphone, on_camera, screen, on_leave } = controls;
    el("div")
        .class("controls")
        .set("role", "group")
        .word("aria-label", Word::Controls)
        .child(switch(Switchable::Microphone, microphone, asking, on_microphone))
        .child(switch(Switchable::Camera, camera, asking, on_camera))
        .maybe(screen.map(|(state, press)| share(state, press)))
        .maybe(on_leave.map(leave))
}

fn switch(what: Switchable, state: Signal<SourceState>, asking: Signal<bool>, press: Callback<()>) -> El {
    let on = move || state.get() == SourceState::Live;
    el("button")
        .set("type", "button")
        .class("round switch")
        .testid(what.testid())
        .truth("aria-pressed", on)
        .word("aria-label", what.name())
        .truth("aria-busy", move || asking.get())
        .bind("title", move || say(what.action(on())).to_owned())
        .on("click", move |_| press.run(()))
        .child(icon_of(move || what.icon(on())))
}

fn share(state: Signal<SourceState>, press: Callback<()>) -> El {
    let on = move || state.get() != SourceState::Absent;
    let action = move || say(if on() { Word::StopSharing } else { Word::ShareScreen }).to_owned();
    el("button")
        .set("type", "button")
        .class("round share")
        .testid("toggle-screen")
        .truth("aria-pressed", on)
        .word("aria-label", Word::Screen)
        .bind("title", action)
        .on("click", move |_| press.run(()))
        .child(icon(Shape::Screen))
}

fn leave(press: Callback<()>) -> El {
    el("button")
        .set("type", "button")
        .class("leave")
        .testid("leave")
        .word("title", Word::Leave)
        .on("click", move |_| press.run(()))
        .child(icon(Shape::Leave))
        .child(el("span").say(Word::Leave))
}
