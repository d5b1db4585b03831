//! The HTTP questions a page asks the server. Owns the fetch and its errors; keeps nothing.

use ::signal::{ErrorInfo, RoomName, RoomStatus};
use gloo_net::http::Request;

/// Why a room's status is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// No answer, or none that can be read.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server refused.
    #[error("the server refused: {}", .0.message)]
    Refused(ErrorInfo),
}

/// Asks how many are in the room.
pub async fn room_status(room: &RoomName) -> Result<RoomStatus, StatusError> {
    let unreachable = |error: gloo_net::Error| StatusError::Unreachable(error.to_string());
    let response = Request::get(&crate::link::room_status_path(room))
        .cache(web_sys::RequestCache::NoStore)
        .send()
        .await
        .map_err(unreachable)?;
    let text = response.text().await.map_err(unreachable)?;
    if response.ok() {
        return ::signal::decode(&text).map_err(|error| StatusError::Unreachable(error.to_string()));
    }
    Err(::signal::decode(&text).map_or_else(
        |_| StatusError::Unreachable(format!("status {}", response.status())),
        StatusError::Refused,
    ))
}

/// Whose pages, besides this server's own, may show a room in a frame; none when the server does not answer.
pub async fn embedders() -> Vec<String> {
    let asked = Request::get("/api/embed").cache(web_sys::RequestCache::NoStore).send().await;
    let Ok(response) = asked else { return vec![] };
    response.text().await.map(|text| crate::embed::origins(&text)).unwrap_or_default()
}

/// A text as a QR code: an SVG's `viewBox`, and the `d` of its path. `None` when the server draws none.
pub async fn qr_code(text: String) -> Option<(String, String)> {
    let asked = Request::post("/api/qr").body(text).ok()?.send().await.ok()?;
    let lines = asked.text().await.ok().filter(|_| asked.ok())?;
    lines.split_once('\n').map(|(size, shape)| (size.to_owned(), shape.to_owned()))
}

/// The words of a language that does not come with the program, as they stand in `frontend/words`.
pub async fn words(code: &str) -> Option<String> {
    let asked = Request::get(&format!("/{code}.json")).send().await.ok()?;
    asked.text().await.ok().filter(|_| asked.ok())
}
