//! Fuzzes `functions/sdp_fragment.rs`.

#![no_main]

#[path = "../functions/sdp_fragment.rs"]
mod sdp_fragment;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sdp_fragment::run(data));
