//! A TCP port for a program that binds it twice.
//!
//! `ChromeDriver`, told to choose a port, binds one that the kernel gives it on one of `127.0.0.1` and `::1`, and
//! then has to have the same on the other, where a connection of somebody else's may have it: it comes from the
//! kernel's range too. Here a port is from below that range, and a lock on a file says whose it is.

use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    fs::{File, TryLockError},
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    ops::Range,
    process,
};

/// Below what Linux, by its own setting, gives to whoever asks for any (32768 and up), and above what services
/// like to have.
const PORTS: Range<u16> = 21_000..31_000;

/// One that no other test has for as long as the value lives.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _held: File,
}

impl Port {
    /// Takes a free one.
    ///
    /// # Errors
    /// When there is none, or the folder for temporary files cannot be written.
    pub fn take() -> Result<Self> {
        let folder = env::temp_dir().join("madang-test-ports");
        fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        // Begun at another place by each process: those beside each other rarely ask for the same.
        let all = usize::from(PORTS.end - PORTS.start);
        let first = usize::try_from(process::id())?.wrapping_mul(37) % all;
        for number in PORTS.cycle().skip(first).take(all) {
            let held = File::create(folder.join(number.to_string()))?;
            match held.try_lock() {
                Ok(()) if is_free(number) => return Ok(Self { number, _held: held }),
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        bail!("none of the ports {PORTS:?} is free")
    }

    /// The port.
    pub fn number(&self) -> u16 {
        self.number
    }
}

/// Whether a program can listen on it, over IPv4 and, where there is any, IPv6.
fn is_free(port: u16) -> bool {
    let can = |address: SocketAddr| match TcpListener::bind(address) {
        Ok(_) => true,
        Err(error) => error.kind() != ErrorKind::AddrInUse,
    };
    can((Ipv4Addr::LOCALHOST, port).into()) && can((Ipv6Addr::LOCALHOST, port).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_held_is_given_to_nobody_else() -> Result<()> {
        let (first, second) = (Port::take()?, Port::take()?);
        assert_ne!(first.number(), second.number());
        Ok(())
    }

    #[test]
    fn one_that_is_listened_on_is_passed_over() -> Result<()> {
        for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), (Ipv6Addr::LOCALHOST, 0).into()] {
            // No IPv6, nothing to pass over.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            assert!(!is_free(listener.local_addr()?.port()), "{address}");
        }
        Ok(())
    }
}
