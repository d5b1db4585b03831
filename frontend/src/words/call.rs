//! Sentences of the way in and of the room.

use super::{Word, bitrate, fill, milliseconds, per_mille, say};
use crate::rtc::devices::{Device, DeviceError, DeviceProblem};
use crate::state::quality::{Cause, Verdict};
use ::signal::NameError;
use session::{Connectivity, Phase};

/// "3 people".
pub fn people(count: usize) -> String {
    match count {
        0 => say(Word::InsideNone).to_owned(),
        1 => say(Word::PeopleOne).to_owned(),
        _ => fill(Word::PeopleMany, &[("count", &count.to_string())]),
    }
}

/// For the preview: who waits inside.
pub fn inside(count: u32) -> String {
    match count {
        0 => say(Word::InsideNone).to_owned(),
        1 => say(Word::InsideOne).to_owned(),
        _ => fill(Word::InsideMany, &[("count", &count.to_string())]),
    }
}

/// For a full room.
pub fn full(participants: u32) -> String {
    fill(Word::Full, &[("count", &participants.to_string())])
}

/// A word with somebody's name in it.
pub fn of(word: Word, name: &str) -> String {
    fill(word, &[("name", name)])
}

/// For a tile with somebody's screen.
pub fn screen_of(name: &str) -> String {
    of(Word::ScreenOf, name)
}

/// Of a panel with figures.
pub fn connection_of(name: &str) -> String {
    of(Word::ConnectionOf, name)
}

/// For a button that takes a room off the list.
pub fn forget(room: &str) -> String {
    fill(Word::Forget, &[("room", room)])
}

/// What the window is called while a room is in it.
pub fn title(room: &str) -> String {
    format!("{room} · {}", say(Word::App))
}

/// What is wrong with a room's name.
pub fn room_name_error(error: NameError) -> String {
    match error {
        NameError::Empty => say(Word::RoomNameEmpty).to_owned(),
        NameError::TooLong(limit) => too_long(limit),
        NameError::BadCharacter => say(Word::RoomNameCharacters).to_owned(),
    }
}

/// What is wrong with a display name.
pub fn display_name_error(error: NameError) -> String {
    match error {
        NameError::Empty => say(Word::NameEmpty).to_owned(),
        NameError::TooLong(limit) => too_long(limit),
        NameError::BadCharacter => say(Word::NameCharacters).to_owned(),
    }
}

fn too_long(limit: usize) -> String {
    fill(Word::NameTooLong, &[("limit", &limit.to_string())])
}

/// What went wrong with a device, and the way on.
pub fn device_problem(problem: &DeviceProblem) -> String {
    let device = say(match (problem.device, &problem.why) {
        (Device::Microphone, _) => Word::TheMicrophone,
        (Device::Camera, _) => Word::TheCamera,
        (Device::Screen, _) => Word::TheScreen,
        (Device::Both, DeviceError::NotFound) => Word::Either,
        (Device::Both, _) => Word::TheBoth,
    });
    let (word, detail) = match &problem.why {
        DeviceError::Insecure => (Word::DeviceInsecure, ""),
        DeviceError::NotFound => (Word::DeviceNotFound, ""),
        DeviceError::Refused => (Word::DeviceRefused, ""),
        DeviceError::Busy => (Word::DeviceBusy, ""),
        DeviceError::Lost => (Word::DeviceLost, ""),
        DeviceError::Replaced(other) => (Word::DeviceReplaced, other.as_str()),
        DeviceError::Saving => (Word::DeviceSaving, ""),
        DeviceError::Other(detail) => (Word::DeviceOther, detail.as_str()),
    };
    fill(word, &[("device", device), ("detail", detail)])
}

/// What to say about the connection while in the room; nothing while all is well. Who sees all others directly misses
/// the server, and nothing of them.
pub fn status(phase: &Phase, connectivity: Option<Connectivity>, directly: bool) -> Option<&'static str> {
    let word = match (phase, connectivity) {
        (Phase::Reconnecting { .. }, _) if directly => Word::StatusServerLost,
        (Phase::Live, Some(Connectivity::Disconnected | Connectivity::Failed)) if directly => return None,
        (Phase::Idle | Phase::Joining, _) => Word::StatusJoining,
        (Phase::Reconnecting { .. }, _) => Word::StatusReconnecting,
        (Phase::Live, Some(Connectivity::Disconnected | Connectivity::Failed)) => Word::StatusMediaLost,
        (Phase::Live, None | Some(Connectivity::Connecting)) => Word::StatusMediaConnecting,
        (Phase::Live, Some(Connectivity::Connected)) | (Phase::Ended(_), _) => return None,
    };
    Some(say(word))
}

/// Of a quality indicator: whose, how good, and why no better.
pub fn quality(name: Option<&str>, verdict: Verdict) -> String {
    let whose = name.map_or_else(|| say(Word::YourConnection).to_owned(), connection_of);
    format!("{whose}: {}", cause(verdict.cause))
}

/// Why a connection is no better.
pub fn cause(cause: Cause) -> String {
    let plain = |word| say(word).to_owned();
    let loss = |word, loss: u16| fill(word, &[("loss", &per_mille(loss.into()))]);
    let rate = |word, rate| fill(word, &[("rate", &bitrate(rate))]);
    match cause {
        Cause::Fine => plain(Word::CauseFine),
        Cause::ByChoice => plain(Word::CauseByChoice),
        Cause::OwnUplinkLoss(share) => loss(Word::CauseOwnUplinkLoss, share),
        Cause::OwnDownlinkLoss(share) => loss(Word::CauseOwnDownlinkLoss, share),
        Cause::TheirUplinkLoss(share) => loss(Word::CauseTheirUplinkLoss, share),
        Cause::WayLoss(share) => loss(Word::CauseWayLoss, share),
        Cause::Delay(rtt) => fill(Word::CauseDelay, &[("time", &milliseconds(rtt))]),
        Cause::OwnUplinkSends(bits) => rate(Word::CauseOwnUplinkSends, bits),
        Cause::OwnDownlinkBears(bits) => rate(Word::CauseOwnDownlinkBears, bits),
        Cause::TheirUplink => plain(Word::CauseTheirUplink),
        Cause::Paused => plain(Word::Paused),
        Cause::PausedByServer => plain(Word::PausedByServer),
        Cause::Server => plain(Word::CauseServer),
        Cause::NothingArrives => plain(Word::CauseNothingArrives),
        Cause::Interrupted => plain(Word::CauseInterrupted),
    }
}
