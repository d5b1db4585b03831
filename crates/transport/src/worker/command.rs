//! What the control side tells the worker, over a bounded queue that wakes it.

use super::relay::{Relay, WorkerId};
use super::{Load, WAKER};
use crate::adapter::Inbox;
use crate::counters::CounterValues;
use crate::srtp::KeyingMaterial;
use forward::{GroupId, Mid, PeerConfig, PeerKey, View};
use mio::{Registry, Waker};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// Commands waiting for the worker. Past it the control side waits: commands are never dropped, and the
/// worker looks at them between batches.
const QUEUE: usize = 4096;

/// A worker that takes no command for so long hangs. It loses them from then on, so that nobody waits for it, and
/// begins anew if it ever goes on.
const PATIENCE: Duration = Duration::from_secs(5);

/// One thing for the worker to do.
#[derive(Debug)]
pub enum Command {
    /// A new peer.
    Insert {
        /// Its key, allocated by the control side.
        peer: PeerKey,
        /// Who it hears and is heard by.
        group: GroupId,
        /// Where its STUN and DTLS datagrams go.
        inbox: Arc<Inbox>,
    },
    /// Our ICE credentials for a peer; an ICE restart brings new ones.
    Credentials {
        /// Whose.
        peer: PeerKey,
        /// Ours.
        ufrag: String,
        /// Ours.
        password: String,
    },
    /// What was negotiated.
    Configure {
        /// With whom.
        peer: PeerKey,
        /// What.
        config: Box<PeerConfig>,
    },
    /// The DTLS handshake is done.
    Keys {
        /// Whose.
        peer: PeerKey,
        /// Its outcome.
        keys: KeyingMaterial,
    },
    /// What feeds a slot.
    Route {
        /// Whose slot.
        receiver: PeerKey,
        /// Which.
        slot: Mid,
        /// Who sends, on which of its m-lines.
        source: Option<(PeerKey, Mid)>,
    },
    /// Of which lines nothing is to reach anybody: these, and no others of the peer's.
    Hold {
        /// Whose; a guest's, too.
        peer: PeerKey,
        /// Which.
        lines: Vec<Mid>,
    },
    /// How large slots are shown.
    View {
        /// Whose.
        peer: PeerKey,
        /// Which, and how.
        slots: Vec<(Mid, View)>,
    },
    /// A peer is gone.
    Remove {
        /// Which.
        peer: PeerKey,
    },
    /// A room spans this worker and another from now on, the first that does.
    Link {
        /// The other.
        worker: WorkerId,
        /// The queues between them.
        relay: Relay,
    },
    /// Of a group that spans workers: this one is not its home, which tells who speaks.
    Span {
        /// Which.
        group: GroupId,
    },
    /// The last peer of a group that was here is gone: it no longer spans this worker.
    Unspan {
        /// Which.
        group: GroupId,
    },
    /// A peer of another worker, whose packets come by the relay; or what was negotiated with it anew.
    Guest {
        /// Its key.
        peer: PeerKey,
        /// Who hears it.
        group: GroupId,
        /// Who has it.
        home: WorkerId,
        /// What was negotiated with it, without its slots.
        config: Box<PeerConfig>,
    },
    /// A peer's packets go to another worker as well, or no longer.
    Relay {
        /// Whose.
        peer: PeerKey,
        /// Where to.
        worker: WorkerId,
        /// Whether they go there.
        on: bool,
    },
    /// At these addresses each port is somebody else's: a relay's, of ours, for whoever it lets in.
    Apart {
        /// In place of those before.
        addresses: Vec<IpAddr>,
    },
    /// Say that you are there.
    Ping {
        /// Where to.
        reply: oneshot::Sender<()>,
    },
    /// Tell how things stand.
    Report {
        /// Where to.
        reply: oneshot::Sender<Report>,
    },
    /// Panic once, there.
    #[cfg(feature = "fault-injection")]
    Plant {
        /// Where.
        site: forward::Site,
        /// In whose work.
        peer: PeerKey,
    },
    /// Do nothing for so long.
    #[cfg(feature = "fault-injection")]
    Stall(Duration),
}

impl Command {
    /// Whom it is about, where that is one peer.
    pub(super) fn peer(&self) -> Option<PeerKey> {
        match self {
            Self::Insert { peer, .. }
            | Self::Credentials { peer, .. }
            | Self::Configure { peer, .. }
            | Self::Keys { peer, .. }
            | Self::Route { receiver: peer, .. }
            | Self::Hold { peer, .. }
            | Self::View { peer, .. }
            | Self::Remove { peer }
            | Self::Guest { peer, .. }
            | Self::Relay { peer, .. } => Some(*peer),
            Self::Apart { .. }
            | Self::Link { .. }
            | Self::Span { .. }
            | Self::Unspan { .. }
            | Self::Ping { .. }
            | Self::Report { .. } => None,
            #[cfg(feature = "fault-injection")]
            Self::Plant { .. } | Self::Stall(_) => None,
        }
    }
}

/// How things stand with a worker.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Peers.
    pub peers: usize,
    /// ICE ufrags known.
    pub ufrags: usize,
    /// 5-tuples known.
    pub addresses: usize,
    /// Datagrams, by fate.
    pub transport: CounterValues,
    /// The media plane's counters.
    pub forward: forward::Counters,
    /// The media plane's tables.
    pub sizes: forward::Sizes,
    /// What receivers get.
    pub survey: forward::Survey,
}

/// The worker is gone, or hangs; or the server is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media worker is gone")]
pub struct WorkerGone;

/// The control side's end.
#[derive(Clone, Debug)]
pub struct CommandSender {
    /// Always there until dropped.
    queue: Option<mpsc::Sender<Command>>,
    waker: Arc<Waker>,
    load: Arc<Load>,
}

impl CommandSender {
    /// Queues a command and wakes the worker.
    pub async fn send(&self, command: Command) -> Result<(), WorkerGone> {
        let queue = self.queue.as_ref().ok_or(WorkerGone)?;
        match queue.try_send(command) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return Err(WorkerGone),
            Err(TrySendError::Full(_)) if self.load.is_still() => {
                self.load.deafen();
                return Err(WorkerGone);
            }
            Err(TrySendError::Full(command)) => {
                let Ok(sent) = tokio::time::timeout(PATIENCE, queue.send(command)).await else {
                    self.load.deafen();
                    return Err(WorkerGone);
                };
                sent.map_err(|_| WorkerGone)?;
            }
        }
        self.waker.wake().map_err(|_| WorkerGone)
    }

    /// Waits until the worker says that it is there.
    pub async fn ping(&self) -> Result<(), WorkerGone> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Ping { reply }).await?;
        answer.await.map_err(|_| WorkerGone)
    }

    /// What wakes the worker.
    pub fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    /// Asks the worker how things stand.
    pub async fn report(&self) -> Result<Report, WorkerGone> {
        let (reply, report) = oneshot::channel();
        self.send(Command::Report { reply }).await?;
        report.await.map_err(|_| WorkerGone)
    }
}

impl Report {
    /// The two together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            peers: self.peers + other.peers,
            ufrags: self.ufrags + other.ufrags,
            addresses: self.addresses + other.addresses,
            transport: self.transport.and(other.transport),
            forward: self.forward.and(other.forward),
            sizes: self.sizes.and(other.sizes),
            survey: self.survey.and(other.survey),
        }
    }
}

impl Drop for CommandSender {
    fn drop(&mut self) {
        // The last one gone ends the worker, which has to wake afterwards to notice. A failure to wake
        // means that the worker's poll is gone already.
        self.queue = None;
        let _ = self.waker.wake();
    }
}

/// The worker's end.
#[derive(Debug)]
pub(super) struct CommandReceiver {
    queue: mpsc::Receiver<Command>,
}

/// What the queue holds.
pub(super) enum Next {
    Command(Command),
    Empty,
    Closed,
}

impl CommandReceiver {
    pub(super) fn next(&mut self) -> Next {
        match self.queue.try_recv() {
            Ok(command) => Next::Command(command),
            Err(mpsc::error::TryRecvError::Empty) => Next::Empty,
            Err(mpsc::error::TryRecvError::Disconnected) => Next::Closed,
        }
    }
}

pub(super) fn channel(registry: &Registry, load: Arc<Load>) -> io::Result<(CommandSender, CommandReceiver)> {
    let waker = Arc::new(Waker::new(registry, WAKER)?);
    let (sender, queue) = mpsc::channel(QUEUE);
    Ok((CommandSender { queue: Some(sender), waker, load }, CommandReceiver { queue }))
}
