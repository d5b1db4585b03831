//! A browser and its driver: one process each, and as many windows as a test asks for.

use crate::capabilities::{Capture, Devices, Kind, Wishes};
use crate::pages::Pages;
use crate::port::Port;
use crate::program::{Program, find};
use crate::tab::Tab;
use anyhow::{Context, Result};
use serde_json::json;
use std::{fs, path::Path, process::Command, sync::Arc};
use thirtyfour::{WebDriver, WindowHandle};
use tokio::sync::Mutex;

/// What every page is told before its own scripts run.
const HOOK: &str = include_str!("hook.js");

/// A browser. It dies with the value.
#[derive(Debug)]
pub struct Browser {
    // Before the driver, which passes on that the browser shall quit.
    session: Arc<Session>,
    driver: Program,
    // Until the driver has ended.
    _driver_port: Port,
    pages: Pages,
    windows: usize,
    killed: bool,
}

/// The one conversation with the driver, which is about one window at a time.
#[derive(Debug)]
pub(crate) struct Session {
    pub driver: WebDriver,
    pub wishes: Wishes,
    /// The window that is spoken of. Locked for as long as a command about it takes.
    pub current: Mutex<WindowHandle>,
}

impl Session {
    /// The hook, as a script that can be run again in the same page.
    pub fn hook(&self) -> String {
        let size = |width, height, rate| json!({ "width": width, "height": height, "frameRate": rate });
        let capture = match self.wishes.capture {
            Capture::Small => size(320, 180, 10),
            Capture::Tiny => size(320, 180, 5),
            Capture::Full => size(1280, 720, 15),
        };
        let none = self.wishes.devices == Devices::None;
        let wishes = json!({ "capture": capture, "none": none, "relay": self.wishes.relay_only });
        format!("({HOOK})({wishes})")
    }
}

impl Browser {
    /// Starts one that opens these pages of the server, and keeps what it writes in `folder`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(folder: &Path, number: usize, wishes: Wishes, pages: Pages) -> Result<Self> {
        let name = format!("{:?}-{number}", wishes.kind).to_lowercase();
        let profile = folder.join(format!("{name}-profile"));
        fs::create_dir_all(&profile)?;
        let mut command = match wishes.kind {
            Kind::Chromium => Command::new(find("MADANG_CHROMEDRIVER", &["chromedriver"])?),
            Kind::Firefox => Command::new(find("MADANG_GECKODRIVER", &["geckodriver"])?),
        };
        let driver_port = Port::take()?;
        command.arg(format!("--port={}", driver_port.number()));
        command.env("TMPDIR", folder); // Firefox's profile goes there too
        let mut driver = Program::start(&name, folder, &mut command)?;
        let address = match wishes.kind {
            Kind::Chromium => {
                let port = driver.says("started successfully on port ").await?;
                format!("http://127.0.0.1:{}", port.trim_end_matches('.'))
            }
            Kind::Firefox => format!("http://{}", driver.says("Listening on ").await?),
        };
        let session = WebDriver::new(address, wishes.capabilities(&profile, pages.is_trusted())?)
            .await
            .with_context(|| format!("{name} does not start:\n{}", driver.log()))?;
        let current = Mutex::new(session.window().await?);
        let session = Arc::new(Session { driver: session, wishes, current });
        Ok(Self { session, driver, _driver_port: driver_port, pages, windows: 0, killed: false })
    }

    /// A window of its own: one that hides behind another is slowed down by the browser.
    ///
    /// # Errors
    /// When the browser opens none.
    pub async fn window(&mut self) -> Result<Tab> {
        let mut current = self.session.current.lock().await;
        if self.windows > 0 {
            let window = self.session.driver.new_window().await?;
            self.session.driver.switch_to_window(window.clone()).await?;
            *current = window;
        }
        self.windows += 1;
        if self.session.wishes.kind == Kind::Chromium {
            let hook = json!({ "source": self.session.hook() });
            self.session.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", hook).await?;
        }
        Ok(Tab::new(self.session.clone(), current.clone(), self.pages))
    }

    /// Kills the browser, which then tells nobody that it goes.
    ///
    /// # Errors
    /// When its process is not found.
    pub fn kill(&mut self) -> Result<()> {
        self.killed = true;
        let driver = self.driver.id().to_string();
        let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &driver]).output()?;
        let children = String::from_utf8(listed.stdout)?;
        let children: Vec<&str> = children.split_whitespace().collect();
        let killed = Command::new("kill").arg("-KILL").args(&children).status()?;
        anyhow::ensure!(killed.success(), "the driver's children {children:?} cannot be killed");
        // The driver would wait a minute for what is dead, and so would whoever asked it to quit.
        self.driver.kill()?;
        // An error means that it was told to quit before.
        let _ = self.session.driver.clone().leak();
        Ok(())
    }

    /// Closes it in good order.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn quit(self) -> Result<()> {
        match self.session.driver.clone().quit().await {
            Err(error) if !self.killed => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(crate) fn driver_id(&self) -> u32 {
        self.driver.id()
    }

    pub(crate) fn log(&self) -> String {
        self.driver.log()
    }
}
