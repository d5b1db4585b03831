//! What the server measures and says, or the browser of direct connections: who speaks, what it holds back, how media flows. Shown, and acted on
//! nowhere here.

use crate::{Other, SortedSet, Way};
use signal::{Mid, ParticipantId, Quality};

/// The latest of each.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// As the server says, the loudest first.
    pub(crate) told: Vec<ParticipantId>,
    /// As the browser says, of direct connections, the loudest first.
    pub(crate) heard: Vec<ParticipantId>,
    pub(crate) paused: SortedSet<Mid>,
    pub(crate) quality: Option<Quality>,
}

impl Measured {
    /// Who speaks now: who is heard directly, and oneself with them, by the browser's word; then by the server's.
    pub(crate) fn speakers(&self, others: &[Other], me: Option<ParticipantId>) -> Vec<ParticipantId> {
        let directly = |other: &&Other| match other.way {
            Way::Direct | Way::Returning => true,
            Way::Server | Way::Trying | Way::None => false,
        };
        let direct: Vec<ParticipantId> = others.iter().filter(directly).map(|other| other.id).collect();
        // One's own sound is measured where another one's is.
        let measured = |id: &ParticipantId| direct.contains(id) || (me == Some(*id) && !direct.is_empty());
        let heard = self.heard.iter().filter(|id| measured(id));
        heard.chain(self.told.iter().filter(|id| !measured(id))).copied().collect()
    }

    /// After `resumed` the server says again who speaks and what it holds back, unless that is nobody and
    /// nothing. How media flows it says every second; until then the last is as good as any.
    pub(crate) fn resumed(&mut self) {
        self.told.clear();
        self.paused.clear();
    }

    /// Whoever is gone speaks no more; that is not said besides.
    pub(crate) fn left(&mut self, participant: ParticipantId) {
        self.told.retain(|speaker| *speaker != participant);
    }
}
