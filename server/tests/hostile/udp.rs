//! What arrives at the media port. A stranger has no keys; a participant has its own.

use crate::house::House;
use crate::neighbours::{Neighbours, has_its_keys, until};
use bot::{Credentials, Mischief, Options, binding_request};
use std::net::UdpSocket;

fn stranger(house: &House) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(house.running.udp_addrs()[0]).unwrap();
    socket
}

/// Cheap, repeatable noise.
fn noise(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let step = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8).to_be_bytes()[3]
    };
    std::iter::repeat_with(step).take(len).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_dropped_and_counted() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let before = house.report().await.transport;
    let socket = stranger(&house);
    let stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    let mut sent = 0;
    for round in 0..200u32 {
        for first in [0u8, 1, 3, 4, 19, 22, 63, 64, 127, 128, 144, 191, 192, 255] {
            let mut datagram = noise(round * 256 + u32::from(first), (round as usize * 7) % 1400 + 1);
            datagram[0] = first;
            sent += u64::from(socket.send(&datagram).is_ok());
        }
        // Truncated STUN, an empty datagram, the largest there is.
        sent += u64::from(socket.send(&stun[..(round as usize) % 9]).is_ok());
        sent += u64::from(socket.send(&[]).is_ok());
        if round % 20 == 0 {
            for first in [0u8, 22, 128] {
                let mut datagram = vec![first; 65_507];
                datagram[1] = round.to_be_bytes()[3];
                sent += u64::from(socket.send(&datagram).is_ok());
            }
            house.report().await;
        }
    }
    assert!(sent > 3000);
    until(&house, "all were counted", |report| {
        let now = report.transport;
        // What the kernel dropped of such a flood is counted there.
        now.not_multiplexed > before.not_multiplexed
            && now.bad_stun > before.bad_stun
            && now.unknown_address > before.unknown_address
    })
    .await;
    let after = house.report().await;
    assert_eq!(after.addresses, 2, "a stranger's address is not learnt");
    assert_eq!(after.transport.not_authentic, before.not_authentic, "nothing of it was opened");
    neighbours.are_unharmed().await;
}

/// Without the password no check is believed, whatever else is right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_check_moves_nobodys_media() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let watcher = &neighbours.watcher;
    let socket = stranger(&house);
    socket.set_nonblocking(true).unwrap();
    let before = house.report().await;
    let right = &watcher.answer().ice;
    // Fewer than a second's budget of failures, which all here share.
    for number in 0..40u8 {
        let forged = Credentials { ufrag: right.ufrag.clone(), password: format!("guess{number}") };
        socket.send(&binding_request(watcher.ice(), &forged, [number; 12], true)).unwrap();
        let nobody = Credentials { ufrag: format!("no{number}"), password: right.password.clone() };
        socket.send(&binding_request(watcher.ice(), &nobody, [number; 12], true)).unwrap();
    }
    until(&house, "all were disbelieved", |report| {
        report.transport.bad_integrity >= before.transport.bad_integrity + 40
            && report.transport.unknown_ufrag >= before.transport.unknown_ufrag + 40
    })
    .await;
    assert_eq!(house.report().await.addresses, before.addresses);
    neighbours.are_unharmed().await;
    assert!(socket.recv(&mut [0; 2048]).is_err(), "a stranger is not even answered");
}

/// MESSAGE-INTEGRITY does not cover the sender's address (RFC 8489 §14.5), so whoever has seen a check on
/// its way can send it again from elsewhere. The transaction id is what gives it away: one that has been
/// believed from one address is not believed from another. What remains is an attacker who can also hold
/// back the original, and such a one can hold back the media as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_replayed_from_another_address_moves_nobodys_media() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let watcher = &neighbours.watcher;
    let check = binding_request(watcher.ice(), &watcher.answer().ice, [9; 12], true);
    let before = house.report().await;
    watcher.play(Mischief::Datagram(check.clone()));
    watcher.receives(20).await.unwrap();
    let socket = stranger(&house);
    socket.set_nonblocking(true).unwrap();
    for _ in 0..10 {
        socket.send(&check).unwrap();
    }
    until(&house, "all were disbelieved", |report| {
        report.transport.replayed_check >= before.transport.replayed_check + 10
    })
    .await;
    assert_eq!(house.report().await.addresses, before.addresses);
    neighbours.are_unharmed().await;
    assert!(socket.recv(&mut [0; 2048]).is_err(), "no media came this way");
}

/// Properly sealed, by a participant, of an SSRC it never declared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_ssrc_is_dropped_and_counted() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mallory = house.admit(Options::participant(&house.url, "tea", 1)).await;
    let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
    watcher.receives(100).await.unwrap();
    let before = house.report().await.forward;
    for number in 0..40 {
        mallory.play(Mischief::UnknownSsrc { mid: None, ssrc: 0x7000_0000 + number });
        let mid = Some("nowhere".to_owned());
        mallory.play(Mischief::UnknownSsrc { mid, ssrc: 0x7100_0000 + number });
    }
    until(&house, "all were dropped", |report| {
        let (forward, transport) = (report.forward, report.transport);
        forward.unknown_ssrc - before.unknown_ssrc + transport.bad_srtp >= 80
    })
    .await;
    watcher.receives(100).await.unwrap();
    assert_eq!(watcher.stats().unknown_ssrc, 0);
    neighbours.are_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replayed_media_is_dropped_and_counted() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let before = house.report().await.transport;
    for _ in 0..100 {
        neighbours.publisher.play(Mischief::Replay);
    }
    until(&house, "all were dropped", |report| report.transport.replayed >= before.replayed + 100).await;
    neighbours.are_unharmed().await;
    let stats = neighbours.watcher.stats();
    assert!(stats.received.values().all(|slot| slot.duplicates == 0), "{stats:#?}");
}

/// Keyframe requests for everything, NACKs for everything, reports of nonsense, and plain garbage, all
/// sealed as they should be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealed_nonsense_is_survived() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mallory = house.admit(Options::participant(&house.url, "tea", 1)).await;
    has_its_keys(&mallory).await;
    for round in 0..100u32 {
        let mut compound = noise(round, (round as usize * 12) % 1180 + 8);
        compound[0] = 0x80 | (round & 0x3f) as u8;
        compound[1] = 200 + (round % 8) as u8;
        mallory.play(Mischief::Rtcp(compound));
    }
    for ssrc in mallory.answer().slots.iter().map(|slot| slot.ssrc).chain(0..50) {
        let mut nack = vec![0x81, 205, 0, 200, 0, 0, 0, 1];
        nack.extend(ssrc.to_be_bytes());
        nack.extend((0..198u16).flat_map(|item| [(item * 17).to_be_bytes(), [0xff, 0xff]].concat()));
        mallory.play(Mischief::Rtcp(nack));
        let mut pli = vec![0x81, 206, 0, 2, 0, 0, 0, 1];
        pli.extend(ssrc.to_be_bytes());
        mallory.play(Mischief::Rtcp(pli));
    }
    until(&house, "it was looked at", |report| report.forward.malformed_rtcp > 0).await;
    neighbours.are_unharmed().await;
}

/// DTLS records that do not authenticate, an alert in the clear among them (RFC 6347 §4.1.2.7: dropped).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_dtls_does_not_end_a_connection() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    for epoch in [0u8, 1, 2] {
        for kind in 20..=25u8 {
            let mut record = vec![kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 1, 0, 0, 2];
            record.extend([2, 0]);
            neighbours.watcher.play(Mischief::Datagram(record.clone()));
            record[12] = 200;
            neighbours.publisher.play(Mischief::Datagram(record));
        }
    }
    neighbours.watcher.receives(500).await.unwrap();
    neighbours.are_unharmed().await;
}
