//! One direct connection, while there is one: its negotiation, the addresses of both sides, and what the other side
//! said on the data channel.

use super::health::Health;
use super::negotiation::{Negotiation, Role};
use super::{Act, DirectOrder};
use crate::Now;
use crate::media::{Media, Need};
use core::time::Duration;
use signal::limits::{MAX_DIRECT_CANDIDATES, MAX_MID_LENGTH, MAX_PUBLICATIONS};
use signal::{
    CallNumber, DirectSignal, DirectTrack, IceCandidate, Mid, OfferId, PeerMessage, RoomMode, Sdp, Source,
};
use std::collections::VecDeque;

/// An answer that has not come by then was lost, or the offer was, with the other one's socket.
const ANSWER_PATIENCE: Duration = Duration::from_secs(12);

/// See the module.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) number: CallNumber,
    role: Role,
    negotiation: Negotiation,
    /// The offer that we made last.
    ours: Option<OfferId>,
    /// Theirs that is answered, or was last.
    answering: OfferId,
    /// When the answer to our offer is overdue.
    answer_due: Option<Now>,
    /// Of ours, gathered while the description that they belong to is still being made.
    gathered: Vec<IceCandidate>,
    /// How many of ours were sent with our last description.
    told: usize,
    theirs: Theirs,
    /// Which of our lines sends which source, once the channel is open.
    lines: Option<Vec<(Source, Mid)>>,
    /// Whether the news of the room is known here.
    news: News,
    /// What we said last of what we send.
    said: Option<Vec<DirectTrack>>,
    /// Whether they were told to send pictures: they do so before they are told anything.
    asked_for_pictures: bool,
    /// Whether they look at ours.
    sends_pictures: bool,
    /// What they send.
    pub(crate) tracks: Option<Vec<DirectTrack>>,
    pub(crate) reception: Reception,
    pub(crate) media: Media,
    pub(crate) health: Health,
}

/// By which way they see and hear us, as they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reception {
    /// By the server, while the connection is tried.
    Unsaid,
    /// By this connection.
    Received,
    /// By the server, and never by this connection again.
    Released,
}

/// Whether one has heard of everybody who is in the room, as far as can be: the server was asked something when the
/// connection was there, and what it said before it answered came before the answer. Only then do they learn what is
/// sent here, and may say that they see it: so nobody stops to send to the server on a socket that hangs, under the eyes
/// of somebody of whom it has not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Unasked,
    /// By a ping with this number.
    Asked(u32),
    Heard,
}

/// Their addresses.
///
/// ```text
///          their description applied
/// Waiting ───────────────────────────▶ Open
///    │                                  ▲
///    └── their offer passed over ──▶ Ignored: until their next description, these belong to that offer
/// ```
#[derive(Debug)]
enum Theirs {
    /// They came before the description, and wait for it.
    Waiting(VecDeque<IceCandidate>),
    /// So many were handed over.
    Open(usize),
    /// What comes belongs to an offer that was passed over.
    Ignored,
}

impl Call {
    /// One that is to be made.
    pub(crate) fn open(number: CallNumber, role: Role, now: Now, acts: &mut Vec<Act>) -> Self {
        acts.push(Act::Order(number, DirectOrder::Open));
        Self {
            number,
            role,
            negotiation: Negotiation::Stable,
            ours: None,
            answering: OfferId(0),
            answer_due: None,
            gathered: Vec::new(),
            told: 0,
            theirs: Theirs::Waiting(VecDeque::new()),
            lines: None,
            news: News::Unasked,
            said: None,
            asked_for_pictures: true,
            sends_pictures: true,
            tracks: None,
            reception: Reception::Unsaid,
            media: Media::default(),
            health: Health::new(now),
        }
    }

    /// Makes an offer, unless a negotiation is under way already.
    pub(crate) fn offer(&mut self, ice_restart: bool, acts: &mut Vec<Act>) {
        if self.negotiation.offer() {
            self.order(DirectOrder::Offer { ice_restart }, acts);
        }
    }

    /// They offer.
    pub(crate) fn offered(&mut self, id: OfferId, offer: Sdp, acts: &mut Vec<Act>) {
        if !self.negotiation.offered(self.role) {
            self.theirs = match std::mem::replace(&mut self.theirs, Theirs::Ignored) {
                Theirs::Open(count) => Theirs::Open(count),
                Theirs::Waiting(_) | Theirs::Ignored => Theirs::Ignored,
            };
            return;
        }
        // Gathered for an offer that is taken back.
        self.gathered.clear();
        self.answer_due = None;
        self.answering = id;
        self.order(DirectOrder::Answer { offer }, acts);
        self.hand_over(acts);
    }

    /// They answer. What answers an earlier offer than the last is passed over.
    pub(crate) fn answered(&mut self, id: OfferId, answer: Sdp, acts: &mut Vec<Act>) {
        if self.ours == Some(id) && self.negotiation.answered() {
            self.answer_due = None;
            self.order(DirectOrder::Accept { answer }, acts);
            self.hand_over(acts);
        }
    }

    /// They found an address.
    pub(crate) fn found(&mut self, candidate: IceCandidate, acts: &mut Vec<Act>) {
        match &mut self.theirs {
            Theirs::Waiting(waiting) if waiting.len() < MAX_DIRECT_CANDIDATES => waiting.push_back(candidate),
            Theirs::Open(count) if *count < MAX_DIRECT_CANDIDATES => {
                *count += 1;
                self.order(DirectOrder::AddCandidate(candidate), acts);
            }
            Theirs::Waiting(_) | Theirs::Open(_) | Theirs::Ignored => {}
        }
    }

    /// The browser has made our offer.
    pub(crate) fn offer_made(&mut self, sdp: Sdp, now: Now, acts: &mut Vec<Act>) {
        if self.negotiation.offer_made() {
            self.answer_due = Some(now.saturating_add(ANSWER_PATIENCE));
            let id = OfferId(self.ours.map_or(0, |OfferId(last)| last.wrapping_add(1)));
            self.ours = Some(id);
            self.describe(DirectSignal::Offer { id, sdp }, acts);
        }
    }

    /// The browser has made our answer.
    pub(crate) fn answer_made(&mut self, sdp: Sdp, acts: &mut Vec<Act>) {
        if self.negotiation.answer_made() {
            self.describe(DirectSignal::Answer { id: self.answering, sdp }, acts);
        }
    }

    /// The browser found an address of ours. It is told after the description that it belongs to.
    pub(crate) fn gathered(&mut self, candidate: IceCandidate, acts: &mut Vec<Act>) {
        if self.negotiation.is_making() {
            if self.gathered.len() < MAX_DIRECT_CANDIDATES {
                self.gathered.push(candidate);
            }
        } else if self.told < MAX_DIRECT_CANDIDATES {
            self.tell_candidate(candidate, acts);
        }
    }

    /// The data channel is open.
    pub(crate) fn opened(&mut self, lines: Vec<(Source, Mid)>) {
        self.lines = Some(lines);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lines.is_some()
    }

    /// Whether the server is to be asked something.
    pub(crate) fn lacks_news(&self) -> bool {
        self.is_open() && self.news == News::Unasked
    }

    /// The server is asked, by a ping.
    pub(crate) fn asks_for_news(&mut self, nonce: u32) {
        self.news = News::Asked(nonce);
    }

    /// The server answers a ping.
    pub(crate) fn pong(&mut self, nonce: u32) {
        if self.news == News::Asked(nonce) {
            self.news = News::Heard;
        }
    }

    /// What was asked was lost with the socket.
    pub(crate) fn ask_again(&mut self) {
        if self.news != News::Heard {
            self.news = News::Unasked;
        }
    }

    /// Says what we send, if the channel is open and that is news, and once we know who is here where that matters. A
    /// source is muted, or not.
    pub(crate) fn say_state(&mut self, sources: &[(Source, bool)], mode: RoomMode, acts: &mut Vec<Act>) {
        let Some(lines) = &self.lines else { return };
        if mode != RoomMode::P2p && self.news != News::Heard {
            return;
        }
        let line = |source: Source| lines.iter().find(|(other, _)| *other == source);
        let track = |(source, muted): &(Source, bool)| {
            let (_, mid) = line(*source)?;
            Some(DirectTrack { mid: mid.clone(), source: *source, muted: *muted })
        };
        let tracks: Vec<DirectTrack> = sources.iter().filter_map(track).collect();
        if self.said.as_ref() != Some(&tracks) {
            self.said = Some(tracks.clone());
            self.say(PeerMessage::State { tracks }, acts);
        }
    }

    /// Asks for their pictures, or for none, if the channel is open and that is news.
    pub(crate) fn ask_for_pictures(&mut self, wanted: bool, acts: &mut Vec<Act>) {
        if self.is_open() && self.asked_for_pictures != wanted {
            self.asked_for_pictures = wanted;
            self.say(PeerMessage::Pictures { wanted }, acts);
        }
    }

    /// They ask for our pictures, or for none.
    pub(crate) fn pictures_wanted(&mut self, wanted: bool, acts: &mut Vec<Act>) {
        if std::mem::replace(&mut self.sends_pictures, wanted) != wanted {
            self.order(DirectOrder::SendPictures(wanted), acts);
        }
    }

    /// They say what they send. A list that no honest client makes is passed over.
    pub(crate) fn heard_state(&mut self, tracks: Vec<DirectTrack>, now: Now) {
        let sane = |track: &DirectTrack| track.mid.0.len() <= MAX_MID_LENGTH;
        if tracks.len() <= MAX_PUBLICATIONS && tracks.iter().all(sane) {
            self.tracks = Some(tracks);
            // What begins to be sent takes a moment to come.
            self.health.expect_from(now);
        }
    }

    /// Whether something of theirs ought to come all the time. Of a screen on which nothing moves a packet comes now
    /// and then: ICE alone tells there whether the path has gone.
    pub(crate) fn is_sent_something(&self) -> bool {
        self.tracks.iter().flatten().any(|track| !track.muted && track.source != Source::Screen)
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn deadline(&self) -> Option<Now> {
        self.answer_due.into_iter().chain(self.media.deadline()).min()
    }

    /// Time has passed; false when nothing helps any more.
    pub(crate) fn tick(&mut self, now: Now, acts: &mut Vec<Act>) -> bool {
        if self.answer_due.take_if(|due| *due <= now).is_some() {
            self.offer_again(now, acts);
        }
        if self.media.deadline().is_some_and(|due| due <= now) {
            self.media.overdue();
        }
        self.cure(now, acts)
    }

    /// Makes an offer anew that waits for its answer in vain; what it is to cure has its time again.
    pub(crate) fn offer_again(&mut self, now: Now, acts: &mut Vec<Act>) {
        if self.negotiation.offer_again() {
            self.answer_due = None;
            self.media.restarting_again(now);
            self.order(DirectOrder::Offer { ice_restart: true }, acts);
        }
    }

    /// Another ICE restart, if its time has come; false when nothing of that kind helps any more.
    pub(crate) fn cure(&mut self, now: Now, acts: &mut Vec<Act>) -> bool {
        match self.media.need() {
            Need::Nothing => true,
            Need::Restart => {
                self.media.restarting(now);
                self.offer(true, acts);
                true
            }
            Need::NewPeer => false,
        }
    }

    pub(crate) fn say(&self, message: PeerMessage, acts: &mut Vec<Act>) {
        self.order(DirectOrder::Say(message), acts);
    }

    pub(crate) fn tell(&self, signal: DirectSignal, acts: &mut Vec<Act>) {
        acts.push(Act::Tell(self.number, signal));
    }

    pub(crate) fn order(&self, order: DirectOrder, acts: &mut Vec<Act>) {
        acts.push(Act::Order(self.number, order));
    }

    fn describe(&mut self, description: DirectSignal, acts: &mut Vec<Act>) {
        self.tell(description, acts);
        // Each description has addresses of its own, and as many.
        self.told = 0;
        for candidate in std::mem::take(&mut self.gathered) {
            self.tell_candidate(candidate, acts);
        }
    }

    fn tell_candidate(&mut self, candidate: IceCandidate, acts: &mut Vec<Act>) {
        self.told += 1;
        self.tell(DirectSignal::Candidate(candidate), acts);
    }

    /// Their description is handed to the browser: so are the addresses that waited for it. Those of one before do not
    /// count any more.
    fn hand_over(&mut self, acts: &mut Vec<Act>) {
        let waiting = match std::mem::replace(&mut self.theirs, Theirs::Open(0)) {
            Theirs::Waiting(waiting) => waiting,
            Theirs::Open(_) | Theirs::Ignored => VecDeque::new(),
        };
        for candidate in waiting {
            self.found(candidate, acts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(call: &mut Call, count: usize) -> usize {
        let mut acts = Vec::new();
        for number in 0..count {
            let candidate =
                IceCandidate { candidate: format!("candidate:{number}"), mid: None, line: Some(0) };
            call.gathered(candidate, &mut acts);
        }
        told(&acts)
    }

    fn told(acts: &[Act]) -> usize {
        acts.iter().filter(|act| matches!(act, Act::Tell(_, DirectSignal::Candidate(_)))).count()
    }

    #[test]
    fn each_description_may_have_as_many_addresses_whoever_makes_it() {
        let many = MAX_DIRECT_CANDIDATES - 1;
        let (now, sdp) = (Now::from_secs(1), || Sdp("v=0".to_owned()));
        let mut acts = Vec::new();
        let mut call = Call::open(CallNumber(1), Role::Polite, now, &mut acts);
        call.offered(OfferId(0), sdp(), &mut acts);
        call.answer_made(sdp(), &mut acts);
        assert_eq!(gathered(&mut call, many), many, "of the answer");
        for round in 0..3 {
            call.offer(true, &mut acts);
            assert_eq!(gathered(&mut call, many), 0, "they wait for the description");
            let mut made = Vec::new();
            call.offer_made(sdp(), now, &mut made);
            assert_eq!(told(&made), many, "of restart {round}");
            assert_eq!(gathered(&mut call, 2), 1, "no more than that");
            call.answered(OfferId(round), sdp(), &mut acts);
            assert_eq!(gathered(&mut call, 1), 0, "and none for the answer to it");
        }
    }

    #[test]
    fn a_screen_alone_may_be_still() {
        let mut acts = Vec::new();
        let mut call = Call::open(CallNumber(1), Role::Polite, Now::ZERO, &mut acts);
        let mut sends = |sources: &[(Source, bool)]| {
            let track = |(source, muted): &(Source, bool)| DirectTrack {
                mid: Mid("0".to_owned()),
                source: *source,
                muted: *muted,
            };
            call.heard_state(sources.iter().map(track).collect(), Now::ZERO);
            call.is_sent_something()
        };
        assert!(sends(&[(Source::Microphone, false), (Source::Screen, false)]));
        assert!(sends(&[(Source::Camera, false)]));
        assert!(sends(&[(Source::Screen, false), (Source::ScreenAudio, false)]));
        assert!(!sends(&[(Source::Microphone, true), (Source::Screen, false)]));
        assert!(!sends(&[]));
    }
}
