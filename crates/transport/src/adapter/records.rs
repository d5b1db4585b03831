//! What DTLS is let see: datagrams between the worker and `webrtc`, and what its own cipher opens.
//!
//! `rtc-dtls` keeps every fragment of a handshake until its message is whole: without a limit in number, two megabytes
//! in length where it counts any, and put together by recursion, one call for each fragment, so that ten thousand of one
//! byte end the process by its stack. Records of the next epoch, and changes of cipher, it keeps without any limit until
//! the handshake is done. So who floods a handshake finds an end here (CVE-2022-29189 was the same in another library).
//! Only who has proved to be in the room gets as far; see [`Demux`](crate::demux).

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32};

/// Fragments of handshake messages of one peer, first and repeated ones. An honest handshake has five from the browser,
/// and repeats them eight times at most. More are dropped: a handshake that is not done by then never will be.
const MAX_FRAGMENTS: u32 = 256;
/// Records of one peer that wait in the library until its handshake is done: a change of cipher and the message after it,
/// and their repetitions. More are dropped.
const MAX_WAITING: u32 = 64;
/// Bytes of a handshake message: a chain of certificates has a few thousand. Larger ones are dropped.
const MAX_MESSAGE: usize = 16 * 1024;
/// Messages of a handshake: a full one has a dozen, of both sides. Those with higher numbers are dropped.
const MAX_MESSAGES: u16 = 32;

/// Of DTLS 1.2's records (RFC 6347 §4.1): the header's length, where the epoch and the body's length stand, and types.
const RECORD_HEADER: usize = 13;
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// Of a handshake message's header (§4.2.2).
const HANDSHAKE_HEADER: usize = 12;

/// Of one peer.
#[derive(Debug, Default)]
pub(super) struct Records {
    fragments: AtomicU32,
    waiting: AtomicU32,
    /// Something was opened: the keys are there, and what comes waits no longer.
    keyed: AtomicBool,
}

impl Records {
    /// Whether a datagram may pass: one whose first byte says DTLS (RFC 7983 §7).
    pub(super) fn admit(&self, datagram: &[u8]) -> bool {
        let mut rest = datagram;
        while !rest.is_empty() {
            let Some((header, after)) = rest.split_first_chunk::<RECORD_HEADER>() else { return false };
            let [kind, _, _, e0, e1, _, _, _, _, _, _, l0, l1] = *header;
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            let Some((body, after)) = after.split_at_checked(length) else { return false };
            let fine = match (u16::from_be_bytes([e0, e1]), kind) {
                (0, HANDSHAKE) => self.admit_handshake(body),
                (0, CHANGE_CIPHER_SPEC | ALERT) => self.wait(),
                (1, CHANGE_CIPHER_SPEC | ALERT | HANDSHAKE | APPLICATION_DATA) => {
                    self.keyed.load(Relaxed) || self.wait()
                }
                // Nobody renegotiates, so there is no second epoch.
                _ => false,
            };
            if !fine {
                return false;
            }
            rest = after;
        }
        true
    }

    /// Whether the body of a handshake's record may pass, opened or never sealed.
    pub(super) fn admit_handshake(&self, body: &[u8]) -> bool {
        let mut rest = body;
        while !rest.is_empty() {
            let Some((header, after)) = rest.split_first_chunk::<HANDSHAKE_HEADER>() else { return false };
            let [_, l0, l1, l2, s0, s1, o0, o1, o2, f0, f1, f2] = *header;
            let number = |a, b, c| u32::from_be_bytes([0, a, b, c]) as usize;
            let (length, offset, fragment) = (number(l0, l1, l2), number(o0, o1, o2), number(f0, f1, f2));
            let fits = length <= MAX_MESSAGE
                && offset + fragment <= length
                && (fragment > 0 || length == 0)
                && u16::from_be_bytes([s0, s1]) < MAX_MESSAGES;
            let Some((_, after)) = after.split_at_checked(fragment).filter(|_| fits) else { return false };
            // The library takes what follows for the rest of a message that is not whole.
            if fragment < length && !after.is_empty() {
                return false;
            }
            if self.fragments.fetch_add(1, Relaxed) >= MAX_FRAGMENTS {
                // So that it never comes round.
                self.fragments.store(MAX_FRAGMENTS, Relaxed);
                return false;
            }
            rest = after;
        }
        true
    }

    /// Something was opened.
    pub(super) fn opened(&self) {
        self.keyed.store(true, Relaxed);
    }

    fn wait(&self) -> bool {
        let fits = self.waiting.fetch_add(1, Relaxed) < MAX_WAITING;
        if !fits {
            self.waiting.store(MAX_WAITING, Relaxed);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, epoch: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind, 254, 253][..], &epoch.to_be_bytes(), &[0; 6], &length, body].concat()
    }

    fn fragment(length: u32, number: u16, offset: u32, bytes: &[u8]) -> Vec<u8> {
        let [_, length @ ..] = length.to_be_bytes();
        let [_, offset @ ..] = offset.to_be_bytes();
        let [_, own @ ..] = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[1][..], &length, &number.to_be_bytes(), &offset, &own, bytes].concat()
    }

    #[test]
    fn whole_messages_and_fragments_pass() {
        let records = Records::default();
        let two = [fragment(3, 1, 0, b"abc"), fragment(0, 2, 0, b"")].concat();
        assert!(records.admit(&record(HANDSHAKE, 0, &two)));
        assert!(records.admit(&record(HANDSHAKE, 0, &fragment(9, 3, 2, b"abc"))));
        let flight = [
            record(HANDSHAKE, 0, &two),
            record(CHANGE_CIPHER_SPEC, 0, &[1]),
            record(HANDSHAKE, 1, b"sealed"),
        ];
        assert!(records.admit(&flight.concat()));
    }

    #[test]
    fn fragments_that_make_no_message_are_refused() {
        for body in [
            fragment(9, 0, 0, b""),
            fragment(3, 0, 1, b"abc"),
            fragment(16 * 1024 + 1, 0, 0, b"abc"),
            fragment(3, 32, 0, b"abc"),
            [fragment(9, 0, 0, b"abc"), fragment(3, 1, 0, b"abc")].concat(),
            fragment(3, 0, 0, b"abc")[..14].to_vec(),
            b"short".to_vec(),
        ] {
            assert!(!Records::default().admit(&record(HANDSHAKE, 0, &body)), "{body:?}");
            assert!(!Records::default().admit_handshake(&body), "{body:?}");
        }
    }

    #[test]
    fn what_is_no_dtls_of_ours_is_refused() {
        for datagram in [
            record(HANDSHAKE, 2, b"x"),
            record(APPLICATION_DATA, 0, b"x"),
            record(24, 0, b"x"),
            record(25, 1, b"x"),
            record(HANDSHAKE, 1, b"sealed")[..15].to_vec(),
            [record(HANDSHAKE, 1, b"sealed"), vec![22; 5]].concat(),
        ] {
            assert!(!Records::default().admit(&datagram), "{datagram:?}");
        }
    }

    #[test]
    fn a_flood_of_fragments_ends() {
        let records = Records::default();
        let flood = (0..10_000u32).map(|offset| record(HANDSHAKE, 0, &fragment(16_000, 0, offset, b"a")));
        assert_eq!(flood.filter(|datagram| records.admit(datagram)).count(), 256);
        let sealed = fragment(16_000, 1, 0, b"a");
        assert!(!records.admit_handshake(&sealed), "nor behind a seal");
    }

    #[test]
    fn what_waits_for_keys_is_little_and_what_comes_after_is_not_counted() {
        let records = Records::default();
        let data = record(APPLICATION_DATA, 1, b"sealed");
        let early = (0..1000).filter(|_| records.admit(&data)).count();
        assert_eq!(early, 64);
        assert!(!records.admit(&record(CHANGE_CIPHER_SPEC, 0, &[1])));
        records.opened();
        assert!((0..1000).all(|_| records.admit(&data)));
    }
}
