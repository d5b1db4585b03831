//! Waiting for what a page will show. Polls, since a browser pushes nothing; owns the only clock there is.

use anyhow::{Result, bail};
use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

/// Longer than anything takes on the slowest machine: it ends a hang and asserts nothing.
const HANG: Duration = Duration::from_secs(30);

/// Between two looks: a look at a page costs about 5 ms of it.
const PAUSE: Duration = Duration::from_millis(60);

/// What one look found.
#[derive(Debug)]
pub enum Seen<T> {
    /// What was waited for.
    Yes(T),
    /// Something else, in words for whom reads that the wait was in vain.
    NotYet(String),
}

impl Seen<()> {
    /// Whether `found`, and what was seen instead.
    pub fn when(found: bool, instead: &impl Debug) -> Self {
        if found { Self::Yes(()) } else { Self::NotYet(format!("{instead:?}")) }
    }
}

/// Looks until `what` is seen.
///
/// # Errors
/// When a look fails, or the test hangs.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Result<Seen<T>>) -> Result<T> {
    wait(what, Instant::now() + HANG, look).await
}

/// As [`until`], for what is promised to be seen within `limit` from `start`.
///
/// # Errors
/// When a look fails, or the time is over.
pub async fn within<T>(
    limit: Duration,
    start: Instant,
    what: &str,
    look: impl AsyncFnMut() -> Result<Seen<T>>,
) -> Result<T> {
    let found = wait(what, start + limit, look).await?;
    eprintln!("{what}: after {:?} of {limit:?}", start.elapsed());
    Ok(found)
}

async fn wait<T>(what: &str, deadline: Instant, mut look: impl AsyncFnMut() -> Result<Seen<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        // A look begun in time counts: how long the driver takes to tell is not the page's fault.
        let in_time = Instant::now() <= deadline;
        let seen = match look().await? {
            Seen::Yes(found) => return Ok(found),
            Seen::NotYet(seen) => seen,
        };
        if !in_time {
            bail!("waited {:?} in vain for {what}; seen instead: {seen}", start.elapsed());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
