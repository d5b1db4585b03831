//! Whether the ports can be had that the settings name: for pages (TCP), and for each worker (UDP).

use super::finding::{Finding, State};
use crate::ask;
use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use transport::{Probe, SocketFacts, StartError};

/// Of the port for pages.
pub(super) struct Page {
    pub(super) finding: Finding,
    /// A Madang has it, and so the others too.
    pub(super) runs: bool,
}

/// Of the ports for media.
pub(super) struct Media {
    pub(super) finding: Finding,
    /// Those that could be had, and are as long as these.
    pub(super) probes: Vec<Probe>,
}

/// The port for pages.
pub(super) async fn http(address: SocketAddr) -> Page {
    // Let go at once: nobody is let in.
    let error = match TcpListener::bind(address).map(drop) {
        Ok(()) if address.port() == 0 => {
            return free(Finding::ok("http", format!("Any free TCP port of {} will do.", address.ip())));
        }
        Ok(()) => return free(Finding::ok("http", format!("TCP {address} is free."))),
        Err(error) => error,
    };
    let answer = match error.kind() {
        ErrorKind::AddrInUse => ask::health_at(address).await.filter(ask::Answer::is_ours),
        _ => None,
    };
    match answer {
        Some(answer) if answer.status.is_success() => {
            let found = format!("A Madang runs at TCP {address} already, and is well.");
            Page { finding: Finding::ok("http", found), runs: true }
        }
        Some(answer) => {
            let found = format!(
                "A Madang runs at TCP {address} already, and is not well: {}.",
                answer.words.replace('\n', "; ")
            );
            Page { finding: Finding::error("http", found).advise("Start it again."), runs: true }
        }
        None => {
            let found = format!("TCP {address} cannot be had: {error}.");
            free(Finding::error("http", found).advise(way_on(&error, "--http")))
        }
    }
}

/// Another of those for pages, if a Madang `runs` already or not. `flag` is what decides about it.
pub(super) fn tcp(name: &'static str, address: SocketAddr, flag: &str, runs: bool) -> Finding {
    match TcpListener::bind(address).map(drop) {
        Ok(()) => Finding::ok(name, format!("TCP {address} is free.")),
        Err(error) if runs && error.kind() == ErrorKind::AddrInUse => {
            Finding::ok(name, format!("TCP {address} is in use, as by the Madang that runs."))
        }
        Err(error) => Finding::error(name, format!("TCP {address} cannot be had: {error}."))
            .advise(way_on(&error, flag)),
    }
}

/// The relay's, of both kinds.
pub(super) fn turn(address: SocketAddr, runs: bool) -> Finding {
    let tcp = tcp("turn", address, "--turn", runs);
    if tcp.state == State::Error {
        return tcp;
    }
    match UdpSocket::bind(address).map(drop) {
        Ok(()) => tcp,
        Err(error) if runs && error.kind() == ErrorKind::AddrInUse => tcp,
        Err(error) => Finding::error("turn", format!("UDP {address} cannot be had: {error}."))
            .advise(way_on(&error, "--turn")),
    }
}

/// The media's port numbers of TCP, for networks that let no UDP through.
pub(super) fn ice_tcp(first: SocketAddr, workers: usize, runs: bool) -> Finding {
    let ports = (0..workers).filter_map(|worker| u16::try_from(usize::from(first.port()) + worker).ok());
    let tried =
        ports.map(|port| tcp("ice-tcp", SocketAddr::new(first.ip(), port), "--udp, or --no-ice-tcp", runs));
    let whose = if runs { "in use, by the Madang that runs" } else { "free" };
    let all = format!("The same numbers of TCP of {}: {whose}.", first.ip());
    let mut bad = tried.filter(|finding| finding.state == State::Error);
    bad.next().unwrap_or_else(|| Finding::ok("ice-tcp", all))
}

fn free(finding: Finding) -> Page {
    Page { finding, runs: false }
}

/// The workers' ports, if a Madang `runs` already or not.
pub(super) fn udp(first: SocketAddr, workers: usize, runs: bool) -> Media {
    let (mut probes, mut taken, mut refused) = (Vec::new(), Vec::new(), None);
    for worker in 0..workers {
        match Probe::open(first, worker) {
            Ok(probe) => probes.push(probe),
            Err(StartError::Bind { address, error }) if error.kind() == ErrorKind::AddrInUse => {
                taken.push(address.port());
            }
            Err(error) => {
                refused.get_or_insert(error);
            }
        }
    }
    let ports = range(first, workers);
    let finding = match refused {
        Some(StartError::Bind { address, error }) => {
            let found = format!("UDP {address} cannot be had: {error}.");
            Finding::error("udp", found).advise(way_on(&error, "--udp"))
        }
        Some(error) => Finding::error("udp", format!("The media cannot have its ports: {error}."))
            .advise("Choose a lower one with --udp, or fewer --workers."),
        None if taken.is_empty() => Finding::ok("udp", format!("{ports} of {}: free.", first.ip())),
        None if runs => {
            Finding::ok("udp", format!("{ports} of {}: in use, by the Madang that runs.", first.ip()))
        }
        None => {
            let taken: Vec<String> = taken.iter().map(u16::to_string).collect();
            let found = format!("UDP {} of {} is taken by another program.", taken.join(", "), first.ip());
            Finding::error("udp", found).advise(way_on(&ErrorKind::AddrInUse.into(), "--udp"))
        }
    };
    Media { finding, probes }
}

/// What a socket is given here, when none of the settings' can be had.
pub(super) fn facts() -> Option<SocketFacts> {
    Some(Probe::open(SocketAddr::from(([0, 0, 0, 0], 0)), 0).ok()?.facts())
}

/// As a firewall's settings name them.
fn range(first: SocketAddr, workers: usize) -> String {
    match (first.port(), workers) {
        (0, 1) => "Any UDP port".to_owned(),
        (0, _) => format!("Any {workers} UDP ports"),
        (port, 1) => format!("UDP {port}"),
        (port, _) => format!("UDP {port} to {}", usize::from(port) + workers - 1),
    }
}

fn way_on(error: &Error, flag: &str) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!("`ss -lntup` shows who has it: stop that, or choose another port with {flag}.")
        }
        ErrorKind::AddrNotAvailable => {
            format!(
                "No interface of this machine has that address: take one that `ip address` shows, or 0.0.0.0, with {flag}."
            )
        }
        ErrorKind::PermissionDenied => format!(
            "Ports below 1024 are for those who may: start it by the systemd unit that comes with it, give the program CAP_NET_BIND_SERVICE, or choose a higher port with {flag}."
        ),
        _ => format!("Choose another with {flag}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    /// A server of somebody's, that answers one request.
    fn answers(response: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            stream.write_all(response.as_bytes()).unwrap();
            // Keeps the port until the test has looked at it: it is the process's end that closes it.
            std::mem::forget(listener);
        });
        address
    }

    #[tokio::test]
    async fn a_free_port_is_fine() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for address in [closed, "127.0.0.1:0".parse().unwrap()] {
            let page = http(address).await;
            assert_eq!((page.finding.state, page.runs), (State::Ok, false), "{:?}", page.finding);
        }
    }

    #[tokio::test]
    async fn a_port_of_another_programs_is_in_the_way() {
        let address = answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let page = http(address).await;
        assert_eq!((page.finding.state, page.runs), (State::Error, false));
        assert!(page.finding.advice.is_some_and(|advice| advice.contains("--http")));
    }

    #[tokio::test]
    async fn a_madang_that_runs_is_asked_how_it_is() {
        let well = http(answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")).await;
        assert_eq!((well.finding.state, well.runs), (State::Ok, true), "{:?}", well.finding);
        let ill = answers("HTTP/1.1 503 X\r\nContent-Length: 28\r\n\r\nmedia worker 0 stands still\n");
        let ill = http(ill).await;
        assert_eq!((ill.finding.state, ill.runs), (State::Error, true), "{:?}", ill.finding);
        assert!(ill.finding.found.contains("media worker 0 stands still"));
    }

    #[tokio::test]
    async fn an_address_of_another_machine_cannot_be_had() {
        let page = http("192.0.2.1:8080".parse().unwrap()).await;
        assert_eq!(page.finding.state, State::Error);
        assert!(page.finding.advice.is_some_and(|advice| advice.contains("No interface")));
    }

    #[test]
    fn each_workers_port_is_tried() {
        let media = udp("127.0.0.1:0".parse().unwrap(), 3, false);
        assert_eq!((media.finding.state, media.probes.len()), (State::Ok, 3));
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let media = udp(address, 1, false);
        assert_eq!((media.finding.state, media.probes.len()), (State::Error, 0));
        assert!(media.finding.found.contains(&address.port().to_string()));
        assert_eq!(udp(address, 1, true).finding.state, State::Ok, "it is the running one's");
    }

    #[test]
    fn the_relays_port_is_tried_of_both_kinds() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let finding = turn(address, false);
        assert_eq!((finding.state, finding.check), (State::Error, "turn"));
        assert!(finding.advice.is_some_and(|advice| advice.contains("--turn")));
        assert_eq!(turn(address, true).state, State::Ok, "it is the running one's");
        drop(taken);
        assert_eq!(turn(address, false).state, State::Ok);
        let _taken = TcpListener::bind(address).unwrap();
        assert_eq!(turn(address, false).state, State::Error);
    }

    #[test]
    fn the_same_numbers_of_tcp_are_tried() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let finding = ice_tcp(address, 1, false);
        assert_eq!((finding.state, finding.check), (State::Error, "ice-tcp"));
        assert!(finding.advice.is_some_and(|advice| advice.contains("--no-ice-tcp")));
        assert_eq!(ice_tcp(address, 1, true).state, State::Ok, "it is the running one's");
        drop(taken);
        assert_eq!(ice_tcp(address, 1, false).state, State::Ok);
    }

    #[test]
    fn ports_that_there_are_not_are_told() {
        let media = udp("127.0.0.1:65535".parse().unwrap(), 2, false);
        assert_eq!(media.finding.state, State::Error);
        assert!(media.finding.found.contains("2 UDP ports"), "{:?}", media.finding);
    }
}
