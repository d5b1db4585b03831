//! The sockets of one worker: UDP, and TCP on the same port.

use crate::transport::StartError;
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// Bytes asked of the kernel for the UDP socket's buffers, in each direction: 4 MiB hold some 30 ms at
/// 1 Gbit/s. The kernel may give less (`net.core.rmem_max`).
pub(crate) const UDP_BUFFER: usize = 4 << 20;
/// Bytes asked of the kernel for what a TCP stream has sent and the other end has not acknowledged. Left to itself the
/// kernel would take megabytes, which on a slow path is media that is seconds old; this is 13 Mbit/s over 80 ms.
const STREAM_BUFFER: usize = 128 << 10;
/// TCP streams that the kernel has accepted and we have not yet. Further ones wait, and try again.
const BACKLOG: i32 = 256;
/// How often a port is looked for that is free on UDP and on TCP, where the system chooses.
const TRIES: usize = 32;

/// See the module.
pub(crate) struct Sockets {
    pub udp: UdpSocket,
    pub tcp: Option<TcpListener>,
    /// Where they are bound.
    pub local: SocketAddr,
}

impl Sockets {
    /// Binds them.
    pub fn bind(address: SocketAddr, ice_tcp: bool) -> Result<Self, StartError> {
        let mut tries = if address.port() == 0 { TRIES } else { 1 };
        loop {
            let bind = |error| StartError::Bind { address, error };
            let udp = bind_udp(address).map_err(bind)?;
            let local = udp.local_addr().map_err(bind)?;
            if !ice_tcp {
                return Ok(Self { udp, tcp: None, local });
            }
            tries -= 1;
            match bind_tcp(local) {
                Ok(tcp) => return Ok(Self { udp, tcp: Some(tcp), local }),
                Err(_) if tries > 0 => {}
                Err(error) => return Err(StartError::BindTcp { address: local, error }),
            }
        }
    }
}

pub(crate) fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    hear_both(&socket, address)?;
    // Less than asked for still works; what there is is read back and told.
    let _ = socket.set_recv_buffer_size(UDP_BUFFER);
    let _ = socket.set_send_buffer_size(UDP_BUFFER);
    let (receive, send) = (socket.recv_buffer_size()?, socket.send_buffer_size()?);
    if receive.min(send) < UDP_BUFFER {
        tracing::warn!(
            receive,
            send,
            wanted = UDP_BUFFER,
            "the kernel gives small UDP buffers, which a large room overruns: raise net.core.rmem_max and net.core.wmem_max"
        );
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// What is set here holds for each stream.
fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    hear_both(&socket, address)?;
    // A server that starts again would wait for streams of its former life.
    socket.set_reuse_address(true)?;
    // More than asked for still works.
    let _ = socket.set_send_buffer_size(STREAM_BUFFER);
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A socket for all addresses of IPv6 is one for those of IPv4 as well, whatever the system's default is.
fn hear_both(socket: &socket2::Socket, address: SocketAddr) -> io::Result<()> {
    if address.is_ipv6() && address.ip().is_unspecified() { socket.set_only_v6(false) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_have_one_port() {
        let sockets = Sockets::bind("127.0.0.1:0".parse().unwrap(), true).unwrap();
        assert_eq!(sockets.tcp.unwrap().local_addr().unwrap(), sockets.local);
        assert_eq!(sockets.udp.local_addr().unwrap(), sockets.local);
    }

    #[test]
    fn a_tcp_port_that_is_taken_is_said_so() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let refused = Sockets::bind(address, true).err().map(|error| error.to_string()).unwrap();
        assert!(refused.contains(&format!("cannot listen on TCP {address}")), "{refused}");
        assert!(Sockets::bind(address, false).is_ok());
    }
}
