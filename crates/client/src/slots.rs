//! Which track comes by which slot of the server, or line of a direct connection. Pure: plain values, that views
//! read beside the snapshot.

use crate::track::TrackId;
use ::signal::{Mid, ParticipantId, Source};
use session::{Feed, Origin, Other};

/// The receiving side of all connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Which slot, which track.
    pub tracks: Vec<(Mid, TrackId)>,
    /// The audio ones, in seat order, then those of direct connections; each is played all the time.
    pub audio: Vec<TrackId>,
    /// Of direct connections: whose, which line, which track.
    pub direct: Vec<(ParticipantId, Mid, TrackId)>,
}

impl Slots {
    /// The track of somebody's publication that is being sent, and has a slot or comes directly.
    pub fn track_of(&self, owner: ParticipantId, feed: Option<&Feed>) -> Option<TrackId> {
        match &feed.filter(|feed| !feed.muted)?.origin {
            Origin::Server => {
                let slot = live_slot(feed)?;
                self.tracks.iter().find(|(mid, _)| mid == slot).map(|(_, track)| *track)
            }
            Origin::Direct(line) => {
                let own = |(with, mid, _): &&(ParticipantId, Mid, TrackId)| (*with, mid) == (owner, line);
                self.direct.iter().find(own).map(|(_, _, track)| *track)
            }
        }
    }
}

/// What somebody publishes from a source.
pub fn feed_of(other: &Other, source: Source) -> Option<&Feed> {
    let feed = match source {
        Source::Microphone => &other.microphone,
        Source::Camera => &other.camera,
        Source::Screen => &other.screen,
        Source::ScreenAudio => &other.screen_audio,
    };
    feed.as_ref()
}

/// The slot of a publication that is being sent.
pub fn live_slot(feed: Option<&Feed>) -> Option<&Mid> {
    feed.filter(|feed| !feed.muted)?.slot.as_ref()
}

/// As which line the figures know a publication that is being sent: that of its slot, or one of its own, if it comes
/// directly.
pub fn line_of(feed: &Feed) -> Option<Mid> {
    match feed.origin {
        Origin::Server => live_slot(Some(feed)).cloned(),
        Origin::Direct(_) => (!feed.muted).then(|| Mid(format!("direct-{}", feed.publication))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::signal::PublicationId;

    #[test]
    fn only_a_live_feed_with_a_known_slot_or_line_has_a_track() {
        let (ada, bo) = (ParticipantId(1), ParticipantId(2));
        let slots = Slots {
            tracks: vec![(Mid::from("3"), TrackId::default())],
            audio: vec![],
            direct: vec![(ada, Mid::from("1"), TrackId::default())],
        };
        let feed = |muted, slot: Option<&str>| Feed {
            publication: PublicationId(1),
            muted,
            slot: slot.map(Mid::from),
            origin: Origin::Server,
        };
        assert!(slots.track_of(ada, Some(&feed(false, Some("3")))).is_some());
        assert!(slots.track_of(ada, Some(&feed(true, Some("3")))).is_none());
        assert!(slots.track_of(ada, Some(&feed(false, Some("4")))).is_none());
        assert!(slots.track_of(ada, Some(&feed(false, None))).is_none());
        assert!(slots.track_of(ada, None).is_none());
        let direct = |muted| Feed { origin: Origin::Direct(Mid::from("1")), ..feed(muted, Some("9")) };
        assert!(slots.track_of(ada, Some(&direct(false))).is_some());
        assert!(slots.track_of(bo, Some(&direct(false))).is_none(), "another's line");
        assert!(slots.track_of(ada, Some(&direct(true))).is_none());
        assert_eq!(
            line_of(&direct(false)),
            Some(Mid::from("direct-1")),
            "not the slot's, which is fed by nothing"
        );
        assert_eq!((line_of(&feed(false, Some("3"))), line_of(&direct(true))), (Some(Mid::from("3")), None));
    }
}
