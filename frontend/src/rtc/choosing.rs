//! Acting on what a person chooses, and on devices that come and go: one is opened in the place of another, and
//! what the others see goes on.

use super::call::{Arrival, Call};
use super::devices::{self, DeviceError, DeviceProblem, Opened, media_devices};
use super::listing;
use crate::dom::listen;
use crate::state::choices::{Choices, Facing};
use crate::state::devices::{Kind, Listed, choosable, wants_other};
use crate::state::settings;
use madang_client::Room;
use madang_client::local::{Device, LocalMedia};
use madang_client::spawn_local;
use madang_client::track::Track;
use web_sys::MediaStreamTrack;

/// What can be chosen of what is opened.
const KINDS: [(Kind, devices::Device); 2] =
    [(Kind::Microphone, devices::Device::Microphone), (Kind::Camera, devices::Device::Camera)];

impl Call {
    /// Changes what is chosen, and acts on it at once.
    pub fn choose(self, change: &dyn Fn(&mut Choices)) {
        let before = settings::choose(change);
        let after = settings::choices();
        if !same(devices::Device::Microphone, &before, &after) {
            self.reopen(devices::Device::Microphone);
        }
        if !same(devices::Device::Camera, &before, &after) {
            self.reopen(devices::Device::Camera);
        } else if before.lines != after.lines {
            self.resize_camera();
        }
        if before.saver != after.saver {
            self.save_data(after.saver);
        }
    }

    /// Takes a phone's other camera.
    pub fn flip_camera(self) {
        let facing = self.store().local().read_untracked().facing.unwrap_or_default().turned();
        self.choose(&|choices| {
            choices.camera.clear();
            choices.facing = facing;
        });
    }

    /// Looks at the list of devices now, and whenever it changes while the owner of now lives.
    pub(super) fn watch_devices(self) {
        if let Some(devices) = media_devices() {
            listen(&devices, "devicechange", move |_| self.list_devices());
            self.list_devices();
        }
    }

    /// Looks at the list of devices. What was chosen and has come back is taken again.
    pub(super) fn list_devices(self) {
        spawn_local(async move {
            let now = listing::list().await;
            let local = self.store().local();
            let Some(before) = local.try_read_untracked().map(|local| local.devices.clone()) else { return };
            if before != now {
                local.update(|local| local.devices.clone_from(&now));
                self.follow_list(&before, &now);
            }
        });
    }

    fn follow_list(self, before: &[Listed], now: &[Listed]) {
        let Some(room) = self.room() else { return };
        let choices = settings::choices();
        for (kind, which) in KINDS {
            let used =
                room.with_local(|local| held(local, which).map(|track| track.get_settings().get_device_id()));
            if let Some(used) = used
                && wants_other(before, now, kind, choices.device(kind), &used.unwrap_or_default())
            {
                self.reopen(which);
            }
        }
        // One was missing, and there is one now.
        let missing = self.store().local().read_untracked().problem.as_ref().is_some_and(|problem| {
            let more = |kind| choosable(now, kind).len() > choosable(before, kind).len();
            let came = match problem.device {
                devices::Device::Microphone => more(Kind::Microphone),
                devices::Device::Camera => more(Kind::Camera),
                devices::Device::Both => more(Kind::Microphone) || more(Kind::Camera),
                devices::Device::Screen => false,
            };
            came && matches!(problem.why, DeviceError::NotFound | DeviceError::Lost)
        });
        if missing {
            self.open_devices();
        }
    }

    /// A microphone or a camera went away by itself: another one takes its place, if there is one.
    pub(super) fn lost(self, which: devices::Device) {
        let Some(room) = self.room() else { return };
        room.change_local(|local| *device(local, which) = Device::Absent);
        self.ask(Arrival::Missing, async move {
            match devices::open(which).await {
                Ok(opened) => {
                    let track = opened.camera.as_ref().or(opened.microphone.as_ref());
                    let why = DeviceError::Replaced(track.map(MediaStreamTrack::label).unwrap_or_default());
                    Opened { problem: Some(DeviceProblem { device: which, why }), ..opened }
                }
                Err(why) => {
                    let why = if why == DeviceError::NotFound { DeviceError::Lost } else { why };
                    Opened::nothing(DeviceProblem { device: which, why })
                }
            }
        });
    }

    /// Opens a device again, as it is chosen now, while the one that is held goes on. What is switched off and let
    /// go is opened when it is switched on.
    fn reopen(self, which: devices::Device) {
        let Some(room) = self.room() else { return };
        if room.with_local(|local| held(local, which).is_none()) {
            return;
        }
        self.ask(Arrival::Instead(which), async move {
            let first = devices::open(which).await;
            // Phones open one camera at a time.
            let answer = if first.as_ref().is_err_and(|why| *why == DeviceError::Busy) {
                room.change_local(|local| device(local, which).release());
                devices::open(which).await
            } else {
                first
            };
            answer.unwrap_or_else(|why| Opened::nothing(DeviceProblem { device: which, why }))
        });
    }

    /// A device has come, or has not, that was asked for when this was chosen. Whether that is still so.
    pub(super) fn put_in_place(
        self,
        room: &Room,
        which: devices::Device,
        fresh: LocalMedia,
        chosen: &Choices,
    ) -> bool {
        let still_chosen = same(which, chosen, &settings::choices());
        if still_chosen {
            room.change_local(|local| local.replace(fresh, self.wishes()));
            return true;
        }
        // Whoever chose again while nothing was held, as the first had been let go for this one, asked for nothing then.
        let lacking = room.with_local(|local| held(local, which).is_none());
        room.change_local(|local| local.take_in(fresh, self.wishes()));
        let (came, wanted) = (room.with_local(|local| held(local, which).is_some()), self.wishes());
        match (lacking, came) {
            (true, true) => self.reopen(which),
            (true, false) if wanted.camera || which != devices::Device::Camera => self.open_one(which),
            (true | false, false) | (false, true) => {}
        }
        false
    }

    fn resize_camera(self) {
        let Some(room) = self.room() else { return };
        let Some(track) = room.with_local(|local| held(local, devices::Device::Camera).cloned()) else {
            return;
        };
        spawn_local(async move {
            match devices::resize(&track).await {
                // What is made of it is told to the browser anew.
                Ok(()) => room.change_local(|_| {}),
                Err(_) => self.reopen(devices::Device::Camera),
            }
        });
    }

    /// Sends and shows no pictures from now on, or does again.
    fn save_data(self, on: bool) {
        let Some(room) = self.room() else { return };
        self.store().local().update(|local| local.problem = None);
        if on {
            room.change_local(|local| local.camera.release());
        } else if self.wishes().camera && room.with_local(|local| matches!(local.camera, Device::Off)) {
            self.open_one(devices::Device::Camera);
        }
        room.save_data(on);
    }
}

/// Where the camera looks, if it tells.
pub(super) fn facing(camera: &Device) -> Option<Facing> {
    Facing::of_mode(&camera.held()?.raw().get_settings().get_facing_mode()?)
}

/// Whether it would be asked for in the same words.
fn same(which: devices::Device, one: &Choices, other: &Choices) -> bool {
    if which == devices::Device::Camera {
        one.of_camera() == other.of_camera()
    } else {
        one.of_microphone() == other.of_microphone()
    }
}

fn held(local: &LocalMedia, which: devices::Device) -> Option<&MediaStreamTrack> {
    let device = if which == devices::Device::Camera { &local.camera } else { &local.microphone };
    device.held().map(Track::raw)
}

fn device(local: &mut LocalMedia, which: devices::Device) -> &mut Device {
    if which == devices::Device::Camera { &mut local.camera } else { &mut local.microphone }
}
