//! What a TURN server asks of its clients: a username and a password, given by the operator, or made for each client
//! and good for some hours (draft-uberti-behave-turn-rest-00 §2.2). The TURN server checks those by the secret that
//! it shares with us; coturn calls it `static-auth-secret`.

use super::IceError;
use crate::Config;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long what is made is good for: longer than people talk. Whoever stays longer is told anew when it resumes.
const LIFE: Duration = Duration::from_hours(12);

/// Something that is in no log: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Secret {
    /// The text itself, for whoever makes something of it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it can be told by any way there is. Not asked while the command line is read: what is wrong there is
    /// shown in the error.
    fn check(self, flag: &'static str) -> Result<Self, IceError> {
        if self.0.is_empty() {
            Err(IceError::Empty(flag))
        } else if self.0.chars().any(char::is_control) {
            Err(IceError::ControlCharacter(flag))
        } else {
            Ok(self)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where credentials come from.
#[derive(Debug)]
pub(super) enum Credentials {
    /// The same for everybody.
    Given { username: Secret, password: Secret },
    /// Others for each.
    Made { secret: Secret, made: AtomicU64 },
}

impl Credentials {
    /// As the operator says, if at all. The command line holds either, or neither.
    pub(super) fn new(config: &Config) -> Result<Option<Self>, IceError> {
        let check = |secret: &Option<Secret>, flag| secret.clone().map(|it| it.check(flag)).transpose();
        let username = check(&config.turn_username, "--turn-username")?;
        let password = check(&config.turn_password, "--turn-password")?;
        let given = username.zip(password).map(|(username, password)| Self::Given { username, password });
        let secret = check(&config.turn_secret, "--turn-secret")?;
        Ok(secret.map(|secret| Self::Made { secret, made: AtomicU64::new(0) }).or(given))
    }

    /// Username and password for one more client.
    pub(super) fn make(&self, now: SystemTime) -> (String, String) {
        match self {
            Self::Given { username, password } => (username.0.clone(), password.0.clone()),
            Self::Made { secret, made } => {
                let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
                let expiry = since.saturating_add(LIFE).as_secs();
                // The number tells clients apart in the TURN server's quotas and logs, and says nothing else of them.
                let username = format!("{expiry}:{}", made.fetch_add(1, Ordering::Relaxed));
                let password = password(secret, &username);
                (username, password)
            }
        }
    }
}

/// base64(HMAC-SHA1(secret, username)).
fn password(secret: &Secret, username: &str) -> String {
    // HMAC takes keys of any length, so this is never empty.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.0.as_bytes()) else { return String::new() };
    mac.update(username.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    /// RFC 2202 §3, test case 2, and what `openssl dgst -sha1 -hmac north` makes of a username.
    #[test]
    fn passwords_are_as_others_compute_them() {
        let table = [
            ("Jefe", "what do ya want for nothing?", "7/zfauXrL6LSdBbV8YTfnCWafHk="),
            ("north", "1735412345:7", "A5V+0ygDEqvYlYebM+mOi/J9+Oo="),
        ];
        for (key, username, expected) in table {
            assert_eq!(password(&secret(key), username), expected);
        }
    }

    #[test]
    fn what_is_made_is_good_for_twelve_hours() {
        let credentials = Credentials::Made { secret: secret("north"), made: AtomicU64::new(7) };
        let now = UNIX_EPOCH + Duration::from_secs(1_735_412_345 - 12 * 3600);
        assert_eq!(
            credentials.make(now),
            ("1735412345:7".to_owned(), "A5V+0ygDEqvYlYebM+mOi/J9+Oo=".to_owned())
        );
        assert_eq!(credentials.make(now).0, "1735412345:8");
    }

    #[test]
    fn a_secret_is_shown_to_nobody() {
        assert_eq!(format!("{:?}", secret("hush")), "Secret(…)");
    }
}
