//! The data channels' switchboard: who in which room has them, and what is said over them.
//!
//! Beside the actor, which says who comes and goes; messages themselves pass through two tasks for each participant, one
//! for each channel, and never through the actor, the media plane or its threads. A message goes to members of the
//! sender's own room, and over the channel it came by.

mod budget;
mod counts;
mod relay;

use futures::FutureExt;
use room::RoomId;
use signal::{DataIn, DataOut, DataTo, ParticipantId};
use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use transport::{DataChannels, Received};

use counts::Counts;
pub use counts::DataCounts;

/// Runs a relay until it ends, be it by a panic: then its member loses its channels, and nobody else anything.
async fn to_its_end(relay: impl Future<Output = ()>) {
    if AssertUnwindSafe(relay).catch_unwind().await.is_err() {
        tracing::error!("a panic over somebody's data channels: they are closed");
    }
}

/// All rooms' members who have data channels. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Switchboard {
    members: Arc<Mutex<Members>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Members {
    rooms: HashMap<RoomId, BTreeMap<ParticipantId, Arc<Member>>>,
    places: HashMap<ParticipantId, RoomId>,
}

/// A participant whose channels are open.
struct Member {
    participant: ParticipantId,
    room: RoomId,
    channels: Arc<DataChannels>,
    /// What it says is read and dropped otherwise.
    speaks: bool,
    /// Whoever sends it something reliable takes turns, so that its buffer holds one message too many at most.
    turn: tokio::sync::Mutex<()>,
}

impl Switchboard {
    /// A participant's channels are open: from now on it is sent what its room says, and heard, if it may speak.
    pub(super) fn admit(
        &self,
        room: RoomId,
        participant: ParticipantId,
        channels: Arc<DataChannels>,
        speaks: bool,
    ) {
        let turn = tokio::sync::Mutex::default();
        let member = Arc::new(Member { participant, room, channels, speaks, turn });
        let mut members = self.members();
        members.rooms.entry(room).or_default().insert(participant, member.clone());
        members.places.insert(participant, room);
        drop(members);
        // They end when their channel does, at the latest with the peer.
        let (switchboard, receiver) = (self.clone(), member.clone());
        tokio::spawn(async move {
            to_its_end(relay::reliable(&switchboard, &receiver)).await;
            switchboard.expel(&receiver).await;
        });
        let switchboard = self.clone();
        tokio::spawn(async move {
            to_its_end(relay::unreliable(&switchboard, &member)).await;
            switchboard.expel(&member).await;
        });
    }

    /// A participant is gone, or its channels are; whether they were there until now.
    pub(super) fn leave(&self, participant: ParticipantId) -> bool {
        let mut members = self.members();
        let Some(room) = members.places.remove(&participant) else { return false };
        if let Some(there) = members.rooms.get_mut(&room) {
            there.remove(&participant);
            if there.is_empty() {
                members.rooms.remove(&room);
            }
        }
        true
    }

    /// What was said and not said.
    pub(crate) fn counts(&self) -> DataCounts {
        self.counts.values(self.members().places.len())
    }

    /// Its channels are of no use any more, or one of them is not; whether they were until now.
    async fn expel(&self, member: &Member) -> bool {
        let was_there = self.leave(member.participant);
        member.channels.close().await;
        was_there
    }

    /// Whom a message is for, and how they get it. Nobody, if it is none.
    fn address(&self, sender: &Member, message: &Received) -> (Vec<Arc<Member>>, Vec<u8>) {
        if !sender.speaks {
            self.counts.forbidden();
            return Default::default();
        }
        // The browser's strings have no header.
        let read = if message.is_string { None } else { DataOut::read(&message.bytes).ok() };
        let Some(DataOut { to, kind, payload }) = read else {
            self.counts.malformed();
            return Default::default();
        };
        let receivers = self.receivers(sender, to);
        if receivers.is_empty() && to != DataTo::Everybody {
            self.counts.unknown();
        }
        let frame = DataIn { from: sender.participant, kind, payload }.write().unwrap_or_default();
        (receivers, frame)
    }

    fn receivers(&self, sender: &Member, to: DataTo) -> Vec<Arc<Member>> {
        let members = self.members();
        let Some(there) = members.rooms.get(&sender.room) else { return Vec::new() };
        let is_other = |member: &&Arc<Member>| member.participant != sender.participant;
        match to {
            DataTo::Everybody => there.values().filter(is_other).cloned().collect(),
            DataTo::One(participant) => {
                there.get(&participant).filter(is_other).cloned().into_iter().collect()
            }
        }
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::to_its_end;

    #[tokio::test]
    async fn a_relay_that_panics_has_come_to_its_end() {
        // Without a word from the panic hook.
        to_its_end(async { std::panic::resume_unwind(Box::new("planted")) }).await;
        to_its_end(async {}).await;
    }
}
