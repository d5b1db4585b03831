//! The server under test, on ports of its own, and what a test does to it: kill it, start it again.

use crate::capabilities::INSECURE_HOST;
use crate::program::{self, Program};
use crate::road::{self, Links};
use anyhow::{Context, Result, bail};
use std::{
    env,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
};

/// What a test asks of the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// `--max-participants`.
    pub max_participants: Option<u32>,
    /// `--modes`.
    pub modes: Modes,
    /// `--embed-origin http://localhost:PORT`.
    pub embed: Option<u16>,
    /// Media comes and goes over a relay with such links. Without, it goes straight.
    pub links: Option<Links>,
    /// What comes through to the server.
    pub network: Network,
    /// `--ice-server`, with [`TURN_NAME`] and [`TURN_PASSWORD`].
    pub ice_servers: &'static [&'static str],
    /// `--turn`, at an address that is not loopback.
    pub turn: bool,
    /// `--access closed`, with [`ADMIN_KEY`] and [`TOKEN_SECRET`].
    pub closed: bool,
    /// Where browsers come to.
    pub front: Front,
    /// `--max-bitrate`, in thousands of bits per second.
    pub max_bitrate: Option<u32>,
}

/// Where browsers come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Front {
    /// This machine, by plain HTTP.
    #[default]
    Plain,
    /// `--lan`: the address that it prints, by HTTPS, and they take its certificate.
    Lan,
}

impl Settings {
    /// Whether something stands between browsers and the media port.
    fn is_roundabout(&self) -> bool {
        self.links.is_some() || self.network != Network::Open
    }
}

/// `--admin-key`.
pub const ADMIN_KEY: &str = "the key of the courtyard";
/// `--token-secret`.
pub const TOKEN_SECRET: &str = "what signs the courtyard's invitations";

/// `--turn-username`.
pub const TURN_NAME: &str = "courtyard";
/// `--turn-password`.
pub const TURN_PASSWORD: &str = "persimmon";

/// What comes through between browsers and the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Everything.
    #[default]
    Open,
    /// Pages, and media by TCP.
    TcpAlone,
    /// TCP to the port of HTTPS, behind which TURN is.
    HttpsAlone,
}

/// By which ways media may go.
#[derive(Clone, Copy, Debug, Default)]
pub enum Modes {
    /// Through the server alone, which most tests are about.
    #[default]
    Server,
    /// As the server does it by itself.
    All,
    /// Straight from each to each.
    Mesh,
}

impl Modes {
    fn allowed(self) -> &'static str {
        match self {
            Self::Server => "sfu",
            Self::All => "auto,sfu,p2p",
            Self::Mesh => "p2p",
        }
    }
}

/// A server. It dies with the value.
#[derive(Debug)]
pub struct Server {
    program: Program,
    folder: PathBuf,
    settings: Settings,
    http: SocketAddr,
    /// Where the same is over HTTPS, where a test asks for that.
    https: Option<SocketAddr>,
    udp: SocketAddr,
    /// What browsers open.
    origin: String,
    /// Logs of those that were killed.
    before: String,
}

impl Server {
    /// Starts one on ports that are free.
    pub(crate) async fn start(folder: &Path, settings: &Settings) -> Result<Self> {
        let any = |ip: [u8; 4]| SocketAddr::from((ip, 0));
        // Media on every address: Firefox does not do with the loopback's alone. Behind a relay on the
        // loopback's alone: there is no way past the relay.
        let media = if settings.is_roundabout() { [127, 0, 0, 1] } else { [0, 0, 0, 0] };
        let (http, udp) = (any([127, 0, 0, 1]), any(media));
        let mut program = run(folder, settings, http, udp)?;
        let http = program.says("Madang is open at http://").await?;
        let udp = program.says("(media on UDP ").await?;
        let http: SocketAddr = http.parse().with_context(|| format!("{http:?} as an address"))?;
        let mut https = None;
        let origin = if settings.front == Front::Lan {
            program.says("Over HTTPS at ").await?.trim_end_matches('/').to_owned()
        } else if settings.network == Network::HttpsAlone {
            let address: SocketAddr =
                program.says("Over HTTPS at https://").await?.trim_end_matches('/').parse()?;
            https = Some(address);
            // Where nothing else is carried: see `narrow`.
            format!("https://{}", SocketAddr::new(road::own_address()?, address.port()))
        } else {
            format!("http://localhost:{}", http.port())
        };
        Ok(Self {
            program,
            folder: folder.to_owned(),
            settings: *settings,
            http,
            https,
            udp: udp
                .trim_end_matches([')', ','])
                .parse()
                .with_context(|| format!("{udp:?} as an address"))?,
            origin,
            before: String::new(),
        })
    }

    /// The port of its pages.
    pub fn port(&self) -> u16 {
        self.http.port()
    }

    /// What browsers open, without a `/` at its end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where its pages are over HTTPS, if they are.
    pub(crate) fn https(&self) -> Option<SocketAddr> {
        self.https
    }

    /// Where its pages are.
    pub fn address(&self) -> SocketAddr {
        self.http
    }

    /// Where media comes and goes.
    pub(crate) fn udp(&self) -> SocketAddr {
        self.udp
    }

    /// Where a bot signals.
    pub fn socket(&self) -> String {
        format!("ws://{}/ws", self.http)
    }

    /// Kills it, without a word to anybody.
    ///
    /// # Errors
    /// When it does not die.
    pub fn kill(&mut self) -> Result<()> {
        self.program.kill()
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        self.before += &self.program.log();
        self.program = run(&self.folder, &self.settings, self.http, self.udp)?;
        self.program.says("Madang is open at http://").await?;
        Ok(())
    }

    pub(crate) fn log(&self) -> String {
        format!("{}{}", self.before, self.program.log())
    }
}

/// Where the local network finds this machine: all of IPv4, as `--lan` has it, unless this machine has no address there that
/// is a local network's. Then its IPv6 address.
fn lan_address() -> Result<IpAddr> {
    match (road::own_address(), road::own_address_6()) {
        (Ok(IpAddr::V4(ip)), _) if ip.is_private() || ip.is_link_local() => {
            Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
        }
        (_, Ok(IpAddr::V6(ip))) if ip.is_unique_local() => Ok(IpAddr::V6(ip)),
        (four, six) => {
            bail!(
                "this test needs an address of a local network (RFC 1918, RFC 4193): here are {four:?} and {six:?}"
            )
        }
    }
}

/// `MADANG_E2E_LOG` is a log filter for whom looks for the cause of a failure.
fn run(folder: &Path, settings: &Settings, http: SocketAddr, udp: SocketAddr) -> Result<Program> {
    let mut command = Command::new(program::find("MADANG_BIN", &["madang"])?);
    command.args(["--http", &http.to_string(), "--udp", &udp.to_string()]);
    if let Some(number) = settings.max_participants {
        command.args(["--max-participants", &number.to_string()]);
    }
    command.args(["--modes", settings.modes.allowed()]);
    command.arg("--state").arg(folder.join("state"));
    // Rooms are open to this machine alone, so the server has to be told of a name that leads here.
    command.args(["--allow-origin", &format!("http://{INSECURE_HOST}")]);
    if let Some(port) = settings.embed {
        command.args(["--embed-origin", &format!("http://localhost:{port}")]);
    }
    for url in settings.ice_servers {
        command.args(["--ice-server", url]);
    }
    if !settings.ice_servers.is_empty() {
        command.args(["--turn-username", TURN_NAME, "--turn-password", TURN_PASSWORD]);
    }
    if settings.turn {
        command.args(["--turn", &format!("{}:0", road::own_address()?)]);
    }
    if settings.network == Network::HttpsAlone {
        command.args(["--https", "127.0.0.1:0", "--tls", "self-signed", "--turn", "127.0.0.1:0"]);
    }
    if settings.closed {
        command.args(["--access", "closed", "--admin-key", ADMIN_KEY, "--token-secret", TOKEN_SECRET]);
    }
    // One: whoever starts it again needs the same port free, and a relay knows of one.
    command.args(["--workers", "1"]);
    if settings.is_roundabout() {
        command.args(["--public-address", &road::own_address()?.to_string()]);
    }
    if settings.front == Front::Lan {
        command.arg("--lan").arg("--https").arg(SocketAddr::new(lan_address()?, 0).to_string());
    }
    if let Some(most) = settings.max_bitrate {
        command.args(["--max-bitrate", &most.to_string()]);
    }
    if let Ok(filter) = env::var("MADANG_E2E_LOG") {
        command.args(["--log", &filter]);
    }
    Program::start("madang", folder, &mut command)
}
