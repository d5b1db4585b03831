//! A certificate in files: read at the start, and again when they change. New ones that cannot be used leave the old
//! one in place, and the log says why.

use super::provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
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
}

/// What is shown now.
#[derive(Debug)]
pub(crate) struct Certificate(RwLock<Held>);

impl Certificate {
    pub(crate) fn read(files: &Files) -> Result<Arc<Self>, FileProblem> {
        Ok(Arc::new(Self(RwLock::new(Held::read(files)?))))
    }

    /// Whether somebody else signed it.
    pub(crate) fn is_vouched_for(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).vouched
    }

    /// Looks at the files for ever, and takes what is new.
    pub(crate) async fn follow(self: Arc<Self>, files: Files) {
        let mut known = files.state();
        loop {
            tokio::time::sleep(LOOK).await;
            let state = files.state();
            if state == known {
                continue;
            }
            known = state;
            match Held::read(&files) {
                Ok(held) => {
                    *self.0.write().unwrap_or_else(PoisonError::into_inner) = held;
                    tracing::info!("the certificate is a new one");
                }
                // One file may have been written before the other: then it is seen again in a moment.
                Err(error) => tracing::warn!(%error, "the new certificate cannot be used; the old one stays"),
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).shown.clone())
    }
}

impl Files {
    /// What tells that they were changed.
    fn state(&self) -> [Option<(SystemTime, u64)>; 2] {
        let of = |file: &Path| {
            let about = std::fs::metadata(file).ok()?;
            Some((about.modified().ok()?, about.len()))
        };
        [of(&self.certificate), of(&self.key)]
    }
}

impl Held {
    fn read(files: &Files) -> Result<Self, FileProblem> {
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
        Ok(Self { shown: Arc::new(shown), vouched })
    }
}

/// Whether it was signed by another than itself.
fn is_vouched_for(leaf: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(leaf).is_ok_and(|(_, leaf)| leaf.issuer() != leaf.subject())
}
