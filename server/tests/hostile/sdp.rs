//! What an offer may hold.

use crate::house::House;
use crate::neighbours::{Neighbours, until};
use crate::signaling::{good_offer, is_told, join, may_join};
use bot::signaling::Signaling;
use signal::ErrorCode;

/// The good offer without the lines that begin so.
fn without(prefix: &str) -> String {
    let kept: Vec<_> =
        good_offer().lines().filter(|line| !line.starts_with(prefix)).map(str::to_owned).collect();
    kept.join("\r\n") + "\r\n"
}

/// So many m-lines of few words, in a message that is not too large.
fn bare_lines(count: usize) -> String {
    let mids: Vec<String> = (0..count).map(|mid| mid.to_string()).collect();
    let session =
        format!("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n", mids.join(" "));
    let lines =
        mids.iter().map(|mid| format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{mid}\r\na=recvonly\r\n"));
    session + &lines.collect::<String>()
}

/// A good offer grown to so many m-lines.
fn with_lines(count: usize) -> String {
    let offer = good_offer();
    let (session, lines) = offer.split_once("m=").unwrap();
    let line = lines.split("m=").next().unwrap();
    let mids: Vec<String> = (0..count).map(|mid| mid.to_string()).collect();
    let mut grown = session.replace("BUNDLE 0 1 2 3", &format!("BUNDLE {}", mids.join(" ")));
    for mid in mids {
        grown += "m=";
        grown += &line.replace("a=mid:0", &format!("a=mid:{mid}"));
    }
    grown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_cannot_be_answered_is_refused_and_leaves_nothing_behind() {
    let house = House::open().await;
    let neighbours = Neighbours::move_in(&house).await;
    let mut before = house.report().await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    let good = good_offer();
    let long_line = format!("{good}a={}\r\n", "x".repeat(400_000));
    let many_formats: Vec<String> = (0..2000).map(|format| format.to_string()).collect();
    let hostile = [
        ("empty", String::new()),
        ("white", "\r\n\r\n".to_owned()),
        ("no sdp", "hello".to_owned()),
        ("cut short", good.split("a=ice-pwd").next().unwrap().to_owned()),
        ("no m-line", good.split("m=").next().unwrap().to_owned()),
        ("1,000 m-lines", bare_lines(1000)),
        ("141 m-lines", with_lines(141)),
        ("no ufrag", without("a=ice-ufrag")),
        ("no password", without("a=ice-pwd")),
        ("no fingerprint", without("a=fingerprint")),
        ("no mid", without("a=mid")),
        ("no group", without("a=group")),
        ("one mid twice", good.replace("a=mid:1", "a=mid:0")),
        ("a long mid", good.replace("a=mid:3", &format!("a=mid:{}", "3".repeat(500)))),
        ("a strange fingerprint", good.replace("sha-256 AB:", "sha-256 nothing:")),
        ("a line break in the ufrag", good.replace("a=ice-ufrag:", "a=ice-ufrag:\u{b}")),
        ("2,000 formats", good.replace("SAVPF 111", &format!("SAVPF {}", many_formats.join(" ")))),
    ];
    for (what, sdp) in hostile {
        println!("{what}");
        socket.speaker.say(&join("tea", sdp)).await.unwrap();
        is_told(&mut socket, ErrorCode::BadOffer).await;
    }
    socket.speaker.say(&join("tea", long_line)).await.unwrap();
    // Answered or refused, but not with a crash.
    let _ = socket.listener.next().await.unwrap();
    drop(socket);
    until(&house, "no peer is left", |report| report.peers == before.peers).await;
    let mut after = house.report().await;
    // Packets that are missing just now are no matter.
    (before.sizes.missing, after.sizes.missing) = (0, 0);
    assert_eq!((after.ufrags, after.sizes), (before.ufrags, before.sizes));
    assert_eq!(house.counts().await.rooms, 1);
    neighbours.are_unharmed().await;
}

/// Larger than an offer may be, smaller than a message may be, and larger than that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enormous_offer_is_refused() {
    let house = House::open().await;
    let line = format!("a={}\r\n", "x".repeat(998));
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    let much = good_offer() + &line.repeat(500);
    socket.speaker.say(&join("tea", much)).await.unwrap();
    let _ = socket.listener.next().await.unwrap();
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    let too_much = good_offer() + &line.repeat(600);
    socket.speaker.say(&join("tea", too_much)).await.unwrap();
    is_told(&mut socket, ErrorCode::MessageTooLarge).await;
}

/// As many m-lines as may be: 138 slots are more than a peer has, and answered all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_offer_is_answered() {
    let house = House::open().await;
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    socket.speaker.say(&join("tea", with_lines(140))).await.unwrap();
    let answer = socket.listener.next().await;
    assert!(matches!(answer, Ok(signal::ServerMessage::Joined { .. })), "{answer:?}");
}

/// Each offer that is refused after a good one leaves the good one in force.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_second_offer_changes_nothing() {
    let house = House::open().await;
    let publisher = house.admit(bot::Options::publisher(&house.url, "tea")).await;
    let watcher = house.admit(bot::Options::subscriber(&house.url, "tea")).await;
    for (id, sdp) in [(1, String::new()), (2, without("a=fingerprint")), (3, "x".repeat(500_000))] {
        let offer = signal::ClientMessage::Offer { id: signal::OfferId(id), sdp: signal::Sdp(sdp) };
        watcher.say(offer).await;
        watcher.until("refused", |_, roster| roster.errors.len() == id as usize).await.unwrap();
    }
    let codes: Vec<ErrorCode> = watcher.roster().errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, [ErrorCode::BadOffer; 3]);
    watcher.receives(100).await.unwrap();
    drop(publisher);
    let mut socket = Signaling::connect(&house.url).await.unwrap();
    may_join(&mut socket).await;
}
