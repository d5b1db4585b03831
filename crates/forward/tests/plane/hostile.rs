//! Whatever a peer or a caller does, the plane stands.

use crate::support::link::Path;
use crate::support::publisher::{MID_ID, Publisher, RID_ID, TWCC_ID, Traits};
use crate::support::receiver::{Receiver, Wants};
use crate::support::room::{Faltering, Room, Sent, panics};
use crate::support::wire::Rtp;
use forward::{Mid, PeerConfig, PeerKey, Plane, PlaneConfig, PlaneEvent, Rid, Sizes, Time, View};
use proptest::prelude::*;
use slotmap::SlotMap;

#[derive(Clone, Debug)]
enum Command {
    Insert(usize),
    Remove(usize),
    Configure(usize, u32),
    Clear(usize),
    Route(usize, u32, Option<(usize, bool)>),
    Connected(usize),
    View(usize, u32, u16, u16),
    Garbage(usize, Vec<u8>),
    GarbageRtcp(usize, Vec<u8>),
    Media {
        from: usize,
        ssrc: u32,
        payload_type: u8,
        seq: u16,
        time: u32,
        payload: Vec<u8>,
    },
    Feedback {
        from: usize,
        kind: u8,
        format: u8,
        media: u32,
        items: Vec<u8>,
    },
    Flush,
    /// A flush that panics at so many-th thing it sends.
    Falter(usize),
    Wait(u64),
}

const PEERS: usize = 4;

fn command() -> impl Strategy<Value = Command> {
    let peer = 0..PEERS;
    let bytes = || prop::collection::vec(any::<u8>(), 0..80);
    let ssrc = || prop_oneof![8 => 0x1000..0x1004_u32, 2 => 0x4000..0x4003_u32, 1 => any::<u32>()];
    let payload_type = prop_oneof![5 => Just(96_u8), 3 => Just(111_u8), 3 => Just(97_u8), 1 => 0..128_u8];
    let seq = prop_oneof![8 => 65_500..=65_535_u16, 8 => 0..40_u16, 1 => any::<u16>()];
    let kind = prop_oneof![Just(200_u8), Just(201), Just(203), Just(205), Just(206), any::<u8>()];
    let target =
        prop_oneof![(0..2_u32, 0..2_u32).prop_map(|(peer, slot)| 1_000_000 * (peer + 1) + slot), ssrc()];
    prop_oneof![
        1 => peer.clone().prop_map(Command::Insert),
        1 => peer.clone().prop_map(Command::Remove),
        2 => (peer.clone(), 0..3_u32).prop_map(|(peer, seats)| Command::Configure(peer, seats)),
        1 => peer.clone().prop_map(Command::Clear),
        4 => (peer.clone(), 0..3_u32, prop::option::of((0..PEERS, any::<bool>())))
            .prop_map(|(to, seat, from)| Command::Route(to, seat, from)),
        3 => peer.clone().prop_map(Command::Connected),
        3 => (peer.clone(), 0..3_u32, 0..2000_u16, 0..2_u16)
            .prop_map(|(to, seat, width, height)| Command::View(to, seat, width, height)),
        2 => (peer.clone(), bytes()).prop_map(|(from, bytes)| Command::Garbage(from, bytes)),
        2 => (peer.clone(), bytes()).prop_map(|(from, bytes)| Command::GarbageRtcp(from, bytes)),
        40 => (peer.clone(), ssrc(), payload_type, seq, any::<u32>(), bytes()).prop_map(
            |(from, ssrc, payload_type, seq, time, payload)| Command::Media { from, ssrc, payload_type, seq, time, payload }
        ),
        10 => (peer, kind, 0..17_u8, target, bytes())
            .prop_map(|(from, kind, format, media, items)| Command::Feedback { from, kind, format, media, items }),
        8 => Just(Command::Flush),
        1 => (0..12_usize).prop_map(Command::Falter),
        4 => prop_oneof![0..50_000_u64, 0..20_000_000_u64, Just(u64::MAX / 4)].prop_map(Command::Wait),
    ]
}

struct World {
    plane: Plane,
    keys: Vec<PeerKey>,
    receivers: Vec<Receiver>,
    now: u64,
}

impl World {
    fn new() -> Self {
        let mut keys = SlotMap::with_key();
        let keys: Vec<PeerKey> = (0..PEERS).map(|_| keys.insert(())).collect();
        let base = |at: usize| 1_000_000 * (u32::try_from(at).unwrap() + 1);
        let receivers = (0..PEERS).map(|at| Receiver::new(Wants::default(), base(at))).collect();
        Self { plane: Plane::new(PlaneConfig::default()), keys, receivers, now: 0 }
    }

    /// Every peer both sends and receives.
    fn config(&mut self, peer: usize, seats: u32) -> PeerConfig {
        let traits = Traits { declared: seats != 1, rtx: seats != 2, ..Traits::new(1) };
        let wants = Wants { seats, rtx: seats != 1, ..Wants::default() };
        self.receivers[peer].wants = wants;
        let mut config =
            PeerConfig { slots: self.receivers[peer].config().slots, ..Publisher::new(traits).config() };
        // Now and then with an estimate of the path, and with encodings.
        config.egress_extensions.transport_cc = (seats > 0).then_some(TWCC_ID);
        if seats == 2
            && let Some(line) = config.sends.last_mut()
        {
            line.rids = ["q", "h", "f"].map(Rid::from).to_vec();
            config.extensions.rid = Some(RID_ID);
        }
        config
    }

    fn apply(&mut self, command: Command) {
        let now = Time(self.now);
        match command {
            Command::Insert(peer) => {
                self.plane.insert_peer(self.keys[peer], forward::GroupId(0));
                // A peer inserted anew has new SRTP keys.
                self.receivers[peer] = Receiver::new(Wants::default(), self.receivers[peer].base);
            }
            Command::Remove(peer) => self.plane.remove_peer(self.keys[peer]),
            Command::Configure(peer, seats) => {
                let config = self.config(peer, seats);
                self.plane.configure(self.keys[peer], config);
            }
            Command::Clear(peer) => self.plane.configure(self.keys[peer], PeerConfig::default()),
            Command::Route(to, seat, from) => {
                for line in ["a", "v"] {
                    let source = from.map(|(from, straight)| {
                        let other = if line == "a" { "v" } else { "a" };
                        (self.keys[from], Mid::from(if straight { line } else { other }))
                    });
                    self.plane.route(
                        self.keys[to],
                        &Mid::from(format!("{line}{seat}").as_str()),
                        source,
                        now,
                    );
                }
            }
            Command::Connected(peer) => self.plane.connected(self.keys[peer], now),
            Command::Garbage(from, bytes) => self.plane.ingest_rtp(self.keys[from], &bytes, now),
            Command::GarbageRtcp(from, bytes) => self.plane.ingest_rtcp(self.keys[from], &bytes, now),
            Command::Media { from, ssrc, payload_type, seq, time, payload } => {
                let mid = if payload_type == 111 { "a" } else { "v" };
                let rid = [b"q", b"h", b"f", b"x"][ssrc as usize % 4];
                let extensions = vec![
                    (MID_ID, mid.as_bytes().to_vec()),
                    (TWCC_ID, (time as u16).to_be_bytes().to_vec()),
                    (RID_ID, rid.to_vec()),
                ];
                let packet = Rtp { payload_type, seq, time, ssrc, extensions, payload, ..Rtp::default() };
                self.plane.ingest_rtp(self.keys[from], &packet.write(), now);
            }
            Command::Feedback { from, kind, format, media, items } => {
                let words = 2 + items.len() / 4;
                let mut bytes = vec![0x80 | format, kind, 0, u8::try_from(words).unwrap()];
                bytes.extend([0; 4]);
                bytes.extend(media.to_be_bytes());
                bytes.extend(&items[..items.len() / 4 * 4]);
                self.plane.ingest_rtcp(self.keys[from], &bytes, now);
            }
            Command::View(to, seat, width, height) => {
                let slot = Mid::from(format!("v{seat}").as_str());
                self.plane.view(self.keys[to], &slot, View::of(width, height), now);
            }
            Command::Flush => self.flush(),
            Command::Falter(after) => self.falter(after),
            Command::Wait(micros) => {
                self.now = self.now.saturating_add(micros).min(u64::MAX / 2);
                self.plane.handle_timeout(Time(self.now));
                let due = self.plane.poll_timeout();
                assert!(due.is_none_or(|due| due.0 > self.now), "timers up to now are handled: {due:?}");
            }
        }
    }

    /// Whoever was being sent to goes, and the plane goes on.
    fn falter(&mut self, after: usize) {
        let mut sent = Faltering { sent: Sent::default(), after };
        if panics(|| self.plane.flush(Time(self.now), &mut sent)) {
            let culprit = self.plane.at_work().unwrap();
            assert!(self.plane.recover(culprit));
        }
        self.check(sent.sent);
    }

    fn flush(&mut self) {
        while let Some(event) = self.plane.poll_event() {
            let named = match event {
                PlaneEvent::Speakers { speakers, .. } => speakers,
                PlaneEvent::Wanted { peer, encodings, .. } => {
                    assert!(encodings.iter().all(|place| *place < 3), "{encodings:?}");
                    vec![peer]
                }
                PlaneEvent::Paused { peer, .. } => vec![peer],
            };
            assert!(named.iter().all(|peer| self.keys.contains(peer)));
        }
        let mut sent = Sent::default();
        self.plane.flush(Time(self.now), &mut sent);
        self.check(sent);
    }

    fn check(&mut self, sent: Sent) {
        for (to, out, bytes) in sent.0 {
            let at = self.keys.iter().position(|key| *key == to).unwrap();
            match out {
                Some(out) => self.receivers[at].check_nonce(out, &bytes),
                None => {
                    crate::support::wire::compound(&bytes);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_commands_keep_the_plane_whole(commands in prop::collection::vec(command(), 0..200)) {
        let mut world = World::new();
        for peer in 0..PEERS {
            world.apply(Command::Insert(peer));
            world.apply(Command::Configure(peer, 2));
            world.apply(Command::Connected(peer));
            world.apply(Command::Route(peer, 0, Some(((peer + 1) % PEERS, true))));
        }
        for command in commands {
            world.apply(command);
        }
        world.flush();
        for peer in 0..PEERS {
            world.apply(Command::Remove(peer));
        }
        world.flush();
        prop_assert_eq!(world.plane.sizes(), Sizes::default());
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(rtp in prop::collection::vec(any::<u8>(), 0..200), rtcp in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut world = World::new();
        world.apply(Command::Insert(0));
        world.apply(Command::Configure(0, 2));
        world.apply(Command::Connected(0));
        world.apply(Command::Garbage(0, rtp));
        world.apply(Command::GarbageRtcp(0, rtcp));
        world.flush();
    }

    #[test]
    fn hostile_payloads_do_no_harm(payload_type in prop_oneof![Just(96_u8), Just(97)], payload in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut world = World::new();
        for peer in 0..2 {
            world.apply(Command::Insert(peer));
            world.apply(Command::Configure(peer, 2));
            world.apply(Command::Connected(peer));
        }
        world.apply(Command::Route(1, 0, Some((0, true))));
        for (seq, payload) in (0..).zip([vec![0x90, 0xf0, 0x80, 1, 2, 3, 0], payload.clone(), payload]) {
            let ssrc = if payload_type == 97 { 0x1002 } else { 0x1000 };
            world.apply(Command::Media { from: 0, ssrc, payload_type, seq, time: 0, payload });
        }
        world.flush();
    }
}

#[test]
fn a_payload_that_fits_no_ethernet_frame_is_dropped_and_counted() {
    let mut room = Room::new();
    let publisher = room.publish(Traits { declared: false, ..Traits::new(1) }, Path::default());
    let from = room.publishers[publisher].key;
    for (seq, length, oversized) in [(1, 1400, 0), (2, 1401, 1), (3, 60_000, 2)] {
        let extensions = vec![(MID_ID, b"v".to_vec())];
        let packet =
            Rtp { payload_type: 96, ssrc: 7, seq, extensions, payload: vec![0; length], ..Rtp::default() };
        room.plane.ingest_rtp(from, &packet.write(), room.time());
        assert_eq!(room.plane.counters().oversized, oversized, "{length}");
    }
}
