//! Neighbours who must not notice what a test does to the server, and waiting until it has counted things.

use crate::house::House;
use bot::{Bot, Options};
use std::time::{Duration, Instant};

/// Everything waited for must have come by then; far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A publisher and a watcher in a room of their own.
pub struct Neighbours {
    pub publisher: Bot,
    pub watcher: Bot,
}

impl Neighbours {
    pub async fn move_in(house: &House) -> Self {
        let publisher = house.admit(Options::publisher(&house.url, "next-door")).await;
        let watcher = house.admit(Options::subscriber(&house.url, "next-door")).await;
        watcher.receives(100).await.unwrap();
        Self { publisher, watcher }
    }

    /// Media still comes, and since they moved in no video packet was lost for good and no number jumped.
    /// Audio is not asked for again when it is lost, so on a full machine it may have gaps.
    pub async fn are_unharmed(&self) {
        self.watcher.receives(100).await.unwrap();
        self.watcher
            // A voice may be a while later than the first pictures.
            .until("something in each slot, and nothing missing", |stats, _| {
                stats.received.values().all(|slot| slot.packets > 0 && slot.missing == 0)
            })
            .await
            .unwrap();
        let stats = self.watcher.stats();
        assert!(stats.is_connected() && self.publisher.stats().is_connected(), "{stats:#?}");
        for slot in stats.received.values() {
            let jumps = (slot.time_breaks, slot.picture_breaks, slot.bad_starts, slot.sources);
            assert_eq!(jumps, (0, 0, 0, 1), "{slot:#?}");
            assert!(!slot.video || slot.lost == 0, "{slot:#?}");
        }
        let (publisher, watcher) = (self.publisher.roster(), self.watcher.roster());
        assert!(!publisher.closed && !watcher.closed, "their sockets are open");
        assert_eq!((publisher.errors, watcher.errors), (vec![], vec![]));
    }
}

/// Waits until the server has this one's keys, which is a while after the bot has: what is sent before cannot be opened.
pub async fn has_its_keys(bot: &Bot) {
    let answered = bot.until("the server to answer its media", |stats, _| stats.sent.transport_feedback > 0);
    answered.await.unwrap();
}

/// Waits until the media plane's report is as wanted.
pub async fn until(house: &House, what: &str, condition: impl Fn(&transport::Report) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let report = house.report().await;
        if condition(&report) {
            return;
        }
        assert!(Instant::now() < deadline, "not in time: {what}\n{report:#?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
