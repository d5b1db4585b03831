//! The figures behind a quality indicator: the last minute of one person's connection, as curves.

use super::{PERSON, SHARED, Subject};
use crate::components::{Figure, Values, graph, panel};
use crate::dom::{El, el, memo};
use crate::state::history::{Line, Sample};
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, Whose};
use crate::words::{self, Word, say};
use ::signal::ParticipantId;
use leptos::prelude::*;
use reactive_stores::Store;

/// The seconds of a line.
type Minute = Memo<Vec<Option<Sample>>>;

/// The panel, while somebody's details are asked for and they are there. `own` is what is said of one's own
/// connection; when it closes, `on_closed` brings the focus back.
pub fn details(store: Store<RoomState>, own: Memo<Option<Verdict>>, on_closed: Callback<()>) -> El {
    let whose = memo(move || {
        let others = store.others().read();
        let there = |id| others.iter().find(|other| other.id == id);
        (*store.details().read()).filter(|whose| match whose {
            Whose::Own => true,
            Whose::Other(id) => there(*id).is_some(),
            Whose::Screen(id) => there(*id).is_some_and(|other| other.screen.is_some()),
        })
    });
    let on_close = Callback::new(move |()| {
        store.details().set(None);
        on_closed.run(());
    });
    // Whom it is of may leave, and the panel goes too: the focus is not lost with it.
    Effect::new(move |before: Option<Option<Whose>>| {
        let now = whose.get();
        let gone = before.flatten().is_some() && now.is_none();
        if gone && store.details().read_untracked().is_some() {
            store.details().set(None);
            if is_focus_lost() {
                on_closed.run(());
            }
        }
        now
    });
    el("div").class("contents").swap(
        move || whose.get(),
        move |whose| {
            whose.map(|whose| match whose {
                Whose::Own => own_details(store, own, on_close),
                Whose::Other(id) => other_details(id, PERSON, store, on_close),
                Whose::Screen(id) => other_details(id, SHARED, store, on_close),
            })
        },
    )
}

/// Whether the focus is where a panel is, or was.
fn is_focus_lost() -> bool {
    document()
        .active_element()
        .is_none_or(|element| element.matches("body, .panel, .panel *").unwrap_or(true))
}

fn own_details(store: Store<RoomState>, verdict: Memo<Option<Verdict>>, on_close: Callback<()>) -> El {
    let uplink = minute(store, || Some(Line::Uplink));
    let downlink = minute(store, || Some(Line::Downlink));
    let picture = minute(store, move || store.history().read().own_picture());
    let up = el("section")
        .testid("quality-uplink")
        .child(el("h3").say(Word::Uplink))
        .child(graph(Figure::Bitrate, bitrate(uplink), Some(estimate(uplink))))
        .child(graph(Figure::Loss, loss(uplink), None))
        .child(graph(Figure::RoundTrip, rtt(uplink), None))
        .child(graph(Figure::Height, height(picture), None))
        .child(graph(Figure::Frames, frames(picture), None));
    let down = el("section")
        .testid("quality-downlink")
        .child(el("h3").say(Word::Downlink))
        .child(graph(Figure::Bitrate, bitrate(downlink), Some(estimate(downlink))))
        .child(graph(Figure::Loss, loss(downlink), None));
    let body = el("div").child(summary(verdict)).child(up).child(down);
    panel(|| say(Word::YourConnection).to_owned(), "quality-panel", on_close, body)
}

fn other_details(id: ParticipantId, subject: Subject, store: Store<RoomState>, on_close: Callback<()>) -> El {
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let title = move || {
        other.with(|o| o.as_ref().map(|o| words::connection_of(&(subject.name)(o)))).unwrap_or_default()
    };
    let lines = minute(store, move || other.with(|other| main_line(other.as_ref()?, subject)));
    let downlink = minute(store, || Some(Line::Downlink));
    let figures = el("section")
        .child(graph(Figure::Bitrate, bitrate(lines), None))
        .child(graph(Figure::Loss, loss(lines), None))
        .child(graph(Figure::RoundTrip, rtt(downlink), None))
        .child(graph(Figure::Height, height(lines), None))
        .child(graph(Figure::Frames, frames(lines), None));
    let body = el("div").child(summary(super::verdict_of(store, other, subject))).child(figures);
    panel(title, "quality-panel", on_close, body)
}

fn summary(verdict: Memo<Option<Verdict>>) -> El {
    let words = move || verdict.get().map(|verdict| words::cause(verdict.cause)).unwrap_or_default();
    el("p").class("summary").texts(words)
}

/// The picture, while one is sent; else the sound.
fn main_line(other: &session::Other, subject: Subject) -> Option<Line> {
    let sent = [(subject.picture)(other), (subject.sound)(other)];
    let feed = sent.into_iter().flatten().find(|feed| !feed.muted)?;
    Some(Line::Of(feed.publication))
}

fn minute(store: Store<RoomState>, line: impl Fn() -> Option<Line> + Send + Sync + 'static) -> Minute {
    memo(move || line().map(|line| store.history().read().of(&line)).unwrap_or_default())
}

fn pick(minute: Minute, part: fn(Sample) -> Option<u32>) -> Values {
    memo(move || minute.with(|list| list.iter().map(|sample| sample.and_then(part)).collect()))
}

fn bitrate(minute: Minute) -> Values {
    pick(minute, |sample| Some(sample.bitrate))
}

fn estimate(minute: Minute) -> Values {
    pick(minute, |sample| sample.estimate)
}

fn loss(minute: Minute) -> Values {
    pick(minute, |sample| Some(sample.loss.into()))
}

fn rtt(minute: Minute) -> Values {
    pick(minute, |sample| sample.rtt)
}

/// Sound has none, and an unknown picture neither.
fn height(minute: Minute) -> Values {
    pick(minute, |sample| (sample.height > 0).then_some(sample.height.into()))
}

/// Where there is no picture there are no frames of it.
fn frames(minute: Minute) -> Values {
    pick(minute, |sample| (sample.height > 0).then_some(sample.frames.into()))
}
