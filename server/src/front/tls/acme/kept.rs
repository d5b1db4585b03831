//! What is kept of a certificate authority: the account's key, and the certificate with its own.
//!
//! As `rustls_acme`'s `DirCache` has it, under the same names, but for two things: a file is there whole or not at all,
//! and an account's key that is none is made anew. Half a key would be refused at every attempt from then on.

use crate::private;
use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_acme::{AccountCache, CertCache};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder.
#[derive(Clone, Debug)]
pub(super) struct Kept(PathBuf);

impl Kept {
    /// Makes it.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        private::folder(folder)?;
        Ok(Self(folder.to_owned()))
    }

    fn file(&self, kind: &str, of: &[String], directory: &str) -> PathBuf {
        let mut hash = Context::new(&SHA256);
        for text in of {
            hash.update(text.as_bytes());
            hash.update(&[0]);
        }
        hash.update(directory.as_bytes());
        self.0.join(format!("cached_{kind}_{}", URL_SAFE_NO_PAD.encode(hash.finish())))
    }
}

async fn read(file: PathBuf) -> io::Result<Option<Vec<u8>>> {
    match aside(move || fs::read(file)).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn write(file: PathBuf, bytes: &[u8]) -> io::Result<()> {
    let bytes = bytes.to_vec();
    aside(move || private::write(&file, &bytes)).await
}

/// Where waiting for a disk is in nobody's way.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[async_trait]
impl CertCache for Kept {
    type EC = io::Error;

    async fn load_cert(&self, domains: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        read(self.file("cert", domains, directory)).await
    }

    async fn store_cert(&self, domains: &[String], directory: &str, certificate: &[u8]) -> io::Result<()> {
        write(self.file("cert", domains, directory), certificate).await
    }
}

#[async_trait]
impl AccountCache for Kept {
    type EA = io::Error;

    async fn load_account(&self, contact: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        let file = self.file("account", contact, directory);
        let known = read(file.clone()).await?;
        let is_one = |key: &Vec<u8>| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key).is_ok();
        if known.as_ref().is_some_and(|key| !is_one(key)) {
            tracing::warn!(
                file = %file.display(),
                "the key of the account with the certificate authority is damaged: a new account is made"
            );
        }
        Ok(known.filter(is_one))
    }

    async fn store_account(&self, contact: &[String], directory: &str, key: &[u8]) -> io::Result<()> {
        write(self.file("account", contact, directory), key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use rustls_acme::caches::DirCache;

    const DIRECTORY: &str = "https://authority.example/dir";

    #[tokio::test]
    async fn what_was_kept_by_the_librarys_own_is_found() {
        let folder = std::env::temp_dir().join(format!("madang-kept-{}", std::process::id()));
        let (kept, theirs) = (Kept::new(&folder).unwrap(), DirCache::new(folder.clone()));
        let (domains, contact) = (["a.example".to_owned(), "b.example".to_owned()], ["mailto:a".to_owned()]);
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        theirs.store_cert(&domains, DIRECTORY, b"certificate").await.unwrap();
        theirs.store_account(&contact, DIRECTORY, key.as_ref()).await.unwrap();
        assert_eq!(kept.load_cert(&domains, DIRECTORY).await.unwrap().unwrap(), b"certificate");
        assert_eq!(kept.load_account(&contact, DIRECTORY).await.unwrap().unwrap(), key.as_ref());
        assert_eq!(kept.load_cert(&domains[..1], DIRECTORY).await.unwrap(), None);
        kept.store_cert(&domains, DIRECTORY, b"another").await.unwrap();
        assert_eq!(theirs.load_cert(&domains, DIRECTORY).await.unwrap().unwrap(), b"another");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn half_an_accounts_key_is_none() {
        let folder = std::env::temp_dir().join(format!("madang-half-{}", std::process::id()));
        let kept = Kept::new(&folder).unwrap();
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let (half, _) = key.as_ref().split_at(key.as_ref().len() / 2);
        for damaged in [half, b""] {
            kept.store_account(&[], DIRECTORY, damaged).await.unwrap();
            assert_eq!(kept.load_account(&[], DIRECTORY).await.unwrap(), None);
        }
        kept.store_account(&[], DIRECTORY, key.as_ref()).await.unwrap();
        assert!(kept.load_account(&[], DIRECTORY).await.unwrap().is_some());
        fs::remove_dir_all(&folder).unwrap();
    }
}
