//! What a connection counts, as far as the session and the figures on screen need it: whether pictures and sound
//! come, how much is lost, how long the way is. Pure but for [`read`].

use super::voices::Sound;
use ::signal::{Limit, LineQuality, LinkQuality, Mid, Quality};
use js_sys::{Array, Reflect};
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Counters at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// When they were read, since the page began.
    pub at: Duration,
    /// What comes in.
    pub incoming: Vec<Line>,
    /// What goes out.
    pub outgoing: Vec<Line>,
    /// What microphones and the like put in, by the tracks' ids.
    sources: Vec<(String, Sound)>,
    /// The round trip in seconds.
    rtt: Option<f64>,
    /// The share of what goes out that the other side lost lately.
    lost_there: f64,
}

/// One line's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// The line.
    mid: String,
    is_video: bool,
    packets: f64,
    lost: f64,
    bytes: f64,
    frames: f64,
    sound: Sound,
    width: f64,
    height: f64,
}

/// Reads the reports of `getStats()`.
pub fn read(reports: &Array, at: Duration) -> Counts {
    let mut counts = Counts { at, ..Counts::default() };
    for report in reports.iter() {
        match text(&report, "type").as_str() {
            "inbound-rtp" => counts.incoming.push(Line {
                packets: number(&report, "packetsReceived"),
                bytes: number(&report, "bytesReceived"),
                frames: number(&report, "framesDecoded"),
                sound: sound(&report),
                ..line(&report)
            }),
            "outbound-rtp" => counts.outgoing.push(Line {
                bytes: number(&report, "bytesSent"),
                frames: number(&report, "framesEncoded"),
                ..line(&report)
            }),
            "media-source" => counts.sources.push((text(&report, "trackIdentifier"), sound(&report))),
            "remote-inbound-rtp" => {
                counts.lost_there = counts.lost_there.max(number(&report, "fractionLost"));
                let rtt = number(&report, "roundTripTime");
                counts.rtt = counts.rtt.or(Some(rtt).filter(|rtt| *rtt > 0.0));
            }
            _ => {}
        }
    }
    counts
}

fn line(report: &JsValue) -> Line {
    Line {
        mid: text(report, "mid"),
        is_video: text(report, "kind") == "video",
        lost: number(report, "packetsLost"),
        width: number(report, "frameWidth"),
        height: number(report, "frameHeight"),
        ..Line::default()
    }
}

fn sound(report: &JsValue) -> Sound {
    let (energy, lasted) = (number(report, "totalAudioEnergy"), number(report, "totalSamplesDuration"));
    Sound { energy, lasted }
}

fn number(report: &JsValue, name: &str) -> f64 {
    Reflect::get(report, &name.into()).ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
}

fn text(report: &JsValue, name: &str) -> String {
    Reflect::get(report, &name.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
}

impl Counts {
    /// What came on a line since an earlier moment: frames of a picture, packets of sound.
    pub fn came(&self, mid: &Mid, since: Option<&Self>) -> bool {
        let all = |counts: &Self| {
            let line = counts.incoming.iter().find(|line| line.mid == mid.0);
            line.map_or(0.0, |line| if line.is_video { line.frames } else { line.packets })
        };
        all(self) > since.map_or(0.0, all)
    }

    /// How much sound came on a line.
    pub fn sound(&self, mid: &Mid) -> Option<Sound> {
        self.incoming.iter().find(|line| line.mid == mid.0).map(|line| line.sound)
    }

    /// How much sound a track of one's own put in; nothing where the browser does not count that.
    pub fn source(&self, track: &str) -> Option<Sound> {
        let source = self.sources.iter().find(|(known, sound)| known == track && sound.lasted > 0.0);
        source.map(|(_, sound)| *sound)
    }

    /// Packets that came since an earlier moment, and packets that did not.
    pub fn packets_since(&self, before: &Self) -> (u32, u32) {
        let all = |counts: &Self| {
            counts
                .incoming
                .iter()
                .fold((0.0, 0.0), |(packets, lost), line| (packets + line.packets, lost + line.lost))
        };
        let ((packets, lost), (packets_before, lost_before)) = (all(self), all(before));
        (whole(packets - packets_before), whole(lost - lost_before))
    }

    /// How media flowed since an earlier moment, in the server's words; `name` says as what a line is known.
    pub fn flow_since(&self, before: &Self, name: impl Fn(&Mid) -> Option<Mid>) -> Quality {
        let seconds = self.at.saturating_sub(before.at).as_secs_f64().max(0.1);
        let rates = |now: &[Line], then: &[Line], name: &dyn Fn(&Mid) -> Option<Mid>| -> Vec<LineQuality> {
            let rate = |line: &Line| {
                let old = then.iter().find(|old| old.mid == line.mid).cloned().unwrap_or_default();
                let packets = line.packets - old.packets;
                let lost = (line.lost - old.lost).max(0.0);
                Some(LineQuality {
                    mid: name(&Mid(line.mid.clone()))?,
                    bitrate: whole((line.bytes - old.bytes) * 8.0 / seconds),
                    loss: short(lost * 1000.0 / (packets + lost).max(1.0)),
                    width: short(line.width),
                    height: short(line.height),
                    frames: short((line.frames - old.frames) / seconds),
                    limit: Limit::None,
                })
            };
            now.iter().filter_map(rate).collect()
        };
        let slots = rates(&self.incoming, &before.incoming, &name);
        let sending = rates(&self.outgoing, &before.outgoing, &|mid| Some(mid.clone()));
        let (packets, lost) = self.packets_since(before);
        let rtt = self.rtt.map(|rtt| whole(rtt * 1000.0));
        let sum =
            |lines: &[LineQuality]| lines.iter().fold(0_u32, |all, line| all.saturating_add(line.bitrate));
        let link =
            |lines: &[LineQuality], loss| LinkQuality { bitrate: sum(lines), estimate: None, loss, rtt };
        let lost_here = f64::from(lost) * 1000.0 / f64::from(packets.saturating_add(lost).max(1));
        Quality {
            uplink: link(&sending, short(self.lost_there * 1000.0)),
            downlink: link(&slots, short(lost_here)),
            sending: sending.into_iter().filter(|line| line.bitrate > 0).collect(),
            slots,
        }
    }
}

/// Several connections as one: what flows on them together, and the worst of their ways.
pub fn together<'a>(all: impl Iterator<Item = &'a Quality>) -> Quality {
    let link = |one: LinkQuality, other: LinkQuality| LinkQuality {
        bitrate: one.bitrate.saturating_add(other.bitrate),
        estimate: None,
        loss: one.loss.max(other.loss),
        rtt: one.rtt.max(other.rtt),
    };
    all.fold(Quality::default(), |mut sum, next| {
        sum.uplink = link(sum.uplink, next.uplink);
        sum.downlink = link(sum.downlink, next.downlink);
        sum.slots.extend(next.slots.iter().cloned());
        for line in &next.sending {
            // Each sends the same: the first stands for all.
            if sum.sending.iter().all(|known| known.mid != line.mid) {
                sum.sending.push(line.clone());
            }
        }
        sum
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u32 holds")]
fn whole(value: f64) -> u32 {
    value.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

fn short(value: f64) -> u16 {
    u16::try_from(whole(value)).unwrap_or(u16::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// After so many seconds: sound on line "0", a picture on line "1" both ways.
    pub(in super::super) fn counts(at: u64, packets: f64, lost: f64, frames: f64) -> Counts {
        let heard = Sound { energy: packets / 1000.0, lasted: packets / 50.0 };
        let sound =
            Line { mid: "0".to_owned(), packets, bytes: packets * 100.0, sound: heard, ..Line::default() };
        let picture = Line {
            mid: "1".to_owned(),
            is_video: true,
            packets,
            lost,
            bytes: packets * 1000.0,
            frames,
            width: 640.0,
            height: 360.0,
            ..Line::default()
        };
        Counts {
            at: Duration::from_secs(at),
            incoming: vec![sound, picture.clone()],
            outgoing: vec![picture],
            sources: vec![("mine".to_owned(), heard)],
            rtt: Some(0.042),
            lost_there: 0.05,
        }
    }

    #[test]
    fn a_picture_comes_by_its_frames_and_sound_by_its_packets() {
        let (before, after) = (counts(0, 10.0, 0.0, 3.0), counts(1, 20.0, 0.0, 3.0));
        assert!(after.came(&"0".into(), Some(&before)) && !after.came(&"1".into(), Some(&before)));
        assert!(after.came(&"1".into(), None) && !after.came(&"7".into(), None));
    }

    #[test]
    fn flows_are_told_as_the_server_tells_them() {
        let (before, after) = (counts(0, 0.0, 0.0, 0.0), counts(2, 90.0, 10.0, 60.0));
        assert_eq!(after.packets_since(&before), (180, 10));
        let quality = after.flow_since(&before, |mid| (mid.0 == "1").then(|| "direct-9".into()));
        let [picture] = quality.slots.as_slice() else { panic!("{quality:?}") };
        let expected = LineQuality {
            mid: "direct-9".into(),
            bitrate: 360_000,
            loss: 100,
            width: 640,
            height: 360,
            frames: 30,
            limit: Limit::None,
        };
        assert_eq!(*picture, expected);
        assert_eq!((quality.uplink.loss, quality.uplink.rtt), (50, Some(42)));
        assert_eq!(quality.downlink.loss, 53);
        let both = together([&quality, &quality].into_iter());
        assert_eq!((both.slots.len(), both.sending.len()), (2, 1));
        assert_eq!(both.downlink.bitrate, 720_000);
    }
}
