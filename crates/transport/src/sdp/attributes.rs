//! Values of single attributes.

use super::offer::{ExtMap, Fingerprint};

/// The DTLS role that an offer leaves to us (RFC 8842 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// `actpass` or `active`: the browser can say hello, and so it shall, right after its first check.
    Speaks,
    /// `passive`: it only waits for ours. No browser does, but streaming software that is a DTLS server.
    Waits,
}

impl Setup {
    pub(super) fn parse(value: Option<&str>) -> Self {
        if value == Some("passive") { Self::Waits } else { Self::Speaks }
    }

    /// The `a=setup` of the answer.
    pub fn answered(self) -> &'static str {
        match self {
            Self::Speaks => "passive",
            Self::Waits => "active",
        }
    }
}

/// `a=rtpmap:<payload type> <name>/<clock rate>[/<channels>]` (RFC 8866 §6.6).
pub(super) fn rtpmap(value: &str) -> Option<(u8, &str, u32, Option<u8>)> {
    let (payload_type, rest) = value.split_once(' ')?;
    let mut parts = rest.trim().split('/');
    let name = parts.next()?;
    let clock_rate = parts.next()?.parse().ok()?;
    let channels = parts.next().and_then(|channels| channels.parse().ok());
    Some((payload_type.parse().ok()?, name, clock_rate, channels))
}

/// A value that begins with a payload type: `a=fmtp`, `a=rtcp-fb`.
pub(super) fn of_payload_type(value: &str) -> Option<(u8, &str)> {
    let (payload_type, rest) = value.split_once(' ')?;
    Some((payload_type.parse().ok()?, rest.trim()))
}

/// One parameter of an fmtp line: `key=value;key=value`.
pub(super) fn parameter<'a>(fmtp: &'a str, key: &str) -> Option<&'a str> {
    fmtp.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case(key).then_some(value)
    })
}

/// `a=extmap:<id>[/<direction>] <uri>` (RFC 8285 §8). Ids 1 to 14 only: one-byte headers.
pub(super) fn extmap(value: &str) -> Option<ExtMap> {
    let (id, rest) = value.split_once(' ')?;
    let id: u8 = id.split('/').next()?.parse().ok()?;
    let uri = rest.split(' ').next()?;
    (1..=14).contains(&id).then(|| ExtMap { id, uri: uri.to_owned() })
}

/// `a=fingerprint:<hash> <hex>` (RFC 8122 §5).
pub(super) fn fingerprint(value: &str) -> Option<Fingerprint> {
    let (hash, digest) = value.split_once(' ')?;
    let plausible = !digest.is_empty()
        && digest.len() <= 256
        && digest.split(':').all(|byte| byte.len() == 2 && byte.bytes().all(|c| c.is_ascii_hexdigit()));
    plausible.then(|| Fingerprint { hash: hash.to_ascii_lowercase(), digest: digest.to_owned() })
}

/// A token that may be repeated in an answer: no white space, no line ends, nothing invisible.
pub(super) fn is_token(text: &str, max_len: usize) -> bool {
    !text.is_empty() && text.len() <= max_len && text.bytes().all(|c| c.is_ascii_graphic())
}
