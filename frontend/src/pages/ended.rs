//! Out of the room: why, and the way on.

use super::focused_heading;
use crate::components::Logo;
use crate::words;
use ::signal::ErrorCode;
use leptos::prelude::*;
use session::EndReason;

#[component]
pub fn Ended(reason: EndReason, on_rejoin: Callback<()>) -> impl IntoView {
    let words::Ending { title, detail } = words::ending(&reason);
    let code = match &reason {
        EndReason::Refused(info) => Some(info.code),
        EndReason::Left | EndReason::Unreachable | EndReason::Browser(_) => None,
    };
    let full = code == Some(ErrorCode::RoomFull);
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
    let heading = focused_heading();
    let label = match reason {
        _ if stale => words::RELOAD,
        EndReason::Left => words::REJOIN,
        EndReason::Refused(_) | EndReason::Unreachable | EndReason::Browser(_) => words::TRY_AGAIN,
    };
    view! {
        <main class="page narrow">
            <Logo />
            <section class="card message" data-testid="ended">
                <h1 tabindex="-1" node_ref=heading data-testid=full.then_some("room-full")>{title}</h1>
                <p>{detail}</p>
                <div class="actions">
                    <button type="button" class="button primary" data-testid="rejoin" on:click=again>{label}</button>
                    <a class="button" href="/" data-testid="go-home">{words::HOME}</a>
                </div>
            </section>
        </main>
    }
}
