//! A task that ends with whoever holds it.

use crate::page::spawn_local;
use futures::future::{AbortHandle, abortable};

/// Runs until it is over or this is dropped, whatever it waits for. A browser never answers what a connection was asked
/// that has been closed meanwhile: a task that waited for it would hold the connection for as long as the page is open.
#[derive(Debug)]
pub struct Task(AbortHandle);

impl Task {
    /// Begins in a while, never from within this call.
    pub fn start(work: impl Future<Output = ()> + 'static) -> Self {
        let (work, handle) = abortable(work);
        spawn_local(async move {
            // Whether it came to its end is nobody's question.
            let _ = work.await;
        });
        Self(handle)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
