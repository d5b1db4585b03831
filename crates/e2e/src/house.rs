//! A test's whole world: one server and its browsers. Ends with the test, however that ends.

use crate::browser::Browser;
use crate::capabilities::Wishes;
use crate::folder::Folder;
use crate::server::{Server, Settings};
use anyhow::Result;

/// See the module.
#[derive(Debug)]
pub struct House {
    /// The server.
    pub server: Server,
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
    let server = Server::start(folder.path(), settings).await?;
    let mut house = House { server, browsers: Vec::new(), logs_wanted: true, folder };
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
        let number = self.browsers.len() + 1;
        let browser = Browser::start(self.folder.path(), number, wishes, self.server.port()).await?;
        self.browsers.push(browser);
        Ok(self.browsers.last_mut().unwrap_or_else(|| unreachable!("one was pushed")))
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
