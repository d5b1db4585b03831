//! Whose datagram is it, or whose frame of a TCP stream? STUN by the ufrag in USERNAME, everything else by 5-tuple, and a 5-tuple is
//! learnt only from a check whose MESSAGE-INTEGRITY verifies.
//!
//! Second stop of every datagram, after the socket. It owns both tables.

use crate::path::{Path, StreamId};
use crate::stun::{self, Check};
use aws_lc_rs::hmac;
use forward::PeerKey;
use slotmap::SecondaryMap;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// Addresses remembered per peer. A browser has one or two at a time; past this the one learnt first is
/// forgotten, unless media goes there.
const MAX_ADDRESSES: usize = 8;
/// Credentials kept per peer: the present ones, and during an ICE restart those before.
const MAX_CREDENTIALS: usize = 2;
/// Believed checks remembered per peer, so that a copy from elsewhere is recognized. Browsers check a few
/// times a second while connecting and every two seconds afterwards: minutes. Past it the oldest is
/// forgotten, and could be replayed.
const REMEMBERED_CHECKS: usize = 128;

/// What a datagram's first byte says (RFC 7983 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 0 to 3.
    Stun,
    /// 20 to 63.
    Dtls,
    /// 128 to 191, with a second byte that is no RTCP packet type (RFC 5761 §4).
    Srtp,
    /// 128 to 191, with an RTCP packet type (192 to 223).
    Srtcp,
    /// Anything else.
    Unknown,
}

impl Class {
    /// Of a datagram.
    pub fn of(datagram: &[u8]) -> Self {
        match datagram {
            [0..=3, ..] => Self::Stun,
            [20..=63, ..] => Self::Dtls,
            [128..=191, 192..=223, ..] => Self::Srtcp,
            [128..=191, _, ..] => Self::Srtp,
            _ => Self::Unknown,
        }
    }
}

/// Why a check was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disbelief {
    /// No peer has this ufrag.
    UnknownUfrag,
    /// The MESSAGE-INTEGRITY is wrong.
    BadIntegrity,
    /// The same check came from another address before. MESSAGE-INTEGRITY does not cover addresses
    /// (RFC 8489 §14.5), so whoever saw a check on its way could send it from anywhere.
    Replayed,
}

#[derive(Default)]
struct Entry {
    /// Oldest first.
    credentials: Vec<(String, hmac::Key)>,
    /// Oldest first.
    paths: Vec<Path>,
    /// Where media goes.
    selected: Option<Path>,
    /// Transaction ids of believed checks and where they came from, oldest first.
    checks: VecDeque<([u8; 12], Path)>,
}

impl Entry {
    /// Remembers a believed check; false if it came from another address before.
    fn is_new_or_repeated(&mut self, transaction: [u8; 12], from: Path) -> bool {
        if let Some((_, first)) = self.checks.iter().find(|(known, _)| *known == transaction) {
            return *first == from;
        }
        if self.checks.len() >= REMEMBERED_CHECKS {
            self.checks.pop_front();
        }
        self.checks.push_back((transaction, from));
        true
    }

    fn lose(&mut self, path: Path) {
        self.paths.retain(|known| *known != path);
        if self.selected == Some(path) {
            self.selected = None;
        }
    }
}

/// The tables.
#[derive(Default)]
pub struct Demux {
    by_ufrag: HashMap<String, PeerKey>,
    by_address: HashMap<SocketAddr, PeerKey>,
    by_stream: HashMap<StreamId, PeerKey>,
    peers: SecondaryMap<PeerKey, Entry>,
    /// Streams that were somebody's and are nobody's any more.
    orphans: Vec<StreamId>,
}

impl Demux {
    /// From now on these credentials are the peer's; those before stay valid until the next ones.
    pub fn add_credentials(&mut self, peer: PeerKey, ufrag: String, password: &str) {
        let Some(entry) = self.peers.entry(peer) else { return };
        let entry = entry.or_default();
        if entry.credentials.len() >= MAX_CREDENTIALS {
            let (old, _) = entry.credentials.remove(0);
            self.by_ufrag.remove(&old);
        }
        entry.credentials.push((ufrag.clone(), stun::integrity_key(password)));
        self.by_ufrag.insert(ufrag, peer);
    }

    /// Forgets a peer.
    pub fn remove(&mut self, peer: PeerKey) {
        let Some(entry) = self.peers.remove(peer) else { return };
        for (ufrag, _) in entry.credentials {
            self.by_ufrag.remove(&ufrag);
        }
        for path in entry.paths {
            self.disown(path);
        }
    }

    /// Verifies a check and learns its 5-tuple. Media moves there if nothing was selected yet, if the peer
    /// nominates the path (RFC 8445 §7.3.1.5; a controlling agent says so on an ICE restart too), or if nothing comes
    /// by the selected one any more, which `is_silent` says: a NAT that forgets gives the peer another address, and
    /// what Firefox sends from it then are consent checks (RFC 7675), which nominate nothing.
    pub fn believe(
        &mut self,
        check: &Check<'_>,
        from: Path,
        is_silent: impl Fn(PeerKey) -> bool,
    ) -> Result<PeerKey, Disbelief> {
        let peer = *self.by_ufrag.get(check.local_ufrag).ok_or(Disbelief::UnknownUfrag)?;
        let entry = self.peers.get_mut(peer).ok_or(Disbelief::UnknownUfrag)?;
        let (_, key) = entry
            .credentials
            .iter()
            .find(|(ufrag, _)| ufrag == check.local_ufrag)
            .ok_or(Disbelief::UnknownUfrag)?;
        if !check.verify(key) {
            return Err(Disbelief::BadIntegrity);
        }
        if !entry.is_new_or_repeated(check.transaction(), from) {
            return Err(Disbelief::Replayed);
        }
        if self.peer_at(from) != Some(peer) {
            self.learn(peer, from);
        }
        if let Some(entry) = self.peers.get_mut(peer)
            && (entry.selected.is_none()
                || check.use_candidate
                || (entry.selected != Some(from) && is_silent(peer)))
        {
            entry.selected = Some(from);
        }
        Ok(peer)
    }

    fn learn(&mut self, peer: PeerKey, from: Path) {
        // The address may have been another peer's: a NAT gave it to somebody else.
        let before = match from {
            Path::Udp(address) => self.by_address.insert(address, peer),
            Path::Tcp(stream, _) => self.by_stream.insert(stream, peer),
        };
        if let Some(entry) = before.and_then(|other| self.peers.get_mut(other)) {
            entry.lose(from);
        }
        let Some(entry) = self.peers.get_mut(peer) else { return };
        let forgotten = if entry.paths.len() >= MAX_ADDRESSES {
            let oldest = entry.paths.iter().position(|path| entry.selected != Some(*path));
            oldest.map(|oldest| entry.paths.remove(oldest))
        } else {
            None
        };
        entry.paths.push(from);
        if let Some(forgotten) = forgotten {
            self.disown(forgotten);
        }
    }

    fn disown(&mut self, path: Path) {
        match path {
            Path::Udp(address) => _ = self.by_address.remove(&address),
            Path::Tcp(stream, _) => {
                self.by_stream.remove(&stream);
                self.orphans.push(stream);
            }
        }
    }

    /// A stream has ended. If media went there it goes nowhere until the next check that is believed.
    pub fn end(&mut self, stream: StreamId, from: SocketAddr) {
        let peer = self.by_stream.remove(&stream);
        if let Some(entry) = peer.and_then(|peer| self.peers.get_mut(peer)) {
            entry.lose(Path::Tcp(stream, from));
        }
    }

    /// The next stream that is nobody's any more, and is to be closed.
    pub fn orphan(&mut self) -> Option<StreamId> {
        self.orphans.pop()
    }

    /// Whose 5-tuple this is.
    pub fn peer_at(&self, from: Path) -> Option<PeerKey> {
        match from {
            Path::Udp(address) => self.by_address.get(&address).copied(),
            Path::Tcp(stream, _) => self.by_stream.get(&stream).copied(),
        }
    }

    /// Where this peer's media goes.
    pub fn selected(&self, peer: PeerKey) -> Option<Path> {
        self.peers.get(peer)?.selected
    }

    /// Whether the tables agree, each with the other: asked after a panic.
    pub fn is_sound(&self) -> bool {
        let ufrags = self.by_ufrag.iter().all(|(ufrag, peer)| {
            self.peers
                .get(*peer)
                .is_some_and(|entry| entry.credentials.iter().any(|(known, _)| known == ufrag))
        });
        let has = |peer: &PeerKey, path: Path| {
            self.peers.get(*peer).is_some_and(|entry| entry.paths.contains(&path))
        };
        let addresses = self.by_address.iter().all(|(address, peer)| has(peer, Path::Udp(*address)));
        let streams = self.by_stream.iter().all(|(stream, peer)| {
            self.peers.get(*peer).is_some_and(|entry| {
                entry.paths.iter().any(|path| matches!(path, Path::Tcp(known, _) if known == stream))
            })
        });
        let entries = self.peers.iter().all(|(peer, entry)| {
            let known = |path: &Path| self.peer_at(*path) == Some(peer);
            let named = |(ufrag, _): &(String, _)| self.by_ufrag.get(ufrag) == Some(&peer);
            entry.paths.iter().all(known) && entry.credentials.iter().all(named)
        });
        ufrags && addresses && streams && entries
    }

    /// Ufrags and addresses known, for leak tests.
    pub fn sizes(&self) -> (usize, usize) {
        (self.by_ufrag.len(), self.by_address.len() + self.by_stream.len())
    }
}

#[cfg(test)]
mod tests;
