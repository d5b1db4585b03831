//! Addresses inside this site: a room's page and the link one shares. Owns no state; the router reads them.

use ::signal::RoomName;

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

/// The address of the server's WebSocket.
pub fn socket_url() -> String {
    let location = leptos::prelude::window().location();
    let secure = location.protocol().is_ok_and(|protocol| protocol == "https:");
    let host = location.host().unwrap_or_default();
    format!("{}://{host}{}", if secure { "wss" } else { "ws" }, ::signal::WS_PATH)
}

fn encoded(room: &RoomName) -> String {
    js_sys::encode_uri_component(room.as_str()).into()
}
