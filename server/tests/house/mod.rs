//! A whole server on free ports of loopback.

use bot::{Bot, Options};
use clap::Parser;
use server::{Config, Running};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// More than all of a worker's time, in thousandths.
pub const NEVER_BUSY: u16 = 2000;

/// A folder for what a server keeps, which goes with the value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("madang-house-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Most keep nothing.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server.
pub struct House {
    pub running: Running,
    /// Its signaling socket.
    pub url: String,
    _state: Folder,
}

impl House {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// One with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config =
            Config::parse_from(["madang", "--http=127.0.0.1:0", "--udp=127.0.0.1:0", "--workers=1"]);
        config.max_participants = 2000;
        let state = Folder::new();
        config.https.state = Some(state.0.clone());
        change(&mut config);
        let running = server::start(&config).await.unwrap();
        // A slow machine, or a flood, is too much here only where a test says so.
        running.set_busy_limit(NEVER_BUSY);
        let url = format!("ws://{}/ws", running.http_addr());
        Self { running, url, _state: state }
    }

    /// A bot that is in, and whose media is up.
    pub async fn admit(&self, options: Options) -> Bot {
        let bot = Bot::join(options).await.unwrap();
        bot.connected().await.unwrap();
        bot
    }

    pub async fn report(&self) -> transport::Report {
        self.running.media_report().await.expect("the media worker runs")
    }

    pub async fn counts(&self) -> room::Counts {
        self.running.room_counts().await.expect("the rooms answer")
    }
}
