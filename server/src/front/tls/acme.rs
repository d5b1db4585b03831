//! A certificate from an authority that speaks ACME (RFC 8555), for a domain that leads here: asked for when it is
//! needed, and renewed before it ends. The authority looks whether the domain is ours by a handshake on port 443
//! (TLS-ALPN-01, RFC 8737), so no other port has to be open.
//!
//! `rustls-acme` asks; this says for what, keeps what it gets ([`kept`]), and tells the log.

mod kept;

use super::{TlsError, provider};
use futures::StreamExt;
use kept::Kept;
use rustls::server::{ResolvesServerCert, ServerConfig};
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) domains: Vec<String>,
    /// Mail addresses that the authority may write to.
    pub(crate) contact: Vec<String>,
    /// The authority's directory (RFC 8555 §7.1.1).
    pub(crate) directory: String,
}

/// A certificate that is there, or on its way.
pub(crate) struct Ordered {
    pub(crate) certificate: Arc<dyn ResolvesServerCert>,
    /// Answers the authority's handshake.
    pub(crate) challenge: Arc<ServerConfig>,
    state: AcmeState<io::Error>,
}

impl Ordered {
    /// Keeps certificate and account in the folder.
    pub(crate) fn new(order: &Order, folder: &Path) -> Result<Self, TlsError> {
        let kept = Kept::new(folder).map_err(|error| TlsError::State { path: folder.to_owned(), error })?;
        let state = AcmeConfig::new_with_client_config(&order.domains, Arc::new(client()?))
            .contact(order.contact.iter().map(|mail| format!("mailto:{mail}")))
            .cache(kept)
            .directory(&order.directory)
            .state();
        let challenge = state.challenge_rustls_config_with_provider(provider());
        Ok(Self { certificate: state.resolver(), challenge, state })
    }

    /// Asks, keeps and renews for ever. After a failure it asks again, less and less often.
    pub(crate) async fn follow(mut self) {
        while let Some(event) = self.state.next().await {
            match event {
                Ok(EventOk::DeployedNewCert) => {
                    tracing::info!("the certificate authority gave a certificate");
                }
                Ok(EventOk::DeployedCachedCert) => tracing::info!("the certificate that was kept is shown"),
                Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore) => {}
                Err(error) => tracing::warn!(%error, "{}", advice(&error)),
            }
        }
    }
}

/// What goes on after this, and what there is to do about it.
fn advice(error: &EventError<io::Error, io::Error>) -> &'static str {
    match error {
        EventError::Order(_) => {
            "the certificate authority gives no certificate. It is asked again, after one second, two, four, and up to 18 hours: \
             a restart asks at once. It has to find this server at port 443 of the domain"
        }
        EventError::CertCacheStore(_) | EventError::AccountCacheStore(_) => {
            "what the certificate authority gave cannot be kept, so the next start asks for another, and it gives only so many: \
             see --state"
        }
        EventError::CertCacheLoad(_) | EventError::AccountCacheLoad(_) | EventError::CachedCertParse(_) => {
            "what was kept of the certificate authority cannot be used, so another is asked for: see --state"
        }
        EventError::NewCertParse(_) => "the certificate authority gave what cannot be used",
    }
}

/// Whom the authority's own certificate has to be from: those that browsers trust, and those that this machine does.
fn client() -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let own = rustls_native_certs::load_native_certs();
    for error in own.errors {
        tracing::debug!(%error, "this machine's certificate authorities");
    }
    roots.add_parsable_certificates(own.certs);
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
