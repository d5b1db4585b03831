//! A text as a QR code, which the server draws (`server/src/qr.rs`): its code would weigh in the client.

use crate::api;
use crate::dom::{El, svg};
use crate::words::Word;
use madang_client::spawn_local;

/// The code, called so, in a figure with what is said about it. It is shown once it is there.
pub fn qr_code(text: String, figure: El, label: Word) -> El {
    let path = svg("path");
    let code = svg("svg")
        .class("qr-code")
        .testid("qr-code")
        .set("role", "img")
        .word("aria-label", label)
        .set("shape-rendering", "crispEdges");
    let (drawn, raw, whole) = (path.raw().clone(), code.raw().clone(), figure.raw().clone());
    spawn_local(async move {
        let Some((size, shape)) = api::qr_code(text).await else { return };
        // A browser refuses only what is no attribute.
        let _ = raw.set_attribute("viewBox", &size);
        let _ = drawn.set_attribute("d", &shape);
        let _ = whole.remove_attribute("hidden");
    });
    figure.set("hidden", "").child(code.child(path))
}
