//! XOR-MAPPED-ADDRESS and its like (RFC 8489 §14.2, RFC 8656 §18.3, §18.5).

use crate::message::MAGIC_COOKIE;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const IPV4: u8 = 1;
const IPV6: u8 = 2;

/// Which kind of address (RFC 8656 §18.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// By its number on the wire.
    pub(crate) fn from_wire(number: u8) -> Option<Self> {
        match number {
            IPV4 => Some(Self::V4),
            IPV6 => Some(Self::V6),
            _ => None,
        }
    }
}

/// What addresses are veiled with: the magic cookie, then the transaction.
fn veil(transaction: [u8; 12]) -> [u8; 16] {
    let mut veil = [0; 16];
    let (cookie, rest) = veil.split_at_mut(4);
    cookie.copy_from_slice(&MAGIC_COOKIE);
    rest.copy_from_slice(&transaction);
    veil
}

fn veiled<const N: usize>(mut bytes: [u8; N], veil: &[u8]) -> [u8; N] {
    for (byte, veil) in bytes.iter_mut().zip(veil) {
        *byte ^= veil;
    }
    bytes
}

/// The attribute's value.
pub(crate) fn write(address: SocketAddr, transaction: [u8; 12]) -> Vec<u8> {
    let veil = veil(transaction);
    let port = veiled(address.port().to_be_bytes(), &veil);
    match address.ip() {
        IpAddr::V4(ip) => [&[0, IPV4][..], &port[..], &veiled(ip.octets(), &veil)[..]].concat(),
        IpAddr::V6(ip) => [&[0, IPV6][..], &port[..], &veiled(ip.octets(), &veil)[..]].concat(),
    }
}

/// The address in it, if there is one. A mapped IPv4 address stays the IPv6 address that it is.
pub(crate) fn read(value: &[u8], transaction: [u8; 12]) -> Option<SocketAddr> {
    let veil = veil(transaction);
    let (&[_, family, p0, p1], ip) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes(veiled([p0, p1], &veil));
    let ip = match Family::from_wire(family)? {
        Family::V4 => IpAddr::V4(Ipv4Addr::from(veiled::<4>(ip.try_into().ok()?, &veil))),
        Family::V6 => IpAddr::V6(Ipv6Addr::from(veiled::<16>(ip.try_into().ok()?, &veil))),
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 §2.2 and §2.3.
    #[test]
    fn published_addresses() {
        let transaction = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];
        let v4: &[u8] = &[0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43];
        let v6: &[u8] = &[
            0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5,
            0xbe, 0xd2, 0xb9, 0xd9,
        ];
        for (bytes, address) in
            [(v4, "192.0.2.1:32853"), (v6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
        {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(read(bytes, transaction), Some(address));
            assert_eq!(write(address, transaction), bytes);
            assert_eq!(read(&bytes[..bytes.len() - 1], transaction), None);
        }
        assert_eq!(read(&[0, 3, 1, 1, 1, 1, 1, 1], transaction), None);
    }
}
