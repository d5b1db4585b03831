//! Picture in picture: who is looked at, in a small window over all others, while the page goes on behind.
//!
//! The video that is shown there is in no document, and plays nothing until it is asked for.

use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal, StoredValue, follow, keep};
use crate::rtc::track::{self, TrackId};
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::document;
use madang_client::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlVideoElement;

/// What opens and closes the window; nothing where there is none. `open` says whether it is there, and `track` what
/// it shows: the last picture stays while there is none.
pub fn picture_in_picture(track: Signal<Option<TrackId>>, open: RwSignal<bool>) -> Option<Callback<()>> {
    let enabled = Reflect::get(&document(), &"pictureInPictureEnabled".into()).ok()?;
    enabled.is_truthy().then_some(())?;
    let view = el("video")
        .set("playsinline", "")
        .on("enterpictureinpicture", move |_| {
            open.set(true);
        })
        .on("leavepictureinpicture", move |_| {
            open.set(false);
        });
    let video: HtmlVideoElement = view.typed();
    video.set_muted(true);
    let shown = StoredValue::new(view);
    follow(move || {
        if let Some(track) = track.get().filter(|_| open.get()) {
            show(shown, Some(track));
        }
    });
    keep(Shown(video));
    Some(Callback::new(move |()| {
        if open.get_untracked() {
            // The window tells when it is gone.
            let _ = call(&document(), "exitPictureInPicture");
        } else if let Some(track) = track.get_untracked() {
            show(shown, Some(track));
            let Some(video) = shown.try_with_value(El::typed::<HtmlVideoElement>) else { return };
            spawn_local(async move {
                // Refused by a browser that wants a press first, and by one that is asked twice: all stays as it is.
                let Ok(playing) = video.play() else { return };
                if JsFuture::from(playing).await.is_ok()
                    && let Some(opened) = call(&video, "requestPictureInPicture")
                {
                    let _ = JsFuture::from(opened).await;
                }
            });
        }
    }))
}

fn show(view: StoredValue<El>, track: Option<TrackId>) {
    view.try_with_value(|view| {
        let video: HtmlVideoElement = view.typed();
        track::attach(&video, track);
        // Refused while there is nothing to play.
        let _ = video.play();
    });
}

fn call(on: &JsValue, name: &str) -> Option<Promise> {
    let method: Function = Reflect::get(on, &name.into()).ok()?.dyn_into().ok()?;
    method.call0(on).ok()?.dyn_into().ok()
}

/// Lets the track go, and the window with it, when it is dropped.
struct Shown(HtmlVideoElement);

impl Drop for Shown {
    fn drop(&mut self) {
        let open = Reflect::get(&document(), &"pictureInPictureElement".into());
        if open.is_ok_and(|open| open == *AsRef::<JsValue>::as_ref(&self.0)) {
            let _ = call(&document(), "exitPictureInPicture");
        }
        track::attach(&self.0, None);
    }
}
