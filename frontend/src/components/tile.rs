//! One participant: a picture or an avatar, the name, whether the microphone is off, whether they speak, and
//! how good the connection is.

use super::icon::{Icon, Shape};
use super::{Avatar, MediaView, QualityButton};
use crate::rtc::track::TrackId;
use crate::state::look::Size;
use crate::state::quality::{Cause, Verdict};
use crate::words;
use leptos::prelude::*;
use web_sys::HtmlElement;

#[component]
pub fn Tile(
    /// The participant's id, for tests.
    #[prop(into)]
    id: Signal<String>,
    #[prop(into)] name: Signal<String>,
    /// One's own: mirrored, and called "You".
    #[prop(optional)]
    own: bool,
    /// Nothing is heard from it.
    #[prop(into)]
    muted: Signal<bool>,
    /// It is heard now.
    #[prop(into)]
    speaking: Signal<bool>,
    /// Its picture, if one is sent.
    #[prop(into)]
    video: Signal<Option<TrackId>>,
    /// The server holds the picture back.
    #[prop(optional, into)]
    paused: Signal<bool>,
    /// Kept at the size at which the picture is on screen.
    #[prop(default = None)]
    size: Option<RwSignal<Size>>,
    /// How good the connection is, once that is known.
    #[prop(into)]
    verdict: Signal<Option<Verdict>>,
    /// Asked for the figures; given the button that was pressed.
    on_details: Callback<HtmlElement>,
    /// It is wanted before all others.
    #[prop(optional, into)]
    pinned: Signal<bool>,
    /// It is to be so, or no longer. Without it there is no choice.
    #[prop(default = None)]
    on_pin: Option<Callback<()>>,
) -> impl IntoView {
    let playing = RwSignal::new(false);
    let label = move || if own { words::YOU.to_owned() } else { name.get() };
    let whose = Signal::derive(move || (!own).then(|| name.get()));
    view! {
        <li
            class="tile"
            class:own=own
            class:held=paused
            class:pinned=pinned
            data-testid="tile"
            data-participant-id=id
            data-name=name
            data-self=own.to_string()
            data-speaking=Signal::derive(move || speaking.get().to_string())
        >
            <Show when=move || !playing.get()>
                <Avatar name />
            </Show>
            <MediaView track=video playing mirrored=own testid="tile-video" size />
            <Paused paused verdict />
            <p class="caption">
                <Show when=move || muted.get()>
                    <span class="badge" data-testid="badge-muted" role="img" aria-label=words::MUTED title=words::MUTED>
                        <Icon shape=Shape::MicrophoneOff />
                    </span>
                </Show>
                <span class="name" data-testid="tile-name" dir="auto">{label}</span>
            </p>
            {on_pin
                .map(|pin| {
                    view! {
                        <button
                            type="button"
                            class="pin"
                            data-testid="pin"
                            aria-pressed=move || pinned.get().to_string()
                            aria-label=move || words::pin(&name.get())
                            title=move || if pinned.get() { words::UNPIN } else { words::PIN }
                            on:click=move |_| pin.run(())
                        >
                            <Icon shape=Shape::Pin />
                        </button>
                    }
                })}
            <Quality verdict name=whose on_details />
        </li>
    }
}

/// Says that the server holds a picture back, while it does, and for whose sake.
#[component]
pub fn Paused(
    #[prop(into)] paused: Signal<bool>,
    #[prop(into)] verdict: Signal<Option<Verdict>>,
) -> impl IntoView {
    let by_server = move || verdict.get().is_some_and(|Verdict { cause, .. }| cause == Cause::PausedByServer);
    view! {
        <Show when=move || paused.get()>
            <p class="paused" data-testid="tile-paused">
                <Icon shape=Shape::Pause />
                <span>{move || if by_server() { words::PAUSED_BY_SERVER } else { words::PAUSED }}</span>
            </p>
        </Show>
    }
}

/// The indicator, from the moment on that something is known.
#[component]
pub fn Quality(
    #[prop(into)] verdict: Signal<Option<Verdict>>,
    #[prop(into)] name: Signal<Option<String>>,
    on_details: Callback<HtmlElement>,
) -> impl IntoView {
    let known = Memo::new(move |_| verdict.get().is_some());
    // Kept while it goes away, so that it does not change on the way.
    let last = Memo::new(move |before: Option<&Option<Verdict>>| verdict.get().or(before.copied().flatten()));
    move || {
        known.get().then(|| {
            let verdict = Signal::derive(move || last.get().unwrap_or(Verdict::FINE));
            view! { <QualityButton name verdict on_press=on_details /> }
        })
    }
}
