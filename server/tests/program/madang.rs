//! A `madang` of a test's own, on free ports of loopback, which does not outlive its test.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Longer than anything takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub struct Madang {
    child: Child,
    pub http: SocketAddr,
    /// Its signaling.
    pub url: String,
}

impl Madang {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_madang"))
            .args(["--http=127.0.0.1:0", "--udp=127.0.0.1:0", "--workers=1"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let http: SocketAddr = address.expect("it says where it is").parse().unwrap();
        Self { child, http, url: format!("ws://{http}/ws") }
    }

    /// `TERM` or `INT`.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub async fn ends(&mut self) -> ExitStatus {
        let looks = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        looks.await.expect("it goes on and on")
    }

    /// Ends it as a service manager does; what it had logged.
    pub async fn log(mut self) -> String {
        self.signal("TERM");
        let status = self.ends().await;
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(status.success(), "{status}: {log}");
        log
    }
}

impl Drop for Madang {
    fn drop(&mut self) {
        // Gone already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
