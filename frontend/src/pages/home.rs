//! Home: choose a room and a name, or go back to a room visited lately.

use crate::components::{Field, Icon, Logo, Shape};
use crate::state::recent::Recent;
use crate::state::settings;
use crate::{link, random_name, words};
use ::signal::{DisplayName, RoomName};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub fn Home() -> impl IntoView {
    let room = RwSignal::new(fresh_name());
    let name = RwSignal::new(settings::display_name());
    // Nobody is told off for a field not yet used.
    let tried = RwSignal::new(false);
    let room_error = Signal::derive(move || {
        let error = room.with(|room| RoomName::parse(room)).err();
        error.filter(|_| tried.get()).map(words::room_name_error)
    });
    let name_error = Signal::derive(move || {
        let error = name.with(|name| DisplayName::parse(name)).err();
        error.filter(|_| tried.get()).map(words::display_name_error)
    });
    let navigate = use_navigate();
    let go = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if let (Ok(room), Ok(name)) = (
            room.with_untracked(|room| RoomName::parse(room)),
            name.with_untracked(|name| DisplayName::parse(name)),
        ) {
            settings::remember_display_name(name.as_str());
            navigate(&link::room_path(&room), NavigateOptions::default());
        }
    };
    view! {
        <main class="page narrow home">
            <header class="welcome">
                <Logo />
                <h1>{words::TAGLINE}</h1>
            </header>
            <form class="card" on:submit=go novalidate>
                <Field id="name" label=words::YOUR_NAME testid="name-input" placeholder=words::NAME_HINT
                    autocomplete="name" value=name error=name_error />
                <Field id="room" label=words::ROOM testid="room-input" value=room error=room_error>
                    <button type="button" class="inside" aria-label=words::ANOTHER_NAME title=words::ANOTHER_NAME
                        on:click=move |_| room.set(fresh_name())>
                        <Icon shape=Shape::Shuffle />
                    </button>
                </Field>
                <button type="submit" class="button primary wide" data-testid="go">{words::GO}</button>
                <p class="fine">{words::ABOUT_NOBODY}</p>
            </form>
            <RecentRooms />
        </main>
    }
}

#[component]
fn RecentRooms() -> impl IntoView {
    let list = RwSignal::new(settings::recent_rooms());
    let forget = move |room: &str| {
        list.update(|list| list.forget(room));
        list.with_untracked(settings::remember_recent_rooms);
    };
    let rooms = move || -> Vec<RoomName> {
        list.with(|list| list.names().iter().filter_map(|name| RoomName::parse(name).ok()).collect())
    };
    view! {
        <Show when=move || list.with(|list| *list != Recent::default())>
            <section class="recent" aria-label=words::RECENT>
                <h2>{words::RECENT}</h2>
                <ul>
                    <For each=rooms key=RoomName::clone let:room>
                        <RecentRoom room on_forget=Callback::new(move |room: String| forget(&room)) />
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn RecentRoom(room: RoomName, on_forget: Callback<String>) -> impl IntoView {
    let name = room.to_string();
    let label = words::forget(&name);
    view! {
        <li>
            <a href=link::room_path(&room) data-testid="recent-room">{name.clone()}</a>
            <button type="button" class="inside" data-testid="recent-remove" aria-label=label.clone() title=label
                on:click=move |_| on_forget.run(name.clone())>
                <Icon shape=Shape::Close />
            </button>
        </li>
    }
}

fn fresh_name() -> String {
    let mut numbers = [0; 3];
    if let Ok(crypto) = window().crypto() {
        // Without random numbers the name is the first of the list, and still a name.
        let _ = crypto.get_random_values_with_u8_array(&mut numbers);
    }
    random_name::room_name(numbers)
}
