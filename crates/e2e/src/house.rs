//! A test's whole world: one server and its browsers. Ends with the test, however that ends.

use crate::browser::Browser;
use crate::capabilities::Wishes;
use crate::folder::Folder;
use crate::narrow::Narrow;
use crate::road;
use crate::server::{Network, Server, Settings};
use anyhow::{Context, Result};
use netsim::Relay;
use std::net::SocketAddr;

/// See the module.
#[derive(Debug)]
pub struct House {
    /// The server.
    pub server: Server,
    relay: Option<Relay>,
    /// Carries TCP for as long as it is there.
    _narrow: Option<Narrow>,
    /// Who came over the relay so far.
    known: Vec<SocketAddr>,
    browsers: Vec<Browser>,
    /// By whom looks for the cause of a failure or a panic.
    logs_wanted: bool,
    // Last, after those who write in it.
    folder: Folder,
}

/// Runs a test in a house of its own.
///
/// # Errors
/// The test's own, after the logs have been printed.
pub async fn in_house(settings: Settings, test: impl AsyncFnOnce(&mut House) -> Result<()>) -> Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(folder.path(), &settings).await?;
    let relay = settings.links.map(|links| road::start(links, server.udp())).transpose()?;
    let carried = match settings.network {
        Network::Open => None,
        Network::TcpAlone => Some(server.udp()),
        Network::HttpsAlone => server.https(),
    };
    let narrow = carried.map(Narrow::start).transpose()?;
    let mut house = House {
        server,
        relay,
        _narrow: narrow,
        known: Vec::new(),
        browsers: Vec::new(),
        logs_wanted: true,
        folder,
    };
    let result = test(&mut house).await;
    if result.is_err() {
        house.print_logs();
    }
    house.logs_wanted = false;
    for browser in house.browsers.drain(..) {
        let quit = browser.quit().await;
        if result.is_ok() {
            quit?;
        }
    }
    result
}

impl House {
    /// Starts a browser.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn browser(&mut self, wishes: Wishes) -> Result<&mut Browser> {
        let origin = self.server.origin().to_owned();
        self.browser_at(&origin, wishes).await
    }

    /// Starts one that finds the server elsewhere.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn browser_at(&mut self, origin: &str, wishes: Wishes) -> Result<&mut Browser> {
        let number = self.browsers.len() + 1;
        let browser = Browser::start(self.folder.path(), number, wishes, origin).await?;
        self.browsers.push(browser);
        Ok(self.browsers.last_mut().unwrap_or_else(|| unreachable!("one was pushed")))
    }

    /// What stands between everybody and the server.
    ///
    /// # Errors
    /// When the settings ask for none.
    pub fn relay(&self) -> Result<&Relay> {
        self.relay.as_ref().context("the settings ask for no relay")
    }

    /// The address of the one who came over the relay since this was asked last.
    ///
    /// # Errors
    /// When nobody came, or several did.
    pub fn newcomer(&mut self) -> Result<SocketAddr> {
        let all = self.relay()?.clients();
        let new: Vec<SocketAddr> = all.iter().copied().filter(|one| !self.known.contains(one)).collect();
        self.known = all;
        match new.as_slice() {
            [one] => Ok(*one),
            _ => anyhow::bail!("not one came over the relay, but {new:?}"),
        }
    }

    fn print_logs(&self) {
        eprintln!("--- the server's log ---\n{}", self.server.log());
        for browser in &self.browsers {
            eprintln!("--- a browser's log ---\n{}", browser.log());
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.logs_wanted {
            self.print_logs();
        }
        for browser in &mut self.browsers {
            // After a panic nothing can be asked of them any more.
            let _ = browser.kill();
        }
    }
}
