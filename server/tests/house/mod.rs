//! A whole server on free ports of loopback.

use bot::{Bot, Options};
use server::{Config, Running};
use std::num::NonZeroUsize;
use std::time::Duration;

/// More than all of a worker's time, in thousandths.
const NEVER_BUSY: u16 = 2000;

/// A server.
pub struct House {
    pub running: Running,
    /// Its signaling socket.
    pub url: String,
}

impl House {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// One with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let mut config = Config {
            http: any,
            udp: any,
            public_address: Vec::new(),
            max_participants: 2000,
            max_mesh: 4,
            modes: vec![signal::RoomMode::Auto, signal::RoomMode::Sfu, signal::RoomMode::P2p],
            max_audible: 6,
            workers: NonZeroUsize::MIN,
            flush_deadline: Duration::ZERO,
            span_at: transport::SPAN_AT,
            ice_server: Vec::new(),
            embed_origin: vec![],
            turn_secret: None,
            turn_username: None,
            turn_password: None,
            open_metrics: false,
            log: String::new(),
        };
        change(&mut config);
        let running = server::start(&config).await.unwrap();
        // A slow machine, or a flood, is too much here only where a test says so.
        running.set_busy_limit(NEVER_BUSY);
        let url = format!("ws://{}/ws", running.http_addr());
        Self { running, url }
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
