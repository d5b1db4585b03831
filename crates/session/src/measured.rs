//! What the server measures and says, or the browser of direct connections: who speaks, what it holds back, how media flows. Shown, and acted on
//! nowhere here.

use crate::SortedSet;
use signal::{Mid, ParticipantId, Quality};

/// The latest of each.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// The loudest first.
    pub(crate) speakers: Vec<ParticipantId>,
    pub(crate) paused: SortedSet<Mid>,
    pub(crate) quality: Option<Quality>,
}

impl Measured {
    /// After `resumed` the server says again who speaks and what it holds back, unless that is nobody and
    /// nothing. How media flows it says every second; until then the last is as good as any.
    pub(crate) fn resumed(&mut self) {
        self.speakers.clear();
        self.paused.clear();
    }

    /// Whoever is gone speaks no more; that is not said besides.
    pub(crate) fn left(&mut self, participant: ParticipantId) {
        self.speakers.retain(|speaker| *speaker != participant);
    }
}
