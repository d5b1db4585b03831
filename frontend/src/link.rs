//! Addresses inside this site: a room's page and the link one shares. Owns no state; the router reads them.

use ::signal::{NameError, RoomMode, RoomName};

/// Reads a room's name; the browser makes its capitals small.
///
/// # Errors
/// When the text is none.
pub fn room_name(text: &str) -> Result<RoomName, NameError> {
    RoomName::parse_with(text, |text| js_sys::JsString::from(text).to_lower_case().into())
}

/// The path of a room's page, percent-encoded.
pub fn room_path(room: &RoomName) -> String {
    format!("/r/{}", encoded(room))
}

/// The path under which the server tells how many are in the room, percent-encoded.
pub fn room_status_path(room: &RoomName) -> String {
    js_sys::encode_uri(&::signal::room_status_path(room)).into()
}

/// The whole link to a room, for sharing.
pub fn share_link(room: &RoomName) -> String {
    let origin = leptos::prelude::window().location().origin().unwrap_or_default();
    format!("{origin}{}", room_path(room))
}

/// By which way the link of now asks for media, for who opens the room: `?mode=p2p`.
pub fn asked_mode() -> Option<RoomMode> {
    let query = leptos::prelude::window().location().search().unwrap_or_default();
    mode_in(&query)
}

/// The invitation in the link of now, `#token=…`, which leaves the address bar: what stands there is copied and shown.
pub fn take_invitation() -> Option<String> {
    let location = leptos::prelude::window().location();
    let token = location.hash().ok()?.strip_prefix("#token=")?.to_owned();
    let bare = location.pathname().ok()? + &location.search().ok()?;
    let history = leptos::prelude::window().history().ok()?;
    // A browser that does not do it shows the link as it is.
    let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&bare));
    Some(token)
}

fn mode_in(query: &str) -> Option<RoomMode> {
    let mut wishes = query.trim_start_matches('?').split('&');
    wishes.find_map(|wish| wish.strip_prefix("mode=")?.parse().ok())
}

fn encoded(room: &RoomName) -> String {
    js_sys::encode_uri_component(room.as_str()).into()
}
