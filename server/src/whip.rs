//! WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): publishing into a room, and playing it, by plain HTTP.
//!
//! A request's way: its head is read here, its offer goes to [`control`](crate::control), and the answer comes back
//! as the response. What there is for a participant to say afterwards are fragments and a goodbye, to the resource
//! that stands for it. Its media goes the way of everybody's.

mod head;
mod refusal;

use crate::access::api::bearer;
use crate::access::{Credentials, Visitor};
use crate::control::{ControlHandle, Entry, Generation, Patched};
use crate::front::Caller;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, patch, post};
use head::{FRAGMENT, SDP};
use refusal::Refusal;
use room::{Errand, ResourceId};
use signal::{AccessToken, DisplayName, ErrorCode, ErrorInfo, RoomName, Sdp, WhepQuery, WhipQuery};
use std::time::SystemTime;
use transport::sdp::{Fragment, fragment_of};

/// What a publisher is called that does not say.
const PUBLISHER: &str = "Stream";
/// What a player is called that does not say.
const PLAYER: &str = "Player";

/// The endpoints, `POST /whip/{room}` and `POST /whep/{room}`, and the resources below them, which take so many bytes.
pub(crate) fn router(max_body: usize) -> Router<ControlHandle> {
    Router::new()
        .route("/whip/{room}", post(publish).options(head::endpoint_options))
        .route("/whep/{room}", post(play).options(head::endpoint_options))
        .route("/whip/{room}/{resource}", resource())
        .route("/whep/{room}/{resource}", resource())
        .layer(DefaultBodyLimit::max(max_body))
        .layer(map_response(head::open_to_other_origins))
}

fn resource() -> MethodRouter<ControlHandle> {
    patch(tell).delete(end).options(head::resource_options)
}

/// `POST /whip/{room}`: an offer that sends.
async fn publish(
    State(control): State<ControlHandle>,
    caller: Caller,
    Path(room): Path<String>,
    query: Result<Query<WhipQuery>, QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    caller.join()?;
    let Query(WhipQuery { name }) = query?;
    let name = display_name(name.as_deref().unwrap_or(PUBLISHER))?;
    enter(&control, &room, name, Errand::Publish, &uri, &headers, body).await
}

/// `POST /whep/{room}`: an offer that receives.
async fn play(
    State(control): State<ControlHandle>,
    caller: Caller,
    Path(room): Path<String>,
    query: Result<Query<WhepQuery>, QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    caller.join()?;
    let Query(WhepQuery { name, participant }) = query?;
    let name = display_name(name.as_deref().unwrap_or(PLAYER))?;
    let whom = participant.as_deref().map(display_name).transpose()?;
    enter(&control, &room, name, Errand::Play { whom }, &uri, &headers, body).await
}

async fn enter(
    control: &ControlHandle,
    room: &str,
    name: DisplayName,
    errand: Errand,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let room = RoomName::parse(room).map_err(|error| {
        ErrorInfo::with_message(ErrorCode::BadRoomName, format!("The room name {error}."))
    })?;
    let token = bearer(headers).map(|token| AccessToken(token.to_owned()));
    // Nobody tries twice on one request: its resource's number is nobody else's.
    let resource = random_resource().ok_or_else(|| ErrorInfo::new(ErrorCode::Internal))?;
    let credentials = Credentials { token, password: None };
    // What is no offer at all uses up no invitation, and says nothing of any room.
    let offer = Sdp(head::text(headers, SDP, body)?);
    let admission = control.door().enter(&room, credentials, Visitor(resource.0)).await?;
    let location = head::location(uri, resource)?;
    let entry = Entry { resource, room, name, errand, admission, offer };
    let answer = control.enter(entry).await.ok_or_else(|| ErrorInfo::new(ErrorCode::ShuttingDown))??;
    let head = [
        (header::CONTENT_TYPE, SDP.value()),
        (header::LOCATION, location),
        (header::ETAG, head::etag(Generation::default())),
        (FRAGMENT.accepted_by(), FRAGMENT.value()),
    ];
    let mut response = (StatusCode::CREATED, head, answer.0).into_response();
    head::tell_ice_servers(response.headers_mut(), control.ice().links(SystemTime::now()));
    Ok(response)
}

/// `PATCH` of a resource: candidates (RFC 9725 §4.3.2), or an ICE restart (§4.3.3).
async fn tell(
    State(control): State<ControlHandle>,
    Path((_, resource)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let text = head::text(&headers, FRAGMENT, body)?;
    let fragment = Fragment::parse(&text)
        .map_err(|error| ErrorInfo::with_message(ErrorCode::Malformed, format!("{error}.")))?;
    let resource = head::resource(&resource).ok_or(Refusal::Unknown)?;
    let condition = head::condition(&headers).ok_or(Refusal::NoCondition)?;
    let patched = control.patch(resource, condition, fragment).await;
    match patched.ok_or_else(|| ErrorInfo::new(ErrorCode::ShuttingDown))?? {
        Patched::Trickled => Ok(StatusCode::NO_CONTENT.into_response()),
        Patched::Restarted { answer, generation } => {
            let head = [(header::CONTENT_TYPE, FRAGMENT.value()), (header::ETAG, head::etag(generation))];
            Ok((head, fragment_of(&answer.0)).into_response())
        }
    }
}

/// `DELETE` of a resource: its participant leaves.
async fn end(
    State(control): State<ControlHandle>,
    Path((_, resource)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let resource = head::resource(&resource).ok_or(Refusal::Unknown)?;
    match control.delete(resource).await {
        Some(true) => Ok(StatusCode::OK),
        Some(false) => Err(Refusal::Unknown),
        None => Err(ErrorInfo::new(ErrorCode::ShuttingDown).into()),
    }
}

fn display_name(text: &str) -> Result<DisplayName, ErrorInfo> {
    DisplayName::parse(text)
        .map_err(|error| ErrorInfo::with_message(ErrorCode::BadName, format!("The name {error}.")))
}

fn random_resource() -> Option<ResourceId> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).ok().map(|()| ResourceId(u128::from_ne_bytes(bytes)))
}
