//! One signaling socket: reads frames into [`control`](crate::control), writes what control sends.

use crate::access::{Credentials, Door, Visitor};
use crate::control::{ControlHandle, Outbox, Waiting, Word};
use crate::frame::{self, Incoming};
use crate::front::{Caller, Place};
use crate::turn::Relays;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use room::{Admission, ConnectionId, Input};
use signal::{ClientMessage, ErrorCode, ErrorInfo, ResumeToken, RoomName};
use std::time::Duration;
use tokio::sync::mpsc;

/// A single write may take so long before the socket counts as dead.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// After the server's last word the client has so long to close its end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes read from a socket at once. Set aside for each from the first, so that the usual 128 KiB would be the most
/// of what a participant takes; a long message comes in several reads.
const READ_BUFFER: usize = 4096;

/// `GET /ws`.
pub(crate) async fn upgrade(
    State(control): State<ControlHandle>,
    caller: Caller,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let place = match caller.socket() {
        Ok(place) => place,
        Err(refused) => return refused.into_response(),
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    // One byte more than allowed gets through, so that it can be answered in words.
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(control.max_message_size() + 1)
        .max_frame_size(control.max_message_size() + 1)
        .on_upgrade(|socket| serve(socket, control, host, caller, place))
}

/// `host` is by which name the page came.
async fn serve(
    socket: WebSocket,
    control: ControlHandle,
    host: Option<String>,
    caller: Caller,
    _place: Place,
) {
    let (sink, stream) = socket.split();
    let (outbox, words) = Outbox::new();
    let Some(connection) = control.open(random_token(), outbox).await else { return };
    let mut writer = tokio::spawn(write_all(sink, words, (control.relays().clone(), host)));
    tokio::select! {
        () = read_all(stream, connection, &control, &caller) => {}
        _ = &mut writer => return control.input(Input::Closed { connection }).await,
    }
    control.input(Input::Closed { connection }).await;
    // Control has dropped the outbox, or will: what is in it is still written.
    if tokio::time::timeout(CLOSE_TIMEOUT, &mut writer).await.is_err() {
        writer.abort();
    }
}

async fn read_all(
    mut stream: SplitStream<WebSocket>,
    connection: ConnectionId,
    control: &ControlHandle,
    caller: &Caller,
) {
    let visitor = Visitor(u128::from(connection.0));
    while let Some(frame) = stream.next().await {
        let incoming = match frame {
            Ok(frame) => frame::read(frame, control.max_message_size()),
            Err(error) if is_too_large(&error) => {
                let error = ErrorInfo::new(ErrorCode::MessageTooLarge);
                return control.input(Input::Unreadable { connection, error }).await;
            }
            Err(_) => return,
        };
        let input = match incoming {
            Incoming::Text(text) => match signal::decode_client(&text) {
                Ok(message @ ClientMessage::Join { .. }) => {
                    let admission = match caller.join() {
                        Ok(()) => admission(control.door(), visitor, &message).await,
                        Err(refusal) => Err(refusal),
                    };
                    Input::Join { connection, message, admission }
                }
                Ok(message) => Input::Message { connection, message },
                Err(error) => Input::Unreadable { connection, error: error.to_info() },
            },
            Incoming::Unreadable(error) => Input::Unreadable { connection, error },
            Incoming::Nothing => continue,
            Incoming::Close => return,
        };
        control.input(input).await;
    }
}

/// On what terms whoever says `join` may come in. A name that is none is told before anything is looked at: that says
/// nothing of any room.
async fn admission(door: &Door, visitor: Visitor, message: &ClientMessage) -> Result<Admission, ErrorInfo> {
    let ClientMessage::Join { room, token, password, .. } = message else {
        return Err(ErrorInfo::new(ErrorCode::NotAllowed));
    };
    let room = RoomName::parse(room)
        .map_err(|e| ErrorInfo::with_message(ErrorCode::BadRoomName, format!("The room name {e}.")))?;
    let credentials = Credentials { token: token.clone(), password: password.clone() };
    door.enter(&room, credentials, visitor).await
}

/// Writes until control drops the outbox, then says goodbye.
async fn write_all(
    mut sink: SplitSink<WebSocket, Message>,
    mut words: mpsc::Receiver<Waiting>,
    (relays, host): (Relays, Option<String>),
) {
    // Its bytes are free once it is written.
    while let Some(Waiting { word, .. }) = words.recv().await {
        let frame = match word {
            Word::One(mut message, to) => {
                // As it is sent, so that the credentials are fresh.
                if let Some(to) = to {
                    relays.add_to(&mut message, to, host.as_deref());
                }
                frame::write(signal::encode_all(&[message]))
            }
            Word::Shared(frame) => frame,
        };
        match tokio::time::timeout(WRITE_TIMEOUT, sink.send(frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    // The client may be gone already.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, sink.close()).await;
}

fn is_too_large(error: &axum::Error) -> bool {
    // axum hides tungstenite's error type behind its source.
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("too long") || error.to_string().contains("too big") {
            return true;
        }
        source = error.source();
    }
    false
}

fn random_token() -> Option<ResumeToken> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).ok().map(|()| ResumeToken::from_random(bytes))
}

#[cfg(test)]
mod tests {
    use super::is_too_large;
    use tokio_tungstenite::tungstenite::Error;
    use tokio_tungstenite::tungstenite::error::CapacityError;

    /// The library's own words, so that an upgrade which changes them is noticed.
    #[test]
    fn a_message_over_the_limit_is_told_from_a_broken_socket() {
        let too_long = CapacityError::MessageTooLong { size: 2, max_size: 1 };
        assert!(is_too_large(&axum::Error::new(Error::Capacity(too_long))));
        assert!(!is_too_large(&axum::Error::new(Error::ConnectionClosed)));
    }
}
