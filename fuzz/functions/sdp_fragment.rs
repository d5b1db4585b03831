//! Any text is a fragment or is refused; what a fragment makes of an offer has as many m-lines, and nothing but its
//! credentials stands in another line than before. Any text has a fragment of an answer.

use transport::sdp::{Fragment, Offer, fragment_of};

const OFFER: &str = include_str!("../../crates/transport/src/sdp/fixtures/gstreamer.sdp");

/// Checks one input.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = fragment_of(text);
    let Ok(fragment) = Fragment::parse(text) else { return };
    let Some(renewed) = fragment.renew(OFFER) else { return };
    assert_eq!(fragment.renew(&renewed), None, "it renews once");
    let (before, after) = (Offer::parse(OFFER), Offer::parse(&renewed));
    let (before, after) = (before.expect("an offer"), after.expect("still an offer"));
    assert_eq!((&before.fingerprint, &before.sections), (&after.fingerprint, &after.sections));
    let others = |text: &'static str| text.lines().filter(|line| !line.starts_with("a=candidate:")).count();
    assert_eq!(renewed.lines().count(), others(OFFER));
}
