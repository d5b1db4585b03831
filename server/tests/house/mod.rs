//! A whole server on free ports of loopback.

use bot::{Bot, Options};
use server::{Config, Running};

/// A server.
pub struct House {
    pub running: Running,
    /// Its signaling socket.
    pub url: String,
}

impl House {
    pub async fn open() -> Self {
        Self::with_room_for(2000).await
    }

    /// One whose rooms hold so many.
    pub async fn with_room_for(max_participants: u32) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            http: any,
            udp: any,
            public_address: Vec::new(),
            max_participants,
            max_audible: 6,
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
