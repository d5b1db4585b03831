//! Everybody in the room as the server told it, and what feeds one's slots. Told things only: nothing
//! is guessed ahead of the server.

use crate::{Feed, Me, Origin, Other, SortedMap, SortedSet, Way};
use signal::{
    MediaKind, Mid, ParticipantId, ParticipantInfo, PublicationId, PublicationInfo, SlotAssignment, Source,
};

/// The room. Bounded by what the server says, which bounds its rooms.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) me: Option<Me>,
    people: SortedMap<ParticipantId, ParticipantInfo>,
    pub(crate) slots: SortedMap<Mid, PublicationId>,
}

impl Roster {
    /// The whole state: whatever was known before is forgotten.
    pub(crate) fn replace(&mut self, participants: Vec<ParticipantInfo>, slots: Vec<SlotAssignment>) {
        self.people = participants.into_iter().map(|info| (info.id, info)).collect();
        self.slots.clear();
        self.assign(slots);
    }

    pub(crate) fn joined(&mut self, participant: ParticipantInfo) {
        self.people.insert(participant.id, participant);
    }

    pub(crate) fn left(&mut self, participant: ParticipantId) {
        self.people.remove(&participant);
    }

    pub(crate) fn published(&mut self, participant: ParticipantId, publication: PublicationInfo) {
        if let Some(person) = self.people.get_mut(&participant) {
            person.publications.push(publication);
        }
    }

    pub(crate) fn unpublished(&mut self, participant: ParticipantId, publication: PublicationId) {
        if let Some(person) = self.people.get_mut(&participant) {
            person.publications.retain(|held| held.id != publication);
        }
    }

    pub(crate) fn muted(&mut self, participant: ParticipantId, publication: PublicationId, muted: bool) {
        let person = self.people.get_mut(&participant);
        let held =
            person.and_then(|person| person.publications.iter_mut().find(|held| held.id == publication));
        if let Some(held) = held {
            held.muted = muted;
        }
    }

    pub(crate) fn assign(&mut self, slots: Vec<SlotAssignment>) {
        for SlotAssignment { mid, publication } in slots {
            match publication {
                Some(publication) => self.slots.insert(mid, publication),
                None => self.slots.remove(&mid),
            };
        }
    }

    /// One's own participant as the server sees it.
    pub(crate) fn own(&self) -> Option<&ParticipantInfo> {
        self.people.get(&self.me.as_ref()?.id)
    }

    /// Everybody else, in the order they came.
    pub(crate) fn others(&self) -> Vec<Other> {
        let fed: SortedMap<PublicationId, &Mid> = self.slots.iter().map(|(mid, held)| (*held, mid)).collect();
        let other = |info: &ParticipantInfo| Other {
            id: info.id,
            name: info.name.clone(),
            microphone: feed(info, Source::Microphone, &fed),
            camera: feed(info, Source::Camera, &fed),
            screen: feed(info, Source::Screen, &fed),
            screen_audio: feed(info, Source::ScreenAudio, &fed),
            way: Way::default(),
            direct: None,
        };
        self.people_but_me().map(other).collect()
    }

    /// The video slots that are fed.
    pub(crate) fn fed_video(&self) -> SortedSet<Mid> {
        let all = self.people.values().flat_map(|info| &info.publications);
        let video: SortedSet<PublicationId> =
            all.filter(|held| held.source.kind() == MediaKind::Video).map(|held| held.id).collect();
        let fed = self.slots.iter().filter(|(_, publication)| video.contains(publication));
        fed.map(|(mid, _)| mid.clone()).collect()
    }

    /// How many seats it takes to see and hear everybody, and each screen beside its owner.
    pub(crate) fn seats_needed(&self) -> usize {
        let screen = |info: &ParticipantInfo| info.publications.iter().any(|held| is_screen(held.source));
        self.people_but_me().map(|info| 1 + usize::from(screen(info))).sum()
    }

    /// Everybody else who can connect straight to others.
    pub(crate) fn able(&self) -> Vec<ParticipantId> {
        self.people_but_me().filter(|info| info.direct).map(|info| info.id).collect()
    }

    /// Whether somebody else can.
    pub(crate) fn is_direct(&self, participant: ParticipantId) -> bool {
        self.people_but_me().any(|info| info.id == participant && info.direct)
    }

    /// Whether there is exactly one other.
    pub(crate) fn is_pair(&self) -> bool {
        self.people_but_me().take(2).count() == 1
    }

    fn people_but_me(&self) -> impl Iterator<Item = &ParticipantInfo> {
        let me = self.me.as_ref().map(|me| me.id);
        self.people.values().filter(move |info| Some(info.id) != me)
    }
}

fn feed(info: &ParticipantInfo, source: Source, fed: &SortedMap<PublicationId, &Mid>) -> Option<Feed> {
    let publication = info.publications.iter().find(|held| held.source == source)?;
    Some(Feed {
        publication: publication.id,
        muted: publication.muted,
        slot: fed.get(&publication.id).map(|mid| (*mid).clone()),
        origin: Origin::default(),
    })
}

fn is_screen(source: Source) -> bool {
    match source {
        Source::Microphone | Source::Camera => false,
        Source::Screen | Source::ScreenAudio => true,
    }
}
