//! A stand-in for the browser's peer connection and for the server's peer: descriptions that are lists of
//! m-lines, and nothing behind them.

use room::{MediaLine, Negotiated};
use signal::{MediaKind, Mid, Sdp, Source};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A peer connection.
#[derive(Debug, Default)]
pub struct Browser {
    sends: BTreeMap<Source, Mid>,
    seats: usize,
    lines: Vec<(&'static str, MediaKind)>,
}

impl Browser {
    /// Makes an offer with at least these sources and seats.
    pub fn offer(&mut self, sources: impl IntoIterator<Item = Source>, seats: usize) -> Sdp {
        for source in [Source::Microphone, Source::Camera].into_iter().chain(sources) {
            if !self.sends.contains_key(&source) {
                let mid = self.add("send", source.kind());
                self.sends.insert(source, mid);
            }
        }
        while self.seats < seats {
            self.add("recv", MediaKind::Audio);
            self.add("recv", MediaKind::Video);
            self.seats += 1;
        }
        let mut sdp = String::new();
        for (mid, (direction, kind)) in self.lines.iter().enumerate() {
            let kind = if *kind == MediaKind::Audio { "audio" } else { "video" };
            writeln!(sdp, "{mid} {direction} {kind}").unwrap();
        }
        Sdp(sdp)
    }

    /// Which m-line carries which source.
    pub fn mids(&self) -> Vec<(Source, Mid)> {
        self.sends.iter().map(|(source, mid)| (*source, mid.clone())).collect()
    }

    /// The m-line of one source.
    pub fn mid(&self, source: Source) -> Option<&Mid> {
        self.sends.get(&source)
    }

    /// How many seats were offered.
    pub fn seats(&self) -> usize {
        self.seats
    }

    fn add(&mut self, direction: &'static str, kind: MediaKind) -> Mid {
        self.lines.push((direction, kind));
        Mid((self.lines.len() - 1).to_string())
    }
}

/// What the server's peer makes of an offer, of somebody who may send or not.
pub fn negotiate(offer: &Sdp, publish: bool) -> Negotiated {
    let lines = |wanted: &str| {
        let line = |line: &str| {
            let [mid, direction, kind] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let kind = if kind == "audio" { MediaKind::Audio } else { MediaKind::Video };
            (direction == wanted).then(|| MediaLine { mid: Mid::from(mid), kind })
        };
        offer.0.lines().filter_map(line).collect()
    };
    let answer = Sdp(format!("answer to\n{}", offer.0));
    Negotiated { answer, sends: if publish { lines("send") } else { Vec::new() }, slots: lines("recv") }
}
