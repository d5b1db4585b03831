//! The API of whoever has the admin key: rooms and invitations, as JSON. Without a key set it is not there.

mod description;
pub(super) mod requests;

use super::register::{Made, MakeError, secret_name};
use super::token::{Claims, MAX_ID};
use super::{Door, PasswordError, now};
use crate::control::ControlHandle;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Json, Router};
use requests::{NewRoom, NewToken, Problem, RoomList, RoomMade, TokenMade};
use room::Input;
use serde::de::DeserializeOwned;
use signal::{DisplayName, RoomName, RoomPassword};
use std::time::Duration;

/// Bytes of a request. Past it: 413.
const MAX_BODY: usize = 16 * 1024;
/// How long an invitation holds unless it says otherwise, and at most.
const DEFAULT_LIFE: Duration = Duration::from_hours(1);
/// See [`DEFAULT_LIFE`].
const MAX_LIFE: Duration = Duration::from_hours(24 * 90);

/// The whole API, without what a page asks before it joins.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(door: &Door) -> Router<S> {
    Router::new()
        .route("/api/rooms", post(make_room).get(list_rooms))
        .route("/api/tokens", post(make_token))
        .route_layer(from_fn_with_state(door.clone(), admit))
        .route("/api/openapi.json", get(description::show))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(map_response(keep_nowhere))
        .with_state(door.clone())
}

/// `DELETE /api/rooms/{room}`, beside the route by which a page asks for the same room's status.
pub(crate) fn deletion<S: Clone + Send + Sync + 'static>(door: &Door) -> MethodRouter<S> {
    delete(delete_room).route_layer(from_fn_with_state(door.clone(), admit)).with_state(door.clone())
}

/// `POST /api/rooms/{room}/end`, which is the rooms' own to do.
pub(crate) fn ending<S: Clone + Send + Sync + 'static>(control: &ControlHandle) -> MethodRouter<S> {
    post(end_room).route_layer(from_fn_with_state(control.door().clone(), admit)).with_state(control.clone())
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1). Another scheme is none of ours: a proxy in front may ask
/// for a password of its own.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Lets nobody by without the key. It goes by no cookie, so that no other site's page can use a browser that has it.
async fn admit(State(door): State<Door>, request: Request, next: Next) -> Response {
    if !door.has_admin() {
        return StatusCode::NOT_FOUND.into_response();
    }
    if bearer(request.headers()).is_some_and(|key| door.is_admin(key)) {
        return next.run(request).await;
    }
    let head = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
    (StatusCode::UNAUTHORIZED, head, Json(Problem::of("This takes the admin key."))).into_response()
}

async fn keep_nowhere(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Makes a room.
#[utoipa::path(
    post,
    path = "/api/rooms",
    request_body = NewRoom,
    responses(
        (status = 201, description = "It is there.", body = RoomMade),
        (status = 400, description = "What was asked cannot be.", body = Problem),
        (status = 401, description = "The admin key is missing or wrong.", body = Problem),
        (status = 409, description = "There is a room of this name.", body = Problem),
        (status = 500, description = "It could not be written down, and was not made.", body = Problem),
        (status = 507, description = "There are as many rooms as there may be.", body = Problem),
    ),
    security(("admin_key" = [])),
)]
async fn make_room(State(door): State<Door>, body: Bytes) -> Result<Response, Refusal> {
    let NewRoom { name, password, max_participants, expires_in } = read(&body)?;
    if max_participants == Some(0) || expires_in == Some(0) {
        return Err(Refusal::Wrong("A room holds somebody, and lasts.".to_owned()));
    }
    let (room, secret) = match name {
        Some(name) => (room_name(&name)?, false),
        None => (random_name().ok_or(Refusal::Failed)?, true),
    };
    let password = password.map(RoomPassword);
    if password.as_ref().is_some_and(|password| password.0.is_empty() || !password.fits()) {
        return Err(Refusal::Wrong("The password is empty or too long.".to_owned()));
    }
    let password = match password {
        Some(password) => Some(door.inner.new_passwords.hash(password).await?),
        None => None,
    };
    let now = now();
    let created = now.as_secs();
    let expires = expires_in.map(|secs| created.saturating_add(secs));
    let made = Made { secret, password, max_participants, created, expires };
    let told = RoomMade::of(&room, &made);
    door.register().make(room.clone(), made, now)?;
    if !door.keep().await {
        // Nobody is told its name, and a restart would end it.
        door.register().delete(&room, now);
        return Err(Refusal::NotMade);
    }
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

/// The rooms that were made, by name.
#[utoipa::path(
    get,
    path = "/api/rooms",
    responses(
        (status = 200, description = "All that there are.", body = RoomList),
        (status = 401, description = "The admin key is missing or wrong.", body = Problem),
    ),
    security(("admin_key" = [])),
)]
async fn list_rooms(State(door): State<Door>) -> Json<RoomList> {
    let rooms = door.register().all(now()).map(|(name, made)| RoomMade::of(name, made)).collect();
    Json(RoomList { closed: door.is_closed(), rooms })
}

/// Forgets a room: nobody enters any more by its link or password. Who is inside stays.
#[utoipa::path(
    delete,
    path = "/api/rooms/{room}",
    params(("room" = String, Path, description = "The room's name.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "The admin key is missing or wrong.", body = Problem),
        (status = 404, description = "There was none.", body = Problem),
        (status = 500, description = "It is gone, but that could not be written down yet.", body = Problem),
    ),
    security(("admin_key" = [])),
)]
async fn delete_room(State(door): State<Door>, Path(room): Path<String>) -> Result<StatusCode, Refusal> {
    let gone = door.register().delete(&room_name(&room)?, now());
    if !door.keep().await {
        return Err(Refusal::NotKept);
    }
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::Unknown) }
}

/// Ends what goes on in a room: everybody in it is told so and let go. It may be entered again as before, unless it is
/// forgotten besides.
#[utoipa::path(
    post,
    path = "/api/rooms/{room}/end",
    params(("room" = String, Path, description = "The room's name.")),
    responses(
        (status = 204, description = "Nobody is in it any more."),
        (status = 400, description = "There cannot be such a room.", body = Problem),
        (status = 401, description = "The admin key is missing or wrong.", body = Problem),
    ),
    security(("admin_key" = [])),
)]
async fn end_room(
    State(control): State<ControlHandle>,
    Path(room): Path<String>,
) -> Result<StatusCode, Refusal> {
    control.input(Input::End { room: room_name(&room)? }).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes an invitation: a token that lets its bearer into one room.
#[utoipa::path(
    post,
    path = "/api/tokens",
    request_body = NewToken,
    responses(
        (status = 201, description = "The token. It is told once and kept nowhere.", body = TokenMade),
        (status = 400, description = "What was asked cannot be.", body = Problem),
        (status = 401, description = "The admin key is missing or wrong.", body = Problem),
        (status = 501, description = "This server has a public key only: tokens are made elsewhere.", body = Problem),
    ),
    security(("admin_key" = [])),
)]
async fn make_token(State(door): State<Door>, body: Bytes) -> Result<Response, Refusal> {
    let claims = read::<NewToken>(&body)?.claims(now()).map_err(Refusal::Wrong)?;
    let token = door.inner.keys.sign(&claims).ok_or(Refusal::NoSigner)?;
    let told = TokenMade {
        path: format!("/r/{}#token={}", claims.room, token.0),
        token: token.0,
        expires: claims.exp,
    };
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

impl NewToken {
    /// What it is to say, if that can be.
    pub(crate) fn claims(self, now: Duration) -> Result<Claims, String> {
        let Self { room, identity, name, permissions, expires_in, one_use } = self;
        let room = RoomName::parse(&room).map_err(|error| format!("The room name {error}."))?;
        let named = name.as_deref().map(DisplayName::parse).transpose();
        let name = named.map_err(|error| format!("The name {error}."))?;
        if identity.as_ref().is_some_and(|identity| identity.len() > MAX_ID) {
            return Err(format!("The identity is longer than {MAX_ID} bytes."));
        }
        let life = expires_in.map_or(DEFAULT_LIFE, Duration::from_secs);
        if life.is_zero() || life > MAX_LIFE {
            return Err(format!(
                "An invitation lasts from one second to {} days.",
                MAX_LIFE.as_secs() / 86_400
            ));
        }
        let jti = if one_use { Some(random_id().ok_or("There is no randomness.")?) } else { None };
        Ok(Claims {
            room: room.as_str().to_owned(),
            sub: identity,
            name: name.map(|name| name.as_str().to_owned()),
            permissions: permissions.into(),
            exp: now.saturating_add(life).as_secs(),
            nbf: None,
            jti,
        })
    }
}

/// Why a request was refused.
#[derive(Debug)]
enum Refusal {
    Wrong(String),
    Unknown,
    Taken,
    Full,
    Busy,
    NoSigner,
    NotMade,
    NotKept,
    Failed,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, sentence) = match self {
            Self::Wrong(sentence) => (StatusCode::BAD_REQUEST, sentence),
            Self::Unknown => (StatusCode::NOT_FOUND, "There is no such room.".to_owned()),
            Self::Taken => (StatusCode::CONFLICT, MakeError::Taken.to_string()),
            Self::Full => (StatusCode::INSUFFICIENT_STORAGE, MakeError::Full.to_string()),
            Self::Busy => {
                (StatusCode::SERVICE_UNAVAILABLE, "Too many passwords are being worked on.".to_owned())
            }
            Self::NoSigner => {
                let sentence = "This server has a public key only: invitations are made elsewhere.";
                (StatusCode::NOT_IMPLEMENTED, sentence.to_owned())
            }
            Self::NotMade => {
                let sentence = "It could not be written down, and was not made. The log says why.";
                (StatusCode::INTERNAL_SERVER_ERROR, sentence.to_owned())
            }
            Self::NotKept => {
                let sentence =
                    "Done, but it could not be written down yet: a restart undoes it. The log says why.";
                (StatusCode::INTERNAL_SERVER_ERROR, sentence.to_owned())
            }
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong in the server.".to_owned())
            }
        };
        (status, Json(Problem::of(&sentence))).into_response()
    }
}

impl From<MakeError> for Refusal {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Taken => Self::Taken,
            MakeError::Full => Self::Full,
        }
    }
}

impl From<PasswordError> for Refusal {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Failed => Self::Failed,
        }
    }
}

/// A body's JSON, whatever its type says it is: it comes with a key that no form of another site can send.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Wrong(format!("{error}.")))
}

fn room_name(text: &str) -> Result<RoomName, Refusal> {
    RoomName::parse(text).map_err(|error| Refusal::Wrong(format!("The room name {error}.")))
}

fn random_name() -> Option<RoomName> {
    random_bits().and_then(secret_name)
}

fn random_id() -> Option<String> {
    random_bits().map(|bits| format!("{bits:032x}"))
}

fn random_bits() -> Option<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok().map(|()| u128::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Credentials, Visitor};
    use crate::config::AccessSettings;
    use crate::front::Reach;
    use signal::ErrorCode;

    #[tokio::test]
    async fn strangers_who_try_passwords_keep_nobody_from_making_a_room() {
        let door = Door::new(&AccessSettings::default(), Reach::World, None).unwrap();
        let _all = door.inner.passwords.fill();
        let tea = RoomName::parse("tea").unwrap();
        let guess = Credentials { token: None, password: Some(RoomPassword("x".to_owned())) };
        assert_eq!(door.enter(&tea, guess, Visitor(1)).await.unwrap_err().code, ErrorCode::Busy);
        let body = Bytes::from_static(br#"{"name":"tea","password":"open sesame"}"#);
        let made = make_room(State(door), body).await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
    }

    #[test]
    fn bearer_tokens() {
        let table = [
            ("Bearer abc.def", Some("abc.def")),
            ("bearer  abc ", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic dXNlcjpwYXNz", None),
        ];
        for (value, expected) in table {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            assert_eq!(bearer(&headers), expected, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
