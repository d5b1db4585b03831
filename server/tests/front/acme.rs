//! A certificate from an authority, Pebble, which is Let's Encrypt's own for tests. `cargo xtask test` finds it, or
//! installs it.

use crate::certificates::{Authority, Folder, connect_as, get, trusting};
use crate::wire::{PATIENCE, rest, status};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const DOMAIN: &str = "meet.madang.test";

/// A program that does not outlive its test.
struct Program(Child);

impl Program {
    fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_owned();
        let started = command.stdout(Stdio::null()).spawn();
        Self(started.unwrap_or_else(|error| panic!("{} does not start: {error}", program.display())))
    }
}

/// One of Pebble's programs: as the variable says, or on PATH.
fn pebbles(variable: &str, name: &str) -> Command {
    let program = std::env::var_os(variable).map(PathBuf::from).or_else(|| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file())
    });
    Command::new(program.unwrap_or_else(|| {
        panic!("{name} is missing: `apt-get install pebble`, or set {variable} to its path")
    }))
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ports of loopback that nobody has, each another. They are let go before they are taken, so they are none of those
/// that the kernel gives to whoever wants any; of tests that run beside this one each begins elsewhere.
fn free<const N: usize>() -> [SocketAddr; N] {
    let given = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
    let end: u32 = given.split_whitespace().next().unwrap().parse().unwrap();
    // From 21000 on browsers' drivers have theirs (`crates/e2e/src/port.rs`).
    let end = end.min(21_000);
    let first = 10_000.min(end / 2);
    let begin = std::process::id().wrapping_mul(16);
    let mut ports = (0..end - first).map(|step| first + begin.wrapping_add(step) % (end - first));
    let mut held = ports
        .by_ref()
        .filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, u16::try_from(port).unwrap())).ok());
    let held: [TcpListener; N] = std::array::from_fn(|_| held.next().expect("there is a free port"));
    held.map(|listener| listener.local_addr().unwrap())
}

async fn until_answer(server: SocketAddr, authority: &Authority, path: &str) -> String {
    let looks = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Ok(answer) = get(server, authority.client(), path).await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    looks.await.expect("Pebble does not answer")
}

fn madang(https: SocketAddr, directory: &str, folder: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
    command.args(["--http=127.0.0.1:0", "--udp=127.0.0.1:0", "--workers=1", "--acme", DOMAIN]);
    command.args(["--acme-contact=ada@madang.test", "--acme-directory", directory]);
    command.args(["--https", &https.to_string()]).arg("--state").arg(folder);
    Program::start(command.env("SSL_CERT_FILE", folder.join("root.pem")))
}

/// What is shown there once something is.
async fn shown(https: SocketAddr, root: &CertificateDer<'static>) -> (Vec<u8>, String) {
    let looks = tokio::time::timeout(PATIENCE, async {
        loop {
            let name = ServerName::try_from(DOMAIN).unwrap();
            if let Ok(mut stream) = connect_as(https, name, trusting(root.clone())).await {
                let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
                stream
                    .write_all(
                        format!("GET /healthz HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n")
                            .as_bytes(),
                    )
                    .await
                    .unwrap();
                return (certificate, rest(&mut stream).await);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    looks.await.expect("there is no certificate")
}

/// It is shown before it is kept; what is there is whole.
async fn until_kept(folder: &Path) {
    let is_there = || {
        let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files.any(|file| {
            file.extension().is_none()
                && file.file_name().unwrap().to_string_lossy().starts_with("cached_cert_")
        })
    };
    let looks = tokio::time::timeout(PATIENCE, async {
        while !is_there() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    looks.await.expect("the certificate is not kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_got_from_an_authority_and_kept() {
    let (folder, authority) = (Folder::new(), Authority::new());
    authority.sign_into(folder.path());
    authority.introduce(&folder.path().join("root.pem"));
    let [api, management, https, dns, control] = free();
    let config = serde_json::json!({ "pebble": {
        "listenAddress": api.to_string(),
        "managementListenAddress": management.to_string(),
        "certificate": folder.path().join("certificate.pem"),
        "privateKey": folder.path().join("key.pem"),
        "httpPort": 9,
        "tlsPort": https.port(),
    }});
    std::fs::write(folder.path().join("pebble.json"), config.to_string()).unwrap();
    let mut names = pebbles("MADANG_PEBBLE_CHALLTESTSRV", "pebble-challtestsrv");
    names.args(["-dns01", &dns.to_string(), "-management", &control.to_string(), "-defaultIPv6", ""]);
    let _names = Program::start(names.args(["-http01", "", "-https01", "", "-tlsalpn01", ""]));
    let mut pebble = pebbles("MADANG_PEBBLE", "pebble");
    pebble.args(["-dnsserver", &dns.to_string(), "-config"]).arg(folder.path().join("pebble.json"));
    // It refuses one request of twenty unless told not to, and an order has ten: each would begin anew, later and later.
    let _pebble = Program::start(pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0"));
    let root = until_answer(management, &authority, "/roots/0").await;
    let root = CertificateDer::from_pem_slice(root.as_bytes()).unwrap();

    let directory = format!("https://{api}/dir");
    let first = madang(https, &directory, folder.path());
    let (certificate, answer) = shown(https, &root).await;
    assert_eq!(status(&answer), Some(200));
    assert!(answer.contains("strict-transport-security"), "{answer}");
    until_kept(&folder.path().join("acme")).await;
    drop(first);
    let _second = madang(https, &directory, folder.path());
    let (again, _) = shown(https, &root).await;
    assert!(again == certificate, "it is another");
}
