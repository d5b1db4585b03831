//! The DTLS client (RFC 5764): `rtc`'s sans-I/O endpoint, one association, and the keys it exports.

use rtc::crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc::dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use transport::srtp::{KeyingMaterial, Profile};

/// The exporter's label (RFC 5764 §4.2).
const LABEL: &str = "EXTRACTOR-dtls_srtp";

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DtlsError {
    /// The library's own words.
    #[error("DTLS: {0}")]
    Library(String),
    /// The certificate is not the one in the answer.
    #[error("the server's certificate is not the one in its answer")]
    Fingerprint,
    /// None was agreed on, or the exporter gave too little.
    #[error("no SRTP profile was agreed on")]
    NoProfile,
}

fn library<E: std::fmt::Display>(error: E) -> DtlsError {
    DtlsError::Library(error.to_string())
}

/// A certificate, and the library to use it with. Bots may share one.
#[derive(Clone)]
pub struct Identity {
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    /// SHA-256, colon-separated hexadecimal, upper case.
    pub fingerprint: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    /// When the library makes no certificate.
    pub fn generate() -> Result<Self, DtlsError> {
        let provider = rtc::crypto::default_provider().map_err(library)?;
        let names = vec!["bot".to_owned()];
        let certificate = Certificate::generate_self_signed(names, provider.crypto()).map_err(library)?;
        let der = certificate.certificate.first().map(AsRef::as_ref).unwrap_or_default();
        let fingerprint = fingerprint(&*provider, der)?;
        Ok(Self { provider, certificate, fingerprint })
    }
}

fn fingerprint(provider: &dyn RTCCryptoProvider, der: &[u8]) -> Result<String, DtlsError> {
    let digest = provider.crypto().hash(HashAlgorithm::Sha256, der).map_err(library)?;
    let bytes: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(bytes.join(":"))
}

/// One association.
pub(crate) struct Dtls {
    endpoint: Endpoint,
    remote: SocketAddr,
    provider: Arc<dyn RTCCryptoProvider>,
    expected: String,
    /// Opened, for SCTP.
    packets: VecDeque<Vec<u8>>,
}

impl Dtls {
    /// Sends the first hello.
    pub(crate) fn connect(
        identity: &Identity,
        profiles: &[Profile],
        remote: SocketAddr,
        expected: String,
        now: Instant,
    ) -> Result<Self, DtlsError> {
        let config = ConfigBuilder::default()
            .with_crypto_provider(identity.provider.clone())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(profiles.iter().map(|profile| to_library(*profile)).collect())
            // No certificate authority: the fingerprint is compared below.
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(true, Some(remote))
            .map_err(library)?;
        // The address only labels what is sent; the socket may move.
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let mut endpoint = Endpoint::new(local, TransportProtocol::UDP, None);
        endpoint.connect(now, remote, Arc::new(config), None).map_err(library)?;
        let packets = VecDeque::new();
        Ok(Self { endpoint, remote, provider: identity.provider.clone(), expected, packets })
    }

    /// Takes a datagram; the keys when the handshake is done.
    pub(crate) fn take(
        &mut self,
        datagram: &[u8],
        now: Instant,
    ) -> Result<Option<KeyingMaterial>, DtlsError> {
        let events = self.endpoint.read(now, self.remote, None, datagram.into()).map_err(library)?;
        let done = events.iter().any(|event| matches!(event, EndpointEvent::HandshakeComplete));
        self.packets.extend(events.into_iter().filter_map(|event| match event {
            EndpointEvent::ApplicationData(packet) => Some(packet.to_vec()),
            _ => None,
        }));
        if done { self.keys().map(Some) } else { Ok(None) }
    }

    fn keys(&self) -> Result<KeyingMaterial, DtlsError> {
        let state = self.endpoint.get_connection_state(self.remote).ok_or(DtlsError::NoProfile)?;
        let certificate = state.peer_certificates.first().ok_or(DtlsError::Fingerprint)?;
        if fingerprint(&*self.provider, certificate)? != self.expected {
            return Err(DtlsError::Fingerprint);
        }
        let profile = from_library(state.srtp_protection_profile()).ok_or(DtlsError::NoProfile)?;
        let length = 2 * (transport::srtp::MASTER_KEY_LEN + profile.salt_len());
        let exported = state.export_keying_material(LABEL, &[], length).map_err(library)?;
        KeyingMaterial::from_exporter(profile, exported.as_ref()).ok_or(DtlsError::NoProfile)
    }

    /// The next packet of SCTP's that was opened.
    pub(crate) fn poll_packet(&mut self) -> Option<Vec<u8>> {
        self.packets.pop_front()
    }

    /// Sends a packet of SCTP's.
    pub(crate) fn send(&mut self, packet: &[u8], now: Instant) {
        // What cannot be sent is lost, and SCTP sends it again.
        let _ = self.endpoint.write(now, self.remote, packet);
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.endpoint.poll_transmit().map(|transmit| transmit.message.to_vec())
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&self.remote)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsError> {
        self.endpoint.handle_timeout(self.remote, now).map_err(library)
    }

    /// Says goodbye.
    pub(crate) fn close(&mut self, now: Instant) {
        // What could not be said is not heard: the server's ICE notices.
        let _ = self.endpoint.close(now);
    }
}

fn to_library(profile: Profile) -> SrtpProtectionProfile {
    match profile {
        Profile::AeadAes128Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        Profile::Aes128CmSha1_80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
    }
}

fn from_library(profile: SrtpProtectionProfile) -> Option<Profile> {
    match profile {
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Some(Profile::AeadAes128Gcm),
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Some(Profile::Aes128CmSha1_80),
        _ => None,
    }
}
