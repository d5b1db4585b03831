//! Fuzzes `functions/stun.rs`.

#![no_main]

#[path = "../functions/stun.rs"]
mod stun;

libfuzzer_sys::fuzz_target!(|data: &[u8]| stun::run(data));
