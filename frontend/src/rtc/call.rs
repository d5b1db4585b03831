//! What a page does with a call: open devices, join, switch, leave. Everything it learns back comes
//! through the store.

use super::devices::{self, DeviceError, DeviceProblem, Opened};
use super::listening::{self, OnData};
use crate::reactive::StoredValue;
use crate::state::look::Size;
use crate::state::room::{RoomStore, is_held};
use crate::state::settings;
use ::signal::{
    DataOut, DisplayName, Hold, Mid, ModerateAct, PublicationId, Reaction, RoomMode, RoomName, Source,
};
pub use madang_client::local::Wishes;
use madang_client::local::{Content, Device, LocalMedia};
use madang_client::spawn_local;
use madang_client::{DataEvent, DataSendError, Delivery, Options, Room, WeakRoom};
use session::Credentials;
use std::pin::Pin;
use std::rc::Rc;
use web_sys::MediaStreamTrack;

/// A handle that views may copy; it lives as long as the page that made it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    room: StoredValue<(Room, OnData)>,
    store: RoomStore,
    wishes: StoredValue<Wishes>,
    /// A screen that the browser is being asked for, and that is wanted still. Of this visit: the next asks anew.
    screen: StoredValue<bool>,
}

impl Call {
    /// A call that has not joined, and writes to this store. It keeps to what the person wants on, and
    /// notes it for the next call.
    pub fn new(store: RoomStore, wishes: StoredValue<Wishes>) -> Self {
        let on_data = OnData::default();
        let options = Options { saver: settings::choices().saver, ..Options::default() };
        let room = Room::new(options, listening::listener(store, on_data.clone()));
        let call =
            Self { room: StoredValue::new((room, on_data)), store, wishes, screen: StoredValue::new(false) };
        call.watch_devices();
        call
    }

    /// Asks for the microphone and the camera, as far as they are missing. A camera that was switched off
    /// stays off.
    pub fn open_devices(self) {
        let Some(room) = self.room() else { return };
        if !self.wishes().camera {
            room.change_local(|local| local.camera.leave_off());
        }
        let missing = room.with_local(|local| (local.microphone.is_missing(), local.camera.is_missing()));
        match missing {
            (true, true) => self.ask(Arrival::Missing, devices::open_both()),
            (true, false) => self.open_one(devices::Device::Microphone),
            (false, true) => self.open_one(devices::Device::Camera),
            (false, false) => self.store.local().update(|local| local.problem = None),
        }
    }

    /// Switches the microphone. Off keeps the device; on asks for one if there is none.
    pub fn switch_microphone(self) {
        let Some(room) = self.room() else { return };
        // By the device: one that the system mutes is on all the same, and can be switched off.
        let (held, on) =
            room.with_local(|local| (local.microphone.is_held(), local.microphone.sending().is_some()));
        self.wish(|wishes| wishes.microphone = !on);
        match (held, on) {
            (_, true) => room.change_local(|local| local.microphone.silence()),
            _ if self.may_not(Hold::Sound) => {}
            (true, false) => room.change_local(|local| local.microphone.wake()),
            (false, false) => self.open_one(devices::Device::Microphone),
        }
    }

    /// Lets a microphone that is held and off be heard, or one that is on no longer. Whether it changed.
    pub fn talk(self, on: bool) -> bool {
        let Some(room) = self.room() else { return false };
        // By the device, as above: one that the system mutes is on.
        let (held, sends) =
            room.with_local(|local| (local.microphone.is_held(), local.microphone.sending().is_some()));
        let changes = held && sends != on && !(on && self.may_not(Hold::Sound));
        if changes {
            self.wish(|wishes| wishes.microphone = on);
            room.change_local(|local| if on { local.microphone.wake() } else { local.microphone.silence() });
        }
        changes
    }

    /// Switches the camera. Off lets the device go, so that its light goes out.
    pub fn switch_camera(self) {
        let Some(room) = self.room() else { return };
        let held = room.with_local(|local| local.camera.is_held());
        if !held && self.may_not(Hold::Camera) {
            return;
        }
        if !held && settings::choices().saver {
            let problem = DeviceProblem { device: devices::Device::Camera, why: DeviceError::Saving };
            return self.store.local().update(|local| local.problem = Some(problem));
        }
        self.wish(|wishes| wishes.camera = !held);
        if held {
            room.change_local(|local| local.camera.release());
        } else {
            self.open_one(devices::Device::Camera);
        }
    }

    /// Shares a screen, or no longer does.
    pub fn switch_screen(self) {
        let Some(room) = self.room() else { return };
        if room.with_local(|local| local.screen.is_held()) {
            return room.change_local(LocalMedia::stop_sharing);
        }
        if self.may_not(Hold::Screen) || self.screen.try_get_value() != Some(false) {
            return; // the browser is being asked already
        }
        self.screen.set_value(true);
        let (room, epoch) = (room.downgrade(), room.epoch());
        spawn_local(async move {
            let opened = devices::open_screen().await;
            let wanted = self.screen.try_get_value() == Some(true);
            self.screen.set_value(false);
            let shared = opened.as_ref().ok().and_then(Option::as_ref);
            // Taken over first: what is not wanted any more is let go with it.
            let picture = shared.map(|shared| screen(&room, &shared.picture, Content::Screen));
            let sound = shared.and_then(|shared| shared.sound.as_ref());
            let sound = sound.map(|sound| screen(&room, sound, Content::Sound));
            let Some(room) = room.upgrade().filter(|room| room.epoch() == epoch) else { return };
            match (opened, picture) {
                (Err(why), _) => {
                    let problem = DeviceProblem { device: devices::Device::Screen, why };
                    self.store.local().update(|local| local.problem = Some(problem));
                }
                (Ok(_), Some(picture)) if wanted => room.change_local(|local| {
                    local.screen = picture;
                    local.screen_audio = sound.unwrap_or_default();
                }),
                (Ok(_), Some(_) | None) => {}
            }
        });
    }

    /// Switches a source on or off, whatever it is now, and whatever the browser is still being asked for.
    pub fn set(self, source: Source, on: bool) {
        let Some(room) = self.room() else { return };
        let sends = room.with_local(|local| local.device(source).sending().is_some());
        match (source, on) {
            (Source::Microphone, true) if !sends => self.switch_microphone(),
            (Source::Microphone, false) => {
                self.wish(|wishes| wishes.microphone = false);
                room.change_local(|local| local.microphone.silence());
            }
            (Source::Camera, true) if !sends => self.switch_camera(),
            (Source::Camera, false) => {
                self.wish(|wishes| wishes.camera = false);
                room.change_local(|local| local.camera.release());
            }
            (Source::Screen | Source::ScreenAudio, true) if !sends => self.switch_screen(),
            (Source::Screen | Source::ScreenAudio, false) => {
                self.screen.set_value(false);
                room.change_local(LocalMedia::stop_sharing);
            }
            (Source::Microphone | Source::Camera | Source::Screen | Source::ScreenAudio, true) => {}
        }
    }

    /// What is shown at the door from now on.
    pub fn show(self, credentials: Credentials) {
        if let Some(own) = self.room() {
            own.show(credentials);
        }
    }

    /// Enters the room; if nobody is in it yet, media goes in it by this way.
    pub fn join(self, room: &RoomName, name: &DisplayName, mode: Option<RoomMode>) {
        if let Some(own) = self.room() {
            own.join(room, name, mode);
        }
    }

    /// Leaves the room, at once: this is also said while the page goes away.
    pub fn leave(self) {
        if let Some(room) = self.room() {
            room.leave();
        }
    }

    /// A tile, by a number of its own, shows a slot at this size, or nothing.
    pub fn look(self, tile: u64, shown: Option<(Mid, Size)>) {
        if let Some(room) = self.room() {
            room.view(tile, shown);
        }
    }

    /// Shows these before all others, the first first.
    pub fn prefer(self, publications: Vec<PublicationId>) {
        if let Some(room) = self.room() {
            room.prefer(publications);
        }
    }

    /// Opens data channels: what comes over them is told to `listener`. Before joining they are in the first offer;
    /// later they cost one more.
    pub fn open_data(self, listener: Rc<dyn Fn(DataEvent)>) {
        self.room.try_with_value(|(room, on_data)| {
            on_data.replace(Some(listener));
            room.open_data();
        });
    }

    /// Sends a message over them, to all others who have them or to one.
    ///
    /// # Errors
    /// See [`DataSendError`]; then nothing was sent.
    pub fn send_data(self, message: DataOut<'_>, delivery: Delivery) -> Result<(), DataSendError> {
        self.room().ok_or(DataSendError::NotOpen)?.send_data(message, delivery)
    }

    /// Says something in the chat.
    pub fn say(self, text: String) {
        if let Some(room) = self.room() {
            room.say(text);
        }
    }

    /// Shows something for a moment.
    pub fn react(self, reaction: Reaction) {
        if let Some(room) = self.room() {
            room.react(reaction);
        }
    }

    /// Raises one's hand, or takes it down.
    pub fn raise_hand(self, raised: bool) {
        if let Some(room) = self.room() {
            room.raise_hand(raised);
        }
    }

    /// Decides about others, or about the room.
    pub fn moderate(self, act: ModerateAct) {
        if let Some(room) = self.room() {
            room.moderate(act);
        }
    }

    /// By which way media goes in the room.
    pub fn mode(self) -> Option<RoomMode> {
        self.room()?.snapshot().mode
    }

    /// Whether this may not be switched on now: a moderator holds it, or an invitation takes it away.
    fn may_not(self, what: Hold) -> bool {
        let me = self.store.me().with_untracked(|me| me.as_ref().map(|me| me.id));
        let held = self.store.moderation().with_untracked(|moderation| is_held(moderation, me, what));
        held || !self.store.permissions().with_untracked(|permissions| permissions.publish)
    }

    pub(super) fn open_one(self, which: devices::Device) {
        self.ask(Arrival::Missing, async move {
            let opened = devices::open(which).await;
            opened.unwrap_or_else(|why| Opened::nothing(DeviceProblem { device: which, why }))
        });
    }

    /// Runs a question to the browser. Questions may overlap, as a person may leave one unanswered: what
    /// is no longer missing when it comes, or was asked before all was let go or something else was chosen, is let
    /// go at once.
    pub(super) fn ask(self, arrival: Arrival, question: impl Future<Output = Opened> + 'static) {
        self.ask_boxed(arrival, Box::pin(question));
    }

    fn ask_boxed(self, arrival: Arrival, question: Pin<Box<dyn Future<Output = Opened>>>) {
        let Some(room) = self.room() else { return };
        self.store.local().update(|local| {
            local.asking += 1;
            local.asked = true;
            local.problem = None;
        });
        let (room, epoch, chosen) = (room.downgrade(), room.epoch(), settings::choices());
        spawn_local(async move {
            let Opened { microphone, camera, problem } = question.await;
            let fresh = LocalMedia {
                microphone: device(self, microphone),
                camera: device(self, camera),
                ..LocalMedia::default()
            };
            let Some(room) = room.upgrade() else { return };
            let still_wanted = room.epoch() == epoch
                && match arrival {
                    Arrival::Missing => {
                        room.change_local(|local| local.take_in(fresh, self.wishes()));
                        true
                    }
                    Arrival::Instead(which) => self.put_in_place(&room, which, fresh, &chosen),
                };
            self.store.local().update(|local| {
                local.asking = local.asking.saturating_sub(1);
                if let Some(problem) = problem.filter(|_| still_wanted) {
                    local.problem = Some(problem);
                }
            });
            // Labels are told once something is allowed.
            self.list_devices();
        });
    }

    /// What is to be on: no camera while data is saved.
    pub(super) fn wishes(self) -> Wishes {
        let wishes = self.wishes.try_get_value().unwrap_or_default();
        Wishes { camera: wishes.camera && !settings::choices().saver, ..wishes }
    }

    pub(super) fn store(self) -> RoomStore {
        self.store
    }

    fn wish(self, change: impl FnOnce(&mut Wishes)) {
        self.wishes.try_update_value(change);
    }

    /// Nothing is left to do once the page is gone.
    pub(super) fn room(self) -> Option<Room> {
        self.room.try_with_value(|(room, _)| room.clone())
    }
}

/// What becomes of a device that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is taken where one is missing.
    Missing,
    /// It is taken in the place of the one that is held. Once something else was chosen it only fills in where none is
    /// held.
    Instead(devices::Device),
}

/// A device that is on, or absent; when it is unplugged another one takes its place, or the person is told.
fn device(call: Call, track: Option<MediaStreamTrack>) -> Device {
    let Some(track) = track else { return Device::Absent };
    let (which, content) = if track.kind() == "audio" {
        (devices::Device::Microphone, Content::Sound)
    } else {
        (devices::Device::Camera, Content::Faces)
    };
    let room = call.room().map(|room| room.downgrade()).unwrap_or_default();
    Device::On(room.take_over(track, content, move |_| call.lost(which)))
}

/// What is shared; when the person ends it in the browser's own bar, all of it ends.
fn screen(room: &WeakRoom, track: &MediaStreamTrack, content: Content) -> Device {
    // Rust's clone, another handle on the one track.
    let track = Clone::clone(track);
    Device::On(room.take_over(track, content, |room| room.change_local(LocalMedia::stop_sharing)))
}
