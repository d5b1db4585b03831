//! Offers after the first: for more seats, for a track that has no m-line yet, for data channels, to restart ICE. One at a
//! time; whatever else is needed is offered when it is settled.

use crate::media::Need;
use crate::offers::{Progress, step_for};
use crate::{EndReason, Now, Output, Session};
use signal::{ClientMessage, OfferId, RoomMode, Sdp};

impl Session {
    /// Makes an offer if one is needed and none is under way.
    pub(crate) fn renegotiate(&mut self, now: Now) {
        if !self.is_live() || !self.offers.is_settled() {
            return;
        }
        let needed = match self.directs.mode() {
            // Nothing ever feeds them.
            Some(RoomMode::P2p) => 0,
            None | Some(RoomMode::Auto | RoomMode::Sfu) => self.roster.seats_needed(),
        };
        let lacks_data = self.wants_data && !self.offers.data;
        let seats = step_for(needed).max(self.offers.seats);
        match self.media.need() {
            Need::NewPeer => self.give_peer_up(now),
            Need::Restart => {
                if self.media.wants_relay() && !self.relays.is_empty() {
                    self.output(Output::UseRelays(self.relays.clone()));
                }
                self.media.restarting(now);
                self.create_offer(seats, true);
            }
            Need::Nothing if seats > self.offers.seats || self.tracks.lack_mid() || lacks_data => {
                self.create_offer(seats, false);
            }
            Need::Nothing => {}
        }
    }

    /// The browser has made an offer. Without a socket it is kept until there is one.
    pub(crate) fn offer_created(&mut self, id: OfferId, sdp: Sdp, now: Now) {
        if self.offers.made(id, sdp) {
            self.send_offer(now);
            self.enter_if_ready(now);
        }
    }

    fn send_offer(&mut self, now: Now) {
        if !self.is_live() {
            return;
        }
        if let Some((id, sdp)) = self.offers.take_made() {
            self.send(ClientMessage::Offer { id, sdp }, now);
        }
    }

    /// After a resume: an offer not sent yet is sent; one that was sent went unanswered with the old
    /// socket and is made again, under a new id.
    pub(crate) fn offer_again(&mut self, now: Now) {
        if self.offers.draft().is_some_and(|draft| draft.ice_restart) {
            self.media.restarting_again(now);
        }
        match &self.offers.progress {
            Progress::NoPeer | Progress::Settled | Progress::Making(_) => {}
            Progress::Made(..) => self.send_offer(now),
            Progress::Sent(draft) => self.create_offer(draft.seats, draft.ice_restart),
        }
    }

    pub(crate) fn answer(&mut self, id: OfferId, sdp: Sdp, now: Now) {
        if self.is_live() && self.offers.answered(id) {
            self.output(Output::ApplyAnswer { id, sdp });
            self.tracks.mids_agreed();
            self.publish_changes(now);
        }
    }

    /// The server cannot answer our offer. What it was for is tried again when the room next changes.
    pub(crate) fn offer_refused(&mut self, detail: String) {
        self.problem = Some(detail);
        self.offers.give_up();
    }

    /// The browser cannot make or apply a description. Without the first there is no media at all; a
    /// later one is given up, and what there is goes on.
    pub(crate) fn negotiation_failed(&mut self, id: OfferId, detail: String) {
        if !self.offers.has_peer() {
            return;
        }
        if id == OfferId(0) {
            self.say_goodbye();
            self.end(EndReason::Browser(detail));
            return;
        }
        if self.offers.draft().is_some_and(|draft| draft.id == id) {
            self.offers.give_up();
        }
        self.problem = Some(detail);
    }
}
