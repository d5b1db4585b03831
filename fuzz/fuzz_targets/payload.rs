//! Fuzzes `functions/ingest.rs` with payloads of every codec.

#![no_main]

#[path = "../functions/ingest.rs"]
mod ingest;

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest::run(data, ingest::Kind::Payload));
