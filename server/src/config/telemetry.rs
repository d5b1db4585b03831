//! What the server tells of itself.

use crate::{OtlpUrl, Secret, WebhookUrl};
use clap::{Args, ValueEnum};

/// See the module.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Telemetry")]
pub struct Telemetry {
    /// Show the figures at `/metrics` to everybody. Unset: to this machine alone, and to whoever has the --admin-key
    #[arg(long, env = "MADANG_OPEN_METRICS")]
    pub open_metrics: bool,

    /// What to log, as `tracing` filters have it: error, warn, info, debug, trace, or per module, like
    /// `error,server=debug`. Names of rooms and people, and addresses, are in none above debug
    #[arg(
        long,
        env = "MADANG_LOG",
        value_name = "FILTER",
        default_value = "error,server=info,transport=info,madang=info"
    )]
    pub log: String,

    /// How the log is written: `text` for people, `json` for programs, an object a line
    #[arg(long, env = "MADANG_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// Where traces go: the base URL of an OpenTelemetry collector that takes OTLP over HTTP, like
    /// `http://127.0.0.1:4318`. What is traced is how people come in. Unset: nowhere
    #[arg(long, env = "MADANG_OTLP", value_name = "URL")]
    pub otlp: Option<OtlpUrl>,

    /// A URL that is told what happens in rooms: opened, ended, joined, left. Repeat it, or separate by commas, for
    /// several. Each message is signed as Standard Webhooks have it, with --webhook-secret
    #[arg(long, env = "MADANG_WEBHOOKS", value_name = "URL", value_delimiter = ',')]
    pub webhook: Vec<WebhookUrl>,

    /// The secret that the receiver of webhooks knows their signatures by: 16 bytes or more, or `whsec_` and a key in
    /// Base64. In the environment it is seen by fewer than on the command line
    #[arg(long, env = "MADANG_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub webhook_secret: Option<Secret>,
}

/// See [`Telemetry::log_format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// An object.
    Json,
}
