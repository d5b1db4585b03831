//! Transport-wide feedback, read back by a decoder written apart from the encoder.

use crate::support::link::Path;
use crate::support::publisher::{TWCC_ID, Traits};
use crate::support::receiver::Wants;
use crate::support::room::{Room, Sent};
use crate::support::wire::{self, Rtcp, Rtp};
use forward::{PeerKey, Plane, Time};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a feedback packet says: for each number from its base, the arrival in µs.
#[derive(Debug)]
struct Feedback {
    base: u16,
    count: u8,
    arrivals: Vec<Option<u64>>,
}

/// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, bit by bit.
fn decode(packet: &Rtcp) -> Feedback {
    let body = &packet.body;
    let base = u16::from_be_bytes([body[8], body[9]]);
    let statuses = usize::from(u16::from_be_bytes([body[10], body[11]]));
    let reference = u32::from_be_bytes([0, body[12], body[13], body[14]]);
    let mut symbols = vec![];
    let mut at = 16;
    while symbols.len() < statuses {
        let chunk = u16::from_be_bytes([body[at], body[at + 1]]);
        at += 2;
        match chunk >> 14 {
            0 | 1 => {
                let run = usize::from(chunk & 0x1fff);
                assert!(run > 0 && symbols.len() + run <= statuses, "a run of {run}");
                symbols.extend(vec![(chunk >> 13) & 3; run]);
            }
            2 => symbols.extend((0..14).map(|bit| (chunk >> (13 - bit)) & 1)),
            _ => symbols.extend((0..7).map(|pair| (chunk >> (12 - 2 * pair)) & 3)),
        }
    }
    assert!(symbols.len() < statuses + 14);
    assert!(symbols.drain(statuses..).all(|symbol| symbol == 0), "unused symbols are zero");
    let mut time = i64::from(reference) * 64_000;
    let arrivals = symbols.into_iter().map(|symbol| {
        let delta = match symbol {
            0 => return None,
            1 => {
                at += 1;
                i64::from(body[at - 1])
            }
            2 => {
                at += 2;
                i64::from(i16::from_be_bytes([body[at - 2], body[at - 1]]))
            }
            _ => panic!("a reserved symbol"),
        };
        time += delta * 250;
        Some(time.cast_unsigned())
    });
    let arrivals = arrivals.collect();
    assert!(body.len() - at < 4, "only padding follows");
    Feedback { base, count: body[15], arrivals }
}

fn feedbacks(sent: &Sent) -> Vec<Feedback> {
    let compounds = sent.0.iter().filter(|(_, out, _)| out.is_none());
    compounds
        .flat_map(|(_, _, bytes)| {
            assert!(bytes.len() <= 1200, "{}", bytes.len());
            wire::compound(bytes)
        })
        .filter(|packet| (packet.kind, packet.count) == (205, 15))
        .map(|packet| decode(&packet))
        .collect()
}

/// A plane with one publisher.
fn plane() -> (Plane, PeerKey) {
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), Path::default());
    (room.plane, room.publishers[publisher].key)
}

fn numbered(seq: u16) -> Vec<u8> {
    let extensions = vec![(TWCC_ID, seq.to_be_bytes().to_vec())];
    Rtp { payload_type: 111, ssrc: 0x1001, extensions, payload: vec![1; 10], ..Rtp::default() }.write()
}

#[derive(Clone, Debug)]
struct Step {
    lost: usize,
    micros: u64,
    /// Arrives this many packets late.
    late: usize,
}

fn step() -> impl Strategy<Value = Step> {
    let lost = prop_oneof![20 => Just(0), 3 => 1..4_usize, 1 => 20..60_usize, 1 => 200..300_usize];
    let micros =
        prop_oneof![10 => 0..3000_u64, 5 => 3000..70_000_u64, 1 => 60_000..300_000_u64, 1 => Just(9_000_000)];
    let late = prop_oneof![10 => Just(0), 1 => 1..5_usize];
    (lost, micros, late).prop_map(|(lost, micros, late)| Step { lost, micros, late })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn arrivals_come_back_within_a_tick(first in any::<u16>(), begin in 0..60_000_000_000_u64, steps in prop::collection::vec(step(), 1..300)) {
        let (mut plane, from) = plane();
        let mut order = vec![];
        let mut seq = u64::from(first) + (1 << 16);
        let mut lost = vec![];
        for (at, step) in steps.iter().enumerate() {
            lost.extend(seq..seq + u64::try_from(step.lost).unwrap());
            seq += u64::try_from(step.lost).unwrap();
            order.push((at + step.late, seq));
            seq += 1;
        }
        order.sort_by_key(|(at, _)| *at);
        let last = seq - 1;

        let mut arrived = BTreeMap::new();
        let mut told: BTreeMap<u64, u64> = BTreeMap::new();
        let mut count = None;
        let mut near = u64::from(first) + (1 << 16);
        let mut now = begin;
        let mut read = |plane: &mut Plane, now: u64, near: u64| -> Result<(), TestCaseError> {
            let mut sent = Sent::default();
            plane.flush(Time(now), &mut sent);
            for feedback in feedbacks(&sent) {
                prop_assert_eq!(count.map_or(feedback.count, |count: u8| count.wrapping_add(1)), feedback.count);
                count = Some(feedback.count);
                let step = feedback.base.wrapping_sub(near as u16).cast_signed();
                let base = near.checked_add_signed(i64::from(step)).unwrap();
                for (at, arrival) in (base..).zip(&feedback.arrivals) {
                    if let Some(micros) = arrival {
                        told.insert(at, *micros);
                    }
                }
            }
            Ok(())
        };
        for ((_, seq), step) in order.iter().zip(&steps) {
            now += step.micros;
            // Timers are kept as poll_timeout asks.
            while let Some(due) = plane.poll_timeout().filter(|due| due.0 < now) {
                plane.handle_timeout(due);
                read(&mut plane, due.0, near)?;
            }
            plane.ingest_rtp(from, &numbered(*seq as u16), Time(now));
            // A straggler further behind than this is forgotten, as limits.rs says.
            if near.saturating_sub(*seq) <= 512 {
                arrived.insert(*seq, now);
            }
            near = near.max(*seq);
            read(&mut plane, now, near)?;
        }
        now += 2_000_000;
        plane.handle_timeout(Time(now));
        read(&mut plane, now, last)?;

        for (seq, at) in &arrived {
            let told = told.get(seq);
            // 64 ms × 2²⁴ is when the reference time wraps.
            let wrapped = at % (64_000 << 24);
            prop_assert!(told.is_some_and(|told| told.abs_diff(wrapped) <= 250), "{} at {}: {:?}", seq, wrapped, told);
        }
        for seq in lost {
            prop_assert_eq!(told.get(&seq), None);
        }
    }
}

#[test]
fn covers_audio_video_and_rtx_of_a_peer() {
    let lossy = Path { loss_permille: 50, delay_millis: 20, jitter_millis: 5 };
    let mut room = Room::new();
    let publisher = room.publish(Traits::new(1), lossy);
    let receiver = room.receive(Wants::default(), Path::default());
    room.seat(receiver, 0, Some(publisher));
    room.run(10_000);
    let publisher = &room.publishers[publisher].publisher;
    let feedbacks: Vec<_> = publisher.feedback.iter().map(decode).collect();
    let received: usize = feedbacks.iter().map(|feedback| feedback.arrivals.iter().flatten().count()).sum();
    let sent = usize::from(publisher.transport_seq.wrapping_sub(65_500));
    // A twentieth is lost, and so is a twentieth of the feedback.
    assert!(received * 100 > sent * 85 && received < sent, "{received} of {sent}");
    assert!((150..=210).contains(&feedbacks.len()), "every 50 ms: {}", feedbacks.len());
}
