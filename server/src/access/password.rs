//! Passwords: hashed by argon2id (RFC 9106) where they are kept, and checked by few at a time, since each check is made
//! to cost memory and time.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use signal::RoomPassword;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, TryAcquireError};

/// Checks that run at once, each with 19 MiB and some tens of milliseconds of a core.
pub(crate) const CHECKS: usize = 2;
/// Checks that run or wait. Past it whoever shows a password is told `busy`.
pub(crate) const CHECKS_AND_WAITING: usize = 32;
/// A check waits so long for its turn. Past it whoever shows a password is told `busy`: its socket would be cut soon after.
const PATIENCE: Duration = Duration::from_secs(8);
/// KiB of memory, passes and lanes: OWASP's first choice for argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A password that is kept: a salt, and what comes of both. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct PasswordHash {
    salt: [u8; 16],
    hash: [u8; 32],
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// As it is kept on disk: the salt, a dot, what comes of both.
impl From<PasswordHash> for String {
    fn from(PasswordHash { salt, hash }: PasswordHash) -> Self {
        format!("{}.{}", URL_SAFE_NO_PAD.encode(salt), URL_SAFE_NO_PAD.encode(hash))
    }
}

impl TryFrom<String> for PasswordHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "a password's hash is wrong";
        let (salt, hash) = text.split_once('.').ok_or(wrong)?;
        let read = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong);
        let (salt, hash) = (read(salt)?.try_into(), read(hash)?.try_into());
        Ok(Self { salt: salt.map_err(|_| wrong)?, hash: hash.map_err(|_| wrong)? })
    }
}

/// Why a password was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PasswordError {
    /// [`CHECKS_AND_WAITING`] are being looked at, or they take too long.
    #[error("too many passwords are being checked")]
    Busy,
    /// No randomness, no memory, or the server stops.
    #[error("a password could not be checked")]
    Failed,
}

impl PasswordHash {
    fn of(password: &RoomPassword, salt: [u8; 16]) -> Option<Self> {
        let (memory, passes, lanes) = COST;
        let params = Params::new(memory, passes, lanes, Some(32)).ok()?;
        let mut hash = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.0.as_bytes(), &salt, &mut hash).ok()?;
        Some(Self { salt, hash })
    }

    /// A password's, with a salt of its own. Takes as long as a check.
    pub(crate) fn new(password: &RoomPassword) -> Option<Self> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).ok()?;
        Self::of(password, salt)
    }

    /// The hash that nothing has: so that a room without a password costs whoever tries one as much.
    fn nobodys() -> Self {
        Self { salt: [0; 16], hash: [0; 32] }
    }

    fn is_of(&self, password: &RoomPassword) -> Option<bool> {
        let tried = Self::of(password, self.salt)?;
        Some(verify_slices_are_equal(&tried.hash, &self.hash).is_ok())
    }
}

/// Where passwords are worked on. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { running: semaphore(CHECKS), places: semaphore(CHECKS_AND_WAITING) }
    }
}

impl Passwords {
    /// Whether this is the password. Of a room that has none, or that is none, it is not, after as much work.
    pub(crate) async fn check(
        &self,
        password: RoomPassword,
        known: Option<PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let known = known.unwrap_or_else(PasswordHash::nobodys);
        self.work(move || known.is_of(&password)).await
    }

    /// What to keep of a new password.
    pub(crate) async fn hash(&self, password: RoomPassword) -> Result<PasswordHash, PasswordError> {
        self.work(move || PasswordHash::new(&password)).await
    }

    /// As if as many as may be were being looked at.
    #[cfg(test)]
    pub(super) fn fill(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = u32::try_from(CHECKS_AND_WAITING).unwrap();
        self.places.clone().try_acquire_many_owned(all).unwrap()
    }

    /// On a thread where it is in nobody's way. Whoever stops waiting leaves what runs to end by itself, within its
    /// place.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Option<T> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = self.places.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => PasswordError::Busy,
            TryAcquireError::Closed => PasswordError::Failed,
        })?;
        let turn = tokio::time::timeout(PATIENCE, self.running.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| PasswordError::Busy)?.map_err(|_| PasswordError::Failed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        done.await.ok().flatten().ok_or(PasswordError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn password(text: &str) -> RoomPassword {
        RoomPassword(text.to_owned())
    }

    #[tokio::test]
    async fn the_right_one_is_right_and_no_other_is() {
        let passwords = Passwords::default();
        let kept = passwords.hash(password("open sesame")).await.unwrap();
        assert_ne!(kept, passwords.hash(password("open sesame")).await.unwrap(), "each has its own salt");
        for (tried, right) in [("open sesame", true), ("open sesam", false), ("", false)] {
            assert_eq!(passwords.check(password(tried), Some(kept.clone())).await, Ok(right), "{tried}");
            assert_eq!(passwords.check(password(tried), None).await, Ok(false), "{tried}");
        }
        assert_eq!(format!("{kept:?}"), "PasswordHash(…)");
    }

    /// What runs is held at its start until all have come, so that the counts are the most there can be.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn few_run_at_once_some_wait_and_the_rest_are_told_so() {
        let passwords = Passwords::default();
        let (gate, running) = (Arc::new(std::sync::Barrier::new(CHECKS + 1)), Arc::new(AtomicUsize::new(0)));
        let most = Arc::new(AtomicUsize::new(0));
        let work = || {
            let (gate, running, most) = (gate.clone(), running.clone(), most.clone());
            let passwords = passwords.clone();
            tokio::spawn(async move {
                let work = move || {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    gate.wait();
                    running.fetch_sub(1, Ordering::SeqCst);
                    Some(())
                };
                passwords.work(work).await
            })
        };
        let all: Vec<_> = (0..CHECKS_AND_WAITING).map(|_| work()).collect();
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.check(password("x"), None).await, Err(PasswordError::Busy));
        // Two by two they are let go.
        for _ in 0..CHECKS_AND_WAITING / CHECKS {
            let gate = gate.clone();
            tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        }
        for done in all {
            assert_eq!(done.await.unwrap(), Ok(()));
        }
        assert_eq!(most.load(Ordering::SeqCst), CHECKS);
        assert_eq!(passwords.check(password("x"), None).await, Ok(false));
    }
}
