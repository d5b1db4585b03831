//! The way back: the socket is lost, and got back with more and more patience. While the participant's
//! place is kept it is resumed, and media never stops; when the place is gone it joins afresh.

use crate::stage::{Aim, Retry, Stage, Step, Ticket};
use crate::{EndReason, Now, Session, talk::Talked};
use signal::{ClientMessage, ErrorCode, ErrorInfo, PROTOCOL_VERSION, ParticipantInfo, SlotAssignment};

impl Session {
    pub(crate) fn socket_opened(&mut self, now: Now) {
        if !self.link.is_opening() {
            return;
        }
        self.link.opened(now);
        if let Some(Ticket { participant, token, .. }) = self.stage.wants_resume().cloned() {
            self.send(ClientMessage::Resume { version: PROTOCOL_VERSION, participant, token }, now);
        }
        self.enter_if_ready(now);
    }

    pub(crate) fn socket_closed(&mut self, now: Now) {
        if !self.link.is_closed() {
            self.link.closed();
            self.socket_gone(now);
        }
    }

    /// The socket could not be opened, was closed by the other side, or is given up by us.
    pub(crate) fn socket_gone(&mut self, now: Now) {
        match &self.stage {
            Stage::Joining => self.end(EndReason::Unreachable),
            Stage::Live(ticket) => self.retry(Aim::Resume(ticket.clone()), now),
            Stage::Lost(Retry { aim, step: Step::Asking, .. }) => self.retry(aim.clone(), now),
            Stage::Lost(Retry { step: Step::Waiting, .. }) | Stage::Idle | Stage::Ended(_) => {}
        }
    }

    /// Tries again after a while, on a new socket. A new place in the room needs a new peer.
    pub(crate) fn retry(&mut self, aim: Aim, now: Now) {
        self.close_socket();
        match aim {
            Aim::Resume(_) => {}
            Aim::Join => self.close_peer(),
        }
        if let Stage::Live(Ticket { since, .. }) = self.stage {
            self.patience.lost_after(now.saturating_sub(since));
        }
        let at = now.saturating_add(self.patience.backoff(&aim));
        self.stage = Stage::Lost(Retry { aim, at, step: Step::Waiting });
    }

    pub(crate) fn next_attempt(&self) -> Option<Now> {
        match self.stage {
            Stage::Lost(Retry { at, step: Step::Waiting, .. }) => Some(at),
            Stage::Lost(Retry { step: Step::Asking, .. })
            | Stage::Idle
            | Stage::Joining
            | Stage::Live(_)
            | Stage::Ended(_) => None,
        }
    }

    /// The wait is over.
    pub(crate) fn attempt(&mut self, now: Now) {
        let Stage::Lost(retry) = &mut self.stage else { return };
        retry.step = Step::Asking;
        retry.at = now;
        self.patience.attempt_started();
        self.open_socket(now);
        if self.stage.wants_join() {
            self.create_first_offer();
        }
    }

    /// `resumed`: our place was kept. What happened meanwhile is in it; what we wanted meanwhile is
    /// told now.
    pub(crate) fn resumed(
        &mut self,
        participants: Vec<ParticipantInfo>,
        slots: Vec<SlotAssignment>,
        talked: Talked,
        now: Now,
    ) {
        let Some(ticket) = self.stage.wants_resume().cloned() else { return };
        self.stage = Stage::Live(Ticket { since: now, ..ticket });
        self.roster.replace(participants, slots);
        self.forget_moderation();
        self.measured.resumed();
        self.talk.resumed(talked, self.roster.my_id(), now);
        if let Some(own) = self.roster.own() {
            self.tracks.resumed(own);
        }
        self.direct_resumed(now);
        self.offer_again(now);
        self.tell_view_again(now);
        self.talk_again(now);
        self.publish_changes(now);
    }

    /// Our place is gone, but the socket is good: a new place, with a new peer.
    pub(crate) fn join_instead(&mut self, now: Now) {
        self.close_peer();
        self.stage = Stage::Lost(Retry { aim: Aim::Join, at: now, step: Step::Asking });
        self.create_first_offer();
    }

    /// Media is beyond cure: a new place with a new peer, unless that was tried often enough.
    pub(crate) fn replace_peer(&mut self, error: ErrorInfo, now: Now) {
        if self.patience.media_failed() {
            self.retry(Aim::Join, now);
        } else {
            self.end(EndReason::Refused(error));
        }
    }

    /// The browser says that media failed, and restarts did not help. The server may not know.
    pub(crate) fn give_peer_up(&mut self, now: Now) {
        self.say_goodbye();
        self.replace_peer(ErrorInfo::new(ErrorCode::MediaFailed), now);
    }
}
