//! How one room is moderated: who may, what is held, who is kept out, who may come back; and telling everybody. What
//! moderators ask for is taken in `moderate`, and those who wait are `waiting`'s.

use crate::member::{Member, Presence};
use crate::{ConnectionId, Output, outbox::Outbox, room::Room, waiting::Waiter};
use signal::limits::{MAX_KEPT_OUT, MAX_RETURNING};
use signal::{
    Held, Hold, LeaveReason, MediaKind, Mid, Moderation, ParticipantId, PublicationId, ResumeToken,
    ServerMessage, Source, Waiting,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a room knows of its moderation beside what its members say.
#[derive(Debug, Default)]
pub(crate) struct Moderating {
    /// Members who moderate though no invitation says so.
    leads: BTreeSet<ParticipantId>,
    pub(crate) locked: bool,
    pub(crate) waiting_room: bool,
    /// Who waits to be let in; see `waiting`.
    pub(crate) waiting: BTreeMap<ParticipantId, Waiter>,
    /// Identities of those who were removed: at most [`MAX_KEPT_OUT`].
    kept_out: VecDeque<String>,
    /// Places that are gone: at most [`MAX_RETURNING`].
    returning: VecDeque<(ResumeToken, Left)>,
    /// What is held, by identity, of those inside and of those who left: at most [`MAX_KEPT_OUT`]; past it the first is
    /// forgotten.
    held_of: VecDeque<(String, BTreeSet<Hold>)>,
    /// What everybody was told last, and moderators of those who wait.
    told: Moderation,
}

/// What is known of somebody before it is in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// To whoever invited it.
    pub(crate) identity: Option<String>,
    /// It came by an invitation, which says all that it may do.
    pub(crate) invited: bool,
    /// What it left behind when it was inside before.
    pub(crate) left: Left,
}

/// What is kept of somebody who left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    /// Of one without an identity: what is held of an identity is known by that.
    pub(crate) holds: BTreeSet<Hold>,
    pub(crate) led: bool,
    pub(crate) identity: Option<String>,
    /// It may be another place of somebody who was removed meanwhile: a moderator is asked.
    pub(crate) doubtful: bool,
}

impl Left {
    /// Whether whoever is removed with this identity may have left it.
    fn is_doubtful_of(&self, removed: Option<&String>) -> bool {
        self.identity.is_none() || self.identity.as_ref() == removed
    }

    /// Whether whoever comes with this identity may have left it.
    pub(crate) fn may_be(&self, identity: Option<&String>) -> bool {
        identity.is_none() || self.identity.is_none() || self.identity.as_ref() == identity
    }
}

impl Moderating {
    /// Whether a room keeps this identity out.
    pub(crate) fn keeps_out(&self, identity: Option<&String>) -> bool {
        identity.is_some_and(|identity| self.kept_out.contains(identity))
    }

    fn keep_out(&mut self, identity: String) {
        if self.kept_out.len() >= MAX_KEPT_OUT {
            self.kept_out.pop_front();
        }
        self.kept_out.push_back(identity);
    }

    /// Nobody is let in from now on but those who are inside now, or again.
    pub(crate) fn lock(&mut self, on: bool) {
        if on && !self.locked {
            self.returning.clear();
        }
        self.locked = on;
    }

    /// What was left by whoever has this token, if it was inside.
    pub(crate) fn left_by(&self, token: &ResumeToken) -> Option<Left> {
        self.returning.iter().find(|(known, _)| known == token).map(|(_, left)| left.clone())
    }

    /// What is held of whoever comes with this identity, by whatever token.
    pub(crate) fn held_of(&self, identity: &str) -> BTreeSet<Hold> {
        let known = self.held_of.iter().find(|(known, _)| known == identity);
        known.map(|(_, holds)| holds.clone()).unwrap_or_default()
    }

    fn remember(&mut self, identity: &str, holds: &BTreeSet<Hold>) {
        self.held_of.retain(|(known, _)| known != identity);
        if !holds.is_empty() {
            self.held_of.push_back((identity.to_owned(), holds.clone()));
        }
        if self.held_of.len() > MAX_KEPT_OUT {
            self.held_of.pop_front();
        }
    }

    /// Somebody is removed. What else it may have left here neither lets it in again nor makes it a moderator: of places
    /// without an identity nobody knows whose they were.
    fn doubt(&mut self, identity: Option<&String>) {
        for (_, left) in self.returning.iter_mut().filter(|(_, left)| left.is_doubtful_of(identity)) {
            (left.doubtful, left.led) = (true, false);
        }
    }

    /// Nobody is here to let anybody in.
    fn open(&mut self) {
        (self.locked, self.waiting_room) = (false, false);
    }

    /// It is back.
    pub(crate) fn returned(&mut self, token: &ResumeToken) {
        self.returning.retain(|(known, _)| known != token);
    }

    /// Somebody who moderated before it was gone does again.
    pub(crate) fn lead_again(&mut self, id: ParticipantId) {
        self.leads.insert(id);
    }

    /// Gives moderation from one to another.
    pub(crate) fn hand_over(&mut self, from: ParticipantId, to: ParticipantId) {
        self.leads.remove(&from);
        self.leads.insert(to);
    }
}

impl Member {
    /// Holds something of it, or lets it go. Answers what counts as muted for that, or no longer: who streams over HTTP
    /// could not switch on by itself what was let go.
    fn hold(&mut self, what: Hold, on: bool) -> Vec<PublicationId> {
        let changed = if on { self.holds.insert(what) } else { self.holds.remove(&what) };
        let by_itself = matches!(self.presence, Presence::Resource(_));
        if !changed || !(on || by_itself) {
            return Vec::new();
        }
        let holds = &self.holds;
        let is_held = |source| holds.iter().any(|hold| hold.covers(source));
        let all = self.publications.iter_mut().filter(|(_, published)| what.covers(published.source));
        let switched = all.filter(|(_, published)| published.muted != is_held(published.source));
        switched
            .map(|(id, published)| {
                published.muted = on;
                *id
            })
            .collect()
    }

    /// Whether what comes from there reaches nobody.
    pub(crate) fn is_held(&self, source: Source) -> bool {
        self.holds.iter().any(|hold| hold.covers(source))
    }

    /// The m-lines that the media plane is to hold: of what is held, and of sound also those that nothing is published
    /// on, which would be heard to speak.
    fn lines_to_hold(&self) -> BTreeSet<Mid> {
        let silent = self.holds.contains(&Hold::Sound);
        let held = self.sends.iter().filter(|line| {
            let published = self.publications.values().find(|publication| publication.mid == line.mid);
            published.map_or(silent && line.kind == MediaKind::Audio, |held| self.is_held(held.source))
        });
        held.map(|line| line.mid.clone()).collect()
    }
}

impl Room {
    /// Whether somebody decides about others here.
    pub(crate) fn is_moderator(&self, participant: ParticipantId) -> bool {
        let invited = |member: &Member| member.permissions.moderate;
        self.moderating.leads.contains(&participant) || self.members.get(&participant).is_some_and(invited)
    }

    /// Holds something of somebody, by whatever places it is here, or lets it go.
    pub(crate) fn hold(&mut self, participant: ParticipantId, what: Hold, on: bool, outbox: &mut Outbox) {
        for place in self.places_of(participant) {
            let Some(member) = self.members.get_mut(&place) else { continue };
            for publication in member.hold(what, on) {
                let news = ServerMessage::Muted { participant: place, publication, muted: on };
                self.tell(&news, outbox);
            }
        }
        let Some(member) = self.members.get(&participant) else { return };
        if let Some(identity) = &member.identity {
            self.moderating.remember(identity, &member.holds);
        }
        self.claims_changed();
    }

    /// Somebody is to be removed, and kept out as far as it is known. Answers all its places, those on the way in, too.
    pub(crate) fn keep_out(&mut self, by: ParticipantId, participant: ParticipantId) -> Vec<ParticipantId> {
        let identity = |id| self.members.get(&id).and_then(|member: &Member| member.identity.clone());
        let (own, identity) = (identity(by), identity(participant));
        // Nobody keeps itself out: one of its own places is one place.
        if own.is_some() && own == identity {
            return vec![participant];
        }
        let places = self.places_of(participant);
        self.moderating.doubt(identity.as_ref());
        // One that is being answered has what it left with it.
        for joiner in
            self.joiners.values_mut().filter(|joiner| joiner.known.left.is_doubtful_of(identity.as_ref()))
        {
            joiner.known.left.led = false;
        }
        if let Some(identity) = identity {
            self.moderating.keep_out(identity);
        }
        places
    }

    /// All places of somebody: those with the same identity, inside and on the way in; without one, this one alone.
    pub(crate) fn places_of(&self, participant: ParticipantId) -> Vec<ParticipantId> {
        let identity = self.members.get(&participant).and_then(|member| member.identity.as_ref());
        let Some(identity) = identity else { return vec![participant] };
        let is_it = |other: &Option<String>| other.as_ref() == Some(identity);
        let inside = self.members.iter().filter(|(_, member)| is_it(&member.identity));
        let joining = self.joiners.iter().filter(|(_, joiner)| is_it(&joiner.known.identity));
        inside.map(|(id, _)| *id).chain(joining.map(|(id, _)| *id)).collect()
    }

    /// Whether anybody is here, or comes, who could decide: streams do not.
    pub(crate) fn is_attended(&self) -> bool {
        let by_socket = |member: &Member| !matches!(member.presence, Presence::Resource(_));
        self.members.values().any(by_socket)
            || self.joiners.values().any(|joiner| joiner.connection().is_some())
    }

    /// Where only streams are left, nobody could ever open what is locked: it is as in a room that nobody is in.
    pub(crate) fn open_unattended(&mut self) {
        if !self.is_attended() {
            self.moderating.open();
        }
    }

    /// Whether anything of anybody is held.
    pub(crate) fn holds_anything(&self) -> bool {
        self.members.values().any(|member| !member.holds.is_empty())
    }

    /// Somebody is gone; it may come back, unless it was put out.
    pub(crate) fn moderate_without(&mut self, id: ParticipantId, gone: &Member, reason: LeaveReason) {
        let led = self.moderating.leads.remove(&id);
        self.choose_lead();
        let (Some(token), false) = (&gone.token, reason == LeaveReason::Removed) else { return };
        let returning = &mut self.moderating.returning;
        if returning.len() >= MAX_RETURNING {
            returning.pop_front();
        }
        let identity = gone.identity.clone();
        let holds = if identity.is_none() { gone.holds.clone() } else { BTreeSet::new() };
        returning.push_back((token.clone(), Left { holds, led, identity, doubtful: false }));
    }

    /// Somebody has to moderate: of those who came by a socket and without an invitation, who has been there longest.
    pub(crate) fn choose_lead(&mut self) {
        let by_invitation = || self.members.values().any(|member| member.permissions.moderate);
        if !self.moderating.leads.is_empty() || by_invitation() {
            return;
        }
        let may_lead = |member: &Member| !member.invited && !matches!(member.presence, Presence::Resource(_));
        let lead = self.members.iter().find(|(_, member)| may_lead(member)).map(|(id, _)| *id);
        self.moderating.leads.extend(lead);
    }

    /// Tells the media plane what to hold, where that is news.
    pub(crate) fn hold_lines(&mut self, outbox: &mut Outbox) {
        let held = |member: &Member| !member.holds.is_empty() || !member.held_lines.is_empty();
        for (id, member) in self.members.iter_mut().filter(|(_, member)| held(member)) {
            let lines = member.lines_to_hold();
            if lines != member.held_lines {
                outbox.push(Output::Hold { participant: *id, lines: lines.iter().cloned().collect() });
                member.held_lines = lines;
            }
        }
    }

    /// How it is moderated, as moderators are told.
    fn moderation(&self) -> Moderation {
        let held = |(id, member): (&ParticipantId, &Member)| {
            let participant = *id;
            member.holds.iter().map(move |what| Held { participant, what: *what }).collect::<Vec<_>>()
        };
        let waiting = |(id, waiter): (&ParticipantId, &Waiter)| Waiting {
            participant: *id,
            name: waiter.joiner.name.as_str().to_owned(),
        };
        Moderation {
            moderators: self.members.keys().copied().filter(|id| self.is_moderator(*id)).collect(),
            locked: self.moderating.locked,
            waiting_room: self.moderating.waiting_room,
            held: self.members.iter().flat_map(held).collect(),
            waiting: self.moderating.waiting.iter().map(waiting).collect(),
        }
    }

    /// Tells everybody, where that is news to them.
    pub(crate) fn tell_moderation(&mut self, outbox: &mut Outbox) {
        let now = self.moderation();
        if now == self.moderating.told {
            return;
        }
        let others = Moderation { waiting: Vec::new(), ..now.clone() };
        let others_told = Moderation { waiting: Vec::new(), ..self.moderating.told.clone() };
        if others != others_told {
            outbox.tell(self.told_as(false), &ServerMessage::Moderation(others));
        }
        outbox.tell(self.told_as(true), &ServerMessage::Moderation(now.clone()));
        self.moderating.told = now;
    }

    fn told_as(&self, moderator: bool) -> impl Iterator<Item = ConnectionId> {
        let those = self.members.iter().filter(move |(id, _)| self.is_moderator(**id) == moderator);
        those.filter_map(|(_, member)| member.connection())
    }

    /// Tells one who comes in, or back. What is news to all is told at the end of the call.
    pub(crate) fn tell_moderation_to(
        &self,
        id: ParticipantId,
        connection: ConnectionId,
        outbox: &mut Outbox,
    ) {
        let mut now = self.moderation();
        let public = |all: &Moderation| Moderation { waiting: Vec::new(), ..all.clone() };
        if public(&now) != public(&self.moderating.told) {
            return;
        }
        if !self.is_moderator(id) {
            now.waiting.clear();
        }
        if now != Moderation::default() {
            outbox.send(connection, ServerMessage::Moderation(now));
        }
    }
}
