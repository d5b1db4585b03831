//! Fuzzes `functions/sdp_offer.rs`.

#![no_main]

#[path = "../functions/sdp_offer.rs"]
mod sdp_offer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdp_offer::run(data));
