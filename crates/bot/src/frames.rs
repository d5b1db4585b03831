//! Messages to WebSocket frames and back, as a browser does it: plain JSON in text frames, raw DEFLATE
//! (RFC 1951) in binary ones.

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use signal::limits::{COMPRESS_FROM, MAX_SERVER_MESSAGE};
use std::io::{self, Read};
use tokio_tungstenite::tungstenite::Message;

/// Compresses when that pays.
pub(crate) fn write(text: String) -> io::Result<Message> {
    if text.len() < COMPRESS_FROM {
        return Ok(Message::text(text));
    }
    Ok(Message::binary(deflate(text.as_bytes())?))
}

/// Raw DEFLATE.
pub(crate) fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::with_capacity(bytes.len() / 4);
    DeflateEncoder::new(bytes, Compression::fast()).read_to_end(&mut packed)?;
    Ok(packed)
}

/// The text of a binary frame.
pub(crate) fn inflate(bytes: &[u8]) -> io::Result<String> {
    let mut text = String::new();
    DeflateDecoder::new(bytes).take(MAX_SERVER_MESSAGE as u64).read_to_string(&mut text)?;
    Ok(text)
}
