//! The watchdog: notices a worker that stands still.
//!
//! Every worker is asked now and then whether it is there, in its queue of commands as anything else: who has something
//! to do and does not come to it in time hangs, whatever in. A thread cannot be stopped from outside. So it is said, in
//! the log, the figures and by health; nobody new is put there; and its peers are given up, so that they join afresh
//! elsewhere. If it ever goes on it is given work again.

use crate::transport::{Event, Inner};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often each worker is asked.
const LOOK: Duration = Duration::from_secs(1);

/// Watches a worker until the transport is gone.
pub(crate) async fn watch(transport: Weak<Inner>, worker: usize, patience: Duration) {
    loop {
        tokio::time::sleep(LOOK.min(patience)).await;
        let Some(inner) = transport.upgrade() else { return };
        let Some(handle) = inner.pool.workers.get(worker) else { return };
        let (commands, load) = (handle.commands.clone(), handle.load.clone());
        let asked = Instant::now();
        let mut answer = std::pin::pin!(commands.ping());
        let mut answered = tokio::time::timeout(patience, &mut answer).await.ok();
        if answered.is_none() {
            load.set_still(true);
            tracing::error!(
                worker,
                seconds = patience.as_secs(),
                "a media worker stands still and cannot be stopped: its rooms are sent elsewhere, no other is given to \
                 it, and /healthz says so; the server should be restarted"
            );
            give_up(&inner, worker).await;
            drop(inner);
            answered = Some(answer.await);
        }
        if answered.is_some_and(|answered| answered.is_err()) {
            // It took no command either: it is asked again, until it has begun anew or the server stops.
            continue;
        }
        if load.set_still(false) {
            tracing::warn!(worker, after = ?asked.elapsed(), "a media worker goes on");
        }
    }
}

/// Everybody there joins afresh.
async fn give_up(inner: &Arc<Inner>, worker: usize) {
    for peer in inner.peers_on(worker) {
        // The receiver gone means that the server is stopping.
        let _ = inner.events.send(Event::Faulted(peer)).await;
    }
}
