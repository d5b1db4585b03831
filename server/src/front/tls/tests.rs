//! Handshakes on real sockets, with and without somebody who speaks TURN behind the port.

use super::files::{Certificate, Files};
use super::*;
use crate::front::gate::Limits;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

/// One end of each: what the server made of whoever said `words` after a handshake that asked for `alpn`.
struct Met {
    accepted: Option<TlsWire>,
    handed: mpsc::Receiver<Handed>,
    gate: Gate,
}

fn certificate() -> (Arc<Certificate>, CertificateDer<'static>) {
    static MADE: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("madang-tls-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = Files { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.certificate, cert.pem()).unwrap();
    std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
    let read = Certificate::read(&files).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    (read, cert.der().clone())
}

async fn meet(alpn: Option<&[u8]>, words: &[u8], with_turn: bool) -> Met {
    let limits =
        Limits { connections: 9, connections_each: 9, sockets_each: 9, joins_each: 9, unlimited: Vec::new() };
    let gate = Gate::new(limits);
    let (certificate, root) = certificate();
    let (door, handed) = mpsc::channel(1);
    let tls =
        Tls::new(certificate, Vouched::Never, with_turn.then_some(door), Duration::from_mins(1)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let client =
        ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let mut client = client.with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = alpn.map(<[u8]>::to_vec).into_iter().collect();
    let words = words.to_vec();
    tokio::spawn(async move {
        let tcp = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        // Refused, when that is what is tested.
        let Ok(mut stream) = TlsConnector::from(Arc::new(client)).connect(name, tcp).await else { return };
        stream.write_all(&words).await.unwrap();
        stream.flush().await.unwrap();
        std::future::pending::<()>().await;
    });
    let (tcp, from) = listener.accept().await.unwrap();
    let wire = Wire::new(tcp, gate.connection(None).unwrap());
    let accepted = tls.accept(wire, from, &gate).await;
    Met { accepted, handed, gate }
}

async fn reads(mut stream: TlsWire, expected: &[u8]) {
    let mut bytes = vec![0; expected.len()];
    let reading = tokio::time::timeout(Duration::from_mins(1), stream.read_exact(&mut bytes));
    reading.await.expect("the bytes are not all there").unwrap();
    assert_eq!(bytes, expected);
}

const BINDING: &[u8] = &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];

#[tokio::test]
async fn who_asks_for_turn_is_handed_on_with_its_place() {
    let mut met = meet(Some(TURN_ALPN), BINDING, true).await;
    assert!(met.accepted.is_none());
    let handed = met.handed.recv().await.unwrap();
    assert!(handed.from.ip().is_loopback());
    assert_eq!(met.gate.counts().connections, 1);
    reads(handed.stream, BINDING).await;
    assert_eq!(met.gate.counts().connections, 0);
}

#[tokio::test]
async fn who_asks_for_nothing_is_known_by_the_first_byte_which_is_not_lost() {
    let mut met = meet(None, BINDING, true).await;
    reads(met.handed.recv().await.unwrap().stream, BINDING).await;
    for alpn in [None, Some(HTTP_ALPN)] {
        let met = meet(alpn, b"GET / HTTP/1.1\r\n", true).await;
        let Some(stream) = met.accepted else { panic!("HTTP expected") };
        reads(stream, b"GET / HTTP/1.1\r\n").await;
    }
}

#[tokio::test]
async fn without_turn_there_is_http_alone() {
    let met = meet(Some(TURN_ALPN), BINDING, false).await;
    assert!(met.accepted.is_none());
    assert_eq!(met.gate.counts().handshake, 1);
    let met = meet(Some(b"h2"), b"PRI * HTTP/2.0", true).await;
    assert_eq!((met.accepted.is_none(), met.gate.counts().handshake), (true, 1));
    // What is no HTTP is for HTTP to refuse.
    assert!(meet(None, BINDING, false).await.accepted.is_some());
}
