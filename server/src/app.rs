//! The server put together: sockets bound, tasks started, and everything stopped in order.

use crate::access::{self, Door, KeyError};
use crate::control::{ControlHandle, DataCounts};
use crate::embed::{Embedders, Origin};
use crate::health::{self, Draining, Health};
use crate::ice::{IceError, IceServers};
use crate::metrics::{self, Metrics};
use crate::webhooks::{WebhookError, Webhooks};
use crate::{Config, addresses, api, assets, socket, whip};
use axum::Router;
use axum::routing::{any, get};
use signal::limits::{MAX_DATA_BUFFER, MAX_DATA_MESSAGE};
use signal::{DATA_HEADER, RELIABLE_CHANNEL, UNRELIABLE_CHANNEL, WS_PATH};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use transport::{DataConfig, Transport};

/// How long stopping may take: goodbyes are written, then sockets are cut.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a server that drains looks whether anybody is left.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Why the server did not start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The HTTP port could not be had.
    #[error("cannot listen on TCP {address}: {error}. Is another server running? Choose a port with --http")]
    Http {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The media plane did not start.
    #[error("{0}. Choose a port with --udp")]
    Transport(#[from] transport::StartError),
    /// A STUN or TURN server cannot be told of.
    #[error(transparent)]
    Ice(#[from] IceError),
    /// Webhooks cannot be told.
    #[error(transparent)]
    Webhooks(#[from] WebhookError),
    /// Nobody could be let in or kept out as the settings say.
    #[error(transparent)]
    Access(#[from] KeyError),
}

/// A server that is up.
pub struct Running {
    http: SocketAddr,
    control: ControlHandle,
    transport: Transport,
    actor: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<io::Result<()>>,
    telling: JoinSet<()>,
    draining: Draining,
    successor: Option<Origin>,
}

/// Why the server can do no more. Whoever watches over it should start it again.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A worker's thread ended, and could not begin anew.
    #[error("a media worker is gone")]
    Worker,
    /// A panic in what everybody shares.
    #[error("the rooms are gone by a fault in the server: {0}")]
    Rooms(tokio::task::JoinError),
}

/// Binds both ports and starts everything. Must be called within a tokio runtime.
///
/// # Errors
/// See [`StartError`]; nothing is left running.
pub async fn start(config: &Config) -> Result<Running, StartError> {
    let ice = IceServers::new(config)?;
    let (webhooks, telling) =
        Webhooks::start(&config.telemetry.webhook, config.telemetry.webhook_secret.as_ref())?;
    let http = |error| StartError::Http { address: config.http, error };
    let listener = TcpListener::bind(config.http).await.map_err(http)?;
    let address = listener.local_addr().map_err(http)?;
    let door = Door::new(&config.access, address)?;
    if door.is_closed() {
        tracing::info!("rooms are closed: it takes a secret link, a password or an invitation to enter");
    }
    let advertised = addresses::advertised(config.udp, &config.public_address);
    tracing::debug!(?advertised, "media addresses");
    let (transport, events) = Transport::start(&transport::Config {
        udp: config.udp,
        advertised,
        max_audible: config.max_audible,
        workers: config.workers,
        flush_deadline: config.flush_deadline,
        span_at: config.span_at,
        stall_after: config.steady.stall_after,
        data: DataConfig {
            reliable: RELIABLE_CHANNEL,
            unreliable: UNRELIABLE_CHANNEL,
            message: DATA_HEADER + MAX_DATA_MESSAGE,
            buffer: MAX_DATA_BUFFER,
        },
    })?;
    let rooms = room::Config {
        max_participants: config.max_participants,
        max_mesh: config.max_mesh,
        modes: config.modes.clone(),
        ..room::Config::default()
    };
    let (control, actor) = ControlHandle::start(rooms, transport.clone(), events, ice, webhooks, door);
    let (stop, stopped) = oneshot::channel::<()>();
    let metrics = Metrics {
        control: control.clone(),
        transport: transport.clone(),
        open: config.telemetry.open_metrics,
    };
    let draining = Draining::default();
    let health =
        Health { control: control.clone(), transport: transport.clone(), draining: draining.clone() };
    let service = router(control.clone(), metrics, health, Embedders::new(&config.embed_origin))
        .into_make_service_with_connect_info::<SocketAddr>();
    let serve = axum::serve(listener, service).with_graceful_shutdown(async {
        // An error means that the sender is gone: stop as well.
        let _ = stopped.await;
    });
    let serving = tokio::spawn(serve.into_future());
    Ok(Running {
        http: address,
        control,
        transport,
        actor,
        stop: Some(stop),
        serving,
        telling,
        draining,
        successor: config.steady.drain_to.clone(),
    })
}

fn router(control: ControlHandle, metrics: Metrics, health: Health, embedders: Embedders) -> Router {
    let door = control.door().clone();
    Router::new()
        .route(WS_PATH, any(socket::upgrade))
        .route("/api/rooms/{room}", get(api::room_status).merge(access::api::deletion(&door)))
        .route("/api/rooms/{room}/end", access::api::ending(&control))
        .route("/api/embed", get(api::embedding).with_state(embedders.clone()))
        .merge(access::api::router(&door))
        .merge(access::page::router(&door))
        .route("/api/{*rest}", any(api::unknown))
        .route("/healthz", get(health::healthy).with_state(health.clone()))
        .route("/readyz", get(health::ready).with_state(health))
        .route("/metrics", get(metrics::show).with_state(metrics))
        .merge(whip::router())
        .fallback_service(any(assets::serve).with_state(embedders))
        .with_state(control)
}

impl Running {
    /// Where pages and signaling are served.
    pub fn http_addr(&self) -> SocketAddr {
        self.http
    }

    /// Where media comes and goes, one address for each worker.
    pub fn udp_addrs(&self) -> &[SocketAddr] {
        self.transport.local_addrs()
    }

    /// The media plane.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// How things stand with the media plane. `None` when its worker is gone.
    pub async fn media_report(&self) -> Option<transport::Report> {
        self.transport.report().await.ok()
    }

    /// Has the workers shed from so many thousandths of their time on; with zero any load is too much.
    pub fn set_busy_limit(&self, busy: u16) {
        self.transport.set_busy_limit(busy);
    }

    /// What the rooms hold. `None` when the server is stopping.
    pub async fn room_counts(&self) -> Option<room::Counts> {
        self.control.counts().await
    }

    /// What became of messages over data channels.
    pub fn data_counts(&self) -> DataCounts {
        self.control.data_counts()
    }

    /// Returns if the server can do no more.
    pub async fn failed(&mut self) -> Failure {
        // The actor never ends by itself otherwise.
        match (&mut self.actor).await {
            Ok(()) => Failure::Worker,
            Err(panic) => Failure::Rooms(panic),
        }
    }

    /// Opens no other room, and waits until the last one is empty, so long at most. Whatever watches is told by
    /// `/readyz` to send nobody else.
    pub async fn drain(&self, most: Duration) {
        self.draining.begin();
        self.control.drain(self.successor.clone()).await;
        let empty = async {
            while self.control.counts().await.is_some_and(|counts| counts.rooms > 0) {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        if tokio::time::timeout(most, empty).await.is_err() {
            tracing::info!("rooms that are still there are sent away");
        }
    }

    /// Says goodbye to everybody, waits until that is written, a little while at most, and stops.
    pub async fn stop(mut self) {
        self.control.shut_down(self.successor.take()).await;
        if let Some(stop) = self.stop.take() {
            // An error means that it has stopped already.
            let _ = stop.send(());
        }
        drop(self.control);
        let done = async {
            let _ = (&mut self.serving).await;
            // It ends with the last socket's task.
            if !self.actor.is_finished() {
                let _ = (&mut self.actor).await;
            }
            // With the actor went the last who had something to tell.
            while self.telling.join_next().await.is_some() {}
        };
        if tokio::time::timeout(STOP_TIMEOUT, done).await.is_err() {
            self.serving.abort();
            self.actor.abort();
        }
    }
}
