//! HTTP resources that stand for participants: who waits for which answer, and which offer an ICE restart renews.
//!
//! Between the requests of `whip` and `room`. A record lives as long as `room` says that its resource does.

use room::{Admission, Errand, Input, ResourceId};
use signal::{DisplayName, ErrorCode, ErrorInfo, RoomName, Sdp};
use std::collections::HashMap;
use tokio::sync::oneshot;
use transport::sdp::Fragment;

/// Who comes, where to, and what for.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) resource: ResourceId,
    pub(crate) room: RoomName,
    pub(crate) name: DisplayName,
    pub(crate) errand: Errand,
    pub(crate) admission: Admission,
    pub(crate) offer: Sdp,
}

/// How often a resource's ICE was restarted: what its entity-tag says (RFC 9725 §4.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Generation(pub(crate) u32);

/// Which state of a resource a change is meant for (`If-Match`, RFC 9110 §13.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Whichever it is.
    Any,
    /// This one.
    Is(Generation),
    /// One that is none of ours, or none any more.
    Stale,
}

/// What became of a fragment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Patched {
    /// It told candidates.
    Trickled,
    /// It restarted ICE.
    Restarted {
        /// The whole answer.
        answer: Sdp,
        /// From now on.
        generation: Generation,
    },
}

/// Why nothing became of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PatchError {
    /// There is no such resource, any more or at all.
    Unknown,
    /// It is meant for another state.
    Stale,
    /// A restart is on its way.
    Busy,
    /// ICE could not be restarted; it goes on as it was.
    Refused(ErrorInfo),
}

pub(super) type EnterReply = oneshot::Sender<Result<Sdp, ErrorInfo>>;
pub(super) type PatchReply = oneshot::Sender<Result<Patched, PatchError>>;

/// One for each resource that is there.
#[derive(Default)]
pub(super) struct Resources {
    records: HashMap<ResourceId, Record>,
}

struct Record {
    /// The last offer that was answered, or the first.
    offer: Sdp,
    generation: Generation,
    progress: Progress,
}

enum Progress {
    Entering(EnterReply),
    Settled,
    Restarting { offer: Sdp, reply: PatchReply },
}

/// Whether whoever asked was there to hear the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Yes,
    /// Nobody knows of the resource, nor ever will.
    No,
}

impl Resources {
    /// Somebody comes; what `room` is told.
    pub(super) fn enter(&mut self, entry: Entry, reply: EnterReply) -> Input {
        let Entry { resource, room, name, errand, admission, offer } = entry;
        let (generation, progress) = (Generation::default(), Progress::Entering(reply));
        self.records.insert(resource, Record { offer: offer.clone(), generation, progress });
        Input::Enter { resource, room, name, errand, admission, offer }
    }

    /// A fragment came; what `room` is told, if anything.
    pub(super) fn patch(
        &mut self,
        resource: ResourceId,
        condition: Condition,
        fragment: &Fragment,
        reply: PatchReply,
    ) -> Option<Input> {
        let Some(record) = self.records.get_mut(&resource) else {
            return refuse(reply, PatchError::Unknown);
        };
        let meant = match condition {
            Condition::Any => true,
            Condition::Is(generation) => generation == record.generation,
            Condition::Stale => false,
        };
        if !meant {
            return refuse(reply, PatchError::Stale);
        }
        let Some(offer) = fragment.renew(&record.offer.0).map(Sdp) else {
            // Whoever asked may have gone: then nobody needs the answer.
            let _ = reply.send(Ok(Patched::Trickled));
            return None;
        };
        match record.progress {
            Progress::Settled => {
                record.progress = Progress::Restarting { offer: offer.clone(), reply };
                Some(Input::Reoffer { resource, offer })
            }
            Progress::Entering(_) | Progress::Restarting { .. } => refuse(reply, PatchError::Busy),
        }
    }

    /// `room` answers a resource's offer.
    pub(super) fn answer(&mut self, resource: ResourceId, result: Result<Sdp, ErrorInfo>) -> Heard {
        let Some(record) = self.records.get_mut(&resource) else { return Heard::Yes };
        match std::mem::replace(&mut record.progress, Progress::Settled) {
            Progress::Settled => Heard::Yes,
            Progress::Entering(reply) => match reply.send(result) {
                Ok(()) => Heard::Yes,
                Err(_) => Heard::No,
            },
            Progress::Restarting { offer, reply } => {
                let outcome = match result {
                    Ok(answer) => {
                        record.offer = offer;
                        record.generation = Generation(record.generation.0.wrapping_add(1));
                        Ok(Patched::Restarted { answer, generation: record.generation })
                    }
                    Err(error) => Err(PatchError::Refused(error)),
                };
                // A client that does not hear of it finds its entity-tag stale, and asks again.
                let _ = reply.send(outcome);
                Heard::Yes
            }
        }
    }

    /// Whether there is such a resource, beyond its first answer.
    pub(super) fn knows(&self, resource: ResourceId) -> bool {
        self.records.contains_key(&resource)
    }

    /// `room` says that a resource is gone. Whoever waits for an answer of it is told so.
    pub(super) fn gone(&mut self, resource: ResourceId) {
        match self.records.remove(&resource).map(|record| record.progress) {
            Some(Progress::Entering(reply)) => {
                let _ = reply.send(Err(ErrorInfo::new(ErrorCode::ShuttingDown)));
            }
            Some(Progress::Restarting { reply, .. }) => drop(refuse(reply, PatchError::Unknown)),
            Some(Progress::Settled) | None => {}
        }
    }
}

/// Whoever asked may have gone: then nobody needs the answer.
fn refuse(reply: PatchReply, error: PatchError) -> Option<Input> {
    let _ = reply.send(Err(error));
    None
}
