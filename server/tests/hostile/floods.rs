//! Floods at the media port, and what is another's: no answer, no memory, nobody harmed.

use crate::house::House;
use crate::neighbours::{Neighbours, has_its_keys, until};
use bot::{Credentials, Mischief, Options, binding_request};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

fn stranger(house: &House) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(house.running.udp_addrs()[0]).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn is_unanswered(socket: &UdpSocket) -> bool {
    socket.recv(&mut [0; 2048]).is_err()
}

/// A handshake message of such a length, of which this part is in one DTLS record.
fn fragment(record: u16, len: u16, offset: u16, part: &[u8]) -> Vec<u8> {
    let part_len = u16::try_from(part.len()).unwrap();
    let mut bytes = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0];
    bytes.extend(record.to_be_bytes());
    bytes.extend((12 + part_len).to_be_bytes());
    bytes.extend([1, 0]);
    bytes.extend(len.to_be_bytes());
    bytes.extend([0, 0, 0]);
    bytes.extend(offset.to_be_bytes());
    bytes.push(0);
    bytes.extend(part_len.to_be_bytes());
    bytes.extend(part);
    bytes
}

/// A whole one, as OpenSSL would begin.
fn client_hello() -> Vec<u8> {
    let mut hello = vec![0xfe, 0xfd];
    hello.extend([7; 32]);
    // No session, no cookie, one cipher suite, no compression, no extensions.
    hello.extend([0, 0, 0, 2, 0xc0, 0x2b, 1, 0]);
    fragment(0, u16::try_from(hello.len()).unwrap(), 0, &hello)
}

/// Whose ufrag is known and whose MESSAGE-INTEGRITY is wrong costs an HMAC: a hundred a second and address, no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_forged_checks_is_cut_off_and_never_answered() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let watcher = &neighbours.watcher;
    let forged = Credentials { password: "guess".to_owned(), ..watcher.answer().ice.clone() };
    let socket = stranger(&house);
    let before = house.report().await.transport;
    let began = Instant::now();
    for number in 0..2000u16 {
        let [high, low] = number.to_be_bytes();
        let check = binding_request(watcher.ice(), &forged, [high, low, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], true);
        // What the kernel drops of it never came.
        let _ = socket.send(&check);
    }
    until(&house, "it is cut off", |report| {
        report.transport.stun_over_budget > before.stun_over_budget + 100
    })
    .await;
    let after = house.report().await.transport;
    let seconds = began.elapsed().as_secs() + 2;
    assert!(after.bad_integrity - before.bad_integrity <= 100 * seconds, "{after:#?}");
    assert!(is_unanswered(&socket));
    // They have the same address, and their own checks are believed all the while.
    neighbours.are_unharmed().await;
}

/// CVE-2023-51443: whoever sends a hello first was taken for the participant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_hello_from_a_5_tuple_that_ice_has_not_validated_is_dropped() {
    let house = House::open().await;
    let waiting = Options { media: false, ..Options::subscriber(&house.url, "tea") };
    let mut bot = bot::Bot::join(waiting).await.unwrap();
    let before = house.report().await;
    let socket = stranger(&house);
    for _ in 0..100 {
        socket.send(&client_hello()).unwrap();
    }
    until(&house, "all are dropped", |report| {
        report.transport.unknown_address >= before.transport.unknown_address + 100
    })
    .await;
    assert_eq!(house.report().await.addresses, before.addresses);
    assert!(is_unanswered(&socket), "no amplification");
    // The handshake that counts is that of who has the password.
    bot.begin_media().unwrap();
    bot.connected().await.unwrap();
}

/// CVE-2022-29189. A participant whose 5-tuple is validated sends a hello in thousands of pieces, never the first; and a
/// million bytes that are said to be encrypted, before there is a key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_client_hello_fragments_are_bounded() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let silent = Options { media: false, ..Options::subscriber(&house.url, "tea") };
    let mallory = bot::Bot::join(silent).await.unwrap();
    let socket = stranger(&house);
    let check = binding_request(mallory.ice(), &mallory.answer().ice, [3; 12], true);
    let known = house.report().await.addresses;
    socket.send(&check).unwrap();
    until(&house, "it is validated", |report| report.addresses > known).await;
    let before = house.report().await.transport;
    let send = |datagram: &[u8]| {
        // As fast as the PeerConnection takes them.
        std::thread::sleep(Duration::from_micros(20));
        let _ = socket.send(datagram);
    };
    for offset in 1..20_000u16 {
        send(&fragment(offset, 20_000, offset, &[9]));
    }
    // Then the first: it would join them all.
    send(&fragment(20_000, 20_000, 0, &[9]));
    for number in 0..1000u16 {
        let mut record = vec![23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0];
        record.extend(number.to_be_bytes());
        record.extend(1000u16.to_be_bytes());
        record.resize(1013, 5);
        send(&record);
    }
    let dropped = |counted: transport::CounterValues| counted.foreign_dtls + counted.inbox_full;
    until(&house, "the rest is dropped", |report| dropped(report.transport) > dropped(before) + 10_000).await;
    neighbours.are_unharmed().await;
}

/// Larger than the media plane keeps: as long as a frame of an odd network, and as a datagram may be at most.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_rtp_is_dropped_and_counted() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mallory = house.admit(Options { audio: false, ..Options::participant(&house.url, "tea", 1) }).await;
    has_its_keys(&mallory).await;
    let before = house.report().await.forward.oversized;
    let ssrc = mallory.sends().audio;
    for len in [1500, 1900, 9000, 60_000] {
        mallory.play(Mischief::Oversized { ssrc, len });
    }
    until(&house, "the media plane drops them", |report| report.forward.oversized == before + 4).await;
    neighbours.are_unharmed().await;
}

/// An SSRC is its sender's own: who sends with another's is not heard as that one, and not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anothers_ssrc_gives_nobody_his_voice() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mallory = house.admit(Options::participant(&house.url, "next-door", 1)).await;
    mallory.receives(50).await.unwrap();
    let before = house.report().await.forward;
    let theirs = neighbours.publisher.sends();
    for ssrc in [theirs.audio, theirs.video, theirs.rtx] {
        for _ in 0..20 {
            mallory.play(Mischief::UnknownSsrc { mid: None, ssrc });
        }
    }
    // Sealed alike, the later ones of each are replays.
    until(&house, "each was dropped", |report| report.forward.unknown_ssrc >= before.unknown_ssrc + 3).await;
    neighbours.are_unharmed().await;
}

/// A packet that was seen on its way is of no use from anywhere else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anothers_packets_are_not_taken_from_ones_own_5_tuple() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mallory = house.admit(Options::participant(&house.url, "next-door", 1)).await;
    has_its_keys(&mallory).await;
    let before = house.report().await.transport;
    let stolen = neighbours.publisher.last_sealed().unwrap();
    for _ in 0..20 {
        mallory.play(Mischief::Datagram(stolen.clone()));
    }
    until(&house, "none authenticates", |report| report.transport.not_authentic >= before.not_authentic + 20)
        .await;
    neighbours.are_unharmed().await;
}
