//! `POST /api/qr`: a text as a QR code, drawn in one path. Here rather than in the client, where the code would weigh
//! more than all else that an invitation is. The text comes in the body, since a link may open a room and addresses
//! are written to logs. Keeps nothing.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use core::fmt::Write;
use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around the code, as ISO/IEC 18004 §5.3.8 asks for.
const QUIET: i32 = 4;

/// Bytes of a text. Past it the code would be too fine to be photographed from a screen: 413.
pub(crate) const MAX_TEXT: usize = 1024;

/// Answers with two lines: an SVG's `viewBox`, and the `d` of its path.
pub(crate) async fn draw(text: String) -> Response {
    match drawn(&text) {
        Some(lines) => ([(header::CACHE_CONTROL, "no-store")], lines).into_response(),
        None => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

fn drawn(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    Some(format!("0 0 {side} {side}\n{}", path(&code)))
}

/// A rectangle for each run of dark modules in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let dark = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let dark = i32::try_from(dark).unwrap_or(1);
            if dark > 0 {
                // Writing to a string does not fail.
                let _ = write!(path, "M{} {}h{dark}v1h-{dark}z", x + QUIET, y + QUIET);
            }
            x += dark.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that a path of such rectangles covers.
    fn covered(path: &str) -> Vec<(i32, i32)> {
        let runs = path.split('M').skip(1).map(|run| {
            let numbers: Vec<i32> =
                run.split(|letter: char| !letter.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            (numbers[0], numbers[1], numbers[2])
        });
        runs.flat_map(|(x, y, dark)| (x..x + dark).map(move |x| (x, y))).collect()
    }

    #[test]
    fn every_dark_module_is_drawn_once_inside_the_quiet_zone() {
        let code = QrCode::encode_text("https://example.org/r/quiet-otter-42", QrCodeEcc::Medium).unwrap();
        let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark: Vec<_> =
            all.filter(|(x, y)| code.get_module(*x, *y)).map(|(x, y)| (x + QUIET, y + QUIET)).collect();
        assert_eq!(covered(&path(&code)), dark);
        assert!(path(&code).starts_with("M4 4h7v1h-7z"), "the finder's corner");
    }

    #[test]
    fn the_longest_text_has_a_code() {
        assert!(drawn(&"ß".repeat(MAX_TEXT / 2)).is_some());
    }
}
