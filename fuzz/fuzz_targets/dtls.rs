//! Fuzzes `functions/dtls.rs`.

#![no_main]

#[path = "../functions/dtls.rs"]
mod dtls;
#[path = "../functions/steps.rs"]
mod steps;

libfuzzer_sys::fuzz_target!(|data: &[u8]| dtls::run(data));
