//! A room that spans two planes: publishers are guests in the other.

use crate::support::link::Path;
use crate::support::oracle::{check_contiguous, check_decodable, frames};
use crate::support::publisher::{Dress, Traits};
use crate::support::receiver::Wants;
use crate::support::room::{Room, Sent, is_rtcp};
use crate::support::wire;
use forward::{
    ESTIMATE_BOUNDS, EgressExtensionIds, ExtensionIds, GroupId, PeerConfig, PeerKey, PlaneEvent, Time, View,
};

/// A publisher at home in one room, a guest in the other, whose receivers see it.
struct Span {
    home: Room,
    away: Room,
    guest: PeerKey,
    /// Of the parcels from home, every so many are lost.
    loses: Option<u64>,
    carried: u64,
}

impl Span {
    fn new(traits: Traits) -> Self {
        let (mut home, mut away) = (Room::new(), Room::new());
        let publisher = home.publish(traits, Path::default());
        let guest = home.publishers[publisher].key;
        // The same key in both, as it comes from one table.
        assert_eq!(away.key(), guest);
        away.plane.insert_guest(guest, GroupId(0));
        // A browser stops naming its SSRCs; here nobody there ever hears it name them.
        let extensions = ExtensionIds::default();
        let config = PeerConfig { extensions, ..home.publishers[publisher].publisher.config() };
        away.plane.configure(guest, config);
        Self { home, away, guest, loses: None, carried: 0 }
    }

    fn watch(&mut self) -> usize {
        let receiver = self.away.receive(Wants::default(), Path::default());
        let to = self.away.receivers[receiver].key;
        for line in ["a", "v"] {
            let slot = format!("{line}0");
            self.away.plane.route(
                to,
                &slot.as_str().into(),
                Some((self.guest, line.into())),
                self.away.time(),
            );
        }
        receiver
    }

    fn run(&mut self, millis: u64) {
        for _ in 0..millis {
            // What the publisher sends reaches both planes, and what the far one asks of it goes home.
            self.home.step();
            for packet in self.home.arrived.drain(..) {
                self.carried += 1;
                if self.loses.is_some_and(|every| self.carried.is_multiple_of(every)) {
                    continue;
                }
                let now = Time(self.away.now * 1000);
                if is_rtcp(&packet) {
                    self.away.plane.ingest_rtcp(self.guest, &packet, now);
                } else {
                    let name = self.home.plane.name_of(self.guest, &packet);
                    self.away.plane.ingest_guest(self.guest, &packet, name, now);
                }
            }
            self.away.step();
            for compound in self.away.asked_of_guests.drain(..) {
                self.home.plane.relayed_feedback(self.guest, &compound, Time(self.home.now * 1000));
            }
            while let Some(event) = self.away.plane.poll_event() {
                if let PlaneEvent::Wanted { peer, mid, encodings } = event {
                    self.home.plane.wanted_elsewhere(peer, &mid, 1, &encodings, self.home.time());
                }
            }
        }
    }

    /// What the publisher was told last of its camera.
    fn told(&mut self) -> Option<Vec<u8>> {
        let mut told = None;
        while let Some(event) = self.home.plane.poll_event() {
            if let PlaneEvent::Wanted { mid, encodings, .. } = event {
                assert_eq!(mid, "v".into());
                told = Some(encodings);
            }
        }
        told
    }
}

#[test]
fn receivers_of_a_guest_are_served_and_get_their_keyframes() {
    for declared in [true, false] {
        let mut span = Span::new(Traits { declared, ..Traits::new(1) });
        span.run(500);
        for _ in 0..2 {
            let receiver = span.watch();
            span.run(1000);
            let got = &span.away.receivers[receiver].receiver;
            let video = &got.streams[&got.video_ssrc(0)];
            check_contiguous(video);
            let frames = frames(video, |_| Dress::Vp8 { wide: true });
            assert_eq!(check_decodable(&frames), 0);
            assert!(frames.len() > 15, "{}", frames.len());
            assert!(got.streams[&got.audio_ssrc(0)].len() > 30);
        }
        assert!(!span.home.publishers[0].publisher.keyframes_asked.is_empty());
    }
}

#[test]
fn a_guest_is_no_receiver() {
    let mut span = Span::new(Traits::new(1));
    let egress_extensions = EgressExtensionIds { transport_cc: Some(5), ..EgressExtensionIds::default() };
    let config = PeerConfig { egress_extensions, ..span.home.publishers[0].publisher.config() };
    span.away.plane.configure(span.guest, config);
    span.watch();
    span.run(500);
    assert_eq!(span.away.plane.survey().estimates, [0; ESTIMATE_BOUNDS.len() + 1]);
}

#[test]
fn what_the_relay_loses_is_mended_by_a_keyframe() {
    let mut span = Span::new(Traits::new(1));
    let receiver = span.watch();
    span.run(1000);
    span.loses = Some(50);
    span.run(3000);
    span.loses = None;
    let asked = span.home.publishers[0].publisher.keyframes_asked.len();
    assert!(asked > 1, "{asked}");
    span.run(2000);
    let got = &span.away.receivers[receiver].receiver;
    let video = &got.streams[&got.video_ssrc(0)];
    let last = frames(video, |_| Dress::Vp8 { wide: true });
    let fresh: Vec<_> = last.into_iter().rev().take(15).collect();
    assert_eq!(fresh.len(), 15);
}

#[test]
fn what_is_wanted_there_is_wanted_at_home() {
    let mut span = Span::new(Traits::new(1));
    let receiver = span.watch();
    span.run(1000);
    assert!(matches!(span.told().as_deref(), None | Some([0])));
    let to = span.away.receivers[receiver].key;
    span.away.plane.view(to, &"v0".into(), View::Hidden, span.away.time());
    span.run(4500);
    assert_eq!(span.told().as_deref(), Some(&[][..]));
    span.away.plane.view(to, &"v0".into(), View::of(640, 360), span.away.time());
    span.run(500);
    assert_eq!(span.told().as_deref(), Some(&[0][..]));
}

#[test]
fn nothing_is_left_of_a_guest_who_went() {
    let mut span = Span::new(Traits::new(1));
    span.watch();
    span.run(500);
    span.away.plane.remove_peer(span.guest);
    span.away.plane.flush(span.away.time(), &mut Sent::default());
    let sizes = span.away.plane.sizes();
    assert_eq!((sizes.peers, sizes.publications, sizes.streams, sizes.groups), (1, 0, 0, 0));
    span.away.plane.ingest_rtp(span.guest, &[0x80; 40], span.away.time());
    span.away.plane.relayed_feedback(span.guest, &wire::pli(1), span.away.time());
}
