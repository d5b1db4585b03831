//! Who may come in over HTTP (RFC 9725 §4.7). This is the one place to ask: a resource's address, which cannot be
//! guessed, is its own proof afterwards.

use axum::http::{HeaderMap, header};
use signal::RoomName;

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1). Another scheme is none of ours: a proxy in front may ask
/// for a password of its own.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Whether somebody with this token may enter. Rooms ask for none: whoever knows a room's name may come in, and
/// streaming software that is given a token anyway may send it.
pub(super) fn may_enter(room: &RoomName, token: Option<&str>) -> bool {
    tracing::trace!(%room, with_token = token.is_some(), "somebody comes over HTTP");
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_tokens() {
        let table = [
            ("Bearer abc.def", Some("abc.def")),
            ("bearer  abc ", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic dXNlcjpwYXNz", None),
        ];
        for (value, expected) in table {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            assert_eq!(bearer(&headers), expected, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
