//! A connection straight to another participant: the lines that send one's own tracks and receive the other's, and
//! the data channel on which the two sessions speak.
//!
//! The session decides all of it (`session::DirectOrder`); a task carries its orders out one after the other, since
//! the browser takes descriptions only in turn. The first offer has a line for each source, whether or not anything
//! is sent on it: what is switched on later is a `replaceTrack`. Who answers takes the offer's lines.

use super::describe;
use super::ext::SenderExt;
use super::lines::{SendLine, add_line};
use super::peer::{PeerError, connectivity};
use super::pump::Pump;
use super::task::Task;
use super::track::{Track, TrackId};
use crate::page::spawn_local;
use ::signal::limits::MAX_PEER_MESSAGE;
use ::signal::{
    CHANNEL_ID, CHANNEL_LABEL, CallNumber, IceCandidate, IceServer, MediaKind, Mid, ParticipantId,
    PeerMessage, Source, encode,
};
use futures::StreamExt;
use futures::channel::mpsc;
use js_sys::Array;
use session::{DirectEvent, DirectOrder, Input};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, EventTarget, MediaStream, MediaStreamTrack, MessageEvent, RtcBundlePolicy, RtcConfiguration,
    RtcDataChannel, RtcDataChannelInit, RtcIceCandidateInit, RtcIceServer, RtcPeerConnection,
    RtcPeerConnectionIceEvent, RtcRtpTransceiver, RtcRtpTransceiverDirection, RtcRtpTransceiverInit,
    RtcSdpType,
};

/// Orders waiting for the browser: past it the connection is told to have failed. An offer and all addresses of the other side fit.
const MAX_ORDERS: usize = 128;

/// The sources by their lines in the first offer.
const SOURCES: [Source; 4] = [Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio];

/// The events it listens to, of the connection and of the channel.
const EVENTS: [&str; 2] = ["icecandidate", "connectionstatechange"];
const CHANNEL_EVENTS: [&str; 2] = ["open", "message"];

/// See the module. Dropping it closes the connection and ends its task.
#[derive(Debug)]
pub struct Direct {
    /// To whom.
    pub with: ParticipantId,
    /// Which of those that there were.
    pub call: CallNumber,
    inside: Rc<Inside>,
    orders: mpsc::Sender<DirectOrder>,
    _task: Task,
}

#[derive(Debug)]
struct Inside {
    with: ParticipantId,
    call: CallNumber,
    connection: RtcPeerConnection,
    channel: RtcDataChannel,
    /// One's own tracks are in one stream, so that the other keeps lips in sync.
    stream: MediaStream,
    lines: RefCell<Vec<Line>>,
    /// What is to be sent, whether or not there are lines for it.
    sending: RefCell<Vec<(Source, MediaStreamTrack)>>,
    /// The other looks at no pictures: none are sent.
    blind: Cell<bool>,
    pump: Weak<Pump>,
    on_event: RefCell<Option<Listener>>,
    closed: Cell<bool>,
}

type Listener = Closure<dyn FnMut(Event)>;

/// A line both ways.
#[derive(Debug)]
struct Line {
    send: SendLine,
    /// What comes in.
    track: Track,
}

/// A line of the other's, for those who show what comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The line.
    pub mid: Mid,
    /// What comes in.
    pub track: TrackId,
    /// Of which kind.
    pub kind: MediaKind,
}

impl Direct {
    /// A connection with no lines yet. What becomes of it is told to `pump`, from tasks and events, never from within this call.
    pub fn open(
        with: ParticipantId,
        call: CallNumber,
        ice_servers: &[IceServer],
        pump: Weak<Pump>,
    ) -> Result<Self, PeerError> {
        let configuration = RtcConfiguration::new();
        configuration.set_ice_servers(&told(ice_servers));
        configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
        let connection = RtcPeerConnection::new_with_configuration(&configuration)
            .map_err(PeerError::at("new connection"))?;
        let init = RtcDataChannelInit::new();
        init.set_negotiated(true);
        init.set_id(CHANNEL_ID);
        let channel = connection.create_data_channel_with_data_channel_dict(CHANNEL_LABEL, &init);
        let stream = MediaStream::new().map_err(PeerError::at("new stream"))?;
        super::stats::add(with, &connection);
        let inside = Rc::new(Inside {
            with,
            call,
            connection,
            channel,
            stream,
            lines: RefCell::default(),
            sending: RefCell::default(),
            blind: Cell::new(false),
            pump,
            on_event: RefCell::default(),
            closed: Cell::new(false),
        });
        inside.listen();
        let (orders, waiting) = mpsc::channel(MAX_ORDERS);
        let task = Task::start(run(inside.clone(), waiting));
        Ok(Self { with, call, inside, orders, _task: task })
    }

    /// Carries an order out, after those before it.
    pub fn take(&mut self, order: DirectOrder) {
        if let DirectOrder::Say(message) = order {
            // A channel that is no longer open has nobody to hear it.
            let _ = self.inside.channel.send_with_str(&encode(&message));
        } else if let DirectOrder::SendPictures(on) = order {
            self.inside.send_pictures(on);
        } else if self.orders.try_send(order).is_err() {
            self.inside.fail("too many orders at once".to_owned());
        }
    }

    /// Sends a track, or nothing, on a source's line.
    pub fn send(&self, source: Source, track: Option<&MediaStreamTrack>) {
        let mut sending = self.inside.sending.borrow_mut();
        sending.retain(|(other, _)| *other != source);
        // Rust's clone, another handle on the one track.
        sending.extend(track.map(|track| (source, Clone::clone(track))));
        if let Some(line) = self.inside.lines.borrow().iter().find(|line| line.send.source == source) {
            self.inside.feed(line, track);
        }
    }

    /// The lines that have a mid.
    pub fn incoming(&self) -> Vec<Incoming> {
        let incoming = |line: &Line| {
            let mid = Mid(line.send.transceiver.mid()?);
            Some(Incoming { mid, track: line.track.id(), kind: line.send.source.kind() })
        };
        self.inside.lines.borrow().iter().filter_map(incoming).collect()
    }

    /// Lets what comes on these lines be heard, and no other.
    pub fn hear(&self, heard: impl Fn(&Mid) -> bool) {
        for line in self.inside.lines.borrow().iter() {
            let mid = line.send.transceiver.mid().map(Mid);
            if line.send.source.kind() == MediaKind::Audio {
                line.track.raw().set_enabled(mid.is_some_and(|mid| heard(&mid)));
            }
        }
    }

    /// The browser's object, to be asked what it counts.
    pub fn connection(&self) -> &RtcPeerConnection {
        &self.inside.connection
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        self.inside.close();
    }
}

async fn run(inside: Rc<Inside>, mut orders: mpsc::Receiver<DirectOrder>) {
    while let Some(order) = orders.next().await {
        if inside.closed.get() {
            return;
        }
        if let Err(error) = inside.carry_out(order).await {
            return inside.fail(error.to_string());
        }
    }
}

impl Inside {
    async fn carry_out(&self, order: DirectOrder) -> Result<(), PeerError> {
        match order {
            DirectOrder::Offer { ice_restart } => {
                if self.lines.borrow().is_empty() {
                    self.add_lines()?;
                }
                self.tell(DirectEvent::OfferMade(describe::offer(&self.connection, ice_restart).await?));
            }
            DirectOrder::Answer { offer } => {
                // With an offer of one's own out this takes it back (JSEP §4.1.10.2).
                describe::set_remote(&self.connection, RtcSdpType::Offer, &offer).await?;
                self.take_lines();
                self.tell(DirectEvent::AnswerMade(describe::answer(&self.connection).await?));
            }
            DirectOrder::Accept { answer } => {
                describe::set_remote(&self.connection, RtcSdpType::Answer, &answer).await?;
            }
            DirectOrder::AddCandidate(IceCandidate { candidate, mid, line }) => {
                let init = RtcIceCandidateInit::new(&candidate);
                init.set_sdp_mid(mid.as_ref().map(|mid| mid.0.as_str()));
                init.set_sdp_m_line_index(line);
                let added = self.connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&init));
                // One that cannot be used, or belongs to what was taken back, is one less to try.
                let _ = JsFuture::from(added).await;
            }
            // Done at once, by whoever has the connection.
            DirectOrder::Open | DirectOrder::Say(_) | DirectOrder::SendPictures(_) | DirectOrder::Close => {}
        }
        Ok(())
    }

    /// Lines for an offer of our own.
    fn add_lines(&self) -> Result<(), PeerError> {
        for source in SOURCES {
            let init = RtcRtpTransceiverInit::new();
            init.set_direction(RtcRtpTransceiverDirection::Sendrecv);
            init.set_streams(&Array::of1(&self.stream));
            // With all codecs: of an offer of Firefox's that was narrowed, Chromium "failed to parse codecs correctly".
            self.take_line(source, add_line(&self.connection, source.kind(), &init)?);
        }
        Ok(())
    }

    /// The lines of their offer, unless it is about the lines that there are. Those of an offer that was taken back
    /// have no mid any more, and go.
    fn take_lines(&self) {
        self.lines.borrow_mut().retain(|line| {
            let stays = line.send.transceiver.mid().is_some();
            if !stays {
                line.send.transceiver.stop();
            }
            stays
        });
        if !self.lines.borrow().is_empty() {
            return;
        }
        let theirs = self.connection.get_transceivers();
        let theirs = theirs.iter().map(JsCast::unchecked_into::<RtcRtpTransceiver>);
        for (line, source) in theirs.filter(|line| line.mid().is_some()).zip(SOURCES) {
            line.set_direction(RtcRtpTransceiverDirection::Sendrecv);
            let sender = line.sender();
            // Without it lips may be a little late, and that is all.
            let _ = sender.unchecked_ref::<SenderExt>().try_set_streams(&self.stream);
            self.take_line(source, line);
        }
    }

    fn take_line(&self, source: Source, transceiver: RtcRtpTransceiver) {
        let track = Track::new(transceiver.receiver().track());
        if source.kind() == MediaKind::Audio {
            // Heard once it is shown to come this way, and not beside the same by the server.
            track.raw().set_enabled(false);
        }
        let line = Line { send: SendLine::alone(source, transceiver), track };
        if let Some((_, track)) = self.sending.borrow().iter().find(|(other, _)| *other == source) {
            self.feed(&line, Some(track));
        }
        self.lines.borrow_mut().push(line);
    }

    /// Sends a track on a line, or nothing; and of a picture nothing while nobody looks at it. Encodings are switched off
    /// besides, because Firefox makes a black picture a second of no track.
    fn feed(&self, line: &Line, track: Option<&MediaStreamTrack>) {
        let held = self.blind.get() && line.send.source.kind() == MediaKind::Video;
        line.send.hold(held);
        line.send.send(track.filter(|_| !held));
    }

    fn send_pictures(&self, on: bool) {
        self.blind.set(!on);
        let sending = self.sending.borrow();
        for line in self.lines.borrow().iter().filter(|line| line.send.source.kind() == MediaKind::Video) {
            let track = sending.iter().find(|(source, _)| *source == line.send.source);
            self.feed(line, track.map(|(_, track)| track));
        }
    }

    fn listen(self: &Rc<Self>) {
        let me = Rc::downgrade(self);
        let on_event = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            if let Some(told) =
                me.upgrade().and_then(|inside| inside.heard(&event).map(|told| (inside, told)))
            {
                told.0.tell(told.1);
            }
        });
        for (target, event) in self.watched() {
            // An event that cannot be listened to does not come, and the attempt is given up in time.
            let _ = target.add_event_listener_with_callback(event, on_event.as_ref().unchecked_ref());
        }
        self.on_event.replace(Some(on_event));
    }

    fn watched(&self) -> impl Iterator<Item = (&EventTarget, &'static str)> {
        let connection: &EventTarget = self.connection.as_ref();
        let channel: &EventTarget = self.channel.as_ref();
        let of_connection = EVENTS.map(|event| (connection, event));
        of_connection.into_iter().chain(CHANNEL_EVENTS.map(|event| (channel, event)))
    }

    /// What an event means.
    fn heard(&self, event: &Event) -> Option<DirectEvent> {
        match event.type_().as_str() {
            "icecandidate" => {
                let candidate = event.unchecked_ref::<RtcPeerConnectionIceEvent>().candidate()?;
                Some(DirectEvent::Gathered(IceCandidate {
                    candidate: candidate.candidate(),
                    mid: candidate.sdp_mid().map(Mid),
                    line: candidate.sdp_m_line_index(),
                }))
            }
            "open" => Some(DirectEvent::Opened(self.mids())),
            "message" => {
                let text = event.unchecked_ref::<MessageEvent>().data().as_string()?;
                // What a newer page says besides is passed over, and so is what is too long to be honest.
                let text = Some(text).filter(|text| text.len() <= MAX_PEER_MESSAGE)?;
                PeerMessage::read(&text).ok().map(DirectEvent::Heard)
            }
            _ => connectivity(self.connection.connection_state()).map(DirectEvent::Connectivity),
        }
    }

    fn mids(&self) -> Vec<(Source, Mid)> {
        let lines = self.lines.borrow();
        lines.iter().filter_map(|line| Some((line.send.source, Mid(line.send.transceiver.mid()?)))).collect()
    }

    fn fail(&self, detail: String) {
        self.tell(DirectEvent::Failed(detail));
    }

    /// Later, for the session may be in the middle of asking.
    fn tell(&self, event: DirectEvent) {
        let (pump, with, call) = (self.pump.clone(), self.with, self.call);
        spawn_local(async move {
            if let Some(pump) = pump.upgrade() {
                pump.input(Input::Direct { with, call, event });
            }
        });
    }

    fn close(&self) {
        self.closed.set(true);
        if let Some(on_event) = self.on_event.take() {
            for (target, event) in self.watched() {
                let _ = target.remove_event_listener_with_callback(event, on_event.as_ref().unchecked_ref());
            }
        }
        self.connection.close();
        // Whoever still waits for the browser holds this: not the tracks as well.
        self.lines.take();
        self.sending.take();
        super::stats::remove(&self.connection);
    }
}

/// A STUN or TURN server, as browsers are told of it.
/// STUN and TURN servers, as a browser is told of them.
pub fn told(servers: &[IceServer]) -> Array {
    servers.iter().map(ice_server).collect()
}

fn ice_server(server: &IceServer) -> RtcIceServer {
    let IceServer { urls, username, credential } = server;
    let told = RtcIceServer::new();
    told.set_urls(&urls.iter().map(|url| JsValue::from_str(url)).collect::<Array>());
    if let (Some(username), Some(credential)) = (username, credential) {
        told.set_username(username);
        told.set_credential(credential);
    }
    told
}
