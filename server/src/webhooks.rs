//! Telling another server what happens in rooms: signed HTTP requests (Standard Webhooks 1.0.0).
//!
//! `control/chronicle.rs` hands over what happened; each URL has a queue and a task of its own, so that one that does
//! not answer keeps nobody waiting. What is told is `message`'s, how it is signed `signature`'s.

mod message;
mod signature;

pub(crate) use message::Message;

use crate::causes::whole;
use crate::ice::Secret;
use reqwest::{Client, StatusCode, Url, redirect};
use signature::Signer;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Messages waiting for one URL. Past it the newest is dropped, and counted.
const QUEUE: usize = 1024;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before each further attempt. After the last a message is given up, and counted.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25), Duration::from_secs(125)];

/// Where something is told: `https://HOST/PATH`, or `http://` within a network of one's own.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// Why a text is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// It is none at all.
    #[error("is no URL")]
    NotAUrl,
    /// It begins otherwise.
    #[error("begins with neither https:// nor http://")]
    Scheme,
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    fn from_str(text: &str) -> Result<Self, WebhookUrlError> {
        let url = Url::parse(text).map_err(|_| WebhookUrlError::NotAUrl)?;
        if matches!(url.scheme(), "https" | "http") { Ok(Self(url)) } else { Err(WebhookUrlError::Scheme) }
    }
}

/// Only where it is: what follows may hold a secret of the receiver's.
impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.origin().ascii_serialization())
    }
}

/// Why webhooks cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is nothing to sign with.
    #[error("--webhook needs --webhook-secret, with which each message is signed")]
    NoSecret,
    /// The secret cannot be one.
    #[error("--webhook-secret is no good: {0}")]
    Secret(&'static str),
    /// No HTTP client could be made.
    #[error("webhooks cannot be sent: {0}")]
    Client(#[from] reqwest::Error),
}

/// What became of messages, for each URL they went to.
#[derive(Debug, Default)]
struct Counts {
    delivered: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

/// The same at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WebhookCounts {
    /// Taken by the receiver.
    pub(crate) delivered: u64,
    /// Given up, after every attempt or since the receiver refused it.
    pub(crate) failed: u64,
    /// Never tried: too many waited.
    pub(crate) dropped: u64,
}

/// Where messages go. Clones are the same. When the last is gone each message that is queued is tried once more at most,
/// as far as the server waits for that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webhooks {
    queues: Vec<mpsc::Sender<Arc<Message>>>,
    counts: Arc<Counts>,
}

impl Webhooks {
    /// Begins to tell these URLs, none perhaps.
    pub(crate) fn start(
        urls: &[WebhookUrl],
        secret: Option<&Secret>,
    ) -> Result<(Self, JoinSet<()>), WebhookError> {
        let (mut this, mut tasks) = (Self::default(), JoinSet::new());
        if urls.is_empty() {
            return Ok((this, tasks));
        }
        let signer = Arc::new(Signer::new(secret.ok_or(WebhookError::NoSecret)?)?);
        // Whoever answers with another address may mean one inside our network.
        let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build()?;
        for url in urls {
            let (queue, messages) = mpsc::channel(QUEUE);
            let teller = Teller {
                url: url.clone(),
                client: client.clone(),
                signer: signer.clone(),
                counts: this.counts.clone(),
            };
            tasks.spawn(teller.tell_all(messages));
            this.queues.push(queue);
        }
        Ok((this, tasks))
    }

    /// Whether anybody is told anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// Tells every URL, sooner or later.
    pub(crate) fn tell(&self, message: Message) {
        let message = Arc::new(message);
        for queue in &self.queues {
            if queue.try_send(message.clone()).is_err() {
                self.counts.dropped.fetch_add(1, Relaxed);
            }
        }
    }

    /// For whoever looks at what became of them, and keeps no queue open.
    pub(crate) fn counter(&self) -> WebhookCounter {
        WebhookCounter(self.counts.clone())
    }
}

/// What became of messages.
#[derive(Clone, Debug)]
pub(crate) struct WebhookCounter(Arc<Counts>);

impl WebhookCounter {
    pub(crate) fn counts(&self) -> WebhookCounts {
        let Counts { delivered, failed, dropped } = &*self.0;
        WebhookCounts {
            delivered: delivered.load(Relaxed),
            failed: failed.load(Relaxed),
            dropped: dropped.load(Relaxed),
        }
    }
}

/// Tells one URL, one message after the other.
struct Teller {
    url: WebhookUrl,
    client: Client,
    signer: Arc<Signer>,
    counts: Arc<Counts>,
}

/// How an attempt went.
enum Attempt {
    Taken,
    /// Another may go better.
    Failed(String),
    /// No other will.
    Refused(StatusCode),
}

impl Teller {
    async fn tell_all(self, mut messages: mpsc::Receiver<Arc<Message>>) {
        while let Some(message) = messages.recv().await {
            let taken = self.tell(&message, &messages).await;
            let count = if taken { &self.counts.delivered } else { &self.counts.failed };
            count.fetch_add(1, Relaxed);
        }
    }

    async fn tell(&self, message: &Message, messages: &mpsc::Receiver<Arc<Message>>) -> bool {
        let mut pauses = PAUSES.iter();
        loop {
            let why = match self.attempt(message).await {
                Attempt::Taken => return true,
                Attempt::Failed(why) => why,
                Attempt::Refused(status) => {
                    tracing::warn!(url = ?self.url, %status, "a webhook is refused, and given up");
                    return false;
                }
            };
            // A server that stops has no time for others that do.
            let pause = pauses.next().filter(|_| !messages.is_closed());
            let Some(pause) = pause else {
                tracing::warn!(url = ?self.url, why, "a webhook is given up");
                return false;
            };
            tracing::debug!(url = ?self.url, why, ?pause, "a webhook failed, and is tried again");
            tokio::time::sleep(*pause).await;
        }
    }

    async fn attempt(&self, message: &Message) -> Attempt {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let signature = self.signer.sign(&message.id, now, &message.body);
        let request = self
            .client
            .post(self.url.0.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now)
            .header("webhook-signature", signature)
            .body(message.body.clone());
        match request.send().await.map(|response| response.status()) {
            Ok(status) if status.is_success() => Attempt::Taken,
            Ok(status @ (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)) => {
                Attempt::Failed(status.to_string())
            }
            Ok(status) if status.is_client_error() || status.is_redirection() => Attempt::Refused(status),
            Ok(status) => Attempt::Failed(status.to_string()),
            // Without the URL, which may hold a secret.
            Err(error) => Attempt::Failed(whole(&error.without_url())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_go_over_http() {
        let parse = |text: &str| text.parse::<WebhookUrl>().map(|_| ());
        assert_eq!(parse("https://example.org/hooks?key=1"), Ok(()));
        assert_eq!(parse("http://10.0.0.7:9000/"), Ok(()));
        assert_eq!(parse("example.org"), Err(WebhookUrlError::NotAUrl));
        assert_eq!(parse("file:///etc/passwd"), Err(WebhookUrlError::Scheme));
    }

    #[test]
    fn what_follows_the_host_is_in_no_log() {
        let url: WebhookUrl = "https://ada:hush@example.org/hush?key=hush".parse().unwrap();
        assert_eq!(format!("{url:?}"), "https://example.org");
    }

    #[tokio::test]
    async fn without_a_secret_nobody_is_told_anything() {
        let urls = ["https://example.org/".parse().unwrap()];
        assert!(matches!(Webhooks::start(&urls, None), Err(WebhookError::NoSecret)));
        assert!(Webhooks::start(&[], None).is_ok_and(|(webhooks, _)| webhooks.is_empty()));
    }
}
