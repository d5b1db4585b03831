//! The HTTP API: what a page asks before it joins.

use crate::control::ControlHandle;
use crate::embed::Embedders;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use signal::{ErrorCode, ErrorInfo, RoomName, RoomStatus};

/// `GET /api/rooms/{room}`.
pub(crate) async fn room_status(State(control): State<ControlHandle>, Path(room): Path<String>) -> Response {
    let name = match RoomName::parse(&room) {
        Ok(name) => name,
        Err(error) => {
            let sentence = format!("The room name {error}.");
            let info = ErrorInfo::with_message(ErrorCode::BadRoomName, sentence);
            return (StatusCode::BAD_REQUEST, Json(info)).into_response();
        }
    };
    let status = if control.door().asks_of(&name) {
        Some(untold(&name, control.max_participants()))
    } else {
        control.status(name).await
    };
    let Some(status) = status else {
        let info = ErrorInfo::new(ErrorCode::ShuttingDown);
        return (StatusCode::SERVICE_UNAVAILABLE, Json(info)).into_response();
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(status)).into_response()
}

/// Where rooms are closed: the same of every room, so that nobody learns which there are. The same of one that asks for
/// something where others do not, so that nobody learns who is in it. The rooms are not asked.
fn untold(name: &RoomName, max_participants: u32) -> RoomStatus {
    RoomStatus {
        room: name.as_str().to_owned(),
        participants: 0,
        max_participants,
        overloaded: false,
        closed: true,
        mode: None,
    }
}

/// `GET /api/embed`.
pub(crate) async fn embedding(State(embedders): State<Embedders>) -> Response {
    embedders.tell()
}

/// Anything else under `/api/`: never the client's page.
pub(crate) async fn unknown() -> StatusCode {
    StatusCode::NOT_FOUND
}
