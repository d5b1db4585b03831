//! The actor's loop.

use super::chronicle::Chronicle;
use super::peers::Peers;
use super::resources::{Heard, Resources};
use super::{Outbox, Request, Switchboard, Tally, Word, early::Early, measured};
use crate::embed::Origin;
use crate::frame;
use crate::ice::IceServers;
use crate::webhooks::Webhooks;
use room::{ConnectionId, Input, Now, Output, Rooms};
use signal::{ErrorCode, ParticipantId, RoomName, RoomStatus, ServerMessage};
use std::collections::HashMap;
use std::time::{Instant, SystemTime};
use tokio::sync::{mpsc, oneshot};
use transport::{Event, PlaneEvent, Sending, Transport};

/// Owns `room`, the sockets' outboxes, the records of HTTP resources and the peers' handles.
pub(crate) struct Actor {
    rooms: Rooms,
    outboxes: HashMap<ConnectionId, Outbox>,
    resources: Resources,
    peers: Peers,
    early: Early,
    data: Switchboard,
    tally: Tally,
    chronicle: Chronicle,
    next_connection: u64,
    worker_gone: bool,
    /// Where everybody goes when this server stops.
    successor: Option<Origin>,
    ice: IceServers,
    started: Instant,
}

impl Actor {
    pub(super) fn new(
        config: room::Config,
        transport: Transport,
        requests: mpsc::WeakSender<Request>,
        ice: IceServers,
        data: Switchboard,
        tally: Tally,
        webhooks: Webhooks,
    ) -> Self {
        Self {
            rooms: Rooms::new(config),
            outboxes: HashMap::new(),
            resources: Resources::default(),
            peers: Peers::new(transport, requests, tally.clone()),
            early: Early::default(),
            data,
            tally,
            chronicle: Chronicle::new(webhooks),
            next_connection: 0,
            worker_gone: false,
            successor: None,
            ice,
            started: Instant::now(),
        }
    }

    /// Runs until every handle is gone, or the media worker is.
    pub(super) async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while !self.worker_gone {
            let request = match self.rooms.poll_timeout() {
                Some(at) => {
                    let wait = at.saturating_sub(self.now());
                    tokio::time::timeout(wait, requests.recv()).await
                }
                None => Ok(requests.recv().await),
            };
            match request {
                Ok(Some(request)) => self.take(request),
                Ok(None) => break,
                Err(_) => {}
            }
            // Asked each time: with a queue that is never empty the wait above never runs out.
            let now = self.now();
            if self.rooms.poll_timeout().is_some_and(|at| at <= now) {
                self.rooms.handle_timeout(now);
            }
            self.carry_out().await;
        }
        self.peers.closed().await;
    }

    fn now(&self) -> Now {
        self.started.elapsed()
    }

    fn take(&mut self, request: Request) {
        let now = self.now();
        match request {
            Request::Open { token, outbox, reply } => {
                let connection = ConnectionId(self.next_connection);
                self.next_connection += 1;
                self.outboxes.insert(connection, outbox);
                self.rooms.handle(Input::Opened { connection, token }, now);
                if reply.send(connection).is_err() {
                    self.forget(connection);
                }
            }
            Request::Enter { entry, reply } => {
                let input = self.resources.enter(entry, reply);
                self.rooms.handle(input, now);
            }
            Request::Patch { resource, condition, fragment, reply } => {
                if let Some(input) = self.resources.patch(resource, condition, &fragment, reply) {
                    self.rooms.handle(input, now);
                }
            }
            Request::Delete { resource, reply } => {
                answer(reply, self.resources.knows(resource));
                self.rooms.handle(Input::Delete { resource }, now);
            }
            Request::Input(Input::Closed { connection }) => self.forget(connection),
            Request::Input(input) => self.rooms.handle(input, now),
            Request::Negotiated(outcome) => {
                if self.peers.settle(&outcome) {
                    let (participant, offer, result) = (outcome.participant, outcome.offer, outcome.result);
                    self.rooms.handle(Input::Negotiated { participant, offer, result }, now);
                    for event in outcome.peer.map(|peer| self.early.take(peer)).unwrap_or_default() {
                        self.plane(event, now);
                    }
                    if self.peers.is_lost(participant) {
                        self.faulted(participant, now);
                    }
                }
            }
            Request::Transport(Event::Connected(peer)) => {
                if let Some(participant) = self.peers.participant(peer) {
                    self.rooms.handle(Input::MediaPath { participant, up: true }, now);
                }
                self.peers.connected(peer);
            }
            Request::Transport(Event::Interrupted(peer)) => {
                if let Some(participant) = self.peers.participant(peer) {
                    tracing::debug!(%participant, "nothing comes by its media path");
                    self.rooms.handle(Input::MediaPath { participant, up: false }, now);
                }
            }
            Request::Transport(Event::Failed(peer)) => {
                if let Some(participant) = self.peers.participant(peer) {
                    tracing::info!(%participant, "media failed: never connected, or the path was lost");
                    self.tally.media_failed();
                    self.rooms.handle(Input::MediaFailed { participant }, now);
                }
            }
            Request::Transport(Event::Faulted(peer)) => {
                if let Some(participant) = self.peers.participant(peer) {
                    self.faulted(participant, now);
                }
            }
            Request::Transport(Event::Data(peer)) => {
                if let Some((participant, room, channels)) = self.peers.data(peer) {
                    // Nobody has channels before it is in.
                    let speaks = self.rooms.permissions(participant).is_some_and(|it| it.data);
                    self.data.admit(room, participant, channels, speaks);
                }
            }
            Request::Transport(Event::Plane(event)) => self.plane(event, now),
            Request::Transport(Event::Quality(peer, quality)) => {
                if let Some(participant) = self.peers.participant(peer) {
                    let quality = measured::quality(&quality);
                    self.rooms.handle(Input::Quality { participant, quality }, now);
                }
            }
            Request::Transport(Event::WorkerGone) => {
                tracing::error!("a media worker is gone and cannot begin anew; everybody is sent away");
                self.worker_gone = true;
                self.rooms.handle(Input::ShutDown, now);
            }
            Request::Status { room, reply } => answer(reply, self.status(&room)),
            Request::Counts { reply } => answer(reply, self.rooms.counts()),
            Request::Drain { to } => {
                self.successor = to;
                self.rooms.handle(Input::Drain, now);
            }
            Request::ShutDown { to } => {
                self.successor = to;
                self.rooms.handle(Input::ShutDown, now);
            }
        }
    }

    /// Its media is lost by a fault of ours: its client joins afresh.
    fn faulted(&mut self, participant: ParticipantId, now: Now) {
        tracing::warn!(%participant, "media was lost by a fault in the server");
        self.tally.media_failed();
        self.rooms.handle(Input::MediaFailed { participant }, now);
    }

    fn plane(&mut self, event: PlaneEvent, now: Now) {
        match measured::news(&event, &self.peers) {
            Some(input) => self.rooms.handle(input, now),
            None => self.early.keep(event),
        }
    }

    /// Whether it could be opened is the media plane's to say: nobody is there who has opened it.
    fn status(&self, room: &RoomName) -> RoomStatus {
        let status = self.rooms.status(room);
        let overloaded = status.overloaded || status.participants == 0 && self.peers.too_many();
        RoomStatus { overloaded, ..status }
    }

    fn forget(&mut self, connection: ConnectionId) {
        self.outboxes.remove(&connection);
        let now = self.now();
        self.rooms.handle(Input::Closed { connection }, now);
    }

    async fn carry_out(&mut self) {
        while let Some(output) = self.rooms.poll_output() {
            match output {
                Output::Send { connection, mut message } => {
                    if let ServerMessage::Error(error) = &mut message {
                        self.tally.told(error.code);
                        if error.code == ErrorCode::ShuttingDown {
                            error.go_to = self.successor.as_ref().map(ToString::to_string);
                        }
                    }
                    self.ice.add_to(&mut message, SystemTime::now);
                    self.say(connection, Word::One(message, self.rooms.participant(connection)));
                }
                Output::Tell { connections, messages } => self.tell(&connections, &messages),
                // What was queued before is still written; then the writer closes the socket.
                Output::Close { connection } => drop(self.outboxes.remove(&connection)),
                Output::Answer { resource, result } => {
                    if let Err(error) = &result {
                        self.tally.told(error.code);
                    }
                    if self.resources.answer(resource, result) == Heard::No {
                        self.rooms.handle(Input::Delete { resource }, self.now());
                    }
                }
                Output::Gone { resource } => self.resources.gone(resource),
                Output::Negotiate { participant, room, offer, sdp, publish } => {
                    let sending = if publish { Sending::Taken } else { Sending::Refused };
                    self.peers.negotiate(participant, room, (offer, sdp), sending);
                }
                Output::View { participant, slots } => self.peers.view(participant, &slots).await,
                Output::Hold { participant, lines } => self.peers.hold(participant, &lines).await,
                Output::Route { receiver, slot, source } => self.peers.route(receiver, &slot, source).await,
                Output::Event(event) => self.chronicle.record(&event),
                Output::ClosePeer { participant } => {
                    self.data.leave(participant);
                    self.peers.close(participant);
                }
            }
        }
    }

    /// Queues the same for several; it is written and compressed once.
    fn tell(&mut self, connections: &[ConnectionId], messages: &[ServerMessage]) {
        let frame = frame::write(signal::encode_all(messages));
        for connection in connections {
            self.say(*connection, Word::Shared(frame.clone()));
        }
    }

    /// Queues a message. A socket for which too much waits is told so, and dropped.
    fn say(&mut self, connection: ConnectionId, word: Word) {
        let Some(outbox) = self.outboxes.get(&connection) else { return };
        if !outbox.put(word) {
            tracing::debug!(?connection, "dropped: it reads too slowly");
            self.tally.told(ErrorCode::TooSlow);
            self.forget(connection);
        }
    }
}

/// Whoever asked may have gone: then nobody needs the answer.
fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    let _ = reply.send(value);
}
