//! The `madang` binary: reads the settings and does what is asked, or else starts the server and waits for the signal
//! to stop.

use anyhow::Context;
use server::{Command, Config, Invocation, ask, examine, init_telemetry, invite, settings_file, start};
use std::io::Write;
use std::process::ExitCode;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

fn main() -> anyhow::Result<ExitCode> {
    let invocation = Invocation::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    match invocation.command {
        None => {
            // Lives as long as there is something to tell.
            let _traces = init_telemetry(&invocation.settings.telemetry)?;
            serve(&invocation.settings).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Token(options)) => {
            say(&invite(&invocation.settings, &options)?);
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Settings) => {
            say(settings_file().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Doctor(options)) => {
            let report = for_a_moment()?.block_on(examine(&invocation.settings, &options));
            say(&if options.json { report.to_json() } else { report.to_string() });
            Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(Command::Health(options)) => {
            say(&for_a_moment()?.block_on(ask(&options, invocation.settings.http))?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A runtime for a question or two.
fn for_a_moment() -> std::io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

#[tokio::main]
async fn serve(config: &Config) -> anyhow::Result<()> {
    let mut stop = StopSignals::new().context("listening for signals to stop")?;
    let mut server = start(config).await?;
    let media: Vec<String> = server.udp_addrs().iter().map(ToString::to_string).collect();
    let address = server.http_addr();
    let warned = if server.is_vouched_for() { "" } else { "  (browsers warn once of its certificate)" };
    let https = server.https_urls().iter().map(|url| format!("Over HTTPS at {url}{warned}\n"));
    say(&format!(
        "Madang is open at http://{address}  (media on UDP {})\n{}Ctrl-C stops it.",
        media.join(", "),
        https.collect::<String>()
    ));
    let failure = tokio::select! {
        asked = stop.next() => {
            if asked == Asked::ToDrain {
                let most = config.steady.drain_timeout;
                tracing::info!(seconds = most.as_secs(), "about to stop: no new rooms; once more stops at once");
                tokio::select! {
                    () = server.drain(most) => {}
                    _ = stop.next() => {}
                }
            }
            None
        }
        failure = server.failed() => Some(failure),
    };
    tracing::info!("stopping");
    server.stop().await;
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// To whoever started it. They may have gone, which is no reason to go too.
fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// How the server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// When the rooms are empty: SIGTERM.
    ToDrain,
    /// At once: Ctrl-C.
    ToStop,
}

/// Ctrl-C and SIGTERM, heard from the moment this is made.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn new() -> std::io::Result<Self> {
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::ToStop,
            _ = self.terminate.recv() => Asked::ToDrain,
        }
    }
}
