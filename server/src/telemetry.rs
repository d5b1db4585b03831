//! The log, and traces for an OpenTelemetry collector: set up once for the process.

use crate::config::{LogFormat, Telemetry};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::fmt;
use std::io::IsTerminal;
use std::str::FromStr;
use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, fmt as lines};

/// The name that traces are under (`service.name`).
const SERVICE: &str = "madang";

/// The base URL of a collector: `http://HOST:PORT`; what follows is kept before `/v1/traces`.
#[derive(Clone, PartialEq, Eq)]
pub struct OtlpUrl(reqwest::Url);

/// A text is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no URL that begins with http:// or https://")]
pub struct OtlpUrlError;

impl FromStr for OtlpUrl {
    type Err = OtlpUrlError;

    fn from_str(text: &str) -> Result<Self, OtlpUrlError> {
        let url = reqwest::Url::parse(text).map_err(|_| OtlpUrlError)?;
        if matches!(url.scheme(), "https" | "http") { Ok(Self(url)) } else { Err(OtlpUrlError) }
    }
}

/// Only where it is.
impl fmt::Debug for OtlpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.origin().ascii_serialization())
    }
}

impl OtlpUrl {
    fn traces(&self) -> String {
        format!("{}/v1/traces", self.0.as_str().trim_end_matches('/'))
    }
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("--log {filter:?}: {error}")]
    Filter {
        /// What was said.
        filter: String,
        /// What is wrong with it.
        error: ParseError,
    },
    /// Traces cannot be sent.
    #[error("--otlp: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// Something else has set up a log.
    #[error(transparent)]
    Twice(#[from] TryInitError),
}

/// Sends what is left of the traces when it is dropped, a few seconds at most.
#[derive(Debug)]
pub struct Traces(Option<SdkTracerProvider>);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}

/// Sets up both. Not from within a tokio runtime: the exporter has a thread of its own, and waits.
///
/// # Errors
/// See [`TelemetryError`].
pub fn init(config: &Telemetry) -> Result<Traces, TelemetryError> {
    let filter = filter(config)?;
    let provider = config.otlp.as_ref().map(provider).transpose()?;
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE)).with_filter(spans_of_ours())
    });
    tracing_subscriber::registry()
        .with(log(config.log_format).with_filter(filter))
        .with(traces)
        .try_init()?;
    Ok(Traces(provider))
}

/// What is logged.
pub(crate) fn filter(config: &Telemetry) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(&config.log)
        .map_err(|error| TelemetryError::Filter { filter: config.log.clone(), error })
}

fn provider(url: &OtlpUrl) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder().with_http().with_endpoint(url.traces()).build()?;
    let resource = Resource::builder()
        .with_service_name(SERVICE)
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Whatever the log is asked for, and nothing of libraries: their spans may hold what is in no log.
fn spans_of_ours() -> EnvFilter {
    EnvFilter::new("off,server=info")
}

fn log<S: Subscriber + for<'a> LookupSpan<'a>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    match format {
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            lines::layer().with_ansi(colours).with_writer(std::io::stderr).boxed()
        }
        LogFormat::Json => lines::layer().json().with_writer(std::io::stderr).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_by_its_base() {
        let traces = |text: &str| text.parse::<OtlpUrl>().map(|url| url.traces());
        assert_eq!(traces("http://127.0.0.1:4318").as_deref(), Ok("http://127.0.0.1:4318/v1/traces"));
        assert_eq!(traces("https://a.org/otlp/").as_deref(), Ok("https://a.org/otlp/v1/traces"));
        assert_eq!(traces("127.0.0.1:4318"), Err(OtlpUrlError));
        assert_eq!(traces("grpc://127.0.0.1:4317"), Err(OtlpUrlError));
    }
}
