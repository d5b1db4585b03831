//! Fuzzes `functions/sctp.rs`.

#![no_main]

#[path = "../functions/sctp.rs"]
mod sctp;
#[path = "../functions/steps.rs"]
mod steps;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sctp::run(data));
