//! `madang token`: makes an invitation on the command line, with the keys that the server's settings name.

use super::api::requests::{Allowed, NewToken};
use super::token::Keys;
use super::{KeyError, kept, now};
use crate::{Config, state};
use clap::{Args, ValueEnum};
use std::time::Duration;

/// An invitation to be made. Give the same --token-secret, --token-key or --state as the server has, or nothing if the
/// server has none either and is the same user's.
#[derive(Clone, Debug, Args)]
pub struct TokenOptions {
    /// The room it is for
    #[arg(long, value_name = "ROOM")]
    pub room: String,
    /// What its bearer is called inside. Unset: whatever it calls itself
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Who is invited, for the server's log
    #[arg(long, value_name = "TEXT")]
    pub identity: Option<String>,
    /// What its bearer may do, separated by commas
    #[arg(
        long,
        value_enum,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "publish,subscribe,data"
    )]
    pub permissions: Vec<Permission>,
    /// For how long it holds: a number and s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = a_time)]
    pub expires: Duration,
    /// It is good for one entry
    #[arg(long)]
    pub one_use: bool,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Permission {
    /// Send audio and video.
    Publish,
    /// Receive audio and video.
    Subscribe,
    /// Chat, react, send messages over data channels.
    Data,
    /// Decide about others.
    Moderate,
}

/// Why there is no invitation.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Nothing that the server would know again.
    #[error(
        "an invitation is signed with --token-secret or --token-key, the same that the server has, or with the secret that it keeps in its --state folder, where there is none"
    )]
    NoKey,
    /// A public key.
    #[error("--token-key holds a public key, which signs nothing")]
    PublicKey,
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What was asked for cannot be.
    #[error("{0}")]
    Wrong(String),
}

/// The invitation's token.
///
/// # Errors
/// See [`InviteError`].
pub fn invite(config: &Config, options: &TokenOptions) -> Result<String, InviteError> {
    let settings = &config.access;
    let kept = match (&settings.token_secret, &settings.token_key) {
        (None, None) => kept::secret(&state::folder(config)).map_err(KeyError::from)?,
        _ => None,
    };
    let secret = settings.token_secret.as_ref().or(kept.as_ref());
    if secret.is_none() && settings.token_key.is_none() {
        return Err(InviteError::NoKey);
    }
    let keys = Keys::new(secret, settings.token_key.as_deref(), None)?;
    let may = |permission| options.permissions.contains(&permission);
    let asked = NewToken {
        room: options.room.clone(),
        identity: options.identity.clone(),
        name: options.name.clone(),
        permissions: Allowed {
            publish: may(Permission::Publish),
            subscribe: may(Permission::Subscribe),
            data: may(Permission::Data),
            moderate: may(Permission::Moderate),
        },
        expires_in: Some(options.expires.as_secs()),
        one_use: options.one_use,
    };
    let claims = asked.claims(now()).map_err(InviteError::Wrong)?;
    keys.sign(&claims).map(|token| token.0).ok_or(InviteError::PublicKey)
}

/// For clap, which says what is wrong with it.
fn a_time(text: &str) -> Result<Duration, String> {
    let wrong = || "a number and s, m, h or d, like 90m".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::access::token::MIN_SECRET;
    use clap::Parser;
    use signal::{AccessToken, Permissions};

    fn config(arguments: &[&str]) -> Config {
        Config::parse_from(["madang"].iter().chain(arguments))
    }

    fn options() -> TokenOptions {
        TokenOptions {
            room: "Tea".to_owned(),
            name: None,
            identity: None,
            permissions: vec![Permission::Subscribe, Permission::Moderate],
            expires: Duration::from_mins(1),
            one_use: true,
        }
    }

    #[test]
    fn what_is_typed_is_what_the_server_reads() {
        let secret = Some(Secret::from("x".repeat(MIN_SECRET)));
        let settings = config(&["--token-secret", &"x".repeat(MIN_SECRET)]);
        let token = AccessToken(invite(&settings, &options()).unwrap());
        let invitation = Keys::new(secret.as_ref(), None, None).unwrap().check(&token, now()).unwrap();
        let permissions = Permissions { publish: false, subscribe: true, data: false, moderate: true };
        assert_eq!(invitation.grant.permissions, permissions);
        assert_eq!(invitation.grant.room.as_str(), "tea");
        assert!(invitation.once.is_some());
        let wrong = TokenOptions { room: "a b".to_owned(), ..options() };
        assert!(matches!(invite(&settings, &wrong), Err(InviteError::Wrong(_))));
        assert!(matches!(invite(&config(&["--state=/nowhere"]), &options()), Err(InviteError::NoKey)));
    }

    #[test]
    fn times() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h", 3600), ("2d", 172_800)] {
            assert_eq!(a_time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "h", "1", "-1h", "1.5h", "1w", "1時", &format!("{}d", u64::MAX)] {
            assert!(a_time(wrong).is_err(), "{wrong}");
        }
    }
}
