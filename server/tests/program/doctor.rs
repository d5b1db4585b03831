//! `madang doctor` and `madang health`, as they are typed.

use crate::madang::Madang;
use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Output};

/// With nothing from the environment but where programs are.
fn madang(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The line of a check.
fn line<'a>(told: &'a str, check: &str) -> &'a str {
    let found = told.lines().find(|line| line.split_whitespace().nth(1) == Some(check));
    found.unwrap_or_else(|| panic!("nothing of {check} in {told}"))
}

const ANYWHERE: [&str; 3] = ["--http=127.0.0.1:0", "--udp=127.0.0.1:0", "--workers=1"];

#[test]
fn a_machine_with_free_ports_will_do() {
    let output = madang(&[&ANYWHERE[..], &["doctor"]].concat());
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for check in ["settings", "http", "udp", "reach"] {
        assert!(line(&told, check).starts_with("ok "), "{told}");
    }
    for check in ["addresses", "access", "clock", "batches", "buffers", "cores", "ipv6"] {
        assert!(!line(&told, check).starts_with("error"), "{told}");
    }
}

#[test]
fn taken_ports_are_in_the_way() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let http = format!("--http={}", tcp.local_addr().unwrap());
    // It takes whoever comes, and answers nothing.
    drop(std::thread::spawn(move || while tcp.accept().is_ok() {}));
    let media = format!("--udp={}", udp.local_addr().unwrap());
    let output = madang(&[&http, &media, "--workers=1", "doctor"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(line(&told, "http").starts_with("error"), "{told}");
    assert!(line(&told, "udp").starts_with("error"), "{told}");
    assert!(told.contains("choose another port with --http") && told.contains("with --udp"), "{told}");
}

#[test]
fn ports_of_a_madang_that_runs_are_fine() {
    let running = Madang::start(&["--log=error"]);
    let http = format!("--http={}", running.http);
    let output = madang(&[&http, "--udp=127.0.0.1:0", "--workers=1", "doctor"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(line(&told, "http").contains("is well"), "{told}");
}

#[test]
fn programs_are_told_too() {
    let output = madang(&[&ANYWHERE[..], &["--admin-key=short", "doctor", "--json"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["sound"], false);
    let checks = told["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["check"] == "settings" && check["state"] == "error"), "{told}");
}

#[test]
fn a_certificate_is_looked_at_where_one_is_named() {
    let files = ["--certificate=/nowhere/a.pem", "--key=/nowhere/a.key", "--name=a.example"];
    let output = madang(&[&ANYWHERE[..], &["doctor"], &files].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(line(&said(&output), "certificate").contains("/nowhere/a.pem"));
}

#[test]
fn a_server_that_runs_is_well() {
    let running = Madang::start(&["--log=error"]);
    let http = format!("--http={}", running.http);
    for asked in [&["health"][..], &["health", "--ready"]] {
        let output = madang(&[&[http.as_str()], asked].concat());
        assert_eq!((output.status.code(), said(&output).trim()), (Some(0), "ok"), "{asked:?}");
    }
    let url = format!("--http=http://{}", running.http);
    assert!(madang(&["health", &url]).status.success());
}

#[test]
fn one_that_does_not_answer_is_not() {
    // It has its number, and does not listen.
    let deaf = tokio::net::TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = deaf.local_addr().unwrap();
    let output = madang(&[&format!("--http={closed}"), "health"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not answer"), "{output:?}");
}
