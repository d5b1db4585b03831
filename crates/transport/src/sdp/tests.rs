//! Offers of real browsers (captured: Chromium 156, Firefox ESR, each with two seats), and hostile ones.

#![allow(clippy::cast_possible_truncation, reason = "small numbers made here")]

use super::*;
use crate::negotiation::Negotiation;
use proptest::prelude::*;

pub(super) const CHROMIUM: &str = include_str!("fixtures/chromium.sdp");
const FIREFOX: &str = include_str!("fixtures/firefox.sdp");

fn local() -> LocalTransport {
    LocalTransport {
        ice_ufrag: "ours".into(),
        ice_pwd: "ourpassword".into(),
        fingerprint: Fingerprint { hash: "sha-256".into(), digest: "AA:BB".into() },
        setup: "passive".into(),
        candidates: vec!["192.0.2.1:7882".parse().unwrap(), "[2001:db8::1]:7882".parse().unwrap()],
        ice_tcp: true,
    }
}

/// Numbers that count up, so that answers are the same every time.
pub(super) fn counting() -> impl FnMut() -> u32 {
    let mut last = 1000;
    move || {
        last += 1;
        last
    }
}

fn answer(offer: &Offer, negotiation: &Negotiation) -> String {
    let local = local();
    let slot = |mid: &str| negotiation.identity(mid);
    write_answer(offer, &AnswerContext { local: &local, session: 7, version: 1, slot: &slot, message: 1234 })
}

pub(super) fn answered(text: &str) -> (Offer, String) {
    let offer = Offer::parse(text).unwrap();
    let mut negotiation = Negotiation::default();
    negotiation.take(&offer, counting());
    let answer = answer(&offer, &negotiation);
    (offer, answer)
}

fn sections(answer: &str) -> Vec<&str> {
    answer.split("\r\nm=").skip(1).collect()
}

#[test]
fn a_chromium_offer_is_read() {
    let offer = Offer::parse(CHROMIUM).unwrap();
    assert!(offer.allow_mixed);
    assert_eq!(offer.sections.len(), 6);
    let [microphone, camera, slot, ..] = offer.sections.as_slice() else { panic!() };
    assert_eq!((microphone.kind, microphone.direction), (SectionKind::Audio, Direction::SendOnly));
    assert_eq!(microphone.ssrcs.len(), 1);
    assert_eq!((camera.kind, camera.direction), (SectionKind::Video, Direction::SendOnly));
    assert!(matches!(camera.ssrcs.as_slice(), [(_, Some(_))]), "FID group: {:?}", camera.ssrcs);
    assert_eq!(slot.direction, Direction::RecvOnly);
    let vp8 = camera.formats.iter().find(|format| format.name == "VP8").unwrap();
    assert!(camera.rtx_of(vp8.payload_type).is_some());
}

#[test]
fn a_firefox_offer_is_read() {
    let offer = Offer::parse(FIREFOX).unwrap();
    assert_eq!(offer.sections.len(), 6);
    assert!(offer.sections.iter().all(|section| !section.stopped), "port 0 with bundle-only is in use");
    assert!(matches!(offer.sections[1].ssrcs.as_slice(), [(_, Some(_))]));
}

/// What RFC 9429 §5.3.1 and RFC 3264 §6 ask of any answer.
#[test]
fn answers_mirror_their_offers() {
    for text in [CHROMIUM, FIREFOX] {
        let (offer, answer) = answered(text);
        let parsed = Offer::parse(&answer).expect("our own parser reads our answer");
        assert_eq!(parsed.sections.len(), offer.sections.len());
        for (ours, theirs) in parsed.sections.iter().zip(&offer.sections) {
            assert_eq!(ours.mid, theirs.mid);
            assert_eq!(ours.kind, theirs.kind);
            let expected = match theirs.direction {
                Direction::SendOnly => Direction::RecvOnly,
                Direction::RecvOnly => Direction::SendOnly,
                other => other,
            };
            assert_eq!(ours.direction, expected);
            for format in &ours.formats {
                let offered = theirs.formats.iter().find(|o| o.payload_type == format.payload_type).unwrap();
                assert_eq!(format.name, offered.name);
                // What is sent to us may be asked for in more words: see `layers_tests`.
                assert!(format.fmtp.starts_with(&offered.fmtp), "{} of {}", format.fmtp, offered.fmtp);
                assert!(format.feedback.iter().all(|line| offered.feedback.contains(line)));
            }
            for extension in &ours.extensions {
                assert!(theirs.extensions.contains(extension));
            }
        }
        assert!(answer.contains("a=ice-lite\r\n"));
        assert_eq!(answer.matches("a=candidate:").count(), 4, "in the first section only");
        for section in sections(&answer) {
            let is_told = section.contains("goog-remb");
            assert_eq!(is_told, section.starts_with("video") && section.contains("a=recvonly"), "{section}");
        }
        assert!(answer.lines().all(|line| line.len() >= 2 && line.as_bytes()[1] == b'='));
    }
}

#[test]
fn seats_share_a_stream_and_slots_have_their_own_ssrcs() {
    let (offer, answer) = answered(CHROMIUM);
    let parsed = Offer::parse(&answer).unwrap();
    let sections = sections(&answer);
    for (at, stream) in [(2, "seat0"), (3, "seat0"), (4, "seat1"), (5, "seat1")] {
        assert!(sections[at].contains(&format!("a=msid:{stream} ")), "{}", sections[at]);
    }
    let mut ssrcs: Vec<u32> = parsed
        .sections
        .iter()
        .flat_map(|s| s.ssrcs.iter().flat_map(|(a, b)| [Some(*a), *b]).flatten())
        .collect();
    assert_eq!(ssrcs.len(), 2 * (1 + 2));
    ssrcs.extend(
        offer.sections.iter().flat_map(|s| s.ssrcs.iter().flat_map(|(a, b)| [Some(*a), *b]).flatten()),
    );
    let count = ssrcs.len();
    ssrcs.sort_unstable();
    ssrcs.dedup();
    assert_eq!(ssrcs.len(), count, "no SSRC twice");
}

#[test]
fn a_slot_keeps_its_identity_when_more_are_added() {
    let offer = Offer::parse(CHROMIUM).unwrap();
    let mut fewer = offer.clone();
    fewer.sections.truncate(4);
    let mut negotiation = Negotiation::default();
    let mut random = counting();
    negotiation.take(&fewer, &mut random);
    let before = negotiation.identity("3").unwrap();
    negotiation.take(&offer, &mut random);
    assert_eq!(negotiation.identity("3"), Some(before));
    assert_eq!(negotiation.identity("5").unwrap().stream, "seat1");
}

/// Whoever offers ever other lines is remembered no more of than what it was given, and given only so much.
#[test]
fn what_is_remembered_of_offers_is_bounded() {
    let offer = Offer::parse(CHROMIUM).unwrap();
    let mut negotiation = Negotiation::default();
    let mut random = counting();
    let mut seen = std::collections::BTreeSet::new();
    let mut rounds = 0;
    loop {
        let mut other = offer.clone();
        for section in &mut other.sections {
            section.mid = format!("{rounds}-{}", section.mid);
            for (ssrc, rtx) in &mut section.ssrcs {
                (*ssrc, *rtx) = (3_000_000_000 + rounds, None);
            }
        }
        negotiation.take(&other, &mut random);
        let mids = other.sections.iter().map(|section| negotiation.identity(&section.mid));
        let given: Vec<SlotIdentity> = mids.flatten().collect();
        if given.is_empty() {
            break;
        }
        for slot in given {
            assert!(seen.insert(slot.ssrc) && slot.rtx.is_none_or(|rtx| seen.insert(rtx)), "given twice");
        }
        rounds += 1;
    }
    assert!((4000..=forward::EGRESS_SSRCS_PER_PEER).contains(&seen.len()), "{}", seen.len());
}

#[test]
fn the_media_plane_is_told_what_was_answered() {
    for text in [CHROMIUM, FIREFOX] {
        let offer = Offer::parse(text).unwrap();
        let mut negotiation = Negotiation::default();
        negotiation.take(&offer, counting());
        let config = negotiation.config(&offer, 9);
        assert_eq!((config.sends.len(), config.slots.len()), (2, 4));
        assert!(config.transport_cc && config.extensions.mid.is_some());
        let camera = &config.sends[1];
        assert!(
            camera.codecs.iter().any(|map| map.codec == forward::Codec::Vp8 && map.nack && map.rtx.is_some())
        );
        assert!(config.slots.iter().all(|slot| slot.first_seq < 1 << 15 && !slot.codecs.is_empty()));
    }
}

#[test]
fn the_reduced_offer_carries_the_transport_only() {
    let offer = Offer::parse(CHROMIUM).unwrap();
    let reduced = Offer::parse(&reduced_offer(&offer, None)).unwrap();
    assert_eq!(reduced.sections.len(), 1);
    assert_eq!((reduced.ice_ufrag, reduced.ice_pwd), (offer.ice_ufrag, offer.ice_pwd));
    assert_eq!(reduced.fingerprint, offer.fingerprint);
}

fn refused(text: &str) -> OfferError {
    Offer::parse(text).expect_err("must be refused")
}

#[test]
fn offers_that_cannot_be_answered_say_why() {
    let without = |needle: &str| {
        let mut text =
            CHROMIUM.lines().filter(|line| !line.starts_with(needle)).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    };
    assert!(matches!(refused(""), OfferError::Unreadable(_) | OfferError::Empty));
    assert!(matches!(refused("v=0\nrubbish"), OfferError::Unreadable(_)));
    assert_eq!(refused(&"x".repeat(600 << 10)), OfferError::TooLarge);
    assert_eq!(refused(&without("a=ice-ufrag")), OfferError::NoIce);
    assert_eq!(refused(&without("a=ice-pwd")), OfferError::NoIce);
    assert_eq!(refused(&without("a=fingerprint")), OfferError::NoFingerprint);
    assert_eq!(refused(&without("a=group")), OfferError::NotBundled);
    assert_eq!(refused(&without("a=mid:3")), OfferError::BadMid);
    assert_eq!(refused(&CHROMIUM.replace("a=mid:3", "a=mid:2")), OfferError::BadMid);
    assert_eq!(refused(&CHROMIUM.replace("a=mid:3", "a=mid:a-name-far-too-long")), OfferError::BadMid);
    assert_eq!(refused(&CHROMIUM.replace("BUNDLE 0 1 2", "BUNDLE 0 1")), OfferError::NotBundled);
    let many = "m=audio 9 UDP/TLS/RTP/SAVPF 111\n".repeat(1000);
    assert_eq!(
        refused(&format!("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n{many}")),
        OfferError::TooManySections
    );
}

#[test]
fn an_offer_cannot_write_lines_into_the_answer() {
    let control_characters = OfferError::Unreadable("it holds control characters".to_owned());
    for evil in [
        CHROMIUM.replace("a=fingerprint:sha-256 7C", "a=fingerprint:sha-256 7C\u{b}x"),
        CHROMIUM.replace("a=mid:3", "a=mid:3\u{7f}"),
        CHROMIUM.replace("a=ice-ufrag:", "a=ice-ufrag:\0"),
        CHROMIUM.replace("apt=", "apt=\ra=candidate:"),
    ] {
        assert_ne!(evil, CHROMIUM);
        assert_eq!(refused(&evil), control_characters);
    }
    // A fingerprint is repeated in the reduced offer, a mid in the answer: both are checked tokens.
    let evil = CHROMIUM.replace("a=fingerprint:sha-256 7C", "a=fingerprint:sha-256 7Cx");
    assert_eq!(refused(&evil), OfferError::NoFingerprint);
    assert_eq!(refused(&CHROMIUM.replace("a=mid:3", "a=mid:\u{e9}")), OfferError::BadMid);
}

/// Chromium's offer and this m-line.
fn with_line(line: &str) -> String {
    format!("{}{line}", CHROMIUM.replace("BUNDLE 0 1 2 3 4 5", "BUNDLE 0 1 2 3 4 5 6"))
}

const DATA: &str = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\na=mid:6\na=sctp-port:5000\n\
                    a=max-message-size:262144\n";

#[test]
fn data_channels_are_answered() {
    let (offer, answer) = answered(&with_line(DATA));
    assert!(answer.contains("a=group:BUNDLE 0 1 2 3 4 5 6\r\n"), "{answer}");
    let line = sections(&answer).pop().unwrap();
    assert!(line.starts_with("application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"), "{line}");
    assert!(line.contains("a=mid:6\r\n") && line.contains("a=setup:"), "{line}");
    assert!(line.ends_with("a=sctp-port:5000\r\na=max-message-size:1234\r\n"), "{line}");
    let reduced = Offer::parse(&reduced_offer(&offer, Some(2000))).unwrap();
    assert_eq!((reduced.sections.len(), reduced.data().is_some()), (2, true));
    assert!(Offer::parse(&reduced_offer(&offer, None)).unwrap().data().is_none());
}

#[test]
fn data_channels_alone_are_an_offer() {
    let alone = CHROMIUM.replace("BUNDLE 0 1 2 3 4 5", "BUNDLE 6");
    let transport = "a=ice-ufrag:abcd\na=ice-pwd:abcdefghijklmnopqrstuvwx\na=setup:actpass\n";
    let fingerprint = CHROMIUM.lines().find(|line| line.starts_with("a=fingerprint")).unwrap();
    let session = alone.split("m=").next().unwrap();
    let (_, answer) = answered(&format!("{session}{DATA}{transport}{fingerprint}\n"));
    assert!(answer.contains("a=group:BUNDLE 6\r\n") && answer.contains("a=candidate:"), "{answer}");
}

#[test]
fn what_is_not_forwarded_is_refused_with_port_0() {
    for line in [
        DATA.replace("a=sctp-port:5000\n", ""),
        DATA.replace("5000", "5001"),
        DATA.replace("UDP/DTLS", "DTLS"),
        DATA.replace("m=application 9", "m=application 0"),
        DATA.replace("m=application", "m=text"),
    ] {
        let (offer, answer) = answered(&with_line(&line));
        assert!(offer.data().is_none(), "{line}");
        assert!(answer.contains(" 0 ") && answer.contains("a=group:BUNDLE 0 1 2 3 4 5\r\n"), "{answer}");
        assert!(!answer.contains("sctp-port"), "{answer}");
    }
    let second = DATA.replace("mid:6", "mid:7");
    let (_, answer) = answered(&with_line(&format!("{DATA}{second}")).replace(" 4 5 6", " 4 5 6 7"));
    assert!(answer.contains("\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"), "{answer}");
}

proptest! {
    #[test]
    fn garbage_never_panics(text in "[a-z0-9=:/ \\r\\n\\-]{0,400}") {
        let _ = Offer::parse(&text);
    }

    /// Real offers with lines dropped, doubled, cut and swapped.
    #[test]
    fn mangled_offers_are_answered_or_refused(edits in prop::collection::vec((0usize..400, 0u8..4, 0usize..60), 0..12)) {
        let mut lines: Vec<String> = CHROMIUM.lines().map(str::to_owned).collect();
        for (at, what, n) in edits {
            let at = at % lines.len();
            match what {
                0 => { lines.remove(at); }
                1 => { let line = lines[at].clone(); lines.insert(at, line); }
                2 => { let line: String = lines[at].chars().take(n).collect(); lines[at] = line; }
                _ => { let other = (at + n) % lines.len(); lines.swap(at, other); }
            }
        }
        if let Ok(offer) = Offer::parse(&lines.join("\n")) {
            let mut negotiation = Negotiation::default();
            negotiation.take(&offer, counting());
            let _ = negotiation.config(&offer, 1);
            let answer = answer(&offer, &negotiation);
            prop_assert_eq!(sections(&answer).len(), offer.sections.len());
        }
    }
}

/// Of a browser's offer with everything in it nothing is left to send on, and its slots are as they were.
#[test]
fn who_may_not_send_is_answered_slots_alone() {
    for text in [CHROMIUM, FIREFOX] {
        let offer = Offer::parse(text).unwrap();
        let mut negotiation = Negotiation::default();
        negotiation.take(&offer, counting());
        let before = negotiation.config(&offer, 1);
        let offer = offer.with(Sending::Refused);
        negotiation.take(&offer, counting());
        let after = negotiation.config(&offer, 1);
        assert!(!before.sends.is_empty() && after.sends.is_empty());
        assert_eq!(
            after.slots.iter().map(|slot| slot.ssrc).collect::<Vec<_>>(),
            before.slots.iter().map(|slot| slot.ssrc).collect::<Vec<_>>()
        );
        let text = answer(&offer, &negotiation);
        assert!(!text.contains("a=recvonly") && !text.contains("simulcast"), "{text}");
        assert_eq!(text.matches("a=sendonly").count(), after.slots.len());
    }
}

#[test]
fn passive_tcp_candidates_come_after_those_of_udp_and_are_worth_less() {
    let answer = answered(CHROMIUM).1;
    let candidates: Vec<&str> = answer.lines().filter_map(|line| line.strip_prefix("a=candidate:")).collect();
    assert_eq!(
        candidates,
        [
            "1 1 udp 2130706431 192.0.2.1 7882 typ host",
            "2 1 udp 2130706175 2001:db8::1 7882 typ host",
            "3 1 tcp 2124414975 192.0.2.1 7882 typ host tcptype passive",
            "4 1 tcp 2124414719 2001:db8::1 7882 typ host tcptype passive",
        ]
    );
}
