//! Which rooms there are and who is in which. A room appears with its first participant and vanishes
//! with its last. Also remembers what has to go out when a call ends: see [`Directory::settle`].

use crate::{Output, RoomId, member::Member, outbox::Outbox, room::Room};
use signal::{ParticipantId, RoomMode, RoomName};
use std::collections::{BTreeMap, BTreeSet};

/// All rooms, by name, and every participant's room.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    rooms: BTreeMap<RoomName, Room>,
    names: BTreeMap<RoomId, RoomName>,
    homes: BTreeMap<ParticipantId, RoomName>,
    /// The id of the newest room. Wraps after 2³² rooms, when the first is long gone.
    newest: u32,
    /// Rooms that were lent out for change since the last `settle`.
    touched: BTreeSet<RoomName>,
    /// Who left since the last `settle`.
    gone: Vec<ParticipantId>,
}

impl Directory {
    pub(crate) fn room(&self, name: &RoomName) -> Option<&Room> {
        self.rooms.get(name)
    }

    /// How many rooms there are.
    pub(crate) fn open_rooms(&self) -> u32 {
        u32::try_from(self.rooms.len()).unwrap_or(u32::MAX)
    }

    /// How many participants there are in all of them, those on the way in counted, and not those who wait outside.
    pub(crate) fn places(&self) -> u32 {
        self.rooms.values().map(Room::places).sum()
    }

    pub(crate) fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// The room of a participant, for change.
    pub(crate) fn home(&mut self, participant: ParticipantId) -> Option<&mut Room> {
        let name = self.homes.get(&participant)?;
        self.touched.insert(name.clone());
        self.rooms.get_mut(name)
    }

    /// A room by its id, for change.
    pub(crate) fn room_by_id(&mut self, id: RoomId) -> Option<&mut Room> {
        let name = self.names.get(&id)?;
        self.touched.insert(name.clone());
        self.rooms.get_mut(name)
    }

    /// The room of a participant, for a change that concerns nobody's slots: nothing has to be settled after it.
    pub(crate) fn room_of(&mut self, participant: ParticipantId) -> Option<&mut Room> {
        self.rooms.get_mut(self.homes.get(&participant)?)
    }

    /// A room by its name, for change.
    pub(crate) fn room_named(&mut self, name: &RoomName) -> Option<&mut Room> {
        let room = self.rooms.get_mut(name)?;
        self.touched.insert(name.clone());
        Some(room)
    }

    /// Somebody inside, to look at.
    pub(crate) fn look_at(&self, participant: ParticipantId) -> Option<&Member> {
        self.rooms.get(self.homes.get(&participant)?)?.members.get(&participant)
    }

    /// Somebody inside, for the same.
    pub(crate) fn member(&mut self, participant: ParticipantId) -> Option<&mut Member> {
        self.room_of(participant)?.members.get_mut(&participant)
    }

    /// Gives a participant a place in a room, which is made if there is none, and then of this mode.
    pub(crate) fn settle_in(
        &mut self,
        participant: ParticipantId,
        name: RoomName,
        mode: RoomMode,
    ) -> &mut Room {
        self.homes.insert(participant, name.clone());
        self.touched.insert(name.clone());
        self.rooms.entry(name).or_insert_with_key(|name| {
            self.newest = self.newest.wrapping_add(1);
            let id = RoomId(self.newest);
            self.names.insert(id, name.clone());
            Room::new(id, name.clone(), mode)
        })
    }

    /// Somebody waits at a room's door: it belongs there, and takes no place.
    pub(crate) fn wait_at(&mut self, participant: ParticipantId, name: RoomName) -> Option<&mut Room> {
        let room = self.rooms.get_mut(&name)?;
        self.touched.insert(name.clone());
        self.homes.insert(participant, name);
        Some(room)
    }

    /// It waits no longer. There is no peer to be closed.
    pub(crate) fn wait_no_longer(&mut self, participant: ParticipantId) {
        self.homes.remove(&participant);
    }

    /// Who waits at rooms where nobody is left who could let them in.
    pub(crate) fn wait_in_vain(&self) -> Vec<ParticipantId> {
        let touched = self.touched.iter().filter_map(|name| self.rooms.get(name));
        let unattended = touched.filter(|room| !room.is_attended());
        unattended.flat_map(|room| room.moderating.waiting.keys().copied()).collect()
    }

    /// Takes note that a participant is in no room any more. Its peer is closed by `settle`.
    pub(crate) fn move_out(&mut self, participant: ParticipantId) {
        if self.homes.remove(&participant).is_some() {
            self.gone.push(participant);
        }
    }

    /// Everybody out of every room.
    pub(crate) fn clear(&mut self) {
        for waiting in self.rooms.values().flat_map(|room| room.moderating.waiting.keys()) {
            self.homes.remove(waiting);
        }
        self.rooms.clear();
        self.names.clear();
        self.gone.extend(std::mem::take(&mut self.homes).into_keys());
    }

    /// The end of a call: each receiver's changed slots are routed and told once, however often they
    /// changed; then the peers of those who left are closed, so that no route names a closed peer.
    pub(crate) fn settle(&mut self, outbox: &mut Outbox) {
        for name in std::mem::take(&mut self.touched) {
            let Some(room) = self.rooms.get_mut(&name) else { continue };
            room.flush(outbox);
            if room.places() == 0 {
                self.names.remove(&room.id);
                self.rooms.remove(&name);
            }
        }
        for participant in self.gone.drain(..) {
            outbox.push(Output::ClosePeer { participant });
        }
    }
}
