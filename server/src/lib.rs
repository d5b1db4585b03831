//! Madang's server: HTTP, signaling and the glue between the room and the media plane.
//!
//! A message's way: [`socket`](mod@self) reads it, [`control`](mod@self) feeds it to `room`, carries out
//! what `room` asks for (send, negotiate, route, close), and the socket writes the answer. Media never
//! passes here: `transport` owns it. Every connection comes by [`front`](mod@self). Those who speak WHIP or WHEP come in by [`whip`](mod@self) instead.

mod access;
mod addresses;
mod api;
mod app;
mod ask;
mod assets;
mod causes;
mod command;
mod config;
mod control;
mod doctor;
mod embed;
mod frame;
mod front;
mod health;
mod ice;
mod metrics;
mod private;
mod qr;
mod socket;
mod state;
mod telemetry;
mod turn;
mod webhooks;
mod whip;

pub use access::{InviteError, KeptError, KeyError, Permission, TokenOptions, invite};
pub use app::{Failure, Running, StartError, start};
pub use ask::{HealthError, HealthOptions, ask};
pub use command::{Command, Invocation, InvocationError, settings_file};
pub use config::{
    AccessMode, AccessSettings, Config, FileError, FrontLimits, Https, LimitSettings, LogFormat, Steady,
    Telemetry, TlsMode, TurnSettings,
};
pub use control::DataCounts;
pub use doctor::{DoctorOptions, Report, examine};
pub use embed::{Origin, OriginError};
pub use front::{AddressRange, AddressRangeError, FileProblem, FrontError, TlsError};
pub use ice::{IceError, IceUrl, IceUrlError, Secret};
pub use telemetry::{OtlpUrl, OtlpUrlError, TelemetryError, Traces, init as init_telemetry};
pub use turn::TurnError;
pub use webhooks::{WebhookError, WebhookUrl, WebhookUrlError};
