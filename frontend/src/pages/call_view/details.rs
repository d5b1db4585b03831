//! The figures behind a quality indicator: the last minute of one person's connection, as curves.

use super::{PERSON, SHARED, Subject};
use crate::components::{Figure, Values, graph};
use crate::dom::{El, el};
use crate::reactive::{Signal, memo};
use crate::state::history::{Line, Sample};
use crate::state::quality::Verdict;
use crate::state::room::{RoomStore, Whose};
use crate::words::{self, Word, say};
use ::signal::ParticipantId;
use session::Origin;

/// The seconds of a line.
type Minute = Signal<Vec<Option<Sample>>>;

/// What the panel is called. Follows.
pub fn title(whose: Whose, store: RoomStore) -> String {
    let (id, subject) = match whose {
        Whose::Own => return say(Word::YourConnection).to_owned(),
        Whose::Other(id) => (id, PERSON),
        Whose::Screen(id) => (id, SHARED),
    };
    let others = store.others().read();
    let other = others.iter().find(|other| other.id == id);
    other.map(|other| words::connection_of(&(subject.name)(other))).unwrap_or_default()
}

/// The figures. `own` is what is said of one's own connection.
pub fn details(whose: Whose, store: RoomStore, own: Signal<Option<Verdict>>) -> El {
    match whose {
        Whose::Own => own_details(store, own),
        Whose::Other(id) => other_details(id, PERSON, store),
        Whose::Screen(id) => other_details(id, SHARED, store),
    }
}

fn own_details(store: RoomStore, verdict: Signal<Option<Verdict>>) -> El {
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
    el("div").class("body").set("tabindex", "0").child(summary(verdict)).child(up).child(down)
}

fn other_details(id: ParticipantId, subject: Subject, store: RoomStore) -> El {
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let lines =
        minute(store, move || other.with(|other| Some(Line::Of(subject.main(other.as_ref()?)?.publication))));
    let downlink = minute(store, || Some(Line::Downlink));
    let figures = el("section")
        .child(graph(Figure::Bitrate, bitrate(lines), None))
        .child(graph(Figure::Loss, loss(lines), None))
        .child(graph(Figure::RoundTrip, rtt(downlink), None))
        .child(graph(Figure::Height, height(lines), None))
        .child(graph(Figure::Frames, frames(lines), None));
    el("div")
        .class("body")
        .set("tabindex", "0")
        .child(summary(super::verdict_of(store, other, subject)))
        .child(way(other, subject))
        .child(figures)
}

fn summary(verdict: Signal<Option<Verdict>>) -> El {
    let words = move || verdict.get().map(|verdict| words::cause(verdict.cause)).unwrap_or_default();
    el("p").class("summary").texts(words)
}

/// By which way they come, while anything does.
fn way(other: Signal<Option<session::Other>>, subject: Subject) -> El {
    let words = move || {
        other.with(|other| match subject.origin(other.as_ref()?)? {
            Origin::Direct(_) => Some(say(Word::WayDirect).to_owned()),
            Origin::Server => Some(say(Word::WayServer).to_owned()),
        })
    };
    el("p").class("summary").testid("quality-way").texts(move || words().unwrap_or_default())
}

fn minute(store: RoomStore, line: impl Fn() -> Option<Line> + Send + Sync + 'static) -> Minute {
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
