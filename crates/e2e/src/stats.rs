//! The browser's own counters, from `window.madangStats()`: what it really sent, received and decoded.

use crate::view::View;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

/// All reports of a peer connection, at one moment.
#[derive(Clone)]
pub struct Stats(pub Vec<Report>);

/// One report: <https://www.w3.org/TR/webrtc-stats/>. What a browser does not count is zero.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Report {
    /// Stays the same from look to look.
    pub id: String,
    /// What it is about.
    pub r#type: String,
    /// `audio` or `video`.
    pub kind: String,
    /// The m-line.
    pub mid: String,
    /// Of simulcast: which encoding.
    pub rid: String,
    /// Whether this encoding is made at all.
    pub active: bool,
    /// Ever received.
    pub bytes_received: u64,
    /// Ever received.
    pub packets_received: u64,
    /// Ever missed.
    pub packets_lost: i64,
    /// Ever sent.
    pub bytes_sent: u64,
    /// Ever encoded.
    pub frames_encoded: u64,
    /// Ever sent.
    pub frames_sent: u64,
    /// Ever assembled of packets.
    pub frames_received: u64,
    /// Ever decoded.
    pub frames_decoded: u64,
    /// Assembled and not shown: too late, or their references missing.
    pub frames_dropped: u64,
    /// Of those decoded.
    pub key_frames_decoded: u64,
    /// Packets received because they were asked for again.
    pub retransmitted_packets_received: u64,
    /// Keyframes asked for, by whom receives.
    pub pli_count: u64,
    /// Packets asked for again, by whom receives.
    pub nack_count: u64,
    /// Times the picture stood still for too long.
    pub freeze_count: u64,
    /// For how long it did, in seconds.
    pub total_freezes_duration: f64,
    /// Of sound: ever played, and of these, made up because nothing had come.
    pub total_samples_received: u64,
    /// See above; those made up as silence, after a while of nothing, are among them.
    pub concealed_samples: u64,
    /// What was heard, as energy.
    pub total_audio_energy: f64,
    /// Of the picture sent or received.
    pub frame_width: u32,
    /// Of the picture sent or received.
    pub frame_height: u32,
    /// What the encoder is told to spend, in bits per second.
    pub target_bitrate: f64,
    /// What the sender believes the way bears, in bits per second.
    pub available_outgoing_bitrate: f64,
}

impl Stats {
    fn all(&self, r#type: &str, kind: &str) -> impl Iterator<Item = &Report> {
        self.0.iter().filter(move |report| report.r#type == r#type && report.kind == kind)
    }

    /// The audio streams received.
    pub fn sounds(&self) -> impl Iterator<Item = &Report> {
        self.all("inbound-rtp", "audio")
    }

    /// The video streams received.
    pub fn pictures(&self) -> impl Iterator<Item = &Report> {
        self.all("inbound-rtp", "video")
    }

    /// The video stream received on an m-line.
    pub fn picture(&self, mid: &str) -> Option<&Report> {
        self.pictures().find(|report| report.mid == mid)
    }

    /// The streams of a kind that are sent.
    pub fn sent(&self, kind: &str) -> impl Iterator<Item = &Report> {
        self.all("outbound-rtp", kind)
    }

    /// One encoding of the camera's picture.
    pub fn encoding(&self, rid: &str) -> Option<&Report> {
        self.sent("video").find(|report| report.rid == rid)
    }

    /// Bytes ever sent of a kind.
    pub fn bytes_sent(&self, kind: &str) -> u64 {
        self.sent(kind).map(|report| report.bytes_sent).sum()
    }

    /// Bytes ever received of a kind.
    pub fn bytes_received(&self, kind: &str) -> u64 {
        self.all("inbound-rtp", kind).map(|report| report.bytes_received).sum()
    }

    /// What the sender believes the way bears, in bits per second; zero where the browser does not say.
    pub fn available(&self) -> f64 {
        self.0.iter().map(|report| report.available_outgoing_bitrate).fold(0.0, f64::max)
    }
}

/// What media did, for whom reads that a wait was in vain; no certificates and candidates.
impl fmt::Debug for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told =
            |report: &&Report| report.r#type.ends_with("-rtp") || report.available_outgoing_bitrate > 0.0;
        f.debug_list().entries(self.0.iter().filter(told)).finish()
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, r#type, kind, mid, rid, .. } = self;
        write!(f, "\n  {type} {kind} {id} mid={mid} {rid} active={}", self.active)?;
        let numbers = [
            ("bytes_received", as_real(self.bytes_received)),
            ("packets_received", as_real(self.packets_received)),
            ("packets_lost", as_real(self.packets_lost.unsigned_abs())),
            ("bytes_sent", as_real(self.bytes_sent)),
            ("frames_encoded", as_real(self.frames_encoded)),
            ("frames_sent", as_real(self.frames_sent)),
            ("frames_received", as_real(self.frames_received)),
            ("frames_decoded", as_real(self.frames_decoded)),
            ("frames_dropped", as_real(self.frames_dropped)),
            ("key_frames_decoded", as_real(self.key_frames_decoded)),
            ("retransmitted_packets_received", as_real(self.retransmitted_packets_received)),
            ("pli_count", as_real(self.pli_count)),
            ("nack_count", as_real(self.nack_count)),
            ("freeze_count", as_real(self.freeze_count)),
            ("total_freezes_duration", self.total_freezes_duration),
            ("total_audio_energy", self.total_audio_energy),
            ("concealed_samples", as_real(self.concealed_samples)),
            ("frame_height", f64::from(self.frame_height)),
            ("target_bitrate", self.target_bitrate),
            ("available_outgoing_bitrate", self.available_outgoing_bitrate),
        ];
        numbers.iter().filter(|(_, number)| *number != 0.0).try_for_each(|(name, n)| write!(f, " {name}={n}"))
    }
}

/// A counter as a real number.
#[expect(clippy::cast_precision_loss, reason = "what a test counts is far below 2^52")]
pub fn as_real(count: u64) -> f64 {
    count as f64
}

/// Frames decoded per tile and energy heard per stream since this was made. A counter first met later
/// starts then: what was counted before is no witness of what moves now.
#[derive(Debug, Default)]
pub struct Progress {
    frames: BTreeMap<String, u64>,
    energy: BTreeMap<String, f64>,
}

/// What moved since the first look.
#[derive(Debug)]
pub struct Moved {
    /// Frames decoded for each of the others who shows a picture, by name.
    pub frames: BTreeMap<String, u64>,
    /// Energy of each stream in which something was heard.
    pub heard: BTreeMap<String, f64>,
}

impl Progress {
    /// Takes a look.
    pub fn look(&mut self, view: &View, stats: &Stats) -> Moved {
        let pictures = view.others().filter_map(|tile| {
            let report = stats.picture(tile.picture.as_ref()?.mid.as_ref()?)?;
            let first = *self.frames.entry(report.id.clone()).or_insert(report.frames_decoded);
            Some((tile.name.clone(), report.frames_decoded.saturating_sub(first)))
        });
        let frames = pictures.collect();
        let sounds = stats.sounds().map(|report| {
            let first = *self.energy.entry(report.id.clone()).or_insert(report.total_audio_energy);
            (report.mid.clone(), report.total_audio_energy - first)
        });
        let heard = sounds.filter(|(_, energy)| *energy > 0.0).collect();
        Moved { frames, heard }
    }
}

impl Moved {
    /// How many pictures run: more than two frames, so that a lone keyframe is none.
    pub fn running(&self) -> usize {
        self.frames.values().filter(|frames| **frames > 2).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(mid: &str) -> View {
        let text = format!(
            r#"{{"path":"/r/tea","ids":[],"enabled":[],"people":null,"status":"","lobby_notice":null,
            "device_notice":null,"preview":false,"asked":0,"live_tracks":0,"open_peers":1,"errors":[],
            "tiles":[{{"id":"1","own":false,"name":"Ada","caption":"Ada","elements":[],"muted":false,
            "avatar":false,"picture":{{"mid":"{mid}","width":320,"height":180}}}}]}}"#
        );
        serde_json::from_str(&text).expect("a view")
    }

    fn stats(frames: u64, energy: f64) -> Stats {
        let text = format!(
            r#"[{{"id":"v","type":"inbound-rtp","kind":"video","mid":"3","framesDecoded":{frames}}},
            {{"id":"a","type":"inbound-rtp","kind":"audio","mid":"2","totalAudioEnergy":{energy}}},
            {{"id":"p","type":"candidate-pair","availableOutgoingBitrate":300000,"state":"succeeded"}}]"#
        );
        Stats(serde_json::from_str(&text).expect("stats"))
    }

    #[test]
    fn only_what_moves_after_the_first_look_counts() {
        let mut progress = Progress::default();
        let first = progress.look(&view("3"), &stats(100, 0.5));
        assert_eq!((first.running(), first.heard.len()), (0, 0));
        let same = progress.look(&view("3"), &stats(102, 0.5));
        assert_eq!((same.running(), same.heard.len()), (0, 0));
        let later = progress.look(&view("3"), &stats(110, 0.6));
        assert_eq!((later.running(), later.heard.len()), (1, 1));
    }

    #[test]
    fn a_tile_runs_by_its_own_line_only() {
        let mut progress = Progress::default();
        progress.look(&view("5"), &stats(0, 0.0));
        assert!(progress.look(&view("5"), &stats(50, 0.0)).frames.is_empty());
    }

    #[test]
    fn what_a_browser_does_not_count_is_zero() {
        let stats = stats(1, 0.0);
        assert_eq!(stats.bytes_sent("video"), 0);
        assert!(stats.available() > 299_999.0);
    }
}
