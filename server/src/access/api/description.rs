//! The API described in the words of `OpenAPI`, made of the code that answers.

use super::requests::{Allowed, NewRoom, NewToken, Problem, RoomList, RoomMade, TokenMade};
use crate::access::Door;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Madang: rooms and invitations",
        description = "For whoever has the admin key. Rooms that are made here outlive the server, in its state folder."
    ),
    paths(super::make_room, super::list_rooms, super::delete_room, super::end_room, super::make_token),
    components(schemas(Allowed, NewRoom, NewToken, Problem, RoomList, RoomMade, TokenMade)),
    modifiers(&AdminKey)
)]
struct Description;

struct AdminKey;

impl Modify for AdminKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("admin_key", scheme);
    }
}

/// `GET /api/openapi.json`. It says nothing that is not in the program's source, so it takes no key.
pub(super) async fn show(State(door): State<Door>) -> Response {
    if door.has_admin() {
        Json(Description::openapi()).into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_ask_is_described() {
        let described = serde_json::to_value(Description::openapi()).unwrap();
        for (path, method) in [
            ("/api/rooms", "post"),
            ("/api/rooms", "get"),
            ("/api/rooms/{room}", "delete"),
            ("/api/rooms/{room}/end", "post"),
            ("/api/tokens", "post"),
        ] {
            let way = &described["paths"][path][method];
            assert!(way["responses"].is_object() && way["security"].is_array(), "{method} {path}");
        }
        assert_eq!(described["components"]["securitySchemes"]["admin_key"]["scheme"], "bearer");
    }
}
