//! The room as the views see it: the session's snapshot, one's own devices, and which track each slot
//! carries. [`rtc`](crate::rtc) writes it, views read it. Holds ids of tracks, never tracks.

use super::chat::{Conversation, Draft};
use super::choices::Facing;
use super::devices::Listed;
use super::floats::{Floats, Throttle};
use super::history::History;
use super::talk::{self, TalkNow};
use super::toasts::{About, News, Toasts};
use crate::reactive::RwSignal;
use crate::rtc::devices::{Device, DeviceError, DeviceProblem};
use crate::rtc::track::TrackId;
use ::signal::{Hold, Mid, Moderation, ParticipantId, Permissions, PublicationId, Quality};
pub use madang_client::slots::{Slots, line_of, live_slot};
use session::{Connectivity, Feed, Me, Now, Other, Phase, Snapshot, SortedSet, SourceState};

/// Makes the state and its signals of one list.
macro_rules! state {
    ($($(#[$doc:meta])* $part:ident: $type:ty,)*) => {
        /// See the module: all of it as plain values, to begin with.
        #[derive(Clone, Debug, Default)]
        pub struct RoomState {
            $($(#[$doc])* pub $part: $type,)*
        }

        #[derive(Debug)]
        struct Parts {
            $($part: RwSignal<$type>,)*
        }

        /// The same, each part a signal, so that what follows one part rests while another changes. Its values live as
        /// long as the owner under which it was made; the few bytes that say where they are outlive the visit, because
        /// the browser may still tell something that is then passed over, and a handle is copied into every view.
        #[derive(Clone, Copy, Debug)]
        pub struct RoomStore(&'static Parts);

        impl RoomStore {
            /// Signals that begin with this.
            pub fn new(state: RoomState) -> Self {
                Self(Box::leak(Box::new(Parts { $($part: RwSignal::new(state.$part),)* })))
            }

            $($(#[$doc])*
            pub fn $part(self) -> RwSignal<$type> {
                self.0.$part
            })*
        }
    };
}

state! {
    /// Where the session stands.
    phase: Phase,
    /// Whether media flows.
    connectivity: Option<Connectivity>,
    /// The person's own participant, once in the room.
    me: Option<Me>,
    /// Everybody else, in the order they came.
    others: Vec<Other>,
    /// Who speaks now, the loudest first; oneself perhaps too.
    speakers: Vec<ParticipantId>,
    /// The slots that the server holds back.
    paused: SortedSet<Mid>,
    /// How media flows, as told last.
    quality: Option<Quality>,
    /// How it flowed over the last minute.
    history: History,
    /// Whom the person wants to see before all others, in the order they were chosen. Who is gone may be
    /// among them.
    pinned: Vec<Whose>,
    /// What stands beside the stage.
    side: Option<Side>,
    /// What was said.
    conversation: Conversation,
    /// What is being written.
    draft: Draft,
    /// Whose hands are raised, in the order they were.
    hands: Vec<ParticipantId>,
    /// How the room is moderated.
    moderation: Moderation,
    /// What one may do.
    permissions: Permissions,
    /// On the way in, one waits to be let in.
    waiting: bool,
    /// The microphone is on for as long as a key is held.
    talking: bool,
    /// Reactions on their way up.
    floats: Floats,
    /// Keeps reactions from being told one by one.
    told_reaction: Throttle,
    /// What just happened.
    toasts: Toasts,
    /// How loud others are played who are not played as they come, in per cent. For this call only.
    volumes: Vec<(ParticipantId, u8)>,
    /// One's own devices.
    local: Local,
    /// The track that each slot carries.
    slots: Slots,
    /// What happened last, in words, for the live region.
    announcement: String,
}

/// What can stand beside the stage, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was said.
    Chat,
    /// Who is here.
    People,
    /// The link, for others.
    Invitation,
    /// Devices, and how the page behaves.
    Settings,
    /// Somebody's connection, looked at closely.
    Details(Whose),
}

/// Somebody in the room, perhaps oneself, or what they show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// One's own.
    Own,
    /// Another one's.
    Other(ParticipantId),
    /// The screen that another one shares.
    Screen(ParticipantId),
}

impl Whose {
    /// As a key of a list.
    pub fn key(self) -> u64 {
        match self {
            Self::Own => 0,
            Self::Other(id) => u64::from(id.0) << 2 | 1,
            Self::Screen(id) => u64::from(id.0) << 2 | 2,
        }
    }

    /// Another one, in person.
    pub fn other(self) -> Option<ParticipantId> {
        match self {
            Self::Other(id) => Some(id),
            Self::Own | Self::Screen(_) => None,
        }
    }

    /// Whose key it is.
    pub fn of_key(key: u64) -> Self {
        let id = ParticipantId(u32::try_from(key >> 2).unwrap_or_default());
        match key & 3 {
            1 => Self::Other(id),
            2 => Self::Screen(id),
            _ => Self::Own,
        }
    }
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
    /// The microphone's sound, while it is held, be it off.
    pub sound: Option<TrackId>,
    /// The devices there are.
    pub devices: Vec<Listed>,
    /// Where the camera looks, if it is a phone's.
    pub facing: Option<Facing>,
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
            sound: None,
            devices: vec![],
            facing: None,
            problem: None,
            asking: 0,
            asked: false,
        }
    }
}

/// What is to come before all else: the pictures that are on the stage, in their order, with the sound of those who
/// are pinned. Other sound is chosen by who is loud, wherever they stand.
pub fn preferred(shown: &[Whose], pinned: &[Whose], others: &[Other]) -> Vec<PublicationId> {
    let feeds = shown.iter().flat_map(|whose| {
        let of = |id: &ParticipantId| others.iter().find(|other| other.id == *id);
        let sound = pinned.contains(whose);
        let (picture, sound) = match whose {
            Whose::Own => (None, None),
            Whose::Other(id) => (
                of(id).and_then(|other| other.camera.as_ref()),
                of(id).filter(|_| sound).and_then(|other| other.microphone.as_ref()),
            ),
            Whose::Screen(id) => (
                of(id).and_then(|other| other.screen.as_ref()),
                of(id).filter(|_| sound).and_then(|other| other.screen_audio.as_ref()),
            ),
        };
        [picture, sound].into_iter().flatten()
    });
    feeds.map(|feed| feed.publication).collect()
}

/// Pins somebody, or no longer does.
pub fn pin(pinned: &mut Vec<Whose>, whose: Whose) {
    let before = pinned.len();
    pinned.retain(|other| *other != whose);
    if pinned.len() == before {
        pinned.push(whose);
    }
}

/// How loud a track is to be played, in per cent: as its sender is.
pub fn volume(track: TrackId, slots: &Slots, others: &[Other], volumes: &[(ParticipantId, u8)]) -> u8 {
    let mid = slots.tracks.iter().find(|(_, known)| *known == track).map(|(mid, _)| mid);
    let heard = |other: &&Other| {
        [&other.microphone, &other.screen_audio]
            .into_iter()
            .any(|feed| mid.is_some() && live_slot(feed.as_ref()) == mid)
    };
    let directly = slots.direct.iter().find(|(_, _, known)| *known == track).map(|(with, ..)| *with);
    let whose = directly.or_else(|| others.iter().find(heard).map(|other| other.id));
    volumes.iter().find(|(id, _)| Some(*id) == whose).map_or(100, |(_, volume)| *volume)
}

/// Writes what differs from before, so that a view of one part is not rebuilt for another.
pub fn apply(store: RoomStore, old: &Snapshot, new: &Snapshot, now: Now) {
    let Snapshot {
        phase,
        connectivity,
        me,
        mode: _,
        others,
        speakers,
        paused,
        quality,
        chat,
        unsaid,
        hands,
        moderation,
        permissions,
        waiting,
    } = new;
    if old.phase != *phase {
        store.phase().set(phase.clone());
    }
    if old.connectivity != *connectivity {
        store.connectivity().set(*connectivity);
    }
    if old.speakers != *speakers {
        store.speakers().set(speakers.clone());
    }
    if old.moderation != *moderation {
        store.moderation().set(moderation.clone());
    }
    if old.permissions != *permissions {
        store.permissions().set(*permissions);
    }
    if old.waiting != *waiting {
        store.waiting().set(*waiting);
    }
    if old.paused != *paused {
        store.paused().set(paused.clone());
    }
    if old.quality != *quality {
        store.quality().set(quality.clone());
    }
    // The first list of a stay is the room as one finds it: nobody in it came just now.
    let same_stay = same_stay(old.me.as_ref(), me.as_ref());
    if old.me != *me {
        store.me().set(me.clone());
    }
    let mut told = Vec::new();
    if old.others != *others {
        told = news(&old.others, others);
        store.others().set(others.clone());
    }
    let (chat, unsaid, hands) = (chat.clone(), unsaid.clone(), hands.clone());
    talk::apply(store, TalkNow { chat, unsaid, hands, now, same_stay }, told);
}

/// Notes the quality told last for the last minute.
pub fn second_is_over(store: RoomStore, now: &Snapshot) {
    let Some(quality) = &now.quality else { return };
    let fed = |mid: &Mid| {
        let feeds = now.others.iter().flat_map(feeds);
        // What is muted is not silent: it is not there.
        feeds.filter(|feed| line_of(feed).as_ref() == Some(mid)).map(|feed| feed.publication).next()
    };
    let published = |id| now.others.iter().flat_map(feeds).any(|feed| feed.publication == id);
    store.history().update(|history| {
        history.push(quality, fed);
        history.keep(published);
    });
}

fn feeds(other: &Other) -> impl Iterator<Item = &Feed> {
    let Other { id: _, name: _, microphone, camera, screen, screen_audio, way: _, direct: _ } = other;
    [microphone, camera, screen, screen_audio].into_iter().flatten()
}

/// Whether one is still the participant that one was.
fn same_stay(old: Option<&Me>, new: Option<&Me>) -> bool {
    old.zip(new).is_some_and(|(old, new)| (old.id, old.since) == (new.id, new.since))
}

/// Whether somebody decides about others.
pub fn moderates(moderation: &Moderation, id: Option<ParticipantId>) -> bool {
    id.is_some_and(|id| moderation.moderators.contains(&id))
}

/// Whether something of somebody's is held.
pub fn is_held(moderation: &Moderation, id: Option<ParticipantId>, what: Hold) -> bool {
    moderation.held.iter().any(|held| Some(held.participant) == id && held.what == what)
}

/// Who came, who went, and who shares a screen now.
fn news(old: &[Other], new: &[Other]) -> Vec<News> {
    let in_list = |list: &[Other], id: ParticipantId| list.iter().any(|other| other.id == id);
    let shares =
        |list: &[Other], id: ParticipantId| list.iter().any(|other| other.id == id && other.screen.is_some());
    let tell = |about, other: &Other| News { about, whose: other.id, name: other.name.clone() };
    let came = new.iter().filter(|other| !in_list(old, other.id)).map(|other| tell(About::Joined, other));
    let went = old.iter().filter(|other| !in_list(new, other.id)).map(|other| tell(About::Left, other));
    let share = new.iter().filter(|other| other.screen.is_some() && !shares(old, other.id));
    came.chain(went).chain(share.map(|other| tell(About::Screen, other))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use session::{Origin, Way};

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
    fn comings_goings_and_screens_are_told() {
        let (ada, bo) = (other(1, "Ada"), other(2, "Bo"));
        let screen = Feed { publication: PublicationId(1), muted: false, slot: None, origin: Origin::Server };
        let sharing = Other { screen: Some(screen), ..ada.clone() };
        let check = |old: &[&Other], new: &[&Other], expected: &[(About, &str)]| {
            let list = |all: &[&Other]| all.iter().map(|&other| other.clone()).collect::<Vec<_>>();
            let told = news(&list(old), &list(new));
            let told: Vec<_> = told.iter().map(|news| (news.about, news.name.as_str())).collect();
            assert_eq!(told, expected);
        };
        check(&[], &[&ada], &[(About::Joined, "Ada")]);
        check(&[&ada], &[&bo], &[(About::Joined, "Bo"), (About::Left, "Ada")]);
        check(&[&ada], &[&sharing], &[(About::Screen, "Ada")]);
        check(&[&sharing], &[&sharing], &[]);
        check(&[&sharing], &[&ada], &[]);
        check(&[], &[&sharing], &[(About::Joined, "Ada"), (About::Screen, "Ada")]);
    }

    #[expect(clippy::unnecessary_wraps, reason = "as a participant has it")]
    fn feed(number: u32) -> Option<Feed> {
        let slot = Some(Mid(format!("m{number}")));
        Some(Feed { publication: PublicationId(number), muted: false, slot, origin: Origin::Server })
    }

    #[test]
    fn what_is_on_the_stage_comes_first_with_the_sound_of_who_is_pinned() {
        let sends = |id, camera, microphone| Other { camera, microphone, ..other(id, "") };
        let mut others =
            [sends(1, feed(10), feed(11)), sends(2, feed(20), feed(21)), sends(3, None, feed(31))];
        others[1].screen = feed(22);
        let [one, two, three] = [1, 2, 3].map(|id| Whose::Other(ParticipantId(id)));
        let screen = Whose::Screen(ParticipantId(2));
        let mut pinned = vec![];
        for whose in [three, Whose::Other(ParticipantId(9)), two, one] {
            pin(&mut pinned, whose);
        }
        pin(&mut pinned, two);
        let ids = |shown: &[Whose], pinned: &[Whose]| preferred(shown, pinned, &others);
        assert_eq!(
            ids(&[three, screen, one, Whose::Own, two], &pinned),
            [31, 22, 10, 11, 20].map(PublicationId)
        );
        assert_eq!(ids(&[two], &[]), [20].map(PublicationId));
        assert_eq!(ids(&[], &pinned), []);
    }

    #[test]
    fn a_track_is_as_loud_as_its_sender_is_to_be() {
        let (first, second) = (TrackId::of_key(5), TrackId::of_key(6));
        let straight = TrackId::of_key(7);
        let slots = Slots {
            tracks: vec![(Mid::from("m11"), first), (Mid::from("m9"), second)],
            direct: vec![(ParticipantId(1), Mid::from("0"), straight)],
            ..Slots::default()
        };
        let mut ada = Other { microphone: feed(11), ..other(1, "Ada") };
        let volumes = [(ParticipantId(1), 30)];
        let heard = |ada: &Other, track| volume(track, &slots, std::slice::from_ref(ada), &volumes);
        assert_eq!((heard(&ada, first), heard(&ada, second)), (30, 100));
        ada.microphone = feed(9);
        assert_eq!((heard(&ada, first), heard(&ada, second)), (100, 30), "the slot is another's now");
        assert_eq!(heard(&ada, straight), 30, "by whichever way");
        assert_eq!(heard(&ada, TrackId::of_key(99)), 100);
    }

    #[test]
    fn keys_name_whose_they_are() {
        for whose in [Whose::Own, Whose::Other(ParticipantId(7)), Whose::Screen(ParticipantId(u32::MAX))] {
            assert_eq!(Whose::of_key(whose.key()), whose);
        }
    }

    #[test]
    fn a_stay_is_an_id_and_when_it_began() {
        let me = |id, since| {
            let since = Now::from_secs(since);
            Some(Me { id: ParticipantId(id), name: "Sam".to_owned(), since })
        };
        let same = |old: Option<Me>, new: Option<Me>| same_stay(old.as_ref(), new.as_ref());
        assert!(same(me(1, 5), me(1, 5)));
        assert!(!same(me(1, 5), me(2, 9)), "joined afresh");
        assert!(!same(me(1, 5), me(1, 9)), "at a server that counts anew");
        assert!(!same(None, me(1, 5)));
        assert!(!same(me(1, 5), None));
    }
}
