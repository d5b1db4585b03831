//! What the client may do in a browser, said with every answer: run our own code and nobody else's, talk
//! to this server only, and tell nobody which room one is in.

use crate::embed::Embedders;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};

/// Nothing is inline and nothing comes from elsewhere. `'self'` covers `ws:` and `wss:` to this server;
/// Leptos sets `style:` through the CSSOM, which `style-src` does not concern.
/// Who may show the page in a frame is added by [`Embedders`].
pub const POLICY: &str = "default-src 'none'; \
    script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; \
    img-src 'self' data: blob:; \
    media-src 'self' blob: mediastream:; \
    connect-src 'self'; \
    font-src 'self'; \
    manifest-src 'self'; \
    worker-src 'self'; \
    base-uri 'none'; \
    form-action 'self'";

/// Only this page, no frame within it, may ask for devices and the screen.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self)";

/// The names `http` has no constant for.
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Adds them.
pub fn secure(headers: &mut HeaderMap, embedders: &Embedders) {
    headers.insert(CONTENT_SECURITY_POLICY, embedders.policy().clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A room's name stands in its path, and whoever knows it may come in.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
}
