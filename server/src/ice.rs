//! The STUN and TURN servers that the operator names, as clients are told of them: in `joined` and `resumed`, and in
//! WHIP's and WHEP's `Link` headers.
//!
//! Owns their credentials: given ones, or such as a TURN server makes out by a secret that it shares with us
//! (draft-uberti-behave-turn-rest-00 §2.2). Nothing here speaks STUN: clients do, to each other's servers.

mod credentials;
mod url;

use crate::Config;
use axum::http::HeaderValue;
use credentials::Credentials;
use signal::{IceServer, ServerMessage};
use std::sync::Arc;
use std::time::SystemTime;

pub use credentials::Secret;
pub use url::{IceUrl, IceUrlError};

/// Why the servers that were named cannot be told to anybody.
#[derive(Debug, thiserror::Error)]
pub enum IceError {
    /// A TURN server lets nobody in without.
    #[error("{0} needs credentials: give --turn-secret, or --turn-username and --turn-password")]
    NoCredentials(IceUrl),
    /// A setting has no value.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A setting's value could not stand in a header. It is not shown: it may be a secret.
    #[error("{0} holds a control character, a line's end perhaps")]
    ControlCharacter(&'static str),
}

/// All of them. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct IceServers(Arc<Named>);

#[derive(Debug)]
struct Named {
    stun: Vec<IceUrl>,
    turn: Vec<IceUrl>,
    credentials: Option<Credentials>,
}

impl IceServers {
    /// Those that the operator names.
    ///
    /// # Errors
    /// When a TURN server has no credentials, or such as cannot be told.
    pub(crate) fn new(config: &Config) -> Result<Self, IceError> {
        let credentials = Credentials::new(config)?;
        let (turn, stun): (Vec<IceUrl>, Vec<IceUrl>) =
            config.ice_server.iter().cloned().partition(IceUrl::is_turn);
        match (turn.first(), &credentials) {
            (Some(url), None) => Err(IceError::NoCredentials(url.clone())),
            (Some(_) | None, _) => Ok(Self(Arc::new(Named { stun, turn, credentials }))),
        }
    }

    /// As somebody is told who comes now.
    pub(crate) fn tell(&self, now: SystemTime) -> Vec<IceServer> {
        let Named { stun, turn, credentials } = &*self.0;
        let texts = |urls: &[IceUrl]| urls.iter().map(ToString::to_string).collect();
        let mut servers = Vec::new();
        if !stun.is_empty() {
            servers.push(IceServer { urls: texts(stun), username: None, credential: None });
        }
        if let Some(credentials) = credentials.as_ref().filter(|_| !turn.is_empty()) {
            let (username, credential) = credentials.make(now);
            servers.push(IceServer {
                urls: texts(turn),
                username: Some(username),
                credential: Some(credential),
            });
        }
        servers
    }

    /// Adds them to what is told to somebody who comes in, or back in.
    pub(crate) fn add_to(&self, message: &mut ServerMessage, now: impl FnOnce() -> SystemTime) {
        if let ServerMessage::Joined { ice_servers, .. } | ServerMessage::Resumed { ice_servers, .. } =
            message
        {
            *ice_servers = self.tell(now());
        }
    }

    /// The same as values of `Link`, one for each URL (RFC 9725 §4.6).
    pub(crate) fn links(&self, now: SystemTime) -> Vec<HeaderValue> {
        let link = |server: &IceServer, url: &String| {
            let with = match server {
                IceServer { username: Some(username), credential: Some(credential), .. } => {
                    let (username, credential) = (quoted(username), quoted(credential));
                    format!("; username={username}; credential={credential}; credential-type=\"password\"")
                }
                _ => String::new(),
            };
            let link = format!("<{url}>; rel=\"ice-server\"{with}");
            // Control characters, which it could not hold, were refused with the settings.
            let mut value = HeaderValue::try_from(link).ok()?;
            value.set_sensitive(true);
            Some(value)
        };
        let servers = self.tell(now);
        servers
            .iter()
            .flat_map(|server| server.urls.iter().filter_map(move |url| link(server, url)))
            .collect()
    }
}

/// A quoted string (RFC 9110 §5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::time::{Duration, UNIX_EPOCH};

    const STUN: &str = "stun:stun.example.org:3478";
    const TURN: &str = "turn:turn.example.org:3478?transport=udp";
    const TURNS: &str = "turns:turn.example.org:443?transport=tcp";
    const GIVEN: [&str; 4] = ["--turn-username", "ada", "--turn-password", "s\"3\\cret"];

    fn named(arguments: &[&str]) -> Result<IceServers, IceError> {
        IceServers::new(&Config::parse_from(["madang"].iter().chain(arguments)))
    }

    fn plain(urls: &[&str]) -> IceServer {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        IceServer { urls, username: None, credential: None }
    }

    #[test]
    fn none_are_named_unless_the_operator_does() {
        let none = named(&[]).unwrap();
        assert_eq!((none.tell(UNIX_EPOCH), none.links(UNIX_EPOCH)), (vec![], Vec::<HeaderValue>::new()));
    }

    #[test]
    fn stun_is_open_and_turn_has_the_credentials_that_were_given() {
        let named =
            named(&[&["--ice-server", &format!("{TURN},{STUN},{TURNS}")], &GIVEN[..]].concat()).unwrap();
        let (username, credential) = (Some("ada".to_owned()), Some("s\"3\\cret".to_owned()));
        let expected = [plain(&[STUN]), IceServer { username, credential, ..plain(&[TURN, TURNS]) }];
        assert_eq!(named.tell(UNIX_EPOCH), expected);
        let with = r#"; username="ada"; credential="s\"3\\cret"; credential-type="password""#;
        let links = [
            format!("<{STUN}>; rel=\"ice-server\""),
            format!("<{TURN}>; rel=\"ice-server\"{with}"),
            format!("<{TURNS}>; rel=\"ice-server\"{with}"),
        ];
        assert_eq!(named.links(UNIX_EPOCH), links);
    }

    #[test]
    fn turn_without_credentials_is_refused() {
        let error = named(&["--ice-server", STUN, "--ice-server", TURN]).unwrap_err().to_string();
        assert!(error.starts_with(TURN) && error.contains("--turn-secret"), "{error}");
        assert!(named(&["--ice-server", STUN]).is_ok());
    }

    #[test]
    fn a_secret_that_cannot_be_told_is_refused_and_not_shown() {
        let error = |secret| named(&["--turn-secret", secret]).unwrap_err().to_string();
        assert_eq!(error(""), "--turn-secret is empty");
        assert_eq!(error("hush\r"), "--turn-secret holds a control character, a line's end perhaps");
        let error = named(&["--turn-username", "ada\n", "--turn-password", "x"]).unwrap_err().to_string();
        assert!(error.starts_with("--turn-username"), "{error}");
    }

    #[test]
    fn nobody_is_told_the_secret_nor_anybody_elses_credentials() {
        let named = named(&["--ice-server", TURN, "--turn-secret", "north"]).unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_735_369_145);
        let [first, second] = [named.tell(now), named.tell(now)];
        assert_ne!(first[0].username, second[0].username);
        assert!(!format!("{named:?}{first:?}").contains("north"));
        assert!(first[0].username.as_ref().unwrap().starts_with("1735412345:"), "{first:?}");
    }

    #[test]
    fn only_those_who_come_in_are_told() {
        let named = named(&["--ice-server", STUN]).unwrap();
        let mut pong = ServerMessage::Pong { nonce: 1 };
        named.add_to(&mut pong, || UNIX_EPOCH);
        assert_eq!(pong, ServerMessage::Pong { nonce: 1 });
        let resumed = |ice_servers| ServerMessage::Resumed {
            participants: vec![],
            slots: vec![],
            answered: signal::OfferId(0),
            chat: vec![],
            hands: vec![],
            ice_servers,
            relays: vec![],
        };
        let mut message = resumed(vec![]);
        named.add_to(&mut message, || UNIX_EPOCH);
        assert_eq!(message, resumed(vec![plain(&[STUN])]));
    }
}
