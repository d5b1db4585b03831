//! What the tests say and hear.

use crate::house::House;
use bot::{Bot, Channel, Options};
use signal::{DataIn, DataKind, DataOut, DataTo, ParticipantId};
use std::time::Duration;

pub const BOTH: [Channel; 2] = [Channel::Reliable, Channel::Unreliable];
/// Bounds a hang; nothing is measured.
const HANG: Duration = Duration::from_mins(1);

impl House {
    /// A bot whose data channels are open, on its side and on the server's.
    pub async fn admit_with_data(&self, room: &str, name: &str) -> Bot {
        let before = self.running.data_counts().members;
        let bot = self.admit(Options::subscriber(&self.url, room).named(name).with_data()).await;
        self.opens(&bot, before + 1).await;
        bot
    }

    /// Waits until a bot's channels are open, and those of so many on the server.
    pub async fn opens(&self, bot: &Bot, members: usize) {
        until("the channels open", || {
            bot.data(|data| data.is_open()) == Some(true) && self.running.data_counts().members == members
        })
        .await;
    }
}

/// Waits for something.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(HANG, wait).await.unwrap_or_else(|_| panic!("{what}: never"));
}

pub fn send(bot: &Bot, channel: Channel, to: DataTo, kind: DataKind, payload: &[u8]) {
    let frame = DataOut { to, kind, payload }.write().unwrap();
    assert_eq!(bot.data(|data| data.send(channel, &frame)), Some(true));
}

pub fn say(bot: &Bot, to: DataTo, text: &str) {
    send(bot, Channel::Reliable, to, DataKind::Text, text.as_bytes());
}

pub fn one(bot: &Bot) -> DataTo {
    DataTo::One(bot.participant())
}

/// What came: from whom, what it is, itself.
pub type Heard = (ParticipantId, DataKind, Vec<u8>);

/// Waits for so many messages, and takes all there are.
pub async fn hear(bot: &Bot, channel: Channel, count: usize) -> Vec<Heard> {
    let mut heard = Vec::new();
    until(&format!("{count} messages"), || {
        for frame in bot.data(|data| data.take(channel)).unwrap_or_default() {
            let DataIn { from, kind, payload } = DataIn::read(&frame).unwrap();
            heard.push((from, kind, payload.to_vec()));
        }
        heard.len() >= count
    })
    .await;
    heard
}

/// Waits for these texts over the reliable channel and nothing else.
pub async fn hears(bot: &Bot, expected: &[(&Bot, &str)]) {
    let heard = hear(bot, Channel::Reliable, expected.len()).await;
    let text = |(from, text): &(&Bot, &str)| (from.participant(), DataKind::Text, text.as_bytes().to_vec());
    assert_eq!(heard, expected.iter().map(text).collect::<Vec<_>>());
}
