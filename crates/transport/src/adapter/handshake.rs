//! How much DTLS a peer may send before there is a connection, and in the clear at any time.
//!
//! Stands before the PeerConnection's queue. `rtc-dtls` keeps fragments of a handshake by their bytes alone, up to 2 MB,
//! so that empty ones cost nothing; it joins them by a recursion as deep as there are fragments, which the smallest ones
//! make deeper than any stack; and it keeps what is encrypted until it has keys, without an end. An honest handshake is a
//! few flights of a few kilobytes (CVE-2022-29189 was this in another library).

/// Bytes of DTLS from one peer before it is connected. An honest one sends 2 to 4 kB and repeats it some ten times at
/// most. Past it the rest is dropped and counted, and there is no connection.
const MAX_BYTES: usize = 64 * 1024;
/// Handshake messages and fragments of them, likewise.
const MAX_MESSAGES: usize = 256;

/// Of a record (RFC 6347 §4.1) and of a handshake message in it (§4.2.2).
const RECORD_HEAD: usize = 13;
const MESSAGE_HEAD: usize = 12;
const HANDSHAKE: u8 = 22;

/// What one peer has sent so far.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    bytes: usize,
    messages: usize,
    done: bool,
}

impl Handshake {
    /// It is done: what is encrypted is no part of it.
    pub(super) fn finish(&mut self) {
        self.done = true;
    }

    /// Whether a datagram of DTLS may pass.
    pub(super) fn admits(&mut self, datagram: &[u8]) -> bool {
        let mut rest = datagram;
        while let Some((head, after)) = rest.split_first_chunk::<RECORD_HEAD>() {
            let [kind, _, _, epoch_high, epoch_low, .., len_high, len_low] = *head;
            let len = usize::from(u16::from_be_bytes([len_high, len_low])).min(after.len());
            let (content, next) = after.split_at(len);
            let clear = [epoch_high, epoch_low] == [0, 0];
            if clear || !self.done {
                self.bytes = self.bytes.saturating_add(RECORD_HEAD + len);
                if clear && kind == HANDSHAKE {
                    self.messages = self.messages.saturating_add(messages(content));
                }
            }
            rest = next;
        }
        self.bytes <= MAX_BYTES && self.messages <= MAX_MESSAGES
    }
}

/// How many messages a record is taken to hold. `rtc-dtls` goes from one to the next by the length of the whole message,
/// also where there is but a fragment of it.
fn messages(mut content: &[u8]) -> usize {
    let mut count = 0;
    while let Some((head, after)) = content.split_first_chunk::<MESSAGE_HEAD>() {
        let [_, l0, l1, l2, ..] = *head;
        let len = u32::from_be_bytes([0, l0, l1, l2]);
        count += 1;
        content = usize::try_from(len).ok().and_then(|len| after.get(len..)).unwrap_or_default();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of such a type and epoch.
    fn record(kind: u8, epoch: u8, content: &[u8]) -> Vec<u8> {
        let len = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1][..], &len, content].concat()
    }

    /// A message of so many bytes, here with so many of them.
    fn message(len: u8, here: usize) -> Vec<u8> {
        [&[1, 0, 0, len, 0, 0, 0, 0, 0, 0, 0, here.to_le_bytes()[0]][..], &vec![7; here]].concat()
    }

    #[test]
    fn an_honest_handshake_passes_with_all_its_repetitions() {
        let mut handshake = Handshake::default();
        for _ in 0..12 {
            assert!(handshake.admits(&record(HANDSHAKE, 0, &message(200, 200))));
            let flight = [
                record(HANDSHAKE, 0, &message(255, 255)),
                record(20, 0, &[1]),
                record(HANDSHAKE, 1, &[9; 40]),
            ];
            assert!(handshake.admits(&flight.concat()));
        }
    }

    #[test]
    fn fragments_are_bounded_by_their_number() {
        // One byte each, many in one record, or empty.
        for record in
            [record(HANDSHAKE, 0, &message(250, 1)), record(HANDSHAKE, 0, &message(0, 0).repeat(100))]
        {
            let mut handshake = Handshake::default();
            let passed = (0..10_000).take_while(|_| handshake.admits(&record)).count();
            assert!(passed <= MAX_MESSAGES, "{passed}");
        }
    }

    #[test]
    fn what_is_encrypted_is_bounded_until_there_is_a_connection_and_free_afterwards() {
        let encrypted = record(23, 1, &[5; 1200]);
        let mut handshake = Handshake::default();
        let passed = (0..10_000).take_while(|_| handshake.admits(&encrypted)).count();
        assert_eq!(passed, MAX_BYTES / encrypted.len());
        let mut handshake = Handshake::default();
        handshake.finish();
        assert!((0..10_000).all(|_| handshake.admits(&encrypted)));
        // In the clear there is nothing more to say.
        let clear = record(HANDSHAKE, 0, &message(100, 100));
        assert!((0..10_000).take_while(|_| handshake.admits(&clear)).count() <= MAX_MESSAGES);
    }

    #[test]
    fn lengths_that_lie_end_nowhere() {
        let mut handshake = Handshake::default();
        let mut lying = record(HANDSHAKE, 0, &message(255, 2));
        lying[11] = 0xff;
        assert!(handshake.admits(&lying));
        assert!(handshake.admits(&lying[..12]));
        assert!(handshake.admits(&[]));
    }
}
