//! `/admin`: the page of whoever has the admin key. A few small files, by hand: it is seldom opened, and what it does
//! is ask the API, and draw what `/metrics` says. It runs its own script and nobody else's, and is shown in no frame.

use super::Door;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Nothing inline, nothing from elsewhere, nothing around it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// The page and what belongs to it. Without an admin key set there is none.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(door: &Door) -> Router<S> {
    let file = |media_type: &'static str, text: &'static str| {
        get(move |State(door): State<Door>| async move { show(&door, media_type, text) })
    };
    Router::new()
        .route("/admin", file("text/html; charset=utf-8", include_str!("../../admin/index.html")))
        .route("/admin/admin.css", file("text/css; charset=utf-8", include_str!("../../admin/admin.css")))
        .route(
            "/admin/admin.js",
            file("text/javascript; charset=utf-8", include_str!("../../admin/admin.js")),
        )
        .route(
            "/admin/graphs.js",
            file("text/javascript; charset=utf-8", include_str!("../../admin/graphs.js")),
        )
        .with_state(door.clone())
}

fn show(door: &Door, media_type: &'static str, text: &'static str) -> Response {
    if !door.has_admin() {
        return (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response();
    }
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (head, text).into_response()
}
