//! For developers, and in debug builds only: `/gallery/7` shows the room with seven made-up people in it,
//! `/gallery/7?reconnecting` in the given state, so that a view can be looked at without a server. Made-up
//! connections are in `?quality`, their figures in `?details` (one's own) and `?details-other`; other panels in `?chat`,
//! `?people` and `?invite`.

mod fakes;

use crate::dom::{El, el};
use crate::pages::{call_view, ended};
use crate::rtc::call::{Call, Wishes};
use crate::rtc::devices::{Device, DeviceError, DeviceProblem};

use crate::state::history::History;
use crate::state::room::{Local, RoomState, Side, Whose};
use ::signal::{ErrorCode, ErrorInfo, ParticipantId, PublicationId, RoomName};
use core::time::Duration;
use leptos::prelude::*;
use reactive_stores::Store;
use session::{Connectivity, EndReason, Feed, Me, Origin, Other, Phase, SourceState, Way};
use std::collections::BTreeSet;

const NAMES: [&str; 6] = [
    "Ada Lovelace",
    "김민수",
    "Jo",
    "Maximiliane von und zu Hohenstein-Wittelsbach",
    "🦦 Otter",
    "<b>Bold</b>",
];

/// Whether this page asks for the gallery.
pub fn is_asked_for() -> bool {
    path().starts_with("/gallery/")
}

/// The page.
pub fn gallery() -> El {
    crate::words::choose_first();
    let count: u32 = path().trim_start_matches("/gallery/").parse().unwrap_or(1);
    let query = window().location().search().unwrap_or_default();
    let state = query.trim_start_matches('?');
    let reason = match state {
        "left" => Some(EndReason::Left),
        "full" => Some(EndReason::Refused(ErrorInfo::new(ErrorCode::RoomFull))),
        "overloaded" => Some(EndReason::Refused(ErrorInfo::new(ErrorCode::Overloaded))),
        "unreachable" => Some(EndReason::Unreachable),
        _ => None,
    };
    if let Some(reason) = reason {
        return ended(reason, Callback::new(|()| ()));
    }
    let phase = match state {
        "reconnecting" => Phase::Reconnecting { attempt: 1, next_at: Duration::ZERO },
        "joining" => Phase::Joining,
        _ => Phase::Live,
    };
    let problem =
        (state == "problem").then_some(DeviceProblem { device: Device::Camera, why: DeviceError::Busy });
    let store = Store::new(RoomState {
        phase,
        connectivity: Some(Connectivity::Connected),
        me: Some(Me { id: ParticipantId(0), name: "Sam".to_owned() }),
        others: (1..count).map(|number| person(number, state)).collect(),
        speakers: if state == "speaking" { vec![ParticipantId(0), ParticipantId(2)] } else { vec![] },
        paused: if state == "paused" { fakes::paused() } else { BTreeSet::new() },
        quality: fakes::wants_quality(state).then(|| fakes::quality(count, fakes::SECONDS)),
        history: if fakes::wants_quality(state) { fakes::history(count) } else { History::default() },
        side: match state {
            "details" => Some(Side::Details(Whose::Own)),
            "details-other" => Some(Side::Details(Whose::Other(ParticipantId(1)))),
            "chat" => Some(Side::Chat),
            "people" => Some(Side::People),
            "invite" => Some(Side::Invitation),
            _ => None,
        },
        conversation: fakes::conversation(count),
        hands: if state == "people" { vec![ParticipantId(3), ParticipantId(1)] } else { vec![] },
        local: Local {
            microphone: SourceState::Live,
            screen: if state == "screen" { SourceState::Live } else { SourceState::Absent },
            problem,
            ..Local::default()
        },
        ..RoomState::default()
    });
    let call = Call::new(store, StoredValue::new(Wishes::default()));
    match RoomName::parse("quiet-otter-42") {
        Ok(room) => call_view(&room, RwSignal::new("Sam".to_owned()), store, call),
        Err(error) => el("p").text(&error.to_string()),
    }
}

fn person(number: u32, state: &str) -> Other {
    let name = NAMES.get(number as usize % NAMES.len()).copied().unwrap_or_default();
    Other {
        id: ParticipantId(number),
        name: name.to_owned(),
        microphone: Some(Feed {
            publication: PublicationId(1000 + number),
            muted: number.is_multiple_of(3),
            slot: None,
            origin: Origin::Server,
        }),
        camera: Some(Feed {
            publication: PublicationId(number),
            muted: false,
            slot: Some(fakes::slot(number)),
            origin: Origin::Server,
        }),
        screen: (number == 1 && state == "screen").then_some(Feed {
            publication: PublicationId(2000),
            muted: false,
            slot: None,
            origin: Origin::Server,
        }),
        screen_audio: None,
        way: Way::Server,
        direct: None,
    }
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}
