//! What SCTP is let see: between DTLS and SCTP, inside `webrtc`, where the crypto provider is ours. What DTLS is let see
//! before is [`records`](super::records)'.
//!
//! `rtc-sctp` takes any stream that a browser sends on, announces a channel for each that is opened by DCEP, and makes an
//! association for each INIT, up to 100,000; none of these numbers can be set. So records that hold anything but the two
//! channels of ours are refused here as if they did not authenticate. They are never acknowledged, and SCTP on the
//! other side gives up.

use super::association::{Association, DATA, INIT};
use super::records::Records;
use crate::counters::Counters;
use rtc::crypto::{AeadCipher, CryptoError};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// INITs of one peer. An honest one sends one, and repeats it eight times at most (RFC 9260 §16). More are not seen.
const MAX_INITS: u32 = 16;

/// TLS's content types (RFC 5246 §6.2.1), and where they stand in the additional data.
const APPLICATION_DATA: u8 = 23;
const HANDSHAKE: u8 = 22;
const CONTENT_TYPE_AT: usize = 8;
/// Of SCTP (RFC 9260 §3): the common header, the chunk types, and in DATA the stream and the payload protocol.
const COMMON_HEADER: usize = 12;
const CHUNK_HEADER: usize = 4;
const ABORT: u8 = 6;
const ERROR: u8 = 9;
const VERIFICATION_TAG_AT: usize = 4;
const DCEP: u32 = 50;

/// Of one peer. Public for the fuzzers.
#[derive(Debug)]
pub struct Guard {
    streams: [u16; 2],
    inits: AtomicU32,
    records: Records,
    association: Association,
    counters: Arc<Counters>,
}

impl Guard {
    /// Lets these streams pass, and counts what does not.
    pub fn new(streams: [u16; 2], counters: Arc<Counters>) -> Self {
        Self {
            streams,
            inits: AtomicU32::new(0),
            records: Records::default(),
            association: Association::default(),
            counters,
        }
    }

    /// Whether a datagram may pass to DTLS.
    pub fn admits_datagram(&self, datagram: &[u8]) -> bool {
        let fine = self.records.admit(datagram);
        if !fine {
            self.counters.foreign_dtls.fetch_add(1, Relaxed);
        }
        fine
    }

    /// Whether all chunks of a packet may pass to SCTP.
    pub fn admits(&self, packet: &[u8]) -> bool {
        let Some(tag) = packet.get(VERIFICATION_TAG_AT..).and_then(|rest| rest.first_chunk()) else {
            return false;
        };
        let tag = u32::from_be_bytes(*tag);
        let fine = |chunk: &[u8]| match chunk.first() {
            Some(&DATA) if !self.admits_data(chunk) => false,
            Some(&(ABORT | ERROR)) if !has_whole_causes(chunk) => false,
            Some(&INIT) if self.inits.fetch_add(1, Relaxed) >= MAX_INITS => false,
            _ => self.association.admit(tag, chunk),
        };
        each_chunk(packet, fine)
    }

    /// Notes what a packet of SCTP's says that leaves.
    pub fn notes(&self, packet: &[u8]) {
        each_chunk(packet, |chunk| {
            self.association.note(chunk);
            true
        });
    }

    fn admits_data(&self, chunk: &[u8]) -> bool {
        let Some([_, _, _, _, _, _, _, _, s0, s1, _, _, p0, p1, p2, p3]) = chunk.first_chunk::<16>() else {
            return false;
        };
        let (stream, protocol) = (u16::from_be_bytes([*s0, *s1]), u32::from_be_bytes([*p0, *p1, *p2, *p3]));
        self.streams.contains(&stream) && protocol != DCEP
    }
}

/// Whether each cause that a chunk gives (RFC 9260 §3.3.10) ends before the chunk does: `rtc-sctp` panics where one does
/// not. As it reads them, one behind the other without padding.
fn has_whole_causes(chunk: &[u8]) -> bool {
    let mut rest = chunk.get(CHUNK_HEADER..).unwrap_or_default();
    while let [_, _, high, low, ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(after) = rest.get(length..).filter(|_| length >= 4) else { return false };
        rest = after;
    }
    true
}

/// Looks at each chunk until one is not fine; false then, and for what is no packet.
fn each_chunk(packet: &[u8], mut fine: impl FnMut(&[u8]) -> bool) -> bool {
    let Some(mut rest) = packet.get(COMMON_HEADER..) else { return false };
    while !rest.is_empty() {
        let [_, _, high, low, ..] = rest else { return false };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // A length less than the chunk's own header never ends.
        let Some(chunk) = rest.get(..length).filter(|chunk| chunk.len() >= 4) else { return false };
        if !fine(chunk) {
            return false;
        }
        // The last one may come without its padding.
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    true
}

/// A cipher whose application data the guard looks through.
pub(super) struct Guarded {
    pub(super) inner: Box<dyn AeadCipher>,
    pub(super) guard: Arc<Guard>,
}

impl AeadCipher for Guarded {
    fn tag_len(&self) -> usize {
        self.inner.tag_len()
    }

    fn seal_in_place(
        &mut self,
        nonce: &[u8],
        aad: &[u8],
        text: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        if aad.get(CONTENT_TYPE_AT) == Some(&APPLICATION_DATA) {
            self.guard.notes(text);
        }
        self.inner.seal_in_place(nonce, aad, text, tag)
    }

    fn open_in_place(
        &mut self,
        nonce: &[u8],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8],
    ) -> Result<(), CryptoError> {
        self.inner.open_in_place(nonce, aad, text, tag)?;
        let guard = &self.guard;
        guard.records.opened();
        let refused = match aad.get(CONTENT_TYPE_AT) {
            Some(&APPLICATION_DATA) if !guard.admits(text) => &guard.counters.foreign_sctp,
            Some(&HANDSHAKE) if !guard.records.admit_handshake(text) => &guard.counters.foreign_dtls,
            _ => return Ok(()),
        };
        refused.fetch_add(1, Relaxed);
        Err(CryptoError::AuthenticationFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + body.len()).unwrap().to_be_bytes();
        let mut chunk = [&[kind, 3][..], &length, body].concat();
        chunk.resize(chunk.len().next_multiple_of(4), 0);
        chunk
    }

    fn data(stream: u16, protocol: u32) -> Vec<u8> {
        let body = [&[0; 4][..], &stream.to_be_bytes(), &[0; 2], &protocol.to_be_bytes(), b"hello"].concat();
        chunk(DATA, &body)
    }

    fn init() -> Vec<u8> {
        chunk(INIT, &[0; 16])
    }

    /// Whose association has begun.
    fn guard() -> Guard {
        let guard = Guard::new([1, 2], Arc::default());
        assert!(admits(&guard, &[init()]));
        guard
    }

    fn admits(guard: &Guard, chunks: &[Vec<u8>]) -> bool {
        guard.admits(&[vec![0; COMMON_HEADER], chunks.concat()].concat())
    }

    #[test]
    fn only_the_two_channels_pass() {
        let guard = guard();
        let sack = chunk(3, &[0; 12]);
        assert!(admits(&guard, &[sack.clone(), data(1, 53), data(2, 51)]));
        assert!(!admits(&guard, &[data(3, 53)]));
        assert!(!admits(&guard, &[data(1, DCEP)]));
        assert!(!admits(&guard, &[sack, data(1, 53), data(0, 53)]), "behind others");
    }

    #[test]
    fn a_cause_that_is_longer_than_its_chunk_does_not_pass() {
        for kind in [ABORT, ERROR] {
            assert!(admits(&guard(), &[chunk(kind, &[])]));
            assert!(admits(&guard(), &[chunk(kind, &[0, 12, 0, 8, 1, 2, 3, 4, 0, 1, 0, 4])]));
            for wrong in [&[0, 12, 0, 9, 1, 2, 3, 4][..], &[0, 12, 0, 3], &[0, 12, 0, 4, 0, 1, 0, 5]] {
                assert!(!admits(&guard(), &[chunk(kind, wrong)]), "{kind} {wrong:?}");
            }
        }
    }

    #[test]
    fn a_chunk_without_its_last_padding_passes() {
        let guard = guard();
        let whole = [vec![0; COMMON_HEADER], data(1, 53)].concat();
        assert!(guard.admits(&whole[..whole.len() - 3]));
    }

    #[test]
    fn there_are_only_so_many_associations() {
        let guard = Guard::new([1, 2], Arc::default());
        let admitted = (0..100).filter(|_| admits(&guard, &[init()])).count();
        assert_eq!(admitted, 16);
        assert!(admits(&guard, &[data(1, 53)]), "the rest goes on");
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let guard = Guard::new([1, 2], Arc::default());
        let check = |packet: &[u8]| assert!(!guard.admits(packet), "{packet:?}");
        check(&[]);
        check(&[0; 11]);
        check(&[&[0; 12][..], &[3, 0]].concat());
        check(&[&[0; 12][..], &[3, 0, 0, 0]].concat());
        check(&[&[0; 12][..], &[3, 0, 0, 9, 1]].concat());
        check(&[&[0; 12][..], &[0, 3, 0, 8, 0, 0, 0, 0]].concat());
    }
}
