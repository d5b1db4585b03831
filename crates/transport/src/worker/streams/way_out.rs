//! What a PeerConnection sends over streams: STUN and DTLS, from the runtime's threads to the worker, who owns the streams.

use crate::path::StreamId;
use mio::Waker;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Messages on their way. Past it the newest is dropped and counted: STUN and DTLS repeat it.
const QUEUE: usize = 1024;

/// The sending end: one for each worker, shared by each PeerConnection there.
#[derive(Clone, Debug)]
pub struct WayOut {
    queue: mpsc::Sender<(StreamId, Box<[u8]>)>,
    waker: Arc<Waker>,
}

/// The worker's end.
pub type Leaving = mpsc::Receiver<(StreamId, Box<[u8]>)>;

impl WayOut {
    pub fn new(waker: Arc<Waker>) -> (Self, Leaving) {
        let (queue, leaving) = mpsc::channel(QUEUE);
        (Self { queue, waker }, leaving)
    }

    /// False when it was dropped.
    pub fn send(&self, stream: StreamId, message: &[u8]) -> bool {
        self.queue.try_send((stream, message.into())).is_ok() && self.waker.wake().is_ok()
    }
}
