//! The figures behind a quality indicator: the last minute of one person's connection, as curves.

use super::{PERSON, SHARED, Subject};
use crate::components::{Figure, Graph, Panel};
use crate::state::history::{Line, Sample};
use crate::state::quality::Verdict;
use crate::state::room::{RoomState, RoomStateStoreFields, Whose};
use crate::words;
use ::signal::ParticipantId;
use leptos::prelude::*;
use reactive_stores::Store;
use session::Other;

/// The seconds of a line.
type Minute = Memo<Vec<Option<Sample>>>;

/// The panel, while somebody's details are asked for and they are there.
#[component]
pub fn Details(
    store: Store<RoomState>,
    /// What is said of one's own connection.
    own_verdict: Memo<Option<Verdict>>,
    /// The focus goes back.
    on_closed: Callback<()>,
) -> impl IntoView {
    let whose = Memo::new(move |_| {
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
    move || {
        whose.get().map(|whose| match whose {
            Whose::Own => view! { <OwnDetails store own_verdict on_close /> }.into_any(),
            Whose::Other(id) => view! { <OtherDetails id subject=PERSON store on_close /> }.into_any(),
            Whose::Screen(id) => view! { <OtherDetails id subject=SHARED store on_close /> }.into_any(),
        })
    }
}

/// Whether the focus is where a panel is, or was.
fn is_focus_lost() -> bool {
    document()
        .active_element()
        .is_none_or(|element| element.matches("body, .panel, .panel *").unwrap_or(true))
}

#[component]
fn OwnDetails(
    store: Store<RoomState>,
    own_verdict: Memo<Option<Verdict>>,
    on_close: Callback<()>,
) -> impl IntoView {
    let uplink = minute(store, || Some(Line::Uplink));
    let downlink = minute(store, || Some(Line::Downlink));
    let picture = minute(store, move || store.history().read().own_picture());
    let summary = move || own_verdict.get().map(|verdict| words::cause(verdict.cause)).unwrap_or_default();
    view! {
        <Panel title=Signal::stored(words::YOUR_CONNECTION.to_owned()) testid="quality-panel" on_close>
            <p class="summary">{Signal::derive(summary)}</p>
            <section data-testid="quality-uplink">
                <h3>{words::UPLINK}</h3>
                <Graph figure=Figure::Bitrate values=bitrate(uplink) estimate=estimate(uplink) />
                <Graph figure=Figure::Loss values=loss(uplink) />
                <Graph figure=Figure::RoundTrip values=rtt(uplink) />
                <Graph figure=Figure::Height values=height(picture) />
                <Graph figure=Figure::Frames values=frames(picture) />
            </section>
            <section data-testid="quality-downlink">
                <h3>{words::DOWNLINK}</h3>
                <Graph figure=Figure::Bitrate values=bitrate(downlink) estimate=estimate(downlink) />
                <Graph figure=Figure::Loss values=loss(downlink) />
            </section>
        </Panel>
    }
}

#[component]
fn OtherDetails(
    id: ParticipantId,
    subject: Subject,
    store: Store<RoomState>,
    on_close: Callback<()>,
) -> impl IntoView {
    let other = Memo::new(move |_| store.others().read().iter().find(|other| other.id == id).cloned());
    let title =
        Memo::new(move |_| other.with(|o| o.as_ref().map(|o| words::connection_of(&(subject.name)(o)))));
    let title = Signal::derive(move || title.get().unwrap_or_default());
    let lines = minute(store, move || other.with(|other| main_line(other.as_ref()?, subject)));
    let downlink = minute(store, || Some(Line::Downlink));
    let verdict = super::verdict_of(store, other, subject);
    let summary = move || verdict.get().map(|verdict| words::cause(verdict.cause)).unwrap_or_default();
    view! {
        <Panel title testid="quality-panel" on_close>
            <p class="summary">{Signal::derive(summary)}</p>
            <section>
                <Graph figure=Figure::Bitrate values=bitrate(lines) />
                <Graph figure=Figure::Loss values=loss(lines) />
                <Graph figure=Figure::RoundTrip values=rtt(downlink) />
                <Graph figure=Figure::Height values=height(lines) />
                <Graph figure=Figure::Frames values=frames(lines) />
            </section>
        </Panel>
    }
}

/// The picture, while one is sent; else the sound.
fn main_line(other: &Other, subject: Subject) -> Option<Line> {
    let sent = [(subject.picture)(other), (subject.sound)(other)];
    let feed = sent.into_iter().flatten().find(|feed| !feed.muted)?;
    Some(Line::Of(feed.publication))
}

fn minute(store: Store<RoomState>, line: impl Fn() -> Option<Line> + Send + Sync + 'static) -> Minute {
    let line: Box<dyn Fn() -> Option<Line> + Send + Sync> = Box::new(line);
    minute_of(store, line)
}

/// Apart, so that the program has it once.
fn minute_of(store: Store<RoomState>, line: Box<dyn Fn() -> Option<Line> + Send + Sync>) -> Minute {
    Memo::new(move |_| line().map(|line| store.history().read().of(&line)).unwrap_or_default())
}

fn pick(minute: Minute, part: fn(Sample) -> Option<u32>) -> Signal<Vec<Option<u32>>> {
    Signal::derive(move || minute.with(|list| list.iter().map(|sample| sample.and_then(part)).collect()))
}

fn bitrate(minute: Minute) -> Signal<Vec<Option<u32>>> {
    pick(minute, |sample| Some(sample.bitrate))
}

fn estimate(minute: Minute) -> Signal<Vec<Option<u32>>> {
    pick(minute, |sample| sample.estimate)
}

fn loss(minute: Minute) -> Signal<Vec<Option<u32>>> {
    pick(minute, |sample| Some(sample.loss.into()))
}

fn rtt(minute: Minute) -> Signal<Vec<Option<u32>>> {
    pick(minute, |sample| sample.rtt)
}

/// Sound has none, and an unknown picture neither.
fn height(minute: Minute) -> Signal<Vec<Option<u32>>> {
    pick(minute, |sample| (sample.height > 0).then_some(sample.height.into()))
}

/// Where there is no picture there are no frames of it.
fn frames(minute: Minute) -> Signal<Vec<Option<u32>>> {
    pick(minute, |sample| (sample.height > 0).then_some(sample.frames.into()))
}
