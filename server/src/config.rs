//! What the operator decides: flags, each also an environment variable and a line of the settings file.

mod access;
mod file;
mod front;
mod limits;
mod manual;
mod steady;
mod telemetry;
mod turn;

pub use access::{AccessMode, AccessSettings};
pub use file::FileError;
pub(crate) use file::Settings;
pub use front::{FrontLimits, Https, TlsMode};
pub use limits::LimitSettings;
pub(crate) use manual::manual;
pub use steady::Steady;
pub use telemetry::{LogFormat, Telemetry};
pub use turn::TurnSettings;

use crate::{IceUrl, Origin, Secret};
use clap::Parser;
use signal::RoomMode;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// Madang: a video room server. Open the address it prints, share the link, be in the room.
#[derive(Clone, Debug, Parser)]
#[command(name = "madang", version)]
pub struct Config {
    /// Where web pages and signaling are served without TLS (TCP). Browsers give a camera only to pages from
    /// localhost or over HTTPS: for other machines see --https, or put a TLS proxy in front
    #[arg(
        help_heading = "Addresses",
        long,
        env = "MADANG_HTTP",
        value_name = "IP:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub http: SocketAddr,

    /// Where everybody's audio and video comes and goes (UDP): this port, and with several workers as many
    /// after it. They must be reachable from the browsers: open them in the firewall. A machine with several
    /// addresses in one network should name the one to use instead of 0.0.0.0
    #[arg(
        help_heading = "Addresses",
        long,
        env = "MADANG_UDP",
        value_name = "IP:PORT",
        default_value = "0.0.0.0:7882"
    )]
    pub udp: SocketAddr,

    /// The IP address that browsers send audio and video to, when it is not one of this machine's own: the
    /// public address of a router or cloud host in front of it. Repeat it, or separate by commas, for
    /// several. Unset: every address of this machine
    #[arg(
        help_heading = "Addresses",
        long,
        env = "MADANG_PUBLIC_ADDRESS",
        value_name = "IP",
        value_delimiter = ','
    )]
    pub public_address: Vec<IpAddr>,

    /// The STUN server that is asked at the start, and every five minutes, which address this machine has from outside:
    /// stun:HOST:PORT. Browsers are told that one and this machine's own, or --public-address
    #[arg(help_heading = "Addresses", long, env = "MADANG_STUN_ADDRESS", value_name = "URL", value_parser = a_stun_server)]
    pub stun_address: Option<IceUrl>,

    /// Do not listen on TCP beside the UDP ports. It is for browsers whose network lets no UDP through: their audio and
    /// video comes by a TCP stream, on the same port numbers, which must be open in the firewall too
    #[arg(help_heading = "Addresses", long, env = "MADANG_NO_ICE_TCP")]
    pub no_ice_tcp: bool,
    /// HTTPS.
    #[command(flatten)]
    pub https: Https,

    /// How many people one room holds; the next one is told that it is full
    #[arg(
        help_heading = "Rooms",
        long,
        env = "MADANG_MAX_PARTICIPANTS",
        value_name = "NUMBER",
        default_value_t = signal::limits::DEFAULT_MAX_PARTICIPANTS,
        value_parser = clap::value_parser!(u32).range(1..=10_000),
    )]
    pub max_participants: u32,

    /// By which ways media may go in a room; whoever opens it chooses. Through this server alone (`sfu`), straight
    /// from each to each (`p2p`), or through the server and straight between two who are alone (`auto`). Repeat it,
    /// or separate by commas
    #[arg(
        help_heading = "Rooms",
        long,
        env = "MADANG_MODES",
        value_name = "MODE",
        value_delimiter = ',',
        default_value = "auto,sfu,p2p",
        value_parser = a_mode,
    )]
    pub modes: Vec<RoomMode>,

    /// How many people a room without this server's media holds: each sends to each
    #[arg(
        help_heading = "Rooms",
        long,
        env = "MADANG_MAX_MESH",
        value_name = "NUMBER",
        default_value_t = signal::limits::DEFAULT_MAX_MESH,
        value_parser = clap::value_parser!(u32).range(2..=16),
    )]
    pub max_mesh: u32,

    /// How many microphones of a room are forwarded at once: the loudest. Smaller rooms forward all
    #[arg(
        help_heading = "Rooms",
        long,
        env = "MADANG_MAX_AUDIBLE",
        value_name = "NUMBER",
        default_value_t = signal::limits::DEFAULT_MAX_AUDIBLE,
        value_parser = at_least_one,
    )]
    pub max_audible: usize,

    /// How much there may be of everything.
    #[command(flatten)]
    pub limits: LimitSettings,

    /// Threads that forward audio and video, each with a UDP port of its own. Unset: one for each core
    #[arg(
        help_heading = "Forwarding",
        long,
        env = "MADANG_WORKERS",
        value_name = "NUMBER",
        default_value_t = cores(),
        hide_default_value = true,
        value_parser = a_few,
    )]
    pub workers: NonZeroUsize,

    /// How long packets of several senders wait for each other where many send, so that they leave together: up to
    /// 1000 microseconds. Fewer and longer sends for a wake-up each; 0 is never
    #[arg(
        help_heading = "Forwarding",
        long,
        env = "MADANG_FLUSH_DEADLINE",
        value_name = "MICROSECONDS",
        default_value = "0",
        value_parser = at_most_a_millisecond,
    )]
    pub flush_deadline: Duration,

    /// A STUN or TURN server that browsers may use for connections between each other: stun:HOST:PORT,
    /// turn:HOST:PORT?transport=udp (or tcp) or turns:HOST:PORT?transport=tcp. Repeat it, or separate by commas, for
    /// several. TURN servers need --turn-secret, or --turn-username and --turn-password. Nobody needs one to connect to
    /// this server
    #[arg(
        help_heading = "Direct connections",
        long,
        env = "MADANG_ICE_SERVERS",
        value_name = "URL",
        value_delimiter = ','
    )]
    pub ice_server: Vec<IceUrl>,

    /// The secret that the TURN servers share with this one: everybody gets credentials of their own, good for 12
    /// hours. coturn calls it static-auth-secret. In the environment it is seen by fewer than on the command line
    #[arg(
        help_heading = "Direct connections",
        long,
        env = "MADANG_TURN_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        conflicts_with_all = ["turn_username", "turn_password"],
    )]
    pub turn_secret: Option<Secret>,

    /// The username for the TURN servers, the same for everybody
    #[arg(
        help_heading = "Direct connections",
        long,
        env = "MADANG_TURN_USERNAME",
        value_name = "NAME",
        hide_env_values = true,
        requires = "turn_password"
    )]
    pub turn_username: Option<Secret>,

    /// The password that goes with it: whoever is in a room is told it
    #[arg(
        help_heading = "Direct connections",
        long,
        env = "MADANG_TURN_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true,
        requires = "turn_username"
    )]
    pub turn_password: Option<Secret>,

    /// The relay.
    #[command(flatten)]
    pub turn: TurnSettings,

    /// Who may enter.
    #[command(flatten)]
    pub access: AccessSettings,

    /// A site whose pages may show a room in a frame, like `https://example.org`. Repeat it, or separate by commas, for
    /// several. Unset: nobody else's
    #[arg(
        help_heading = "Pages",
        long,
        env = "MADANG_EMBED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub embed_origin: Vec<Origin>,

    /// Participants and slots in use on one worker from which on whoever comes to a room there may be put on
    /// another
    #[arg(help_heading = "Forwarding", long, env = "MADANG_SPAN_AT", value_name = "NUMBER", default_value_t = transport::SPAN_AT, hide = true)]
    pub span_at: usize,

    /// How much of one address is too much, and who else may ask.
    #[command(flatten)]
    pub front: FrontLimits,

    /// Faults, and the end.
    #[command(flatten)]
    pub steady: Steady,

    /// What the server tells of itself.
    #[command(flatten)]
    pub telemetry: Telemetry,
}

/// No TURN server.
fn a_stun_server(text: &str) -> Result<IceUrl, String> {
    let url: IceUrl = text.parse().map_err(|error: crate::IceUrlError| error.to_string())?;
    if url.is_turn() { Err("is no stun: URL".to_owned()) } else { Ok(url) }
}

/// For clap, which says what is wrong with it.
fn a_mode(text: &str) -> Result<RoomMode, String> {
    text.parse().map_err(|error: signal::UnknownMode| error.to_string())
}

/// Clap has ranges for numbers of a fixed width only.
fn at_least_one(text: &str) -> Result<usize, String> {
    let number: NonZeroUsize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    Ok(number.get())
}

/// More workers than this are a mistake: each needs a port.
const MAX_WORKERS: usize = 256;

fn a_few(text: &str) -> Result<NonZeroUsize, String> {
    let number: NonZeroUsize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    if number.get() <= MAX_WORKERS { Ok(number) } else { Err(format!("more than {MAX_WORKERS}")) }
}

/// More than this, people would begin to hear.
fn at_most_a_millisecond(text: &str) -> Result<Duration, String> {
    let micros = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    if micros <= 1000 { Ok(Duration::from_micros(micros)) } else { Err("more than 1000".to_owned()) }
}

/// As many as this process may use.
fn cores() -> NonZeroUsize {
    let most = NonZeroUsize::new(MAX_WORKERS).unwrap_or(NonZeroUsize::MIN);
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Config::command().debug_assert();
    }

    #[test]
    fn every_setting_has_an_environment_variable_of_its_name() {
        for argument in Config::command().get_arguments() {
            let Some(long) = argument.get_long() else { continue };
            if matches!(long, "help" | "version") {
                continue;
            }
            let one = format!("MADANG_{}", long.to_uppercase().replace('-', "_"));
            // The flag names one of them, the variable perhaps all.
            let all = argument.get_value_delimiter().map(|_| format!("{one}S"));
            let env = argument.get_env().and_then(|env| env.to_str()).map(str::to_owned);
            assert!(env == Some(one) || env.is_some() && env == all, "{env:?}");
            assert!(
                argument.get_help().is_some_and(|help| !help.to_string().is_empty()),
                "{long} has no help"
            );
        }
    }

    #[test]
    fn somebody_is_always_audible() {
        let audible = |number| Config::try_parse_from(["madang", "--max-audible", number]);
        assert_eq!(audible("1").map(|config| config.max_audible).ok(), Some(1));
        for wrong in ["0", "-1", "all"] {
            assert!(audible(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn some_way_for_media_is_always_allowed() {
        let modes =
            |list| Config::try_parse_from(["madang", "--modes", list]).map(|config| config.modes).ok();
        assert_eq!(Config::parse_from(["madang"]).modes, [RoomMode::Auto, RoomMode::Sfu, RoomMode::P2p]);
        assert_eq!(modes("sfu"), Some(vec![RoomMode::Sfu]));
        assert_eq!(modes("p2p,auto"), Some(vec![RoomMode::P2p, RoomMode::Auto]));
        for wrong in ["", "mesh", "auto,"] {
            assert_eq!(modes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn as_many_workers_as_cores_unless_told_otherwise() {
        assert_eq!(Config::parse_from(["madang"]).workers, cores());
        let told = |number| Config::try_parse_from(["madang", "--workers", number]);
        assert_eq!(told("3").map(|config| config.workers.get()).ok(), Some(3));
        for wrong in ["0", "257", "many"] {
            assert!(told(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn packets_wait_a_millisecond_at_most() {
        let deadline = |micros| Config::try_parse_from(["madang", "--flush-deadline", micros]);
        assert_eq!(Config::parse_from(["madang"]).flush_deadline, Duration::ZERO);
        assert_eq!(deadline("1000").map(|config| config.flush_deadline.as_millis()).ok(), Some(1));
        for wrong in ["1001", "-1", "1ms"] {
            assert!(deadline(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn turn_has_a_secret_or_a_name_and_a_password() {
        let parsed = |arguments: &[&str]| Config::try_parse_from(["madang"].iter().chain(arguments)).is_ok();
        let (name, password, secret) =
            (["--turn-username", "a"], ["--turn-password", "b"], ["--turn-secret", "c"]);
        assert!(parsed(&secret) && parsed(&[name, password].concat()));
        for wrong in [&name[..], &password, &[name, secret].concat(), &[name, password, secret].concat()] {
            assert!(!parsed(wrong), "{wrong:?}");
        }
        let config = Config::parse_from(["madang", "--turn-secret", "hush"]);
        assert!(!format!("{config:?}").contains("hush"));
    }

    #[test]
    fn a_bad_ice_server_is_told_in_words() {
        let parsed = Config::try_parse_from(["madang", "--ice-server", "stun:a,turn://b"]);
        let error = parsed.unwrap_err().to_string();
        assert!(error.contains("turn://b") && error.contains("has // before the host"), "{error}");
    }

    #[test]
    fn the_public_address_is_asked_of_a_stun_server_and_no_other() {
        let parsed = |url| Config::try_parse_from(["madang", "--stun-address", url]);
        assert!(parsed("stun:stun.example.org").is_ok_and(|config| config.stun_address.is_some()));
        for wrong in ["turn:turn.example.org", "stun.example.org", ""] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn several_public_addresses() {
        let config = Config::parse_from(["madang", "--public-address", "203.0.113.7,2001:db8::7"]);
        assert_eq!(config.public_address.len(), 2);
    }
}
