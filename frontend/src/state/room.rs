//! The room as the views see it: the session's snapshot, one's own devices, and which track each slot
//! carries. [`rtc::call`](crate::rtc::call) writes it, views read it. Holds ids of tracks, never tracks.

use super::history::History;
use crate::rtc::devices::{Device, DeviceError, DeviceProblem};
use crate::rtc::track::TrackId;
use crate::words;
use ::signal::{Mid, ParticipantId, PublicationId, Quality};
use reactive_stores::Store;
use session::{Connectivity, Feed, Me, Origin, Other, Phase, Snapshot, SourceState};
use std::collections::BTreeSet;

/// See the module.
#[derive(Clone, Debug, Default, Store)]
pub struct RoomState {
    /// Where the session stands.
    pub phase: Phase,
    /// Whether media flows.
    pub connectivity: Option<Connectivity>,
    /// The person's own participant, once in the room.
    pub me: Option<Me>,
    /// Everybody else, in the order they came.
    pub others: Vec<Other>,
    /// Who speaks now, the loudest first; oneself perhaps too.
    pub speakers: Vec<ParticipantId>,
    /// The slots that the server holds back.
    pub paused: BTreeSet<Mid>,
    /// How media flows, as told last.
    pub quality: Option<Quality>,
    /// How it flowed over the last minute.
    pub history: History,
    /// Whom the person wants to see before all others, in the order they were chosen. Who is gone may be
    /// among them.
    pub pinned: Vec<ParticipantId>,
    /// Whose connection is looked at closely.
    pub details: Option<Whose>,
    /// One's own devices.
    pub local: Local,
    /// The track that each slot carries.
    pub slots: Slots,
    /// Who came or went last, in words, for the live region.
    pub announcement: String,
}

/// Somebody in the room, perhaps oneself, or what they show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One's own.
    Own,
    /// Another one's.
    Other(ParticipantId),
    /// The screen that another one shares.
    Screen(ParticipantId),
}

/// One's own devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The microphone.
    pub microphone: SourceState,
    /// The camera.
    pub camera: SourceState,
    /// The screen that is shared.
    pub screen: SourceState,
    /// The camera's picture, while it is on.
    pub preview: Option<TrackId>,
    /// What the browser refused last.
    pub problem: Option<DeviceProblem>,
    /// How many questions for a device the browser has not answered yet.
    pub asking: u32,
    /// The browser was asked once at least.
    pub asked: bool,
}

impl Local {
    /// Whether the browser was asked for a camera last, and there is none.
    pub fn lacks_camera(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| {
            let of_camera = matches!(problem.device, Device::Camera | Device::Both);
            of_camera && problem.why == DeviceError::NotFound
        })
    }
}

impl Default for Local {
    fn default() -> Self {
        Self {
            microphone: SourceState::Absent,
            camera: SourceState::Absent,
            screen: SourceState::Absent,
            preview: None,
            problem: None,
            asking: 0,
            asked: false,
        }
    }
}

/// The receiving side of the peer connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Which slot, which track.
    pub tracks: Vec<(Mid, TrackId)>,
    /// The audio ones, in seat order, then those of direct connections; each is played all the time.
    pub audio: Vec<TrackId>,
    /// Of direct connections: whose, which line, which track.
    pub direct: Vec<(ParticipantId, Mid, TrackId)>,
}

impl Slots {
    /// The track of somebody's publication that is being sent, and has a slot or comes directly.
    pub fn track_of(&self, owner: ParticipantId, feed: Option<&Feed>) -> Option<TrackId> {
        match &feed.filter(|feed| !feed.muted)?.origin {
            Origin::Server => {
                let slot = live_slot(feed)?;
                self.tracks.iter().find(|(mid, _)| mid == slot).map(|(_, track)| *track)
            }
            Origin::Direct(line) => {
                let own = |(with, mid, _): &&(ParticipantId, Mid, TrackId)| (*with, mid) == (owner, line);
                self.direct.iter().find(own).map(|(_, _, track)| *track)
            }
        }
    }
}

/// The slot of a publication that is being sent.
pub fn live_slot(feed: Option<&Feed>) -> Option<&Mid> {
    feed.filter(|feed| !feed.muted)?.slot.as_ref()
}

/// As which line the figures know a publication that is being sent: that of its slot, or one of its own, if it comes
/// directly.
pub fn line_of(feed: &Feed) -> Option<Mid> {
    match feed.origin {
        Origin::Server => live_slot(Some(feed)).cloned(),
        Origin::Direct(_) => (!feed.muted).then(|| Mid(format!("direct-{}", feed.publication))),
    }
}

/// The cameras and microphones of those who are pinned and here, the first chosen first.
pub fn preferred(pinned: &[ParticipantId], others: &[Other]) -> Vec<PublicationId> {
    let here = pinned.iter().filter_map(|id| others.iter().find(|other| other.id == *id));
    let feeds = here.flat_map(|other| [&other.camera, &other.microphone].into_iter().flatten());
    feeds.map(|feed| feed.publication).collect()
}

/// Pins somebody, or no longer does.
pub fn pin(pinned: &mut Vec<ParticipantId>, id: ParticipantId) {
    let before = pinned.len();
    pinned.retain(|other| *other != id);
    if pinned.len() == before {
        pinned.push(id);
    }
}

/// Writes what differs, so that a view of one part is not rebuilt for another.
pub fn apply(store: Store<RoomState>, new: Snapshot) {
    use leptos::prelude::{ReadUntracked, Set};
    let Snapshot { phase, connectivity, me, mode: _, others, speakers, paused, quality } = new;
    if *store.phase().read_untracked() != phase {
        store.phase().set(phase);
    }
    if *store.connectivity().read_untracked() != connectivity {
        store.connectivity().set(connectivity);
    }
    if *store.speakers().read_untracked() != speakers {
        store.speakers().set(speakers);
    }
    if *store.paused().read_untracked() != paused {
        store.paused().set(paused);
    }
    if *store.quality().read_untracked() != quality {
        store.quality().set(quality);
    }
    // The first list of a stay is the room as one finds it: nobody in it came just now.
    let same_stay = same_stay(store.me().read_untracked().as_ref(), me.as_ref());
    if *store.me().read_untracked() != me {
        store.me().set(me);
    }
    let change = {
        let old = store.others().read_untracked();
        (*old != others).then(|| announcement(&old, &others))
    };
    if let Some(announcement) = change {
        store.others().set(others);
        if let Some(text) = announcement.filter(|_| same_stay) {
            store.announcement().set(text);
        }
    }
}

/// Notes the quality told last for the last minute.
pub fn second_is_over(store: Store<RoomState>) {
    use leptos::prelude::{GetUntracked, Update};
    // Copies: the store is one lock, and the history is not written while another part is being read.
    let others = store.others().get_untracked();
    let Some(quality) = store.quality().get_untracked() else { return };
    let fed = |mid: &Mid| {
        let feeds = others.iter().flat_map(feeds);
        // What is muted is not silent: it is not there.
        feeds.filter(|feed| line_of(feed).as_ref() == Some(mid)).map(|feed| feed.publication).next()
    };
    store.history().update(|history| history.push(&quality, fed));
}

fn feeds(other: &Other) -> impl Iterator<Item = &Feed> {
    let Other { id: _, name: _, microphone, camera, screen, screen_audio, way: _, direct: _ } = other;
    [microphone, camera, screen, screen_audio].into_iter().flatten()
}

/// Whether one is still the participant that one was.
fn same_stay(old: Option<&Me>, new: Option<&Me>) -> bool {
    old.zip(new).is_some_and(|(old, new)| old.id == new.id)
}

/// Who came and who went, in words; nothing when the change is another one.
fn announcement(old: &[Other], new: &[Other]) -> Option<String> {
    let has = |list: &[Other], id: ParticipantId| list.iter().any(|other| other.id == id);
    let came = new.iter().filter(|other| !has(old, other.id)).map(|other| words::joined(&other.name));
    let went = old.iter().filter(|other| !has(new, other.id)).map(|other| words::left(&other.name));
    let all: Vec<String> = came.chain(went).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::Way;

    fn other(id: u32, name: &str) -> Other {
        Other {
            id: ParticipantId(id),
            name: name.to_owned(),
            microphone: None,
            camera: None,
            screen: None,
            screen_audio: None,
            way: Way::default(),
            direct: None,
        }
    }

    #[test]
    fn comings_and_goings_are_told() {
        let (ada, bo) = (other(1, "Ada"), other(2, "Bo"));
        assert_eq!(announcement(&[], std::slice::from_ref(&ada)), Some("Ada joined.".to_owned()));
        assert_eq!(announcement(std::slice::from_ref(&ada), &[bo]), Some("Bo joined. Ada left.".to_owned()));
        assert_eq!(
            announcement(std::slice::from_ref(&ada), &[Other { name: "Adam".to_owned(), ..ada.clone() }]),
            None
        );
    }

    #[test]
    fn who_is_pinned_and_here_comes_first_with_picture_and_sound() {
        let feed = |number| {
            let publication = PublicationId(number);
            Some(Feed { publication, muted: true, slot: None, origin: Origin::Server })
        };
        let sends = |id, camera, microphone| Other { camera, microphone, ..other(id, "") };
        let others = [sends(1, feed(10), feed(11)), sends(2, feed(20), feed(21)), sends(3, None, feed(31))];
        let mut pinned = vec![];
        for id in [3, 9, 2, 1] {
            pin(&mut pinned, ParticipantId(id));
        }
        pin(&mut pinned, ParticipantId(2));
        assert_eq!(preferred(&pinned, &others), [31, 10, 11].map(PublicationId));
        assert_eq!(preferred(&[], &others), []);
    }

    #[test]
    fn a_stay_ends_with_the_id() {
        let me = |id| Me { id: ParticipantId(id), name: "Sam".to_owned() };
        assert!(same_stay(Some(&me(1)), Some(&me(1))));
        assert!(!same_stay(Some(&me(1)), Some(&me(2))), "joined afresh");
        assert!(!same_stay(None, Some(&me(1))));
        assert!(!same_stay(Some(&me(1)), None));
    }

    #[test]
    fn only_a_live_feed_with_a_known_slot_or_line_has_a_track() {
        let (ada, bo) = (ParticipantId(1), ParticipantId(2));
        let slots = Slots {
            tracks: vec![(Mid::from("3"), TrackId::default())],
            audio: vec![],
            direct: vec![(ada, Mid::from("1"), TrackId::default())],
        };
        let feed = |muted, slot: Option<&str>| Feed {
            publication: PublicationId(1),
            muted,
            slot: slot.map(Mid::from),
            origin: Origin::Server,
        };
        assert!(slots.track_of(ada, Some(&feed(false, Some("3")))).is_some());
        assert!(slots.track_of(ada, Some(&feed(true, Some("3")))).is_none());
        assert!(slots.track_of(ada, Some(&feed(false, Some("4")))).is_none());
        assert!(slots.track_of(ada, Some(&feed(false, None))).is_none());
        assert!(slots.track_of(ada, None).is_none());
        let direct = |muted| Feed { origin: Origin::Direct(Mid::from("1")), ..feed(muted, Some("9")) };
        assert!(slots.track_of(ada, Some(&direct(false))).is_some());
        assert!(slots.track_of(bo, Some(&direct(false))).is_none(), "another's line");
        assert!(slots.track_of(ada, Some(&direct(true))).is_none());
        assert_eq!(
            line_of(&direct(false)),
            Some(Mid::from("direct-1")),
            "not the slot's, which is fed by nothing"
        );
        assert_eq!((line_of(&feed(false, Some("3"))), line_of(&direct(true))), (Some(Mid::from("3")), None));
    }
}
