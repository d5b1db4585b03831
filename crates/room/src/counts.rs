//! How much there is of everything, for metrics and for tests that look for leaks.

use crate::{directory::Directory, member::Presence};

/// A census of [`Rooms`](crate::Rooms).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open sockets.
    pub connections: usize,
    /// HTTP resources that stand for participants.
    pub resources: usize,
    /// Rooms with somebody in them or on the way in.
    pub rooms: usize,
    /// Those who wait to be let in.
    pub waiting: usize,
    /// Participants on the way in.
    pub joining: usize,
    /// Participants inside, present or waited for.
    pub participants: usize,
    /// Of those, the ones whose socket is lost.
    pub absent: usize,
    /// Tracks offered to rooms.
    pub publications: usize,
    /// Slots that carry something.
    pub routes: usize,
    /// Moments awaited.
    pub timers: usize,
    /// Sockets with news waiting for them.
    pub untold: usize,
}

impl Counts {
    /// What the rooms hold.
    pub(crate) fn of(directory: &Directory) -> Self {
        let mut counts = Self::default();
        for room in directory.rooms() {
            counts.rooms += 1;
            counts.waiting += room.moderating.waiting.len();
            counts.joining += room.joiners.len();
            counts.participants += room.members.len();
            for member in room.members.values() {
                counts.absent += usize::from(matches!(member.presence, Presence::Absent { .. }));
                counts.publications += member.publications.len();
                counts.routes += member.seating.fed().len();
            }
        }
        counts
    }
}
