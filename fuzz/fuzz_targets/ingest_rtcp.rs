//! Fuzzes `functions/ingest.rs` with RTCP.

#![no_main]

#[path = "../functions/ingest.rs"]
mod ingest;

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest::run(data, ingest::Kind::Rtcp));
