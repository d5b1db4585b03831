//! STUN and TURN servers, as `joined` and `resumed` tell them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A STUN or TURN server under one or several URLs (RFC 7064, RFC 7065): an `RTCIceServer`. `Debug` does not show
/// the credential.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// Where it is; one at least.
    pub urls: Vec<String>,
    /// For TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For TURN: the password. It may be good for some hours only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { urls, username, credential: _ } = self;
        f.debug_struct("IceServer").field("urls", urls).field("username", username).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_keeps_the_secret() {
        let server = IceServer {
            urls: vec!["turn:turn.example.org:3478".to_owned()],
            username: Some("ada".to_owned()),
            credential: Some("hush".to_owned()),
        };
        let shown = format!("{server:?}");
        assert!(shown.contains("turn.example.org") && !shown.contains("hush"), "{shown}");
    }
}
