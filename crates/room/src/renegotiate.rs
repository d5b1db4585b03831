//! Offers and answers: a member's offers go to its peer, and what the peer answers comes back here.
//! Which offer is in turn is kept in `offers`; what an SDP means is the server's.

use crate::{Negotiated, Now, Output, Rooms, member::Presence, offers::Ended, refused};
use signal::{ErrorCode, ErrorInfo, OfferId, ParticipantId, PublicationId, Sdp, ServerMessage};

impl Rooms {
    pub(crate) fn offer(
        &mut self,
        participant: ParticipantId,
        offer: OfferId,
        sdp: Sdp,
    ) -> Result<(), ErrorInfo> {
        let Some(room) = self.directory.home(participant) else { return refused(ErrorCode::NotJoined) };
        let Some(member) = room.members.get_mut(&participant) else { return refused(ErrorCode::NotJoined) };
        let publish = member.permissions.publish;
        if let Some(sdp) = member.offers.take(offer, sdp)? {
            self.outbox.push(Output::Negotiate { participant, room: room.id, offer, sdp, publish });
        }
        Ok(())
    }

    /// The peer has answered an offer. One that nobody waits for any more is passed over.
    pub(crate) fn negotiated(
        &mut self,
        participant: ParticipantId,
        offer: OfferId,
        result: Result<Negotiated, ErrorInfo>,
        now: Now,
    ) {
        let Some(room) = self.directory.home(participant) else { return };
        let room_id = room.id;
        if offer == OfferId(0) {
            if let Some(joiner) = room.joiners.remove(&participant) {
                self.join_negotiated(participant, joiner, result, now);
            }
            return;
        }
        let Some(member) = room.members.get_mut(&participant) else { return };
        let publish = member.permissions.publish;
        let (listener, next) = match member.offers.end(offer) {
            Ended::Unknown => return,
            Ended::Awaited => (Some(member.presence), None),
            Ended::GivenUp { next } => (None, next),
        };
        match (result, listener) {
            (Ok(negotiated), listener) => {
                let sdp = negotiated.answer.clone();
                match listener {
                    Some(Presence::Here(connection)) => {
                        member.offers.sent(offer);
                        self.outbox
                            .send(connection, ServerMessage::Answer { id: offer, sdp, relays: Vec::new() });
                    }
                    Some(Presence::Resource(resource)) => {
                        member.offers.sent(offer);
                        self.outbox.push(Output::Answer { resource, result: Ok(sdp) });
                    }
                    Some(Presence::Absent { .. }) | None => {}
                }
                self.take_over(participant, negotiated);
            }
            (Err(error), Some(Presence::Here(connection))) => {
                self.outbox.error(connection, error.in_reply_to("offer"));
            }
            (Err(error), Some(Presence::Resource(resource))) => {
                self.outbox.push(Output::Answer { resource, result: Err(error) });
            }
            (Err(_), Some(Presence::Absent { .. }) | None) => {}
        }
        if let Some((offer, sdp)) = next {
            self.outbox.push(Output::Negotiate { participant, room: room_id, offer, sdp, publish });
        }
    }

    /// The peer's m-lines are these now, whether the client was told or not. What was published on
    /// one that is gone ends.
    fn take_over(&mut self, participant: ParticipantId, negotiated: Negotiated) {
        let Some(room) = self.directory.home(participant) else { return };
        let Some(member) = room.members.get_mut(&participant) else { return };
        member.seating.lay_out(&negotiated.slots);
        let paused = member.paused.clone();
        member.pause(paused, &mut self.outbox);
        let sends = negotiated.sends;
        let orphans: Vec<PublicationId> = member
            .publications
            .iter()
            .filter(|(_, p)| !sends.iter().any(|line| line.mid == p.mid && line.kind == p.source.kind()))
            .map(|(id, _)| *id)
            .collect();
        member.wanted.retain(|mid, _| sends.iter().any(|line| line.mid == *mid));
        member.sends = sends;
        for publication in orphans {
            room.end_publication(participant, publication, &mut self.outbox);
        }
    }
}
