//! What we look like from outside: a STUN binding request (RFC 8489), asked of a server that the operator names.
//!
//! Owns the asking and the two messages; what the address is for, `addresses` knows.

use crate::ice::IceUrl;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;

/// How long each request is waited for before the next goes out (RFC 8489 §6.2.1, which doubles from 500 ms on and gives
/// up after 39.5 s; a server that is to start gives up after 7.75 s).
pub(super) const PATIENCE: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0, 1];
const BINDING_SUCCESS: [u8; 2] = [1, 1];
const BINDING_ERROR: [u8; 2] = [1, 0x11];
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
/// Longest answer read.
const ANSWER: usize = 1500;

/// Why the public address is not known.
#[derive(Debug, thiserror::Error)]
pub enum StunError {
    /// The name leads nowhere.
    #[error("{server} cannot be found: {error}")]
    Resolve {
        /// Who was to be asked.
        server: IceUrl,
        /// Why.
        error: io::Error,
    },
    /// Its address is of the other family, IPv4 or IPv6, than the media socket's.
    #[error("{0} has no address of the kind that --udp listens on, IPv4 or IPv6")]
    Family(IceUrl),
    /// No socket to ask from.
    #[error("cannot ask {server} from {from}: {error}")]
    Socket {
        /// Who was to be asked.
        server: IceUrl,
        /// From where.
        from: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Nothing came.
    #[error("{0} does not answer: is UDP let out, and is it a STUN server?")]
    Silent(IceUrl),
    /// It says no.
    #[error("{server} refused to answer, with code {code}")]
    Refused {
        /// Who was asked.
        server: IceUrl,
        /// RFC 8489 §14.8.
        code: u16,
    },
}

/// Asks from an address how that looks from outside.
pub(super) async fn ask(
    server: &IceUrl,
    from: SocketAddr,
    patience: &[Duration],
) -> Result<SocketAddr, StunError> {
    let (host, port) = server.place();
    let resolve = |error| StunError::Resolve { server: server.clone(), error };
    let mut found = tokio::net::lookup_host((host, port)).await.map_err(resolve)?;
    let to = found
        .find(|address| address.is_ipv4() == from.is_ipv4())
        .ok_or_else(|| StunError::Family(server.clone()))?;
    let broken = |error| StunError::Socket { server: server.clone(), from, error };
    let socket = UdpSocket::bind(from).await.map_err(broken)?;
    // Then nothing comes but from there.
    socket.connect(to).await.map_err(broken)?;
    let mut transaction = [0; 12];
    getrandom::fill(&mut transaction).map_err(|error| broken(io::Error::other(error.to_string())))?;
    for patience in patience {
        // One that could not be sent is one that was lost.
        let _ = socket.send(&request(transaction)).await;
        match tokio::time::timeout(*patience, answer(&socket, transaction)).await {
            Ok(Answer::Mapped(address)) => return Ok(address),
            Ok(Answer::Refused(code)) => return Err(StunError::Refused { server: server.clone(), code }),
            Err(_) => {}
        }
    }
    Err(StunError::Silent(server.clone()))
}

/// Waits for the answer; what is none is passed over.
async fn answer(socket: &UdpSocket, transaction: [u8; 12]) -> Answer {
    let mut buffer = [0; ANSWER];
    loop {
        match socket.recv(&mut buffer).await {
            Ok(len) => {
                if let Some(answer) = buffer.get(..len).and_then(|bytes| read(bytes, transaction)) {
                    return answer;
                }
            }
            // What ICMP says of the last request may change until the next.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Mapped(SocketAddr),
    Refused(u16),
}

fn request(transaction: [u8; 12]) -> Vec<u8> {
    [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &transaction].concat()
}

/// The answer to our request, if it is that and whole.
fn read(bytes: &[u8], transaction: [u8; 12]) -> Option<Answer> {
    let (head, mut rest) = bytes.split_first_chunk::<HEADER>()?;
    let [t0, t1, l0, l1, key @ ..] = *head;
    if key != [&MAGIC_COOKIE[..], &transaction].concat().as_slice()
        || usize::from(u16::from_be_bytes([l0, l1])) != rest.len()
    {
        return None;
    }
    let refuses = match [t0, t1] {
        BINDING_SUCCESS => false,
        BINDING_ERROR => true,
        _ => return None,
    };
    while let Some((&[k0, k1, l0, l1], after)) = rest.split_first_chunk::<4>() {
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        let value = after.get(..len)?;
        match u16::from_be_bytes([k0, k1]) {
            XOR_MAPPED_ADDRESS if !refuses => return mapped(value, key).map(Answer::Mapped),
            ERROR_CODE if refuses => {
                let [_, _, class, number] = *value.first_chunk::<4>()?;
                return Some(Answer::Refused(u16::from(class & 7) * 100 + u16::from(number)));
            }
            _ => {}
        }
        rest = after.get(len.next_multiple_of(4)..)?;
    }
    None
}

/// RFC 8489 §14.2: all under the cookie, an IPv6 address under the transaction id too.
fn mapped(value: &[u8], key: [u8; 16]) -> Option<SocketAddr> {
    let (&[_, family, p0, p1], address) = value.split_first_chunk::<4>()?;
    let [k0, k1, k2, k3, ..] = key;
    let port = u16::from_be_bytes([p0 ^ k0, p1 ^ k1]);
    let ip = match family {
        1 => {
            let [a, b, c, d] = *<&[u8; 4]>::try_from(address).ok()?;
            IpAddr::V4(Ipv4Addr::new(a ^ k0, b ^ k1, c ^ k2, d ^ k3))
        }
        2 => {
            let address = <[u8; 16]>::try_from(address).ok()?;
            IpAddr::V6(Ipv6Addr::from_bits(u128::from_be_bytes(address) ^ u128::from_be_bytes(key)))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUICK: [Duration; 3] = [Duration::from_millis(200); 3];
    /// Where an answer comes: the last wait ends a hang.
    const ANSWERED: [Duration; 3] = [QUICK[0], QUICK[1], Duration::from_secs(30)];

    /// What a STUN server answers.
    pub(in super::super) fn success(request: &[u8], mapped: SocketAddr) -> Vec<u8> {
        let key = &request[4..20];
        let port = mapped.port().to_be_bytes();
        let (family, ip) = match mapped.ip() {
            IpAddr::V4(ip) => (1, ip.octets().to_vec()),
            IpAddr::V6(ip) => (2, ip.octets().to_vec()),
        };
        let mut value = vec![0, family, port[0] ^ key[0], port[1] ^ key[1]];
        value.extend(ip.iter().zip(key).map(|(byte, mask)| byte ^ mask));
        let len = value.len().to_be_bytes()[7];
        // An attribute that nobody knows stands before.
        [&[1, 1, 0, len + 12], key, &[0x80, 0x22, 0, 3, 1, 2, 3, 0], &[0, 0x20, 0, len], &value].concat()
    }

    /// A STUN server that answers as `answer` says, of the request and its number.
    pub(in super::super) async fn responder(
        answer: impl Fn(&[u8], usize) -> Vec<Vec<u8>> + Send + 'static,
    ) -> IceUrl {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let url = format!("stun:{}", socket.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            for number in 0.. {
                let (len, from) = socket.recv_from(&mut buffer).await.unwrap();
                for bytes in answer(&buffer[..len], number) {
                    socket.send_to(&bytes, from).await.unwrap();
                }
            }
        });
        url
    }

    fn here() -> SocketAddr {
        "127.0.0.1:0".parse().unwrap()
    }

    #[tokio::test]
    async fn the_mapped_address_is_read_whatever_its_family() {
        for address in ["203.0.113.7:7882", "[2001:db8::7]:9"] {
            let address: SocketAddr = address.parse().unwrap();
            let server = responder(move |request, _| vec![success(request, address)]).await;
            assert_eq!(ask(&server, here(), &ANSWERED).await.unwrap(), address);
        }
    }

    #[tokio::test]
    async fn a_request_that_is_lost_is_sent_again() {
        let address = "203.0.113.7:1".parse().unwrap();
        let server = responder(move |request, number| match number {
            0 | 1 => vec![],
            _ => vec![success(request, address)],
        })
        .await;
        assert_eq!(ask(&server, here(), &ANSWERED).await.unwrap(), address);
    }

    #[tokio::test]
    async fn what_answers_no_request_of_ours_is_passed_over() {
        let (right, wrong) = ("203.0.113.7:1".parse().unwrap(), "198.51.100.1:1".parse().unwrap());
        let server = responder(move |request, _| {
            let mut other = success(request, wrong);
            other[10] ^= 1;
            let mut cut = success(request, wrong);
            cut.pop();
            vec![vec![], vec![7; 40], other, cut, success(request, right)]
        })
        .await;
        assert_eq!(ask(&server, here(), &ANSWERED).await.unwrap(), right);
    }

    #[tokio::test]
    async fn silence_and_a_refusal_are_told_in_words() {
        let silent = responder(|_, _| vec![]).await;
        let told = ask(&silent, here(), &QUICK).await.unwrap_err().to_string();
        assert!(told.contains("does not answer"), "{told}");
        let refusing = responder(|request, _| {
            vec![[&[1, 0x11, 0, 8], &request[4..20], &[0, 9, 0, 4, 0, 0, 5, 0]].concat()]
        })
        .await;
        let told = ask(&refusing, here(), &ANSWERED).await.unwrap_err().to_string();
        assert!(told.contains("code 500"), "{told}");
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = read(&bytes, [0; 12]);
        }
    }
}
