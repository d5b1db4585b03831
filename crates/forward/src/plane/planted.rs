//! Faults that tests plant, to see that a panic stays where it is.
//!
//! They are there with the feature `fault-injection` alone, which only the server's tests switch on (`cargo xtask tidy`
//! sees to it). Without it there is nothing here to plant, and [`Planted::trip`] is empty.

use crate::ids::PeerKey;

/// Where a panic is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// In a publisher's packet, when its history has it and nobody else knows.
    Ingest,
    /// By the clock, in the midst of a peer's timers.
    Timers,
    /// On the way to a receiver, when some of the batch has left.
    Flush,
    /// Where it is nobody's work alone.
    Group,
}

#[cfg(feature = "fault-injection")]
#[derive(Debug, Default)]
pub(super) struct Planted(Option<(Site, PeerKey)>);

#[cfg(feature = "fault-injection")]
impl Planted {
    /// Panics if that was asked for, once.
    pub fn trip(&mut self, site: Site, peer: PeerKey) {
        let here = |(planted, whose): &mut (Site, PeerKey)| *planted == site && *whose == peer;
        if self.0.take_if(here).is_some() {
            std::panic::panic_any("a fault planted by a test");
        }
    }
}

#[cfg(feature = "fault-injection")]
impl super::Plane {
    /// Panics once at that place, in this peer's work.
    pub fn plant(&mut self, site: Site, peer: PeerKey) {
        self.planted = Planted(Some((site, peer)));
    }
}

#[cfg(not(feature = "fault-injection"))]
#[derive(Debug, Default)]
pub(super) struct Planted;

#[cfg(not(feature = "fault-injection"))]
impl Planted {
    #[expect(clippy::unused_self, reason = "as where there is something planted")]
    #[inline]
    pub fn trip(&mut self, _site: Site, _peer: PeerKey) {}
}
