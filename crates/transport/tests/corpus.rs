//! Replays the fuzzers' corpora: see `fuzz/`.

#[cfg(test)]
#[path = "../../../fuzz/functions/dtls.rs"]
mod dtls;
#[cfg(test)]
#[path = "../../../fuzz/functions/sctp.rs"]
mod sctp;
#[cfg(test)]
#[path = "../../../fuzz/functions/sdp_fragment.rs"]
mod sdp_fragment;
#[cfg(test)]
#[path = "../../../fuzz/functions/sdp_offer.rs"]
mod sdp_offer;
#[cfg(test)]
#[path = "../../../fuzz/functions/srtp_open.rs"]
mod srtp_open;
#[cfg(test)]
#[path = "../../../fuzz/functions/steps.rs"]
mod steps;
#[cfg(test)]
#[path = "../../../fuzz/functions/stun.rs"]
mod stun;

#[cfg(test)]
mod tests {
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(!files.is_empty());
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            run(&std::fs::read(path).unwrap());
        }
    }

    #[test]
    fn sdp_offer() {
        replay("sdp_offer", crate::sdp_offer::run);
    }

    #[test]
    fn sdp_fragment() {
        replay("sdp_fragment", crate::sdp_fragment::run);
    }

    #[test]
    fn stun() {
        replay("stun", crate::stun::run);
    }

    #[test]
    fn dtls() {
        replay("dtls", crate::dtls::run);
    }

    #[test]
    fn sctp() {
        replay("sctp", crate::sctp::run);
    }

    /// So that what the fuzzer changes is a conversation that comes to something.
    #[test]
    fn an_undisturbed_handshake_is_done_behind_the_guard() {
        let outcome = crate::dtls::play(&[1; 20]);
        assert!(outcome.connected, "{outcome:?}");
        // A SACK for nobody, and one that is cut.
        let chunks = [&[0; 12][..], &[3, 0, 0, 16], &[0; 12]].concat();
        let said = |packet: &[u8]| {
            [&[1; 20][..], &[8, 0, u8::try_from(packet.len()).unwrap()], packet, &[1]].concat()
        };
        assert_eq!(crate::dtls::play(&said(&chunks)).packets, 1);
        assert_eq!(crate::dtls::play(&said(&chunks[..27])).packets, 0, "the guard stands behind DTLS, too");
    }

    /// Of a message of 16,000 bytes: the library puts fragments together by recursion, which ends the process by its
    /// stack, and keeps each.
    #[test]
    fn a_flood_of_fragments_of_one_byte_is_survived() {
        let fragment = |offset: u16| {
            let [[l0, l1], [o0, o1]] = [16_000u16.to_be_bytes(), offset.to_be_bytes()];
            [11, l0, l1, 0, o0, o1, 1, 0, 1, b'a']
        };
        let flood: Vec<u8> = (0..16_000).rev().flat_map(fragment).collect();
        assert!(
            !crate::dtls::play(&[&flood[..], &[1; 20]].concat()).connected,
            "its own handshake is spoilt"
        );
    }

    #[test]
    fn an_undisturbed_association_takes_messages_behind_the_guard() {
        let outcome =
            crate::sctp::play(&[&[1; 8][..], &[0x18, 0, 100, 7, 1, 0x28, 9, 0, 7], &[1; 40]].concat());
        assert!(outcome.connected && outcome.messages == 2, "{outcome:?}");
        let other = crate::sctp::play(&[&[1; 8][..], &[0x38, 0, 100, 7], &[1; 8]].concat());
        assert!(other.connected && other.messages == 0, "{other:?}");
    }

    #[test]
    fn srtp_open() {
        replay("srtp_open", crate::srtp_open::run);
    }
}
