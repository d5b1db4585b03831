//! `publish`, `unpublish`, `set_muted`: everybody is told of each, the one who asked too.

use crate::{MediaLine, Rooms, member::Member, member::Publication, refused, room::Room};
use signal::{ErrorCode, ErrorInfo, Mid, ParticipantId, PublishTrack, ServerMessage};

impl Rooms {
    pub(crate) fn publish(
        &mut self,
        participant: ParticipantId,
        track: PublishTrack,
    ) -> Result<(), ErrorInfo> {
        let most = self.config.limits.publications;
        let (room, ids, outbox) = (self.directory.home(participant), &mut self.ids, &mut self.outbox);
        let Some(room) = room else { return refused(ErrorCode::NotJoined) };
        let member = member(room, participant)?;
        if !member.permissions.publish {
            let sentence = "This participant may not send audio or video.";
            return Err(ErrorInfo::with_message(ErrorCode::NotAllowed, sentence));
        }
        check_track(&track, &member.sends)?;
        let PublishTrack { mid, source, muted } = track;
        let muted = muted || member.is_held(source);
        if member.publications.values().any(|p| p.mid == mid || p.source == source) {
            return refused(ErrorCode::AlreadyPublished);
        }
        if member.publications.len() >= most {
            return refused(ErrorCode::TooManyPublications);
        }
        let publication = ids.publication();
        let wanted = member.wanted_on(&mid);
        let published = Publication { source, mid, muted };
        let info = published.info(publication);
        let connection = member.connection();
        member.publications.insert(publication, published);
        room.tell(&ServerMessage::Published { participant, publication: info }, outbox);
        // The media plane said so of the m-line before, and will not say it again.
        if let Some((connection, wanted)) = connection.zip(wanted) {
            outbox.send(connection, wanted);
        }
        room.claims_changed();
        Ok(())
    }

    pub(crate) fn unpublish(&mut self, participant: ParticipantId, mid: &Mid) -> Result<(), ErrorInfo> {
        let Some(room) = self.directory.home(participant) else { return refused(ErrorCode::NotJoined) };
        let (publication, _) = member(room, participant)?.on_mid(mid)?;
        room.end_publication(participant, publication, &mut self.outbox);
        Ok(())
    }

    /// Saying what is so already is no error, and nobody is told.
    pub(crate) fn set_muted(
        &mut self,
        participant: ParticipantId,
        mid: &Mid,
        muted: bool,
    ) -> Result<(), ErrorInfo> {
        let Some(room) = self.directory.home(participant) else { return refused(ErrorCode::NotJoined) };
        let member = member(room, participant)?;
        let (_, published) = member.on_mid(mid)?;
        let source = published.source;
        if !muted && member.is_held(source) {
            let sentence = "A moderator holds this: only a moderator lets it go.";
            return Err(ErrorInfo::with_message(ErrorCode::NotAllowed, sentence));
        }
        let (publication, published) = member.on_mid(mid)?;
        if published.muted != muted {
            published.muted = muted;
            room.tell(&ServerMessage::Muted { participant, publication, muted }, &mut self.outbox);
            room.claims_changed();
        }
        Ok(())
    }
}

/// Whether a track's m-line is one the client may send on, and of the source's kind.
pub(crate) fn check_track(track: &PublishTrack, sends: &[MediaLine]) -> Result<(), ErrorInfo> {
    let fits = |line: &MediaLine| line.mid == track.mid && line.kind == track.source.kind();
    if sends.iter().any(fits) { Ok(()) } else { refused(ErrorCode::BadTrack) }
}

fn member(room: &mut Room, participant: ParticipantId) -> Result<&mut Member, ErrorInfo> {
    room.members.get_mut(&participant).ok_or_else(|| ErrorInfo::new(ErrorCode::NotJoined))
}
