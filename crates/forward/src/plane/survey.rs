//! What receivers get at this moment, in a few numbers: for whoever watches over the server.
//!
//! Walks the tables: not for every packet.

use super::Plane;
use crate::allocate::Target;
use crate::bitrate::Bitrate;
use crate::codec::Kind;
use crate::limits::ENCODINGS_PER_LINE;
use crate::slot::SlotState;

/// Where the counts of [`Survey::estimates`] end: each is of the paths believed to bear up to this, and more than the
/// one before.
pub const ESTIMATE_BOUNDS: [Bitrate; 8] = [
    Bitrate::kbit(100),
    Bitrate::kbit(250),
    Bitrate::kbit(500),
    Bitrate::kbit(1000),
    Bitrate::kbit(2500),
    Bitrate::kbit(5000),
    Bitrate::kbit(10_000),
    Bitrate::kbit(25_000),
];

/// What receivers get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Receivers by what their path is believed to bear, within [`ESTIMATE_BOUNDS`]; the last beyond them.
    pub estimates: [usize; ESTIMATE_BOUNDS.len() + 1],
    /// What they are believed to bear together.
    pub estimated: Bitrate,
    /// Video slots by the encoding that feeds them, the lowest first.
    pub encodings: [usize; ENCODINGS_PER_LINE],
    /// Video slots that are shown and wait for a picture to begin.
    pub awaiting: usize,
    /// Video slots that are shown and sent nothing, for want of bandwidth or of computing power.
    pub paused: usize,
}

impl Survey {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (sum, more) in self.estimates.iter_mut().zip(other.estimates) {
            *sum += more;
        }
        for (sum, more) in self.encodings.iter_mut().zip(other.encodings) {
            *sum += more;
        }
        self.estimated += other.estimated;
        self.awaiting += other.awaiting;
        self.paused += other.paused;
        self
    }
}

impl Plane {
    /// What receivers get now.
    #[must_use]
    pub fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        // Whoever has no slots receives nothing: a guest's own path is estimated at home.
        for peer in self.peers.values().filter(|peer| !peer.slots.is_empty()) {
            let Some(downlink) = peer.downlink.as_ref() else { continue };
            let estimate = downlink.estimator.estimate();
            let place = ESTIMATE_BOUNDS.iter().position(|bound| estimate <= *bound);
            if let Some(count) = survey.estimates.get_mut(place.unwrap_or(ESTIMATE_BOUNDS.len())) {
                *count += 1;
            }
            survey.estimated += estimate;
        }
        for slot in self.slots.values().filter(|slot| slot.kind == Kind::Video && slot.publication.is_some())
        {
            match (slot.target, slot.state) {
                (Target::Nothing, _) => {}
                (Target::Paused, _) => survey.paused += 1,
                (Target::Layer { .. }, SlotState::Forwarding { stream, .. }) => {
                    let encoding = self.streams.get(stream).map(|stream| stream.encoding);
                    if let Some(count) = encoding.and_then(|place| survey.encodings.get_mut(place)) {
                        *count += 1;
                    }
                }
                (Target::Layer { .. }, SlotState::Idle | SlotState::Awaiting { .. }) => survey.awaiting += 1,
            }
        }
        survey
    }
}
