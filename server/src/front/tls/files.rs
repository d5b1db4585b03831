//! A certificate in files: read at the start, and again when they change. New ones that cannot be used leave the old
//! one in place, and the log says why.

use super::provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;
use x509_parser::prelude::{FromDer, X509Certificate};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Why files hold no certificate.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It is not there, or holds nothing of the kind.
    #[error("{file}: {error}")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        error: pem::Error,
    },
    /// There is no certificate in it.
    #[error("{0} holds no certificate (PEM)")]
    Empty(PathBuf),
    /// The key is another one's, or of a kind that TLS does not have.
    #[error("the key in {file} is not this certificate's: {error}")]
    Key {
        /// Which.
        file: PathBuf,
        /// Why.
        error: rustls::Error,
    },
}

/// The two files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What they hold.
#[derive(Clone, Debug)]
struct Held {
    shown: Arc<CertifiedKey>,
    vouched: bool,
    /// How the files were when they were looked at.
    state: State,
}

/// What tells that files were changed, or others put in their place.
type State = [Option<(u64, u64, i64, i64)>; 2];

/// What is shown now.
#[derive(Debug)]
pub(crate) struct Certificate(RwLock<Held>);

impl Certificate {
    pub(crate) fn read(files: &Files) -> Result<Arc<Self>, FileProblem> {
        Ok(Arc::new(Self(RwLock::new(Held::read(files)?))))
    }

    /// Whether somebody else signed it.
    pub(crate) fn is_vouched_for(&self) -> bool {
        self.held().vouched
    }

    /// Looks at the files for ever, and takes what is new.
    pub(crate) async fn follow(self: Arc<Self>, files: Files) {
        let mut complaint = String::new();
        loop {
            tokio::time::sleep(LOOK).await;
            match self.look(&files) {
                Ok(false) => {}
                Ok(true) => {
                    complaint.clear();
                    tracing::info!("the certificate is a new one");
                }
                // One file may have been written before the other, or nobody may have been let read it yet: they are
                // read again, and what is the same is told once.
                Err(error) => {
                    let words = error.to_string();
                    if words != complaint {
                        tracing::warn!(%error, "the new certificate cannot be used; the old one stays");
                        complaint = words;
                    }
                }
            }
        }
    }

    /// Takes what is new; whether anything is.
    fn look(&self, files: &Files) -> Result<bool, FileProblem> {
        if files.state() == self.held().state {
            return Ok(false);
        }
        let held = Held::read(files)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = held;
        Ok(true)
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.held().shown.clone())
    }
}

impl Files {
    fn state(&self) -> State {
        let of = |file: &Path| {
            let about = std::fs::metadata(file).ok()?;
            // The time of its last change of any kind: one that keeps the time of writing is a change, too.
            Some((about.ino(), about.len(), about.ctime(), about.ctime_nsec()))
        };
        [of(&self.certificate), of(&self.key)]
    }
}

impl Held {
    fn read(files: &Files) -> Result<Self, FileProblem> {
        // Before they are read: what is written meanwhile is seen at the next look.
        let state = files.state();
        let unreadable = |file: &Path| {
            let file = file.to_owned();
            move |error| FileProblem::Unreadable { file, error }
        };
        let chain = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unreadable(&files.certificate))?;
        let leaf = chain.first().ok_or_else(|| FileProblem::Empty(files.certificate.clone()))?;
        let vouched = is_vouched_for(leaf);
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
        let shown = CertifiedKey::from_der(chain, key, &provider())
            .map_err(|error| FileProblem::Key { file: files.key.clone(), error })?;
        Ok(Self { shown: Arc::new(shown), vouched, state })
    }
}

/// Whether it was signed by another than itself.
fn is_vouched_for(leaf: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(leaf).is_ok_and(|(_, leaf)| leaf.issuer() != leaf.subject())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, generate_simple_self_signed};

    /// A folder with a certificate in it.
    fn folder(name: &str) -> (PathBuf, Files) {
        let folder = std::env::temp_dir().join(format!("madang-files-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let files = Files { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
        write(&files, true, true);
        (folder, files)
    }

    /// Writes another, or half of one.
    fn write(files: &Files, certificate: bool, key: bool) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["a".to_owned()]).unwrap();
        if certificate {
            std::fs::write(&files.certificate, cert.pem()).unwrap();
        }
        if key {
            std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
        }
    }

    fn shown(certificate: &Certificate) -> Vec<u8> {
        certificate.held().shown.cert[0].to_vec()
    }

    #[test]
    fn a_change_between_reading_and_following_is_not_missed() {
        let (folder, files) = folder("between");
        let certificate = Certificate::read(&files).unwrap();
        let first = shown(&certificate);
        assert!(!certificate.look(&files).unwrap());
        write(&files, true, true);
        assert!(certificate.look(&files).unwrap());
        assert_ne!(shown(&certificate), first);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// Whatever it was that made them useless, it need not show in the files that it is over.
    #[test]
    fn what_could_not_be_used_is_looked_at_again() {
        let (folder, files) = folder("again");
        let certificate = Certificate::read(&files).unwrap();
        let first = shown(&certificate);
        write(&files, true, false);
        for _ in 0..2 {
            assert!(matches!(certificate.look(&files), Err(FileProblem::Key { .. })));
            assert_eq!(shown(&certificate), first);
        }
        std::fs::remove_file(&files.key).unwrap();
        assert!(matches!(certificate.look(&files), Err(FileProblem::Unreadable { .. })));
        write(&files, true, true);
        assert!(certificate.look(&files).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// As `cp -p` and some tools for secrets do.
    #[test]
    fn one_of_the_same_size_and_time_is_seen() {
        let (folder, files) = folder("same");
        let certificate = Certificate::read(&files).unwrap();
        let written = std::fs::metadata(&files.key).unwrap().modified().unwrap();
        write(&files, true, true);
        for file in [&files.certificate, &files.key] {
            std::fs::File::options().write(true).open(file).unwrap().set_modified(written).unwrap();
        }
        assert!(certificate.look(&files).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
