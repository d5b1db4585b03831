//! Which SCTP association a peer has, and how far it has come: what tells a packet of its own from one that would have
//! `rtc-sctp` work without end.
//!
//! The library makes an association of each INIT, and counts up, one by one, to where a FORWARD-TSN says that its sender
//! gave up: two thousand million steps away, if it says so. So there is one association, which begins with INITs that are
//! all alike, and no FORWARD-TSN leads further than a browser's window reaches. How far it has come is what we have
//! acknowledged, seen in the packets that leave. Read by [`guard`](super::guard).

use std::sync::{Mutex, PoisonError};

/// How far beyond what is acknowledged data may be, or be given up: what a browser may have under way, in messages of
/// eight bytes. What is further is not seen, and the browser sends it again.
const MAX_AHEAD: u32 = 16 * 1024;

/// Of SCTP (RFC 9260 §3.3): chunk types.
pub(super) const DATA: u8 = 0;
pub(super) const INIT: u8 = 1;
const INIT_ACK: u8 = 2;
const SACK: u8 = 3;
const COOKIE_ECHO: u8 = 10;
/// RFC 3758 §3.2.
const FORWARD_TSN: u8 = 192;

/// Of one peer.
#[derive(Debug, Default)]
pub(super) struct Association(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What the peer began with: its tag, and the number of its first DATA.
    begun: Option<(u32, u32)>,
    /// Our tag, by which it is known from then on that a cookie was shown.
    tag: Option<u32>,
    /// The last number acknowledged, or the one before the first.
    acknowledged: Option<u32>,
}

impl Association {
    /// Whether a chunk may pass that comes in a packet with this tag.
    pub(super) fn admit(&self, tag: u32, chunk: &[u8]) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = chunk.first().copied();
        if state.tag.is_some_and(|own| own != tag) {
            return false;
        }
        match kind {
            Some(INIT | INIT_ACK) => {
                let Some(begins) = number(chunk, 4).zip(number(chunk, 16)) else { return false };
                state.acknowledged.get_or_insert(begins.1.wrapping_sub(1));
                *state.begun.get_or_insert(begins) == begins
            }
            Some(COOKIE_ECHO) => {
                state.tag = Some(tag);
                true
            }
            Some(DATA | FORWARD_TSN) => {
                let there = number(chunk, 4).zip(state.acknowledged);
                // More than half of all numbers ahead is behind (RFC 9260 §1.6).
                there.is_some_and(|(there, from)| {
                    let ahead = there.wrapping_sub(from);
                    ahead <= MAX_AHEAD || ahead >= 1 << 31
                })
            }
            _ => true,
        }
    }

    /// Notes what a packet acknowledges that leaves.
    pub(super) fn note(&self, chunk: &[u8]) {
        if chunk.first() == Some(&SACK)
            && let Some(acknowledged) = number(chunk, 4)
        {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).acknowledged = Some(acknowledged);
        }
    }
}

fn number(chunk: &[u8], at: usize) -> Option<u32> {
    chunk.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a tag and a first number.
    fn init(tag: u32, first: u32) -> Vec<u8> {
        [&[INIT, 0, 0, 20][..], &tag.to_be_bytes(), &[0; 8], &first.to_be_bytes()].concat()
    }

    fn at(kind: u8, number: u32) -> Vec<u8> {
        [&[kind, 0, 0, 8][..], &number.to_be_bytes()].concat()
    }

    #[test]
    fn there_is_one_beginning() {
        let association = Association::default();
        assert!(association.admit(0, &init(7, 100)) && association.admit(0, &init(7, 100)));
        assert!(!association.admit(0, &init(8, 100)) && !association.admit(0, &init(7, 101)));
        assert!(!association.admit(0, &init(7, 100)[..19]));
    }

    #[test]
    fn whoever_showed_a_cookie_is_known_by_its_tag() {
        let association = Association::default();
        assert!(association.admit(0, &init(7, 100)) && association.admit(5, &at(COOKIE_ECHO, 0)));
        assert!(association.admit(5, &at(DATA, 100)) && association.admit(5, &at(COOKIE_ECHO, 0)));
        assert!(!association.admit(6, &at(DATA, 100)) && !association.admit(6, &at(COOKIE_ECHO, 0)));
        assert!(!association.admit(0, &init(7, 100)));
    }

    #[test]
    fn nothing_leads_further_than_a_window() {
        let association = Association::default();
        for kind in [DATA, FORWARD_TSN] {
            assert!(!association.admit(5, &at(kind, 100)), "nothing has begun");
        }
        // Numbers come round.
        assert!(association.admit(0, &init(7, u32::MAX)));
        for kind in [DATA, FORWARD_TSN] {
            for (number, fine) in [
                (u32::MAX, true),
                (0, true),
                (16_382, true),
                (16_383, false),
                (1 << 30, false),
                (u32::MAX - 9, true),
            ] {
                assert_eq!(association.admit(5, &at(kind, number)), fine, "{kind} {number}");
            }
        }
        association.note(&at(SACK, 16_382));
        assert!(
            association.admit(5, &at(FORWARD_TSN, 32_766)) && !association.admit(5, &at(FORWARD_TSN, 32_767))
        );
    }
}
