//! What waits to be said to one socket: so many frames, and so many bytes.

use axum::extract::ws::Message;
use signal::{DirectSignal, ErrorCode, ErrorInfo, ParticipantId, Sdp, ServerMessage};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Frames waiting for one socket. A client that lets so many pile up is told `too_slow` in the last
/// place of the queue and dropped; it may resume.
const PLACES: usize = 512;

/// Bytes waiting for one socket. Past these it is the same. Others in a `p2p` room may send somebody 60 kB at a time:
/// whoever reads nothing would hold 30 MB of them.
const BYTES: usize = 1024 * 1024;

/// What a message takes apart from the texts that others choose.
const OVERHEAD: usize = 256;

/// What a socket is to say.
#[derive(Debug)]
pub(crate) enum Word {
    /// To nobody else: whoever the connection speaks for, if that is anybody yet.
    One(ServerMessage, Option<ParticipantId>),
    /// A frame that others get, too: clones share its bytes.
    Shared(Message),
}

impl Word {
    /// In bytes, as a rule of thumb: what is written is known when it is.
    fn weight(&self) -> usize {
        let text = match self {
            Self::One(message, _) => match message {
                ServerMessage::Joined { answer: Sdp(text), .. }
                | ServerMessage::Answer { sdp: Sdp(text), .. }
                | ServerMessage::Direct {
                    signal:
                        DirectSignal::Offer { sdp: Sdp(text), .. } | DirectSignal::Answer { sdp: Sdp(text), .. },
                    ..
                } => text.len(),
                ServerMessage::Direct { signal: DirectSignal::Candidate(candidate), .. } => {
                    candidate.candidate.len()
                }
                _ => 0,
            },
            Self::Shared(Message::Text(text)) => text.len(),
            Self::Shared(Message::Binary(bytes)) => bytes.len(),
            Self::Shared(_) => 0,
        };
        text + OVERHEAD
    }
}

/// A word that waits, and the bytes that are its own until it is written.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) word: Word,
    _bytes: Option<OwnedSemaphorePermit>,
}

/// Where control puts what a socket is to say. Dropping it closes the socket, after what waits is written.
#[derive(Debug)]
pub(crate) struct Outbox {
    words: mpsc::Sender<Waiting>,
    bytes: Arc<Semaphore>,
}

impl Outbox {
    /// One, and where its socket takes from.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Waiting>) {
        let (words, waiting) = mpsc::channel(PLACES);
        (Self { words, bytes: Arc::new(Semaphore::new(BYTES)) }, waiting)
    }

    /// Queues a word; false when there is no room for it. Then the last place has a farewell, and it is time to drop
    /// this.
    pub(crate) fn put(&self, word: Word) -> bool {
        // A single one that is heavier than all may wait alone.
        let weight = u32::try_from(word.weight().min(BYTES)).unwrap_or(u32::MAX);
        let bytes = self.bytes.clone().try_acquire_many_owned(weight);
        let (fits, word, bytes) = match bytes {
            Ok(bytes) if self.words.capacity() > 1 => (true, word, Some(bytes)),
            _ => (false, Word::One(ServerMessage::Error(ErrorInfo::new(ErrorCode::TooSlow)), None), None),
        };
        // A closed outbox is a socket about to report that it is gone.
        let _ = self.words.try_send(Waiting { word, _bytes: bytes });
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal::{CallNumber, OfferId};

    fn pong(nonce: u32) -> Word {
        Word::One(ServerMessage::Pong { nonce }, None)
    }

    fn offer(len: usize) -> Word {
        let signal = DirectSignal::Offer { id: OfferId(0), sdp: Sdp("x".repeat(len)) };
        let from = ParticipantId(1);
        Word::One(ServerMessage::Direct { from, call: CallNumber(0), signal }, None)
    }

    fn is_farewell(word: &Word) -> bool {
        matches!(word, Word::One(ServerMessage::Error(error), _) if error.code == ErrorCode::TooSlow)
    }

    #[test]
    fn the_last_place_has_the_farewell() {
        let (outbox, mut words) = Outbox::new();
        let taken = (0..1000).take_while(|nonce| outbox.put(pong(*nonce))).count();
        assert_eq!(taken, PLACES - 1);
        let all: Vec<Word> =
            std::iter::from_fn(|| words.try_recv().ok()).map(|waiting| waiting.word).collect();
        assert_eq!(all.len(), PLACES);
        assert!(all.last().is_some_and(is_farewell) && !all.iter().rev().skip(1).any(is_farewell));
    }

    #[test]
    fn so_many_bytes_wait_and_those_that_are_written_make_room() {
        let (outbox, mut words) = Outbox::new();
        let shared = |len: usize| Word::Shared(Message::Binary(vec![0; len].into()));
        for heavy in [offer(60_000), shared(60_000)] {
            let weight = heavy.weight();
            assert!(outbox.put(heavy) && weight > 60_000);
        }
        let more = (0..1000).take_while(|_| outbox.put(offer(60_000))).count();
        assert_eq!(more, BYTES / (60_000 + OVERHEAD) - 2);
        assert!(!outbox.put(offer(60_000)));
        drop(words.try_recv().unwrap());
        assert!(outbox.put(offer(60_000)));
        while words.try_recv().is_ok() {}
        assert!(outbox.put(shared(2 * BYTES)), "alone");
        assert!(!outbox.put(pong(0)));
    }
}
