//! Whatever one side can say, the other reads as it was meant; and nothing that comes in panics.

#![cfg(test)]

mod any {
    //! Any message there can be.

    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use signal::{
        AccessToken, CallNumber, ChatId, ChatMessage, ClientMessage, DirectSignal, ErrorCode, ErrorInfo,
        Held, Hold, IceCandidate, IceServer, LeaveReason, Limit, LineQuality, LinkQuality, Mid, ModerateAct,
        Moderation, OfferId, ParticipantId, ParticipantInfo, Permissions, PublicationId, PublicationInfo,
        PublishTrack, Quality, Reaction, ResumeToken, RoomMode, RoomPassword, Sdp, ServerMessage,
        SlotAssignment, SlotView, Source, Waiting,
    };

    fn mid() -> impl Strategy<Value = Mid> {
        any::<String>().prop_map(Mid)
    }

    fn sdp() -> impl Strategy<Value = Sdp> {
        any::<String>().prop_map(Sdp)
    }

    fn token() -> impl Strategy<Value = ResumeToken> {
        any::<[u8; 16]>().prop_map(ResumeToken::from_random)
    }

    fn participant() -> impl Strategy<Value = ParticipantId> {
        any::<u32>().prop_map(ParticipantId)
    }

    fn publication() -> impl Strategy<Value = PublicationId> {
        any::<u32>().prop_map(PublicationId)
    }

    fn offer() -> impl Strategy<Value = OfferId> {
        any::<u32>().prop_map(OfferId)
    }

    fn source() -> impl Strategy<Value = Source> {
        prop::sample::select(vec![Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio])
    }

    fn track() -> impl Strategy<Value = PublishTrack> {
        (mid(), source(), any::<bool>()).prop_map(|(mid, source, muted)| PublishTrack { mid, source, muted })
    }

    fn publication_info() -> impl Strategy<Value = PublicationInfo> {
        (publication(), source(), any::<bool>()).prop_map(|(id, source, muted)| PublicationInfo {
            id,
            source,
            muted,
        })
    }

    fn participant_info() -> impl Strategy<Value = ParticipantInfo> {
        (participant(), any::<String>(), vec(publication_info(), 0..4), any::<bool>())
            .prop_map(|(id, name, publications, direct)| ParticipantInfo { id, name, publications, direct })
    }

    fn mode() -> impl Strategy<Value = RoomMode> {
        prop::sample::select(vec![RoomMode::Auto, RoomMode::Sfu, RoomMode::P2p])
    }

    fn call() -> impl Strategy<Value = CallNumber> {
        any::<u32>().prop_map(CallNumber)
    }

    fn signal() -> impl Strategy<Value = DirectSignal> {
        let candidate = (any::<String>(), option::of(mid()), option::of(any::<u16>()));
        prop_oneof![
            (offer(), sdp()).prop_map(|(id, sdp)| DirectSignal::Offer { id, sdp }),
            (offer(), sdp()).prop_map(|(id, sdp)| DirectSignal::Answer { id, sdp }),
            candidate.prop_map(|(candidate, mid, line)| DirectSignal::Candidate(IceCandidate {
                candidate,
                mid,
                line
            })),
            Just(DirectSignal::Back {}),
            Just(DirectSignal::Bye {}),
        ]
    }

    fn slot() -> impl Strategy<Value = SlotAssignment> {
        (mid(), option::of(publication())).prop_map(|(mid, publication)| SlotAssignment { mid, publication })
    }

    fn slot_view() -> impl Strategy<Value = SlotView> {
        (mid(), any::<u16>(), any::<u16>()).prop_map(|(mid, width, height)| SlotView { mid, width, height })
    }

    fn link() -> impl Strategy<Value = LinkQuality> {
        (any::<u32>(), option::of(any::<u32>()), any::<u16>(), option::of(any::<u32>()))
            .prop_map(|(bitrate, estimate, loss, rtt)| LinkQuality { bitrate, estimate, loss, rtt })
    }

    fn line() -> impl Strategy<Value = LineQuality> {
        let limit = prop::sample::select(vec![Limit::None, Limit::View, Limit::Downlink, Limit::Uplink]);
        (mid(), any::<u32>(), any::<[u16; 4]>(), limit).prop_map(
            |(mid, bitrate, [loss, width, height, frames], limit)| LineQuality {
                mid,
                bitrate,
                loss,
                width,
                height,
                frames,
                limit,
            },
        )
    }

    fn quality() -> impl Strategy<Value = Quality> {
        (link(), link(), vec(line(), 0..3), vec(line(), 0..3))
            .prop_map(|(uplink, downlink, sending, slots)| Quality { uplink, downlink, sending, slots })
    }

    fn reaction() -> impl Strategy<Value = Reaction> {
        use Reaction as R;
        prop::sample::select(vec![
            R::ThumbsUp,
            R::Heart,
            R::Laugh,
            R::Surprise,
            R::Clap,
            R::Celebrate,
            R::Unknown,
        ])
    }

    fn chat_message() -> impl Strategy<Value = ChatMessage> {
        (any::<u32>(), participant(), any::<[String; 2]>(), any::<u32>()).prop_map(
            |(id, participant, [name, text], ago)| ChatMessage {
                id: ChatId(id),
                participant,
                name,
                text,
                ago,
            },
        )
    }

    fn ice_server() -> impl Strategy<Value = IceServer> {
        let words = || option::of(any::<String>());
        (vec(any::<String>(), 0..3), words(), words()).prop_map(|(urls, username, credential)| IceServer {
            urls,
            username,
            credential,
        })
    }

    fn permissions() -> impl Strategy<Value = Permissions> {
        any::<[bool; 4]>().prop_map(|[publish, subscribe, data, moderate]| Permissions {
            publish,
            subscribe,
            data,
            moderate,
        })
    }

    fn error() -> impl Strategy<Value = ErrorInfo> {
        let code = prop::sample::select(vec![ErrorCode::Malformed, ErrorCode::RoomFull, ErrorCode::Unknown]);
        let some = || option::of(any::<String>());
        (code, any::<String>(), some(), some()).prop_map(|(code, message, in_reply_to, go_to)| ErrorInfo {
            code,
            message,
            in_reply_to,
            go_to,
        })
    }

    fn reason() -> impl Strategy<Value = LeaveReason> {
        prop::sample::select(vec![LeaveReason::Left, LeaveReason::ConnectionLost, LeaveReason::MediaFailed])
    }

    fn hold() -> impl Strategy<Value = Hold> {
        prop::sample::select(vec![Hold::Sound, Hold::Camera, Hold::Screen])
    }

    fn act() -> impl Strategy<Value = ModerateAct> {
        use ModerateAct as A;
        prop_oneof![
            (participant(), hold(), any::<bool>()).prop_map(|(participant, what, on)| A::Hold {
                participant,
                what,
                on
            }),
            participant().prop_map(|participant| A::Remove { participant }),
            any::<bool>().prop_map(|on| A::Lock { on }),
            any::<bool>().prop_map(|on| A::WaitingRoom { on }),
            participant().prop_map(|participant| A::Admit { participant }),
            participant().prop_map(|participant| A::Deny { participant }),
            participant().prop_map(|participant| A::HandOver { participant }),
            Just(A::End {}),
        ]
    }

    fn moderation() -> impl Strategy<Value = Moderation> {
        let held = (participant(), hold()).prop_map(|(participant, what)| Held { participant, what });
        let waiting =
            (participant(), any::<String>()).prop_map(|(participant, name)| Waiting { participant, name });
        (vec(participant(), 0..3), any::<[bool; 2]>(), vec(held, 0..3), vec(waiting, 0..3)).prop_map(
            |(moderators, [locked, waiting_room], held, waiting)| Moderation {
                moderators,
                locked,
                waiting_room,
                held,
                waiting,
            },
        )
    }

    pub fn client_message() -> impl Strategy<Value = ClientMessage> {
        use ClientMessage as C;
        prop_oneof![
            (
                any::<u16>(),
                any::<String>(),
                any::<String>(),
                sdp(),
                vec(track(), 0..4),
                option::of(mode()),
                any::<bool>(),
                (option::of(any::<String>()), option::of(any::<String>()), option::of(token()))
            )
                .prop_map(
                    |(version, room, name, offer, publish, mode, direct, (token, password, returning))| {
                        C::Join {
                            version,
                            room,
                            name,
                            offer,
                            publish,
                            mode,
                            direct,
                            token: token.map(AccessToken),
                            password: password.map(RoomPassword),
                            returning,
                        }
                    }
                ),
            (any::<u16>(), participant(), token()).prop_map(|(version, participant, token)| C::Resume {
                version,
                participant,
                token
            }),
            (offer(), sdp()).prop_map(|(id, sdp)| C::Offer { id, sdp }),
            track().prop_map(|track| C::Publish { track }),
            mid().prop_map(|mid| C::Unpublish { mid }),
            (mid(), any::<bool>()).prop_map(|(mid, muted)| C::SetMuted { mid, muted }),
            vec(slot_view(), 0..4).prop_map(|slots| C::View { slots }),
            vec(publication(), 0..4).prop_map(|publications| C::Prefer { publications }),
            any::<String>().prop_map(|text| C::Chat { text }),
            reaction().prop_map(|reaction| C::React { reaction }),
            any::<bool>().prop_map(|raised| C::RaiseHand { raised }),
            (participant(), call(), signal()).prop_map(|(to, call, signal)| C::Direct { to, call, signal }),
            act().prop_map(|act| C::Moderate { act }),
            any::<u32>().prop_map(|nonce| C::Ping { nonce }),
            Just(C::Leave {}),
        ]
    }

    pub fn server_message() -> impl Strategy<Value = ServerMessage> {
        use ServerMessage as S;
        let room = || (vec(participant_info(), 0..4), vec(slot(), 0..4));
        let servers = || vec(ice_server(), 0..3);
        let talk = || (vec(chat_message(), 0..3), vec(participant(), 0..3), servers(), servers());
        prop_oneof![
            (
                any::<u16>(),
                participant(),
                token(),
                any::<String>(),
                (mode(), permissions()),
                sdp(),
                room(),
                talk()
            )
                .prop_map(
                    |(
                        version,
                        participant,
                        token,
                        name,
                        (mode, permissions),
                        answer,
                        (participants, slots),
                        talk,
                    )| {
                        let (chat, hands, ice_servers, relays) = talk;
                        S::Joined {
                            version,
                            participant,
                            token,
                            name,
                            mode,
                            permissions,
                            answer,
                            participants,
                            slots,
                            chat,
                            hands,
                            ice_servers,
                            relays,
                        }
                    }
                ),
            (room(), offer(), talk()).prop_map(
                |((participants, slots), answered, (chat, hands, ice_servers, relays))| S::Resumed {
                    participants,
                    slots,
                    answered,
                    chat,
                    hands,
                    ice_servers,
                    relays,
                }
            ),
            (offer(), sdp(), servers()).prop_map(|(id, sdp, relays)| S::Answer { id, sdp, relays }),
            participant_info().prop_map(|participant| S::ParticipantJoined { participant }),
            (participant(), reason())
                .prop_map(|(participant, reason)| S::ParticipantLeft { participant, reason }),
            (participant(), publication_info())
                .prop_map(|(participant, publication)| S::Published { participant, publication }),
            (participant(), publication())
                .prop_map(|(participant, publication)| S::Unpublished { participant, publication }),
            (participant(), publication(), any::<bool>()).prop_map(|(participant, publication, muted)| {
                S::Muted { participant, publication, muted }
            }),
            vec(slot(), 0..4).prop_map(|slots| S::Slots { slots }),
            vec(participant(), 0..4).prop_map(|participants| S::Speakers { participants }),
            (mid(), vec(any::<u8>(), 0..4)).prop_map(|(mid, wanted)| S::Encodings { mid, wanted }),
            vec(mid(), 0..4).prop_map(|slots| S::Paused { slots }),
            quality().prop_map(S::Quality),
            chat_message().prop_map(|message| S::Chat { message }),
            (participant(), reaction())
                .prop_map(|(participant, reaction)| S::Reaction { participant, reaction }),
            vec(participant(), 0..4).prop_map(|participants| S::Hands { participants }),
            (participant(), call(), signal()).prop_map(|(from, call, signal)| S::Direct {
                from,
                call,
                signal
            }),
            moderation().prop_map(S::Moderation),
            Just(S::Waiting {}),
            any::<u32>().prop_map(|nonce| S::Pong { nonce }),
            error().prop_map(S::Error),
        ]
    }
}

use proptest::{prelude::*, test_runner::RngSeed};
use signal::{
    ChatText, DirectSignal, DisplayName, PeerMessage, RoomName, ServerMessage, decode_client, decode_server,
    encode, encode_all,
};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn client_messages_survive_the_wire(message in any::client_message()) {
        prop_assert_eq!(decode_client(&encode(&message)), Ok(message));
    }

    #[test]
    fn server_messages_survive_the_wire(message in any::server_message()) {
        prop_assert_eq!(decode_server(&encode(&message)), Ok(vec![Ok(message)]));
    }

    #[test]
    fn both_ways_of_writing_agree(
        said in any::client_message(),
        told in prop::collection::vec(any::server_message(), 1..3),
    ) {
        prop_assert_eq!(encode(&said), serde_json::to_string(&said).unwrap());
        prop_assert_eq!(encode(&told.first().unwrap()), encode_all(&told[..1]));
        prop_assert_eq!(encode(&told), serde_json::to_string(&told).unwrap());
    }

    #[test]
    fn no_text_panics(text in ".*") {
        let _ = (decode_client(&text), decode_server(&text));
        let wrapped = serde_json::json!({ "type": text }).to_string();
        let _ = decode_client(&wrapped).map_err(|e| e.to_info());
        let _ = (ServerMessage::read(&wrapped), DirectSignal::read(&text), PeerMessage::read(&wrapped));
    }

    /// A client reads by fields what serde reads by types.
    #[test]
    fn both_readings_of_a_servers_message_agree(
        message in any::server_message(),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = encode(&message);
        prop_assert_eq!(ServerMessage::read(&text), Ok(message));
        // Without one of its fields it is refused, or not, by both.
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let fields = value.as_object_mut().unwrap();
        let name = fields.keys().nth(cut.index(fields.len())).unwrap().clone();
        fields.remove(&name);
        let by_types = serde_json::from_value::<ServerMessage>(value.clone()).ok();
        prop_assert_eq!(ServerMessage::read(&value.to_string()).ok(), by_types, "without {}", name);
    }

    #[test]
    fn a_message_cut_short_is_an_error(message in any::client_message(), cut in any::<prop::sample::Index>()) {
        let text = encode(&message);
        let end = (0..cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        prop_assert!(decode_client(&text[..end]).is_err());
    }

    #[test]
    fn a_name_that_was_parsed_parses_to_itself(text in ".{0,60}") {
        if let Ok(name) = RoomName::parse(&text) {
            prop_assert_eq!(RoomName::parse(name.as_str()), Ok(name.clone()));
        }
        if let Ok(name) = DisplayName::parse(&text) {
            prop_assert_eq!(DisplayName::parse(name.as_str()), Ok(name.clone()));
        }
    }

    #[test]
    fn a_chat_text_that_was_parsed_parses_to_itself(text in any::<String>()) {
        if let Ok(parsed) = ChatText::parse(&text) {
            prop_assert_eq!(ChatText::parse(parsed.as_str()), Ok(parsed.clone()));
        }
    }
}
