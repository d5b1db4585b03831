//! Any text is a client's message or an error that can be sent back; what is read is written and read
//! again as the same.

use signal::{decode_client, decode_server, encode};

/// Checks one input.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match decode_client(text) {
        Ok(message) => assert_eq!(decode_client(&encode(&message)).as_ref(), Ok(&message)),
        Err(error) => assert!(encode(&error.to_info()).len() < 8192, "what comes back is short"),
    }
    for message in decode_server(text).into_iter().flatten().flatten() {
        assert_eq!(decode_server(&encode(&message)), Ok(vec![Ok(message)]));
    }
}
