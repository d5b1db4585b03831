//! What an error from the server means for the session: out, back with patience, or nothing much.

use crate::stage::{Aim, Stage};
use crate::{EndReason, Now, Output, Session};
use signal::{ErrorCode, ErrorInfo};

/// What is to be done about an error.
enum Verdict {
    /// Out of the room: trying again would end the same.
    End,
    /// The server closes the socket, our place is kept: resume.
    Resume,
    /// Our place is gone with the server: join the next one.
    Join,
    /// Our place is gone with our media: join with a new peer.
    NewPeer,
    /// Our place is gone, the socket is good.
    JoinInstead,
    /// The negotiation under way failed.
    OfferRefused,
    /// Something that the person said was not said.
    ChatRefused,
    /// The way on is unchanged.
    Note,
}

impl Session {
    pub(crate) fn refused(&mut self, error: ErrorInfo, now: Now) {
        let verdict = self.verdict(&error);
        if let (ErrorCode::ShuttingDown, Some(origin)) = (error.code, &error.go_to) {
            self.output(Output::GoTo(origin.clone()));
        }
        match verdict {
            Verdict::End => self.end(EndReason::Refused(error)),
            Verdict::Resume => {
                self.close_socket();
                self.socket_gone(now);
            }
            Verdict::Join => self.retry(Aim::Join, now),
            Verdict::NewPeer => {
                self.close_socket();
                self.replace_peer(error, now);
            }
            Verdict::JoinInstead => self.join_instead(now),
            Verdict::OfferRefused => self.offer_refused(error.message),
            Verdict::ChatRefused => self.chat_refused(error),
            Verdict::Note => self.problem = Some(error.message),
        }
    }

    fn verdict(&self, error: &ErrorInfo) -> Verdict {
        let first_way_in = matches!(self.stage, Stage::Joining);
        let answers = |kind: &str| error.in_reply_to.as_deref() == Some(kind);
        match error.code {
            ErrorCode::Replaced
            | ErrorCode::UnsupportedVersion
            | ErrorCode::MessageTooLarge
            | ErrorCode::Removed
            | ErrorCode::RoomEnded
            | ErrorCode::Denied => Verdict::End,
            ErrorCode::MediaFailed => Verdict::NewPeer,
            // On the way in for the first time there is nothing to get back to: the person decides.
            code if first_way_in && code.is_fatal() => Verdict::End,
            ErrorCode::ShuttingDown => Verdict::Join,
            ErrorCode::TooManyMessages
            | ErrorCode::HandshakeTimeout
            | ErrorCode::Silent
            | ErrorCode::TooSlow => Verdict::Resume,
            // Everybody who was here comes back at once; whoever finds too much going on tries again.
            ErrorCode::Overloaded
            | ErrorCode::TooManyFromNetwork
            | ErrorCode::TooManyRooms
            | ErrorCode::ServerFull
            | ErrorCode::Internal
                if answers("join") && self.stage.wants_join() && !first_way_in =>
            {
                Verdict::Join
            }
            ErrorCode::CannotResume if self.stage.wants_resume().is_some() => Verdict::JoinInstead,
            _ if answers("join") && self.stage.wants_join() => Verdict::End,
            _ if answers("resume") && self.stage.wants_resume().is_some() => Verdict::End,
            _ if answers("offer") && self.is_live() => Verdict::OfferRefused,
            _ if answers("chat") && self.is_live() => Verdict::ChatRefused,
            ErrorCode::Malformed
            | ErrorCode::UnknownMessage
            | ErrorCode::UnknownField
            | ErrorCode::BadRoomName
            | ErrorCode::BadName
            | ErrorCode::RoomFull
            | ErrorCode::Overloaded
            | ErrorCode::TooManyRooms
            | ErrorCode::ServerFull
            | ErrorCode::ModeNotAllowed
            | ErrorCode::NotAllowed
            | ErrorCode::Busy
            | ErrorCode::TooManyFromNetwork
            | ErrorCode::RoomLocked
            | ErrorCode::BadOffer
            | ErrorCode::NotJoined
            | ErrorCode::AlreadyJoined
            | ErrorCode::CannotResume
            | ErrorCode::BadTrack
            | ErrorCode::AlreadyPublished
            | ErrorCode::NotPublished
            | ErrorCode::TooManyPublications
            | ErrorCode::BadChat
            | ErrorCode::TooMuchChat
            | ErrorCode::Internal
            | ErrorCode::Unknown => Verdict::Note,
        }
    }
}
