//! A text as a QR code, drawn in one path.

use crate::dom::{El, svg};
use crate::words::Word;
use core::fmt::Write;
use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around the code, as ISO/IEC 18004 §5.3.8 asks for.
const QUIET: i32 = 4;

/// The code, called so; nothing for a text that is too long for one.
pub fn qr_code(text: &str, label: Word) -> Option<El> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    Some(
        svg("svg")
            .class("qr-code")
            .testid("qr-code")
            .set("role", "img")
            .word("aria-label", label)
            .set("viewBox", &format!("0 0 {side} {side}"))
            .set("shape-rendering", "crispEdges")
            .child(svg("path").set("d", &path(&code))),
    )
}

/// A square for each dark module.
fn path(code: &QrCode) -> String {
    let side = 0..code.size();
    let mut path = String::new();
    for (y, x) in side.clone().flat_map(|y| side.clone().map(move |x| (y, x))) {
        if code.get_module(x, y) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_inside_the_quiet_zone() {
        let code = QrCode::encode_text("https://example.org/r/quiet-otter-42", QrCodeEcc::Medium).unwrap();
        let drawn = path(&code);
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        assert_eq!(drawn.matches('M').count(), dark.filter(|(x, y)| code.get_module(*x, *y)).count());
        assert!(drawn.starts_with("M4 4h1v1h-1z"), "the finder's corner");
    }
}
