//! One window of a browser, and the one participant in it: what a person can do there, and what a look at
//! the page and its counters tells.

use crate::browser::Session;
use crate::capabilities::{Devices, Kind};
use crate::pages::Pages;
use crate::stats::{Moved, Progress, Stats};
use crate::view::{self, View};
use crate::wait::{Seen, until};
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};
use thirtyfour::{By, WebDriver, WindowHandle, error::WebDriverErrorInner};
use tokio::sync::MutexGuard;

/// Whether nothing that an element stands in is on its way elsewhere. What goes round for ever is no way.
const STANDS_STILL: &str = "
    return document.getAnimations().every((animation) => {
        const timing = animation.effect.getComputedTiming();
        const goes = animation.playState === 'running' && timing.endTime !== Infinity;
        return !goes || !animation.effect.target.contains(arguments[0]);
    });";

/// See the module.
#[derive(Debug)]
pub struct Tab {
    session: Arc<Session>,
    window: WindowHandle,
    pages: Pages,
}

/// The right to speak of this tab, for as long as it is held.
pub(crate) struct Turn<'a> {
    pub driver: &'a WebDriver,
    _current: MutexGuard<'a, WindowHandle>,
}

impl Tab {
    pub(crate) fn new(session: Arc<Session>, window: WindowHandle, pages: Pages) -> Self {
        Self { session, window, pages }
    }

    /// Opens a page of the server.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.load(&self.pages.url(None, path)).await
    }

    /// The same, by another name for this machine.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn open_at(&self, host: &str, path: &str) -> Result<()> {
        self.load(&self.pages.url(Some(host), path)).await
    }

    async fn load(&self, url: &str) -> Result<()> {
        self.go_to(url).await?;
        if self.session.wishes.kind == Kind::Firefox {
            // No hook comes before a page's own scripts here, so tests leave the first page by its links.
            let _: Value = self.script(&self.session.hook(), vec![]).await?;
        }
        Ok(())
    }

    /// Opens a page of anybody's.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn go_to(&self, address: &str) -> Result<()> {
        let turn = self.turn().await?;
        Ok(turn.driver.goto(address).await?)
    }

    /// Comes to a room's door: by its link, or in Firefox from the start page.
    ///
    /// # Errors
    /// When it is not found.
    pub async fn come_to(&self, room: &str, name: &str) -> Result<()> {
        match self.session.wishes.kind {
            Kind::Chromium => {
                self.open(&format!("/r/{room}")).await?;
                self.write("name-input", name).await
            }
            Kind::Firefox => {
                self.open("/").await?;
                self.write("name-input", name).await?;
                self.write("room-input", room).await?;
                self.click("go").await
            }
        }
    }

    /// Comes to a room's door, and waits until one can join as one is.
    ///
    /// # Errors
    /// When there is no way in.
    pub async fn wait_at(&self, room: &str, name: &str) -> Result<()> {
        self.come_to(room, name).await?;
        let devices = self.session.wishes.devices;
        self.until("a way in", |view| match devices {
            Devices::Given => view.preview && view.offers("join"),
            Devices::Microphone => view.lobby_notice.is_some() && view.offers("join"),
            Devices::Refused | Devices::None => view.offers("join-without-devices"),
        })
        .await
    }

    /// Presses the button that lets one in.
    ///
    /// # Errors
    /// When there is none.
    pub async fn join(&self) -> Result<()> {
        let button = match self.session.wishes.devices {
            Devices::Given | Devices::Microphone => "join",
            Devices::Refused | Devices::None => "join-without-devices",
        };
        self.click(button).await
    }

    /// Comes to a room, joins, and waits until it is connected.
    ///
    /// # Errors
    /// When that does not happen.
    pub async fn enter(&self, room: &str, name: &str) -> Result<()> {
        self.wait_at(room, name).await?;
        self.join().await?;
        self.until(&format!("{name} being in {room}"), View::is_connected).await
    }

    /// Waits until everybody else is called so, and each is seen in a running picture and heard.
    ///
    /// # Errors
    /// When one is not.
    pub async fn sees_and_hears(&self, names: &[&str]) -> Result<()> {
        self.until_moving(&format!("{names:?} seen and heard"), |view, moved| {
            is_exactly(view, names) && moved.running() == names.len() && moved.heard.len() == names.len()
        })
        .await
    }

    /// Looks at the page until `test` holds.
    ///
    /// # Errors
    /// When it never does.
    pub async fn until(&self, what: &str, test: impl Fn(&View) -> bool) -> Result<()> {
        until(what, async || {
            let view = self.view().await?;
            Ok(Seen::when(test(&view), &view))
        })
        .await
    }

    /// Looks at the page and at what moved since the first look, until `test` holds.
    ///
    /// # Errors
    /// When it never does.
    pub async fn until_moving(&self, what: &str, test: impl Fn(&View, &Moved) -> bool) -> Result<()> {
        let mut progress = Progress::default();
        until(what, async || {
            let (view, stats) = (self.view().await?, self.stats().await?);
            let moved = progress.look(&view, &stats);
            Ok(Seen::when(test(&view, &moved), &(moved, view, stats)))
        })
        .await
    }

    /// What the page shows now.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn view(&self) -> Result<View> {
        self.script(view::SCRIPT, vec![]).await
    }

    /// What the browser has counted until now.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn stats(&self) -> Result<Stats> {
        let text: String =
            self.script("return window.madangStats().then((all) => JSON.stringify(all))", vec![]).await?;
        Ok(Stats(serde_json::from_str(&text)?))
    }

    /// Presses a button or follows a link, as a person does, once it can be pressed and stands still: a tile glides to
    /// its new place, and a driver presses where its button was when it looked.
    ///
    /// # Errors
    /// When it never can.
    pub async fn click(&self, id: &str) -> Result<()> {
        self.click_on(&format!("[data-testid={id}]")).await
    }

    /// As [`click`](Self::click), for what a selector finds first.
    ///
    /// # Errors
    /// When it never can be pressed.
    pub async fn click_on(&self, selector: &str) -> Result<()> {
        until(&format!("{selector} to press"), async || {
            let turn = self.turn().await?;
            let pressed = async {
                let element = turn.driver.find(By::Css(selector)).await?;
                if !element.is_enabled().await? {
                    return Ok(Seen::NotYet("not enabled".to_owned()));
                }
                let still = turn.driver.execute(STANDS_STILL, vec![element.to_json()?]).await?;
                if !still.convert::<bool>()? {
                    return Ok(Seen::NotYet("on its way".to_owned()));
                }
                element.click().await.map(Seen::Yes)
            };
            match pressed.await {
                Ok(seen) => Ok(seen),
                // It is not there yet, or it moves, or it was replaced while we looked.
                Err(error) => match error.as_inner() {
                    WebDriverErrorInner::NoSuchElement(_)
                    | WebDriverErrorInner::StaleElementReference(_)
                    | WebDriverErrorInner::ElementNotInteractable(_)
                    | WebDriverErrorInner::ElementClickIntercepted(_) => Ok(Seen::NotYet(error.to_string())),
                    _ => Err(error.into()),
                },
            }
        })
        .await
    }

    /// Drags what a selector finds, by its middle, so far across and down, in CSS pixels.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn drag(&self, selector: &str, across: i64, down: i64) -> Result<()> {
        let turn = self.turn().await?;
        let element = turn.driver.find(By::Css(selector)).await?;
        let chain = turn.driver.action_chain().move_to_element_center(&element).click_and_hold();
        // Two steps, as a hand makes many.
        let chain =
            chain.move_by_offset(across / 2, down / 2).move_by_offset(across - across / 2, down - down / 2);
        Ok(chain.release().perform().await?)
    }

    /// Gives the focus to what a selector finds, and presses a key there, called as the page will hear it.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn press_on(&self, selector: &str, key: &str) -> Result<()> {
        let script = "
            const element = document.querySelector(arguments[0]);
            element.focus();
            if (document.activeElement !== element) throw new Error('it takes no focus');";
        let _: Option<bool> = self.script(script, vec![json!(selector)]).await?;
        let turn = self.turn().await?;
        for r#type in ["keyDown", "keyUp"] {
            let event = json!({ "type": r#type, "key": key, "code": key });
            turn.driver.cdp().send_raw("Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// Replaces what is written in a field, as pasting does: drivers cannot type emoji.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn write(&self, id: &str, text: &str) -> Result<()> {
        self.click(id).await?;
        let script = "document.activeElement.select(); document.execCommand(arguments[0] ? 'insertText' : 'delete', false, arguments[0]); return document.activeElement.value";
        let written: String = self.script(script, vec![json!(text)]).await?;
        anyhow::ensure!(written == text, "{id} holds {written:?} after {text:?} was written");
        Ok(())
    }

    /// The text of an element, or what is written in it; nothing when it is not there.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn text(&self, id: &str) -> Result<Option<String>> {
        let script = "const e = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); return e?.value || e?.textContent.trim()";
        self.script(script, vec![json!(id)]).await
    }

    /// The texts of all such elements, from the top.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn texts(&self, id: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"]`)].map((e) => e.textContent.trim())";
        self.script(script, vec![json!(id)]).await
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws, or gives something else.
    pub async fn script<T: DeserializeOwned>(&self, script: &str, arguments: Vec<Value>) -> Result<T> {
        let turn = self.turn().await?;
        Ok(turn.driver.execute(script, arguments).await?.convert()?)
    }

    /// Runs a script in the first frame of the page.
    ///
    /// # Errors
    /// When there is no frame, or the script throws.
    pub async fn in_frame(&self, script: &str) -> Result<Value> {
        let turn = self.turn().await?;
        turn.driver.enter_frame(0).await?;
        let answer = turn.driver.execute(script, vec![]).await;
        turn.driver.enter_default_frame().await?;
        Ok(answer?.convert()?)
    }

    /// Clicks on what a selector finds in the first frame of the page, as a person does.
    ///
    /// # Errors
    /// When there is no frame, or nothing of the kind in it.
    pub async fn click_in_frame(&self, selector: &str) -> Result<()> {
        let turn = self.turn().await?;
        turn.driver.enter_frame(0).await?;
        let clicked = async { turn.driver.find(By::Css(selector)).await?.click().await }.await;
        turn.driver.enter_default_frame().await?;
        Ok(clicked?)
    }

    /// Closes the window, as a person does.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn close(self) -> Result<()> {
        let turn = self.turn().await?;
        Ok(turn.driver.close_window().await?)
    }

    /// Crashes the page: nothing of it runs any more, and nobody is told.
    ///
    /// # Errors
    /// When the page survives.
    pub async fn crash(self) -> Result<()> {
        let turn = self.turn().await?;
        match turn.driver.goto("chrome://crash").await {
            Ok(()) => bail!("the page survives"),
            Err(_) => Ok(()), // the driver says that the page crashed
        }
    }

    /// Makes the page so large, in CSS pixels; a narrow one is a phone. Chromium only.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let phone = width < 500;
        let scale = if phone { 2 } else { 1 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        let turn = self.turn().await?;
        turn.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        Ok(())
    }

    /// Shows the page as to whom likes it `dark` or `light`. Chromium only.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn theme(&self, theme: &str) -> Result<()> {
        self.likes("prefers-color-scheme", theme).await
    }

    /// Shows the page as to whom wants nothing to move. Chromium only.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn still(&self) -> Result<()> {
        self.likes("prefers-reduced-motion", "reduce").await
    }

    async fn likes(&self, feature: &str, value: &str) -> Result<()> {
        let likes = json!({ "features": [{ "name": feature, "value": value }] });
        let turn = self.turn().await?;
        turn.driver.cdp().send_raw("Emulation.setEmulatedMedia", likes).await?;
        Ok(())
    }

    /// Writes a picture of the page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn shoot(&self, file: &Path) -> Result<()> {
        let turn = self.turn().await?;
        turn.driver.screenshot(file).await.with_context(|| format!("{}", file.display()))
    }

    pub(crate) async fn turn(&self) -> Result<Turn<'_>> {
        let mut current = self.session.current.lock().await;
        if *current != self.window {
            self.session.driver.switch_to_window(self.window.clone()).await?;
            *current = self.window.clone();
        }
        Ok(Turn { driver: &self.session.driver, _current: current })
    }
}

/// Whether everybody else in the room is called so.
pub fn is_exactly(view: &View, names: &[&str]) -> bool {
    let mut names = names.to_vec();
    names.sort_unstable();
    view.names() == names
}
