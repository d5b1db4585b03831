//! The WebSocket: messages to frames and back, strictly in order both ways.
//!
//! Owns one socket and its two tasks. Knows nothing of rooms: what a message means is the session's
//! business, when to open and close is [`pump`](crate::pump)'s.

mod deflate;
mod reachable;

use crate::page::{self, spawn_local};

use ::signal::{ClientMessage, ServerMessage, WS_PATH, decode_server, encode, limits};
use futures::channel::mpsc;
use futures::future::poll_fn;
use futures::{FutureExt, SinkExt, StreamExt};
use gloo_net::websocket::{Message, State, WebSocketError, futures::WebSocket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::AbortController;

/// Messages waiting for compression. Past it the socket is closed, and the session resumes: a queue this
/// long means that compression hangs.
const MAX_WAITING: usize = 64;

/// What a socket tells.
#[derive(Debug)]
pub enum SocketEvent {
    /// It is open: messages may be sent.
    Opened,
    /// The server said something.
    Message(Box<ServerMessage>),
    /// It is closed, or could not be opened. Nothing follows.
    Closed,
}

/// A socket; dropping it closes it, without an event.
#[derive(Debug)]
pub struct Socket {
    inner: Rc<Inner>,
    outbox: RefCell<mpsc::Sender<String>>,
    /// Ends the question whether the server is there: those that hang would keep later ones from being sent.
    asking: Option<AbortController>,
}

/// What a socket is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The first to this server: at once.
    First,
    /// In place of one that was lost: when the server is there.
    Again,
}

struct Inner {
    socket: RefCell<Option<WebSocket>>,
    /// Messages in the outbox or in compression: later ones must wait for them.
    waiting: Cell<usize>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Socket {
    /// Starts to open a socket to the server at `server`, or that of the page. Events come from tasks, never from within
    /// this call.
    pub fn open(server: Option<&str>, opening: Opening, on_event: impl Fn(SocketEvent) + 'static) -> Self {
        let own = || page::window().location().origin().unwrap_or_default();
        let server = server.map_or_else(own, str::to_owned);
        let inner = Rc::new(Inner { socket: RefCell::default(), waiting: Cell::new(0) });
        let (outbox, waiting) = mpsc::channel(MAX_WAITING);
        let again = opening == Opening::Again;
        let asking = again.then(AbortController::new).and_then(Result::ok);
        if !again {
            inner.open(&server);
        }
        let (reading, wanted) = (inner.clone(), asking.as_ref().map(AbortController::signal));
        spawn_local(async move {
            if again && reachable::is_reachable(&server, wanted.clone()).await {
                reading.open(&server);
            }
            if wanted.is_none_or(|wanted| !wanted.aborted()) {
                read(reading, on_event).await;
            }
        });
        spawn_local(write(inner.clone(), waiting));
        Self { inner, outbox: RefCell::new(outbox), asking }
    }

    /// Sends a message: at once when it is short and nothing waits, else after what waits.
    /// `leave` never waits: it is said while the page goes away.
    pub fn send(&self, message: &ClientMessage) {
        let text = encode(message);
        let at_once = text.len() < limits::COMPRESS_FROM && self.inner.waiting.get() == 0;
        if at_once || matches!(message, ClientMessage::Leave {}) {
            self.inner.put(Message::Text(text));
        } else if self.outbox.borrow_mut().try_send(text).is_ok() {
            self.inner.waiting.set(self.inner.waiting.get() + 1);
        } else {
            self.inner.close();
        }
    }
}

/// Where a server has its socket, by the address of its pages: `https://` becomes `wss://`, `http://` `ws://`.
fn address(server: &str) -> String {
    let rest = server.strip_prefix("http").unwrap_or(server);
    format!("ws{}{WS_PATH}", rest.trim_end_matches('/'))
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(asking) = &self.asking {
            asking.abort();
        }
        self.inner.close();
    }
}

impl Inner {
    fn open(&self, server: &str) {
        let socket =
            WebSocket::open(&address(server)).inspect_err(|e| page::warn(&format!("socket: {e}"))).ok();
        *self.socket.borrow_mut() = socket;
    }

    fn put(&self, frame: Message) {
        if let Some(socket) = self.socket.borrow_mut().as_mut() {
            // An open socket takes a frame without waiting; a closed one has told so by itself.
            let _ = socket.send(frame).now_or_never();
        }
    }

    fn close(&self) {
        let socket = self.socket.borrow_mut().take();
        drop(socket);
    }

    async fn opened(&self) -> bool {
        poll_fn(|cx| match self.socket.borrow_mut().as_mut() {
            Some(socket) => socket.poll_ready_unpin(cx).map(|_| matches!(socket.state(), State::Open)),
            None => std::task::Poll::Ready(false),
        })
        .await
    }

    async fn next(&self) -> Option<Result<Message, WebSocketError>> {
        poll_fn(|cx| match self.socket.borrow_mut().as_mut() {
            Some(socket) => socket.poll_next_unpin(cx),
            None => std::task::Poll::Ready(None),
        })
        .await
    }
}

async fn read(inner: Rc<Inner>, on_event: impl Fn(SocketEvent)) {
    if inner.opened().await {
        on_event(SocketEvent::Opened);
        while let Some(Ok(frame)) = inner.next().await {
            let text = match frame {
                Message::Text(text) => text,
                Message::Bytes(bytes) => match deflate::inflate(&bytes, limits::MAX_SERVER_MESSAGE).await {
                    Ok(text) => text,
                    Err(error) => {
                        page::warn(&format!("closing the socket: {error}"));
                        break;
                    }
                },
            };
            for message in decode_server(&text).unwrap_or_else(|error| vec![Err(error)]) {
                match message {
                    Ok(message) => on_event(SocketEvent::Message(Box::new(message))),
                    Err(error) => page::warn(&format!("passed over: {error}")),
                }
            }
        }
    }
    inner.close();
    on_event(SocketEvent::Closed);
}

async fn write(inner: Rc<Inner>, mut outbox: mpsc::Receiver<String>) {
    while let Some(text) = outbox.next().await {
        let packed = if text.len() < limits::COMPRESS_FROM { None } else { deflate::deflate(&text).await };
        inner.put(packed.map_or(Message::Text(text), Message::Bytes));
        inner.waiting.set(inner.waiting.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_socket_is_where_the_pages_are() {
        assert_eq!(address("https://call.example.org"), "wss://call.example.org/ws");
        assert_eq!(address("http://localhost:8080/"), "ws://localhost:8080/ws");
        assert_eq!(address("https://example.org/calls"), "wss://example.org/calls/ws");
    }
}
