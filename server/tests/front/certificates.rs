//! Certificates of a test's own, and browsers that trust them.

use crate::wire::rest;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use server::{Config, TlsMode};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A folder of a test's own, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        Self(folder())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn folder() -> PathBuf {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let number = MADE.fetch_add(1, Relaxed);
    let folder = std::env::temp_dir().join(format!("madang-front-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// HTTPS on a free port of loopback, with a certificate of this machine's own.
pub fn self_signed(config: &mut Config) {
    config.https.tls = Some(TlsMode::SelfSigned);
    config.https.https = Some("127.0.0.1:0".parse().unwrap());
    config
        .https
        .state
        .get_or_insert_with(|| std::env::temp_dir().join(format!("madang-state-{}", std::process::id())));
}

/// Somebody who signs certificates.
pub struct Authority {
    certificate: CertificateDer<'static>,
    text: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = named("An authority");
        let made = params.self_signed(&key).unwrap();
        Self { certificate: made.der().clone(), text: made.pem(), issuer: Issuer::new(params, key) }
    }

    /// Puts a certificate for 127.0.0.1 into the folder.
    pub fn sign_into(&self, folder: &Path) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name = named("A server");
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(folder.join("certificate.pem"), signed.pem()).unwrap();
    }

    pub fn client(&self) -> ClientConfig {
        trusting(self.certificate.clone())
    }

    /// Puts what others are to trust into a file.
    pub fn introduce(&self, file: &Path) {
        std::fs::write(file, &self.text).unwrap();
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// What trusts the certificate in a file.
pub fn client_of(file: &Path) -> ClientConfig {
    trusting(CertificateDer::from_pem_file(file).unwrap())
}

pub fn trusting(root: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> =
        WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone()).build().unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    client.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
}

/// A connection, if the certificate is taken.
pub async fn connect(server: SocketAddr, client: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    connect_as(server, ServerName::from(server.ip()), client).await
}

/// The same under a name.
pub async fn connect_as(
    server: SocketAddr,
    name: ServerName<'static>,
    client: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(server).await?;
    TlsConnector::from(Arc::new(client)).connect(name, tcp).await
}

/// The answer to a GET, if the certificate is taken.
pub async fn get(server: SocketAddr, client: ClientConfig, path: &str) -> std::io::Result<String> {
    let mut stream = connect(server, client).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    Ok(rest(&mut stream).await)
}
