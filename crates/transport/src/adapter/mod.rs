//! The one place that knows `webrtc`: a PeerConnection for ICE, DTLS and SCTP, nothing more.
//!
//! Stands behind the worker: STUN and DTLS datagrams reach the PeerConnection through a virtual socket,
//! SRTP and SRTCP never do. It owns the PeerConnection and hands out what the rest needs of it: our ICE
//! credentials, connection states, and the SRTP keys. Upgrading `webrtc` touches this module only.

mod association;
mod data;
mod guard;
pub mod keys;
mod records;
mod socket;

#[cfg(test)]
mod tests;

use crate::sdp::{Fingerprint, Offer, reduced_offer};
use crate::srtp::{KeyingMaterial, Profile};
use guard::Guard;
use keys::KeyTap;
use rtc::crypto::SignatureScheme;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::certificate::{CertificateParams, RTCCertificate};
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::peer_connection::configuration::setting_engine::{SctpMaxMessageSize, SettingEngineBuilder};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::RTCDtlsRole;
use socket::VirtualRuntime;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, Registry, SrtpProtectionProfile, StatsSelector,
};

pub use data::{DataChannel, DataChannels, DataSendError, Received};
pub use socket::{Inbox, Outlet, Pushed};

/// How data channels are; the same for all peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataConfig {
    /// The SCTP stream of the channel that delivers all, in order.
    pub reliable: u16,
    /// The SCTP stream of the one that delivers what comes at the first attempt.
    pub unreliable: u16,
    /// Bytes of the largest message: what browsers are told. One that is larger by up to [`SLACK`] still arrives.
    pub message: usize,
    /// Bytes on their way to a peer over one channel, past which no more are taken.
    pub buffer: usize,
}

impl DataConfig {
    /// Bytes of the largest SCTP message taken. `webrtc` drops what is larger, without a word.
    pub(crate) fn ceiling(&self) -> u32 {
        u32::try_from(self.message).unwrap_or(u32::MAX).saturating_add(SLACK)
    }
}

/// Bytes by which a message may be too large and still be seen, dropped and counted above.
pub const SLACK: u32 = 1024;
/// Bytes that a browser may have sent and nobody has asked for. It holds several of the largest messages, and about as
/// many datagrams as the [`Inbox`]; with a round trip of 100 ms, that is 1.3 MB/s.
const RECEIVE_WINDOW: u32 = 128 * 1024;

/// The PeerConnection refused, or its answer lacks what every answer has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {detail}")]
pub struct AdapterError {
    /// What was being done.
    pub step: &'static str,
    /// `webrtc`'s own words.
    pub detail: String,
}

impl AdapterError {
    fn at<E: std::fmt::Display>(step: &'static str) -> impl Fn(E) -> Self {
        move |error| Self { step, detail: error.to_string() }
    }
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// ICE and DTLS are up: keys can be had.
    Connected,
    /// Nothing heard for a while.
    Disconnected,
    /// Given up.
    Failed,
}

/// What every `PeerConnection` shares: one certificate, so that none is made per join.
#[derive(Clone)]
pub struct Identity {
    certificate: RTCCertificate,
}

impl Identity {
    /// A new ECDSA P-256 certificate.
    pub fn generate() -> Result<Self, AdapterError> {
        let provider = rtc::crypto::default_provider().map_err(AdapterError::at("crypto provider"))?;
        let params =
            CertificateParams::new(vec!["madang".to_owned()]).map_err(AdapterError::at("certificate"))?;
        RTCCertificate::generate(provider.crypto(), SignatureScheme::EcdsaP256Sha256, params)
            .map(|certificate| Self { certificate })
            .map_err(AdapterError::at("certificate"))
    }
}

/// Our half of the transport, from the PeerConnection's own answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDescription {
    /// Our ICE credentials.
    pub ice_ufrag: String,
    /// See `ice_ufrag`.
    pub ice_pwd: String,
    /// Of our certificate.
    pub fingerprint: Fingerprint,
    /// The DTLS role we take.
    pub setup: String,
}

/// One PeerConnection.
pub struct Connection {
    inner: Arc<dyn PeerConnection>,
    keys: Arc<KeyTap>,
    inbox: Arc<Inbox>,
    data: DataConfig,
}

/// States in the queue to the peer's task. A connection makes three or four in its life; one that makes
/// more than this while nobody reads loses the later ones.
const STATE_QUEUE: usize = 32;
/// How long a peer may be silent before its connection counts as disconnected, and then as failed.
const DISCONNECTED_AFTER: Duration = Duration::from_secs(6);
const FAILED_AFTER: Duration = Duration::from_secs(15);

impl Connection {
    /// Makes a PeerConnection that receives from `inbox` and sends to `outlet`.
    pub async fn open(
        identity: &Identity,
        inbox: Arc<Inbox>,
        outlet: Arc<Outlet>,
        data: DataConfig,
    ) -> Result<(Self, mpsc::Receiver<ConnectionState>), AdapterError> {
        let provider = rtc::crypto::default_provider().map_err(AdapterError::at("crypto provider"))?;
        let keys = Arc::new(KeyTap::default());
        let guard = Arc::new(Guard::new([data.reliable, data.unreliable], outlet.counters.clone()));
        let settings = SettingEngineBuilder::new()
            .with_crypto_provider(keys::watched(provider, keys.clone(), Some(guard.clone())))
            .with_lite(true)
            .with_answering_dtls_role(RTCDtlsRole::Server)
            .with_include_loopback_candidate(true)
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .with_sctp_max_message_size(SctpMaxMessageSize::Bounded(data.ceiling()))
            .with_sctp_max_receive_buffer_size(RECEIVE_WINDOW)
            .with_ice_timeouts(Some(DISCONNECTED_AFTER), Some(FAILED_AFTER), None)
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            .build();
        let mut media = MediaEngine::default();
        media.register_default_codecs().map_err(AdapterError::at("codecs"))?;
        let configuration =
            RTCConfigurationBuilder::new().with_certificates(vec![identity.certificate.clone()]).build();
        let (states, receiver) = mpsc::channel(STATE_QUEUE);
        let runtime = VirtualRuntime::new(inbox.clone(), outlet, guard, states.clone());
        let building = PeerConnectionBuilder::new()
            .with_configuration(configuration)
            .with_media_engine(media)
            .with_setting_engine(settings)
            // Empty: with our keys, a second writer of SRTCP would be fatal.
            .with_interceptor_registry(Registry::new())
            .with_handler(Arc::new(StateEvents { states, inbox: inbox.clone() }))
            .with_runtime(Arc::new(runtime))
            .with_data_channel_send_buffer_limit(data.buffer)
            .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
            .build();
        // 20 kB of future, which would swell every caller's.
        let inner = Box::pin(building).await.map_err(AdapterError::at("build"))?;
        Ok((Self { inner: Arc::new(inner), keys, inbox, data }, receiver))
    }

    /// Answers what an offer says of the transport. Again with other ICE credentials it restarts ICE. Once it was with
    /// data it must stay so.
    pub async fn answer(&self, offer: &Offer, with_data: bool) -> Result<LocalDescription, AdapterError> {
        let setup = offer.setup.answered();
        self.inbox.expect(&offer.ice_pwd);
        let data = with_data.then(|| self.data.ceiling());
        let offer =
            RTCSessionDescription::offer(reduced_offer(offer, data)).map_err(AdapterError::at("offer"))?;
        self.inner.set_remote_description(offer).await.map_err(AdapterError::at("remote description"))?;
        let answer = self.inner.create_answer(None).await.map_err(AdapterError::at("answer"))?;
        let local = read_local(&answer.sdp, setup)?;
        self.inner.set_local_description(answer).await.map_err(AdapterError::at("local description"))?;
        Ok(local)
    }

    /// Opens both data channels, as soon as there is an SCTP association. Called once.
    pub async fn open_data(&self) -> Result<DataChannels, AdapterError> {
        DataChannels::open(&*self.inner, &self.data).await
    }

    /// The SRTP keys, once connected: as `client` those the browser seals with, as `server` ours, whoever said the
    /// DTLS hello.
    pub async fn keys(&self) -> Result<KeyingMaterial, AdapterError> {
        let stats = self.inner.get_stats(Instant::now(), StatsSelector::None).await;
        let cipher = stats.transport().map(|transport| transport.srtp_cipher.as_str()).unwrap_or_default();
        let profile = match cipher {
            "SRTP_AEAD_AES_128_GCM" => Profile::AeadAes128Gcm,
            "SRTP_AES128_CM_HMAC_SHA1_80" => Profile::Aes128CmSha1_80,
            other => return Err(AdapterError { step: "SRTP profile", detail: format!("{other:?}") }),
        };
        let as_client = stats.transport().is_some_and(|transport| transport.dtls_role == RTCDtlsRole::Client);
        self.keys
            .exported()
            .and_then(|exported| KeyingMaterial::from_exporter(profile, &exported))
            .map(|keys| if as_client { keys.swapped() } else { keys })
            .ok_or_else(|| AdapterError { step: "SRTP keys", detail: "none were exported".to_owned() })
    }

    /// Ends it: DTLS `close_notify`, tasks, timers.
    pub async fn close(&self) {
        if let Err(error) = self.inner.close().await {
            tracing::debug!(%error, "closing a PeerConnection");
        }
    }
}

struct StateEvents {
    states: mpsc::Sender<ConnectionState>,
    inbox: Arc<Inbox>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for StateEvents {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.inbox.open();
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let state = match state {
            RTCPeerConnectionState::Connected => ConnectionState::Connected,
            RTCPeerConnectionState::Disconnected => ConnectionState::Disconnected,
            RTCPeerConnectionState::Failed => ConnectionState::Failed,
            // On the way up, or closed by ourselves.
            _ => return,
        };
        if self.states.try_send(state).is_err() {
            tracing::debug!(?state, "nobody reads this connection's states");
        }
    }
}

/// `webrtc` takes the role that the offer leaves it, and writes the one it is configured for: `setup` is the former.
fn read_local(answer: &str, setup: &str) -> Result<LocalDescription, AdapterError> {
    let value = |key: &str| {
        answer
            .lines()
            .find_map(|line| line.strip_prefix("a=")?.strip_prefix(key)?.strip_prefix(':'))
            .map(|value| value.trim().to_owned())
            .ok_or_else(|| AdapterError { step: "answer", detail: format!("it has no {key}") })
    };
    let fingerprint = value("fingerprint")?;
    let (hash, digest) = fingerprint
        .split_once(' ')
        .ok_or_else(|| AdapterError { step: "answer", detail: "its fingerprint is odd".to_owned() })?;
    Ok(LocalDescription {
        ice_ufrag: value("ice-ufrag")?,
        ice_pwd: value("ice-pwd")?,
        fingerprint: Fingerprint { hash: hash.to_owned(), digest: digest.to_owned() },
        setup: setup.to_owned(),
    })
}
