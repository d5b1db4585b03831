//! Where a browser finds the server's pages.

use std::net::SocketAddr;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Pages(Place);

#[derive(Clone, Copy, Debug)]
enum Place {
    /// On this port of this machine, by plain HTTP.
    Here(u16),
    /// Over HTTPS, with a certificate that nobody vouches for.
    Https(SocketAddr),
}

impl Pages {
    /// Plain HTTP on a port of this machine.
    pub fn of_this_machine(port: u16) -> Self {
        Self(Place::Here(port))
    }

    /// HTTPS, with a certificate of the server's own.
    pub(crate) fn over_https(address: SocketAddr) -> Self {
        Self(Place::Https(address))
    }

    /// Whether a browser takes them as they are.
    pub(crate) fn is_trusted(self) -> bool {
        match self.0 {
            Place::Here(_) => true,
            Place::Https(_) => false,
        }
    }

    /// A page's, by another name for this machine if there is one.
    pub(crate) fn url(self, host: Option<&str>, path: &str) -> String {
        match self.0 {
            Place::Here(port) => format!("http://{}:{port}{path}", host.unwrap_or("localhost")),
            Place::Https(address) => format!("https://{address}{path}"),
        }
    }
}
