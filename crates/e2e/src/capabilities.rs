//! How a browser is started: which one, and what devices it says it has. The flags are all here.

use crate::program::find;
use crate::shot::PHONE;
use crate::wave;
use anyhow::Result;
use serde_json::json;
use std::{fs, path::Path};
use thirtyfour::common::capabilities::firefox::FirefoxPreferences;
use thirtyfour::{Capabilities, CapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities};

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, by chromedriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
}

/// What devices it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Devices {
    /// A made-up microphone and camera, given to whoever asks. Chromium has several of each.
    #[default]
    Given,
    /// The same, and given to nobody.
    Refused,
    /// A made-up microphone, given to whoever asks, and no camera. Chromium only.
    Microphone,
    /// None at all; what a page is told is made up, since a developer's machine has some.
    None,
}

/// How large a picture pages get from the camera, whatever they ask for: the machine has to encode and
/// decode all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// 320×180 at 10 frames a second.
    #[default]
    Small,
    /// 320×180 at 5 frames a second, for a crowd.
    Tiny,
    /// 1280×720 at 15 frames a second: large enough for all encodings.
    Full,
}

/// What the made-up microphone hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sound {
    /// The browser's own: beeps.
    #[default]
    Beeps,
    /// What sounds like somebody who speaks for three seconds, then three seconds of silence, over and
    /// over. Chromium only.
    Talk,
}

/// What a test asks of a browser.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    /// Which.
    pub kind: Kind,
    /// With what.
    pub devices: Devices,
    /// Of what size.
    pub capture: Capture,
    /// With what to hear.
    pub sound: Sound,
    /// What the person reads, as BCP 47 has it. Chromium only.
    pub language: &'static str,
    /// Its network lets nothing out but to relays: connections may take no other way.
    pub relay_only: bool,
    /// Held in a hand: a phone's page, screen and fingers. Chromium only.
    pub phone: bool,
}

impl Kind {
    /// This browser with devices and a small picture.
    pub fn with_devices(self) -> Wishes {
        Wishes {
            kind: self,
            devices: Devices::Given,
            capture: Capture::Small,
            sound: Sound::Beeps,
            language: "en",
            relay_only: false,
            phone: false,
        }
    }

    /// This browser with devices, whose connections may take relays alone.
    pub fn by_relays_alone(self) -> Wishes {
        Wishes { relay_only: true, ..self.with_devices() }
    }

    /// This browser with devices, on a phone.
    pub fn on_a_phone(self) -> Wishes {
        Wishes { phone: true, ..self.with_devices() }
    }

    /// This browser with a picture large enough for all encodings.
    pub fn with_a_full_picture(self) -> Wishes {
        Wishes { capture: Capture::Full, ..self.with_devices() }
    }

    /// This browser with what `devices` says.
    pub fn with(self, devices: Devices) -> Wishes {
        Wishes { devices, ..self.with_devices() }
    }
}

/// The name under which Chromium finds this machine, for an origin that is not secure.
pub const INSECURE_HOST: &str = "madang.test";

/// The same for every test. Nothing is fetched that the test did not ask for, windows that nobody sees
/// run as if somebody did, and sound is played to nobody.
const CHROMIUM: [&str; 14] = [
    "--headless=new",
    "--no-sandbox", // it needs rights that containers do not give
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--window-size=1280,800",
    "--host-resolver-rules=MAP madang.test 127.0.0.1",
];

impl Wishes {
    /// As a driver takes them.
    pub(crate) fn capabilities(self, profile: &Path, origin: &str) -> Result<Capabilities> {
        let is_secure = origin.starts_with("https:");
        let mut capabilities = match self.kind {
            Kind::Chromium => self.chromium(profile, is_secure)?,
            Kind::Firefox => self.firefox()?,
        };
        if is_secure {
            // As a person does who was warned of the certificate and goes on.
            capabilities.accept_insecure_certs(true)?;
        }
        Ok(capabilities)
    }

    fn chromium(self, profile: &Path, is_secure: bool) -> Result<Capabilities> {
        let mut capabilities = DesiredCapabilities::chrome();
        let program = find("MADANG_CHROMIUM", &["chromium", "google-chrome"])?;
        capabilities.set_binary(&program.to_string_lossy())?;
        for argument in CHROMIUM {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        capabilities.add_arg(&format!("--accept-lang={}", self.language))?;
        if is_secure {
            // Of TURN servers, too.
            capabilities.add_arg("--ignore-certificate-errors")?;
        }
        let devices: &[&str] = match self.devices {
            Devices::Given => &[
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream=device-count=3,fps=10",
            ],
            Devices::Refused => &["--deny-permission-prompts", "--use-fake-device-for-media-stream=fps=10"],
            Devices::Microphone | Devices::None => {
                &["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=0"]
            }
        };
        for argument in devices {
            capabilities.add_arg(argument)?;
        }
        if self.capture == Capture::Full {
            // The last of two holds.
            capabilities.add_arg("--use-fake-device-for-media-stream=device-count=3,fps=15")?;
        }
        if self.phone {
            let (width, height) = PHONE;
            let screen =
                json!({ "width": width, "height": height, "pixelRatio": 2.0, "mobile": true, "touch": true });
            let phone =
                json!({ "deviceMetrics": screen, "clientHints": { "platform": "Android", "mobile": true } });
            capabilities.add_experimental_option("mobileEmulation", phone)?;
        }
        if self.sound == Sound::Talk {
            let file = profile.join("talk.wav");
            fs::write(&file, wave::talk())?;
            capabilities.add_arg(&format!("--use-file-for-fake-audio-capture={}", file.display()))?;
        }
        Ok(capabilities.into())
    }

    fn firefox(self) -> Result<Capabilities> {
        let mut capabilities = DesiredCapabilities::firefox();
        let program = find("MADANG_FIREFOX", &["firefox", "firefox-esr"])?;
        capabilities.set_firefox_binary(&program.to_string_lossy())?;
        capabilities.set_headless()?;
        let mut preferences = FirefoxPreferences::new();
        preferences.set("media.navigator.streams.fake", true)?;
        preferences.set("media.navigator.permission.disabled", self.devices != Devices::Refused)?;
        preferences.set("media.peerconnection.ice.loopback", true)?;
        // Nothing is fetched that the test did not ask for.
        preferences.set("network.captive-portal-service.enabled", false)?;
        preferences.set("network.connectivity-service.enabled", false)?;
        if self.devices == Devices::Refused {
            for device in ["permissions.default.camera", "permissions.default.microphone"] {
                preferences.set(device, json!(2))?; // 2 is "block"
            }
        }
        capabilities.set_preferences(preferences)?;
        Ok(capabilities.into())
    }
}
