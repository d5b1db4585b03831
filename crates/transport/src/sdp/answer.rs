//! The answer, written section by section (RFC 9429 §5.3).

use super::codec::{Way, accepted, answered_parameters, has_av1, kept_feedback};
use super::offer::{Direction, Fingerprint, Offer, SCTP_PORT, Section, SectionKind};
use std::fmt::Write;
use std::net::SocketAddr;

/// Header extensions kept on m-lines that the browser sends on.
const INGRESS_EXTENSIONS: [&str; 7] = [
    super::super::extension::MID,
    super::super::extension::RID,
    super::super::extension::REPAIRED_RID,
    super::super::extension::TRANSPORT_CC,
    super::super::extension::AUDIO_LEVEL,
    super::super::extension::ABS_SEND_TIME,
    super::super::extension::DEPENDENCY_DESCRIPTOR,
];

/// Those kept on slots.
const EGRESS_EXTENSIONS: [&str; 2] =
    [super::super::extension::TRANSPORT_CC, super::super::extension::DEPENDENCY_DESCRIPTOR];

/// Our end of the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTransport {
    /// Our ICE credentials.
    pub ice_ufrag: String,
    /// See `ice_ufrag`.
    pub ice_pwd: String,
    /// Of our certificate.
    pub fingerprint: Fingerprint,
    /// Of the offer's [`Setup`](super::Setup) the other half.
    pub setup: String,
    /// Where we listen, best first.
    pub candidates: Vec<SocketAddr>,
    /// Whether we listen there on TCP too.
    pub ice_tcp: bool,
}

/// What a slot sends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotIdentity {
    /// Of the media.
    pub ssrc: u32,
    /// Of its retransmissions.
    pub rtx: Option<u32>,
    /// The stream id; the slots of one seat share it, so that the browser plays them in sync.
    pub stream: String,
}

/// All that an answer needs besides the offer.
pub struct AnswerContext<'a> {
    /// Our end of the transport.
    pub local: &'a LocalTransport,
    /// `o=` session id: the same for every answer of one peer.
    pub session: u64,
    /// `o=` version: one more each time.
    pub version: u64,
    /// What each slot sends with, by mid. A receive m-line without one is answered inactive.
    pub slot: &'a dyn Fn(&str) -> Option<SlotIdentity>,
    /// Bytes of the largest message over a data channel.
    pub message: usize,
}

/// Writes the answer.
pub fn write_answer(offer: &Offer, context: &AnswerContext<'_>) -> String {
    let mut out = String::with_capacity(8 * 1024);
    write_session(&mut out, offer, context);
    let data = offer.data().map(|section| section.mid.as_str());
    let is_data = |section: &Section| data == Some(section.mid.as_str());
    let first = offer.sections.iter().position(|section| is_accepted(section) || is_data(section));
    for (position, section) in offer.sections.iter().enumerate() {
        let with_candidates = first == Some(position);
        if is_accepted(section) {
            write_section(&mut out, section, context, with_candidates);
        } else if is_data(section) {
            write_data(&mut out, section, context, with_candidates);
        } else {
            write_refusal(&mut out, section);
        }
    }
    out
}

/// Whether a section of media is answered with a port other than 0.
pub(crate) fn is_accepted(section: &Section) -> bool {
    let media = matches!(section.kind, SectionKind::Audio | SectionKind::Video);
    media && !section.stopped && !accepted(section).is_empty()
}

// `write!` to a String cannot fail.
macro_rules! line {
    ($out:expr, $($format:tt)*) => {{
        let _ = write!($out, $($format)*);
        $out.push_str("\r\n");
    }};
}

fn write_session(out: &mut String, offer: &Offer, context: &AnswerContext<'_>) {
    line!(out, "v=0");
    line!(out, "o=- {} {} IN IP4 127.0.0.1", context.session, context.version);
    line!(out, "s=-");
    line!(out, "t=0 0");
    let data = offer.data().map(|section| section.mid.as_str());
    let is_kept = |section: &&Section| is_accepted(section) || data == Some(section.mid.as_str());
    let mids: Vec<&str> = offer.sections.iter().filter(is_kept).map(|section| section.mid.as_str()).collect();
    if offer.bundled {
        line!(out, "a=group:BUNDLE {}", mids.join(" "));
    }
    if offer.allow_mixed {
        line!(out, "a=extmap-allow-mixed");
    }
    line!(out, "a=ice-lite");
    line!(out, "a=msid-semantic:WMS *");
}

fn write_section(out: &mut String, section: &Section, context: &AnswerContext<'_>, with_candidates: bool) {
    let formats = accepted(section);
    let list: Vec<String> = formats.iter().map(|format| format.payload_type.to_string()).collect();
    line!(out, "m={} 9 UDP/TLS/RTP/SAVPF {}", section.media, list.join(" "));
    write_transport(out, section, context.local, with_candidates);
    line!(out, "a=rtcp-mux");
    line!(out, "a=rtcp-rsize");
    let slot = (section.direction == Direction::RecvOnly).then(|| (context.slot)(&section.mid)).flatten();
    let way = if slot.is_some() { Way::Egress } else { Way::Ingress };
    for format in &formats {
        let (payload_type, name, rate) = (format.payload_type, &format.name, format.clock_rate);
        let channels = format.channels.map(|channels| format!("/{channels}")).unwrap_or_default();
        line!(out, "a=rtpmap:{payload_type} {name}/{rate}{channels}");
        let fmtp = answered_parameters(section, format, way);
        if !fmtp.is_empty() {
            line!(out, "a=fmtp:{payload_type} {fmtp}");
        }
        for feedback in kept_feedback(section, format, way) {
            line!(out, "a=rtcp-fb:{payload_type} {feedback}");
        }
    }
    match (section.direction, slot) {
        (Direction::SendOnly | Direction::SendRecv, _) => {
            write_extensions(out, section, &INGRESS_EXTENSIONS);
            line!(out, "a=recvonly");
            if !section.rids.is_empty() {
                for rid in &section.rids {
                    line!(out, "a=rid:{rid} recv");
                }
                line!(out, "a=simulcast:recv {}", section.rids.join(";"));
            }
        }
        (Direction::RecvOnly, Some(slot)) => write_slot(out, section, &slot),
        (Direction::RecvOnly, None) | (Direction::Inactive, _) => line!(out, "a=inactive"),
    }
}

/// Data channels (RFC 8841 §6).
fn write_data(out: &mut String, section: &Section, context: &AnswerContext<'_>, with_candidates: bool) {
    line!(out, "m={} 9 {} webrtc-datachannel", section.media, section.protocol);
    write_transport(out, section, context.local, with_candidates);
    line!(out, "a=sctp-port:{SCTP_PORT}");
    line!(out, "a=max-message-size:{}", context.message);
}

/// Extensions of a list that the section offers. The dependency descriptor only beside AV1: other codecs say all
/// in their payload, and a receiver that is told twice believes the extension.
fn write_extensions(out: &mut String, section: &Section, kept: &[&str]) {
    for extension in &section.extensions {
        let uri = extension.uri.as_str();
        let fits = uri != super::super::extension::DEPENDENCY_DESCRIPTOR || has_av1(section);
        if kept.contains(&uri) && fits {
            line!(out, "a=extmap:{} {uri}", extension.id);
        }
    }
}

fn write_transport(out: &mut String, section: &Section, local: &LocalTransport, with_candidates: bool) {
    line!(out, "c=IN IP4 0.0.0.0");
    line!(out, "a=mid:{}", section.mid);
    line!(out, "a=ice-ufrag:{}", local.ice_ufrag);
    line!(out, "a=ice-pwd:{}", local.ice_pwd);
    line!(out, "a=fingerprint:{} {}", local.fingerprint.hash, local.fingerprint.digest);
    line!(out, "a=setup:{}", local.setup);
    if !with_candidates {
        return;
    }
    for (number, address) in local.candidates.iter().enumerate() {
        // RFC 8445 §5.1.2.1: type preference 126 (host), the local preference falling with the order.
        let local_preference = 65_535u32.saturating_sub(u32::try_from(number).unwrap_or(u32::MAX));
        let priority = (126u32 << 24) | (local_preference << 8) | 255;
        let (foundation, ip, port) = (number + 1, address.ip(), address.port());
        line!(out, "a=candidate:{foundation} 1 udp {priority} {ip} {port} typ host");
    }
    // After all others: there are clients that take the first.
    let streams = if local.ice_tcp { local.candidates.as_slice() } else { &[] };
    for (number, address) in streams.iter().enumerate() {
        // RFC 6544 §4.2: direction preference 4 (passive) before 13 bits of our own, and so below UDP.
        let other_preference = 8191u32.saturating_sub(u32::try_from(number).unwrap_or(u32::MAX));
        let priority = (126u32 << 24) | (((4 << 13) | other_preference) << 8) | 255;
        let (foundation, ip, port) = (local.candidates.len() + number + 1, address.ip(), address.port());
        line!(out, "a=candidate:{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive");
    }
    line!(out, "a=end-of-candidates");
}

fn write_slot(out: &mut String, section: &Section, slot: &SlotIdentity) {
    let SlotIdentity { ssrc, rtx, stream } = slot;
    let track = format!("{stream}-{}", section.media);
    write_extensions(out, section, &EGRESS_EXTENSIONS);
    line!(out, "a=sendonly");
    line!(out, "a=msid:{stream} {track}");
    if let Some(rtx) = rtx {
        line!(out, "a=ssrc-group:FID {ssrc} {rtx}");
    }
    for ssrc in [Some(ssrc), rtx.as_ref()].into_iter().flatten() {
        line!(out, "a=ssrc:{ssrc} cname:{stream}");
        line!(out, "a=ssrc:{ssrc} msid:{stream} {track}");
    }
}

/// Port 0, the same formats, nothing else (RFC 3264 §6).
fn write_refusal(out: &mut String, section: &Section) {
    let formats: Vec<String> = section.formats.iter().map(|format| format.payload_type.to_string()).collect();
    let formats = match section.kind {
        SectionKind::Application => "webrtc-datachannel".to_owned(),
        _ if formats.is_empty() => "0".to_owned(),
        _ => formats.join(" "),
    };
    let protocol = if section.protocol.is_empty() { "UDP/TLS/RTP/SAVPF" } else { section.protocol.as_str() };
    line!(out, "m={} 0 {protocol} {formats}", section.media);
    line!(out, "c=IN IP4 0.0.0.0");
    line!(out, "a=mid:{}", section.mid);
    line!(out, "a=inactive");
}
