//! One room: who is in it, and telling all of them. What is said to whom is decided here; by which
//! socket a message came and whether it may is decided before.

use crate::member::{Joiner, Member};
use crate::{Output, outbox::Outbox, seating::Change, seating::Claim};
use signal::{
    LeaveReason, Mid, ParticipantId, ParticipantInfo, PublicationId, ServerMessage, SlotAssignment,
};
use std::collections::BTreeMap;

/// A room with somebody in it, or on the way in.
#[derive(Debug, Default)]
pub(crate) struct Room {
    pub(crate) joiners: BTreeMap<ParticipantId, Joiner>,
    pub(crate) members: BTreeMap<ParticipantId, Member>,
}

impl Room {
    /// How many places are taken.
    pub(crate) fn places(&self) -> u32 {
        u32::try_from(self.joiners.len() + self.members.len()).unwrap_or(u32::MAX)
    }

    /// Everybody, by ascending id.
    pub(crate) fn infos(&self) -> Vec<ParticipantInfo> {
        self.members.iter().map(|(id, member)| member.info(*id)).collect()
    }

    /// Tells everybody who can be told.
    pub(crate) fn tell(&self, message: &ServerMessage, outbox: &mut Outbox) {
        for connection in self.members.values().filter_map(Member::connection) {
            outbox.send(connection, message.clone());
        }
    }

    /// Lets somebody in: the others are told, and everybody sees everybody. Answers what the newcomer
    /// needs to know itself: its slots that are fed.
    pub(crate) fn admit(
        &mut self,
        id: ParticipantId,
        mut newcomer: Member,
        outbox: &mut Outbox,
    ) -> Vec<SlotAssignment> {
        let participant = newcomer.info(id);
        self.tell(&ServerMessage::ParticipantJoined { participant }, outbox);
        newcomer.seating.add_all(self.claims());
        for member in self.members.values_mut() {
            member.seating.add_all(claims_of(id, &newcomer));
        }
        let slots = newcomer.seating.fed();
        for change in newcomer.seating.take_changes() {
            let route = self.route(id, change);
            outbox.push(route);
        }
        self.members.insert(id, newcomer);
        slots
    }

    /// Lets somebody go: the rest are told, and what it fed is free.
    pub(crate) fn dismiss(&mut self, id: ParticipantId, reason: LeaveReason, outbox: &mut Outbox) {
        if self.members.remove(&id).is_none() {
            return;
        }
        self.tell(&ServerMessage::ParticipantLeft { participant: id, reason }, outbox);
        for member in self.members.values_mut() {
            member.seating.remove(|claim| claim.owner == id);
        }
    }

    /// Shows a new publication to all but its owner.
    pub(crate) fn show(&mut self, claim: Claim) {
        for (id, member) in &mut self.members {
            if *id != claim.owner {
                member.seating.add(claim);
            }
        }
    }

    /// Ends a publication: everybody is told, its slots are free.
    pub(crate) fn end_publication(
        &mut self,
        owner: ParticipantId,
        publication: PublicationId,
        outbox: &mut Outbox,
    ) {
        let Some(member) = self.members.get_mut(&owner) else { return };
        member.publications.remove(&publication);
        self.tell(&ServerMessage::Unpublished { participant: owner, publication }, outbox);
        for member in self.members.values_mut() {
            member.seating.remove(|claim| claim.publication == publication);
        }
    }

    /// Routes and tells what changed in anybody's slots since the last call.
    pub(crate) fn flush(&mut self, outbox: &mut Outbox) {
        let changed: Vec<_> = self
            .members
            .iter_mut()
            .map(|(id, member)| (*id, member.connection(), member.seating.take_changes()))
            .filter(|(_, _, changes)| !changes.is_empty())
            .collect();
        for (receiver, connection, changes) in changed {
            let slots = changes.iter().map(assignment).collect();
            for change in changes {
                outbox.push(self.route(receiver, change));
            }
            if let Some(connection) = connection {
                outbox.send(connection, ServerMessage::Slots { slots });
            }
        }
    }

    fn claims(&self) -> impl Iterator<Item = Claim> {
        self.members.iter().flat_map(|(id, member)| claims_of(*id, member))
    }

    fn route(&self, receiver: ParticipantId, change: Change) -> Output {
        let source = change.claim.and_then(|claim| Some((claim.owner, self.mid_of(claim)?)));
        Output::Route { receiver, slot: change.mid, source }
    }

    fn mid_of(&self, claim: Claim) -> Option<Mid> {
        Some(self.members.get(&claim.owner)?.publications.get(&claim.publication)?.mid.clone())
    }
}

fn claims_of(owner: ParticipantId, member: &Member) -> impl Iterator<Item = Claim> {
    let claim = move |(id, publication): (&PublicationId, &crate::member::Publication)| Claim {
        publication: *id,
        owner,
        source: publication.source,
    };
    member.publications.iter().map(claim)
}

fn assignment(change: &Change) -> SlotAssignment {
    SlotAssignment { mid: change.mid.clone(), publication: change.claim.map(|claim| claim.publication) }
}
