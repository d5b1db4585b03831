//! Drives the sans-I/O session: feeds it, does what it asks for, wakes it in time, and writes the
//! snapshot to the store. [`call`](super::call) is what pages see of it.

use super::choosing::facing;
use super::data::{DataEvent, DataSendError, Delivery};
use super::direct_stats::Counts;
use super::directs::{Directs, Page};
use super::local::{Device, LocalMedia};
use super::marks::{Moment, mark};
use super::network::NetworkWatch;
use super::peer::{DataListener, Peer};
use super::peer_task::{PeerTask, Step};
use super::playout::{self, Playout};
use super::track::Track;
use crate::signal::{Socket, SocketEvent};
use crate::state::look::{Looks, Size};
use crate::state::room::{self, RoomStore, Slots};
use crate::state::{settings, talk};
use ::signal::{CallNumber, DataKind, DataTo, MediaKind, Mid, OfferId, ParticipantId, PublicationId, Source};
use gloo_timers::callback::Timeout;
use leptos::prelude::{ReadUntracked, Set, Update};
use session::{DirectEvent, DirectOrder, Input, Now, Origin, Other, Output, Phase, Session};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;
use web_sys::{MediaStreamTrack, VisibilityState};

/// How long changes of what is looked at are collected, in milliseconds: the tiles of one frame tell one after
/// another. The session paces what it passes on; it gives a new slot 100 ms to be laid out and told of.
const LOOK_DELAY: u32 = 10;

/// One person's stay in one room, with everything that is not `Send`.
#[derive(Debug)]
pub struct Pump {
    me: Weak<Pump>,
    store: RoomStore,
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
    /// The application that asked for data channels.
    on_data: Option<DataListener>,
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
    _network: Option<NetworkWatch>,
    /// How long what arrives is held.
    playout: Playout,
    /// What the session told last for the log.
    problem: Option<String>,
}

impl Pump {
    /// A pump at rest.
    pub fn new(store: RoomStore) -> Rc<Self> {
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

    /// Tells the session what is looked at: nothing while the page is hidden or data is saved. Before joining there is nobody
    /// to tell.
    pub fn look_now(&self) {
        let hidden = is_hidden();
        let all = {
            let inside = &mut *self.inside.borrow_mut();
            inside.look_timer = None;
            if inside.session.snapshot().phase == Phase::Idle {
                return;
            }
            inside.looks.all(hidden)
        };
        self.input(Input::View(if settings::choices().saver { vec![] } else { all }));
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
                for direct in inside.directs.iter() {
                    direct.send(source, device.sending());
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
                view.sound = microphone.held().map(Track::id);
                view.facing = facing(camera);
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

    /// Opens data channels with the next offer, or one for them alone; what comes is told to `listener`, instead of any
    /// before it. Those that are open already are told to be so.
    pub fn open_data(&self, listener: Rc<dyn Fn(DataEvent)>) {
        let listener = DataListener(listener);
        {
            let inside = &mut *self.inside.borrow_mut();
            if inside.peer.as_ref().is_some_and(|task| task.peer.has_open_data()) {
                listener.tell_later(DataEvent::Open);
            }
            inside.on_data = Some(listener);
        }
        self.input(Input::WantData);
    }

    /// Sends a message to others.
    ///
    /// # Errors
    /// See [`DataSendError`].
    pub fn send_data(
        &self,
        to: DataTo,
        kind: DataKind,
        payload: &[u8],
        delivery: Delivery,
    ) -> Result<(), DataSendError> {
        let inside = self.inside.borrow();
        let task = inside.peer.as_ref().ok_or(DataSendError::NotOpen)?;
        task.peer.send_data(to, kind, payload, delivery)
    }

    /// The listener may send at once, so nothing is borrowed while it is told.
    fn hear(&self, event: DataEvent) {
        let listener = self.inside.borrow().on_data.as_ref().map(|listener| listener.0.clone());
        if let Some(listener) = listener {
            listener(event);
        }
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
        inside.directs.look(&inside.session.snapshot().others, server, &self.me);
    }

    /// A direct connection counted so much, and the one to the server, if it was asked.
    pub fn counted(&self, with: ParticipantId, call: CallNumber, here: &Counts, there: Option<Counts>) {
        let seen = {
            let inside = &mut *self.inside.borrow_mut();
            let snapshot = inside.session.snapshot();
            let others = snapshot.others;
            let Some(other) = others.iter().find(|other| other.id == with) else { return };
            let looked_at = inside.looks.all(is_hidden());
            let page = Page {
                looked_at: looked_at.into_iter().map(|view| view.mid).collect(),
                me: snapshot.me.map(|me| me.id),
                microphone: inside.local.microphone.sending().map(MediaStreamTrack::id),
            };
            inside.directs.counted(other, here, there, &page)
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

    /// Tells the views which track each slot carries, and each line of a direct connection, and the browser which of
    /// them are to be heard.
    fn show_tracks(&self, inside: &Inside, others: &[Other]) {
        let mut slots = inside.peer.as_ref().map(|task| task.peer.slots()).unwrap_or_default();
        let saves = settings::choices().saver;
        if saves {
            // The pictures of before would stand still; the sounds still have their owners.
            let Slots { tracks, audio, direct: _ } = &mut slots;
            tracks.retain(|(_, track)| audio.contains(track));
        }
        for (with, line) in inside.directs.incoming() {
            match line.kind {
                MediaKind::Audio => slots.audio.push(line.track),
                MediaKind::Video if saves => continue,
                MediaKind::Video => {}
            }
            slots.direct.push((with, line.mid, line.track));
        }
        inside.directs.hear(others);
        if let Some(task) = &inside.peer {
            task.peer.hear(|slot| others.iter().all(|other| !comes_directly(other, slot)));
        }
        if *self.store.slots().read_untracked() != slots {
            self.store.slots().set(slots);
        }
    }

    /// Data is saved from now on, or no longer.
    pub fn show_again(&self) {
        self.input(Input::KeepToServer(settings::choices().saver));
        self.look_now();
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
            Output::CreateOffer { id, seats, ice_restart, data } => {
                if inside.peer.is_none() {
                    inside.peer = self.open_peer(&inside.local, id);
                }
                self.step(inside, Step::Offer { id, seats, ice_restart, data });
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
            Output::Reacted { participant, reaction } => talk::reacted(self.store, participant, reaction),
            Output::ChatRefused { text, error } => talk::refused(self.store, &text, error.code),
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
                let open = inside.peer.take().is_some_and(|task| task.peer.has_open_data());
                if let Some(listener) = inside.on_data.as_ref().filter(|_| open) {
                    listener.tell_later(DataEvent::Closed);
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
                pump.hear(event);
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
        self.show_tracks(&self.inside.borrow(), &snapshot.others);
        room::apply(self.store, snapshot, now());
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

fn is_hidden() -> bool {
    leptos::prelude::document().visibility_state() == VisibilityState::Hidden
}

/// Whether what feeds a slot comes by a direct connection now.
fn comes_directly(other: &Other, slot: &Mid) -> bool {
    let feeds = [&other.microphone, &other.screen_audio].into_iter().flatten();
    feeds.filter(|feed| feed.origin != Origin::Server).any(|feed| feed.slot.as_ref() == Some(slot))
}

/// The page's own clock.
pub fn now() -> Now {
    let milliseconds = leptos::prelude::window().performance().map_or(0.0, |performance| performance.now());
    Duration::from_secs_f64((milliseconds / 1000.0).max(0.0))
}
