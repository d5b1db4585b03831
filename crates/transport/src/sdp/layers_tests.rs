//! What is answered to simulcast, AV1, RED and Opus parameters, and what the media plane is told of it.

use super::tests::{CHROMIUM, answered, counting};
use super::*;
use crate::negotiation::Negotiation;
use forward::Codec;

/// Chromium's offer with lines added to its camera's section.
fn camera_with(lines: &str) -> String {
    CHROMIUM.replace("\r\n", "\n").replacen("a=mid:1\n", &format!("a=mid:1\n{lines}"), 1)
}

fn simulcast(lines: &str) -> (Vec<String>, String) {
    let (offer, answer) = answered(&camera_with(lines));
    (offer.sections[1].rids.clone(), answer)
}

const THREE: &str = "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";

#[test]
fn three_encodings_are_answered_in_their_order() {
    let (rids, answer) = simulcast(THREE);
    assert_eq!(rids, ["q", "h", "f"]);
    for line in ["a=rid:q recv", "a=rid:h recv", "a=rid:f recv", "a=simulcast:recv q;h;f"] {
        assert_eq!(answer.matches(&format!("{line}\r\n")).count(), 1, "{line}");
    }
    for uri in ["sdes:rtp-stream-id", "sdes:repaired-rtp-stream-id"] {
        assert!(answer.contains(uri), "{uri}");
    }
}

#[test]
fn what_is_no_encoding_is_passed_over() {
    for (lines, expect) in [
        ("a=rid:q send\r\na=rid:h send\r\na=simulcast:send ~q,x;h\r\n", vec!["q", "h"]),
        ("a=rid:q send pt=96\r\na=simulcast:recv x send q\r\n", vec!["q"]),
        ("a=rid:q send\r\na=simulcast:send q;never;q\r\n", vec!["q"]),
        ("a=rid:q recv\r\na=simulcast:send q\r\n", vec![]),
        ("a=rid:q send\r\n", vec![]),
        ("a=simulcast:send\r\n", vec![]),
        (
            "a=rid:1 send\r\na=rid:2 send\r\na=rid:3 send\r\na=rid:4 send\r\na=simulcast:send 1;2;3;4\r\n",
            vec!["1", "2", "3"],
        ),
        ("a=rid:a-b send\r\na=simulcast:send a-b\r\n", vec![]),
    ] {
        let (rids, answer) = simulcast(lines);
        assert_eq!(rids, expect, "{lines}");
        assert_eq!(answer.contains("a=simulcast"), !expect.is_empty(), "{lines}");
    }
}

#[test]
fn the_media_plane_is_told_the_encodings_and_the_extensions() {
    let offer = Offer::parse(&camera_with(THREE)).unwrap();
    let mut negotiation = Negotiation::default();
    negotiation.take(&offer, counting());
    let config = negotiation.config(&offer, 1);
    let camera = config.sends.iter().find(|line| line.mid.as_str() == "1").unwrap();
    let rids: Vec<&str> = camera.rids.iter().map(forward::Rid::as_str).collect();
    assert_eq!(rids, ["q", "h", "f"]);
    assert_eq!(config.extensions.rid, Some(10));
    assert_eq!(config.extensions.repaired_rid, Some(11));
    assert_eq!(config.extensions.audio_level, Some(1));
    assert_eq!(config.egress_extensions.transport_cc, Some(3));
}

#[test]
fn slots_report_arrivals() {
    let (_, answer) = answered(CHROMIUM);
    for slot in answer.split("\r\nm=").filter(|section| section.contains("a=sendonly")) {
        assert!(slot.contains("a=extmap:3 http://www.ietf.org/id/draft-holmer"), "{slot}");
        assert!(slot.contains(" transport-cc\r\n"), "{slot}");
    }
}

#[test]
fn opus_is_asked_for_repair_and_silence_where_the_browser_sends_it() {
    let (_, answer) = answered(CHROMIUM);
    let fmtp = "a=fmtp:111 minptime=10;useinbandfec=1";
    let sections: Vec<&str> = answer.split("\r\nm=").skip(1).collect();
    assert!(sections[0].contains(&format!("{fmtp};usedtx=1\r\n")), "{}", sections[0]);
    assert!(sections[2].contains(&format!("{fmtp}\r\n")), "{}", sections[2]);
}

/// Chromium's offer with another audio format in its first section.
fn audio_with(fmtp: &str) -> (Offer, String) {
    let text = CHROMIUM
        .replace("\r\n", "\n")
        .replacen("UDP/TLS/RTP/SAVPF 111", "UDP/TLS/RTP/SAVPF 111 63", 1)
        .replacen(
            "a=rtpmap:111 opus/48000/2\n",
            &format!("a=rtpmap:111 opus/48000/2\na=rtpmap:63 red/48000/2\na=fmtp:63 {fmtp}\n"),
            1,
        );
    answered(&text)
}

#[test]
fn red_is_answered_around_opus_and_nothing_else() {
    for (fmtp, taken) in [("111/111", true), ("111", true), ("111/0", false), ("", false), ("x", false)] {
        let (offer, answer) = audio_with(fmtp);
        assert_eq!(answer.contains("a=rtpmap:63 red/48000/2"), taken, "{fmtp}");
        let codecs = codec_maps(&offer.sections[0]);
        assert_eq!(codecs.iter().any(|map| map.codec == Codec::Red), taken, "{fmtp}");
    }
}

#[test]
fn the_dependency_descriptor_is_answered_beside_av1_only() {
    let uri = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
    let extension = format!("a=extmap:12 {uri}\r\n");
    let (_, answer) = answered(&camera_with(&extension));
    assert!(!answer.contains(uri));
    let av1 = camera_with(&format!("{extension}a=rtpmap:45 AV1/90000\r\n")).replacen(
        "UDP/TLS/RTP/SAVPF 96",
        "UDP/TLS/RTP/SAVPF 45 96",
        1,
    );
    let (offer, answer) = answered(&av1);
    assert!(answer.contains(uri), "{answer}");
    assert!(codec_maps(&offer.sections[1]).iter().any(|map| map.codec == Codec::Av1 { profile: 0 }));
}
