//! A network that lets no UDP through to the server, and TCP alone.
//!
//! As with `road`, the server listens on the loopback's address and tells browsers this machine's other one. There
//! nobody listens on the media port's UDP, and what comes by TCP is carried to the server, byte by byte. It takes no
//! network namespace, and so no root: there is no way past it either.

use anyhow::{Context, Result};
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Carries streams until it is dropped; those that are open go on until either end closes.
#[derive(Debug)]
pub(crate) struct Narrow {
    listens: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Narrow {
    /// Listens on the media port of this machine's other address.
    pub(crate) fn start(to: SocketAddr) -> Result<Self> {
        let listens = SocketAddr::new(crate::road::own_address()?, to.port());
        let listener = TcpListener::bind(listens).with_context(|| format!("a TCP relay on {listens}"))?;
        let over = Arc::new(AtomicBool::new(false));
        let ends = over.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Relaxed) {
                    return;
                }
                // Whoever cannot be carried sees a stream that ends.
                if let Ok(stream) = stream {
                    let _ = carry(stream, to);
                }
            }
        });
        Ok(Self { listens, over })
    }
}

impl Drop for Narrow {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        // Only to wake it.
        let _ = TcpStream::connect(self.listens);
    }
}

fn carry(theirs: TcpStream, to: SocketAddr) -> io::Result<()> {
    let ours = TcpStream::connect(to)?;
    for stream in [&theirs, &ours] {
        stream.set_nodelay(true)?;
    }
    for (mut from, mut to) in [(theirs.try_clone()?, ours.try_clone()?), (ours, theirs)] {
        std::thread::spawn(move || {
            // However it ends, it ends for both.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}
