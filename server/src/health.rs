//! `GET /healthz` and `GET /readyz`: for whatever watches over the server.
//!
//! *Healthy* is a server that does its work: the rooms answer, and every media worker turns. One that is not should be
//! restarted. *Ready* is one that takes new rooms: a server that drains, or has too much to do, is healthy and not
//! ready, and new rooms should go elsewhere.

use crate::control::ControlHandle;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use transport::Transport;

/// The rooms answer sooner than this, or hang.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is looked at.
#[derive(Clone)]
pub(crate) struct Health {
    pub(crate) control: ControlHandle,
    pub(crate) transport: Transport,
    pub(crate) draining: Draining,
}

/// Whether the server is about to stop, and takes no new rooms. Clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn begin(&self) {
        self.0.store(true, Relaxed);
    }

    fn is_on(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// `GET /healthz`.
pub(crate) async fn healthy(State(health): State<Health>) -> Response {
    answer(&health.complaints().await)
}

/// `GET /readyz`.
pub(crate) async fn ready(State(health): State<Health>) -> Response {
    let mut complaints = health.complaints().await;
    if health.draining.is_on() {
        complaints.push("about to stop: no new rooms".to_owned());
    } else if health.transport.loads().iter().all(|worker| worker.overloaded || worker.still) {
        complaints.push("too much to do for a new room".to_owned());
    }
    answer(&complaints)
}

impl Health {
    async fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        match tokio::time::timeout(PATIENCE, self.control.counts()).await {
            Ok(Some(_)) => {}
            Ok(None) => complaints.push("the rooms are closed".to_owned()),
            Err(_) => complaints.push("the rooms do not answer".to_owned()),
        }
        let still = self.transport.loads().into_iter().enumerate().filter(|(_, worker)| worker.still);
        complaints.extend(still.map(|(number, _)| format!("media worker {number} stands still")));
        complaints
    }
}

fn answer(complaints: &[String]) -> Response {
    let (status, words) = if complaints.is_empty() {
        (StatusCode::OK, "ok".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, complaints.join("\n"))
    };
    (status, [(header::CACHE_CONTROL, "no-store")], words + "\n").into_response()
}
