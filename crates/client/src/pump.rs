//! Drives the sans-I/O session: feeds it, does what it asks for, wakes it in time, and tells the listener what
//! changed. [`Room`](crate::Room) is what pages see of it.

mod looking;
mod telling;

pub use telling::{Follower, Listener};

use super::data::{DataEvent, DataSendError, Delivery};
use super::direct_stats::Counts;
use super::directs::{Directs, Page};
use super::event::{Event, Telling};
use super::local::{Device, LocalMedia};
use super::look::Looks;
use super::marks::{Moment, mark};
use super::page::{self, now};
use super::peer::{DataListener, Peer};
use super::peer_task::{PeerTask, Step};
use super::playout::{self, Playout};
use super::room::Options;
use super::slots::Slots;
use super::socket::{Opening, Socket, SocketEvent};
use super::watch::{Change, Watch};
use ::signal::{CallNumber, DataOut, DisplayName, OfferId, ParticipantId, RoomMode, RoomName, Source};
use gloo_timers::callback::Timeout;
use session::{DirectEvent, DirectOrder, Input, Output, Phase, Session, Snapshot};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use web_sys::MediaStreamTrack;

/// One person's stay in one room, with everything that is not `Send`.
pub struct Pump {
    me: Weak<Pump>,
    options: Options,
    listener: Listener,
    telling: RefCell<Telling>,
    followers: RefCell<Vec<Follower>>,
    inside: RefCell<Inside>,
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pump").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Borrowed only for the length of a call that cannot come back here: whatever the browser has to tell
/// comes from a task or an event, later.
#[derive(Debug, Default)]
struct Inside {
    session: Session,
    socket: Option<Socket>,
    /// How many sockets were opened: what an older one still tells is passed over.
    sockets: u32,
    peer: Option<PeerTask>,
    /// Connections straight to others.
    directs: Directs,
    local: LocalMedia,
    /// Counts how often all devices were let go: a question asked before that is void.
    epoch: u32,
    timer: Option<Timeout>,
    /// How large the tiles show whom.
    looks: Looks,
    /// Runs while changes of that are collected.
    look_timer: Option<Timeout>,
    /// The last number that a picture wanted by [`Room::subscribe`](crate::Room::subscribe) has.
    last_tile: u64,
    /// No pictures are sent or shown.
    saver: bool,
    /// As told last.
    shown: Rc<Snapshot>,
    slots: Rc<Slots>,
    _watch: Option<Watch>,
    /// How long what arrives is held.
    playout: Playout,
    /// What the session told last for the log.
    problem: Option<String>,
}

impl Pump {
    /// A pump at rest.
    pub fn new(options: Options, listener: Listener) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| {
            let pump = me.clone();
            let watch = Watch::start(move |change| {
                if let Some(pump) = pump.upgrade() {
                    match change {
                        Change::Network => pump.input(Input::NetworkChanged),
                        Change::Visibility => pump.look_now(),
                    }
                }
            });
            let inside = Inside { saver: options.saver, _watch: Some(watch), ..Inside::default() };
            Self {
                me: me.clone(),
                options,
                listener,
                telling: RefCell::default(),
                followers: RefCell::default(),
                inside: RefCell::new(inside),
            }
        })
    }

    /// Enters the room.
    pub fn join(&self, room: &RoomName, name: &DisplayName, mode: Option<RoomMode>) {
        mark(Moment::Join);
        let (room, name) = (room.to_string(), name.to_string());
        let saver = self.inside.borrow().saver;
        self.input(Input::KeepToServer(saver));
        self.input(Input::Join { room, name, mode, direct: true });
        if !self.options.auto_subscribe {
            self.look_now();
        }
    }

    /// Feeds the session, and does all it asks for.
    pub fn input(&self, input: Input) {
        let downlink = playout::from_server(&input);
        // Told once a second while media flows, and so the clock of what is drawn over time.
        let ticks = downlink.is_some() || matches!(input, Input::Measured(_));
        {
            let inside = &mut *self.inside.borrow_mut();
            if let (Some(downlink), Some(task)) = (&downlink, &inside.peer) {
                task.peer.hold_playout(inside.playout.take(downlink, now()));
            }
            inside.session.handle(input, now());
            self.drain(inside);
        }
        self.settle();
        if ticks {
            self.tell(Event::Second);
        }
    }

    /// Changes one's own devices, and tells the peer connections, the session and the listener.
    pub fn change_local(&self, change: impl FnOnce(&mut LocalMedia)) {
        {
            let inside = &mut *self.inside.borrow_mut();
            change(&mut inside.local);
            for (source, device) in sources(&inside.local) {
                if let Some(task) = &inside.peer {
                    task.peer.send(source, device.sending());
                }
                for direct in inside.directs.iter() {
                    direct.send(source, device.sending());
                }
                inside.session.handle(Input::SetSource { source, state: device.source_state() }, now());
            }
            self.drain(inside);
        }
        self.push(Event::Own);
        self.settle();
    }

    /// One's own devices, to look at.
    pub fn with_local<T>(&self, look: impl FnOnce(&LocalMedia) -> T) -> T {
        look(&self.inside.borrow().local)
    }

    /// Lets all devices go, those too that the browser is being asked for.
    pub fn let_go(&self) {
        self.let_devices_go();
        self.change_local(|_| {});
    }

    /// To tell whether a question to the browser has become void since it was asked.
    pub fn epoch(&self) -> u32 {
        self.inside.borrow().epoch
    }

    /// Opens data channels with the next offer, or one for them alone; of those that are open it is told again.
    pub fn open_data(&self) {
        if !self.inside.borrow().peer.as_ref().is_some_and(|task| task.peer.has_open_data()) {
            return self.input(Input::WantData);
        }
        let me = self.me.clone();
        page::spawn_local(async move {
            if let Some(pump) = me.upgrade() {
                pump.tell(Event::Data(DataEvent::Open));
            }
        });
    }

    /// Sends a message to others.
    ///
    /// # Errors
    /// See [`DataSendError`].
    pub fn send_data(&self, message: DataOut<'_>, delivery: Delivery) -> Result<(), DataSendError> {
        let inside = self.inside.borrow();
        let task = inside.peer.as_ref().ok_or(DataSendError::NotOpen)?;
        task.peer.send_data(message, delivery)
    }

    /// Whether this is the peer connection of now.
    pub fn has_peer(&self, peer: &Rc<Peer>) -> bool {
        self.inside.borrow().peer.as_ref().is_some_and(|task| Rc::ptr_eq(&task.peer, peer))
    }

    /// A step of negotiation is done, and perhaps there are more slots.
    pub fn negotiated(&self, told: Vec<Input>) {
        for input in told {
            self.input(input);
        }
        self.settle();
    }

    /// Asks the direct connections what they count.
    pub fn look_at_directs(&self) {
        let inside = &*self.inside.borrow();
        let server = inside.peer.as_ref().map(|task| task.peer.connection());
        inside.directs.look(&inside.shown.others, server, &self.me);
    }

    /// A direct connection counted so much, and the one to the server, if it was asked.
    pub fn counted(&self, with: ParticipantId, call: CallNumber, here: &Counts, there: Option<Counts>) {
        let seen = {
            let inside = &mut *self.inside.borrow_mut();
            let Some(other) = inside.shown.others.iter().find(|other| other.id == with) else { return };
            let looked_at = inside.looks.all(page::is_hidden());
            let page = Page {
                looked_at: looked_at.into_iter().map(|view| view.mid).collect(),
                me: inside.shown.me.as_ref().map(|me| me.id),
                microphone: inside.local.microphone.sending().map(MediaStreamTrack::id),
            };
            inside.directs.counted(other, call, here, there, &page)
        };
        for event in seen.events {
            self.input(Input::Direct { with, call, event });
        }
        if let Some(speakers) = seen.speakers {
            self.input(Input::Heard(speakers));
        }
        if let Some(quality) = seen.quality {
            self.input(Input::Measured(quality));
        }
    }

    fn drain(&self, inside: &mut Inside) {
        while let Some(output) = inside.session.poll_output() {
            self.perform(inside, output);
        }
    }

    fn perform(&self, inside: &mut Inside, output: Output) {
        match output {
            Output::OpenSocket => {
                let again = matches!(inside.session.snapshot().phase, Phase::Reconnecting { .. });
                let opening = if again { Opening::Again } else { Opening::First };
                inside.socket = Some(self.open_socket(&mut inside.sockets, opening));
            }
            Output::CloseSocket => inside.socket = None,
            Output::Send(message) => {
                if let Some(socket) = &inside.socket {
                    socket.send(&message);
                }
            }
            Output::CreateOffer { id, seats, ice_restart, data } => {
                if inside.peer.is_none() {
                    inside.peer = self.open_peer(&inside.local, id);
                }
                self.step(inside, Step::Offer { id, seats, ice_restart, data });
            }
            Output::UseRelays(relays) => {
                if let Some(task) = &inside.peer {
                    task.peer.use_relays(&relays);
                }
            }
            Output::ApplyAnswer { id, sdp } => {
                mark(Moment::Answer);
                self.step(inside, Step::Answer { id, sdp });
            }
            Output::SetEncodings { mid, wanted } => {
                if let Some(task) = &inside.peer {
                    task.peer.set_wanted(&mid, wanted);
                }
            }
            Output::Reacted { participant, reaction } => self.push(Event::Reacted { participant, reaction }),
            Output::GoTo(origin) => self.push(Event::GoTo(origin)),
            Output::ChatRefused { text, error } => self.push(Event::ChatRefused { text, error }),
            Output::SendToServer(sending) => {
                if let Some(task) = &inside.peer {
                    task.peer.hold(!sending);
                    for (source, device) in sources(&inside.local) {
                        task.peer.send(source, device.sending());
                    }
                }
            }
            Output::Direct { with, call, order } => {
                let opens = order == DirectOrder::Open;
                if let Err(error) =
                    inside.directs.order(with, call, order, inside.session.ice_servers(), &self.me)
                {
                    let event = DirectEvent::Failed(error.to_string());
                    self.input_later(Input::Direct { with, call, event });
                } else if let Some(direct) = inside.directs.last().filter(|_| opens) {
                    for (source, device) in sources(&inside.local) {
                        direct.send(source, device.sending());
                    }
                }
            }
            Output::ClosePeer => {
                // A connection that one closes oneself tells nothing more.
                if inside.peer.take().is_some_and(|task| task.peer.has_open_data()) {
                    self.push(Event::Data(DataEvent::Closed));
                }
            }
        }
    }

    fn step(&self, inside: &mut Inside, step: Step) {
        if let Some(Err(id)) = inside.peer.as_mut().map(|task| task.take(step)) {
            self.input_later(Input::NegotiationFailed { id, detail: "too many steps at once".to_owned() });
        }
    }

    fn open_peer(&self, local: &LocalMedia, id: OfferId) -> Option<PeerTask> {
        let me = self.me.clone();
        let told = move |state| {
            if let Some(pump) = me.upgrade() {
                pump.input(Input::Connectivity(state));
            }
        };
        let me = self.me.clone();
        let on_data = DataListener(Rc::new(move |event| {
            if let Some(pump) = me.upgrade() {
                pump.tell(Event::Data(event));
            }
        }));
        match Peer::new(told, on_data) {
            Ok(peer) => {
                for (source, device) in sources(local) {
                    peer.send(source, device.sending());
                }
                Some(PeerTask::start(Rc::new(peer), self.me.clone()))
            }
            Err(error) => {
                self.input_later(Input::NegotiationFailed { id, detail: error.to_string() });
                None
            }
        }
    }

    fn open_socket(&self, sockets: &mut u32, opening: Opening) -> Socket {
        *sockets += 1;
        let (me, number) = (self.me.clone(), *sockets);
        Socket::open(self.options.server.as_deref(), opening, move |event| {
            let Some(pump) = me.upgrade().filter(|pump| pump.inside.borrow().sockets == number) else {
                return;
            };
            pump.input(match event {
                SocketEvent::Opened => {
                    mark(Moment::Socket);
                    Input::SocketOpened
                }
                SocketEvent::Message(message) => Input::Message(*message),
                SocketEvent::Closed => Input::SocketClosed,
            });
        })
    }

    fn input_later(&self, input: Input) {
        let me = self.me.clone();
        page::spawn_local(async move {
            if let Some(pump) = me.upgrade() {
                pump.input(input);
            }
        });
    }

    /// After every change: the next wake-up, and the listener.
    fn settle(&self) {
        let snapshot = {
            let inside = &mut *self.inside.borrow_mut();
            let me = self.me.clone();
            inside.timer = inside.session.poll_timeout().map(|at| {
                let wait = at.saturating_sub(now()).as_millis();
                Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1), move || {
                    if let Some(pump) = me.upgrade() {
                        pump.wake();
                    }
                })
            });
            let problem = inside.session.last_problem();
            if problem != inside.problem.as_deref() {
                inside.problem = problem.map(str::to_owned);
                page::warn(&format!("session: {}", problem.unwrap_or("no problem now")));
            }
            inside.session.snapshot()
        };
        if matches!(snapshot.phase, Phase::Ended(_)) {
            self.let_devices_go();
        }
        self.tell_changes(snapshot);
    }

    fn wake(&self) {
        {
            let inside = &mut *self.inside.borrow_mut();
            inside.session.handle_timeout(now());
            self.drain(inside);
        }
        self.settle();
    }

    fn let_devices_go(&self) {
        let inside = &mut *self.inside.borrow_mut();
        inside.epoch = inside.epoch.wrapping_add(1);
        inside.local = LocalMedia::default();
    }
}

fn sources(local: &LocalMedia) -> [(Source, &Device); 4] {
    let LocalMedia { microphone, camera, screen, screen_audio } = local;
    [
        (Source::Microphone, microphone),
        (Source::Camera, camera),
        (Source::Screen, screen),
        (Source::ScreenAudio, screen_audio),
    ]
}
