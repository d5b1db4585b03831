//! Whoever comes by a stream gets and gives all that others do.

use crate::house::House;
use bot::{Bot, Carrier, Channel, Options};
use signal::{DataIn, DataKind, DataOut, DataTo};
use std::time::Duration;

/// Far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: never"));
}

/// Every packet there, once, in order, of the one who sends: from the first that could be opened, since media may
/// overtake the last flight of the handshake.
async fn assert_whole(bot: &Bot) {
    // A voice may be a while later than the first pictures.
    let in_each = "something in each slot";
    bot.until(in_each, |stats, _| stats.received.values().all(|slot| slot.packets > 0)).await.unwrap();
    let stats = bot.stats();
    assert_eq!(stats.unknown_ssrc, 0, "{stats:#?}");
    for slot in stats.received.values() {
        let jumps = (slot.time_breaks, slot.picture_breaks, slot.bad_starts, slot.sources);
        assert_eq!(jumps, (0, 0, 0, 1), "{slot:#?}");
        assert!(!slot.video || slot.lost == 0, "{slot:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_flows_both_ways_over_tcp_alone() {
    let house = House::open().await;
    let publisher = house.admit(Options::publisher(&house.url, "tea").by(Carrier::Tcp)).await;
    let watcher = house.admit(Options::subscriber(&house.url, "tea").by(Carrier::Tcp)).await;
    watcher.receives(600).await.unwrap();
    assert_whole(&watcher).await;
    let report = house.report().await.transport;
    assert_eq!((report.datagrams_in, report.datagrams_out), (0, 0), "nothing by UDP");
    assert_eq!((report.streams_opened, report.streams_closed), (2, 0));
    assert!(report.stream_frames_in > 600 && report.stream_frames_out > 600, "{report:?}");
    // The path's bandwidth is estimated as over UDP.
    assert!(watcher.stats().sent.feedback > 0);
    drop(publisher);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_cut_anywhere_are_put_together_again() {
    let house = House::open().await;
    let _publisher = house.admit(Options::publisher(&house.url, "tea").by(Carrier::Shredded)).await;
    let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
    watcher.receives(600).await.unwrap();
    assert_whole(&watcher).await;
    let report = house.report().await.transport;
    assert_eq!(
        (report.not_multiplexed, report.bad_srtp, report.not_authentic, report.bad_stun),
        (0, 0, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_channels_work_over_a_stream() {
    let house = House::open().await;
    let options = || Options::subscriber(&house.url, "tea").by(Carrier::Tcp).with_data();
    let (ada, bob) = (house.admit(options()).await, house.admit(options()).await);
    until("the channels open", || house.running.data_counts().members == 2).await;
    let frame =
        DataOut { to: DataTo::Everybody, kind: DataKind::Text, payload: "마당".as_bytes() }.write().unwrap();
    until("hers open", || ada.data(|data| data.is_open()) == Some(true)).await;
    assert_eq!(ada.data(|data| data.send(Channel::Reliable, &frame)), Some(true));
    let mut heard = vec![];
    until("it is heard", || {
        heard.extend(bob.data(|data| data.take(Channel::Reliable)).unwrap_or_default());
        !heard.is_empty()
    })
    .await;
    assert_eq!(DataIn::read(&heard[0]).unwrap().payload, "마당".as_bytes());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_takes_over_from_udp_and_udp_from_the_stream() {
    let house = House::open().await;
    let _publisher = house.admit(Options::publisher(&house.url, "tea")).await;
    let watcher = house.admit(Options::subscriber(&house.url, "tea")).await;
    watcher.receives(100).await.unwrap();
    for (carrier, paths) in [(Carrier::Tcp, 2), (Carrier::Udp, 3), (Carrier::Tcp, 4)] {
        watcher.change_carrier(carrier);
        watcher.until("the new path answers", |stats, _| stats.paths_answered == paths).await.unwrap();
        let before = house.report().await.transport;
        watcher.receives(200).await.unwrap();
        let after = house.report().await.transport;
        let by_stream = after.stream_frames_out - before.stream_frames_out;
        assert_eq!(by_stream > 100, carrier == Carrier::Tcp, "{by_stream} frames");
    }
    // That of the first time ended with its use.
    let report = house.report().await.transport;
    assert_eq!((report.streams_opened, report.streams_closed), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_its_participant() {
    let house = House::open().await;
    let bot = house.admit(Options::subscriber(&house.url, "tea").by(Carrier::Tcp)).await;
    assert_eq!(house.report().await.addresses, 1);
    // Its media stays open; it only says goodbye.
    bot.say(signal::ClientMessage::Leave {}).await;
    bot.until("the server closes the stream", |stats, _| stats.stream_ended).await.unwrap();
    let report = house.report().await;
    assert_eq!((report.addresses, report.transport.streams_closed), (0, 1));
    assert_eq!(house.counts().await.participants, 0);
}

/// One that does not read loses whole frames, which are counted, and nothing that it reads later is out of step. Nobody
/// else notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_loses_whole_frames() {
    let house = House::open().await;
    let camera = bot::Video { packets_per_frame: 60, burst: 60, ..bot::Video::default() };
    let sending = Options { video: Some(camera), ..Options::publisher(&house.url, "tea") };
    let _publisher = house.admit(sending).await;
    let quick = house.admit(Options::subscriber(&house.url, "tea").by(Carrier::Tcp)).await;
    let options = Options { reports_arrivals: false, ..Options::subscriber(&house.url, "tea") };
    let slow = house.admit(options.by(Carrier::Tcp)).await;
    slow.receives(200).await.unwrap();
    // Media may overtake the last flight of the handshake, and then cannot be opened.
    let early = slow.stats().refused;
    slow.stop_reading(true);
    let dropped = async {
        while house.report().await.transport.stream_dropped < 500 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, dropped).await.expect("frames are dropped");
    quick.receives(500).await.unwrap();
    slow.stop_reading(false);
    slow.receives(1000).await.unwrap();
    let stats = slow.stats();
    assert_eq!((stats.refused, stats.unknown_ssrc, stats.stream_ended), (early, 0, false), "{stats:#?}");
    assert!(stats.is_connected());
}
