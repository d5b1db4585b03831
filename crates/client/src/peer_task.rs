//! One task per peer connection that makes offers and sets answers strictly one after the other.

use super::marks::{Moment, mark};
use super::peer::Peer;
use super::pump::Pump;
use super::task::Task;
use ::signal::{OfferId, Sdp};
use futures::StreamExt;
use futures::channel::mpsc;
use session::Input;
use std::rc::{Rc, Weak};

/// Steps waiting for the browser. The session has one offer under way at a time, so a full queue means
/// that the browser hangs; the step is then told to have failed.
const MAX_STEPS: usize = 8;

/// A step of negotiation.
#[derive(Debug)]
pub enum Step {
    /// As [`session::Output::CreateOffer`].
    Offer {
        /// To name the answer by.
        id: OfferId,
        /// In all.
        seats: usize,
        /// With new ICE credentials.
        ice_restart: bool,
        /// With data channels.
        data: bool,
    },
    /// As [`session::Output::ApplyAnswer`].
    Answer {
        /// Which offer it answers.
        id: OfferId,
        /// The whole description.
        sdp: Sdp,
    },
}

impl Step {
    fn id(&self) -> OfferId {
        match self {
            Self::Offer { id, .. } | Self::Answer { id, .. } => *id,
        }
    }
}

/// A peer connection and its task. Dropping it closes the one and ends the other.
#[derive(Debug)]
pub struct PeerTask {
    /// The connection.
    pub peer: Rc<Peer>,
    steps: mpsc::Sender<Step>,
    _task: Task,
}

impl PeerTask {
    /// Starts the task. What comes of each step is told to `pump` while that still has this peer.
    pub fn start(peer: Rc<Peer>, pump: Weak<Pump>) -> Self {
        let (steps, waiting) = mpsc::channel(MAX_STEPS);
        let task = Task::start(run(peer.clone(), waiting, pump));
        Self { peer, steps, _task: task }
    }

    /// Takes the next step after those before it; the offer's id comes back when there are too many.
    pub fn take(&mut self, step: Step) -> Result<(), OfferId> {
        let id = step.id();
        self.steps.try_send(step).map_err(|_| id)
    }
}

impl Drop for PeerTask {
    fn drop(&mut self) {
        self.peer.close();
        super::stats::watch(None);
    }
}

async fn run(peer: Rc<Peer>, mut steps: mpsc::Receiver<Step>, pump: Weak<Pump>) {
    while let Some(step) = steps.next().await {
        let inputs = match step {
            Step::Offer { id, seats, ice_restart, data } => {
                match peer.offer(seats, ice_restart, data).await {
                    Ok(sdp) => {
                        mark(Moment::Offer);
                        vec![Input::Mids(peer.mids()), Input::OfferCreated { id, sdp }]
                    }
                    Err(error) => vec![Input::NegotiationFailed { id, detail: error.to_string() }],
                }
            }
            Step::Answer { id, sdp } => match peer.answer(&sdp).await {
                Ok(()) => {
                    mark(Moment::Answered);
                    vec![]
                }
                Err(error) => vec![Input::NegotiationFailed { id, detail: error.to_string() }],
            },
        };
        let Some(pump) = pump.upgrade().filter(|pump| pump.has_peer(&peer)) else { return };
        pump.negotiated(inputs);
    }
}
