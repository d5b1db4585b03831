//! Any datagram is a STUN message or is refused, and none verifies under a password nobody used.

use transport::stun::{Stun, integrity_key};

/// Checks one input.
pub fn run(data: &[u8]) {
    if let Ok(Stun::Check(check)) = Stun::parse(data) {
        assert!(!check.verify(&integrity_key("a password that no corpus knows")));
        assert!(check.local_ufrag.len() < data.len());
        let _ = check.transaction();
    }
}
