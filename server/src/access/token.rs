//! Invitations: JWTs (RFC 7519) signed with HS256 or, for keys in a file, `EdDSA` (RFC 8037). Which of the two is the
//! key's to say and never the token's (RFC 8725 §3.1), so that no token is checked with a key of another kind, or with
//! none. The time is the caller's.

use super::kept::{Kept, KeptError};
use super::policy::Grant;
use crate::Secret;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use signal::{AccessToken, DisplayName, Permissions, RoomName};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Clocks may differ by so much.
pub(crate) const LEEWAY: Duration = Duration::from_secs(10);
/// Bytes of a secret that signs (RFC 7518 §3.2: as many as the hash has).
pub(crate) const MIN_SECRET: usize = 32;
/// Bytes of an id that makes an invitation good for one entry, and of an identity.
pub(crate) const MAX_ID: usize = 128;

/// What an invitation says. What else it may say is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The room's name.
    pub(crate) room: String,
    /// Who is invited, for the log (RFC 7519 §4.1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sub: Option<String>,
    /// What it is called inside, whatever it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Permissions::is_default")]
    pub(crate) permissions: Permissions,
    /// Seconds since the epoch from which on it does not hold (§4.1.4). There is no invitation without.
    pub(crate) exp: u64,
    /// Until then it does not hold (§4.1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<u64>,
    /// Its id (§4.1.7), which makes it good for one entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jti: Option<String>,
}

/// An invitation that holds now, if it is not used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) grant: Grant,
    /// If it is good for one entry: its id, and until when that has to be known.
    pub(crate) once: Option<(String, Duration)>,
}

/// Why invitations cannot be checked or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Too few characters.
    #[error("{flag} has fewer than {least} characters")]
    Short {
        /// Which setting.
        flag: &'static str,
        /// How many it takes.
        least: usize,
    },
    /// The key's file is not there, or not to be read.
    #[error("cannot read the key in {file}: {error}")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It holds something else.
    #[error("{file} holds no Ed25519 key: `openssl genpkey -algorithm ed25519` makes one")]
    NotEd25519 {
        /// Which.
        file: PathBuf,
    },
    /// What the server kept.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The system gives no randomness.
    #[error("there is no randomness for a secret")]
    NoRandomness,
}

/// What checks invitations, and what makes them.
pub(crate) struct Keys {
    algorithm: Algorithm,
    check: DecodingKey,
    /// Not there with a public key alone.
    sign: Option<EncodingKey>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Keys {
    /// As the settings say: a secret, a key in a file, or else a secret that is kept, or one that nobody knows.
    pub(crate) fn new(
        secret: Option<&Secret>,
        file: Option<&Path>,
        kept: Option<&Kept>,
    ) -> Result<Self, KeyError> {
        match (secret, file) {
            (Some(secret), _) if secret.reveal().len() < MIN_SECRET => {
                Err(KeyError::Short { flag: "--token-secret", least: MIN_SECRET })
            }
            (Some(secret), _) => Ok(Self::shared(secret.reveal().as_bytes())),
            (None, Some(file)) => {
                let unreadable = |error| KeyError::Unreadable { file: file.to_owned(), error };
                let pem = std::fs::read(file).map_err(unreadable)?;
                Self::ed25519(&pem).ok_or_else(|| KeyError::NotEd25519 { file: file.to_owned() })
            }
            (None, None) => {
                if let Some(kept) = kept {
                    return Ok(Self::shared(kept.secret()?.reveal().as_bytes()));
                }
                let mut secret = [0; MIN_SECRET];
                getrandom::fill(&mut secret).map_err(|_| KeyError::NoRandomness)?;
                Ok(Self::shared(&secret))
            }
        }
    }

    fn shared(secret: &[u8]) -> Self {
        let (check, sign) = (DecodingKey::from_secret(secret), EncodingKey::from_secret(secret));
        Self { algorithm: Algorithm::HS256, check, sign: Some(sign) }
    }

    /// A private key's public half is made of it.
    fn ed25519(pem: &[u8]) -> Option<Self> {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
        let (check, sign) = match EncodingKey::from_ed_pem(pem) {
            Ok(sign) => {
                let pair = Ed25519KeyPair::from_pkcs8(sign.as_bytes()).ok()?;
                (DecodingKey::from_ed_der(pair.public_key().as_ref()), Some(sign))
            }
            Err(_) => (DecodingKey::from_ed_pem(pem).ok()?, None),
        };
        Some(Self { algorithm: Algorithm::EdDSA, check, sign })
    }

    /// Signs an invitation; `None` with a public key alone.
    pub(crate) fn sign(&self, claims: &Claims) -> Option<AccessToken> {
        let header = Header::new(self.algorithm);
        jsonwebtoken::encode(&header, claims, self.sign.as_ref()?).ok().map(AccessToken)
    }

    /// The invitation, if it is one and holds at this time since the epoch.
    pub(crate) fn check(&self, token: &AccessToken, now: Duration) -> Option<Invitation> {
        if !token.fits() {
            return None;
        }
        // The library's own checks go by the system's clock.
        let mut validation = Validation::new(self.algorithm);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let data = jsonwebtoken::decode::<Claims>(&token.0, &self.check, &validation).ok()?;
        // An extension that must be understood and is not (RFC 7515 §4.1.11): we know none.
        if data.header.crit.is_some() {
            return None;
        }
        data.claims.read(now)
    }
}

impl Claims {
    /// What it grants, if it holds now.
    fn read(self, now: Duration) -> Option<Invitation> {
        let end = Duration::from_secs(self.exp).saturating_add(LEEWAY);
        let start = self.nbf.map_or(Duration::ZERO, |nbf| Duration::from_secs(nbf).saturating_sub(LEEWAY));
        let fits = |id: &Option<String>| id.as_ref().is_none_or(|id| id.len() <= MAX_ID);
        if now >= end || now < start || !fits(&self.jti) || !fits(&self.sub) {
            return None;
        }
        let name = self.name.as_deref().map(DisplayName::parse).transpose().ok()?;
        let room = RoomName::parse(&self.room).ok()?;
        let grant = Grant { room, identity: self.sub, name, permissions: self.permissions };
        Some(Invitation { grant, once: self.jti.map(|id| (id, end)) })
    }
}

#[cfg(test)]
mod tests;
