//! Raw DEFLATE (RFC 1951) by the browser's own streams. Bounds what comes out; knows no messages.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, ReadableWritablePair};

// web-sys has these behind `--cfg=web_sys_unstable_apis` only.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = CompressionStream)]
    type Compression;
    #[wasm_bindgen(constructor, catch, js_class = "CompressionStream")]
    fn new(format: &str) -> Result<Compression, JsValue>;

    #[wasm_bindgen(js_name = DecompressionStream)]
    type Decompression;
    #[wasm_bindgen(constructor, catch, js_class = "DecompressionStream")]
    fn new(format: &str) -> Result<Decompression, JsValue>;
}

/// Why a frame could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum InflateError {
    /// More bytes than the limit came out.
    #[error("a message of more than {0} bytes")]
    TooLarge(usize),
    /// The browser lacks the stream, or the bytes are no DEFLATE.
    #[error("a frame that cannot be unpacked")]
    Unreadable,
    /// What came out is not UTF-8.
    #[error("a message that is not UTF-8")]
    NotText,
}

/// Packs a text; nothing when the browser cannot.
pub async fn deflate(text: &str) -> Option<Vec<u8>> {
    let packer = Compression::new("deflate-raw").ok()?;
    through(text.as_bytes(), packer.unchecked_ref(), usize::MAX).await.ok()
}

/// Unpacks a text of at most `limit` bytes.
pub async fn inflate(bytes: &[u8], limit: usize) -> Result<String, InflateError> {
    let unpacker = Decompression::new("deflate-raw").map_err(|_| InflateError::Unreadable)?;
    let bytes = through(bytes, unpacker.unchecked_ref(), limit).await?;
    String::from_utf8(bytes).map_err(|_| InflateError::NotText)
}

async fn through(bytes: &[u8], pair: &ReadableWritablePair, limit: usize) -> Result<Vec<u8>, InflateError> {
    let unreadable = |_: JsValue| InflateError::Unreadable;
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).map_err(unreadable)?;
    let reader = ReadableStreamDefaultReader::new(&blob.stream().pipe_through(pair)).map_err(unreadable)?;
    let mut out = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(unreadable)?;
        if Reflect::get(&chunk, &"done".into()).map_err(unreadable)?.is_truthy() {
            return Ok(out);
        }
        let value: Uint8Array =
            Reflect::get(&chunk, &"value".into()).and_then(JsCast::dyn_into).map_err(unreadable)?;
        if out.len().saturating_add(value.length() as usize) > limit {
            // The rest is of no interest; whether cancelling succeeds neither.
            let _: Promise = reader.cancel();
            return Err(InflateError::TooLarge(limit));
        }
        out.extend_from_slice(&value.to_vec());
    }
}
