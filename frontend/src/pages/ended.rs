//! Out of the room: why, and the way on.

use super::{focused_heading, link_button};
use crate::components::logo;
use crate::dom::{El, el};
use crate::reactive::Callback;
use crate::words::{self, Word};
use ::signal::ErrorCode;
use leptos::prelude::window;
use session::EndReason;

/// The page, with the way back in.
pub fn ended(reason: EndReason, on_rejoin: Callback<()>) -> El {
    let code = match &reason {
        EndReason::Refused(info) => Some(info.code),
        EndReason::Left | EndReason::Unreachable | EndReason::Browser(_) => None,
    };
    // An old page only repeats itself; a fresh one may speak the server's version.
    let stale = code == Some(ErrorCode::UnsupportedVersion);
    let again = move |_| {
        if stale {
            // A page that cannot be reloaded is going away already.
            let _ = window().location().reload();
        } else {
            on_rejoin.run(());
        }
    };
    let label = match reason {
        _ if stale => Word::Reload,
        EndReason::Left => Word::Rejoin,
        EndReason::Refused(_) | EndReason::Unreachable | EndReason::Browser(_) => Word::TryAgain,
    };
    let heading = focused_heading();
    let heading = if code == Some(ErrorCode::RoomFull) { heading.testid("room-full") } else { heading };
    let why = reason.clone();
    let buttons = el("div")
        .class("actions")
        .child(
            el("button")
                .set("type", "button")
                .class("button primary")
                .testid("rejoin")
                .on("click", again)
                .say(label),
        )
        .child(link_button("button", "/", "go-home").say(Word::Home));
    el("main").class("page narrow").child(logo()).child(
        el("section")
            .class("card message")
            .testid("ended")
            .child(heading.texts(move || words::ending(&why).title.to_owned()))
            .child(el("p").texts(move || words::ending(&reason).detail))
            .child(buttons),
    )
}
