//! Every sentence a person reads, in one place, ready for another language. Pure.

use crate::rtc::devices::{Device, DeviceError, DeviceProblem};
use crate::state::quality::{Cause, Verdict};
use ::signal::{ErrorCode, ErrorInfo, NameError};
use session::{Connectivity, EndReason, Phase};

pub const APP: &str = "Madang";
pub const TAGLINE: &str = "A courtyard for conversations. Open a link, be in the room.";
pub const YOUR_NAME: &str = "Your name";
pub const NAME_HINT: &str = "How others see you";
pub const ROOM: &str = "Room";
pub const ANOTHER_NAME: &str = "Suggest another room name";
pub const GO: &str = "Go to the room";
pub const RECENT: &str = "Visited lately";
pub const ABOUT_NOBODY: &str = "Anybody with the link can join. Nothing is recorded.";

pub const JOIN: &str = "Join";
pub const JOIN_WITHOUT: &str = "Join to listen and watch";
pub const TRY_AGAIN: &str = "Try again";
pub const ANOTHER_ROOM: &str = "Choose another room";
pub const PREVIEW: &str = "Your camera, as others will see it";
pub const CAMERA_IS_OFF: &str = "Your camera is off";
pub const NO_CAMERA: &str = "No camera";
pub const ASKING: &str = "If your browser asks, allow the microphone and the camera";
pub const LOOKING: &str = "Looking into the room…";
pub const ROOM_FULL: &str = "This room is full";
pub const NO_ANSWER: &str = "No answer";
pub const UNREACHABLE: &str = "The server cannot be reached. Check your connection.";
pub const MEDIA_BLOCKED: &str = "Audio and video cannot get through. This network or a VPN may block them: \
     try another network, then try again.";
pub const BAD_LINK: &str = "This link leads nowhere";

pub const YOU: &str = "You";
pub const MUTED: &str = "Microphone is off";
pub const MICROPHONE: &str = "Microphone";
pub const CAMERA: &str = "Camera";
pub const CONTROLS: &str = "Your microphone, your camera, and the way out";
pub const LEAVE: &str = "Leave";
pub const COPY_LINK: &str = "Copy link";
pub const COPIED: &str = "Copied";
pub const NOT_COPIED: &str = "Copy it from the address bar";
pub const TAP_TO_HEAR: &str = "Tap to hear the others";
pub const PEOPLE: &str = "People in the room";
pub const ALONE: &str = "Nobody else is here yet. Copy the link and send it to someone.";
pub const CLOSE: &str = "Close";

pub const SHARE_SCREEN: &str = "Share your screen";
pub const STOP_SHARING: &str = "Stop sharing your screen";
pub const SCREEN: &str = "Screen";
pub const SHARING: &str = "You share your screen";
pub const PAUSED: &str = "Paused: your connection";
pub const PAUSED_BY_SERVER: &str = "Paused: the server is busy";
pub const PIN: &str = "Show before all others";
pub const UNPIN: &str = "Show among the others";
pub const YOUR_CONNECTION: &str = "Your connection";
pub const UPLINK: &str = "Uplink: what you send";
pub const DOWNLINK: &str = "Downlink: what you receive";
pub const BITRATE: &str = "Bitrate";
pub const LOSS: &str = "Packets lost";
pub const ROUND_TRIP: &str = "Round trip to the server";
pub const HEIGHT: &str = "Picture";
pub const FRAMES: &str = "Frame rate";
pub const A_MINUTE_AGO: &str = "1 min ago";
pub const NOW: &str = "now";
pub const NOT_KNOWN: &str = "–";

pub const REJOIN: &str = "Join again";
pub const RELOAD: &str = "Reload the page";
pub const HOME: &str = "To the start page";
pub const NOT_FOUND: &str = "There is nothing here";
pub const NOT_FOUND_DETAIL: &str = "The address may be mistyped.";

/// "3 people".
pub fn people(count: usize) -> String {
    match count {
        0 => "Nobody is here yet".to_owned(),
        1 => "1 person".to_owned(),
        _ => format!("{count} people"),
    }
}

/// For the preview: who waits inside.
pub fn inside(count: u32) -> String {
    match count {
        0 => "Nobody is in the room yet".to_owned(),
        1 => "1 person is in the room".to_owned(),
        _ => format!("{count} people are in the room"),
    }
}

/// For a full room.
pub fn full(participants: u32) -> String {
    format!(
        "{participants} people are in it, and it holds no more. Wait until somebody leaves, or meet elsewhere."
    )
}

/// For the live region.
pub fn joined(name: &str) -> String {
    format!("{name} joined.")
}

/// For the live region.
pub fn left(name: &str) -> String {
    format!("{name} left.")
}

/// For a tile with somebody's screen.
pub fn screen_of(name: &str) -> String {
    format!("{name}’s screen")
}

/// For a switch: whom to show before all others.
pub fn pin(name: &str) -> String {
    format!("Pin {name}")
}

/// For a button that takes a room off the list.
pub fn forget(room: &str) -> String {
    format!("Forget {room}")
}

/// What pressing the microphone's switch does.
pub fn switch_microphone(on: bool) -> &'static str {
    if on { "Turn the microphone off" } else { "Turn the microphone on" }
}

/// What pressing the camera's switch does.
pub fn switch_camera(on: bool) -> &'static str {
    if on { "Turn the camera off" } else { "Turn the camera on" }
}

/// What is wrong with a room's name.
pub fn room_name_error(error: NameError) -> String {
    match error {
        NameError::Empty => "Give the room a name.".to_owned(),
        NameError::TooLong(limit) => format!("At most {limit} characters, please."),
        NameError::BadCharacter => "Only letters, digits, - and _ can be used.".to_owned(),
    }
}

/// What is wrong with a display name.
pub fn display_name_error(error: NameError) -> String {
    match error {
        NameError::Empty => "Tell the others your name.".to_owned(),
        NameError::TooLong(limit) => format!("At most {limit} characters, please."),
        NameError::BadCharacter => "Some of these characters cannot be used.".to_owned(),
    }
}

/// What went wrong with a device, and the way on.
pub fn device_problem(problem: &DeviceProblem) -> String {
    let (what, its) = match problem.device {
        Device::Microphone => ("microphone", "microphone"),
        Device::Camera => ("camera", "camera"),
        Device::Screen => ("screen", "screen"),
        Device::Both => ("microphone or camera", "microphone and camera"),
    };
    match &problem.why {
        DeviceError::Insecure => "Browsers hide microphone and camera from pages that are not secure. \
             Open this page over https:// or on localhost. You can still listen and watch."
            .to_owned(),
        DeviceError::NotFound => format!("No {what} was found. Plug one in and try again, or go without."),
        DeviceError::Refused => format!(
            "Your browser does not allow the {its}. Allow it next to the address bar and try again, or go without."
        ),
        DeviceError::Busy => {
            format!("The {its} cannot be used; another program may hold it. Close that and try again.")
        }
        DeviceError::Lost => format!("The {its} went away."),
        DeviceError::Other(detail) => format!("The {its} cannot be used: {detail}"),
    }
}

/// What to say about the connection while in the room; nothing while all is well.
pub fn status(phase: &Phase, connectivity: Option<Connectivity>) -> Option<String> {
    match (phase, connectivity) {
        (Phase::Idle | Phase::Joining, _) => Some("Joining…".to_owned()),
        (Phase::Reconnecting { .. }, _) => Some("Connection lost. Reconnecting…".to_owned()),
        (Phase::Live, Some(Connectivity::Disconnected | Connectivity::Failed)) => {
            Some("Audio and video are interrupted. Reconnecting…".to_owned())
        }
        (Phase::Live, None | Some(Connectivity::Connecting)) => {
            Some("Connecting audio and video…".to_owned())
        }
        (Phase::Live, Some(Connectivity::Connected)) | (Phase::Ended(_), _) => None,
    }
}

/// Of a quality indicator: whose, how good, and why no better.
pub fn quality(name: Option<&str>, verdict: Verdict) -> String {
    let whose = name.map_or_else(|| YOUR_CONNECTION.to_owned(), connection_of);
    format!("{whose}: {}", cause(verdict.cause))
}

/// Of a panel with figures.
pub fn connection_of(name: &str) -> String {
    format!("Connection of {name}")
}

/// Why a connection is no better.
pub fn cause(cause: Cause) -> String {
    match cause {
        Cause::Fine => "Good".to_owned(),
        Cause::ByChoice => "Good. Shown small: by choice".to_owned(),
        Cause::OwnUplinkLoss(loss) => {
            format!("Your uplink: {} of packets are lost", per_mille(loss.into()))
        }
        Cause::OwnDownlinkLoss(loss) => {
            format!("Your downlink: {} of packets are lost", per_mille(loss.into()))
        }
        Cause::TheirUplinkLoss(loss) => {
            format!("Their uplink: {} of packets are lost", per_mille(loss.into()))
        }
        Cause::Delay(rtt) => format!("Your connection is slow: {} there and back", milliseconds(rtt)),
        Cause::OwnUplinkSends(rate) => {
            format!("Your uplink carries no better picture: you send {}", bitrate(rate))
        }
        Cause::OwnDownlinkBears(rate) => format!("Your connection carries {}", bitrate(rate)),
        Cause::TheirUplink => "Their uplink carries no more".to_owned(),
        Cause::Paused => PAUSED.to_owned(),
        Cause::PausedByServer => PAUSED_BY_SERVER.to_owned(),
        Cause::Server => "The server is busy, and sends less".to_owned(),
        Cause::NothingArrives => "Nothing arrives from them".to_owned(),
        Cause::Interrupted => "Your connection is interrupted".to_owned(),
    }
}

/// For a graph: what it shows, and the value now.
pub fn graph(title: &str, now: &str) -> String {
    format!("{title} over the last minute, now {now}")
}

/// The path's believed capacity.
pub fn estimated(value: &str) -> String {
    format!("room for {value}")
}

/// From bits per second.
pub fn bitrate(bits: u32) -> String {
    if bits < 100_000 {
        return format!("{}\u{a0}kbit/s", bits / 1_000);
    }
    format!("{}\u{a0}Mbit/s", tenths(bits / 100_000))
}

/// As percent.
pub fn per_mille(loss: u32) -> String {
    format!("{}\u{a0}%", tenths(loss))
}

/// Of a picture.
pub fn lines_high(height: u32) -> String {
    format!("{height}p")
}

/// A second.
pub fn frames(count: u32) -> String {
    format!("{count}\u{a0}fps")
}

/// Of time.
pub fn milliseconds(count: u32) -> String {
    format!("{count}\u{a0}ms")
}

/// From tenths of a unit: one decimal, as far as that says something.
fn tenths(count: u32) -> String {
    match (count / 10, count % 10) {
        (whole, 0) | (whole @ 10.., _) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

/// What the window is called while a room is in it.
pub fn title(room: &str) -> String {
    format!("{room} · {APP}")
}

/// A page's heading and what it says under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub title: &'static str,
    pub detail: String,
}

/// Why one is out of the room.
pub fn ending(reason: &EndReason) -> Ending {
    let (title, detail) = match reason {
        EndReason::Left => ("You left the room", "Your microphone and camera are off.".to_owned()),
        EndReason::Unreachable => (NO_ANSWER, UNREACHABLE.to_owned()),
        EndReason::Browser(detail) => ("Your browser could not connect", detail.clone()),
        EndReason::Refused(ErrorInfo { code: code @ ErrorCode::MediaFailed, .. }) => {
            (refused(*code), MEDIA_BLOCKED.to_owned())
        }
        EndReason::Refused(ErrorInfo { code, message, .. }) => (refused(*code), message.clone()),
    };
    Ending { title, detail }
}

fn refused(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::RoomFull => ROOM_FULL,
        ErrorCode::Overloaded => "The server is busy",
        ErrorCode::ModeNotAllowed => "This room cannot be entered here",
        ErrorCode::BadRoomName | ErrorCode::BadName => "This name cannot be used",
        ErrorCode::UnsupportedVersion => "This page is out of date",
        ErrorCode::Replaced => "You continued elsewhere",
        ErrorCode::ShuttingDown => "The server is restarting",
        ErrorCode::CannotResume | ErrorCode::Silent | ErrorCode::TooSlow => "The connection was lost",
        ErrorCode::MediaFailed | ErrorCode::BadOffer => "Audio and video could not connect",
        ErrorCode::Malformed
        | ErrorCode::UnknownMessage
        | ErrorCode::UnknownField
        | ErrorCode::MessageTooLarge
        | ErrorCode::TooManyMessages
        | ErrorCode::NotJoined
        | ErrorCode::AlreadyJoined
        | ErrorCode::BadTrack
        | ErrorCode::AlreadyPublished
        | ErrorCode::NotPublished
        | ErrorCode::TooManyPublications
        | ErrorCode::HandshakeTimeout
        | ErrorCode::Internal
        | ErrorCode::Unknown => "Something went wrong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_people() {
        assert_eq!(people(1), "1 person");
        assert_eq!(people(12), "12 people");
        assert_eq!(inside(0), "Nobody is in the room yet");
    }

    #[test]
    fn a_connected_room_says_nothing() {
        assert_eq!(status(&Phase::Live, Some(Connectivity::Connected)), None);
        assert!(status(&Phase::Joining, None).is_some());
        assert!(status(&Phase::Live, Some(Connectivity::Failed)).is_some());
    }

    #[test]
    fn figures_have_units() {
        let check = |text: String, expected: &str| assert_eq!(text.replace('\u{a0}', " "), expected);
        check(bitrate(32_000), "32 kbit/s");
        check(bitrate(400_000), "0.4 Mbit/s");
        check(bitrate(1_000_000), "1 Mbit/s");
        check(bitrate(1_790_000), "1.7 Mbit/s");
        check(bitrate(25_600_000), "25 Mbit/s");
        check(per_mille(0), "0 %");
        check(per_mille(8), "0.8 %");
        check(per_mille(80), "8 %");
        check(per_mille(125), "12 %");
    }

    #[test]
    fn a_verdict_names_whose_and_why() {
        use crate::state::quality::Level;
        let verdict = Verdict { level: Level::Fair, cause: Cause::OwnUplinkLoss(80) };
        let text = quality(None, verdict).replace('\u{a0}', " ");
        assert_eq!(text, "Your connection: Your uplink: 8 % of packets are lost");
        assert_eq!(quality(Some("Ada"), Verdict::FINE), "Connection of Ada: Good");
    }

    #[test]
    fn every_device_problem_names_the_device() {
        let problem = DeviceProblem { device: Device::Camera, why: DeviceError::NotFound };
        assert!(device_problem(&problem).contains("camera"));
        assert!(!device_problem(&problem).contains("microphone"));
    }
}
