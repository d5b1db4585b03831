//! Offers of streaming software (captured: `FFmpeg` 8.1, `GStreamer` 1.22 `whipsink`, aiortc 1.16), and what only such
//! software offers.

use super::tests::answered;
use super::*;

const FFMPEG: &str = include_str!("fixtures/ffmpeg.sdp");
const GSTREAMER: &str = include_str!("fixtures/gstreamer.sdp");
const AIORTC: &str = include_str!("fixtures/aiortc.sdp");

/// The kinds and codecs of what an offer sends, and the DTLS role of the answer.
fn check(text: &str, expected: &[(SectionKind, &[&str])], setup: &str) {
    let (offer, answer) = answered(text);
    let sent: Vec<(SectionKind, Vec<&str>)> = offer
        .sections
        .iter()
        .map(|section| (section.kind, section.formats.iter().map(|format| format.name.as_str()).collect()))
        .collect();
    let expected: Vec<_> = expected.iter().map(|(kind, names)| (*kind, names.to_vec())).collect();
    assert_eq!(sent, expected);
    assert!(offer.sections.iter().all(|section| section.direction == Direction::SendOnly));
    assert!(offer.sections.iter().all(|section| section.ssrcs.len() == 1), "their streams are found by SSRC");
    let sections = expected.len();
    assert_eq!(offer.setup.answered(), setup);
    assert_eq!(answer.matches("a=recvonly\r\n").count(), sections);
    assert_eq!(answer.matches("a=rtcp-mux\r\n").count(), sections);
}

#[test]
fn ffmpeg_waits_for_our_hello() {
    let expected: [(SectionKind, &[&str]); 2] =
        [(SectionKind::Audio, &["opus"]), (SectionKind::Video, &["H264", "rtx"])];
    check(FFMPEG, &expected, "active");
}

#[test]
fn gstreamer_offers_video_first_and_names_its_lines() {
    let expected: [(SectionKind, &[&str]); 2] =
        [(SectionKind::Video, &["VP8"]), (SectionKind::Audio, &["OPUS"])];
    check(GSTREAMER, &expected, "passive");
}

#[test]
fn aiortc_offers_several_codecs_and_fingerprints() {
    let audio = ["opus", "G722", "PCMU", "PCMA"];
    let video = ["VP8", "rtx", "H264", "rtx", "H264", "rtx"];
    check(AIORTC, &[(SectionKind::Audio, &audio), (SectionKind::Video, &video)], "passive");
    let (offer, answer) = answered(AIORTC);
    assert_eq!(offer.fingerprint.hash, "sha-256");
    assert!(!answer.contains("PCMU"), "what is not forwarded is not answered: {answer}");
}

#[test]
fn a_lone_line_needs_no_group_and_gets_none() {
    let (session, sections) = FFMPEG.split_once("m=audio").unwrap();
    let (audio, _) = sections.split_once("m=video").unwrap();
    let alone = format!("{}m=audio{audio}", session.replace("a=group:BUNDLE 0 1\r\n", ""));
    let (offer, answer) = answered(&alone);
    assert!(!offer.bundled && !answer.contains("a=group"), "{answer}");
    let (_, answer) = answered(&alone.replace("t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 0\r\n"));
    assert!(answer.contains("a=group:BUNDLE 0\r\n"));
    let two = FFMPEG.replace("a=group:BUNDLE 0 1\r\n", "");
    assert_eq!(Offer::parse(&two), Err(OfferError::NotBundled));
}

#[test]
fn the_hello_is_left_to_whoever_can_say_it() {
    for (offered, answered_with) in [("actpass", "passive"), ("active", "passive"), ("passive", "active")] {
        let text = GSTREAMER.replace("a=setup:actpass", &format!("a=setup:{offered}"));
        let (offer, answer) = answered(&text);
        assert_eq!(offer.setup.answered(), answered_with, "{offered}");
        assert_eq!(Offer::parse(&reduced_offer(&offer, None)).unwrap().setup, offer.setup, "{answer}");
    }
}
