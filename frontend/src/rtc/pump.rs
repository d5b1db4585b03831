//! Drives the sans-I/O session: feeds it, does what it asks for, wakes it in time, and writes the
//! snapshot to the store. [`call`](super::call) is what pages see of it.

use super::devices::{self, DeviceProblem};
use super::local::{Device, LocalMedia};
use super::marks::{Moment, mark};
use super::network::NetworkWatch;
use super::peer::Peer;
use super::peer_task::{PeerTask, Step};
use super::playout::Playout;
use crate::signal::{Socket, SocketEvent};
use crate::state::look::{Looks, Size};
use crate::state::room::{self, RoomState, RoomStateStoreFields, Slots};
use ::signal::{Mid, OfferId, PublicationId, ServerMessage, Source};
use gloo_timers::callback::Timeout;
use leptos::prelude::{Set, Update};
use reactive_stores::Store;
use session::{Input, Now, Output, Phase, Session};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;
use web_sys::VisibilityState;

/// How long changes of what is looked at are collected, in milliseconds: the tiles of one frame tell one after
/// another. The session paces what it passes on; it gives a new slot 100 ms to be laid out and told of.
const LOOK_DELAY: u32 = 10;

/// One person's stay in one room, with everything that is not `Send`.
#[derive(Debug)]
pub struct Pump {
    me: Weak<Pump>,
    store: Store<RoomState>,
    inside: RefCell<Inside>,
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
    local: LocalMedia,
    /// Counts how often all devices were let go: a question asked before that is void.
    epoch: u32,
    timer: Option<Timeout>,
    /// How large the tiles show whom.
    looks: Looks,
    /// Runs while changes of that are collected.
    look_timer: Option<Timeout>,
    _network: Option<NetworkWatch>,
    /// How long what arrives is held.
    playout: Playout,
    /// What the session told last for the log.
    problem: Option<String>,
}

impl Pump {
    /// A pump at rest.
    pub fn new(store: Store<RoomState>) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| {
            let pump = me.clone();
            let network = NetworkWatch::start(move || {
                if let Some(pump) = pump.upgrade() {
                    pump.input(Input::NetworkChanged);
                }
            });
            let inside = Inside { _network: Some(network), ..Inside::default() };
            Self { me: me.clone(), store, inside: RefCell::new(inside) }
        })
    }

    /// Feeds the session, and does all it asks for.
    pub fn input(&self, input: Input) {
        // Told once a second while media flows, and so the clock of what is drawn over time.
        let downlink = match &input {
            Input::Message(ServerMessage::Quality(quality)) => Some(quality.downlink),
            _ => None,
        };
        {
            let inside = &mut *self.inside.borrow_mut();
            if let (Some(downlink), Some(task)) = (&downlink, &inside.peer) {
                task.peer.hold_playout(inside.playout.take(downlink, now()));
            }
            inside.session.handle(input, now());
            self.drain(inside);
        }
        self.settle();
        if downlink.is_some() {
            room::second_is_over(self.store);
        }
    }

    /// A tile, by a number of its own, shows a slot at this size, or nothing.
    pub fn look(&self, tile: u64, shown: Option<(Mid, Size)>) {
        let inside = &mut *self.inside.borrow_mut();
        if inside.looks.set(tile, shown) && inside.look_timer.is_none() {
            let me = self.me.clone();
            inside.look_timer = Some(Timeout::new(LOOK_DELAY, move || {
                if let Some(pump) = me.upgrade() {
                    pump.look_now();
                }
            }));
        }
    }

    /// Tells the session what is looked at: nothing while the page is hidden. Before joining there is nobody
    /// to tell.
    pub fn look_now(&self) {
        let hidden = leptos::prelude::document().visibility_state() == VisibilityState::Hidden;
        let all = {
            let inside = &mut *self.inside.borrow_mut();
            inside.look_timer = None;
            if inside.session.snapshot().phase == Phase::Idle {
                return;
            }
            inside.looks.all(hidden)
        };
        self.input(Input::View(all));
    }

    /// Shows these before all others. Before joining there is nobody to tell.
    pub fn prefer(&self, publications: Vec<PublicationId>) {
        let idle = self.inside.borrow().session.snapshot().phase == Phase::Idle;
        if !idle {
            self.input(Input::Prefer(publications));
        }
    }

    /// Changes one's own devices, and tells the peer connection, the session and the store.
    pub fn change_local(&self, change: impl FnOnce(&mut LocalMedia)) {
        {
            let inside = &mut *self.inside.borrow_mut();
            change(&mut inside.local);
            for (source, device) in sources(&inside.local) {
                if let Some(task) = &inside.peer {
                    task.peer.send(source, device.sending());
                }
                inside.session.handle(Input::SetSource { source, state: device.source_state() }, now());
            }
            self.drain(inside);
            let LocalMedia { microphone, camera, screen, screen_audio: _ } = &inside.local;
            self.store.local().update(|view| {
                view.microphone = microphone.source_state();
                view.camera = camera.source_state();
                view.screen = screen.source_state();
                view.preview = camera.shown();
            });
        }
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

    /// A device went away by itself.
    pub fn lost(&self, problem: DeviceProblem) {
        self.change_local(|local| match problem.device {
            devices::Device::Microphone => local.microphone = Device::Absent,
            devices::Device::Camera => local.camera = Device::Absent,
            devices::Device::Screen => local.stop_sharing(),
            devices::Device::Both => *local = LocalMedia::default(),
        });
        self.store.local().update(|view| view.problem = Some(problem));
    }

    /// Whether this is the peer connection of now.
    pub fn has_peer(&self, peer: &Rc<Peer>) -> bool {
        self.inside.borrow().peer.as_ref().is_some_and(|task| Rc::ptr_eq(&task.peer, peer))
    }

    /// Tells the views which track each slot carries.
    pub fn show_slots(&self, slots: Slots) {
        self.store.slots().set(slots);
    }

    fn drain(&self, inside: &mut Inside) {
        while let Some(output) = inside.session.poll_output() {
            self.perform(inside, output);
        }
    }

    fn perform(&self, inside: &mut Inside, output: Output) {
        match output {
            Output::OpenSocket => inside.socket = Some(self.open_socket(&mut inside.sockets)),
            Output::CloseSocket => inside.socket = None,
            Output::Send(message) => {
                if let Some(socket) = &inside.socket {
                    socket.send(&message);
                }
            }
            Output::CreateOffer { id, seats, ice_restart } => {
                if inside.peer.is_none() {
                    inside.peer = self.open_peer(&inside.local, id);
                }
                self.step(inside, Step::Offer { id, seats, ice_restart });
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
            Output::ClosePeer => {
                inside.peer = None;
                self.store.slots().set(Slots::default());
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
        match Peer::new(told) {
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

    fn open_socket(&self, sockets: &mut u32) -> Socket {
        *sockets += 1;
        let (me, number) = (self.me.clone(), *sockets);
        Socket::open(&crate::link::socket_url(), move |event| {
            let Some(pump) = me.upgrade().filter(|pump| pump.inside.borrow().sockets == number) else {
                return;
            };
            pump.input(match event {
                SocketEvent::Opened => {
                    mark(Moment::Socket);
                    Input::SocketOpened
                }
                SocketEvent::Message(message) => Input::Message(message),
                SocketEvent::Closed => Input::SocketClosed,
            });
        })
    }

    fn input_later(&self, input: Input) {
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(pump) = me.upgrade() {
                pump.input(input);
            }
        });
    }

    /// After every change: the next wake-up, and the views.
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
                leptos::logging::warn!("session: {}", problem.unwrap_or("no problem now"));
            }
            inside.session.snapshot()
        };
        if matches!(snapshot.phase, Phase::Ended(_)) {
            self.let_devices_go();
        }
        room::apply(self.store, snapshot);
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

/// The page's own clock.
pub fn now() -> Now {
    let milliseconds = leptos::prelude::window().performance().map_or(0.0, |performance| performance.now());
    Duration::from_secs_f64((milliseconds / 1000.0).max(0.0))
}
