//! A client's message arrives: is it too much, may this socket say it, and who deals with it.

use crate::{Admission, ConnectionId, Now, Rooms, connection::Stage, enter::Wishes, refused};
use signal::{ClientMessage, ErrorCode, ErrorInfo, PROTOCOL_VERSION, ParticipantId, ServerMessage};

impl Rooms {
    /// With what was decided about it, if it is `join`.
    pub(crate) fn receive(
        &mut self,
        id: ConnectionId,
        message: ClientMessage,
        admission: Option<Result<Admission, ErrorInfo>>,
        now: Now,
    ) {
        let Some(stage) = self.hear(id, now) else { return };
        let kind = message.type_name();
        if let Err(error) = self.act(id, stage, message, admission, now) {
            self.refuse(id, error.in_reply_to(kind), now);
        }
    }

    pub(crate) fn receive_nonsense(&mut self, id: ConnectionId, error: ErrorInfo, now: Now) {
        if self.hear(id, now).is_some() {
            self.refuse(id, error, now);
        }
    }

    /// Counts something heard; says where the socket stands, unless it is none or talks too much.
    fn hear(&mut self, id: ConnectionId, now: Now) -> Option<Stage> {
        let connection = self.connections.get_mut(&id)?;
        connection.heard_at = now;
        if connection.rate.take(now) {
            return Some(connection.stage);
        }
        self.hang_up(id, ErrorInfo::new(ErrorCode::TooManyMessages), now);
        None
    }

    fn refuse(&mut self, id: ConnectionId, error: ErrorInfo, now: Now) {
        if error.code.is_fatal() {
            self.hang_up(id, error, now);
        } else {
            self.outbox.error(id, error);
        }
    }

    fn act(
        &mut self,
        id: ConnectionId,
        stage: Stage,
        message: ClientMessage,
        admission: Option<Result<Admission, ErrorInfo>>,
        now: Now,
    ) -> Result<(), ErrorInfo> {
        match message {
            // What it showed at the door was looked at there.
            ClientMessage::Join {
                version,
                room,
                name,
                offer,
                publish,
                mode,
                direct,
                token: _,
                password: _,
                returning,
            } => {
                check_fresh(stage, version)?;
                let admission = admission.unwrap_or_else(|| refused(ErrorCode::NotAllowed))?;
                let wishes = Wishes { publish, mode, direct, returning };
                self.join(id, &room, &name, offer, wishes, admission)
            }
            ClientMessage::Resume { version, participant, token } => {
                check_fresh(stage, version)?;
                self.resume(id, participant, &token, now)
            }
            ClientMessage::Offer { id, sdp } => self.offer(member(stage)?, id, sdp),
            ClientMessage::Publish { track } => self.publish(member(stage)?, track),
            ClientMessage::Unpublish { mid } => self.unpublish(member(stage)?, &mid),
            ClientMessage::SetMuted { mid, muted } => self.set_muted(member(stage)?, &mid, muted),
            ClientMessage::View { slots } => self.view(member(stage)?, slots),
            ClientMessage::Prefer { publications } => self.prefer(member(stage)?, &publications),
            ClientMessage::Chat { text } => self.chat(member(stage)?, &text, now),
            ClientMessage::React { reaction } => self.react(member(stage)?, reaction, now),
            ClientMessage::RaiseHand { raised } => self.raise_hand(member(stage)?, raised),
            ClientMessage::Direct { to, call, signal } => self.direct(member(stage)?, to, call, signal, now),
            ClientMessage::Moderate { act } => self.moderate(member(stage)?, &act),
            ClientMessage::Ping { nonce } => {
                self.outbox.send(id, ServerMessage::Pong { nonce });
                Ok(())
            }
            ClientMessage::Leave {} => {
                self.leave(id);
                Ok(())
            }
        }
    }
}

fn check_fresh(stage: Stage, version: u16) -> Result<(), ErrorInfo> {
    match stage {
        Stage::Fresh { .. } if version == PROTOCOL_VERSION => Ok(()),
        Stage::Fresh { .. } => refused(ErrorCode::UnsupportedVersion),
        Stage::Waiting(_) | Stage::Joining(_) | Stage::Member(_) => refused(ErrorCode::AlreadyJoined),
    }
}

fn member(stage: Stage) -> Result<ParticipantId, ErrorInfo> {
    match stage {
        Stage::Member(participant) => Ok(participant),
        Stage::Fresh { .. } | Stage::Waiting(_) | Stage::Joining(_) => refused(ErrorCode::NotJoined),
    }
}
