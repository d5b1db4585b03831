//! The peer connection: what one sends, the seats one receives on, offers and answers.
//!
//! The browser always offers. Two send lines come first, with or without a device at hand, so that
//! switching one on later is a `replaceTrack` and no negotiation; then the seats, two lines each; a screen
//! gets lines when it is first shared. Data channels get one
//! when an application asks. Lines are only ever added. Nobody waits for candidates: the server has its own in the answer, and learns
//! ours from connectivity checks.

use super::data::{DataChannels, DataEvent, DataSendError, Delivery};
use super::describe;
use super::direct::told;
use super::ext::{PeerConnectionExt, ReceiverExt};
use super::lines::{SendLine, Slot, add_slot};
use super::marks::{Moment, mark};
use super::slots::Slots;
use ::signal::{DataOut, IceServer, MediaKind, Mid, Sdp, Source};
use js_sys::Reflect;
use session::Connectivity;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    MediaStream, MediaStreamTrack, RtcBundlePolicy, RtcConfiguration, RtcIceConnectionState,
    RtcPeerConnection, RtcPeerConnectionState, RtcSdpType,
};

/// What the browser refused.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {detail}")]
pub struct PeerError {
    step: &'static str,
    detail: String,
}

impl PeerError {
    /// Says which step the browser refused.
    pub fn at(step: &'static str) -> impl Fn(JsValue) -> Self {
        move |error| {
            let message = Reflect::get(&error, &"message".into()).ok().and_then(|text| text.as_string());
            Self { step, detail: message.unwrap_or_else(|| format!("{error:?}")) }
        }
    }
}

/// See the module. Dropping it closes the connection.
#[derive(Debug)]
pub struct Peer {
    connection: RtcPeerConnection,
    /// The microphone's and the camera's, and a screen's two once one was shared.
    lines: RefCell<Vec<SendLine>>,
    /// What is to be sent once the next offer gives it a line.
    waiting: RefCell<Vec<(Source, MediaStreamTrack)>>,
    /// Nothing is sent for now, on any line.
    held: Cell<bool>,
    seats: RefCell<Vec<Seat>>,
    /// For an application that asked for them.
    data: OnceCell<DataChannels>,
    on_data: DataListener,
    _on_state: Closure<dyn FnMut()>,
    /// For the timeline only.
    _on_ice: Closure<dyn FnMut()>,
}

/// Who is told of the data channels.
pub struct DataListener(pub Rc<dyn Fn(DataEvent)>);

impl std::fmt::Debug for DataListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataListener")
    }
}

/// Two receive lines that the server keeps to one participant's microphone and camera.
#[derive(Debug)]
struct Seat {
    audio: Slot,
    video: Slot,
}

impl Peer {
    /// A connection with its two send lines and no seats.
    pub fn new(on_state: impl Fn(Connectivity) + 'static, on_data: DataListener) -> Result<Self, PeerError> {
        let configuration = RtcConfiguration::new();
        configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
        let connection = RtcPeerConnection::new_with_configuration(&configuration)
            .map_err(PeerError::at("new connection"))?;
        let watched = connection.clone();
        let on_state = Closure::<dyn FnMut()>::new(move || {
            if let Some(state) = connectivity(watched.connection_state()) {
                if state == Connectivity::Connected {
                    mark(Moment::Connected);
                }
                on_state(state);
            }
        });
        connection.set_onconnectionstatechange(Some(on_state.as_ref().unchecked_ref()));
        let watched = connection.clone();
        let on_ice = Closure::<dyn FnMut()>::new(move || {
            if watched.ice_connection_state() == RtcIceConnectionState::Connected {
                mark(Moment::Ice);
            }
        });
        connection.set_oniceconnectionstatechange(Some(on_ice.as_ref().unchecked_ref()));
        // One stream for both, so that receivers keep lips in sync.
        let stream = MediaStream::new().map_err(PeerError::at("new stream"))?;
        let lines = [Source::Microphone, Source::Camera]
            .into_iter()
            .map(|source| SendLine::add(&connection, source, &stream))
            .collect::<Result<_, _>>()?;
        super::stats::watch(Some(&connection));
        Ok(Self {
            connection,
            lines: RefCell::new(lines),
            waiting: RefCell::default(),
            held: Cell::new(false),
            seats: RefCell::default(),
            data: OnceCell::new(),
            on_data,
            _on_state: on_state,
            _on_ice: on_ice,
        })
    }

    /// Sends nothing on any line from now on, whatever is sent, or lets what is sent next through again. Encodings are
    /// switched off besides, because Firefox makes a black picture a second of no track.
    pub fn hold(&self, held: bool) {
        self.held.set(held);
        for line in self.lines.borrow().iter() {
            line.hold(held);
        }
    }

    /// The browser's object, to be asked what it counts.
    pub fn connection(&self) -> &RtcPeerConnection {
        &self.connection
    }

    /// Sends a track, or nothing, on a source's line.
    pub fn send(&self, source: Source, track: Option<&MediaStreamTrack>) {
        if let Some(line) = self.lines.borrow().iter().find(|line| line.source == source) {
            return line.send(track.filter(|_| !self.held.get()));
        }
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|(other, _)| *other != source);
        // Rust's clone, another handle on the one track.
        waiting.extend(track.map(|track| (source, Clone::clone(track))));
    }

    /// Gives lines to what waits for one: a screen and its sound, with one stream for both.
    fn add_lines(&self) -> Result<(), PeerError> {
        let waiting = self.waiting.take();
        if waiting.is_empty() {
            return Ok(());
        }
        let stream = MediaStream::new().map_err(PeerError::at("new stream"))?;
        for (source, track) in waiting {
            let line = SendLine::add(&self.connection, source, &stream)?;
            line.send(Some(&track).filter(|_| !self.held.get()));
            line.hold(self.held.get());
            self.lines.borrow_mut().push(line);
        }
        Ok(())
    }

    /// Makes only these encodings of what is sent on a line, by their places.
    pub fn set_wanted(&self, mid: &Mid, wanted: Vec<u8>) {
        let lines = self.lines.borrow();
        if let Some(line) = lines.iter().find(|line| line.transceiver.mid().as_ref() == Some(&mid.0)) {
            line.set_wanted(wanted);
        }
    }

    /// Sends a message to others.
    ///
    /// # Errors
    /// See [`DataSendError`].
    pub fn send_data(&self, message: DataOut<'_>, delivery: Delivery) -> Result<(), DataSendError> {
        self.data.get().ok_or(DataSendError::NotOpen)?.send(message, delivery)
    }

    /// Whether messages may be sent.
    pub fn has_open_data(&self) -> bool {
        self.data.get().is_some_and(DataChannels::are_open)
    }

    /// Makes an offer with so many seats in all, from the first with data on with the channels for that, and sets it as the
    /// local description.
    pub async fn offer(&self, seats: usize, ice_restart: bool, data: bool) -> Result<Sdp, PeerError> {
        self.add_lines()?;
        if data {
            self.data.get_or_init(|| DataChannels::new(&self.connection, &self.on_data.0));
        }
        while self.seats.borrow().len() < seats {
            let seat = Seat {
                audio: add_slot(&self.connection, MediaKind::Audio)?,
                video: add_slot(&self.connection, MediaKind::Video)?,
            };
            self.seats.borrow_mut().push(seat);
        }
        describe::offer(&self.connection, ice_restart).await
    }

    /// Has ICE take these relays besides, from its next restart on. A browser that cannot goes on without.
    pub fn use_relays(&self, relays: &[IceServer]) {
        // Whatever else it was made with stays: browsers take no change of that.
        let configuration = self.connection.get_configuration();
        configuration.set_ice_servers(&told(relays));
        let _ = self.connection.unchecked_ref::<PeerConnectionExt>().try_set_configuration(&configuration);
    }

    /// Sets the remote description.
    pub async fn answer(&self, sdp: &Sdp) -> Result<(), PeerError> {
        describe::set_remote(&self.connection, RtcSdpType::Answer, sdp).await
    }

    /// Which send line carries which source. Known once there is a local description.
    pub fn mids(&self) -> Vec<(Source, Mid)> {
        let lines = self.lines.borrow();
        lines.iter().filter_map(|line| Some((line.source, Mid(line.transceiver.mid()?)))).collect()
    }

    /// The receive lines that have a mid.
    pub fn slots(&self) -> Slots {
        let seats = self.seats.borrow();
        Slots {
            tracks: seats
                .iter()
                .flat_map(|seat| [&seat.audio, &seat.video])
                .filter_map(|slot| Some((Mid(slot.transceiver.mid()?), slot.track.id())))
                .collect(),
            audio: seats.iter().map(|seat| seat.audio.track.id()).collect(),
            direct: vec![],
        }
    }

    /// Lets what comes by these slots be heard, and no other.
    pub fn hear(&self, heard: impl Fn(&Mid) -> bool) {
        for seat in self.seats.borrow().iter() {
            if let Some(mid) = seat.audio.transceiver.mid() {
                seat.audio.track.raw().set_enabled(heard(&Mid(mid)));
            }
        }
    }

    /// Has what arrives held for so many milliseconds before it is played, sound and pictures alike; the browser
    /// chooses when there is nothing. One that knows of no such thing goes on as it does.
    pub fn hold_playout(&self, milliseconds: Option<u32>) {
        for seat in self.seats.borrow().iter() {
            for slot in [&seat.audio, &seat.video] {
                let receiver = slot.transceiver.receiver();
                let receiver: &ReceiverExt = receiver.unchecked_ref();
                let _ = receiver.set_jitter_buffer_target(milliseconds.map(f64::from));
            }
        }
    }

    /// Closes the connection; what is under way fails or never ends.
    pub fn close(&self) {
        self.connection.set_onconnectionstatechange(None);
        self.connection.set_oniceconnectionstatechange(None);
        self.connection.close();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.close();
    }
}

/// As far as it matters.
pub fn connectivity(state: RtcPeerConnectionState) -> Option<Connectivity> {
    match state {
        RtcPeerConnectionState::New | RtcPeerConnectionState::Connecting => Some(Connectivity::Connecting),
        RtcPeerConnectionState::Connected => Some(Connectivity::Connected),
        RtcPeerConnectionState::Disconnected => Some(Connectivity::Disconnected),
        RtcPeerConnectionState::Failed => Some(Connectivity::Failed),
        _ => None, // closed, by us; or a state this build does not know
    }
}
