//! What a page shows, read in one go. `view.js` fills it; nothing here decides what ought to be seen.

use serde::Deserialize;
use serde_json::Value;

/// The script that reads a [`View`].
pub(crate) const SCRIPT: &str = include_str!("view.js");

/// A page at one moment.
#[derive(Clone, Debug, Deserialize)]
pub struct View {
    /// Of the address.
    pub path: String,
    /// The test ids that are visible, each once.
    pub ids: Vec<String>,
    /// The test ids of buttons that can be pressed.
    pub enabled: Vec<String>,
    /// How many are in the room, in words.
    pub people: Option<String>,
    /// What the room says of the connection; empty when all is well.
    pub status: Option<String>,
    /// What the lobby says.
    pub lobby_notice: Option<String>,
    /// What the room says of a device.
    pub device_notice: Option<String>,
    /// The lobby shows a picture of one's own camera.
    pub preview: bool,
    /// Everybody, oneself too.
    pub tiles: Vec<Tile>,
    /// How many times the page asked for devices.
    pub asked: u32,
    /// Tracks of devices that are still held.
    pub live_tracks: u32,
    /// Peer connections that are not closed.
    pub open_peers: u32,
    /// Sockets ever opened.
    #[serde(default)]
    pub sockets: u32,
    /// The last short message of each kind that the page said or was told, for whom looks for a cause.
    #[serde(default)]
    pub said: Vec<String>,
    /// The page's last errors.
    pub errors: Vec<String>,
}

/// A participant as a page shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Tile {
    /// The participant's id.
    pub id: String,
    /// One's own.
    pub own: bool,
    /// The participant's name.
    pub name: String,
    /// What stands under the picture.
    pub caption: String,
    /// The elements inside the caption; text has none.
    pub elements: Vec<String>,
    /// Shown as muted.
    pub muted: bool,
    /// Shown by initials.
    pub avatar: bool,
    /// Shown by a picture.
    pub picture: Option<Picture>,
}

/// A picture that is being shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Picture {
    /// The m-line that it came on; one's own came on none.
    pub mid: Option<String>,
    /// In pixels, as it came.
    pub width: u32,
    /// In pixels, as it came.
    pub height: u32,
    /// From the last click to when it began to play, in milliseconds by the page's own clock; nothing where nobody
    /// clicked.
    pub since_click: Option<f64>,
}

impl Picture {
    fn is_direct(&self) -> bool {
        self.mid.as_ref().is_some_and(|mid| mid.starts_with("direct-"))
    }
}

impl View {
    /// Whether an element is visible.
    pub fn shows(&self, id: &str) -> bool {
        self.ids.iter().any(|shown| shown == id)
    }

    /// Whether a button can be pressed.
    pub fn offers(&self, id: &str) -> bool {
        self.enabled.iter().any(|enabled| enabled == id)
    }

    /// Whether the page is in the room and everything stands.
    pub fn is_connected(&self) -> bool {
        self.shows("room") && self.status.as_deref() == Some("")
    }

    /// What the server said last of one's downlink.
    pub fn downlink(&self) -> Option<Value> {
        let messages = self.said.iter().filter_map(|said| serde_json::from_str::<Value>(said).ok());
        let mut quality =
            messages.filter(|message| message.get("type").is_some_and(|kind| kind == "quality"));
        quality.next()?.get("downlink").cloned()
    }

    /// Whether everybody else's picture comes straight from them.
    pub fn is_direct(&self) -> bool {
        let straight = |tile: &Tile| tile.picture.as_ref().is_some_and(Picture::is_direct);
        self.others().count() > 0 && self.others().all(straight)
    }

    /// Whether everybody else's picture comes from the server.
    pub fn is_by_server(&self) -> bool {
        self.others().all(|tile| tile.picture.as_ref().is_some_and(|picture| !picture.is_direct()))
    }

    /// Everybody else's tiles.
    pub fn others(&self) -> impl Iterator<Item = &Tile> {
        self.tiles.iter().filter(|tile| !tile.own)
    }

    /// The names of everybody else, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.others().map(|tile| tile.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Somebody else's tile.
    pub fn tile(&self, name: &str) -> Option<&Tile> {
        self.others().find(|tile| tile.name == name)
    }
}
