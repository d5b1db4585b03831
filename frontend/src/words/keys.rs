//! Whether a file of words was written for this program: by its keys, in their order. Shared with `build.rs`.

/// Of no keys at all: FNV-1a's offset basis.
pub const NO_KEYS: u32 = 0x811c_9dc5;

/// A number for those before, and one more: FNV-1a of 32 bits, over the keys with a line's end behind each.
pub fn and_key(before: u32, key: &str) -> u32 {
    let bytes = key.bytes().chain([b'\n']);
    bytes.fold(before, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
