//! The door: who may come in, and on what terms, before `room` gives a place.
//!
//! Everybody passes here: those who say `join` from [`socket`](crate::socket), those who come over HTTP from
//! [`whip`](crate::whip). The decision is [`policy`]'s, from what [`token`], [`password`] and [`register`] say of what
//! somebody shows; [`used`] remembers invitations that are good for one entry. What is refused is refused in one and the
//! same way, after the same work, so that nobody learns which rooms there are. [`api`] is where whoever has the admin
//! key makes rooms and invitations, and [`kept`] has them outlive the server.

pub(crate) mod api;
mod invite;
mod kept;
pub(crate) mod page;
mod password;
mod policy;
mod register;
mod token;
mod used;

use crate::config::AccessSettings;
use crate::front::Reach;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
pub use invite::{InviteError, Permission, TokenOptions, invite};
use kept::Kept;
pub use kept::KeptError;
pub(crate) use kept::examine as examine_kept;
use password::{PasswordError, Passwords};
use policy::{AccessPolicy, Asks, Shown};
use register::{Made, Register};
use room::Admission;
use signal::{AccessToken, ErrorCode, ErrorInfo, RoomName, RoomPassword};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
pub use token::KeyError;
use token::Keys;
use used::Used;

pub(crate) use used::Visitor;

/// Characters of an admin key: fewer could be guessed.
const MIN_ADMIN_KEY: usize = 16;

/// From one attempt to keep what could not be kept to the next.
const RETRY: Duration = Duration::from_secs(10);

/// See the module. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    policy: AccessPolicy,
    /// Its digest: keys of any length compare alike.
    admin_key: Option<Digest>,
    keys: Keys,
    passwords: Passwords,
    /// Of rooms that are made: strangers who try passwords keep nobody from making one.
    new_passwords: Passwords,
    register: Mutex<Register>,
    used: Mutex<Used>,
    /// Not there where nobody makes rooms, or there is no place for it.
    kept: Option<Kept>,
    /// The last attempt to keep something failed, and somebody tries again.
    unkept: AtomicBool,
    /// When: [`RETRY`], but for tests.
    retry: Duration,
}

/// What somebody shows at the door.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) token: Option<AccessToken>,
    pub(crate) password: Option<RoomPassword>,
}

impl Door {
    /// As the settings say, for a server whose pages so many reach. What there is to keep is kept in `folder`.
    pub(crate) fn new(
        settings: &AccessSettings,
        reach: Reach,
        folder: Option<&Path>,
    ) -> Result<Self, KeyError> {
        let policy =
            if settings.mode.is_closed_to(reach) { AccessPolicy::Closed } else { AccessPolicy::Open };
        let admin_key = match &settings.admin_key {
            Some(key) if key.reveal().len() < MIN_ADMIN_KEY => {
                return Err(KeyError::Short { flag: "--admin-key", least: MIN_ADMIN_KEY });
            }
            Some(key) => Some(digest(&SHA256, key.reveal().as_bytes())),
            None => None,
        };
        let is_for_keeps = admin_key.is_some() || policy == AccessPolicy::Closed;
        let kept = folder.filter(|_| is_for_keeps).and_then(keep_in);
        let keys = Keys::new(settings.token_secret.as_ref(), settings.token_key.as_deref(), kept.as_ref())?;
        let (register, used) = kept.as_ref().map(Kept::read).transpose()?.unwrap_or_default();
        let inner = Inner {
            policy,
            admin_key,
            keys,
            passwords: Passwords::default(),
            register: Mutex::new(register),
            used: Mutex::new(Used::from_kept(used, now())),
            kept,
            unkept: AtomicBool::default(),
            retry: RETRY,
            new_passwords: Passwords::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether a room of which nothing is known is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.policy == AccessPolicy::Closed
    }

    /// Whether this room is entered by more than its name. On a closed server that is said of every room.
    pub(crate) fn asks_of(&self, room: &RoomName) -> bool {
        self.is_closed()
            || match self.register().find(room, now()).map(Made::asks) {
                Some(Asks::Password | Asks::Invitation) => true,
                Some(Asks::Link | Asks::Unknown) | None => false,
            }
    }

    /// Whether there is anybody who makes rooms and invitations.
    pub(crate) fn has_admin(&self) -> bool {
        self.inner.admin_key.is_some()
    }

    /// Whether this is the admin key; with none set, nothing is.
    pub(crate) fn is_admin(&self, key: &str) -> bool {
        let tried = digest(&SHA256, key.as_bytes());
        let known = self.inner.admin_key.as_ref();
        known.is_some_and(|known| verify_slices_are_equal(known.as_ref(), tried.as_ref()).is_ok())
    }

    /// Whether, and on what terms, somebody may enter.
    ///
    /// # Errors
    /// `not_allowed`, which is the same whatever was wrong; `busy` when too many show passwords.
    pub(crate) async fn enter(
        &self,
        room: &RoomName,
        credentials: Credentials,
        visitor: Visitor,
    ) -> Result<Admission, ErrorInfo> {
        let made = self.register().find(room, now()).cloned();
        let asks = made.as_ref().map_or(Asks::Unknown, Made::asks);
        let shown = match credentials {
            Credentials { token: Some(token), password: _ } => self.invitation(&token, room, visitor),
            Credentials { token: None, password: Some(password) } => {
                let known = made.as_ref().and_then(|made| made.password.clone());
                self.password(password, known).await?
            }
            Credentials { token: None, password: None } => Shown::Nothing,
        };
        if let Shown::Invitation(grant) = &shown {
            tracing::debug!(%room, identity = grant.identity.as_deref(), "an invitation is shown");
        }
        let admission = policy::decide(self.inner.policy, room, asks, shown)?;
        Ok(Admission { limit: made.and_then(|made| made.max_participants), ..admission })
    }

    /// An invitation that is good for one entry is used up here, whether or not there is a place inside: two who come
    /// at once must not both find it good. Whoever found the room full may try again on the same socket.
    fn invitation(&self, token: &AccessToken, room: &RoomName, visitor: Visitor) -> Shown {
        let now = now();
        match self.inner.keys.check(token, now) {
            // To another room: it stays good for that one.
            Some(invitation) if invitation.grant.room != *room => Shown::Worthless,
            Some(invitation) => {
                let fresh = match &invitation.once {
                    Some((id, end)) => {
                        let mut used = self.used();
                        let fresh = used.take(id, *end, visitor, now);
                        let news = used.news();
                        drop(used);
                        if news {
                            self.keep_soon();
                        }
                        fresh
                    }
                    None => true,
                };
                if fresh { Shown::Invitation(invitation.grant) } else { Shown::Worthless }
            }
            None => Shown::Worthless,
        }
    }

    async fn password(
        &self,
        password: RoomPassword,
        known: Option<password::PasswordHash>,
    ) -> Result<Shown, ErrorInfo> {
        if !password.fits() {
            return Ok(Shown::Worthless);
        }
        match self.inner.passwords.check(password, known).await {
            Ok(right) => Ok(Shown::Password { right }),
            Err(PasswordError::Busy) => Err(ErrorInfo::new(ErrorCode::Busy)),
            Err(PasswordError::Failed) => Err(ErrorInfo::new(ErrorCode::Internal)),
        }
    }

    /// Keeps what there is now, and waits until it is on the disk: whether it is.
    async fn keep(&self) -> bool {
        let door = self.clone();
        // An error means that it panicked, or that the server stops.
        tokio::task::spawn_blocking(move || door.write()).await.unwrap_or(false)
    }

    /// Keeps what there is at the end, and leaves the folder to the next server.
    pub(crate) async fn close(&self) {
        self.keep().await;
        if let Some(kept) = &self.inner.kept {
            kept.let_go();
        }
    }

    /// Keeps what there is now, or soon.
    fn keep_soon(&self) {
        if self.inner.kept.as_ref().is_some_and(Kept::is_due) {
            let door = self.clone();
            tokio::task::spawn_blocking(move || door.write());
        }
    }

    fn write(&self) -> bool {
        let Some(kept) = &self.inner.kept else { return true };
        let now = || (self.register().clone(), self.used().to_keep());
        let written = kept.write(now);
        let before = self.inner.unkept.swap(written.is_err(), Ordering::SeqCst);
        match &written {
            Err(error) if !before => {
                tracing::error!(%error, "what was made or deleted cannot be kept yet: a restart undoes it");
                tokio::spawn(self.clone().keep_at_last());
            }
            Ok(()) if before => tracing::info!("what was made or deleted is kept again"),
            _ => {}
        }
        written.is_ok()
    }

    /// A disk that was full has room again, and nobody may make or delete anything for days.
    async fn keep_at_last(self) {
        loop {
            tokio::time::sleep(self.inner.retry).await;
            if self.keep().await {
                return;
            }
        }
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        self.inner.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.inner.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The folder, if it can be had. A server without one works until it ends, and says so.
fn keep_in(folder: &Path) -> Option<Kept> {
    let kept = Kept::take(folder).inspect_err(|error| {
        let folder = folder.display();
        tracing::warn!(%folder, %error, "rooms and invitations end with the server: choose a folder with --state");
    });
    kept.ok()
}

/// Since the epoch. A clock before it lets no invitation in.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
