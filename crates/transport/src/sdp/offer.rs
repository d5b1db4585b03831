//! A browser's offer, read and checked. What passes here is safe to answer.

use super::attributes::{Setup, extmap, fingerprint, is_token, of_payload_type, parameter, rtpmap};
use rtc_sdp::description::media::MediaDescription;
use rtc_sdp::description::session::SessionDescription;
use std::collections::BTreeSet;

/// Bytes of an offer. Past it: [`OfferError::TooLarge`].
const MAX_OFFER: usize = 512 * 1024;
/// M-lines of an offer. Past it: [`OfferError::TooManySections`].
const MAX_SECTIONS: usize = 140;
/// Bytes of a mid. Past it: [`OfferError::BadMid`].
const MAX_MID: usize = 16;
/// Formats of one m-line. Past it: [`OfferError::TooManyFormats`].
const MAX_FORMATS: usize = 128;
/// Attributes of one m-line; Chromium's longest has some 250. Past it: [`OfferError::TooManyFormats`].
const MAX_ATTRIBUTES: usize = 1024;
/// Feedback lines of one format that are kept; more are passed over.
const MAX_FEEDBACK: usize = 16;
/// SSRCs, and groups of them, declared in one m-line that are kept; more are passed over.
const MAX_SSRCS: usize = 16;
/// Simulcast encodings of one m-line that are answered; the media plane keeps as many.
const MAX_RIDS: usize = 3;
/// The SCTP port of both sides; nothing else shares the association, so it tells nothing.
pub(super) const SCTP_PORT: u16 = 5000;
/// Bytes of ICE credentials (RFC 8839 §5.4).
pub(super) const MAX_ICE: usize = 256;

/// Why an offer cannot be answered. The client is told in these words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Not a session description.
    #[error("the offer is not a session description: {0}")]
    Unreadable(String),
    /// Longer than this server reads.
    #[error("the offer is too large")]
    TooLarge,
    /// More m-lines than this server answers.
    #[error("the offer has too many m-lines")]
    TooManySections,
    /// No m-line at all.
    #[error("the offer has no m-line")]
    Empty,
    /// A mid is missing, repeated, too long or unprintable.
    #[error("an m-line has no usable mid")]
    BadMid,
    /// More formats or attributes in one m-line than this server reads.
    #[error("an m-line has too many formats or attributes")]
    TooManyFormats,
    /// No m-line offers audio or video in a codec that is forwarded, nor data channels.
    #[error("the offer has no audio or video in a codec this server forwards")]
    NothingInCommon,
    /// ICE credentials are missing or unusable.
    #[error("the offer has no ICE credentials")]
    NoIce,
    /// The DTLS fingerprint is missing or unusable.
    #[error("the offer has no DTLS fingerprint")]
    NoFingerprint,
    /// An m-line lies outside the one BUNDLE group.
    #[error("every m-line must be in one BUNDLE group")]
    NotBundled,
}

/// An offer: one transport and its m-lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The browser's ICE credentials.
    pub ice_ufrag: String,
    /// See `ice_ufrag`.
    pub ice_pwd: String,
    /// Of the browser's certificate.
    pub fingerprint: Fingerprint,
    /// Who is to say the DTLS hello.
    pub setup: Setup,
    /// There is a BUNDLE group. A lone m-line needs none.
    pub bundled: bool,
    /// `a=extmap-allow-mixed` stands at the session level.
    pub allow_mixed: bool,
    /// Every m-line, in order.
    pub sections: Vec<Section>,
}

/// Whether what a peer would send is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// As it offers.
    Taken,
    /// Its m-lines to send on are answered inactive, and the media plane never hears of them: nothing that comes on
    /// them is anybody's, and nobody's turn to speak is lost to it.
    Refused,
}

/// A certificate's fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The hash function, lower case.
    pub hash: String,
    /// Colon-separated hexadecimal.
    pub digest: String,
}

/// One m-line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its id.
    pub mid: String,
    /// What it carries.
    pub kind: SectionKind,
    /// The m-line's media and protocol as written, to be repeated when it is refused.
    pub media: String,
    /// See `media`.
    pub protocol: String,
    /// Port 0 without `bundle-only`: not in use any more.
    pub stopped: bool,
    /// From the browser's side.
    pub direction: Direction,
    /// Payload formats, most preferred first.
    pub formats: Vec<PayloadFormat>,
    /// Header extensions.
    pub extensions: Vec<ExtMap>,
    /// Declared SSRCs, each with its RTX SSRC (`ssrc-group:FID`, RFC 5576).
    pub ssrcs: Vec<(u32, Option<u32>)>,
    /// The encodings of a simulcast m-line, in the order of its `a=simulcast:send` (RFC 8853): lowest first by
    /// our convention. Empty without one.
    pub rids: Vec<String>,
    /// Of data channels: the SCTP port on the browser's side.
    pub sctp_port: Option<u16>,
}

/// What an m-line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
    /// Data channels.
    Application,
    /// Anything else: refused.
    Other,
}

/// RFC 3264's direction attribute, from the browser's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The browser sends.
    SendOnly,
    /// The browser receives: a slot.
    RecvOnly,
    /// Both. Madang's client never offers it; it is answered as a send m-line.
    SendRecv,
    /// Neither.
    Inactive,
}

/// A header extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtMap {
    /// 1 to 14.
    pub id: u8,
    /// Which.
    pub uri: String,
}

/// One payload format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadFormat {
    /// The payload type.
    pub payload_type: u8,
    /// As written: an answer must repeat it to the letter, or Chromium finds no encoder for it.
    pub name: String,
    /// Hertz.
    pub clock_rate: u32,
    /// Of audio.
    pub channels: Option<u8>,
    /// The fmtp line, empty without one.
    pub fmtp: String,
    /// The rtcp-fb lines.
    pub feedback: Vec<String>,
}

impl PayloadFormat {
    /// For an RTX format: the payload type it repairs (RFC 4588 §8.6).
    pub fn repairs(&self) -> Option<u8> {
        self.name.eq_ignore_ascii_case("rtx").then(|| parameter(&self.fmtp, "apt")?.parse().ok()).flatten()
    }
}

impl Section {
    /// Whether these are data channels as browsers have them: SCTP over DTLS (RFC 8841), on the port that all use.
    pub fn is_data(&self) -> bool {
        self.kind == SectionKind::Application
            && !self.stopped
            && self.protocol == "UDP/DTLS/SCTP"
            && self.sctp_port == Some(SCTP_PORT)
    }

    /// The RTX format that repairs this one, if offered.
    pub fn rtx_of(&self, payload_type: u8) -> Option<u8> {
        self.formats
            .iter()
            .find(|format| format.repairs() == Some(payload_type))
            .map(|format| format.payload_type)
    }

    /// The id of a header extension, if offered.
    pub fn extension(&self, uri: &str) -> Option<u8> {
        self.extensions.iter().find(|extension| extension.uri == uri).map(|extension| extension.id)
    }
}

impl Offer {
    /// The same, as far as what the peer would send is taken.
    #[must_use]
    pub fn with(mut self, sending: Sending) -> Self {
        for section in &mut self.sections {
            section.direction = match (sending, section.direction) {
                (Sending::Refused, Direction::SendOnly | Direction::SendRecv) => Direction::Inactive,
                (Sending::Taken | Sending::Refused, direction) => direction,
            };
        }
        self
    }

    /// The m-line of the data channels: the first that is one.
    pub fn data(&self) -> Option<&Section> {
        self.sections.iter().find(|section| section.is_data())
    }

    /// Reads and checks an offer.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        if text.len() > MAX_OFFER {
            return Err(OfferError::TooLarge);
        }
        if !is_plain(text) {
            return Err(OfferError::Unreadable("it holds control characters".to_owned()));
        }
        // Counted before the parser builds anything.
        if text.split(['\n', '\r']).filter(|line| line.starts_with("m=")).count() > MAX_SECTIONS {
            return Err(OfferError::TooManySections);
        }
        let description = SessionDescription::unmarshal(&mut std::io::Cursor::new(text))
            .map_err(|error| OfferError::Unreadable(error.to_string().chars().take(120).collect()))?;
        // What the parser takes for an m-line is what counts.
        if description.media_descriptions.len() > MAX_SECTIONS {
            return Err(OfferError::TooManySections);
        }
        let sections =
            description.media_descriptions.iter().map(section).collect::<Result<Vec<_>, OfferError>>()?;
        check_mids(&sections)?;
        let bundled = check_bundle(&description, &sections)?;
        if !sections.iter().any(|section| super::answer::is_accepted(section) || section.is_data()) {
            return Err(OfferError::NothingInCommon);
        }
        let first = |key: &str| first_value(&description, key);
        let ice = |key: &str| first(key).filter(|value| is_token(value, MAX_ICE)).ok_or(OfferError::NoIce);
        Ok(Self {
            ice_ufrag: ice("ice-ufrag")?.to_owned(),
            ice_pwd: ice("ice-pwd")?.to_owned(),
            fingerprint: first("fingerprint").and_then(fingerprint).ok_or(OfferError::NoFingerprint)?,
            setup: Setup::parse(first("setup")),
            bundled,
            allow_mixed: description.has_attribute("extmap-allow-mixed"),
            sections,
        })
    }
}

/// Whether control characters stand at the ends of lines only: what is repeated in an answer must not
/// break a line there. (Found by fuzzing: a bare CR in an fmtp line.)
pub(super) fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'\n' | b'\t' => true,
            b'\r' => bytes.peek() == Some(&b'\n'),
            0..0x20 | 0x7f => false,
            _ => true,
        };
        if !fine {
            return false;
        }
    }
    true
}

/// The first value of an attribute, in the session or in any m-line: with BUNDLE they are all one.
fn first_value<'a>(description: &'a SessionDescription, key: &str) -> Option<&'a str> {
    description
        .attribute(key)
        .map(String::as_str)
        .or_else(|| description.media_descriptions.iter().find_map(|media| media.attribute(key).flatten()))
}

fn check_mids(sections: &[Section]) -> Result<(), OfferError> {
    if sections.is_empty() {
        return Err(OfferError::Empty);
    }
    let mut seen = BTreeSet::new();
    let unique = sections.iter().all(|section| is_token(&section.mid, MAX_MID) && seen.insert(&section.mid));
    if unique { Ok(()) } else { Err(OfferError::BadMid) }
}

/// Whether there is a group; without one there must be no two transports.
fn check_bundle(description: &SessionDescription, sections: &[Section]) -> Result<bool, OfferError> {
    let groups: Vec<BTreeSet<&str>> = description
        .attributes
        .iter()
        .filter(|attribute| attribute.key == "group")
        .filter_map(|attribute| attribute.value.as_deref()?.strip_prefix("BUNDLE"))
        .map(|mids| mids.split_ascii_whitespace().collect())
        .collect();
    let mut used = sections.iter().filter(|section| !section.stopped);
    match groups.as_slice() {
        [] if used.clone().count() == 1 => Ok(false),
        [group] if used.all(|section| group.contains(section.mid.as_str())) => Ok(true),
        _ => Err(OfferError::NotBundled),
    }
}

fn section(media: &MediaDescription) -> Result<Section, OfferError> {
    let name = &media.media_name;
    if name.formats.len() > MAX_FORMATS || media.attributes.len() > MAX_ATTRIBUTES {
        return Err(OfferError::TooManyFormats);
    }
    let kind = match name.media.as_str() {
        "audio" => SectionKind::Audio,
        "video" => SectionKind::Video,
        "application" => SectionKind::Application,
        _ => SectionKind::Other,
    };
    Ok(Section {
        mid: media.attribute("mid").flatten().unwrap_or_default().to_owned(),
        kind,
        media: name.media.clone(),
        protocol: name.protos.join("/"),
        stopped: name.port.value == 0 && !media.has_attribute("bundle-only"),
        direction: direction(media),
        formats: formats(media),
        extensions: values(media, "extmap").filter_map(extmap).collect(),
        ssrcs: ssrcs(media),
        rids: rids(media),
        sctp_port: values(media, "sctp-port").next().and_then(|port| port.trim().parse().ok()),
    })
}

fn values<'a>(media: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
    media.attributes.iter().filter(move |attribute| attribute.key == key).filter_map(|a| a.value.as_deref())
}

fn direction(media: &MediaDescription) -> Direction {
    if media.has_attribute("sendonly") {
        Direction::SendOnly
    } else if media.has_attribute("recvonly") {
        Direction::RecvOnly
    } else if media.has_attribute("inactive") {
        Direction::Inactive
    } else {
        Direction::SendRecv
    }
}

fn formats(media: &MediaDescription) -> Vec<PayloadFormat> {
    // A payload type counts once, however often it is listed.
    let mut seen = BTreeSet::new();
    let listed = media.media_name.formats.iter().filter_map(|format| format.parse::<u8>().ok());
    let listed = listed.filter(|payload_type| seen.insert(*payload_type));
    listed
        .filter_map(|payload_type| {
            let (_, name, clock_rate, channels) =
                values(media, "rtpmap").filter_map(rtpmap).find(|(number, ..)| *number == payload_type)?;
            let of = |key| {
                values(media, key)
                    .filter_map(of_payload_type)
                    .filter(move |(number, _)| *number == payload_type)
                    .map(|(_, rest)| rest.to_owned())
            };
            Some(PayloadFormat {
                payload_type,
                name: name.to_owned(),
                clock_rate,
                channels,
                fmtp: of("fmtp").next().unwrap_or_default(),
                feedback: of("rtcp-fb").take(MAX_FEEDBACK).collect(),
            })
        })
        .collect()
}

/// The rids that `a=simulcast:send` lists and `a=rid` describes; of alternatives the first.
fn rids(media: &MediaDescription) -> Vec<String> {
    let described = |rid: &str| {
        values(media, "rid").any(|value| {
            let mut parts = value.split(' ');
            parts.next() == Some(rid) && parts.next() == Some("send")
        })
    };
    let mut words = values(media, "simulcast").next().unwrap_or_default().split_ascii_whitespace();
    let Some(list) = words.by_ref().skip_while(|word| *word != "send").nth(1) else { return Vec::new() };
    let mut rids: Vec<String> = Vec::new();
    for streams in list.split(';') {
        let rid = streams.split(',').next().unwrap_or_default().trim_start_matches('~');
        // RFC 8851 §5.1: letters and digits.
        let fine = rid.len() <= MAX_MID && !rid.is_empty() && rid.bytes().all(|c| c.is_ascii_alphanumeric());
        if fine && described(rid) && rids.len() < MAX_RIDS && !rids.iter().any(|known| known == rid) {
            rids.push(rid.to_owned());
        }
    }
    rids
}

fn ssrcs(media: &MediaDescription) -> Vec<(u32, Option<u32>)> {
    let mut groups = Vec::new();
    for group in values(media, "ssrc-group").take(MAX_SSRCS) {
        let mut parts = group.split_ascii_whitespace();
        if parts.next() == Some("FID")
            && let (Some(Ok(media)), Some(Ok(rtx))) =
                (parts.next().map(str::parse::<u32>), parts.next().map(str::parse::<u32>))
        {
            groups.push((media, rtx));
        }
    }
    let mut found: Vec<(u32, Option<u32>)> = Vec::new();
    for value in values(media, "ssrc") {
        let Some(ssrc) = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok()) else { continue };
        let is_rtx = groups.iter().any(|(_, rtx)| *rtx == ssrc);
        if !is_rtx && found.len() < MAX_SSRCS && !found.iter().any(|(known, _)| *known == ssrc) {
            let rtx = groups.iter().find(|(media, _)| *media == ssrc).map(|(_, rtx)| *rtx);
            found.push((ssrc, rtx));
        }
    }
    found
}
