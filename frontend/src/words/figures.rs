//! Figures with their units, the same in every language.

use super::{Word, fill, say};

/// For a graph: what it shows, and the value now.
pub fn graph(title: &str, now: &str) -> String {
    fill(Word::Graph, &[("title", title), ("now", now)])
}

/// The path's believed capacity.
pub fn estimated(value: &str) -> String {
    fill(Word::Estimated, &[("value", value)])
}

/// What stands where nothing is known.
pub fn not_known() -> String {
    say(Word::NotKnown).to_owned()
}

/// From bits per second.
pub fn bitrate(bits: u32) -> String {
    if bits < 100_000 {
        return format!("{}\u{a0}kbit/s", bits / 1_000);
    }
    format!("{}\u{a0}Mbit/s", tenths(bits / 100_000))
}

/// As percent.
pub fn per_mille(loss: u32) -> String {
    format!("{}\u{a0}%", tenths(loss))
}

/// Of a picture.
pub fn lines_high(height: u32) -> String {
    format!("{height}p")
}

/// A second.
pub fn frames(count: u32) -> String {
    format!("{count}\u{a0}fps")
}

/// Of time.
pub fn milliseconds(count: u32) -> String {
    format!("{count}\u{a0}ms")
}

/// From tenths of a unit: one decimal, as far as that says something.
fn tenths(count: u32) -> String {
    match (count / 10, count % 10) {
        (whole, 0) | (whole @ 10.., _) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}
