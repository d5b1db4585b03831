//! Made-up figures: everybody's connection a little different, and the same each time.

use crate::state::chat::{Conversation, Said};
use crate::state::history::History;
use ::session::SortedSet;
use ::signal::{
    Held, Hold, Limit, LineQuality, LinkQuality, Mid, Moderation, ParticipantId, PublicationId, Quality,
    Waiting,
};
use std::sync::Arc;

/// How long the made-up call has lasted.
pub const SECONDS: u32 = 48;

/// The slot of a person's camera.
pub fn slot(number: u32) -> Mid {
    Mid(format!("s{number}"))
}

/// Two are held back.
pub fn paused() -> SortedSet<Mid> {
    [2, 3].map(slot).into()
}

/// Who decides, and what was decided: by oneself, or by the first of the others.
pub fn moderation(has: impl Fn(&str) -> bool) -> Moderation {
    let hold = |participant, what| Held { participant: ParticipantId(participant), what };
    let waits =
        |participant, name: &str| Waiting { participant: ParticipantId(participant), name: name.to_owned() };
    Moderation {
        moderators: vec![ParticipantId(u32::from(!has("moderating")))],
        locked: has("locked"),
        waiting_room: has("waits"),
        held: if has("held") { vec![hold(0, Hold::Sound), hold(2, Hold::Camera)] } else { vec![] },
        waiting: if has("waits") {
            vec![waits(900, "정하늘"), waits(901, super::NAMES[3])]
        } else {
            vec![]
        },
    }
}

/// What was said until now, unread.
pub fn conversation(count: u32) -> Conversation {
    let now = js_sys::Date::now();
    let said = |place: usize, (whose, minutes, text): &(u32, f64, &str)| Said {
        id: u32::try_from(place).unwrap_or_default(),
        whose: ParticipantId(*whose),
        own: *whose == 0,
        name: super::NAMES.get(*whose as usize % super::NAMES.len()).copied().unwrap_or_default().to_owned(),
        text: (*text).to_owned(),
        at: now - minutes * 60_000.0,
    };
    let here = SAID.iter().filter(|(whose, ..)| *whose < count);
    Conversation::of(here.enumerate().map(|(place, line)| Arc::new(said(place + 1, line))).collect())
}

/// Whose, how many minutes ago, and what.
const SAID: [(u32, f64, &str); 8] = [
    (1, 14.0, "Good morning! The notes are at https://example.org/notes/2026-11-22 (see the second page)."),
    (1, 14.0, "두 번째 페이지부터 보시면 됩니다."),
    (0, 13.0, "Thank you, I have them."),
    (2, 9.0, "<img src=x onerror=alert(1)> is shown as it is written"),
    (
        3,
        6.0,
        "A long one, so that it breaks: averyveryverylongwordwithoutanyplacetobreakitatallwhichhappensinlinks",
    ),
    (0, 3.0, "Shall we begin?\nThere are two things:\n1. the courtyard\n2. the roof"),
    (2, 1.0, "Yes 👍"),
    (1, 0.0, "네, 시작합시다."),
];

/// The whole call until now.
pub fn history(count: u32) -> History {
    let mut history = History::default();
    for second in 0..=SECONDS {
        let fed = |mid: &Mid| mid.0.trim_start_matches('s').parse().ok().map(PublicationId);
        history.push(&quality(count, second), fed);
    }
    history
}

/// One second of it.
pub fn quality(count: u32, second: u32) -> Quality {
    let dip = (20..28).contains(&second);
    let link = |base: u32, estimate| LinkQuality {
        bitrate: base / if dip { 3 } else { 1 } + noise(second, base / 8),
        estimate,
        loss: if dip { 90 } else { small(noise(second, 9)) },
        rtt: (second > 3).then(|| 44 + noise(second, 12) + if dip { 180 } else { 0 }),
    };
    Quality {
        uplink: link(1_800_000, None),
        downlink: link(2_400_000, Some(3_200_000 - if dip { 2_000_000 } else { noise(second, 300_000) })),
        sending: vec![line(Mid::from("1"), second, if dip { 360 } else { 720 }, 4, Limit::None)],
        slots: (1..count).map(|number| slot_quality(number, second)).collect(),
    }
}

fn slot_quality(number: u32, second: u32) -> LineQuality {
    let (height, loss, limit) = match number % 6 {
        1 => (360, 0, Limit::View),
        2 => (180, 0, Limit::Downlink),
        3 => (360, 60, Limit::None),
        4 => (180, 140, Limit::Uplink),
        5 => (720, 3, Limit::None),
        _ => (0, 0, Limit::None),
    };
    line(slot(number), second, height, loss, limit)
}

fn line(mid: Mid, second: u32, height: u16, loss: u16, limit: Limit) -> LineQuality {
    let bitrate = u32::from(height) * 2_200 + noise(second, u32::from(height) * 300);
    let frames = if height == 0 { 0 } else { 30 - small(noise(second, 3)) };
    LineQuality { mid, bitrate, loss, width: height * 16 / 9, height, frames, limit }
}

/// Between 0 and `most`, by the second.
fn noise(second: u32, most: u32) -> u32 {
    second.wrapping_mul(2_654_435_761).rotate_left(9) % most.max(1)
}

fn small(value: u32) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
