//! The server put together: sockets bound, tasks started, and everything stopped in order.

use crate::access::{self, Door, KeyError};
use crate::addresses::public::{self, StunError};
use crate::control::{ControlHandle, DataCounts};
use crate::embed::{Embedders, Origin};
use crate::front::{Front, FrontError, Hosts};
use crate::health::{self, Draining, Health};
use crate::ice::{IceError, IceServers};
use crate::metrics::{self, Metrics};
use crate::turn::{Media, Turn, TurnError};
use crate::webhooks::{WebhookError, Webhooks};
use crate::{Config, addresses, api, assets, qr, socket, state, whip};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use signal::limits::{MAX_DATA_BUFFER, MAX_DATA_MESSAGE};
use signal::{DATA_HEADER, RELIABLE_CHANNEL, UNRELIABLE_CHANNEL, WS_PATH};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use transport::{DataConfig, Transport};

/// How long stopping may take: goodbyes are written, then sockets are cut.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections of the front door that wait for the relay. Past it they are closed.
const HANDED: usize = 64;

/// How often a server that drains looks whether anybody is left.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Why the server did not start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The front door does not open.
    #[error(transparent)]
    Front(#[from] FrontError),
    /// The media plane did not start.
    #[error("{0}. {hint}", hint = what_to_do(.0))]
    Transport(#[from] transport::StartError),
    /// The public address is not known.
    #[error(
        "the public address is not known: {0}. Name it with --public-address, or another server with --stun-address"
    )]
    Stun(#[from] StunError),
    /// A STUN or TURN server cannot be told of.
    #[error(transparent)]
    Ice(#[from] IceError),
    /// The relay did not start.
    #[error(transparent)]
    Turn(#[from] TurnError),
    /// Webhooks cannot be told.
    #[error(transparent)]
    Webhooks(#[from] WebhookError),
    /// Nobody could be let in or kept out as the settings say.
    #[error(transparent)]
    Access(#[from] KeyError),
}

fn what_to_do(error: &transport::StartError) -> &'static str {
    match error {
        transport::StartError::BindTcp { .. } => {
            "Choose another port with --udp, or do without TCP for media with --no-ice-tcp"
        }
        _ => "Choose a port with --udp",
    }
}

/// A server that is up.
pub struct Running {
    http: SocketAddr,
    https: Option<SocketAddr>,
    redirect: Option<SocketAddr>,
    urls: Vec<String>,
    vouched: bool,
    control: ControlHandle,
    transport: Transport,
    actor: JoinHandle<()>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    telling: JoinSet<()>,
    draining: Draining,
    successor: Option<Origin>,
    /// The relay, if there is one.
    turn: Option<Turn>,
    addresses: addresses::Told,
    /// Asks for the public address.
    asking: Option<JoinHandle<()>>,
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

/// Binds all ports and starts everything. Must be called within a tokio runtime.
///
/// # Errors
/// See [`StartError`]; nothing is left running.
pub async fn start(config: &Config) -> Result<Running, StartError> {
    let ice = IceServers::new(config)?;
    let (webhooks, telling) =
        Webhooks::start(&config.telemetry.webhook, config.telemetry.webhook_secret.as_ref())?;
    // Who speaks TURN inside TLS comes by the front door.
    let handing = config.turn.turn.map(|_| mpsc::channel(HANDED));
    let (handed, to_turn) = handing.unzip();
    let front = Front::bind(config, handed).await?;
    let address = front.http()?;
    let door = Door::new(&config.access, front.reach(), Some(&state::folder(config)))?;
    if door.is_closed() {
        tracing::info!("rooms are closed: it takes a secret link, a password or an invitation to enter");
    }
    let advertised = addresses::advertised(config.udp, &config.public_address);
    let seen = match &config.stun_address {
        Some(server) => Some((server.clone(), public::ask_first(server, config.udp).await?)),
        None => None,
    };
    let told = seen.as_ref().map_or(advertised.clone(), |(_, seen)| public::with(*seen, &advertised));
    tracing::debug!(?told, "media addresses");
    let (transport, events) = Transport::start(&transport::Config {
        udp: config.udp,
        advertised: told.clone(),
        ice_tcp: !config.no_ice_tcp,
        max_audible: config.max_audible,
        max_bitrate: Some(config.limits.of_publications()),
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
    let turn = match config.turn.turn.zip(to_turn) {
        Some((listen, to_turn)) => {
            let tls = front.https().map(|https| https.port());
            let seen = seen.as_ref().map(|(_, seen)| *seen);
            let media = Media { workers: transport.local_addrs(), told: &told, seen };
            Some(Turn::start(config, (listen, tls), media).await?.beside_https(to_turn))
        }
        None => None,
    };
    let relays = turn.as_ref().map(|turn| turn.relays().clone()).unwrap_or_default();
    let addresses = addresses::Told::new(transport.clone(), turn.as_ref(), advertised).await;
    let asking = seen.map(|(server, seen)| {
        let (ip, addresses) = (config.udp.ip(), addresses.clone());
        tokio::spawn(public::keep_asking(server, ip, seen, public::ASK_EVERY, move |seen| {
            let addresses = addresses.clone();
            async move { addresses.seen(seen).await }
        }))
    });
    let rooms = room::Config {
        max_participants: config.max_participants,
        max_mesh: config.max_mesh,
        modes: config.modes.clone(),
        limits: config.limits.of_rooms(),
        ..room::Config::default()
    };
    let (control, actor) =
        ControlHandle::start(rooms, transport.clone(), events, (ice, relays), webhooks, door);
    let (stop, stopped) = watch::channel(false);
    let metrics = Metrics {
        control: control.clone(),
        gate: front.gate(),
        hosts: Hosts::of_this_machine(),
        transport: transport.clone(),
        turn: turn.as_ref().map(|turn| turn.door().clone()),
        open: config.telemetry.open_metrics,
    };
    let draining = Draining::default();
    let health =
        Health { control: control.clone(), transport: transport.clone(), draining: draining.clone() };
    let (https, redirect) = (front.https(), front.redirect());
    let (urls, vouched) = (front.urls(), front.is_vouched_for());
    let router = router(control.clone(), metrics, health, Embedders::new(&config.embed_origin));
    let serving = tokio::spawn(front.serve(router, stopped));
    Ok(Running {
        http: address,
        https,
        redirect,
        urls,
        vouched,
        control,
        transport,
        actor,
        stop,
        serving,
        telling,
        draining,
        successor: config.steady.drain_to.clone(),
        turn,
        addresses,
        asking,
    })
}

fn router(control: ControlHandle, metrics: Metrics, health: Health, embedders: Embedders) -> Router {
    let door = control.door().clone();
    Router::new()
        .route(WS_PATH, any(socket::upgrade))
        .route("/api/rooms/{room}", get(api::room_status).merge(access::api::deletion(&door)))
        .route("/api/rooms/{room}/end", access::api::ending(&control))
        .route("/api/embed", get(api::embedding).with_state(embedders.clone()))
        .route("/api/qr", post(qr::draw).layer(DefaultBodyLimit::max(qr::MAX_TEXT)))
        .merge(access::api::router(&door))
        .merge(access::page::router(&door))
        .route("/api/{*rest}", any(api::unknown))
        .route("/healthz", get(health::healthy).with_state(health.clone()))
        .route("/readyz", get(health::ready).with_state(health))
        .route("/metrics", get(metrics::show).with_state(metrics))
        .merge(whip::router(control.max_message_size()))
        .fallback_service(any(assets::serve).with_state(embedders))
        .with_state(control)
}

impl Running {
    /// Where pages and signaling are served.
    pub fn http_addr(&self) -> SocketAddr {
        self.http
    }

    /// Where the same is served over HTTPS.
    pub fn https_addr(&self) -> Option<SocketAddr> {
        self.https
    }

    /// Where those who come by plain HTTP are sent to HTTPS.
    pub fn redirect_addr(&self) -> Option<SocketAddr> {
        self.redirect
    }

    /// What to open in a browser for HTTPS.
    pub fn https_urls(&self) -> &[String] {
        &self.urls
    }

    /// Whether the certificate is of somebody that browsers may know.
    pub fn is_vouched_for(&self) -> bool {
        self.vouched
    }

    /// Where media comes and goes, one address for each worker.
    pub fn udp_addrs(&self) -> &[SocketAddr] {
        self.transport.local_addrs()
    }

    /// Where the relay listens, if there is one.
    pub fn turn_addr(&self) -> Option<SocketAddr> {
        self.turn.as_ref().map(Turn::address)
    }

    /// Speaks TURN on a stream until that ends, be it what is said inside TLS. Nothing happens without a relay.
    pub async fn serve_turn<S>(&self, stream: S, from: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        if let Some(turn) = &self.turn {
            turn.door().serve(stream, from).await;
        }
    }

    /// As if a STUN server had seen media at another address than before.
    pub async fn seen_at(&self, seen: IpAddr) {
        self.addresses.seen(seen).await;
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
        if let Some(asking) = self.asking.take() {
            asking.abort();
        }
        self.control.shut_down(self.successor.take()).await;
        // An error means that it has stopped already.
        let _ = self.stop.send(true);
        let door = self.control.door().clone();
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
        door.close().await;
    }
}
