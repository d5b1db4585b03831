//! Rooms that were made on purpose, and what each asks of those who enter. [`kept`](super::kept) has them outlive the
//! server. No clock and no randomness here: times since the epoch and names are the caller's.

use super::password::PasswordHash;
use super::policy::Asks;
use serde::{Deserialize, Serialize};
use signal::RoomName;
use std::collections::BTreeMap;
use std::time::Duration;

/// Rooms there are at once. Past it no further one is made, until one has expired or is deleted.
pub(crate) const MAX_ROOMS: usize = 10_000;

/// Five bits each, none of them taken for another (RFC 4648 §6, lower case).
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// Its name is made of [`secret_name`]: whoever knows it may come in, if there is no password.
    pub(crate) secret: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<PasswordHash>,
    /// How many may be in it, if fewer than in any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_participants: Option<u32>,
    /// Seconds since the epoch.
    pub(crate) created: u64,
    /// From then on there is no such room. Seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<u64>,
}

/// Why a room was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MakeError {
    /// There is one of this name.
    #[error("There is a room of this name.")]
    Taken,
    /// There are [`MAX_ROOMS`].
    #[error("There are as many rooms as there may be.")]
    Full,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<Named>", try_from = "Vec<Named>")]
pub(crate) struct Register {
    rooms: BTreeMap<RoomName, Made>,
}

/// A room as it is kept on disk.
#[derive(Debug, Serialize, Deserialize)]
struct Named {
    name: String,
    #[serde(flatten)]
    made: Made,
}

impl From<Register> for Vec<Named> {
    fn from(register: Register) -> Self {
        let named = |(name, made): (RoomName, Made)| Named { name: name.as_str().to_owned(), made };
        register.rooms.into_iter().map(named).collect()
    }
}

impl TryFrom<Vec<Named>> for Register {
    type Error = signal::NameError;

    fn try_from(rooms: Vec<Named>) -> Result<Self, Self::Error> {
        let rooms = rooms.into_iter().map(|Named { name, made }| Ok((RoomName::parse(&name)?, made)));
        Ok(Self { rooms: rooms.collect::<Result<_, _>>()? })
    }
}

impl Made {
    /// What it asks of those who have no invitation.
    pub(crate) fn asks(&self) -> Asks {
        match (&self.password, self.secret) {
            (Some(_), _) => Asks::Password,
            (None, true) => Asks::Link,
            (None, false) => Asks::Invitation,
        }
    }

    fn is_over(&self, now: Duration) -> bool {
        self.expires.is_some_and(|expires| Duration::from_secs(expires) <= now)
    }
}

impl Register {
    /// The room of this name, if there is one now.
    pub(crate) fn find(&self, name: &RoomName, now: Duration) -> Option<&Made> {
        self.rooms.get(name).filter(|made| !made.is_over(now))
    }

    /// Takes in a new one.
    pub(crate) fn make(&mut self, name: RoomName, made: Made, now: Duration) -> Result<(), MakeError> {
        self.rooms.retain(|_, known| !known.is_over(now));
        if self.rooms.contains_key(&name) {
            return Err(MakeError::Taken);
        }
        if self.rooms.len() >= MAX_ROOMS {
            return Err(MakeError::Full);
        }
        self.rooms.insert(name, made);
        Ok(())
    }

    /// How many it holds, with those that are over.
    pub(crate) fn len(&self) -> usize {
        self.rooms.len()
    }

    /// All that there are now, by name.
    pub(crate) fn all(&self, now: Duration) -> impl Iterator<Item = (&RoomName, &Made)> {
        self.rooms.iter().filter(move |(_, made)| !made.is_over(now))
    }

    /// Forgets one; whether there was one.
    pub(crate) fn delete(&mut self, name: &RoomName, now: Duration) -> bool {
        self.rooms.remove(name).is_some_and(|made| !made.is_over(now))
    }
}

/// A name that nobody can guess: 128 bits as 26 characters. `None` is impossible but for a name that cannot be one.
pub(crate) fn secret_name(bits: u128) -> Option<RoomName> {
    let digit = |place: u32| {
        let digit = usize::try_from((bits >> (place * 5)) & 31).ok()?;
        Some(char::from(*BASE32.get(digit)?))
    };
    let name: Option<String> = (0..26).map(digit).collect();
    RoomName::parse(&name?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn made(expires: Option<u64>) -> Made {
        Made { secret: false, password: None, max_participants: None, created: 0, expires }
    }

    fn room(name: &str) -> RoomName {
        RoomName::parse(name).unwrap()
    }

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_room_is_there_until_it_expires_and_its_name_is_free_then() {
        let mut register = Register::default();
        register.make(room("tea"), made(Some(10)), at(1)).unwrap();
        assert_eq!(register.make(room("Tea"), made(None), at(9)), Err(MakeError::Taken));
        assert!(register.find(&room("tea"), at(9)).is_some());
        assert!(register.find(&room("tea"), at(10)).is_none());
        assert_eq!(register.all(at(10)).count(), 0);
        assert!(!register.delete(&room("tea"), at(10)));
        register.make(room("tea"), made(Some(10)), at(1)).unwrap();
        register.make(room("tea"), made(None), at(10)).unwrap();
        assert!(register.delete(&room("tea"), at(1_000_000)));
    }

    #[test]
    fn there_are_only_so_many() {
        let mut register = Register::default();
        for k in 0..MAX_ROOMS {
            register.make(room(&format!("r{k}")), made(Some(10)), at(1)).unwrap();
        }
        assert_eq!(register.make(room("more"), made(None), at(1)), Err(MakeError::Full));
        register.make(room("more"), made(None), at(10)).unwrap();
        assert_eq!(register.rooms.len(), 1);
    }

    #[test]
    fn what_a_room_asks() {
        let password = PasswordHash::new(&signal::RoomPassword("x".to_owned()));
        let asks = |secret, password| Made { secret, password, ..made(None) }.asks();
        assert_eq!(asks(true, None), Asks::Link);
        assert_eq!(asks(false, None), Asks::Invitation);
        assert_eq!(asks(false, password.clone()), Asks::Password);
        assert_eq!(asks(true, password), Asks::Password);
    }

    proptest! {
        /// Every bit is in it, and it is a room's name as it stands.
        #[test]
        fn secret_names_differ_as_their_bits_do(bits: u128, bit in 0..128u32) {
            let (one, other) = (secret_name(bits).unwrap(), secret_name(bits ^ (1 << bit)).unwrap());
            prop_assert!(one != other && one.as_str().len() == 26);
        }
    }

    #[test]
    fn a_thousand_secret_names_are_a_thousand() {
        let names: BTreeSet<_> = (0..1000).map(|bits| secret_name(bits).unwrap()).collect();
        assert_eq!(names.len(), 1000);
    }
}
