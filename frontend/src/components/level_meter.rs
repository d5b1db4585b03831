//! A bar as long as one is loud.

use crate::dom::{El, el};
use crate::reactive::{Signal, follow};
use crate::rtc::level;
use crate::rtc::track::TrackId;
use crate::words::Word;
use web_sys::HtmlElement;

/// A meter of this track; at rest while there is none.
pub fn level_meter(track: Signal<Option<TrackId>>) -> El {
    let meter = el("div").class("level").testid("level").set("role", "img").word("aria-label", Word::Level);
    let bar = meter.typed::<HtmlElement>().style();
    let show = move |level: u8| {
        // A value that makes no sense is passed over by the browser.
        let _ = bar.set_property("--level", &format!("{level}%"));
    };
    follow(move || {
        show(0);
        if let Some(track) = track.get() {
            level::watch(track, false, Box::new(show.clone()));
        }
    });
    meter
}
