//! A room as a page uses it. Nothing is done here but passing on: [`pump`](crate::pump) drives the call.

use crate::data::{DataSendError, Delivery};
use crate::event::Event;
use crate::local::{Content, LocalMedia, LocalTrack};
use crate::look::Size;
use crate::page::spawn_local;
use crate::pump::Pump;
use crate::slots::{Slots, feed_of};
use crate::track::track_of;
use ::signal::{
    DataOut, DisplayName, Mid, ModerateAct, ParticipantId, PublicationId, Reaction, RoomMode, RoomName,
    Source,
};
use session::{Credentials, Input, Snapshot, SourceState};
use std::rc::{Rc, Weak};
use web_sys::MediaStreamTrack;

/// How a room is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the server is, `https://call.example.org`; without, where the page comes from. A Content-Security-Policy of the
    /// page has to allow both, `https:` and `wss:` (`connect-src`): before it goes back the server is asked whether it is there.
    pub server: Option<String>,
    /// Pictures come by themselves, until one is first wanted by [`Room::attach`], [`Room::subscribe`] or
    /// [`Room::view`]; from then on those that are wanted. Otherwise none comes that is not wanted. Sound always comes:
    /// of those who speak.
    pub auto_subscribe: bool,
    /// See [`Room::save_data`].
    pub saver: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { server: None, auto_subscribe: true, saver: false }
    }
}

/// One person's stay in a room, or several one after another. A clone is the same; the last one that is dropped leaves
/// without a word.
#[derive(Clone, Debug)]
pub struct Room(Rc<Pump>);

/// A room that is not kept alive by this.
#[derive(Clone, Debug, Default)]
pub struct WeakRoom(Weak<Pump>);

impl WeakRoom {
    /// The room, while somebody else keeps it.
    pub fn upgrade(&self) -> Option<Room> {
        self.0.upgrade().map(Room)
    }

    /// Takes a track over, for [`Room::change_local`]. `lost` is told when its device goes away by itself. A track
    /// that is taken over and not kept is stopped.
    pub fn take_over(
        &self,
        track: MediaStreamTrack,
        content: Content,
        lost: impl Fn(&Room) + 'static,
    ) -> LocalTrack {
        let changed = |room: &Room| room.change_local(|_| {});
        LocalTrack::new(track, content, self.later(Rc::new(lost)), self.later(Rc::new(changed)))
    }

    /// Later, because the very closure that calls may go away with the track.
    fn later(&self, act: Rc<dyn Fn(&Room)>) -> Box<dyn FnMut()> {
        let room = self.clone();
        Box::new(move || {
            let (room, act) = (room.clone(), Rc::clone(&act));
            spawn_local(async move {
                if let Some(room) = room.upgrade() {
                    act(&room);
                }
            });
        })
    }
}

impl Room {
    /// A room that is not joined yet. All that happens is told to `listener`, which may call back at once: what that
    /// causes is told when it has returned.
    pub fn new(options: Options, listener: impl Fn(&Self, Event) + 'static) -> Self {
        Self(Pump::new(options, Rc::new(listener)))
    }

    pub(crate) fn of(pump: Rc<Pump>) -> Self {
        Self(pump)
    }

    pub(crate) fn pump(&self) -> &Pump {
        &self.0
    }

    /// To hold it where it would hold itself.
    pub fn downgrade(&self) -> WeakRoom {
        WeakRoom(Rc::downgrade(&self.0))
    }

    /// What is shown at the door from now on, this time and whenever one comes back in: to be said before [`join`](Self::join)
    /// where rooms are closed.
    pub fn show(&self, credentials: Credentials) {
        self.0.input(Input::Show(credentials));
    }

    /// Enters; if nobody is in the room yet, media goes in it by this way. Passed over while in a room, or on the way.
    /// [`Event::Room`] tells what becomes of it: [`Snapshot::phase`].
    pub fn join(&self, room: &RoomName, name: &DisplayName, mode: Option<RoomMode>) {
        self.0.join(room, name, mode);
    }

    /// Leaves, at once, and stops all that is published: this may also be said while the page goes away.
    pub fn leave(&self) {
        self.0.input(Input::Leave);
        self.0.let_go();
    }

    /// The room, as it was told last.
    pub fn snapshot(&self) -> Rc<Snapshot> {
        self.0.now().0
    }

    /// Which track comes by which slot, as it was told last.
    pub fn slots(&self) -> Rc<Slots> {
        self.0.now().1
    }

    /// The track that comes of somebody's source; nothing while it is not published, muted, or has no slot.
    pub fn track(&self, participant: ParticipantId, source: Source) -> Option<MediaStreamTrack> {
        let (room, slots) = self.0.now();
        let other = room.others.iter().find(|other| other.id == participant)?;
        track_of(slots.track_of(participant, feed_of(other, source))?)
    }

    /// Publishes a track, before joining or at any time after, in the place of what the source has. It is taken over:
    /// stopped when it is no longer published, and no longer published when it ends by itself.
    pub fn publish(&self, source: Source, track: MediaStreamTrack) {
        let content = match source {
            Source::Microphone | Source::ScreenAudio => Content::Sound,
            Source::Camera => Content::Faces,
            Source::Screen => Content::Screen,
        };
        let track = self.downgrade().take_over(track, content, move |room| room.unpublish(source));
        self.change_local(|local| *local.device_mut(source) = crate::local::Device::On(track));
    }

    /// Publishes it no longer, and stops the track.
    pub fn unpublish(&self, source: Source) {
        self.change_local(|local| *local.device_mut(source) = crate::local::Device::Absent);
    }

    /// Sends nothing of what is published, or sends it again. The device is kept: a camera's light stays on.
    pub fn set_muted(&self, source: Source, muted: bool) {
        self.change_local(|local| {
            let device = local.device_mut(source);
            if muted { device.silence() } else { device.wake() }
        });
    }

    /// How one's own source stands.
    pub fn own(&self, source: Source) -> SourceState {
        self.with_local(|local| local.device(source).source_state())
    }

    /// One's own track, to show it.
    pub fn own_track(&self, source: Source) -> Option<MediaStreamTrack> {
        self.with_local(|local| local.device(source).held().map(|track| Clone::clone(track.raw())))
    }

    /// Says something in the chat.
    pub fn say(&self, text: String) {
        self.0.input(Input::Chat(text));
    }

    /// Shows something for a moment.
    pub fn react(&self, reaction: Reaction) {
        self.0.input(Input::React(reaction));
    }

    /// Raises one's hand, or takes it down.
    pub fn raise_hand(&self, raised: bool) {
        self.0.input(Input::RaiseHand(raised));
    }

    /// Decides about others, or about the room.
    pub fn moderate(&self, act: ModerateAct) {
        self.0.input(Input::Moderate(act));
    }

    /// Opens data channels: what comes over them is told as [`Event::Data`]. Before joining they are in the first
    /// offer; later they cost one more. Of those that are open it is told again.
    pub fn open_data(&self) {
        self.0.open_data();
    }

    /// Sends a message over them, to all others who have them or to one.
    ///
    /// # Errors
    /// See [`DataSendError`]; then nothing was sent.
    pub fn send_data(&self, message: DataOut<'_>, delivery: Delivery) -> Result<(), DataSendError> {
        self.0.send_data(message, delivery)
    }

    /// Fetches no pictures from now on, or does again. With [`Options::auto_subscribe`], those then come that are
    /// wanted by somebody.
    pub fn save_data(&self, on: bool) {
        self.0.save_data(on);
    }

    /// Has these before all others when the connection cannot carry all, the first first.
    pub fn prefer(&self, publications: Vec<PublicationId>) {
        self.0.prefer(publications);
    }

    /// A picture in the page, by a number of its own below 2⁶³, shows a slot at this size, or nothing: for a page that
    /// follows [`slots`](Self::slots) itself. [`APART`](crate::look::APART) is one in a window of its own.
    pub fn view(&self, picture: u64, shown: Option<(Mid, Size)>) {
        self.0.look(picture, shown);
    }

    /// Changes what is published, by parts: for a page that keeps devices while they are off.
    pub fn change_local(&self, change: impl FnOnce(&mut LocalMedia)) {
        self.0.change_local(change);
    }

    /// What is published, to look at. Nothing else may be called meanwhile.
    pub fn with_local<T>(&self, look: impl FnOnce(&LocalMedia) -> T) -> T {
        self.0.with_local(look)
    }

    /// Rises when all that was published is let go: to tell whether a question to the browser has become void since it
    /// was asked.
    pub fn epoch(&self) -> u32 {
        self.0.epoch()
    }
}
