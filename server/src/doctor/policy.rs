//! What the settings say: whether a server starts with them, and who may enter.

use super::finding::Finding;
use crate::Config;
use crate::access::{Door, KeyError, examine_kept};
use crate::config::AccessSettings;
use crate::front::{Front, FrontError, Reach};
use crate::ice::{IceError, IceServers};
use crate::state;
use crate::telemetry::{self, TelemetryError};
use crate::webhooks::{WebhookError, Webhooks};

/// What stops a server that starts with such settings, each in its own words, which say what to do.
#[derive(Debug, thiserror::Error)]
enum Unsound {
    #[error(transparent)]
    Front(#[from] FrontError),
    #[error(transparent)]
    Ice(#[from] IceError),
    #[error(transparent)]
    Webhooks(#[from] WebhookError),
    #[error(transparent)]
    Access(#[from] KeyError),
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
}

/// Whether they make sense together. Each of them does, or the command line would have been refused.
pub(super) fn settings(config: &Config) -> Finding {
    match sound(config) {
        Ok(()) => Finding::ok("settings", "They are sound."),
        Err(error) => Finding::error("settings", format!("The server does not start: {error}."))
            .advise("`madang settings` prints what each setting is for."),
    }
}

fn sound(config: &Config) -> Result<(), Unsound> {
    telemetry::filter(&config.telemetry)?;
    Front::check(config)?;
    IceServers::new(config)?;
    // Nothing is kept: the folder may be a server's that runs.
    Door::new(&config.access, Reach::with(config), None)?;
    // Nobody is told anything: what would tell is dropped.
    Webhooks::start(&config.telemetry.webhook, config.telemetry.webhook_secret.as_ref())?;
    Ok(())
}

/// What a server that makes rooms, or lets in by invitations alone, has kept.
pub(super) fn kept(config: &Config, reach: Reach) -> Option<Finding> {
    let settings = &config.access;
    if settings.admin_key.is_none() && !settings.mode.is_closed_to(reach) {
        return None;
    }
    let folder = state::folder(config);
    let place = folder.display();
    Some(match examine_kept(&folder) {
        Ok(rooms) => Finding::ok("state", format!("{place} is where rooms are kept: {rooms} now.")),
        Err(error) => Finding::error("state", format!("The server does not start: {error}."))
            .advise("Look as the server's own user, or name its folder with --state."),
    })
}

/// Who may enter, and whether anybody can.
pub(super) fn access(settings: &AccessSettings, reach: Reach) -> Vec<Finding> {
    let who = match reach {
        Reach::Machine => "this machine alone",
        Reach::Lan => "the local network",
        Reach::World => "whoever reaches its addresses, or a proxy before them",
    };
    let inviting =
        settings.admin_key.is_some() || settings.token_secret.is_some() || settings.token_key.is_some();
    let finding = match (settings.mode.is_closed_to(reach), reach) {
        (true, _) if inviting => Finding::ok("access", "Rooms are closed, and there are keys to make some."),
        (true, _) => Finding::warning("access", "Rooms are closed, and nobody has a key to make any.")
            .advise(
                "Set an --admin-key, and make rooms at /admin; or invite by `madang token`, with a --token-secret or as the \
                 server's own user.",
            ),
        (false, Reach::World) => Finding::warning("access", format!("Rooms are open to {who}."))
            .advise("Unless that is meant: --access closed, and an --admin-key to make rooms with."),
        (false, Reach::Machine | Reach::Lan) => Finding::note("access", format!("Rooms are open to {who}."))
            .advise(
                "If a proxy brings others: --access closed --trusted-proxy ADDRESS, and an --admin-key to make rooms with.",
            ),
    };
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;
    use clap::Parser;

    fn config(arguments: &[&str]) -> Config {
        Config::parse_from(["madang"].iter().chain(arguments))
    }

    #[tokio::test]
    async fn what_stops_a_server_is_told_before() {
        assert_eq!(settings(&config(&[])).state, State::Ok);
        for (arguments, words) in [
            (&["--ice-server=turn:a"][..], "--turn-secret"),
            (&["--https=0.0.0.0:443"], "--acme"),
            (&["--http-redirect=0.0.0.0:80"], "--acme"),
            (&["--admin-key=short"], "--admin-key"),
            (&["--token-key=/nowhere/key.pem"], "/nowhere/key.pem"),
            (&["--webhook=https://a.example"], "--webhook-secret"),
            (&["--log=server=loud"], "server=loud"),
        ] {
            let finding = settings(&config(arguments));
            assert_eq!(finding.state, State::Error, "{arguments:?}");
            assert!(finding.found.contains(words), "{finding:?}");
        }
    }

    #[test]
    fn doors_that_are_open_to_others_or_shut_to_all_are_told() {
        let check = |arguments: &[&str], state| {
            let config = config(arguments);
            let found = access(&config.access, Reach::with(&config));
            assert_eq!(found.first().map(|finding| finding.state), Some(state), "{arguments:?}: {found:?}");
        };
        let key = "--admin-key=0123456789abcdef";
        check(&[], State::Note);
        check(&["--access=open"], State::Note);
        check(&["--access=open", "--http=0.0.0.0:8080"], State::Warning);
        check(&["--access=open", "--http=192.0.2.7:8080", key], State::Warning);
        check(&["--http=0.0.0.0:8080"], State::Warning);
        check(&["--http=0.0.0.0:8080", key], State::Ok);
        check(&["--access=closed", "--token-secret=x"], State::Ok);
        check(&["--lan"], State::Note);
        check(&["--trusted-proxy=127.0.0.1", key], State::Ok);
        check(&["--trusted-proxy=127.0.0.1", "--access=open"], State::Warning);
        check(&["--tls=self-signed"], State::Warning);
        check(&["--tls=self-signed", "--access=open", "--https=127.0.0.1:8443"], State::Note);
    }

    #[test]
    fn what_was_kept_and_stops_the_start_is_told() {
        let folder = std::env::temp_dir().join(format!("madang-doctor-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let look = |more: &[&str]| {
            let state = format!("--state={}", folder.display());
            let config = config(&[&[&*state], more].concat());
            kept(&config, Reach::with(&config)).map(|finding| finding.state)
        };
        assert_eq!((look(&[]), look(&["--access=closed"])), (None, Some(State::Ok)));
        std::fs::write(folder.join("rooms.json"), "nonsense").unwrap();
        assert_eq!(look(&["--admin-key=0123456789abcdef"]), Some(State::Error));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
