//! WebSocket frames to text and back: plain JSON in text frames, raw DEFLATE (RFC 1951) in binary ones.

use axum::extract::ws::Message;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use signal::limits::COMPRESS_FROM;
use signal::{ErrorCode, ErrorInfo};
use std::io::Read;

/// What a client's frame holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// The text of a message.
    Text(String),
    /// Not even a text.
    Unreadable(ErrorInfo),
    /// Ping and pong, answered by the library.
    Nothing,
    /// The client closes.
    Close,
}

/// Reads a client's frame. Never inflates more than `most` bytes.
pub(crate) fn read(message: Message, most: usize) -> Incoming {
    match message {
        Message::Text(text) if text.len() > most => too_large(),
        Message::Text(text) => Incoming::Text(text.as_str().to_owned()),
        Message::Binary(bytes) => inflate(&bytes, most),
        Message::Ping(_) | Message::Pong(_) => Incoming::Nothing,
        Message::Close(_) => Incoming::Close,
    }
}

/// Writes a message, compressed when that pays.
pub(crate) fn write(text: String) -> Message {
    if text.len() < COMPRESS_FROM {
        return Message::Text(text.into());
    }
    let mut packed = Vec::with_capacity(text.len() / 4);
    match DeflateEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut packed) {
        Ok(_) => Message::Binary(packed.into()),
        Err(_) => Message::Text(text.into()),
    }
}

fn inflate(bytes: &[u8], most: usize) -> Incoming {
    let mut text = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    if DeflateDecoder::new(bytes).take(limit).read_to_end(&mut text).is_err() {
        return malformed("The message is not raw DEFLATE.");
    }
    if text.len() > most {
        return too_large();
    }
    String::from_utf8(text).map_or_else(|_| malformed("The message is not UTF-8."), Incoming::Text)
}

fn malformed(sentence: &str) -> Incoming {
    Incoming::Unreadable(ErrorInfo::with_message(ErrorCode::Malformed, sentence))
}

fn too_large() -> Incoming {
    Incoming::Unreadable(ErrorInfo::new(ErrorCode::MessageTooLarge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal::limits::MAX_CLIENT_MESSAGE;

    fn read(message: Message) -> Incoming {
        super::read(message, MAX_CLIENT_MESSAGE)
    }

    fn deflate(text: &[u8]) -> Message {
        let mut packed = Vec::new();
        DeflateEncoder::new(text, Compression::best()).read_to_end(&mut packed).unwrap();
        Message::Binary(packed.into())
    }

    fn code(incoming: Incoming) -> ErrorCode {
        match incoming {
            Incoming::Unreadable(error) => error.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn short_messages_stay_readable_and_long_ones_come_back_whole() {
        assert_eq!(write("{}".to_owned()), Message::Text("{}".into()));
        let long = "ab".repeat(5000);
        let packed = write(long.clone());
        assert!(matches!(&packed, Message::Binary(bytes) if bytes.len() < 1000));
        assert_eq!(read(packed), Incoming::Text(long));
    }

    #[test]
    fn a_bomb_is_not_inflated() {
        assert_eq!(code(read(deflate(&vec![b' '; 50 << 20]))), ErrorCode::MessageTooLarge);
    }

    #[test]
    fn too_much_text_and_nonsense_are_told_apart() {
        assert_eq!(
            code(read(Message::Text("x".repeat(MAX_CLIENT_MESSAGE + 1).into()))),
            ErrorCode::MessageTooLarge
        );
        assert_eq!(code(read(Message::Binary(vec![0xff; 9].into()))), ErrorCode::Malformed);
        assert_eq!(code(read(deflate(&[0xff, 0xfe]))), ErrorCode::Malformed);
    }
}
