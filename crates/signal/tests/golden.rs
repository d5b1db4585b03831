//! Each message as it is on the wire, kept in `golden/`. A change of any of them is a change of the
//! protocol, and shows in review as one. `UPDATE_GOLDEN=1 cargo test -p signal` writes the files anew.

#![cfg(test)]

use serde::Serialize;
use serde_json::Value;
use signal::{
    AccessToken, CallNumber, ChatId, ChatMessage, ClientMessage, DirectSignal, ErrorCode, ErrorInfo, Held,
    Hold, IceCandidate, IceServer, LeaveReason, Limit, LineQuality, LinkQuality, ModerateAct, Moderation,
    OfferId, PROTOCOL_VERSION, ParticipantId, ParticipantInfo, Permissions, PublicationId, PublicationInfo,
    PublishTrack, Quality, Reaction, ResumeToken, RoomMode, RoomPassword, ServerMessage, SlotAssignment,
    SlotView, Source, Waiting, decode_client, decode_server, encode,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// One of each.
fn client_messages() -> Vec<ClientMessage> {
    let all = [
        (Source::Microphone, "0", false),
        (Source::Camera, "1", true),
        (Source::Screen, "2", false),
        (Source::ScreenAudio, "3", true),
    ];
    let publish = all.map(|(source, mid, muted)| PublishTrack { mid: mid.into(), source, muted });
    vec![
        ClientMessage::Join {
            version: PROTOCOL_VERSION,
            room: "마당".to_owned(),
            name: "Ada \"🦦\" <b>".to_owned(),
            offer: "v=0\r\n".into(),
            publish: publish.to_vec(),
            mode: Some(RoomMode::P2p),
            direct: true,
            token: Some(AccessToken("e30.e30.c2ln".to_owned())),
            password: Some(RoomPassword("open sesame".to_owned())),
            returning: Some(ResumeToken::from_random([0x2e; 16])),
        },
        ClientMessage::Resume {
            version: PROTOCOL_VERSION,
            participant: ParticipantId(17),
            token: ResumeToken::from_random([0x1f; 16]),
        },
        ClientMessage::Offer { id: OfferId(1), sdp: "v=0\r\n".into() },
        ClientMessage::Publish { track: publish[2].clone() },
        ClientMessage::Unpublish { mid: "2".into() },
        ClientMessage::SetMuted { mid: "1".into(), muted: false },
        ClientMessage::View {
            slots: vec![
                SlotView { mid: "3".into(), width: 1280, height: 720 },
                SlotView { mid: "5".into(), width: 0, height: 0 },
            ],
        },
        ClientMessage::Prefer { publications: vec![PublicationId(31), PublicationId(44)] },
        ClientMessage::Chat { text: "Tea?\n\"🦦\" <b>".to_owned() },
        ClientMessage::React { reaction: Reaction::ThumbsUp },
        ClientMessage::RaiseHand { raised: true },
        ClientMessage::Direct {
            to: ParticipantId(18),
            call: CallNumber(1),
            signal: DirectSignal::Offer { id: OfferId(0), sdp: "v=0\r\n".into() },
        },
        ClientMessage::Moderate {
            act: ModerateAct::Hold { participant: ParticipantId(18), what: Hold::Sound, on: true },
        },
        ClientMessage::Ping { nonce: u32::MAX },
        ClientMessage::Leave {},
    ]
}

/// One of each, and two errors.
fn server_messages() -> Vec<(&'static str, ServerMessage)> {
    let publication = |id, source, muted| PublicationInfo { id: PublicationId(id), source, muted };
    let (microphone, camera) =
        (publication(30, Source::Microphone, false), publication(31, Source::Camera, true));
    let ada = ParticipantInfo {
        id: ParticipantId(17),
        name: "Ada".to_owned(),
        publications: vec![microphone.clone(), camera],
        direct: true,
    };
    let eve = ParticipantInfo {
        id: ParticipantId(18),
        name: "Eve".to_owned(),
        publications: vec![],
        direct: false,
    };
    let fed = SlotAssignment { mid: "4".into(), publication: Some(PublicationId(30)) };
    let free = SlotAssignment { mid: "5".into(), publication: None };
    let participant = ParticipantId(17);
    vec![
        (
            "joined",
            ServerMessage::Joined {
                version: PROTOCOL_VERSION,
                participant: ParticipantId(18),
                token: ResumeToken::from_random([0xab; 16]),
                name: "Eve".to_owned(),
                mode: RoomMode::Auto,
                permissions: Permissions { publish: false, ..Permissions::default() },
                answer: "v=0\r\n".into(),
                participants: vec![ada.clone(), eve],
                slots: vec![fed.clone()],
                chat: vec![said(7, 61_000), said(8, 250)],
                hands: vec![participant],
                ice_servers: ice_servers(),
                relays: relays(),
            },
        ),
        (
            "resumed",
            ServerMessage::Resumed {
                participants: vec![ada.clone()],
                slots: vec![fed.clone()],
                answered: OfferId(2),
                chat: vec![said(8, u32::MAX)],
                hands: vec![participant, ParticipantId(18)],
                ice_servers: ice_servers(),
                relays: relays(),
            },
        ),
        ("answer", ServerMessage::Answer { id: OfferId(1), sdp: "v=0\r\n".into(), relays: relays() }),
        ("participant_joined", ServerMessage::ParticipantJoined { participant: ada }),
        (
            "participant_left",
            ServerMessage::ParticipantLeft { participant, reason: LeaveReason::ConnectionLost },
        ),
        ("published", ServerMessage::Published { participant, publication: microphone }),
        ("unpublished", ServerMessage::Unpublished { participant, publication: PublicationId(30) }),
        ("muted", ServerMessage::Muted { participant, publication: PublicationId(30), muted: true }),
        ("slots", ServerMessage::Slots { slots: vec![fed, free] }),
        ("speakers", ServerMessage::Speakers { participants: vec![participant, ParticipantId(18)] }),
        ("encodings", ServerMessage::Encodings { mid: "1".into(), wanted: vec![0, 2] }),
        ("paused", ServerMessage::Paused { slots: vec!["5".into()] }),
        ("quality", ServerMessage::Quality(quality())),
        ("chat", ServerMessage::Chat { message: said(9, 0) }),
        ("reaction", ServerMessage::Reaction { participant, reaction: Reaction::Celebrate }),
        ("hands", ServerMessage::Hands { participants: vec![ParticipantId(18), participant] }),
        (
            "direct",
            ServerMessage::Direct {
                from: participant,
                call: CallNumber(1),
                signal: DirectSignal::Candidate(IceCandidate {
                    candidate: "candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host".to_owned(),
                    mid: Some("0".into()),
                    line: Some(0),
                }),
            },
        ),
        (
            "moderation",
            ServerMessage::Moderation(Moderation {
                moderators: vec![participant],
                locked: true,
                waiting_room: false,
                held: vec![Held { participant: ParticipantId(18), what: Hold::Screen }],
                waiting: vec![Waiting { participant: ParticipantId(19), name: "Eve".to_owned() }],
            }),
        ),
        ("waiting", ServerMessage::Waiting {}),
        ("pong", ServerMessage::Pong { nonce: u32::MAX }),
        ("error", ServerMessage::Error(ErrorInfo::new(ErrorCode::RoomFull).in_reply_to("join"))),
        ("error_fatal", ServerMessage::Error(ErrorInfo::new(ErrorCode::ShuttingDown))),
    ]
}

fn said(id: u32, ago: u32) -> ChatMessage {
    let (name, text) = ("Ada".to_owned(), "Tea?\n\"🦦\" <b>".to_owned());
    ChatMessage { id: ChatId(id), participant: ParticipantId(17), name, text, ago }
}

fn relays() -> Vec<IceServer> {
    let urls = ["udp", "tcp"].map(|way| format!("turn:meet.example.org:3478?transport={way}")).to_vec();
    vec![IceServer { urls, username: Some("1300:7".to_owned()), credential: Some("hush".to_owned()) }]
}

fn ice_servers() -> Vec<IceServer> {
    let turn = ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"];
    vec![
        IceServer { urls: vec!["stun:stun.example.org:3478".to_owned()], username: None, credential: None },
        IceServer {
            urls: turn.map(str::to_owned).to_vec(),
            username: Some("1735412345:7".to_owned()),
            credential: Some("7/zfauXrL6LSdBbV8YTfnCWafHk=".to_owned()),
        },
    ]
}

fn quality() -> Quality {
    let line = |mid: &str, width, height, limit| LineQuality {
        mid: mid.into(),
        bitrate: 640_000,
        loss: 3,
        width,
        height,
        frames: 30,
        limit,
    };
    Quality {
        uplink: LinkQuality { bitrate: 1_900_000, estimate: None, loss: 12, rtt: None },
        downlink: LinkQuality { bitrate: 2_500_000, estimate: Some(3_100_000), loss: 0, rtt: Some(45) },
        sending: vec![line("1", 1280, 720, Limit::None)],
        slots: vec![line("3", 640, 360, Limit::View), line("5", 320, 180, Limit::Downlink)],
    }
}

/// The file holds what is written, and what is read from it is what was meant.
fn check<M: Serialize + PartialEq + std::fmt::Debug>(name: &str, message: &M, read: impl Fn(&str) -> M) {
    // In the order of declaration, whatever order a build's `serde_json` keeps maps in.
    let text = serde_json::to_string_pretty(message).unwrap() + "\n";
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(&encode(message)), value(&text), "{name}");
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(kept, text, "{name}");
    assert_eq!(read(&kept), *message, "{name}");
}

#[test]
fn client_messages_are_as_they_were() {
    for message in client_messages() {
        check(&format!("client_{}.json", message.type_name()), &message, |text| decode_client(text).unwrap());
    }
}

#[test]
fn server_messages_are_as_they_were() {
    for (name, message) in server_messages() {
        check(&format!("server_{name}.json"), &message, |text| {
            decode_server(text).unwrap().remove(0).unwrap()
        });
    }
}

#[test]
fn there_is_a_file_for_every_message_and_no_other() {
    let types =
        |unknown: String| unknown.split('`').skip(3).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let unknown = r#"{"type":""}"#;
    let client = types(serde_json::from_str::<ClientMessage>(unknown).unwrap_err().to_string());
    let server = types(serde_json::from_str::<ServerMessage>(unknown).unwrap_err().to_string());
    let client = client.iter().map(|name| format!("client_{name}.json"));
    let server = server.iter().map(|name| format!("server_{name}.json"));
    let mut expected: BTreeSet<_> = client.chain(server).collect();
    expected.insert("server_error_fatal.json".to_owned());
    let files = std::fs::read_dir(golden("")).unwrap();
    let names: BTreeSet<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, expected);
}
