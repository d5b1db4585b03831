//! What the media plane measures, in the words of the signaling protocol: handles become participants, thousandths
//! and durations become the protocol's whole numbers.

use super::peers::Peers;
use room::{Input, RoomId};
use signal::{Limit, LineQuality, LinkQuality, Mid, Quality};
use transport::{PeerQuality, PlaneEvent, QualityLimit};

/// As `room` hears of it; nothing if the peer is gone meanwhile.
pub(super) fn news(event: &PlaneEvent, peers: &Peers) -> Option<Input> {
    Some(match event {
        PlaneEvent::Speakers { group, speakers } => Input::Speakers {
            room: RoomId(group.0),
            participants: speakers.iter().filter_map(|peer| peers.participant(*peer)).collect(),
        },
        PlaneEvent::Wanted { peer, mid, encodings } => Input::Encodings {
            participant: peers.participant(*peer)?,
            mid: Mid::from(mid.as_str()),
            wanted: encodings.clone(),
        },
        PlaneEvent::Paused { peer, slots } => Input::Paused {
            participant: peers.participant(*peer)?,
            slots: slots.iter().map(|mid| Mid::from(mid.as_str())).collect(),
        },
    })
}

/// As a client is told.
pub(super) fn quality(measured: &PeerQuality) -> Quality {
    Quality {
        uplink: link(&measured.uplink),
        downlink: link(&measured.downlink),
        sending: measured.sending.iter().map(line).collect(),
        slots: measured.slots.iter().map(line).collect(),
    }
}

fn link(measured: &transport::LinkQuality) -> LinkQuality {
    LinkQuality {
        bitrate: saturated(measured.bitrate.0),
        estimate: measured.estimate.map(|estimate| saturated(estimate.0)),
        loss: measured.loss,
        rtt: measured.rtt.map(|rtt| saturated(u64::try_from(rtt.as_millis()).unwrap_or(u64::MAX))),
    }
}

fn line(measured: &transport::LineQuality) -> LineQuality {
    LineQuality {
        mid: Mid::from(measured.mid.as_str()),
        bitrate: saturated(measured.bitrate.0),
        loss: measured.loss,
        width: measured.width,
        height: measured.height,
        frames: measured.frames,
        limit: match measured.limit {
            QualityLimit::None => Limit::None,
            QualityLimit::View => Limit::View,
            QualityLimit::Downlink => Limit::Downlink,
            QualityLimit::Uplink => Limit::Uplink,
            QualityLimit::Server => Limit::Server,
        },
    }
}

fn saturated(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
