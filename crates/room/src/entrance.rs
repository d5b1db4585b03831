//! The way in and out for those who come over HTTP: a resource stands for each of them in place of a socket
//! (RFC 9725; draft-ietf-wish-whep). It cannot be told anything but the answers to its offers, and has nothing to
//! resume: it ends when it is deleted or its media fails. Inside they are participants like any other.

use crate::member::{Joiner, Presence, Way};
use crate::moderating::Known;
use crate::{Errand, MediaLine, Negotiated, Output, ResourceId, Rooms, Service, focus::Focus, refused};
use signal::{
    DisplayName, ErrorCode, ErrorInfo, LeaveReason, MediaKind, ParticipantId, Permissions, PublishTrack,
    RoomName, Sdp, Source,
};

impl Rooms {
    pub(crate) fn enter(&mut self, resource: ResourceId, room: RoomName, joiner: Joiner, offer: Sdp) {
        let placed = match self.service {
            Service::Open | Service::Draining if !joiner.may_do_its_errand() => {
                refused(ErrorCode::NotAllowed)
            }
            Service::Open | Service::Draining => self.come(room, joiner, None, offer, None),
            Service::Stopped => refused(ErrorCode::ShuttingDown),
        };
        match placed {
            Ok(participant) => drop(self.resources.insert(resource, participant)),
            Err(error) => self.turn_away(resource, error),
        }
    }

    /// The first offer of a resource is answered, or cannot be.
    pub(crate) fn resource_negotiated(
        &mut self,
        participant: ParticipantId,
        named: (DisplayName, Permissions, Known),
        resource: ResourceId,
        errand: Errand,
        result: Result<Negotiated, ErrorInfo>,
    ) {
        let most = self.config.limits.publications;
        let fits = result.and_then(|negotiated| Ok((errand.tracks(&negotiated, most)?, negotiated)));
        let (publish, negotiated) = match fits {
            Ok(fits) => fits,
            Err(error) => {
                self.directory.move_out(participant);
                return self.turn_away(resource, error);
            }
        };
        let mut member =
            self.newcomer(participant, named, Presence::Resource(resource), publish, &negotiated);
        member.focus = match errand {
            Errand::Publish => None,
            Errand::Play { whom } => whom.map(Focus::on),
        };
        let Some(room) = self.directory.home(participant) else { return };
        room.admit(participant, member, &mut self.outbox);
        self.outbox.push(Output::Answer { resource, result: Ok(negotiated.answer) });
    }

    /// A resource restarts ICE: its m-lines stay as they are.
    pub(crate) fn reoffer(&mut self, resource: ResourceId, sdp: Sdp) {
        let participant = self.resources.get(&resource).copied();
        let room = participant.and_then(|participant| self.directory.home(participant));
        let taken = room.zip(participant).and_then(|(room, participant)| {
            let id = room.id;
            let member = room.members.get_mut(&participant)?;
            let (offer, publish) = (member.offers.next(), member.permissions.publish);
            Some(member.offers.take(offer, sdp).map(|sdp| (participant, id, offer, sdp, publish)))
        });
        match taken.unwrap_or_else(|| refused(ErrorCode::NotJoined)) {
            Ok((participant, room, offer, Some(sdp), publish)) => {
                self.outbox.push(Output::Negotiate { participant, room, offer, sdp, publish });
            }
            // Only a resume makes an offer wait, and a resource has none.
            Ok((_, _, _, None, _)) => {}
            Err(error) => self.outbox.push(Output::Answer { resource, result: Err(error) }),
        }
    }

    pub(crate) fn delete(&mut self, resource: ResourceId) {
        if let Some(participant) = self.resources.get(&resource).copied() {
            self.remove(participant, LeaveReason::Left);
        }
    }

    /// The participant that a resource stands for is gone.
    pub(crate) fn release(&mut self, resource: ResourceId) {
        self.resources.remove(&resource);
        self.outbox.push(Output::Gone { resource });
    }

    fn turn_away(&mut self, resource: ResourceId, error: ErrorInfo) {
        self.outbox.push(Output::Answer { resource, result: Err(error) });
        self.release(resource);
    }
}

impl Joiner {
    /// Whether it may do what it came for over HTTP; by a socket there is always something.
    fn may_do_its_errand(&self) -> bool {
        match self.way {
            Way::Socket { .. } => true,
            Way::Resource { errand: Errand::Publish, .. } => self.permissions.publish,
            Way::Resource { errand: Errand::Play { .. }, .. } => self.permissions.subscribe,
        }
    }
}

impl Errand {
    /// What is published of an answered offer; an offer that does not serve its errand is refused whole
    /// (RFC 9725 §4.4.3).
    fn tracks(&self, negotiated: &Negotiated, most: usize) -> Result<Vec<PublishTrack>, ErrorInfo> {
        let refusal = |sentence| Err(ErrorInfo::with_message(ErrorCode::BadOffer, sentence));
        match self {
            Self::Publish if negotiated.sends.is_empty() => refusal("The offer sends nothing."),
            Self::Publish => {
                let tracks = sources(&negotiated.sends);
                if tracks.len() > most { refused(ErrorCode::TooManyPublications) } else { Ok(tracks) }
            }
            Self::Play { .. } if negotiated.slots.is_empty() => refusal("The offer receives nothing."),
            Self::Play { .. } => Ok(Vec::new()),
        }
    }
}

/// Which source an m-line is, by its place: the first of a kind comes from the person, the second from what it
/// shows. More are passed over.
fn sources(sends: &[MediaLine]) -> Vec<PublishTrack> {
    let of = |kind, sources: [Source; 2]| {
        let lines = sends.iter().filter(move |line| line.kind == kind);
        lines.zip(sources).map(|(line, source)| PublishTrack { mid: line.mid.clone(), source, muted: false })
    };
    let audio = of(MediaKind::Audio, [Source::Microphone, Source::ScreenAudio]);
    audio.chain(of(MediaKind::Video, [Source::Camera, Source::Screen])).collect()
}
