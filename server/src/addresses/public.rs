//! The public address, asked of a STUN server at the start and now and then.

use super::{MOST, stun};
use crate::ice::IceUrl;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use stun::StunError;

/// How often it is asked again: an address that changes is known to newcomers after so long at most.
pub(crate) const ASK_EVERY: Duration = Duration::from_mins(5);

/// The address that the media socket has from outside. Asked from that socket's own address and port, which is free
/// until the workers begin.
pub(crate) async fn ask_first(server: &IceUrl, udp: SocketAddr) -> Result<IpAddr, StunError> {
    let mapped = stun::ask(server, udp, &stun::PATIENCE).await?;
    tracing::info!(address = %mapped.ip(), "the public address, as the STUN server sees it");
    if udp.port() != 0 && mapped.port() != udp.port() {
        tracing::warn!(
            seen = mapped.port(),
            port = udp.port(),
            "a NAT in front of this machine changes ports: have it forward the media ports as they are"
        );
    }
    Ok(mapped.ip())
}

/// Asks again and again, and tells when the address is another. A server that does not answer changes nothing.
pub(crate) async fn keep_asking<Tell, Telling>(
    server: IceUrl,
    ip: IpAddr,
    first: IpAddr,
    every: Duration,
    mut tell: Tell,
) where
    Tell: FnMut(IpAddr) -> Telling,
    Telling: Future<Output = ()>,
{
    let mut known = first;
    loop {
        tokio::time::sleep(every).await;
        match stun::ask(&server, SocketAddr::new(ip, 0), &stun::PATIENCE).await {
            Ok(mapped) if mapped.ip() != known => {
                known = mapped.ip();
                tracing::warn!(address = %known, "the public address has changed: newcomers are told the new one");
                tell(known).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the public address is not confirmed"),
        }
    }
}

/// Before those of the machine itself, which those beside it may reach more directly.
pub(crate) fn with(public: IpAddr, own: &[IpAddr]) -> Vec<IpAddr> {
    let others = own.iter().copied().filter(|ip| *ip != public);
    std::iter::once(public).chain(others).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::stun::tests::{responder, success};
    use super::*;
    use tokio::sync::mpsc;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn behind_a_nat_both_the_public_and_the_own_addresses_are_told() {
        let own = [ip("10.0.0.5"), ip("127.0.0.1")];
        assert_eq!(with(ip("203.0.113.7"), &own), [ip("203.0.113.7"), own[0], own[1]]);
        assert_eq!(with(own[0], &own), own, "one's own, once");
    }

    #[tokio::test]
    async fn a_change_is_told_once_and_silence_changes_nothing() {
        let (first, second) = ("203.0.113.7:1".parse().unwrap(), "203.0.113.8:1".parse().unwrap());
        let server = responder(move |request, number| match number {
            0 => vec![success(request, first)],
            _ => vec![success(request, second)],
        })
        .await;
        let local = ip("127.0.0.1");
        let found = ask_first(&server, SocketAddr::new(local, 0)).await.unwrap();
        assert_eq!(found, ip("203.0.113.7"));
        let (sender, mut told) = mpsc::unbounded_channel();
        let asking = keep_asking(server, local, found, Duration::from_millis(20), move |ip| {
            sender.send(ip).unwrap();
            std::future::ready(())
        });
        let asking = tokio::spawn(asking);
        assert_eq!(told.recv().await, Some(ip("203.0.113.8")));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(told.try_recv().is_err());
        asking.abort();
    }
}
