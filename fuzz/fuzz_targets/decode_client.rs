//! Fuzzes `functions/decode_client.rs`.

#![no_main]

#[path = "../functions/decode_client.rs"]
mod decode_client;

libfuzzer_sys::fuzz_target!(|data: &[u8]| decode_client::run(data));
