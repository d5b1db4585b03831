//! Publishers of another plane: a room that spans workers has each publisher's packets in all of them.
//!
//! The plane that has the peer is its home. In the others it is a guest: configured with what it sends and no
//! slots, fed by a relay with the packets its home opened. What a plane would ask of its guest, keyframes above
//! all, comes out by [`Egress::rtcp`](crate::Egress::rtcp) and is handed to the home's
//! [`Plane::relayed_feedback`]; which encodings its receivers want comes as an event and is handed to
//! [`Plane::wanted_elsewhere`].

use super::Plane;
use super::peer::Presence;
use crate::ids::{GroupId, Mid, PeerKey, PublicationKey};
use crate::ingest::demux::Binding;
use crate::ingest::publication::bit;
use crate::rtcp::reader::{self, Packet};
use crate::rtp::header::RtpView;
use crate::time::Time;

/// What an SSRC stands for. Browsers name line and encoding in header extensions only until the first report on an
/// SSRC has reached them, and a plane that hears of it later would never know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsrcName {
    /// The m-line.
    pub line: Mid,
    /// The place of the encoding, from 0.
    pub encoding: u8,
}

impl Plane {
    /// What the SSRC of a peer's packet stands for, if that is known here.
    #[must_use]
    pub fn name_of(&self, peer: PeerKey, packet: &[u8]) -> Option<SsrcName> {
        let view = RtpView::parse(packet)?;
        let stream = self.streams.get(self.peers.get(peer)?.demux.find(view.ssrc)?.stream())?;
        let line = self.publications.get(stream.publication)?.mid;
        Some(SsrcName { line, encoding: u8::try_from(stream.encoding).ok()? })
    }

    /// Takes an RTP packet of a guest, as its home opened and named it.
    pub fn ingest_guest(&mut self, guest: PeerKey, packet: &[u8], name: Option<SsrcName>, now: Time) {
        self.ingest_named(guest, packet, name, now);
    }

    /// The lines of a peer of which encodings were said to be wanted: by a guest's home they must not stay so when
    /// the guest goes.
    pub fn wanted_lines(&self, peer: PeerKey) -> impl Iterator<Item = Mid> {
        let lines = self.peers.get(peer).map(|peer| peer.publications.as_slice()).unwrap_or_default();
        let lines = lines.iter().filter_map(|key| self.publications.get(*key));
        lines.filter(|line| line.wanted.told() != 0).map(|line| line.mid)
    }

    /// Makes room for a guest. It counts as connected, since its home is always there to be asked.
    pub fn insert_guest(&mut self, peer: PeerKey, group: GroupId) {
        self.insert_peer(peer, group);
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.presence = Presence::Guest;
        }
    }

    /// Of a guest's new line: its publisher was told nothing of what is wanted here.
    pub(super) fn expect_nothing_of_guest(&mut self, peer: PeerKey, line: PublicationKey) {
        let is_guest = self.peers.get(peer).is_some_and(|peer| peer.presence == Presence::Guest);
        if let Some(publication) = self.publications.get_mut(line).filter(|_| is_guest) {
            publication.expect_nothing();
        }
    }

    /// Takes what another plane wrote to its guest, who is a peer here: keyframe requests, which are passed on to
    /// the publisher, as throttled as those of our own slots. What was lost on the way here is asked for here.
    pub fn relayed_feedback(&mut self, peer: PeerKey, compound: &[u8], now: Time) {
        self.tick(now);
        for packet in reader::packets(compound) {
            let Ok(Packet::Pli { media }) = packet else { continue };
            let bound = self.peers.get(peer).and_then(|peer| peer.demux.find(media));
            if let Some(Binding::Media(stream)) = bound {
                self.request_keyframe(stream, now);
            }
        }
    }

    /// The receivers of another plane, by a number of the caller's, want these encodings of a peer's line, by their
    /// places: none that go unmentioned.
    pub fn wanted_elsewhere(&mut self, peer: PeerKey, line: &Mid, plane: u16, encodings: &[u8], now: Time) {
        self.tick(now);
        let Some(key) = self.find_publication(peer, line) else { return };
        let mask = encodings.iter().fold(0, |mask, place| mask | bit(usize::from(*place)));
        if let Some(publication) = self.publications.get_mut(key) {
            publication.want_elsewhere(plane, mask);
            self.review_wanted(key, now);
        }
    }
}
