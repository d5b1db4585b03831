//! How one will look to the others, and the two switches.

use crate::components::{Avatar, Controls, MediaView};
use crate::rtc::call::Call;
use crate::state::room::{RoomState, RoomStateStoreFields};
use crate::words;
use leptos::prelude::*;
use reactive_stores::Store;
use session::SourceState;

#[component]
pub fn Preview(name: RwSignal<String>, store: Store<RoomState>, call: Call) -> impl IntoView {
    let local = store.local();
    let playing = RwSignal::new(false);
    let camera = Memo::new(move |_| local.read().camera);
    let asking = Memo::new(move |_| local.read().asking > 0);
    let lacking = Memo::new(move |_| local.read().lacks_camera());
    let asked = Memo::new(move |_| local.read().asked);
    let caption = move || match camera.get() {
        SourceState::Live => None,
        SourceState::Muted | SourceState::Absent if asking.get() => Some(words::ASKING),
        SourceState::Absent if lacking.get() => Some(words::NO_CAMERA),
        SourceState::Muted | SourceState::Absent => asked.get().then_some(words::CAMERA_IS_OFF),
    };
    view! {
        <section class="preview" class:playing=playing aria-label=words::PREVIEW>
            <Show when=move || !playing.get()>
                <Avatar name />
                <p class="caption" role="status">{caption}</p>
            </Show>
            <MediaView
                track=Signal::derive(move || local.read().preview)
                playing
                mirrored=true
                testid="preview-video"
                label=words::PREVIEW
            />
            <Controls
                microphone=Signal::derive(move || local.read().microphone)
                camera
                asking
                on_microphone=Callback::new(move |()| call.switch_microphone())
                on_camera=Callback::new(move |()| call.switch_camera())
            />
        </section>
    }
}
