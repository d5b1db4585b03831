//! One publisher and its receivers around a plane, in virtual time: the load that tests, benches and the count of
//! instructions have in common.
//!
//! 210 video packets a second of 1,150 bytes in bursts of three every 5 ms, 50 audio packets, and from every
//! receiver transport-wide feedback and reports, so that estimator, pacer and allocator are at work. Nothing is
//! lost and no time passes on the way. [`Load::prepare`] is the participants' work, [`Load::serve`] the server's
//! and nothing else's.

mod wire;

use forward::{
    ArrivalReports, Codec, CodecMap, DeclaredSsrc, Egress, EgressExtensionIds, ExtensionIds, GroupId, Kind,
    Mid, PayloadType, PeerConfig, PeerKey, Plane, PlaneConfig, RtpOut, SendLine, Seq16, SlotConfig, Ssrc,
    Time, View,
};
use slotmap::SlotMap;
use wire::{AUDIO, Camera, Microphone, RTX, TRANSPORT_CC, VIDEO};

/// Between two reports of one participant, in milliseconds.
const REPORT_EVERY: u64 = 1000;
/// Room for what a flush sends before it is looked at: a keyframe's burst to every receiver, many times over.
const NOTED: usize = 1 << 16;

/// See the module.
pub struct Load {
    /// What is measured.
    pub plane: Plane,
    /// What it sent.
    pub sink: Sink,
    publisher: PeerKey,
    camera: Camera,
    microphone: Microphone,
    transport_seq: u16,
    receivers: Vec<Receiver>,
    by_key: slotmap::SecondaryMap<PeerKey, usize>,
    /// From the publisher.
    media: Vec<Vec<u8>>,
    /// From the receivers, and how many of these the plane has already.
    feedback: Vec<(PeerKey, Vec<u8>)>,
    taken: usize,
    millis: u64,
}

struct Receiver {
    key: PeerKey,
    base: u32,
    arrivals: ArrivalReports,
    highest: u16,
}

/// Takes what the plane sends: writes every packet, as a server must, and notes its transport-wide number.
pub struct Sink {
    buffer: [u8; 1600],
    /// How much of each packet is written: all of it, unless it is the headers' cost that is asked for.
    pub written: usize,
    /// Packets taken.
    pub packets: u64,
    noted: Vec<(PeerKey, u16)>,
    keyframe_wanted: bool,
}

impl Egress for Sink {
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        let Some(room) = self.buffer.get_mut(..packet.len.min(self.written)) else { return };
        fill(room);
        self.packets += 1;
        if let Some(number) = wire::transport_number(&self.buffer)
            && self.noted.len() < NOTED
        {
            self.noted.push((to, number));
        }
    }

    fn rtcp(&mut self, _: PeerKey, compound: &[u8]) {
        self.keyframe_wanted |= wire::asks_for_keyframe(compound);
    }
}

impl Load {
    /// A room of one publisher and so many receivers, connected, at the very beginning.
    pub fn new(receivers: u32) -> Self {
        let mut keys = SlotMap::with_key();
        let mut plane = Plane::new(PlaneConfig { ntp_at_zero: 100 << 32, ..PlaneConfig::default() });
        let publisher: PeerKey = keys.insert(());
        plane.insert_peer(publisher, GroupId(0));
        plane.configure(publisher, publishes());
        plane.connected(publisher, Time(0));
        let mut by_key = slotmap::SecondaryMap::new();
        let receivers = (1..=receivers).zip(0..).map(|(number, place)| {
            let key = keys.insert(());
            let base = number * 10;
            plane.insert_peer(key, GroupId(0));
            plane.configure(key, receives(base));
            plane.connected(key, Time(0));
            for mid in ["a", "v"] {
                plane.route(key, &Mid::from(mid), Some((publisher, Mid::from(mid))), Time(0));
            }
            plane.view(key, &Mid::from("v"), View::of(1280, 720), Time(0));
            by_key.insert(key, place);
            Receiver { key, base, arrivals: ArrivalReports::default(), highest: 0 }
        });
        let receivers = receivers.collect();
        let noted = Vec::with_capacity(NOTED);
        Self {
            plane,
            sink: Sink { buffer: [0; 1600], written: usize::MAX, packets: 0, noted, keyframe_wanted: true },
            publisher,
            camera: Camera::default(),
            microphone: Microphone::default(),
            transport_seq: 0,
            receivers,
            by_key,
            media: Vec::new(),
            feedback: Vec::new(),
            taken: 0,
            millis: 0,
        }
    }

    /// Runs the whole room for so many milliseconds.
    pub fn run(&mut self, millis: u64) {
        for _ in 0..millis {
            self.prepare();
            self.serve();
        }
    }

    /// A millisecond on: notes what arrived, and writes what the participants send now.
    pub fn prepare(&mut self) {
        for (to, number) in self.sink.noted.drain(..) {
            if let Some(receiver) = self.by_key.get(to).and_then(|place| self.receivers.get_mut(*place)) {
                receiver.arrivals.record(Seq16(number), Time(self.millis * 1000));
                receiver.highest = number;
            }
        }
        self.millis += 1;
        let (millis, now) = (self.millis, self.now());
        self.media.clear();
        self.feedback.clear();
        self.taken = 0;
        self.camera.keyframe_wanted |= std::mem::take(&mut self.sink.keyframe_wanted);
        let (media, number) = (&mut self.media, &mut self.transport_seq);
        let mut send = |packet| media.push(packet);
        self.camera.due(millis, number, &mut send);
        self.microphone.due(millis, number, &mut send);
        if millis % REPORT_EVERY == 100 {
            send(self.camera.report(millis));
            send(self.microphone.report(millis));
        }
        for receiver in &mut self.receivers {
            let (ours, media) = (Ssrc(receiver.base + 3), Ssrc(receiver.base + 1));
            let arrived = receiver.arrivals.take(ours, media, now);
            self.feedback.extend(arrived.into_iter().map(|packet| (receiver.key, packet)));
            if (millis + u64::from(receiver.base)).is_multiple_of(REPORT_EVERY) {
                self.feedback.push((receiver.key, wire::receiver_report(receiver.base, receiver.highest)));
            }
        }
    }

    /// The server's turn, as a worker has it: takes what came, does what is due, sends what may leave.
    pub fn serve(&mut self) {
        let now = self.now();
        if self.is_idle() {
            return;
        }
        for packet in &self.media {
            if wire::is_rtcp(packet) {
                self.plane.ingest_rtcp(self.publisher, packet, now);
            } else {
                self.plane.ingest_rtp(self.publisher, packet, now);
            }
        }
        self.take_feedback();
        if self.plane.poll_timeout().is_some_and(|due| due <= now) {
            self.plane.handle_timeout(now);
        }
        self.plane.flush(now, &mut self.sink);
        while self.plane.poll_event().is_some() {}
    }

    /// Hands the plane the receivers' feedback, and nothing else; how many packets that are.
    pub fn take_feedback(&mut self) -> usize {
        let now = self.now();
        let fresh = self.feedback.get(self.taken..).unwrap_or_default();
        for (from, packet) in fresh {
            self.plane.ingest_rtcp(*from, packet, now);
        }
        let count = fresh.len();
        self.taken = self.feedback.len();
        count
    }

    /// Whether the server has nothing to do in this millisecond.
    pub fn is_idle(&self) -> bool {
        let fresh = self.feedback.len() - self.taken;
        self.media.is_empty() && fresh == 0 && self.plane.poll_timeout().is_none_or(|due| due > self.now())
    }

    /// Has every receiver show the picture at another size: what it is sent is decided anew.
    #[allow(dead_code, reason = "not every user of the load looks elsewhere")]
    pub fn look(&mut self, width: u16, height: u16) {
        let now = self.now();
        for receiver in &self.receivers {
            self.plane.view(receiver.key, &Mid::from("v"), View::of(width, height), now);
        }
    }

    fn now(&self) -> Time {
        Time(self.millis * 1000)
    }
}

fn codec(codec: Codec, payload_type: u8, rtx: Option<u8>) -> CodecMap {
    CodecMap {
        codec,
        payload_type: PayloadType(payload_type),
        rtx: rtx.map(PayloadType),
        nack: rtx.is_some(),
    }
}

fn publishes() -> PeerConfig {
    let line = |mid: &str, kind, codecs, ssrc: u32, rtx: Option<u32>| SendLine {
        mid: Mid::from(mid),
        kind,
        codecs,
        ssrcs: vec![DeclaredSsrc { ssrc: Ssrc(ssrc), rtx: rtx.map(Ssrc) }],
        rids: vec![],
    };
    let audio = vec![codec(Codec::Opus, AUDIO.0, None)];
    let video = vec![codec(Codec::Vp8, VIDEO.0, Some(RTX.0))];
    PeerConfig {
        extensions: ExtensionIds { transport_cc: Some(TRANSPORT_CC), ..ExtensionIds::default() },
        sends: vec![
            line("a", Kind::Audio, audio, AUDIO.1, None),
            line("v", Kind::Video, video, VIDEO.1, Some(RTX.1)),
        ],
        transport_cc: true,
        feedback_ssrc: Ssrc(1),
        ..PeerConfig::default()
    }
}

fn receives(base: u32) -> PeerConfig {
    let slot = |mid: &str, kind, codecs, ssrc: u32, rtx: Option<u32>| SlotConfig {
        mid: Mid::from(mid),
        kind,
        ssrc: Ssrc(ssrc),
        rtx: rtx.map(Ssrc),
        cname: "seat".into(),
        codecs,
        first_seq: 1,
        first_rtx_seq: 1,
        first_time: 0,
    };
    let egress_extensions =
        EgressExtensionIds { transport_cc: Some(TRANSPORT_CC), ..EgressExtensionIds::default() };
    PeerConfig {
        egress_extensions,
        slots: vec![
            slot("a", Kind::Audio, vec![codec(Codec::Opus, 109, None)], base, None),
            slot("v", Kind::Video, vec![codec(Codec::Vp8, 100, Some(101))], base + 1, Some(base + 2)),
        ],
        feedback_ssrc: Ssrc(base + 3),
        ..PeerConfig::default()
    }
}
