//! The way in: `join` is checked and takes a place, its offer is answered, the joiner becomes a member.
//! A refused joiner gives its place back, and its socket may try again. Those who come over HTTP take the same
//! way from `entrance`.

use crate::connection::Stage;
use crate::member::{Joiner, Member, Presence, Publication, Way};
use crate::moderating::Known;
use crate::{Admission, ConnectionId, MediaLine, Negotiated, Now, Output, Rooms, Service};
use crate::{offers::Offers, publish::check_track, rate::Rate, refused, seating::Seating, talk::Manners};
use signal::limits::{HANDSHAKE_TIMEOUT, MAX_DIRECT_BURST, MAX_DIRECT_RATE, MAX_MID_LENGTH};
use signal::{
    DisplayName, ErrorCode, ErrorInfo, OfferId, PROTOCOL_VERSION, ParticipantId, Permissions, PublishTrack,
    ResumeToken, RoomMode, RoomName, Sdp, ServerMessage,
};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody who comes by a socket asks for.
pub(crate) struct Wishes {
    pub(crate) publish: Vec<PublishTrack>,
    pub(crate) mode: Option<RoomMode>,
    pub(crate) direct: bool,
    pub(crate) returning: Option<ResumeToken>,
}

impl Rooms {
    pub(crate) fn join(
        &mut self,
        connection: ConnectionId,
        room: &str,
        name: &str,
        offer: Sdp,
        wishes: Wishes,
        admission: Admission,
    ) -> Result<(), ErrorInfo> {
        let Wishes { publish, mode, direct, returning } = wishes;
        let Admission { permissions, name: given, limit, invited, identity } = admission;
        let room = RoomName::parse(room)
            .map_err(|e| ErrorInfo::with_message(ErrorCode::BadRoomName, format!("The room name {e}.")))?;
        let named = || {
            DisplayName::parse(name)
                .map_err(|e| ErrorInfo::with_message(ErrorCode::BadName, format!("The name {e}.")))
        };
        let name = given.map_or_else(named, Ok)?;
        check_wishes(&publish, self.config.limits.publications)?;
        // It cannot know before: it is told in `joined`, and comes in with nothing to show.
        let publish = if permissions.publish { publish } else { Vec::new() };
        let direct = direct && permissions.allow_direct();
        let known = Known { identity, invited, ..Known::default() };
        let way = Way::Socket { connection, publish, direct };
        let joiner = Joiner { name, permissions, limit, known, way };
        self.come(room, joiner, mode, offer, returning.as_ref()).map(drop)
    }

    /// Gives a joiner a place, and its offer to be answered.
    pub(crate) fn take_place(
        &mut self,
        participant: ParticipantId,
        room: RoomName,
        joiner: Joiner,
        wish: Option<RoomMode>,
        offer: Sdp,
    ) -> Result<(), ErrorInfo> {
        if offer.0.is_empty() {
            return Err(ErrorInfo::with_message(ErrorCode::BadOffer, "The offer is empty."));
        }
        let status = self.status(&room);
        if status.is_full() || joiner.limit.is_some_and(|limit| status.participants >= limit) {
            return refused(ErrorCode::RoomFull);
        }
        if self.service == Service::Draining && self.directory.room(&room).is_none() {
            return refused(ErrorCode::ShuttingDown);
        }
        if let Some(code) = self.has_no_place(&room) {
            return refused(code);
        }
        let mode = self.mode_for(&room, wish)?;
        if mode == RoomMode::P2p && !joiner.is_direct() {
            return Err(ErrorInfo::with_message(
                ErrorCode::ModeNotAllowed,
                "In this room everybody connects straight to everybody, and this participant cannot.",
            ));
        }
        let publish = joiner.permissions.publish;
        let home = self.directory.settle_in(participant, room, mode);
        home.joiners.insert(participant, joiner);
        let room = home.id;
        self.outbox.push(Output::Negotiate { participant, room, offer: OfferId(0), sdp: offer, publish });
        Ok(())
    }

    /// The first offer of a joiner is answered, or cannot be.
    pub(crate) fn join_negotiated(
        &mut self,
        participant: ParticipantId,
        joiner: Joiner,
        result: Result<Negotiated, ErrorInfo>,
        now: Now,
    ) {
        let Joiner { name, permissions, limit: _, known, way } = joiner;
        let (connection, publish, direct) = match way {
            Way::Socket { connection, publish, direct } => (connection, publish, direct),
            Way::Resource { resource, errand } => {
                let named = (name, permissions, known);
                return self.resource_negotiated(participant, named, resource, errand, result);
            }
        };
        let fits = result.and_then(|negotiated| {
            check_lines(&publish, &negotiated.sends)?;
            Ok(negotiated)
        });
        match fits {
            Ok(negotiated) => {
                let led = known.left.led;
                let mut member = self.newcomer(
                    participant,
                    (name, permissions, known),
                    Presence::Here(connection),
                    publish,
                    &negotiated,
                );
                member.direct = direct;
                self.admit(participant, connection, member, negotiated.answer, now);
                if let Some(room) = self.directory.room_of(participant).filter(|_| led) {
                    room.moderating.lead_again(participant);
                }
            }
            Err(error) => {
                self.directory.move_out(participant);
                self.set_stage(connection, Stage::Fresh { deadline: now.saturating_add(HANDSHAKE_TIMEOUT) });
                self.outbox.error(connection, error.in_reply_to("join"));
            }
        }
    }

    fn admit(
        &mut self,
        participant: ParticipantId,
        connection: ConnectionId,
        mut member: Member,
        answer: Sdp,
        now: Now,
    ) {
        let Some(token) = self.connections.get(&connection).map(|connection| connection.token.clone()) else {
            return;
        };
        let (name, permissions) = (member.name.as_str().to_owned(), member.permissions);
        member.token = Some(token.clone());
        self.set_stage(connection, Stage::Member(participant));
        let Some(room) = self.directory.home(participant) else { return };
        let slots = room.admit(participant, member, &mut self.outbox);
        let welcome = ServerMessage::Joined {
            version: PROTOCOL_VERSION,
            participant,
            token,
            name,
            mode: room.mode,
            permissions,
            answer,
            participants: room.infos(),
            slots,
            chat: room.chat.history(now),
            hands: room.hands.clone(),
            ice_servers: Vec::new(),
            relays: Vec::new(),
        };
        self.outbox.send(connection, welcome);
        room.tell_speakers_to(connection, &mut self.outbox);
        room.tell_moderation_to(participant, connection, &mut self.outbox);
    }

    /// Somebody whose first offer is answered.
    pub(crate) fn newcomer(
        &mut self,
        participant: ParticipantId,
        (name, permissions, known): (DisplayName, Permissions, Known),
        presence: Presence,
        publish: Vec<PublishTrack>,
        negotiated: &Negotiated,
    ) -> Member {
        let Known { identity, invited, left } = known;
        let mut holds = left.holds;
        // As of now: what is held may be news since it came to the door.
        let room = self.directory.room_of(participant);
        let held = room.zip(identity.as_ref()).map(|(room, identity)| room.moderating.held_of(identity));
        holds.extend(held.unwrap_or_default());
        let publications = publish.into_iter().map(|PublishTrack { mid, source, muted }| {
            let muted = muted || holds.iter().any(|hold| hold.covers(source));
            (self.ids.publication(), Publication { source, mid, muted })
        });
        let publications = publications.collect();
        let mut seating = Seating::default();
        seating.lay_out(&negotiated.slots);
        Member {
            name,
            permissions,
            invited,
            identity,
            holds,
            held_lines: BTreeSet::new(),
            token: None,
            presence,
            media_lost: false,
            offers: Offers::after_join(),
            sends: negotiated.sends.clone(),
            wanted: BTreeMap::new(),
            publications,
            seating,
            focus: None,
            paused: BTreeSet::new(),
            manners: Manners::of(&self.config.limits),
            direct: false,
            direct_rate: Rate::new(MAX_DIRECT_RATE, MAX_DIRECT_BURST),
        }
    }
}

/// What can be said against a list of tracks before the offer is read.
fn check_wishes(publish: &[PublishTrack], most: usize) -> Result<(), ErrorInfo> {
    if publish.len() > most {
        return refused(ErrorCode::TooManyPublications);
    }
    for (k, track) in publish.iter().enumerate() {
        if track.mid.0.is_empty() || track.mid.0.len() > MAX_MID_LENGTH {
            return refused(ErrorCode::BadTrack);
        }
        let twice = |earlier: &PublishTrack| earlier.source == track.source || earlier.mid == track.mid;
        if publish.iter().take(k).any(twice) {
            return refused(ErrorCode::AlreadyPublished);
        }
    }
    Ok(())
}

fn check_lines(publish: &[PublishTrack], sends: &[MediaLine]) -> Result<(), ErrorInfo> {
    publish.iter().try_for_each(|track| check_track(track, sends))
}
