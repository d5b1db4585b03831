//! What the caller must do, in order. Drained after every call, so it holds one call's worth.

use crate::{ConnectionId, Output};
use signal::{ErrorInfo, ServerMessage};
use std::collections::VecDeque;

/// The queue behind [`Rooms::poll_output`](crate::Rooms::poll_output).
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Output>,
}

impl Outbox {
    pub(crate) fn push(&mut self, output: Output) {
        self.queue.push_back(output);
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, message: ServerMessage) {
        self.push(Output::Send { connection, message });
    }

    pub(crate) fn error(&mut self, connection: ConnectionId, error: ErrorInfo) {
        self.send(connection, ServerMessage::Error(error));
    }

    pub(crate) fn close(&mut self, connection: ConnectionId) {
        self.push(Output::Close { connection });
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }
}
