//! What the browser tests (`crates/e2e`) drive: Chromium, Firefox and a driver for each. Cargo builds geckodriver where
//! it is missing; for the rest see [`wanted`].

use crate::{
    tools,
    wanted::{self, Found, Wanted},
    workspace::Workspace,
};
use anyhow::Result;

const GECKODRIVER: Wanted = Wanted {
    variable: "MADANG_GECKODRIVER",
    names: &["geckodriver"],
    package: None,
    elsewhere: "cargo install geckodriver --locked",
};

const WANTED: [Wanted; 4] = [
    Wanted {
        variable: "MADANG_CHROMIUM",
        names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        package: Some("chromium"),
        elsewhere: "install Chromium or Chrome from your system's packages",
    },
    Wanted {
        variable: "MADANG_CHROMEDRIVER",
        names: &["chromedriver"],
        package: Some("chromium-driver"),
        elsewhere: "install the chromedriver of your Chromium's version",
    },
    Wanted {
        variable: "MADANG_FIREFOX",
        names: &["firefox", "firefox-esr"],
        package: Some("firefox-esr"),
        elsewhere: "install Firefox from your system's packages",
    },
    GECKODRIVER,
];

/// Without these a page's emoji and CJK names are boxes; tests pass, pictures of them look wrong.
const FONTS: [&str; 2] = ["fonts-noto-color-emoji", "fonts-noto-cjk"];

/// All four programs, or an error that names those missing.
pub fn find_or_install(workspace: &Workspace) -> Result<Found> {
    wanted::install(&WANTED, &FONTS, workspace)?;
    if wanted::find(&GECKODRIVER, workspace).is_none() {
        tools::install(workspace, "geckodriver")?;
    }
    wanted::find_all(&WANTED, "the browser tests", workspace)
}
