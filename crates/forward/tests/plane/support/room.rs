//! Runs publishers, plane and receivers together, a millisecond at a time.

use super::link::{Link, Path};
use super::publisher::{Publisher, Traits};
use super::receiver::{Receiver, Wants};
use forward::{Bitrate, Egress, GroupId, Mid, PeerKey, Plane, PlaneConfig, RtpOut, Time};
use slotmap::SlotMap;

pub struct Room {
    pub plane: Plane,
    pub now: u64,
    pub publishers: Vec<Sending>,
    pub receivers: Vec<Receiving>,
    /// What publishers sent, as it arrived, for another plane.
    pub arrived: Vec<Vec<u8>>,
    /// What was written to guests, who are at home in another plane.
    pub asked_of_guests: Vec<Vec<u8>>,
    /// A flush panics when so much more was sent.
    pub falters_after: Option<usize>,
    /// At whom it did, and with whose packet.
    pub culprits: Vec<(Option<PeerKey>, Option<PeerKey>)>,
    keys: SlotMap<PeerKey, ()>,
}

pub struct Sending {
    pub key: PeerKey,
    pub publisher: Publisher,
    up: Link,
    down: Link,
}

pub struct Receiving {
    pub key: PeerKey,
    pub receiver: Receiver,
    up: Link,
    down: Link,
}

/// Collects what a flush sends, in order.
#[derive(Default)]
pub struct Sent(pub Vec<(PeerKey, Option<RtpOut>, Vec<u8>)>);

impl Egress for Sent {
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        let mut buffer = vec![0xee; packet.len];
        fill(&mut buffer);
        self.0.push((to, Some(packet), buffer));
    }

    fn rtcp(&mut self, to: PeerKey, compound: &[u8]) {
        self.0.push((to, None, compound.to_vec()));
    }
}

/// Panics when so much was sent.
pub struct Faltering {
    pub sent: Sent,
    pub after: usize,
}

impl Faltering {
    fn count(&mut self) {
        let Some(left) = self.after.checked_sub(1) else {
            // Without a word from the panic hook.
            std::panic::resume_unwind(Box::new("asked for"));
        };
        self.after = left;
    }
}

impl Egress for Faltering {
    fn rtp(&mut self, to: PeerKey, packet: RtpOut, fill: impl FnOnce(&mut [u8])) {
        self.count();
        self.sent.rtp(to, packet, fill);
    }

    fn rtcp(&mut self, to: PeerKey, compound: &[u8]) {
        self.count();
        self.sent.rtcp(to, compound);
    }
}

/// Whether that panics.
pub fn panics(act: impl FnOnce()) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)).is_err()
}

impl Room {
    /// Server NTP time of millisecond zero is 100 s.
    pub fn new() -> Self {
        Self::limited(None)
    }

    /// Where a publication may bring so much.
    pub fn limited(max_bitrate: Option<Bitrate>) -> Self {
        let config = PlaneConfig { ntp_at_zero: 100 << 32, max_bitrate, ..PlaneConfig::default() };
        let plane = Plane::new(config);
        Self {
            plane,
            now: 1000,
            publishers: vec![],
            receivers: vec![],
            arrived: vec![],
            asked_of_guests: vec![],
            falters_after: None,
            culprits: vec![],
            keys: SlotMap::with_key(),
        }
    }

    pub fn time(&self) -> Time {
        Time(self.now * 1000)
    }

    pub fn key(&mut self) -> PeerKey {
        self.keys.insert(())
    }

    pub fn publish(&mut self, traits: Traits, path: Path) -> usize {
        let key = self.key();
        self.adopt(key, traits, path)
    }

    /// The same, under a key given out before.
    pub fn adopt(&mut self, key: PeerKey, traits: Traits, path: Path) -> usize {
        let publisher = Publisher::new(traits);
        self.plane.insert_peer(key, GroupId(0));
        self.plane.configure(key, publisher.config());
        self.plane.connected(key, self.time());
        let seed = 2 * u64::from(traits.id);
        self.publishers.push(Sending {
            key,
            publisher,
            up: Link::new(path, seed),
            down: Link::new(path, seed + 1),
        });
        self.publishers.len() - 1
    }

    pub fn receive(&mut self, wants: Wants, path: Path) -> usize {
        let at = self.receivers.len();
        let receiver = Receiver::new(wants, 1_000_000 * u32::try_from(at + 1).unwrap());
        let key = self.key();
        self.plane.insert_peer(key, GroupId(0));
        self.plane.configure(key, receiver.config());
        self.plane.connected(key, self.time());
        let seed = 1000 + 2 * u64::try_from(at).unwrap();
        self.receivers.push(Receiving {
            key,
            receiver,
            up: Link::new(path, seed),
            down: Link::new(path, seed + 1),
        });
        at
    }

    /// Routes a publisher's audio and video to a receiver's seat.
    pub fn seat(&mut self, receiver: usize, seat: u32, publisher: Option<usize>) {
        let from = publisher.map(|at| self.publishers[at].key);
        let to = self.receivers[receiver].key;
        for line in ["a", "v"] {
            let source = from.map(|from| (from, Mid::from(line)));
            self.plane.route(to, &Mid::from(format!("{line}{seat}").as_str()), source, self.time());
        }
    }

    pub fn run(&mut self, millis: u64) {
        for _ in 0..millis {
            self.step();
        }
    }

    pub fn step(&mut self) {
        self.now += 1;
        self.arrived.clear();
        self.asked_of_guests.clear();
        let (now, time) = (self.now, self.time());
        for sending in &mut self.publishers {
            for packet in sending.publisher.produce(now) {
                sending.up.send(now, packet);
            }
            for packet in sending.up.deliver(now) {
                ingest(&mut self.plane, sending.key, &packet, time);
                self.arrived.push(packet);
            }
        }
        for receiving in &mut self.receivers {
            for packet in receiving.receiver.feedback(now) {
                receiving.up.send(now, packet);
            }
            for packet in receiving.up.deliver(now) {
                ingest(&mut self.plane, receiving.key, &packet, time);
            }
        }
        if self.plane.poll_timeout().is_some_and(|due| due <= time) {
            self.plane.handle_timeout(time);
        }
        self.flush();
    }

    /// Flushes, and carries what comes of it to where it belongs.
    pub fn flush(&mut self) {
        let (now, time) = (self.now, self.time());
        let mut sent = Faltering { sent: Sent::default(), after: self.falters_after.unwrap_or(usize::MAX) };
        if panics(|| self.plane.flush(time, &mut sent)) {
            self.culprits.push((self.plane.at_work(), self.plane.in_hand()));
            assert!(self.plane.recover(self.plane.at_work().unwrap()));
            (self.falters_after, sent.after) = (None, usize::MAX);
            self.plane.flush(time, &mut sent);
        }
        self.falters_after = self.falters_after.map(|_| sent.after);
        for (to, out, bytes) in sent.sent.0 {
            if let Some(receiving) = self.receivers.iter_mut().find(|receiving| receiving.key == to) {
                if let Some(out) = out {
                    receiving.receiver.check_nonce(out, &bytes);
                }
                receiving.down.send(now, bytes);
            } else {
                assert!(out.is_none(), "publishers get no media here");
                match self.publishers.iter_mut().find(|sending| sending.key == to) {
                    Some(sending) => sending.down.send(now, bytes),
                    None => self.asked_of_guests.push(bytes),
                }
            }
        }
        for sending in &mut self.publishers {
            for packet in sending.down.deliver(now) {
                for answer in sending.publisher.feedback(now, &packet) {
                    sending.up.send(now, answer);
                }
            }
        }
        for receiving in &mut self.receivers {
            for packet in receiving.down.deliver(now) {
                if is_rtcp(&packet) {
                    receiving.receiver.take_report(now, &packet);
                } else {
                    receiving.receiver.receive(&packet);
                }
            }
        }
    }
}

fn ingest(plane: &mut Plane, from: PeerKey, packet: &[u8], time: Time) {
    if is_rtcp(packet) {
        plane.ingest_rtcp(from, packet, time);
    } else {
        plane.ingest_rtp(from, packet, time);
    }
}

/// RFC 5761 §4.
pub fn is_rtcp(packet: &[u8]) -> bool {
    (192..=223).contains(&packet[1])
}
