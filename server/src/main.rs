//! The `madang` binary: reads the settings, starts the server, waits for the signal to stop.

use anyhow::Context;
use clap::Parser;
use server::{Config, start};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    let filter = EnvFilter::try_new(&config.log).with_context(|| format!("--log {:?}", config.log))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let mut server = start(&config).await?;
    let media: Vec<String> = server.udp_addrs().iter().map(ToString::to_string).collect();
    println!("Madang is open at http://{}  (media on UDP {})", server.http_addr(), media.join(", "));
    println!("Ctrl-C stops it.");
    let failed = tokio::select! {
        signal = stop_signal() => {
            signal.context("waiting for a signal to stop")?;
            false
        }
        () = server.failed() => true,
    };
    tracing::info!("stopping");
    server.stop().await;
    anyhow::ensure!(!failed, "the media worker is gone");
    Ok(())
}

/// Ctrl-C or SIGTERM.
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
