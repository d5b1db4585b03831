//! The server's answer, as far as a bot needs it.

use crate::ice::Credentials;
use crate::line::Carrier;
use std::net::SocketAddr;

/// What an answer lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer has no usable {0}")]
pub struct AnswerError(&'static str);

/// The server's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its ICE credentials.
    pub ice: Credentials,
    /// Of its certificate: SHA-256, colon-separated hexadecimal, upper case.
    pub fingerprint: String,
    /// Where it listens on UDP, best first.
    pub candidates: Vec<SocketAddr>,
    /// Where it listens on TCP, best first.
    pub passive: Vec<SocketAddr>,
    /// What it sends.
    pub slots: Vec<AnsweredSlot>,
}

/// A slot and what it sends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredSlot {
    /// Its m-line.
    pub mid: String,
    /// Pictures, not sound.
    pub video: bool,
    /// Of the media.
    pub ssrc: u32,
    /// Of its retransmissions.
    pub rtx: Option<u32>,
}

impl Answer {
    /// Reads it.
    ///
    /// # Errors
    /// When it lacks what a connection needs.
    pub fn parse(sdp: &str) -> Result<Self, AnswerError> {
        let value = |key: &'static str| {
            sdp.lines().find_map(|line| attribute(line, key)).map(str::to_owned).ok_or(AnswerError(key))
        };
        let fingerprint = value("fingerprint")?;
        let digest = fingerprint.strip_prefix("sha-256 ").ok_or(AnswerError("fingerprint"))?;
        let of = |protocol: &str| -> Vec<SocketAddr> {
            sdp.lines().filter_map(|line| candidate(attribute(line, "candidate")?, protocol)).collect()
        };
        let (candidates, passive) = (of("udp"), of("tcp"));
        if candidates.is_empty() {
            return Err(AnswerError("candidate"));
        }
        Ok(Self {
            ice: Credentials { ufrag: value("ice-ufrag")?, password: value("ice-pwd")? },
            fingerprint: digest.to_ascii_uppercase(),
            candidates,
            passive,
            slots: sdp.split("\r\nm=").skip(1).filter_map(slot).collect(),
        })
    }

    /// The candidate to use: the one on this machine's loopback if there is one, and we are there too.
    pub fn candidate(&self, near: std::net::IpAddr, carrier: Carrier) -> Option<SocketAddr> {
        let candidates = match carrier {
            Carrier::Udp => &self.candidates,
            Carrier::Tcp | Carrier::Shredded => &self.passive,
        };
        let loopback = candidates.iter().find(|address| address.ip().is_loopback());
        loopback.filter(|_| near.is_loopback()).or(candidates.first()).copied()
    }
}

fn attribute<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix("a=")?.strip_prefix(key)?.strip_prefix(':').map(str::trim)
}

/// `1 1 udp 2130706431 127.0.0.1 7882 typ host`.
fn candidate(value: &str, protocol: &str) -> Option<SocketAddr> {
    let mut parts = value.split(' ').skip(2);
    let (of, _, ip, port) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if of != protocol || (of == "tcp" && !value.ends_with(" tcptype passive")) {
        return None;
    }
    Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
}

fn slot(section: &str) -> Option<AnsweredSlot> {
    let value = |key| section.lines().find_map(|line| attribute(line, key));
    if !section.lines().any(|line| line == "a=sendonly") {
        return None;
    }
    let ssrc = value("ssrc")?.split(' ').next()?.parse().ok()?;
    let rtx = value("ssrc-group").and_then(|group| group.rsplit(' ').next()?.parse().ok());
    Some(AnsweredSlot { mid: value("mid")?.to_owned(), video: section.starts_with("video"), ssrc, rtx })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_server_writes() {
        let sdp = "v=0\r\na=ice-lite\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:u\r\n\
                   a=ice-pwd:p\r\na=fingerprint:sha-256 ab:cd\r\n\
                   a=candidate:1 1 udp 2130706431 192.0.2.1 9 typ host\r\n\
                   a=candidate:2 1 udp 2130706175 127.0.0.1 9 typ host\r\n\
                   a=candidate:3 1 tcp 2124414975 192.0.2.1 8 typ host tcptype passive\r\na=recvonly\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:3\r\na=sendonly\r\n\
                   a=ssrc-group:FID 7 8\r\na=ssrc:7 cname:x\r\na=ssrc:8 cname:x\r\n";
        let answer = Answer::parse(sdp).unwrap();
        assert_eq!(answer.fingerprint, "AB:CD");
        assert_eq!(answer.slots, [AnsweredSlot { mid: "3".into(), video: true, ssrc: 7, rtx: Some(8) }]);
        let candidate =
            |near: &str| answer.candidate(near.parse().unwrap(), Carrier::Udp).unwrap().to_string();
        assert_eq!(candidate("127.0.0.1"), "127.0.0.1:9");
        assert_eq!(candidate("192.0.2.2"), "192.0.2.1:9");
        let passive = answer.candidate([127, 0, 0, 1].into(), Carrier::Tcp);
        assert_eq!(passive, Some(([192, 0, 2, 1], 8).into()));
        assert_eq!(Answer::parse("v=0"), Err(AnswerError("fingerprint")));
    }
}
