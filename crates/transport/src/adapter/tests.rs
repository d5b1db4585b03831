//! The contract with `webrtc` =0.21.1: what its public API does not promise and the media plane needs.
//! When an upgrade changes any of it, one of these fails, and nobody's media is at risk.

use super::keys::{KeyTap, watched};
use super::*;
use crate::counters::Counters;
use crate::path::Path;
use crate::sdp::{AnswerContext, LocalTransport, Offer, Setup, SlotIdentity, write_answer};
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use std::net::UdpSocket;
use std::sync::atomic::Ordering::Relaxed;
use webrtc::runtime::TokioRuntime;

const DATA: DataConfig = DataConfig { reliable: 1, unreliable: 2, message: 1000, buffer: 8000 };

/// Bounds a hang; nothing is measured.
const HANG: Duration = Duration::from_mins(1);

/// A browser's part, played by `webrtc` with a socket of its own.
struct Browser {
    pc: Arc<dyn PeerConnection>,
    keys: Arc<KeyTap>,
    states: mpsc::Receiver<ConnectionState>,
}

impl Browser {
    async fn new(profile: SrtpProtectionProfile) -> Self {
        let keys = Arc::new(KeyTap::default());
        let provider = rtc::crypto::default_provider().unwrap();
        let settings = SettingEngineBuilder::new()
            .with_crypto_provider(watched(provider, keys.clone(), None))
            .with_include_loopback_candidate(true)
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .with_srtp_protection_profiles(vec![profile])
            .build();
        let mut media = MediaEngine::default();
        media.register_default_codecs().unwrap();
        let (states, receiver) = mpsc::channel(STATE_QUEUE);
        let building = PeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().build())
            .with_media_engine(media)
            .with_setting_engine(settings)
            .with_interceptor_registry(Registry::new())
            .with_handler(Arc::new(StateEvents { states, inbox: Arc::default() }))
            .with_runtime(Arc::new(TokioRuntime))
            .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
            .build();
        let pc: Arc<dyn PeerConnection> = Arc::new(Box::pin(building).await.unwrap());
        let receive =
            RTCRtpTransceiverInit { direction: RTCRtpTransceiverDirection::Recvonly, ..Default::default() };
        pc.add_transceiver_from_kind(RtpCodecKind::Audio, Some(receive)).await.unwrap();
        Self { pc, keys, states: receiver }
    }

    async fn offer(&self) -> Offer {
        let offer = self.pc.create_offer(None).await.unwrap();
        self.pc.set_local_description(offer.clone()).await.unwrap();
        Offer::parse(&offer.sdp).unwrap()
    }
}

/// A server's socket, and everything that arrives at it handed to one connection.
fn outlet(inbox: Arc<Inbox>) -> (Arc<Outlet>, std::net::SocketAddr) {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
    let address = socket.local_addr().unwrap();
    let receiving = socket.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((len, from)) = receiving.recv_from(&mut buffer) {
            inbox.push(&buffer[..len], Path::Udp(from));
        }
    });
    (Arc::new(Outlet { socket, streams: None, counters: Arc::default() }), address)
}

async fn connected(states: &mut mpsc::Receiver<ConnectionState>) {
    let wait = async { while states.recv().await.expect("still there") != ConnectionState::Connected {} };
    tokio::time::timeout(HANG, wait).await.expect("connects");
}

async fn keys_agree(offered: SrtpProtectionProfile, expected: Profile, setup: Setup) {
    let inbox = Arc::new(Inbox::default());
    let (outlet, address) = outlet(inbox.clone());
    let identity = Identity::generate().unwrap();
    let (connection, mut states) = Connection::open(&identity, inbox, outlet, DATA).await.unwrap();
    let mut browser = Browser::new(offered).await;
    let offer = Offer { setup, ..browser.offer().await };
    let local = connection.answer(&offer, false).await.unwrap();
    assert_eq!(local.setup, setup.answered());
    let transport = LocalTransport {
        ice_ufrag: local.ice_ufrag,
        ice_pwd: local.ice_pwd,
        fingerprint: local.fingerprint,
        setup: local.setup,
        candidates: vec![address],
        ice_tcp: false,
    };
    let slot = SlotIdentity { ssrc: 1, rtx: None, stream: "seat0".to_owned() };
    let context = AnswerContext {
        local: &transport,
        session: 1,
        version: 1,
        slot: &|_| Some(slot.clone()),
        message: DATA.message,
    };
    let answer = RTCSessionDescription::answer(write_answer(&offer, &context)).unwrap();
    browser.pc.set_remote_description(answer).await.unwrap();
    connected(&mut states).await;
    connected(&mut browser.states).await;

    let ours = connection.keys().await.unwrap();
    assert_eq!(ours.profile, expected);
    let theirs = KeyingMaterial::from_exporter(expected, &browser.keys.exported().unwrap()).unwrap();
    let theirs = match setup {
        Setup::Speaks => theirs,
        Setup::Waits => theirs.swapped(),
    };
    for (ours, theirs) in [(&ours.client, &theirs.client), (&ours.server, &theirs.server)] {
        assert_eq!((ours.key, &ours.salt), (theirs.key, &theirs.salt));
    }
    assert_ne!(ours.client.key, ours.server.key);
    connection.close().await;
    browser.pc.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ends_export_the_same_gcm_keys() {
    keys_agree(SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm, Profile::AeadAes128Gcm, Setup::Speaks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_our_hello_is_said_hello_to() {
    keys_agree(SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm, Profile::AeadAes128Gcm, Setup::Waits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ends_export_the_same_cm_keys() {
    keys_agree(SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80, Profile::Aes128CmSha1_80, Setup::Speaks)
        .await;
}

/// A check as a browser makes it.
fn check(local: &LocalDescription, remote_ufrag: &str, transaction: u8, nominates: bool) -> Vec<u8> {
    let attribute = |kind: u16, value: &[u8]| {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    let username = format!("{}:{remote_ufrag}", local.ice_ufrag);
    let mut attributes = attribute(0x0006, username.as_bytes());
    attributes.extend(attribute(0x802a, &[7; 8]));
    attributes.extend(attribute(0x0024, &[1; 4]));
    if nominates {
        attributes.extend(attribute(0x0025, &[]));
    }
    let length = u16::try_from(attributes.len() + 24).unwrap();
    let mut message =
        [&[0, 1][..], &length.to_be_bytes(), &[0x21, 0x12, 0xa4, 0x42], &[transaction; 12]].concat();
    message.extend(attributes);
    let mac = aws_lc_rs::hmac::sign(&crate::stun::integrity_key(&local.ice_pwd), &message);
    message.extend(attribute(0x0008, mac.as_ref()));
    message
}

/// The type and transaction of the next datagram. Waits for it off the runtime's threads.
async fn next_stun(socket: &Arc<UdpSocket>) -> ([u8; 2], u8) {
    let socket = socket.clone();
    let received = tokio::task::spawn_blocking(move || {
        let mut buffer = [0; 2048];
        socket.recv_from(&mut buffer).map(|_| ([buffer[0], buffer[1]], buffer[8]))
    });
    received.await.unwrap().expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_nomination_is_answered_and_no_check_is_sent() {
    let inbox = Arc::new(Inbox::default());
    let (outlet, address) = outlet(inbox.clone());
    let identity = Identity::generate().unwrap();
    let (connection, _states) = Connection::open(&identity, inbox, outlet, DATA).await.unwrap();
    let browser = Browser::new(SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm).await;
    let offer = browser.offer().await;
    let local = connection.answer(&offer, false).await.unwrap();
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
    socket.set_read_timeout(Some(HANG)).unwrap();
    // Each is sent once. A check of the agent's would come between the answers.
    for (transaction, nominates) in [(1, true), (2, false), (3, true)] {
        socket.send_to(&check(&local, &offer.ice_ufrag, transaction, nominates), address).unwrap();
        assert_eq!(next_stun(&socket).await, ([1, 1], transaction));
    }
    // New credentials: the agent begins anew.
    let restarted = Offer { ice_ufrag: "fresh".into(), ice_pwd: "x".repeat(24), ..offer };
    let local = connection.answer(&restarted, false).await.unwrap();
    for (transaction, nominates) in [(4, false), (5, true)] {
        socket.send_to(&check(&local, "fresh", transaction, nominates), address).unwrap();
        assert_eq!(next_stun(&socket).await, ([1, 1], transaction));
    }
    connection.close().await;
    browser.pc.close().await.unwrap();
}

#[test]
fn a_peer_connection_cannot_send_srtp() {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
    let counters = Arc::new(Counters::default());
    let outlet = Outlet { socket, streams: None, counters: counters.clone() };
    let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    for datagram in [[128, 96, 0, 0], [191, 200, 0, 0], [22, 1, 2, 3]] {
        outlet.send(&datagram, Path::Udp(to));
    }
    let mut buffer = [0; 16];
    let (len, _) = listener.recv_from(&mut buffer).unwrap();
    assert_eq!(buffer[..len], [22, 1, 2, 3], "DTLS passes, SRTP before it did not");
    assert_eq!(counters.foreign_srtp.load(Relaxed), 2);
}

fn at_nine() -> Path {
    Path::Udp("127.0.0.1:9".parse().unwrap())
}

#[test]
fn a_full_inbox_drops_the_newest() {
    let inbox = Inbox::default();
    let from = at_nine();
    assert!((0..128).all(|_| inbox.push(&[1], from) == Pushed::Taken));
    assert_eq!(inbox.push(&[1], from), Pushed::Full);
}

#[test]
fn what_comes_before_the_agent_knows_its_address_waits() {
    let inbox = Inbox::default();
    assert_eq!(inbox.push(&[22], at_nine()), Pushed::Taken);
    assert_eq!(inbox.pop(), None);
    inbox.open();
    assert_eq!(inbox.pop().map(|(datagram, _)| datagram), Some(vec![22]));
}

#[test]
fn a_nomination_that_the_agent_has_not_seen_is_not_repeated() {
    let inbox = Inbox::default();
    inbox.expect("a password");
    inbox.open();
    let local = LocalDescription {
        ice_ufrag: "ours".into(),
        ice_pwd: "p".repeat(24),
        fingerprint: Fingerprint { hash: String::new(), digest: String::new() },
        setup: String::new(),
    };
    let check = check(&local, "theirs", 1, true);
    assert_eq!(inbox.push(&check, at_nine()), Pushed::Taken);
    let next = || inbox.pop().map(|(datagram, _)| [datagram[0], datagram[1]]);
    inbox.confirm([1; 12]);
    assert_eq!([next(), next(), next()], [Some([0, 1]), Some([1, 1]), None]);
    inbox.confirm([2; 12]);
    assert_eq!([next(), next(), next()], [Some([1, 1]), Some([0, 1]), None], "now it has");
    inbox.confirm([3; 12]);
    assert_eq!([next(), next()], [Some([1, 1]), None], "once");
}

#[test]
fn timers_are_exact_until_neither_side_sends_but_stun() {
    let (inbox, from, wanted) = (Inbox::default(), at_nine(), Duration::from_millis(200));
    let later = |seconds| Instant::now() + Duration::from_secs(seconds);
    assert_eq!(inbox.sleep(wanted, later(99)), wanted, "before the handshake");
    let handshake = [22; 60];
    assert_eq!(inbox.push(&handshake, from), Pushed::Taken);
    assert_eq!(inbox.sleep(wanted, later(4)), wanted);
    let check = [0; 20];
    assert_eq!(inbox.push(&check, from), Pushed::Taken);
    assert_eq!(inbox.sleep(wanted, later(6)), Duration::from_secs(2));
    assert_eq!(inbox.sleep(Duration::from_secs(7), later(6)), Duration::from_secs(7));
}
