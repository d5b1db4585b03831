//! The control actor: one task that owns `room` and carries out what it asks for, in order.
//!
//! Between the sockets and the media plane. It turns participants and mids into the media plane's
//! handles. Negotiating takes time, so it runs in tasks of its own, whose outcomes come back as inputs.

mod actor;
mod chronicle;
mod data;
mod early;
mod measured;
mod outbox;
mod peers;
mod resources;
mod tally;

use crate::access::Door;
use crate::embed::Origin;
use crate::ice::IceServers;
use crate::turn::Relays;
use crate::webhooks::{WebhookCounter, WebhookCounts, Webhooks};
use resources::{EnterReply, PatchReply};
use room::{ConnectionId, Input, ResourceId};
use signal::{ErrorInfo, ResumeToken, RoomName, RoomStatus, Sdp};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use transport::sdp::Fragment;
use transport::{Event, Transport};

pub(crate) use actor::Actor;
pub use data::DataCounts;
use data::Switchboard;
pub(crate) use outbox::{Outbox, Waiting, Word};
pub(crate) use resources::{Condition, Entry, Generation, PatchError, Patched};
use tally::Tally;
pub(crate) use tally::TallyValues;

/// Requests waiting for the actor. Past it the sockets wait, each on its own.
const QUEUE: usize = 1024;

/// What the actor is asked.
pub(super) enum Request {
    /// A socket opened.
    Open { token: ResumeToken, outbox: Outbox, reply: oneshot::Sender<ConnectionId> },
    /// Somebody comes over HTTP.
    Enter { entry: Entry, reply: EnterReply },
    /// A resource is told something.
    Patch { resource: ResourceId, condition: Condition, fragment: Fragment, reply: PatchReply },
    /// A resource is deleted. Was there one?
    Delete { resource: ResourceId, reply: oneshot::Sender<bool> },
    /// Something for `room`.
    Input(Input),
    /// A negotiation ended.
    Negotiated(peers::Outcome),
    /// Something happened to a peer.
    Transport(Event),
    /// How full is a room?
    Status { room: RoomName, reply: oneshot::Sender<RoomStatus> },
    /// What does everything hold? For tests and telemetry.
    Counts { reply: oneshot::Sender<room::Counts> },
    /// Open no other room.
    Drain {
        /// Where others are to go.
        to: Option<Origin>,
    },
    /// Say goodbye to everybody.
    ShutDown {
        /// Where they are to go.
        to: Option<Origin>,
    },
}

/// The actor's address.
#[derive(Clone)]
pub(crate) struct ControlHandle {
    requests: mpsc::Sender<Request>,
    ice: IceServers,
    relays: Relays,
    data: Switchboard,
    door: Door,
    max_participants: u32,
    max_message_size: usize,
    tally: Tally,
    webhooks: WebhookCounter,
}

impl ControlHandle {
    /// Starts the actor. Its task ends when every handle is gone, each socket's too, or the media worker is.
    pub(crate) fn start(
        config: room::Config,
        transport: Transport,
        mut events: mpsc::Receiver<Event>,
        (ice, relays): (IceServers, Relays),
        webhooks: Webhooks,
        door: Door,
    ) -> (ControlHandle, JoinHandle<()>) {
        let (requests, receiver) = mpsc::channel(QUEUE);
        let data = Switchboard::default();
        let (max_participants, max_message_size) = (config.max_participants, config.limits.message_size);
        let tally = Tally::default();
        let counter = webhooks.counter();
        let actor = Actor::new(
            config,
            transport,
            requests.downgrade(),
            ice.clone(),
            data.clone(),
            tally.clone(),
            webhooks,
        );
        let actor = tokio::spawn(actor.run(receiver));
        let to_actor = requests.downgrade();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let Some(requests) = to_actor.upgrade() else { return };
                if requests.send(Request::Transport(event)).await.is_err() {
                    return;
                }
            }
        });
        let webhooks = counter;
        let handle = ControlHandle {
            requests,
            ice,
            relays,
            data,
            door,
            max_participants,
            max_message_size,
            tally,
            webhooks,
        };
        (handle, actor)
    }

    /// The relay to our own media, to tell of.
    pub(crate) fn relays(&self) -> &Relays {
        &self.relays
    }

    /// STUN and TURN servers to tell.
    pub(crate) fn ice(&self) -> &IceServers {
        &self.ice
    }

    /// Who decides about those who come.
    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// How many a room holds.
    pub(crate) fn max_participants(&self) -> u32 {
        self.max_participants
    }

    /// How many bytes a message has at most, unpacked.
    pub(crate) fn max_message_size(&self) -> usize {
        self.max_message_size
    }

    /// A socket opened. `None` when the server is stopping, or there is no token for want of randomness.
    pub(crate) async fn open(&self, token: Option<ResumeToken>, outbox: Outbox) -> Option<ConnectionId> {
        let token = token?;
        self.ask(|reply| Request::Open { token, outbox, reply }).await
    }

    /// Something for `room`. Nothing happens when the server is stopping.
    pub(crate) async fn input(&self, input: Input) {
        let _ = self.requests.send(Request::Input(input)).await;
    }

    /// Somebody comes over HTTP. `None` when the server is stopping.
    pub(crate) async fn enter(&self, entry: Entry) -> Option<Result<Sdp, ErrorInfo>> {
        self.ask(|reply| Request::Enter { entry, reply }).await
    }

    /// A resource is told of candidates, or restarts ICE. `None` when the server is stopping.
    pub(crate) async fn patch(
        &self,
        resource: ResourceId,
        condition: Condition,
        fragment: Fragment,
    ) -> Option<Result<Patched, PatchError>> {
        self.ask(|reply| Request::Patch { resource, condition, fragment, reply }).await
    }

    /// Deletes a resource; whether there was one. `None` when the server is stopping.
    pub(crate) async fn delete(&self, resource: ResourceId) -> Option<bool> {
        self.ask(|reply| Request::Delete { resource, reply }).await
    }

    /// How full a room is. `None` when the server is stopping.
    pub(crate) async fn status(&self, room: RoomName) -> Option<RoomStatus> {
        self.ask(|reply| Request::Status { room, reply }).await
    }

    /// What everything holds.
    pub(crate) async fn counts(&self) -> Option<room::Counts> {
        self.ask(|reply| Request::Counts { reply }).await
    }

    /// What became of messages over data channels.
    pub(crate) fn data_counts(&self) -> DataCounts {
        self.data.counts()
    }

    /// How long joins took, and what was refused.
    pub(crate) fn tally(&self) -> TallyValues {
        self.tally.values()
    }

    /// What became of webhooks.
    pub(crate) fn webhook_counts(&self) -> WebhookCounts {
        self.webhooks.counts()
    }

    /// Has no other room opened from now on.
    pub(crate) async fn drain(&self, to: Option<Origin>) {
        // Gone already: then none is.
        let _ = self.requests.send(Request::Drain { to }).await;
    }

    /// Tells everybody goodbye. That is written when every socket's task has ended, and so the actor.
    pub(crate) async fn shut_down(&self, to: Option<Origin>) {
        // Gone already: then there is nobody to tell.
        let _ = self.requests.send(Request::ShutDown { to }).await;
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).await.ok()?;
        answer.await.ok()
    }
}
