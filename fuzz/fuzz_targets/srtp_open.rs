//! Fuzzes `functions/srtp_open.rs`.

#![no_main]

#[path = "../functions/srtp_open.rs"]
mod srtp_open;

libfuzzer_sys::fuzz_target!(|data: &[u8]| srtp_open::run(data));
