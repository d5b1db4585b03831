//! The offer, as a browser writes it: two send lines, then a pair of receive lines for each seat.

use crate::ice::Credentials;
use std::fmt::Write;

/// The m-line of the microphone.
pub const AUDIO_MID: &str = "0";
/// The m-line of the camera.
pub const VIDEO_MID: &str = "1";
/// The m-line of the data channels.
pub(crate) const DATA_MID: &str = "data";
/// Header extension ids, the same in every m-line (RFC 8843 §9.2).
pub(crate) const AUDIO_LEVEL_ID: u8 = 1;
/// See [`AUDIO_LEVEL_ID`].
pub(crate) const TRANSPORT_CC_ID: u8 = 3;
/// See [`AUDIO_LEVEL_ID`].
pub(crate) const MID_ID: u8 = 4;
/// Payload types.
pub(crate) const OPUS: u8 = 111;
/// See [`OPUS`].
pub(crate) const VP8: u8 = 96;
/// See [`OPUS`].
pub(crate) const VP8_RTX: u8 = 97;

const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const TRANSPORT_CC_URI: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

/// What the send lines send with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendSsrcs {
    /// The microphone's.
    pub audio: u32,
    /// The camera's.
    pub video: u32,
    /// The camera's retransmissions'.
    pub rtx: u32,
}

/// All that an offer says.
#[derive(Clone, Copy, Debug)]
pub struct OfferSpec<'a> {
    /// Our ICE credentials.
    pub ice: &'a Credentials,
    /// Of our certificate: SHA-256, colon-separated hexadecimal.
    pub fingerprint: &'a str,
    /// What is sent.
    pub sends: SendSsrcs,
    /// Pairs of receive lines.
    pub seats: usize,
    /// `o=` version: one more each time.
    pub version: u32,
    /// Whether arrivals are reported (transport-cc), so that the server can estimate the path.
    pub reports_arrivals: bool,
    /// Whether there is a line for data channels.
    pub data: bool,
}

/// The mids of a seat's audio and video slot.
pub(crate) fn seat_mids(seat: usize) -> (String, String) {
    ((2 + 2 * seat).to_string(), (3 + 2 * seat).to_string())
}

// `write!` to a String cannot fail.
macro_rules! line {
    ($out:expr, $($format:tt)*) => {{
        let _ = write!($out, $($format)*);
        $out.push_str("\r\n");
    }};
}

/// Writes it.
pub fn write_offer(spec: &OfferSpec<'_>) -> String {
    let mut out = String::with_capacity(2048 + spec.seats * 2048);
    line!(out, "v=0");
    line!(out, "o=- 4611731400430051336 {} IN IP4 127.0.0.1", spec.version);
    line!(out, "s=-");
    line!(out, "t=0 0");
    let mut mids: Vec<String> = (0..2 + 2 * spec.seats).map(|mid| mid.to_string()).collect();
    mids.extend(spec.data.then(|| DATA_MID.to_owned()));
    line!(out, "a=group:BUNDLE {}", mids.join(" "));
    line!(out, "a=extmap-allow-mixed");
    line!(out, "a=msid-semantic: WMS");
    write_audio(&mut out, spec, AUDIO_MID, Some(spec.sends.audio));
    write_video(&mut out, spec, VIDEO_MID, Some((spec.sends.video, spec.sends.rtx)));
    for seat in 0..spec.seats {
        let (audio, video) = seat_mids(seat);
        write_audio(&mut out, spec, &audio, None);
        write_video(&mut out, spec, &video, None);
    }
    if spec.data {
        line!(out, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
        line!(out, "c=IN IP4 0.0.0.0");
        write_keys(&mut out, spec, DATA_MID);
        line!(out, "a=sctp-port:5000");
        line!(out, "a=max-message-size:262144");
    }
    out
}

/// The offer with these of its m-lines only.
pub fn keep_lines(offer: &str, mids: &[&str]) -> String {
    let mut sections = offer.split_inclusive("\r\n").fold(vec![String::new()], |mut sections, line| {
        if line.starts_with("m=") {
            sections.push(String::new());
        }
        sections.last_mut().into_iter().for_each(|section| section.push_str(line));
        sections
    });
    let is_kept = |section: &String| mids.iter().any(|mid| section.contains(&format!("\r\na=mid:{mid}\r\n")));
    let kept: Vec<String> = sections.split_off(1).into_iter().filter(is_kept).collect();
    let session = sections.concat();
    let session = session.lines().map(|line| match line.strip_prefix("a=group:BUNDLE") {
        Some(_) => format!("a=group:BUNDLE {}\r\n", mids.join(" ")),
        None => format!("{line}\r\n"),
    });
    session.chain(kept).collect()
}

fn write_keys(out: &mut String, spec: &OfferSpec<'_>, mid: &str) {
    line!(out, "a=ice-ufrag:{}", spec.ice.ufrag);
    line!(out, "a=ice-pwd:{}", spec.ice.password);
    line!(out, "a=ice-options:trickle");
    line!(out, "a=fingerprint:sha-256 {}", spec.fingerprint);
    line!(out, "a=setup:actpass");
    line!(out, "a=mid:{mid}");
}

fn write_transport(out: &mut String, spec: &OfferSpec<'_>, mid: &str, sends: bool) {
    line!(out, "c=IN IP4 0.0.0.0");
    line!(out, "a=rtcp:9 IN IP4 0.0.0.0");
    write_keys(out, spec, mid);
    if spec.reports_arrivals {
        line!(out, "a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC_URI}");
    }
    line!(out, "a=extmap:{MID_ID} {MID_URI}");
    line!(out, "a={}", if sends { "sendonly" } else { "recvonly" });
    if sends {
        line!(out, "a=msid:courtyard track{mid}");
    }
    line!(out, "a=rtcp-mux");
    line!(out, "a=rtcp-rsize");
}

fn write_audio(out: &mut String, spec: &OfferSpec<'_>, mid: &str, ssrc: Option<u32>) {
    line!(out, "m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}");
    write_transport(out, spec, mid, ssrc.is_some());
    line!(out, "a=extmap:{AUDIO_LEVEL_ID} {AUDIO_LEVEL_URI}");
    line!(out, "a=rtpmap:{OPUS} opus/48000/2");
    if spec.reports_arrivals {
        line!(out, "a=rtcp-fb:{OPUS} transport-cc");
    }
    line!(out, "a=fmtp:{OPUS} minptime=10;useinbandfec=1");
    if let Some(ssrc) = ssrc {
        line!(out, "a=ssrc:{ssrc} cname:bot");
        line!(out, "a=ssrc:{ssrc} msid:courtyard track{mid}");
    }
}

fn write_video(out: &mut String, spec: &OfferSpec<'_>, mid: &str, ssrcs: Option<(u32, u32)>) {
    line!(out, "m=video 9 UDP/TLS/RTP/SAVPF {VP8} {VP8_RTX}");
    write_transport(out, spec, mid, ssrcs.is_some());
    line!(out, "a=rtpmap:{VP8} VP8/90000");
    let arrivals = spec.reports_arrivals.then_some("transport-cc");
    for feedback in ["goog-remb", "ccm fir", "nack", "nack pli"].into_iter().chain(arrivals) {
        line!(out, "a=rtcp-fb:{VP8} {feedback}");
    }
    line!(out, "a=rtpmap:{VP8_RTX} rtx/90000");
    line!(out, "a=fmtp:{VP8_RTX} apt={VP8}");
    let Some((ssrc, rtx)) = ssrcs else { return };
    line!(out, "a=ssrc-group:FID {ssrc} {rtx}");
    for ssrc in [ssrc, rtx] {
        line!(out, "a=ssrc:{ssrc} cname:bot");
        line!(out, "a=ssrc:{ssrc} msid:courtyard track{mid}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use transport::sdp::{Direction, Offer};

    #[test]
    fn the_server_reads_it_as_it_is_meant() {
        let ice = Credentials::random();
        let fingerprint = ["AB"; 32].join(":");
        let sends = SendSsrcs { audio: 1, video: 2, rtx: 3 };
        let spec = OfferSpec {
            ice: &ice,
            fingerprint: &fingerprint,
            sends,
            seats: 2,
            version: 1,
            reports_arrivals: true,
            data: false,
        };
        let offer = Offer::parse(&write_offer(&spec)).unwrap();
        assert!(Offer::parse(&write_offer(&OfferSpec { data: true, ..spec })).unwrap().data().is_some());
        assert_eq!(offer.ice_ufrag, ice.ufrag);
        assert_eq!(offer.fingerprint.digest, fingerprint);
        let lines: Vec<_> = offer.sections.iter().map(|line| (line.mid.as_str(), line.direction)).collect();
        let (sends, slot) = (Direction::SendOnly, Direction::RecvOnly);
        assert_eq!(lines, [("0", sends), ("1", sends), ("2", slot), ("3", slot), ("4", slot), ("5", slot)]);
        assert_eq!(offer.sections[1].ssrcs, [(2, Some(3))]);
        assert_eq!(offer.sections[1].rtx_of(VP8), Some(VP8_RTX));
        assert_eq!(offer.sections[0].extension(AUDIO_LEVEL_URI), Some(AUDIO_LEVEL_ID));
    }
}
