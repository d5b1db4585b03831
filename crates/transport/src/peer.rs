//! The control side of one peer: its PeerConnection, its negotiation, and the task that follows its state.

use crate::adapter::{
    AdapterError, Connection, ConnectionState, DataChannels, DataConfig, Identity, Inbox, LocalDescription,
};
use crate::negotiation::{Negotiation, is_send, is_slot};
use crate::pool::{Handle, Pool};
use crate::sdp::{AnswerContext, LocalTransport, Offer, OfferError, Section, SectionKind, write_answer};
use crate::transport::{Event, random_u32};
use crate::worker::{Command, CommandSender, WorkerGone};
use forward::{GroupId, Mid, PeerKey};
use futures::FutureExt;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// A peer that has not connected by then has failed: its page may be gone, or UDP blocked.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// A connection that is disconnected for so long has failed. An ICE restart may mend it before.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Why an offer was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NegotiateError {
    /// The client's fault.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The PeerConnection refused what passed our own checks.
    #[error("{0}")]
    Connection(#[from] AdapterError),
    /// It would have been the first of its group, and every worker has too much to do already.
    #[error("every worker has too much to do")]
    Overloaded,
    /// No such peer: it was closed meanwhile.
    #[error("the peer is gone")]
    NoPeer,
    /// The server's fault.
    #[error(transparent)]
    Worker(#[from] WorkerGone),
}

/// An answered offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: String,
    /// The m-lines the browser may send on, in order.
    pub sends: Vec<Line>,
    /// The slots, in order.
    pub slots: Vec<Line>,
}

/// An m-line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its mid.
    pub mid: String,
    /// Its kind.
    pub kind: LineKind,
}

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// One peer.
pub(crate) struct Peer {
    key: PeerKey,
    group: GroupId,
    connection: Arc<Connection>,
    pool: Arc<Pool>,
    /// Its place in the pool.
    worker: usize,
    /// How often that worker had begun anew by then.
    restarts: u64,
    /// Its slots that something feeds.
    fed: std::sync::Mutex<BTreeSet<Mid>>,
    session: u64,
    feedback_ssrc: u32,
    state: Mutex<State>,
    /// For those who asked.
    data: OnceLock<Arc<DataChannels>>,
    data_config: DataConfig,
    events: mpsc::Sender<Event>,
    follower: JoinHandle<()>,
}

/// What one offer after another changes.
#[derive(Default)]
struct State {
    negotiation: Negotiation,
    /// The browser's ufrag and password that `local` answers: others mean an ICE restart.
    remote_ice: Option<(String, String)>,
    local: Option<LocalDescription>,
    version: u64,
}

impl Peer {
    /// Makes the PeerConnection and tells the worker on which it was placed.
    pub(crate) async fn open(
        key: PeerKey,
        group: GroupId,
        identity: &Identity,
        (pool, worker): (Arc<Pool>, usize),
        events: mpsc::Sender<Event>,
        data_config: DataConfig,
    ) -> Result<Self, NegotiateError> {
        let inbox = Arc::new(Inbox::default());
        let Handle { outlet, commands, load, .. } = pool.workers.get(worker).ok_or(WorkerGone)?;
        let restarts = load.restarts();
        let (connection, states) =
            Connection::open(identity, inbox.clone(), outlet.clone(), data_config).await?;
        let connection = Arc::new(connection);
        if let Err(gone) = commands.send(Command::Insert { peer: key, group, inbox }).await {
            // Only dropped, it would run on.
            connection.close().await;
            return Err(gone.into());
        }
        let following = follow(key, connection.clone(), states, commands.clone(), events.clone());
        let follower = tokio::spawn(or_faulted(key, events.clone(), following));
        Ok(Self {
            key,
            group,
            connection,
            pool,
            worker,
            restarts,
            fed: std::sync::Mutex::default(),
            session: u64::from(random_u32()),
            feedback_ssrc: random_u32() | 1,
            state: Mutex::new(State::default()),
            data: OnceLock::new(),
            data_config,
            events,
            follower,
        })
    }

    /// Answers an offer. Everything is in place at the worker before the answer is given out.
    pub(crate) async fn negotiate(&self, offer: &Offer) -> Result<Answered, NegotiateError> {
        let mut state = self.state.lock().await;
        let remote_ice = (offer.ice_ufrag.clone(), offer.ice_pwd.clone());
        let asks_for_data = offer.data().is_some() && self.data.get().is_none();
        let local = match (&state.local, &state.remote_ice) {
            (Some(local), Some(known)) if *known == remote_ice && !asks_for_data => local.clone(),
            _ => self.answer_transport(offer, asks_for_data).await?,
        };
        state.local = Some(local.clone());
        state.remote_ice = Some(remote_ice);
        state.negotiation.take(offer, random_u32);
        state.version += 1;
        let config = Box::new(state.negotiation.config(offer, self.feedback_ssrc));
        self.send(Command::Configure { peer: self.key, config: config.clone() }).await?;
        self.pool.configured(self.group, self.key, self.worker, &config).await;
        let transport = LocalTransport {
            ice_ufrag: local.ice_ufrag,
            ice_pwd: local.ice_pwd,
            fingerprint: local.fingerprint,
            setup: local.setup,
            candidates: self.handle()?.candidates(),
            ice_tcp: self.handle()?.has_streams,
        };
        let context = AnswerContext {
            local: &transport,
            session: self.session,
            version: state.version,
            slot: &|mid| state.negotiation.identity(mid),
            message: self.data_config.message,
        };
        Ok(Answered {
            answer: write_answer(offer, &context),
            sends: offer.sections.iter().filter(|section| is_send(section)).filter_map(line).collect(),
            slots: offer
                .sections
                .iter()
                .filter(|section| is_slot(section) && state.negotiation.identity(&section.mid).is_some())
                .filter_map(line)
                .collect(),
        })
    }

    /// A first offer, an ICE restart, or the first that has data channels.
    async fn answer_transport(
        &self,
        offer: &Offer,
        asks_for_data: bool,
    ) -> Result<LocalDescription, NegotiateError> {
        let with_data = asks_for_data || self.data.get().is_some();
        let local = self.connection.answer(offer, with_data).await?;
        if asks_for_data {
            self.open_data().await?;
        }
        let (ufrag, password) = (local.ice_ufrag.clone(), local.ice_pwd.clone());
        self.send(Command::Credentials { peer: self.key, ufrag, password }).await?;
        Ok(local)
    }

    /// Opens the data channels, and has it told when they are there.
    async fn open_data(&self) -> Result<(), NegotiateError> {
        let channels = Arc::new(self.connection.open_data().await?);
        let (key, events) = (self.key, self.events.clone());
        // Set once: offers are answered one after another.
        let _ = self.data.set(channels.clone());
        // It ends with the connection, which closes the channels.
        tokio::spawn(or_faulted(key, events.clone(), async move {
            if channels.reliable.opened().await {
                // The receiver gone means that the server is stopping.
                let _ = events.send(Event::Data(key)).await;
            }
        }));
        Ok(())
    }

    /// Its place in the pool.
    pub(crate) fn worker(&self) -> usize {
        self.worker
    }

    /// Whether its worker still has it: it may have begun anew, or stand still.
    pub(crate) fn stands(&self) -> bool {
        self.handle().is_ok_and(|worker| worker.load.restarts() == self.restarts && !worker.load.is_still())
    }

    /// Its data channels, if it asked for any.
    pub(crate) fn data(&self) -> Option<Arc<DataChannels>> {
        self.data.get().cloned()
    }

    /// With whom it hears and is heard.
    pub(crate) fn group(&self) -> GroupId {
        self.group
    }

    /// Decides what feeds a slot.
    pub(crate) async fn route(&self, slot: Mid, source: Option<(PeerKey, Mid)>) -> Result<(), WorkerGone> {
        let change = {
            let mut fed = self.fed.lock().unwrap_or_else(PoisonError::into_inner);
            let is_fed = source.is_some();
            (if is_fed { fed.insert(slot) } else { fed.remove(&slot) }).then_some(is_fed)
        };
        match change {
            Some(true) => _ = self.handle()?.fed.fetch_add(1, Relaxed),
            Some(false) => _ = self.handle()?.fed.fetch_sub(1, Relaxed),
            None => {}
        }
        self.send(Command::Route { receiver: self.key, slot, source }).await
    }

    /// Tells the worker something.
    pub(crate) async fn send(&self, command: Command) -> Result<(), WorkerGone> {
        self.handle()?.commands.send(command).await
    }

    fn handle(&self) -> Result<&Handle, WorkerGone> {
        self.pool.workers.get(self.worker).ok_or(WorkerGone)
    }

    /// Ends it everywhere.
    pub(crate) async fn close(&self) {
        self.follower.abort();
        let fed = std::mem::take(&mut *self.fed.lock().unwrap_or_else(PoisonError::into_inner));
        if let Ok(handle) = self.handle() {
            handle.fed.fetch_sub(fed.len(), Relaxed);
        }
        // A worker that is gone holds nothing of the peer either.
        self.pool.leave(self.group, self.key, self.worker).await;
        let _ = self.send(Command::Remove { peer: self.key }).await;
        self.connection.close().await;
    }
}

fn line(section: &Section) -> Option<Line> {
    let kind = match section.kind {
        SectionKind::Audio => LineKind::Audio,
        SectionKind::Video => LineKind::Video,
        SectionKind::Application | SectionKind::Other => return None,
    };
    Some(Line { mid: section.mid.clone(), kind })
}

/// Runs a peer's task. If it panics that ends the peer, as nobody would follow it any more.
async fn or_faulted(key: PeerKey, events: mpsc::Sender<Event>, task: impl Future<Output = ()>) {
    if AssertUnwindSafe(task).catch_unwind().await.is_err() {
        tracing::error!(peer = ?key, "a panic in a task of one peer: it is sent away");
        // The receiver gone means that the server is stopping.
        let _ = events.send(Event::Faulted(key)).await;
    }
}

/// Follows a connection until it fails or is closed.
async fn follow(
    key: PeerKey,
    connection: Arc<Connection>,
    mut states: mpsc::Receiver<ConnectionState>,
    commands: CommandSender,
    events: mpsc::Sender<Event>,
) {
    let mut patience = Some(CONNECT_TIMEOUT);
    loop {
        let state = match patience {
            Some(patience) => match tokio::time::timeout(patience, states.recv()).await {
                Ok(state) => state,
                Err(_) => Some(ConnectionState::Failed),
            },
            None => states.recv().await,
        };
        match state {
            Some(ConnectionState::Connected) => {
                patience = None;
                let installed = match connection.keys().await {
                    Ok(keys) => commands.send(Command::Keys { peer: key, keys }).await.is_ok(),
                    Err(error) => {
                        tracing::error!(%error, "no SRTP keys");
                        false
                    }
                };
                let event = if installed { Event::Connected(key) } else { Event::Failed(key) };
                // The receiver gone means that the server is stopping.
                let _ = events.send(event).await;
                if !installed {
                    return;
                }
            }
            Some(ConnectionState::Disconnected) => {
                patience = Some(DISCONNECT_TIMEOUT);
                // As above.
                let _ = events.send(Event::Interrupted(key)).await;
            }
            Some(ConnectionState::Failed) => {
                let _ = events.send(Event::Failed(key)).await;
                return;
            }
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_peer_whose_task_panics_is_sent_away() {
        let (events, mut told) = mpsc::channel(2);
        let key = PeerKey::default();
        or_faulted(key, events.clone(), async {}).await;
        // Without a word from the panic hook.
        or_faulted(key, events, async { std::panic::resume_unwind(Box::new("planted")) }).await;
        assert_eq!((told.recv().await, told.recv().await), (Some(Event::Faulted(key)), None));
    }
}
