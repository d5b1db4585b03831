//! Fragments of descriptions (RFC 8840 §9), in which clients over HTTP tell candidates and restart ICE
//! (RFC 9725 §4.3).
//!
//! What a client tells of its candidates is checked and let go: a lite agent learns them from the checks. New
//! credentials are put into the offer they renew, and the answer's come back as a fragment.

use super::attributes::is_token;
use super::offer::{MAX_ICE, is_plain};
use std::fmt::Write;

/// Lines of a fragment. Past it: [`FragmentError::TooLong`].
const MAX_LINES: usize = 1024;

/// Why a fragment cannot be used. The client is told in these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FragmentError {
    /// A line is none of a description, or there is none.
    #[error("the body is not a fragment of a session description")]
    Unreadable,
    /// More lines than this server reads.
    #[error("the fragment has too many lines")]
    TooLong,
    /// One of ufrag and password without the other, or unusable ones.
    #[error("the fragment has no usable ICE credentials")]
    BadCredentials,
    /// A candidate that is none.
    #[error("a candidate cannot be read")]
    BadCandidate,
}

/// A client's fragment, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The ufrag and the password that its candidates go with; without them, those of the last offer.
    credentials: Option<(String, String)>,
}

impl Fragment {
    /// Reads and checks a fragment.
    ///
    /// # Errors
    /// See [`FragmentError`].
    pub fn parse(text: &str) -> Result<Self, FragmentError> {
        let lines = || text.lines().filter(|line| !line.is_empty());
        if lines().nth(MAX_LINES).is_some() {
            return Err(FragmentError::TooLong);
        }
        let is_line = |line: &str| line.starts_with("a=") || line.starts_with("m=");
        if !is_plain(text) || lines().next().is_none() || !lines().all(is_line) {
            return Err(FragmentError::Unreadable);
        }
        if !lines().filter_map(|line| line.strip_prefix("a=candidate:")).all(is_candidate) {
            return Err(FragmentError::BadCandidate);
        }
        let credentials = match (first(text, "a=ice-ufrag:"), first(text, "a=ice-pwd:")) {
            (None, None) => None,
            (Some(ufrag), Some(password)) if is_token(ufrag, MAX_ICE) && is_token(password, MAX_ICE) => {
                Some((ufrag.to_owned(), password.to_owned()))
            }
            (Some(_), _) | (None, Some(_)) => return Err(FragmentError::BadCredentials),
        };
        Ok(Self { credentials })
    }

    /// The offer with the fragment's credentials, if they are others than its own: an ICE restart (RFC 8839 §4.4.1.1.1).
    pub fn renew(&self, offer: &str) -> Option<String> {
        let (ufrag, password) = self.credentials.as_ref()?;
        let known = (first(offer, "a=ice-ufrag:"), first(offer, "a=ice-pwd:"));
        if known == (Some(ufrag), Some(password)) {
            return None;
        }
        let mut renewed = String::with_capacity(offer.len() + 256);
        for line in offer.lines() {
            if line.starts_with("a=ice-ufrag:") {
                push(&mut renewed, &format!("a=ice-ufrag:{ufrag}"));
            } else if line.starts_with("a=ice-pwd:") {
                push(&mut renewed, &format!("a=ice-pwd:{password}"));
            } else if !line.starts_with("a=candidate:") {
                push(&mut renewed, line);
            }
        }
        Some(renewed)
    }
}

/// What of an answer a client needs after an ICE restart: our credentials and candidates, under the m-line that
/// tells them for the whole group (RFC 9725 §4.3.3).
pub fn fragment_of(answer: &str) -> String {
    const SESSION: [&str; 2] = ["a=ice-lite", "a=group:"];
    const MEDIA: [&str; 5] = ["a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=end-of-candidates"];
    let mut fragment = String::new();
    let (session, media) = answer.split_once("\r\nm=").unwrap_or((answer, ""));
    for line in session.lines().filter(|line| SESSION.iter().any(|kept| line.starts_with(kept))) {
        push(&mut fragment, line);
    }
    let tagged = media.split("\r\nm=").find(|section| section.contains("a=candidate:")).unwrap_or_default();
    let mut lines = tagged.lines();
    if let Some(line) = lines.next() {
        push(&mut fragment, &format!("m={line}"));
    }
    for line in lines.filter(|line| MEDIA.iter().any(|kept| line.starts_with(kept))) {
        push(&mut fragment, line);
    }
    fragment
}

fn push(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{line}\r\n");
}

fn first<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key))
}

/// `<foundation> <component> <transport> <priority> <address> <port> typ <type> …` (RFC 8839 §5.1). The address may
/// be a name; whatever follows is let go.
fn is_candidate(value: &str) -> bool {
    let words: Vec<&str> = value.split_ascii_whitespace().take(8).collect();
    let [foundation, component, _, priority, _, port, "typ", _] = words.as_slice() else { return false };
    foundation.len() <= 32
        && component.parse::<u16>().is_ok()
        && priority.parse::<u32>().is_ok()
        && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:old1\r\na=ice-pwd:oldoldoldoldoldoldoldold\r\n\
        a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:old1\r\na=ice-pwd:oldoldoldoldoldoldoldold\r\n";

    fn fragment(ufrag: &str) -> String {
        format!(
            "a=ice-options:trickle ice2\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
             a=ice-ufrag:{ufrag}\r\na=ice-pwd:{ufrag}{ufrag}{ufrag}{ufrag}{ufrag}{ufrag}\r\n\
             a=candidate:1387637174 1 udp 2122260223 198.51.100.1 61764 typ host generation 0 network-id 1\r\n\
             a=candidate:2 1 udp 2 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 7 typ host\r\na=end-of-candidates\r\n"
        )
    }

    #[test]
    fn candidates_are_read_and_change_nothing() {
        let same = Fragment::parse(&fragment("old")).unwrap();
        let offer = OFFER.replace("old1", "old").replace("oldoldoldoldoldoldoldold", &"old".repeat(6));
        assert_eq!(same.renew(&offer), None);
        let bare = Fragment::parse("m=audio 9 RTP/AVP 0\na=mid:0\na=end-of-candidates\n").unwrap();
        assert_eq!(bare.renew(OFFER), None);
    }

    #[test]
    fn other_credentials_renew_the_offer_everywhere() {
        let renewed = Fragment::parse(&fragment("new1")).unwrap().renew(OFFER).unwrap();
        assert_eq!(renewed.matches("a=ice-ufrag:new1\r\n").count(), 2);
        assert_eq!(renewed.matches(&format!("a=ice-pwd:{}\r\n", "new1".repeat(6))).count(), 2);
        assert!(!renewed.contains("old") && !renewed.contains("candidate"), "{renewed}");
        assert_eq!(renewed.lines().count(), OFFER.lines().count() - 1);
    }

    #[test]
    fn an_answer_gives_the_fragment_of_its_first_line_in_use() {
        let answer = "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 1\r\na=ice-lite\r\n\
            m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=inactive\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n\
            a=setup:passive\r\na=candidate:1 1 udp 9 192.0.2.1 7882 typ host\r\na=end-of-candidates\r\na=recvonly\r\n";
        let expected = "a=group:BUNDLE 1\r\na=ice-lite\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n\
            a=ice-ufrag:u\r\na=ice-pwd:p\r\na=candidate:1 1 udp 9 192.0.2.1 7882 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(fragment_of(answer), expected);
        assert!(Fragment::parse(expected).is_ok());
    }

    #[test]
    fn what_is_no_fragment_says_why() {
        let table = [
            ("", FragmentError::Unreadable),
            ("\r\n", FragmentError::Unreadable),
            ("{\"candidate\":1}", FragmentError::Unreadable),
            ("a=mid:0\rm=x", FragmentError::Unreadable),
            ("a=ice-ufrag:abcd\r\n", FragmentError::BadCredentials),
            ("a=ice-pwd:abcd\r\n", FragmentError::BadCredentials),
            ("a=ice-ufrag:ab cd\r\na=ice-pwd:x\r\n", FragmentError::BadCredentials),
            ("a=candidate:\r\n", FragmentError::BadCandidate),
            ("a=candidate:1 1 udp x 192.0.2.1 9 typ host\r\n", FragmentError::BadCandidate),
        ];
        for (text, expected) in table {
            assert_eq!(Fragment::parse(text), Err(expected), "{text:?}");
        }
        assert_eq!(Fragment::parse(&"a=x\n".repeat(2000)), Err(FragmentError::TooLong));
    }
}
