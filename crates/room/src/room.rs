//! One room: who is in it, and telling all of them. What is said to whom is decided here; by which
//! socket a message came and whether it may is decided before.

use crate::member::{Joiner, Member, Presence};
use crate::moderating::Moderating;
use crate::seating::Change;
use crate::{
    ConnectionId, Output, RoomEvent, RoomEventKind, RoomId, chat::Chat, claim::Claim, claim::Track,
    floor::Floor, outbox::Outbox,
};
use signal::{
    LeaveReason, Mid, ParticipantId, ParticipantInfo, PublicationId, RoomMode, RoomName, ServerMessage,
    SlotAssignment,
};
use std::collections::BTreeMap;

/// A room with somebody in it, or on the way in.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) id: RoomId,
    pub(crate) name: RoomName,
    /// By which way media goes: chosen by whoever came first.
    pub(crate) mode: RoomMode,
    pub(crate) joiners: BTreeMap<ParticipantId, Joiner>,
    pub(crate) members: BTreeMap<ParticipantId, Member>,
    pub(crate) floor: Floor,
    pub(crate) chat: Chat,
    /// Whose hands are raised, in the order they were.
    pub(crate) hands: Vec<ParticipantId>,
    pub(crate) moderating: Moderating,
}

impl Room {
    pub(crate) fn new(id: RoomId, name: RoomName, mode: RoomMode) -> Self {
        Self {
            id,
            name,
            mode,
            joiners: BTreeMap::new(),
            members: BTreeMap::new(),
            floor: Floor::default(),
            chat: Chat::default(),
            hands: Vec::new(),
            moderating: Moderating::default(),
        }
    }

    /// How many places are taken.
    pub(crate) fn places(&self) -> u32 {
        u32::try_from(self.joiners.len() + self.members.len()).unwrap_or(u32::MAX)
    }

    /// Everybody, by ascending id.
    pub(crate) fn infos(&self) -> Vec<ParticipantInfo> {
        self.members.iter().map(|(id, member)| member.info(*id)).collect()
    }

    /// For the caller's record.
    pub(crate) fn record(&self, kind: RoomEventKind, outbox: &mut Outbox) {
        outbox.push(Output::Event(RoomEvent { room: self.id, name: self.name.clone(), kind }));
    }

    /// Tells everybody who can be told.
    pub(crate) fn tell(&self, message: &ServerMessage, outbox: &mut Outbox) {
        outbox.tell(self.connections(), message);
    }

    /// Tells everybody who can be told who came or went: at once in a small room, with more of it in a large one.
    fn tell_soon(&self, message: ServerMessage, outbox: &mut Outbox) {
        outbox.gather(self.id, self.places(), self.connections(), message);
    }

    fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.members.values().filter_map(Member::connection)
    }

    /// Lets somebody in: the others are told, and everybody sees everybody. Answers what the newcomer
    /// needs to know itself: its slots that are fed.
    pub(crate) fn admit(
        &mut self,
        id: ParticipantId,
        mut newcomer: Member,
        outbox: &mut Outbox,
    ) -> Vec<SlotAssignment> {
        if self.members.is_empty() {
            self.record(RoomEventKind::Opened { mode: self.mode }, outbox);
        }
        let (name, over_http) = (newcomer.name.clone(), matches!(newcomer.presence, Presence::Resource(_)));
        self.record(RoomEventKind::Joined { participant: id, name, over_http }, outbox);
        let participant = newcomer.info(id);
        let publishes = !newcomer.publications.is_empty();
        self.tell_soon(ServerMessage::ParticipantJoined { participant }, outbox);
        let claims = self.claims();
        let open_to = self.narrowed(&newcomer, &claims);
        newcomer.seating.reseat(id, open_to.as_ref().unwrap_or(&claims));
        let slots = newcomer.seating.fed();
        for change in newcomer.seating.take_changes() {
            let route = self.route(id, change);
            outbox.push(route);
        }
        self.members.insert(id, newcomer);
        self.choose_lead();
        self.somebody_changed(publishes);
        slots
    }

    /// Lets somebody go: the rest are told, and what it fed is free.
    pub(crate) fn dismiss(&mut self, id: ParticipantId, reason: LeaveReason, outbox: &mut Outbox) {
        let Some(gone) = self.members.remove(&id) else { return };
        self.record(RoomEventKind::Left { participant: id, reason }, outbox);
        if self.members.is_empty() {
            self.record(RoomEventKind::Ended, outbox);
        }
        self.floor.leave(id);
        self.hands.retain(|other| *other != id);
        self.tell_soon(ServerMessage::ParticipantLeft { participant: id, reason }, outbox);
        self.moderate_without(id, &gone, reason);
        self.somebody_changed(!gone.publications.is_empty());
    }

    /// A publication is new, gone, or ranks otherwise: everybody is seated anew when the call ends.
    pub(crate) fn claims_changed(&mut self) {
        for member in self.members.values_mut() {
            member.seating.claims_changed();
        }
    }

    /// Somebody came or went. Who only watches takes nobody's slot, and to seat everybody anew would be most of what
    /// a join costs in a large room; but a player may show somebody else alone now.
    fn somebody_changed(&mut self, publishes: bool) {
        for member in self.members.values_mut().filter(|member| publishes || member.focus.is_some()) {
            member.seating.claims_changed();
        }
    }

    /// Others speak than before: that concerns whoever has fewer slots than there are claims.
    pub(crate) fn voices_changed(&mut self) {
        for member in self.members.values_mut() {
            member.seating.voices_changed();
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
        self.claims_changed();
    }

    /// Has the media plane hold what is held, tells how the room is moderated, seats everybody anew whom that may
    /// concern; routes and tells what changed in anybody's slots since
    /// the last call.
    pub(crate) fn flush(&mut self, outbox: &mut Outbox) {
        self.open_unattended();
        self.hold_lines(outbox);
        self.tell_moderation(outbox);
        if !self.members.values().any(|member| member.seating.is_stale()) {
            return;
        }
        let claims = self.claims();
        let stale = |(_, member): &(&ParticipantId, &Member)| member.seating.is_stale();
        let narrowed = |(id, member): (&ParticipantId, &Member)| Some((*id, self.narrowed(member, &claims)?));
        let narrowed: BTreeMap<_, _> = self.members.iter().filter(stale).filter_map(narrowed).collect();
        for (id, member) in self.members.iter_mut().filter(|(_, member)| member.seating.is_stale()) {
            member.seating.reseat(*id, narrowed.get(id).unwrap_or(&claims));
        }
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

    /// What is to be shown in slots: all that is published and not held, or nothing where no media goes
    /// through the server.
    fn claims(&self) -> Vec<Claim> {
        match self.mode {
            RoomMode::Auto | RoomMode::Sfu => {}
            RoomMode::P2p => return Vec::new(),
        }
        let claims = self.members.iter().flat_map(|(owner, member)| {
            let voice = self.floor.voice(*owner);
            let heard = member.publications.iter().filter(|(_, held)| !member.is_held(held.source));
            heard.map(move |(publication, held)| {
                let track = Track { publication: *publication, owner: *owner, source: held.source };
                Claim { track, muted: held.muted, voice }
            })
        });
        claims.collect()
    }

    /// What is put to the slots of somebody to whom not everything is: of a player that shows one alone, what is of
    /// that one; of whoever may receive nothing, nothing.
    fn narrowed(&self, receiver: &Member, claims: &[Claim]) -> Option<Vec<Claim>> {
        if !receiver.permissions.subscribe {
            return Some(Vec::new());
        }
        let whom = receiver.focus.as_ref()?.find(&self.members);
        Some(claims.iter().filter(|claim| Some(claim.track.owner) == whom).copied().collect())
    }

    fn route(&self, receiver: ParticipantId, change: Change) -> Output {
        let source = change.track.and_then(|track| Some((track.owner, self.mid_of(track)?)));
        Output::Route { receiver, slot: change.mid, source }
    }

    fn mid_of(&self, track: Track) -> Option<Mid> {
        Some(self.members.get(&track.owner)?.publications.get(&track.publication)?.mid.clone())
    }
}

fn assignment(change: &Change) -> SlotAssignment {
    SlotAssignment { mid: change.mid.clone(), publication: change.track.map(|track| track.publication) }
}
