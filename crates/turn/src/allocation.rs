//! One allocation: a socket of ours that a client speaks by (RFC 8656 §6), with whom it may speak.

use crate::address::Family;
use crate::authenticate::User;
use crate::{Client, Now};
use aws_lc_rs::hmac;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long an allocation lives unless it is refreshed, in all cases (RFC 8656 §3.2, the default).
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);
/// An allocation to which no media port has said anything for so long ends. A media port answers participants alone:
/// so nobody holds sockets who is in no room.
pub(crate) const IDLE: Duration = Duration::from_mins(2);
/// How long a permission lasts (RFC 8656 §9).
const PERMISSION: Duration = Duration::from_mins(5);
/// How long a channel lasts (RFC 8656 §12).
const CHANNEL: Duration = Duration::from_mins(10);

#[derive(Debug)]
pub(crate) struct Allocation {
    pub(crate) client: Client,
    pub(crate) username: String,
    /// Whose quota it is of.
    pub(crate) person: u64,
    /// Of the credentials that it was made with.
    pub(crate) key: hmac::Key,
    /// Of the request that made it: one that comes again is answered again.
    pub(crate) transaction: [u8; 12],
    pub(crate) family: Family,
    /// Once there is a socket.
    pub(crate) relayed: Option<SocketAddr>,
    pub(crate) expires: Now,
    /// When a media port last said something to it.
    pub(crate) heard: Now,
    /// By the address that the client knows; as many as there are addresses of media ports at most, but for those that
    /// were theirs within so long.
    permissions: BTreeMap<IpAddr, Now>,
    /// As many as there are media ports at most: each has one of its own.
    channels: BTreeMap<u16, Channel>,
}

#[derive(Clone, Copy, Debug)]
struct Channel {
    peer: SocketAddr,
    until: Now,
}

impl Allocation {
    pub(crate) fn new(
        client: Client,
        User { username, key, person, is_current: _ }: User,
        transaction: [u8; 12],
        family: Family,
        now: Now,
    ) -> Self {
        let expires = now.saturating_add(LIFETIME);
        let (permissions, channels) = (BTreeMap::new(), BTreeMap::new());
        Self {
            client,
            username,
            person,
            key,
            transaction,
            family,
            relayed: None,
            expires,
            heard: now,
            permissions,
            channels,
        }
    }

    pub(crate) fn is_over(&self, now: Now) -> bool {
        self.expires <= now || self.heard.saturating_add(IDLE) <= now
    }

    pub(crate) fn refresh(&mut self, now: Now) {
        self.expires = now.saturating_add(LIFETIME);
    }

    /// The caller has made sure that it is a media port's address.
    pub(crate) fn permit(&mut self, ip: IpAddr, now: Now) {
        self.permissions.retain(|_, until| *until > now);
        self.permissions.insert(ip, now.saturating_add(PERMISSION));
    }

    pub(crate) fn permits(&self, ip: IpAddr, now: Now) -> bool {
        self.permissions.get(&ip).is_some_and(|until| *until > now)
    }

    /// Binds a channel to a media port, or again to the same. False when either is bound otherwise.
    pub(crate) fn bind(&mut self, number: u16, peer: SocketAddr, now: Now) -> bool {
        self.channels.retain(|_, channel| channel.until > now);
        let apart = |(other, channel): (&u16, &Channel)| (*other == number) == (channel.peer == peer);
        if !self.channels.iter().all(apart) {
            return false;
        }
        self.channels.insert(number, Channel { peer, until: now.saturating_add(CHANNEL) });
        self.permit(peer.ip(), now);
        true
    }

    pub(crate) fn peer_of(&self, number: u16, now: Now) -> Option<SocketAddr> {
        self.channels.get(&number).filter(|channel| channel.until > now).map(|channel| channel.peer)
    }

    pub(crate) fn channel_of(&self, peer: SocketAddr, now: Now) -> Option<u16> {
        let mut current = self.channels.iter().filter(|(_, channel)| channel.until > now);
        current.find(|(_, channel)| channel.peer == peer).map(|(number, _)| *number)
    }
}
