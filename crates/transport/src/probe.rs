//! A worker's socket without the worker: what the system gives one here, and whether datagrams reach it.
//!
//! For whoever asks before a server starts (`madang doctor`). No packet of a participant's comes this way.

use crate::sockets::{UDP_BUFFER, bind_udp};
use crate::transport::{StartError, port_of};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// Bytes of a datagram that is sent to oneself: nobody else's is alike by chance.
const NONCE: usize = 16;

/// See the module. The port is free again when it is dropped.
#[derive(Debug)]
pub struct Probe {
    socket: UdpSocket,
    address: SocketAddr,
    facts: SocketFacts,
}

/// What the system gives a worker's socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketFacts {
    /// Datagrams that leave in one call (GSO); 1 without.
    pub sent_at_once: usize,
    /// Datagrams that arrive joined (GRO); 1 without.
    pub received_at_once: usize,
    /// Bytes of the buffer for what arrives, of [`SocketFacts::wanted`] asked for.
    pub receive_buffer: usize,
    /// Bytes of the buffer for what leaves.
    pub send_buffer: usize,
    /// Bytes that a worker asks for, in each direction.
    pub wanted: usize,
}

impl Probe {
    /// Opens the socket of the worker of this number, from 0 on, as [`Transport::start`](crate::Transport::start) would.
    ///
    /// # Errors
    /// [`StartError::Bind`], as a server would have, and [`StartError::NoPorts`].
    pub fn open(first: SocketAddr, worker: usize) -> Result<Self, StartError> {
        let address = port_of(first, worker).ok_or(StartError::NoPorts(worker + 1))?;
        let bind = |error| StartError::Bind { address, error };
        let socket = bind_udp(address).map_err(bind)?;
        let state = quinn_udp::UdpSocketState::new((&socket).into()).map_err(bind)?;
        let buffers = socket2::SockRef::from(&socket);
        let facts = SocketFacts {
            sent_at_once: state.max_gso_segments(),
            received_at_once: state.gro_segments(),
            receive_buffer: granted(buffers.recv_buffer_size().map_err(bind)?),
            send_buffer: granted(buffers.send_buffer_size().map_err(bind)?),
            wanted: UDP_BUFFER,
        };
        socket.set_nonblocking(false).map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        Ok(Self { socket, address, facts })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What it was given.
    pub fn facts(&self) -> SocketFacts {
        self.facts
    }

    /// Whether a datagram that is sent to this address and this socket's port arrives here within so long.
    ///
    /// # Errors
    /// When it cannot be sent: there is no way there.
    pub fn hears(&self, address: IpAddr, patience: Duration) -> io::Result<bool> {
        let mut nonce = [0; NONCE];
        // aws-lc's generator aborts the process rather than fail.
        let _ = aws_lc_rs::rand::fill(&mut nonce);
        let anywhere: IpAddr = match address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let sender = UdpSocket::bind((anywhere, 0))?;
        sender.send_to(&nonce, (address, self.address.port()))?;
        let until = Instant::now() + patience;
        let mut buffer = [0; 2 * NONCE];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.socket.set_read_timeout(Some(left))?;
            match self.socket.recv_from(&mut buffer) {
                Ok((len, _)) if buffer.get(..len) == Some(&nonce[..]) => return Ok(true),
                // Somebody else's; or nothing yet, and the time is looked at again. A refusal that came back for
                // what was sent is none of this socket's.
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// Linux keeps as much again for itself, and says both together (socket(7)).
fn granted(said: usize) -> usize {
    if cfg!(target_os = "linux") { said / 2 } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn what_is_sent_to_an_address_of_its_own_arrives() {
        let probe = Probe::open("127.0.0.1:0".parse().unwrap(), 0).unwrap();
        assert!(probe.hears(Ipv4Addr::LOCALHOST.into(), PATIENCE).unwrap());
    }

    #[test]
    fn what_somebody_else_sends_does_not_count() {
        let probe = Probe::open("127.0.0.1:0".parse().unwrap(), 0).unwrap();
        let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
        stranger.send_to(&[7; NONCE], probe.local_addr()).unwrap();
        // Nobody is at that address of loopback, so what is sent there does not come here.
        assert!(!probe.hears([127, 0, 0, 2].into(), Duration::from_millis(50)).unwrap());
    }

    #[test]
    fn a_taken_port_is_told_as_a_server_would() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let Err(StartError::Bind { address: told, error }) = Probe::open(address, 0) else {
            panic!("it was had twice")
        };
        assert_eq!((told, error.kind()), (address, io::ErrorKind::AddrInUse));
        assert!(matches!(Probe::open("127.0.0.1:65535".parse().unwrap(), 1), Err(StartError::NoPorts(2))));
    }

    #[test]
    fn it_says_what_it_was_given() {
        let facts = Probe::open("127.0.0.1:0".parse().unwrap(), 0).unwrap().facts();
        assert!(facts.sent_at_once >= 1 && facts.received_at_once >= 1, "{facts:?}");
        assert!(facts.receive_buffer > 0 && facts.send_buffer > 0, "{facts:?}");
    }
}
