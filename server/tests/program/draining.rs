//! The built program is asked to stop while people are in: by SIGTERM it lets their rooms go on for a while, opens no
//! other, and says so to whatever watches.

use crate::madang::{Madang, PATIENCE};
use bot::http::request;
use bot::{Bot, JoinError, Options};
use signal::ErrorCode;
use std::time::Duration;

const SUCCESSOR: &str = "https://b.example";

/// Which is told where people go instead, and when it is over.
fn drains_within(seconds: &str) -> Madang {
    Madang::start(&["--log=error", "--drain-timeout", seconds, "--drain-to", SUCCESSOR])
}

impl Madang {
    async fn status(&self, path: &str) -> u16 {
        request(self.http, "GET", path, &[], b"").await.unwrap().status
    }

    async fn until_status(&self, path: &str, expected: u16) {
        let looks = tokio::time::timeout(PATIENCE, async {
            while self.status(path).await != expected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(looks.await.is_ok(), "{path} is not {expected}");
    }

    async fn admit(&self, room: &str) -> Bot {
        let bot = Bot::join(Options::participant(&self.url, room, 2)).await.unwrap();
        bot.connected().await.unwrap();
        bot
    }

    async fn refuses(&self, room: &str) {
        let refused = Bot::join(Options::participant(&self.url, room, 2)).await;
        let Err(JoinError::Refused(error)) = refused else { panic!("{:?}", refused.err()) };
        assert_eq!((error.code, error.go_to.as_deref()), (ErrorCode::ShuttingDown, Some(SUCCESSOR)));
    }
}

async fn is_told(bot: &Bot) {
    bot.until("to be told", |_, roster| roster.closed).await.unwrap();
    let roster = bot.roster();
    let errors: Vec<_> = roster.errors.iter().map(|error| (error.code, error.go_to.as_deref())).collect();
    assert_eq!(errors, [(ErrorCode::ShuttingDown, Some(SUCCESSOR))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_go_on_and_take_more_until_the_last_one_is_empty() {
    let mut madang = drains_within("3600");
    assert_eq!((madang.status("/healthz").await, madang.status("/readyz").await), (200, 200));
    let ada = madang.admit("tea").await;
    madang.signal("TERM");
    madang.until_status("/readyz", 503).await;
    assert_eq!(madang.status("/healthz").await, 200, "it does its work");
    madang.refuses("mint").await;
    let bo = madang.admit("tea").await;
    bo.receives(100).await.unwrap();
    assert!(madang.runs());
    ada.leave().await.unwrap();
    bo.leave().await.unwrap();
    assert!(madang.ends().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_still_there_when_the_time_is_over_is_told() {
    let mut madang = drains_within("1");
    let ada = madang.admit("tea").await;
    madang.signal("TERM");
    is_told(&ada).await;
    assert!(madang.ends().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_twice_or_by_ctrl_c_is_not_kept_waiting() {
    for signals in [["TERM", "TERM"], ["TERM", "INT"], ["INT", "INT"]] {
        let mut madang = drains_within("3600");
        let ada = madang.admit("tea").await;
        madang.signal(signals[0]);
        if signals[0] == "TERM" {
            madang.until_status("/readyz", 503).await;
            madang.signal(signals[1]);
        }
        is_told(&ada).await;
        assert!(madang.ends().await.success());
    }
}
