//! What of the door outlives the server: the rooms that were made, the invitations that were used, and the secret that
//! signs them if the operator has set none. Two files of the state folder, for nobody else's eyes.

use super::register::Register;
use super::token::MIN_SECRET;
use super::used::UsedBefore;
use crate::{Secret, private};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Rooms and invitations.
const ROOMS: &str = "rooms.json";
/// The secret.
const SECRET: &str = "token-secret";
/// Of which one server at a time has the lock.
const LOCK: &str = "lock";
/// What this version writes, and reads.
const VERSION: u32 = 1;

/// Why what was kept cannot be used. The server does not start: it would write over it.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// It cannot be read.
    #[error("cannot read {file}: {error}")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It holds something else.
    #[error(
        "{file} is not what this version of Madang keeps: {why}. Move it away, or choose another folder with --state"
    )]
    Strange {
        /// Which.
        file: PathBuf,
        /// In words.
        why: String,
    },
}

/// The folder, which is this server's until it is [let go](Kept::let_go).
#[derive(Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
    /// The lock. One writes at a time, so that what is written last is what is true last; and nobody after the end.
    writing: Mutex<Option<File>>,
    /// Somebody is about to write.
    due: AtomicBool,
}

/// What is in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    version: u32,
    rooms: Register,
    used: Vec<UsedBefore>,
}

impl Kept {
    /// Takes the folder, and makes it if need be.
    ///
    /// # Errors
    /// When it cannot be made, or is another server's.
    pub(crate) fn take(folder: &Path) -> io::Result<Self> {
        private::folder(folder)?;
        let lock = folder.join(LOCK);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(lock)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::other("another server keeps its rooms there"),
            fs::TryLockError::Error(error) => error,
        })?;
        let (writing, due) = (Mutex::new(Some(lock)), AtomicBool::default());
        Ok(Self { folder: folder.to_owned(), writing, due })
    }

    /// What was kept before; nothing the first time.
    pub(crate) fn read(&self) -> Result<(Register, Vec<UsedBefore>), KeptError> {
        read(&self.folder)
    }

    /// Keeps what there is when it is asked, which is after all that was done before the call. Waits for the disk.
    pub(crate) fn write(&self, now: impl FnOnce() -> (Register, Vec<UsedBefore>)) -> io::Result<()> {
        let turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if turn.is_none() {
            return Ok(());
        }
        self.due.store(false, Ordering::SeqCst);
        let (rooms, used) = now();
        let text = serde_json::to_string_pretty(&Content { version: VERSION, rooms, used })?;
        private::write(&self.folder.join(ROOMS), text.as_bytes())
    }

    /// Leaves the folder to the next server. Nothing is written from here on.
    pub(crate) fn let_go(&self) {
        drop(self.writing.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Whether somebody has to be sent to write: not while one waits who will write the same.
    pub(crate) fn is_due(&self) -> bool {
        !self.due.swap(true, Ordering::SeqCst)
    }

    /// The secret that signs invitations, made the first time.
    pub(crate) fn secret(&self) -> Result<Secret, KeptError> {
        if let Some(secret) = secret(&self.folder)? {
            return Ok(secret);
        }
        let file = self.folder.join(SECRET);
        let unreadable = |error| KeptError::Unreadable { file: file.clone(), error };
        let mut bytes = [0; MIN_SECRET];
        getrandom::fill(&mut bytes).map_err(|error| unreadable(io::Error::other(error)))?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        private::write(&file, format!("{text}\n").as_bytes()).map_err(unreadable)?;
        Ok(Secret::from(text))
    }
}

/// What was kept in this folder.
fn read(folder: &Path) -> Result<(Register, Vec<UsedBefore>), KeptError> {
    let file = folder.join(ROOMS);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(KeptError::Unreadable { file, error }),
    };
    match serde_json::from_str(&text) {
        Ok(Content { version: VERSION, rooms, used }) => Ok((rooms, used)),
        Ok(Content { version, .. }) => {
            Err(KeptError::Strange { file, why: format!("it is of version {version}") })
        }
        Err(error) => Err(KeptError::Strange { file, why: error.to_string() }),
    }
}

/// How many rooms a server finds that starts with this folder.
pub(crate) fn examine(folder: &Path) -> Result<usize, KeptError> {
    secret(folder)?;
    Ok(read(folder)?.0.len())
}

/// The secret that a server has made in this folder, if one has.
pub(crate) fn secret(folder: &Path) -> Result<Option<Secret>, KeptError> {
    let file = folder.join(SECRET);
    match fs::read_to_string(&file) {
        Ok(text) if text.trim().len() >= MIN_SECRET => Ok(Some(Secret::from(text.trim().to_owned()))),
        Ok(_) => Err(KeptError::Strange { file, why: "it is too short for a secret".to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeptError::Unreadable { file, error }),
    }
}

#[cfg(test)]
mod tests;
