//! The routes: home, a room, and everything else.

use crate::pages::{Home, NotFound, RoomPage};
use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Home />
                <Route path=path!("/r/:room") view=RoomPage />
            </Routes>
        </Router>
    }
}
