//! A whole server on free ports of loopback.

use bot::{Bot, Options};
use server::{Config, Running};
use std::num::NonZeroUsize;

/// A server.
pub struct House {
    pub running: Running,
    /// Its signaling socket.
    pub url: String,
}

impl House {
    pub async fn open() -> Self {
        Self::with_workers(1, transport::SPAN_AT).await
    }

    /// One whose rooms span another worker as soon as one has so much to do.
    pub async fn with_workers(workers: usize, span_at: usize) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            http: any,
            udp: any,
            public_address: Vec::new(),
            max_participants: 2000,
            max_audible: 6,
            workers: NonZeroUsize::new(workers).unwrap(),
            span_at,
            log: String::new(),
        };
        let running = server::start(&config).await.unwrap();
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
