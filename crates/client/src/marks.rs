//! The moments of a join, in the browser's own timeline, so that a developer sees in the performance panel where the
//! time from the click to the first picture goes, and `cargo xtask quality --only joining` measures it.
//!
//! Each is `performance.mark("madang:…")`, made once for a join and gone with the next one.

use web_sys::Performance;

/// A moment, in the order in which they usually come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The click.
    Join,
    /// The signaling socket is open.
    Socket,
    /// The offer is made, and set as the local description.
    Offer,
    /// The answer came.
    Answer,
    /// The answer is set as the remote description.
    Answered,
    /// A path is found: ICE is connected.
    Ice,
    /// DTLS is done: media can flow.
    Connected,
    /// The first packet of somebody's picture came.
    Packet,
    /// The first picture of somebody is decoded.
    Frame,
}

const ALL: [Moment; 9] = [
    Moment::Join,
    Moment::Socket,
    Moment::Offer,
    Moment::Answer,
    Moment::Answered,
    Moment::Ice,
    Moment::Connected,
    Moment::Packet,
    Moment::Frame,
];

impl Moment {
    fn name(self) -> &'static str {
        match self {
            Self::Join => "madang:join",
            Self::Socket => "madang:socket",
            Self::Offer => "madang:offer",
            Self::Answer => "madang:answer",
            Self::Answered => "madang:answered",
            Self::Ice => "madang:ice",
            Self::Connected => "madang:connected",
            Self::Packet => "madang:packet",
            Self::Frame => "madang:frame",
        }
    }
}

/// It is now, if it was not before. The click begins a new join.
pub fn mark(moment: Moment) {
    let Some(performance) = crate::page::window().performance() else { return };
    if moment == Moment::Join {
        for earlier in ALL {
            performance.clear_marks_with_mark_name(earlier.name());
        }
    }
    if !is_marked(&performance, moment) {
        // A browser that refuses has no timeline, and nobody who looks at it.
        let _ = performance.mark(moment.name());
    }
}

/// The page stands and can be used.
pub fn mark_ready() {
    if let Some(performance) = crate::page::window().performance() {
        // As above.
        let _ = performance.mark("madang:ready");
    }
}

fn is_marked(performance: &Performance, moment: Moment) -> bool {
    performance.get_entries_by_name(moment.name()).length() > 0
}
