//! Fuzzes `functions/sctp.rs`.

#![no_main]

#[path = "../functions/sctp.rs"]
mod sctp;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sctp::run(data));
