//! Streams of strangers: none is answered, none stays, and neighbours do not notice.

use crate::house::House;
use bot::{Bot, Carrier, Credentials, Mischief, Options, binding_request};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

fn stranger(house: &House) -> TcpStream {
    let stream = TcpStream::connect(house.running.udp_addrs()[0]).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn framed(datagram: &[u8]) -> Vec<u8> {
    [&u16::try_from(datagram.len()).unwrap().to_be_bytes(), datagram].concat()
}

/// Nothing comes, and then it ends.
fn assert_ends_without_a_word(mut stream: TcpStream) {
    match stream.read(&mut [0; 64]) {
        Ok(0) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

async fn until(house: &House, what: &str, condition: impl Fn(&transport::CounterValues) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let counted = house.report().await.transport;
        if condition(&counted) {
            return;
        }
        assert!(Instant::now() < deadline, "not in time: {what}\n{counted:#?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Two in a room of their own, by streams.
async fn neighbours(house: &House) -> (Bot, Bot) {
    let publisher = house.admit(Options::publisher(&house.url, "next-door").by(Carrier::Tcp)).await;
    let watcher = house.admit(Options::subscriber(&house.url, "next-door").by(Carrier::Tcp)).await;
    watcher.receives(100).await.unwrap();
    (publisher, watcher)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_begins_with_anything_but_a_believed_check_is_closed_unanswered() {
    let house = House::open().await;
    let (_publisher, watcher) = neighbours(&house).await;
    let right = watcher.answer().ice.clone();
    let check = |ice: &Credentials| framed(&binding_request(watcher.ice(), ice, [5; 12], true));
    let forged = Credentials { password: "guess".to_owned(), ..right.clone() };
    let nobody = Credentials { ufrag: "nobody".to_owned(), ..right.clone() };
    let binding_without_credentials =
        [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let beginnings = [
        check(&forged),
        check(&nobody),
        framed(&binding_without_credentials),
        framed(&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]),
        framed(&[128, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2]),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        vec![0xff; 4000],
    ];
    for beginning in &beginnings {
        let mut stream = stranger(&house);
        stream.write_all(beginning).unwrap();
        tokio::task::spawn_blocking(move || assert_ends_without_a_word(stream)).await.unwrap();
    }
    let counted = house.report().await.transport;
    assert_eq!(
        counted.streams_disbelieved + counted.streams_too_long,
        beginnings.len() as u64,
        "{counted:#?}"
    );
    assert_eq!(house.report().await.addresses, 2);
    watcher.receives(100).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_longer_than_any_that_is_taken_ends_the_stream() {
    let house = House::open().await;
    let (publisher, watcher) = neighbours(&house).await;
    publisher.play(Mischief::Datagram(vec![128; 2049]));
    publisher.until("its stream ends", |stats, _| stats.stream_ended).await.unwrap();
    until(&house, "it is counted", |counted| counted.streams_too_long == 1).await;
    assert!(!watcher.stats().stream_ended, "the other's goes on");
}

/// They are closed when their time is over, or when there are too many of them; who has something to say gets in all
/// the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_streams_that_say_nothing_keeps_nobody_out() {
    let house = House::open().await;
    let (_publisher, watcher) = neighbours(&house).await;
    // More than may be open from one address.
    let silent: Vec<TcpStream> = (0..300).map(|_| stranger(&house)).collect();
    until(&house, "some are refused", |counted| counted.streams_refused_address > 0).await;
    watcher.receives(100).await.unwrap();
    until(&house, "the silent are closed", |counted| {
        counted.streams_silent + counted.streams_refused_address == 300
            && counted.streams_closed == counted.streams_silent
    })
    .await;
    for stream in silent.into_iter().take(3) {
        tokio::task::spawn_blocking(move || assert_ends_without_a_word(stream)).await.unwrap();
    }
    let late = house.admit(Options::subscriber(&house.url, "next-door").by(Carrier::Tcp)).await;
    late.receives(50).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_ice_tcp_there_is_no_candidate_and_no_listener() {
    let house = House::with(|config| config.no_ice_tcp = true).await;
    let bot = house.admit(Options::subscriber(&house.url, "tea")).await;
    assert!(bot.answer().passive.is_empty());
    assert!(TcpStream::connect(house.running.udp_addrs()[0]).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tcp_port_that_is_taken_is_told_with_what_to_do() {
    use clap::Parser;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = format!("--udp={}", taken.local_addr().unwrap());
    let config = server::Config::parse_from(["madang", "--http=127.0.0.1:0", "--workers=1", &udp]);
    let told = server::start(&config).await.err().map(|error| error.to_string()).unwrap();
    assert!(told.contains("cannot listen on TCP") && told.contains("--no-ice-tcp"), "{told}");
}
