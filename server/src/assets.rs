//! The web client inside the server: the files of `dist/`, which `cargo xtask build` fills, embedded when
//! the server is compiled (read from disk in a debug build). The router falls back to [`serve`] for every
//! path that is not the API's or the WebSocket's.
//!
//! It decides what a path means, whether the browser has it already, and which of the compressed siblings
//! the browser takes (`assets/encoding.rs`). It never compresses and never touches the file system of a
//! release build.

mod encoding;
mod headers;

pub(crate) use headers::POLICY;

use self::encoding::Encoding;
use crate::embed::Embedders;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header},
};
use rust_embed::RustEmbed;
use std::borrow::Cow;

/// Shown instead of the page when the server was compiled with an empty `dist/`.
const NO_CLIENT: &str = "This is a Madang server, but the client is not built in.\n\n\
    Run `cargo xtask build` and start target/release/madang, or, to work on the client,\n\
    leave this server running, run `trunk serve`, and open http://127.0.0.1:8081.\n\
    CONTRIBUTING.md tells more.\n";

/// How long a browser may use what it has without asking.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NEVER: HeaderValue = HeaderValue::from_static("no-cache");

/// Answers for a file of the client, or for the page, which shows any path without a dot (`/r/tea`).
pub(crate) async fn serve(
    State(embedders): State<Embedders>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> axum::response::Response {
    answer(&Embedded, &method, uri.path(), &headers, &embedders).map(Body::from)
}

/// Where files come from.
trait Files {
    /// The file of this name, without a leading `/`.
    fn file(&self, name: &str) -> Option<File>;
}

/// One file of the client.
struct File {
    bytes: Cow<'static, [u8]>,
    /// Its media type, by its name.
    media_type: String,
    /// Of the bytes.
    sha256: [u8; 32],
}

#[derive(RustEmbed)]
#[folder = "../dist"]
struct Embedded;

impl Files for Embedded {
    fn file(&self, name: &str) -> Option<File> {
        let file = Self::get(name)?;
        let media_type = file.metadata.mimetype().to_owned();
        Some(File { bytes: file.data, media_type, sha256: file.metadata.sha256_hash() })
    }
}

type Answer = Response<Cow<'static, [u8]>>;

fn answer(
    files: &impl Files,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    embedders: &Embedders,
) -> Answer {
    let mut answer = if method != Method::GET && method != Method::HEAD {
        let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        refusal
    } else {
        match what(path) {
            Some(name) => found(files, name, headers),
            None => plain(StatusCode::NOT_FOUND, "There is nothing here.\n"),
        }
    };
    headers::secure(answer.headers_mut(), embedders);
    answer
}

/// The file a path asks for. The client's own router shows paths without a dot, so those are the page;
/// compressed siblings have no path of their own.
fn what(path: &str) -> Option<&str> {
    let name = path.trim_start_matches('/');
    let is_sibling = Encoding::ALL.iter().any(|encoding| name.ends_with(encoding.suffix()));
    match name {
        _ if is_sibling => None,
        name if name.contains('.') => Some(name),
        _ => Some("index.html"),
    }
}

fn found(files: &impl Files, name: &str, headers: &HeaderMap) -> Answer {
    let Some(plain_file) = files.file(name) else {
        return match name {
            "index.html" => plain(StatusCode::SERVICE_UNAVAILABLE, NO_CLIENT),
            _ => plain(StatusCode::NOT_FOUND, "There is nothing here.\n"),
        };
    };
    let accepted = encoding::accepted(headers);
    let sibling = accepted
        .into_iter()
        .find_map(|encoding| Some((Some(encoding), files.file(&format!("{name}{}", encoding.suffix()))?)));
    let media_type = media_type(&plain_file.media_type);
    let (encoding, file) = sibling.unwrap_or((None, plain_file));

    let tag = tag(&file.sha256);
    let mut answer = if has_already(headers, &tag) {
        with_status(StatusCode::NOT_MODIFIED, Cow::Borrowed(&[]))
    } else {
        let mut whole = with_status(StatusCode::OK, file.bytes);
        set(&mut whole, header::CONTENT_TYPE, &media_type);
        if let Some(encoding) = encoding {
            set(&mut whole, header::CONTENT_ENCODING, encoding.name());
        }
        whole
    };
    set(&mut answer, header::ETAG, &tag);
    let answers = answer.headers_mut();
    answers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answers.insert(header::CACHE_CONTROL, if is_hashed(name) { FOR_EVER } else { NEVER });
    answer
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = with_status(status, Cow::Borrowed(text.as_bytes()));
    set(&mut answer, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    set(&mut answer, header::CACHE_CONTROL, "no-store");
    answer
}

fn with_status(status: StatusCode, bytes: Cow<'static, [u8]>) -> Answer {
    let mut answer = Response::new(bytes);
    *answer.status_mut() = status;
    answer
}

/// Sets a header whose value we made ourselves; one that is no header value is left out.
fn set(answer: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

fn media_type(guessed: &str) -> String {
    if guessed.starts_with("text/") { format!("{guessed}; charset=utf-8") } else { guessed.to_owned() }
}

/// 128 bits of the hash, quoted. Each encoding has bytes of its own, and so a tag of its own.
fn tag(sha256: &[u8; 32]) -> String {
    let half = sha256.first_chunk().map_or(0, |half| u128::from_be_bytes(*half));
    format!("\"{half:032x}\"")
}

/// RFC 9110 §13.1.2: a list of tags, compared weakly, or `*`.
fn has_already(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Whether the name was made of the content, `style-0123456789abcdef.css`: `cargo xtask build` does that.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() == 16 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests;
