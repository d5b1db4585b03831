//! How many come in, in all and from one household, and what was refused. One lock, held for a look into a table.
//!
//! Who is counted by which address the callers say; addresses that the operator exempts are not counted alone, only in
//! all.

use super::address::{AddressRange, Household};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Households whose joins are remembered one by one, each for a minute after its last. Past it those who are not among
/// them share what one household has.
const MAX_JOINERS: usize = 16 * 1024;

/// What a household may, and all together.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Connections in all.
    pub(crate) connections: u32,
    /// Connections of one household.
    pub(crate) connections_each: u32,
    /// Signaling sockets of one household.
    pub(crate) sockets_each: u32,
    /// Joins of one household in a minute, and at once.
    pub(crate) joins_each: u32,
    /// Who is not counted alone.
    pub(crate) unlimited: Vec<AddressRange>,
}

/// Why something was refused, or cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// Connections in all.
    #[error("There are too many connections to this server.")]
    Full,
    /// Connections of one household.
    #[error("There are too many connections from your network.")]
    Connections,
    /// Signaling sockets of one household.
    #[error("There are too many WebSockets from your network.")]
    Sockets,
    /// Joins of one household.
    #[error("Too many joined from your network.")]
    Joins,
    /// A page of another site opened a WebSocket.
    #[error("Pages of this origin may not do that: see --allow-origin.")]
    Origin,
    /// It was asked for by a name that is none of its own, or by two.
    #[error("This server has another name.")]
    Host,
    /// TLS did not come about, or not in time.
    #[error("TLS")]
    Handshake,
    /// A head or a body did not come in time.
    #[error("The request did not come in time.")]
    Slow,
    /// Whoever is not of the local network, where only that is served.
    #[error("This server is for its local network.")]
    Stranger,
}

/// What was refused since the start, by [`Refused`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GateCounts {
    /// Open now.
    pub(crate) connections: u64,
    pub(crate) full: u64,
    pub(crate) per_address: u64,
    pub(crate) sockets: u64,
    pub(crate) joins: u64,
    pub(crate) origin: u64,
    pub(crate) host: u64,
    pub(crate) handshake: u64,
    pub(crate) slow: u64,
    pub(crate) stranger: u64,
}

/// See the module. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    counts: GateCounts,
    connections: u32,
    /// Of those who have any.
    held: HashMap<Household, Held>,
    joiners: HashMap<Household, Bucket>,
    /// Of those who find the table full.
    others: Option<Bucket>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    connections: u32,
    sockets: u32,
}

/// A connection's or a socket's place. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    gate: Gate,
    of: Option<Household>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Connection,
    Socket,
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(Inner { limits, state: Mutex::default() }))
    }

    /// A place for a connection. `of` is whom it counts for besides all.
    ///
    /// # Errors
    /// [`Refused::Full`], [`Refused::Connections`].
    pub(crate) fn connection(&self, of: Option<IpAddr>) -> Result<Place, Refused> {
        let of = self.limited(of);
        let state = &mut *self.lock();
        if state.connections >= self.0.limits.connections {
            return Err(state.refuse(Refused::Full));
        }
        let others = of.and_then(|of| state.held.get(&of)).map_or(0, |held| held.connections);
        if others >= self.0.limits.connections_each {
            return Err(state.refuse(Refused::Connections));
        }
        state.connections = state.connections.saturating_add(1);
        if let Some(of) = of {
            let held = state.held.entry(of).or_default();
            held.connections = held.connections.saturating_add(1);
        }
        Ok(Place { gate: self.clone(), of, kind: Kind::Connection })
    }

    /// A place for a WebSocket.
    ///
    /// # Errors
    /// [`Refused::Sockets`].
    pub(crate) fn socket(&self, of: IpAddr) -> Result<Place, Refused> {
        let of = self.limited(Some(of));
        let state = &mut *self.lock();
        if let Some(of) = of {
            let held = state.held.entry(of).or_default();
            if held.sockets >= self.0.limits.sockets_each {
                return Err(state.refuse(Refused::Sockets));
            }
            held.sockets = held.sockets.saturating_add(1);
        }
        Ok(Place { gate: self.clone(), of, kind: Kind::Socket })
    }

    /// Somebody wants to join. A bucket of as many as a minute allows, filled as fast (a token bucket).
    ///
    /// # Errors
    /// [`Refused::Joins`].
    pub(crate) fn join(&self, of: IpAddr, now: Instant) -> Result<(), Refused> {
        let Some(of) = self.limited(Some(of)) else { return Ok(()) };
        let most = f64::from(self.0.limits.joins_each);
        let state = &mut *self.lock();
        if state.joiners.len() >= MAX_JOINERS && !state.joiners.contains_key(&of) {
            state.joiners.retain(|_, bucket| !bucket.is_full(most, now));
        }
        let bucket = if state.joiners.len() >= MAX_JOINERS && !state.joiners.contains_key(&of) {
            state.others.get_or_insert(Bucket { left: most, at: now })
        } else {
            state.joiners.entry(of).or_insert(Bucket { left: most, at: now })
        };
        if bucket.take(most, now) { Ok(()) } else { Err(state.refuse(Refused::Joins)) }
    }

    /// Something was refused, or cut off.
    pub(crate) fn refused(&self, why: Refused) {
        self.lock().refuse(why);
    }

    pub(crate) fn counts(&self) -> GateCounts {
        let state = self.lock();
        GateCounts { connections: state.connections.into(), ..state.counts }
    }

    fn limited(&self, of: Option<IpAddr>) -> Option<Household> {
        let of = of.filter(|of| !self.0.limits.unlimited.iter().any(|range| range.holds(*of)));
        of.map(Household::of)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Numbers are whole whatever happened to who held it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refuse(&mut self, why: Refused) -> Refused {
        let counts = &mut self.counts;
        let count = match why {
            Refused::Full => &mut counts.full,
            Refused::Connections => &mut counts.per_address,
            Refused::Sockets => &mut counts.sockets,
            Refused::Joins => &mut counts.joins,
            Refused::Origin => &mut counts.origin,
            Refused::Host => &mut counts.host,
            Refused::Handshake => &mut counts.handshake,
            Refused::Slow => &mut counts.slow,
            Refused::Stranger => &mut counts.stranger,
        };
        *count = count.saturating_add(1);
        why
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let state = &mut *self.gate.lock();
        if let Kind::Connection = self.kind {
            state.connections = state.connections.saturating_sub(1);
        }
        let Some(of) = self.of else { return };
        let Some(held) = state.held.get_mut(&of) else { return };
        match self.kind {
            Kind::Connection => held.connections = held.connections.saturating_sub(1),
            Kind::Socket => held.sockets = held.sockets.saturating_sub(1),
        }
        if held.connections == 0 && held.sockets == 0 {
            state.held.remove(&of);
        }
    }
}

/// So many are left, and more with time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn fill(&mut self, most: f64, now: Instant) {
        let minutes = now.saturating_duration_since(self.at).as_secs_f64() / 60.0;
        self.left = (self.left + most * minutes).min(most);
        self.at = now;
    }

    fn take(&mut self, most: f64, now: Instant) -> bool {
        self.fill(most, now);
        let enough = self.left >= 1.0;
        if enough {
            self.left -= 1.0;
        }
        enough
    }

    fn is_full(mut self, most: f64, now: Instant) -> bool {
        self.fill(most, now);
        self.left >= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn gate() -> Gate {
        Gate::new(Limits {
            connections: 4,
            connections_each: 2,
            sockets_each: 1,
            joins_each: 6,
            unlimited: vec!["127.0.0.0/8".parse().unwrap()],
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_household_has_so_many_connections_and_gets_them_back() {
        let gate = gate();
        let one = gate.connection(Some(ip("2001:db8::1"))).unwrap();
        let _other = gate.connection(Some(ip("2001:db8::2"))).unwrap();
        assert_eq!(gate.connection(Some(ip("2001:db8::3"))).unwrap_err(), Refused::Connections);
        let _neighbour = gate.connection(Some(ip("2001:db8:0:1::3"))).unwrap();
        drop(one);
        assert!(gate.connection(Some(ip("2001:db8::3"))).is_ok());
        assert_eq!(gate.counts().per_address, 1);
    }

    #[test]
    fn all_together_have_so_many_whoever_they_are() {
        let gate = gate();
        let here: Vec<_> = (0..4).map(|_| gate.connection(Some(ip("127.0.0.1"))).unwrap()).collect();
        assert_eq!(gate.connection(None).unwrap_err(), Refused::Full);
        assert_eq!(gate.counts().connections, 4);
        drop(here);
        assert!(gate.connection(None).is_ok());
        assert_eq!((gate.counts().connections, gate.counts().full), (0, 1));
    }

    #[test]
    fn websockets_are_counted_beside_connections() {
        let gate = gate();
        let connection = gate.connection(Some(ip("192.0.2.1"))).unwrap();
        let socket = gate.socket(ip("192.0.2.1")).unwrap();
        assert_eq!(gate.socket(ip("192.0.2.1")).unwrap_err(), Refused::Sockets);
        drop(connection);
        assert_eq!(gate.socket(ip("192.0.2.1")).unwrap_err(), Refused::Sockets);
        drop(socket);
        assert!(gate.0.state.lock().unwrap().held.is_empty(), "nothing is kept of who is gone");
        let _many = [gate.socket(ip("127.0.0.1")).unwrap(), gate.socket(ip("127.0.0.1")).unwrap()];
    }

    #[test]
    fn joins_come_back_with_time() {
        let (gate, start) = (gate(), Instant::now());
        let join = |seconds| gate.join(ip("192.0.2.1"), start + Duration::from_secs(seconds));
        assert!((0..6).all(|_| join(0).is_ok()));
        assert_eq!(join(0), Err(Refused::Joins));
        assert_eq!(join(9), Err(Refused::Joins));
        assert_eq!((join(11), join(11)), (Ok(()), Err(Refused::Joins)));
        assert!(gate.join(ip("192.0.2.2"), start).is_ok());
        assert!((0..100).all(|_| gate.join(ip("127.0.0.1"), start).is_ok()));
    }

    #[test]
    fn a_table_that_is_full_forgets_who_joined_long_ago_and_then_lets_the_others_share() {
        let (gate, start) = (gate(), Instant::now());
        let nobody =
            |n: usize| IpAddr::from(std::net::Ipv4Addr::from_bits(0x0a00_0000 | u32::try_from(n).unwrap()));
        for n in 0..MAX_JOINERS {
            gate.join(nobody(n), start).unwrap();
        }
        let others: Vec<_> = (0..7).map(|n| gate.join(nobody(MAX_JOINERS + n), start)).collect();
        assert!(others[..6].iter().all(Result::is_ok) && others[6].is_err());
        gate.join(nobody(MAX_JOINERS + 9), start + Duration::from_mins(1)).unwrap();
        assert_eq!(gate.0.state.lock().unwrap().joiners.len(), 1);
    }
}
