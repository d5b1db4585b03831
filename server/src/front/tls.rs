//! HTTPS: which certificate is shown, and what is spoken inside.
//!
//! The certificate is the operator's ([`files`]), this machine's own ([`self_signed`]) or one that a certificate
//! authority gives for a domain ([`acme`]). What is spoken is HTTP/1.1; a listener for TURN may stand behind the same
//! port ([`handed`]), told apart by ALPN (RFC 7301, RFC 7443) or by the first byte.

pub(crate) mod acme;
pub(crate) mod files;
pub(crate) mod handed;
mod private;
pub(crate) mod self_signed;

use super::gate::{Gate, Refused};
use super::wire::Wire;
use handed::{Handed, TURN_ALPN, TlsWire, TurnDoor};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{Acceptor, ResolvesServerCert, ServerConfig};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_rustls::LazyConfigAcceptor;

/// What pages are fetched by.
const HTTP_ALPN: &[u8] = b"http/1.1";

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of the operator's.
    #[error("cannot use the certificate: {0}. See --tls-certificate and --tls-key")]
    File(#[from] files::FileProblem),
    /// Nothing can be kept.
    #[error("cannot keep {path}: {error}. Choose a folder with --state")]
    State {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// None could be made.
    #[error("cannot make a certificate: {0}")]
    Made(#[from] rcgen::Error),
    /// The library refuses.
    #[error("TLS: {0}")]
    Library(#[from] rustls::Error),
    /// There is no randomness.
    #[error("there is no randomness for a certificate")]
    Random,
}

/// What is shown to those who come.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    /// For a certificate authority that looks whether the domain is ours (RFC 8737).
    challenge: Option<Arc<ServerConfig>>,
    /// Whether browsers may be told never to come without TLS again: not for a certificate that nobody vouches for.
    pub(crate) vouched: Vouched,
    turn: Option<TurnDoor>,
    /// A handshake may take so long. Past it the connection is closed.
    patience: Duration,
}

/// Whether somebody else vouches for the certificate; it may change with the file.
#[derive(Clone, Debug)]
pub(crate) enum Vouched {
    /// A certificate authority does.
    Always,
    /// Nobody does.
    Never,
    /// As the file says.
    File(Arc<files::Certificate>),
}

impl Vouched {
    pub(crate) fn now(&self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::File(certificate) => certificate.is_vouched_for(),
        }
    }
}

impl Tls {
    pub(crate) fn new(
        certificate: Arc<dyn ResolvesServerCert>,
        vouched: Vouched,
        turn: Option<TurnDoor>,
        patience: Duration,
    ) -> Result<Self, TlsError> {
        let builder =
            ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(certificate);
        config.alpn_protocols = vec![HTTP_ALPN.to_vec()];
        if turn.is_some() {
            config.alpn_protocols.push(TURN_ALPN.to_vec());
        }
        Ok(Self { config: Arc::new(config), challenge: None, vouched, turn, patience })
    }

    /// Answers a certificate authority's question with that.
    pub(crate) fn with_challenge(self, challenge: Arc<ServerConfig>) -> Self {
        Self { challenge: Some(challenge), ..self }
    }

    /// The handshake. Who speaks HTTP then, or nothing yet; none if nothing more is to be done.
    pub(crate) async fn accept(&self, wire: Wire, from: SocketAddr, gate: &Gate) -> Option<TlsWire> {
        match tokio::time::timeout(self.patience, self.shake_hands(wire, from)).await {
            Ok(Ok(accepted)) => accepted,
            Ok(Err(error)) => {
                tracing::debug!(%from, %error, "no TLS");
                gate.refused(Refused::Handshake);
                None
            }
            Err(_) => {
                gate.refused(Refused::Handshake);
                None
            }
        }
    }

    async fn shake_hands(&self, wire: Wire, from: SocketAddr) -> io::Result<Option<TlsWire>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), wire).await?;
        if let Some(challenge) = &self.challenge
            && start.client_hello().alpn().is_some_and(|mut asked| asked.any(|name| name == b"acme-tls/1"))
        {
            // The handshake is all that is looked at.
            start.into_stream(challenge.clone()).await?;
            return Ok(None);
        }
        let mut stream = start.into_stream(self.config.clone()).await?;
        let Some(turn) = &self.turn else { return Ok(Some(TlsWire::new(stream, None))) };
        let asked = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        let (first, is_turn) = match asked.as_deref() {
            Some(TURN_ALPN) => (None, true),
            Some(_) => (None, false),
            None => {
                let first = stream.read_u8().await?;
                (Some(first), handed::may_be_stun(first))
            }
        };
        let stream = TlsWire::new(stream, first);
        if !is_turn {
            return Ok(Some(stream));
        }
        // Full: it has more to do than it can, and whoever came tries again.
        let _ = turn.try_send(Handed { stream, from });
        Ok(None)
    }
}

/// The one that everything here uses.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests;
