//! Participants' peers: which media-plane handle is whose, and offers on their way to an answer.

use super::{Request, Tally};
use room::{MediaLine, Negotiated, RoomId};
use signal::{ErrorCode, ErrorInfo, MediaKind, Mid, OfferId, ParticipantId, Sdp, SlotView};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{Instrument, Span};
use transport::{
    Answered, DataChannels, GroupId, Line, LineKind, NegotiateError, PeerKey, Sending, Transport,
};

/// How an offer went.
pub(crate) struct Outcome {
    pub(super) participant: ParticipantId,
    pub(super) room: RoomId,
    pub(super) offer: OfferId,
    pub(super) peer: Option<PeerKey>,
    pub(super) result: Result<Negotiated, ErrorInfo>,
}

/// Where a participant's peer stands.
enum Place {
    /// The first offer is being answered.
    Opening,
    /// The participant left meanwhile: close the peer as soon as it is there.
    Doomed,
    /// There.
    Open(PeerKey),
}

/// Somebody on the way in.
struct Coming {
    since: Instant,
    /// Ends when media is connected, or they are gone.
    span: Span,
}

/// All of them.
pub(super) struct Peers {
    transport: Transport,
    requests: mpsc::WeakSender<Request>,
    tally: Tally,
    places: HashMap<ParticipantId, Place>,
    /// Since when they are on the way in, until their media is connected.
    coming: HashMap<ParticipantId, Coming>,
    participants: HashMap<PeerKey, (ParticipantId, RoomId)>,
    closing: JoinSet<()>,
}

impl Peers {
    pub(super) fn new(transport: Transport, requests: mpsc::WeakSender<Request>, tally: Tally) -> Self {
        let (places, coming, participants) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { transport, requests, tally, places, coming, participants, closing: JoinSet::new() }
    }

    /// Answers an offer in a task of its own.
    pub(super) fn negotiate(
        &mut self,
        participant: ParticipantId,
        room: RoomId,
        (offer, sdp): (OfferId, Sdp),
        sending: Sending,
    ) {
        let known = match self.places.get(&participant) {
            Some(Place::Open(peer)) => Some(*peer),
            Some(Place::Opening | Place::Doomed) => return,
            None => {
                self.places.insert(participant, Place::Opening);
                let span = tracing::info_span!("join", room = room.0, %participant);
                self.coming.insert(participant, Coming { since: Instant::now(), span });
                None
            }
        };
        let join = self.coming.get(&participant).and_then(|coming| coming.span.id());
        let span = tracing::info_span!(parent: join, "answer", room = room.0, %participant);
        let (transport, requests) = (self.transport.clone(), self.requests.clone());
        tokio::spawn(async move {
            // In a task of its own: strangers' SDP goes through other people's parsers, and a panic there
            // must still have an outcome.
            let answering = answer(transport.clone(), known, room, sdp, sending).instrument(span);
            let answering = tokio::spawn(answering);
            let (peer, result) = match answering.await {
                Ok((peer, result)) => {
                    (peer, result.map(negotiated).map_err(|error| refusal(participant, &error)))
                }
                Err(error) => {
                    tracing::error!(%participant, %error, "answering an offer panicked");
                    (known, Err(ErrorInfo::new(ErrorCode::Internal)))
                }
            };
            let outcome = Outcome { participant, room, offer, peer, result };
            if let Some(requests) = requests.upgrade()
                && requests.send(Request::Negotiated(outcome)).await.is_ok()
            {
                return;
            }
            // The server is stopping: its worker goes with it.
            if let Some(peer) = peer {
                transport.close_peer(peer).await;
            }
        });
    }

    /// Takes note of an outcome; false if the participant is gone.
    pub(super) fn settle(&mut self, outcome: &Outcome) -> bool {
        match (self.places.get(&outcome.participant), outcome.peer) {
            (Some(Place::Opening), Some(peer)) => {
                if let (Some(coming), Ok(_)) = (self.coming.get(&outcome.participant), &outcome.result) {
                    self.tally.answered(coming.since.elapsed());
                }
                self.places.insert(outcome.participant, Place::Open(peer));
                self.participants.insert(peer, (outcome.participant, outcome.room));
                true
            }
            (Some(Place::Opening), None) => {
                self.coming.remove(&outcome.participant);
                self.places.remove(&outcome.participant);
                true
            }
            (Some(Place::Doomed), peer) => {
                self.places.remove(&outcome.participant);
                if let Some(peer) = peer {
                    self.close_soon(peer);
                }
                false
            }
            (Some(Place::Open(_)), _) => true,
            (None, _) => false,
        }
    }

    /// Ends a participant's peer.
    pub(super) fn close(&mut self, participant: ParticipantId) {
        self.coming.remove(&participant);
        match self.places.remove(&participant) {
            Some(Place::Open(peer)) => {
                self.participants.remove(&peer);
                self.close_soon(peer);
            }
            Some(Place::Opening | Place::Doomed) => {
                self.places.insert(participant, Place::Doomed);
            }
            None => {}
        }
    }

    /// Whether the media plane has too much to do to take the first of a room.
    pub(super) fn too_many(&self) -> bool {
        self.transport.loads().iter().all(|load| load.overloaded)
    }

    fn close_soon(&mut self, peer: PeerKey) {
        while self.closing.try_join_next().is_some() {}
        let transport = self.transport.clone();
        self.closing.spawn(async move { transport.close_peer(peer).await });
    }

    /// Waits until every peer that was to be closed is: the browsers have their `close_notify`.
    pub(super) async fn closed(&mut self) {
        while self.closing.join_next().await.is_some() {}
    }

    /// Decides what feeds a slot.
    pub(super) async fn route(
        &self,
        receiver: ParticipantId,
        slot: &Mid,
        source: Option<(ParticipantId, Mid)>,
    ) {
        let Some(receiver) = self.open(receiver) else { return };
        let source = match &source {
            Some((sender, mid)) => match self.open(*sender) {
                Some(sender) => Some((sender, mid.0.as_str())),
                None => return,
            },
            None => None,
        };
        if let Err(error) = self.transport.route(receiver, &slot.0, source).await {
            tracing::error!(%error, "a slot keeps its source");
        }
    }

    /// Of which m-lines of a participant nothing is to reach anybody.
    pub(super) async fn hold(&self, participant: ParticipantId, lines: &[Mid]) {
        let Some(peer) = self.open(participant) else { return };
        let lines: Vec<&str> = lines.iter().map(|line| line.0.as_str()).collect();
        self.transport.hold(peer, &lines).await;
    }

    /// How large a participant shows its slots.
    pub(super) async fn view(&self, participant: ParticipantId, slots: &[SlotView]) {
        let Some(peer) = self.open(participant) else { return };
        let slots: Vec<(&str, u16, u16)> =
            slots.iter().map(|slot| (slot.mid.0.as_str(), slot.width, slot.height)).collect();
        if let Err(error) = self.transport.view(peer, &slots).await {
            tracing::error!(%error, "slots keep their size");
        }
    }

    /// A peer's media is connected.
    pub(super) fn connected(&mut self, peer: PeerKey) {
        let Some(participant) = self.participant(peer) else { return };
        if let Some(Coming { since, span }) = self.coming.remove(&participant) {
            self.tally.connected(since.elapsed());
            span.in_scope(|| tracing::info!("media is connected"));
        }
    }

    /// Whether a participant's worker has lost its peer, perhaps before anybody here knew of it.
    pub(super) fn is_lost(&self, participant: ParticipantId) -> bool {
        self.open(participant).is_some_and(|peer| !self.transport.stands(peer))
    }

    /// Whose peer this is.
    pub(super) fn participant(&self, peer: PeerKey) -> Option<ParticipantId> {
        self.participants.get(&peer).map(|(participant, _)| *participant)
    }

    /// Whose data channels these are, and where.
    pub(super) fn data(&self, peer: PeerKey) -> Option<(ParticipantId, RoomId, Arc<DataChannels>)> {
        let (participant, room) = self.participants.get(&peer)?;
        Some((*participant, *room, self.transport.data(peer)?))
    }

    fn open(&self, participant: ParticipantId) -> Option<PeerKey> {
        match self.places.get(&participant) {
            Some(Place::Open(peer)) => Some(*peer),
            Some(Place::Opening | Place::Doomed) | None => None,
        }
    }
}

/// Answers an offer of a known peer, or opens one.
async fn answer(
    transport: Transport,
    known: Option<PeerKey>,
    room: RoomId,
    sdp: Sdp,
    sending: Sending,
) -> (Option<PeerKey>, Result<Answered, NegotiateError>) {
    match known {
        Some(peer) => (Some(peer), transport.negotiate(peer, &sdp.0, sending).await),
        None => match transport.open_peer(GroupId(room.0), &sdp.0, sending).await {
            Ok((peer, answered)) => (Some(peer), Ok(answered)),
            Err(error) => (None, Err(error)),
        },
    }
}

fn negotiated(answered: Answered) -> Negotiated {
    Negotiated {
        answer: Sdp(answered.answer),
        sends: answered.sends.into_iter().map(media_line).collect(),
        slots: answered.slots.into_iter().map(media_line).collect(),
    }
}

fn media_line(line: Line) -> MediaLine {
    let kind = match line.kind {
        LineKind::Audio => MediaKind::Audio,
        LineKind::Video => MediaKind::Video,
    };
    MediaLine { mid: Mid(line.mid), kind }
}

/// What the client is told: its own mistake in words, ours without detail.
fn refusal(participant: ParticipantId, error: &NegotiateError) -> ErrorInfo {
    match error {
        NegotiateError::Offer(error) => ErrorInfo::with_message(ErrorCode::BadOffer, error.to_string()),
        NegotiateError::Connection(error) => {
            tracing::warn!(%participant, %error, "an offer passed our checks and was refused all the same");
            ErrorInfo::new(ErrorCode::BadOffer)
        }
        NegotiateError::Overloaded => {
            tracing::info!(%participant, "a new room was refused: there is too much to do");
            ErrorInfo::new(ErrorCode::Overloaded)
        }
        NegotiateError::NoPeer | NegotiateError::Worker(_) => {
            tracing::error!(%participant, %error, "an offer could not be answered");
            ErrorInfo::new(ErrorCode::Internal)
        }
    }
}
