//! The two switches, alone over the preview or with a screen to share and the way out in the room.

use super::icon::{Icon, Shape};
use crate::words;
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

    fn name(self) -> &'static str {
        match self {
            Self::Microphone => words::MICROPHONE,
            Self::Camera => words::CAMERA,
        }
    }

    /// What pressing does.
    fn action(self, on: bool) -> &'static str {
        match self {
            Self::Microphone => words::switch_microphone(on),
            Self::Camera => words::switch_camera(on),
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

#[component]
pub fn SwitchButton(
    what: Switchable,
    #[prop(into)] state: Signal<SourceState>,
    /// The browser is asked now; pressing has to wait.
    #[prop(into)]
    asking: Signal<bool>,
    on_press: Callback<()>,
) -> impl IntoView {
    let on = Signal::derive(move || state.get() == SourceState::Live);
    view! {
        <button
            type="button"
            class="round switch"
            data-testid=what.testid()
            aria-pressed=move || on.get().to_string()
            aria-label=what.name()
            aria-busy=move || asking.get().to_string()
            title=move || what.action(on.get())
            on:click=move |_| on_press.run(())
        >
            <Icon shape=Signal::derive(move || what.icon(on.get())) />
        </button>
    }
}

#[component]
pub fn Controls(
    #[prop(into)] microphone: Signal<SourceState>,
    #[prop(into)] camera: Signal<SourceState>,
    #[prop(into)] asking: Signal<bool>,
    on_microphone: Callback<()>,
    on_camera: Callback<()>,
    /// Whether a screen is shared.
    #[prop(default = SourceState::Absent.into(), into)]
    screen: Signal<SourceState>,
    /// Without it there is no screen to share.
    #[prop(default = None)]
    on_screen: Option<Callback<()>>,
    /// Without it there is no way out to show.
    #[prop(optional)]
    on_leave: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="controls" role="group" aria-label=words::CONTROLS>
            <SwitchButton what=Switchable::Microphone state=microphone asking on_press=on_microphone />
            <SwitchButton what=Switchable::Camera state=camera asking on_press=on_camera />
            {on_screen
                .map(|switch| {
                    let on = Signal::derive(move || screen.get() != SourceState::Absent);
                    view! {
                        <button
                            type="button"
                            class="round share"
                            data-testid="toggle-screen"
                            aria-pressed=move || on.get().to_string()
                            aria-label=words::SCREEN
                            title=move || if on.get() { words::STOP_SHARING } else { words::SHARE_SCREEN }
                            on:click=move |_| switch.run(())
                        >
                            <Icon shape=Shape::Screen />
                        </button>
                    }
                })}
            {on_leave
                .map(|leave| {
                    view! {
                        <button
                            type="button"
                            class="leave"
                            data-testid="leave"
                            title=words::LEAVE
                            on:click=move |_| leave.run(())
                        >
                            <Icon shape=Shape::Leave />
                            <span>{words::LEAVE}</span>
                        </button>
                    }
                })}
        </div>
    }
}
