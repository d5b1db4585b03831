//! What a page does with a call: open devices, join, switch, leave. Everything it learns back comes
//! through the store.

use super::devices::{self, DeviceError, DeviceProblem};
use super::local::{Device, LocalMedia, LocalTrack};
use super::pump::Pump;
use crate::state::room::{Local, RoomState, RoomStateStoreFields};
use ::signal::{DisplayName, RoomName};
use leptos::prelude::{LocalStorage, ReadUntracked, StoredValue, Update, WithValue};
use reactive_stores::Store;
use session::{Input, SourceState};
use std::rc::{Rc, Weak};
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStreamTrack;

/// A handle that views may copy; it lives as long as the page that made it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pump: StoredValue<Rc<Pump>, LocalStorage>,
    store: Store<RoomState>,
}

impl Call {
    /// A call that has not joined, and writes to this store.
    pub fn new(store: Store<RoomState>) -> Self {
        Self { pump: StoredValue::new_local(Pump::new(store)), store }
    }

    /// Asks for the microphone and the camera.
    pub fn open_devices(self) {
        self.ask(async |pump| {
            let opened = devices::open_both().await;
            let (microphone, camera) = (device(&pump, opened.microphone), device(&pump, opened.camera));
            if let Some(pump) = pump.upgrade() {
                pump.change_local(|local| *local = LocalMedia { microphone, camera });
            }
            opened.problem
        });
    }

    /// Switches the microphone. Off keeps the device; on asks for one if there is none.
    pub fn switch_microphone(self) {
        match self.local().microphone {
            SourceState::Live => self.with(|pump| pump.change_local(|local| local.microphone.silence())),
            SourceState::Muted => self.with(|pump| pump.change_local(|local| local.microphone.wake())),
            SourceState::Absent => self.open_one(devices::Device::Microphone),
        }
    }

    /// Switches the camera. Off lets the device go, so that its light goes out.
    pub fn switch_camera(self) {
        match self.local().camera {
            SourceState::Live => self.with(|pump| pump.change_local(|local| local.camera.release())),
            SourceState::Muted | SourceState::Absent => self.open_one(devices::Device::Camera),
        }
    }

    /// Enters the room.
    pub fn join(self, room: &RoomName, name: &DisplayName) {
        let (room, name) = (room.to_string(), name.to_string());
        self.with(|pump| pump.input(Input::Join { room, name }));
    }

    /// Leaves the room, at once: this is also said while the page goes away.
    pub fn leave(self) {
        self.with(|pump| {
            pump.input(Input::Leave);
            pump.change_local(|local| *local = LocalMedia::default());
        });
    }

    fn open_one(self, which: devices::Device) {
        self.ask(async move |pump| match devices::open(which).await {
            Ok(opened) => {
                let (microphone, camera) = (opened.microphone, opened.camera);
                let fresh = [(device(&pump, microphone), true), (device(&pump, camera), false)];
                if let Some(pump) = pump.upgrade() {
                    pump.change_local(|local| {
                        for (device, is_microphone) in fresh {
                            if matches!(device, Device::On(_)) {
                                *(if is_microphone { &mut local.microphone } else { &mut local.camera }) =
                                    device;
                            }
                        }
                    });
                }
                None
            }
            Err(why) => Some(DeviceProblem { device: which, why }),
        });
    }

    /// Runs a question to the browser, one at a time; what it could not get becomes the problem shown.
    fn ask(self, question: impl AsyncFnOnce(Weak<Pump>) -> Option<DeviceProblem> + 'static) {
        if self.local().asking {
            return;
        }
        self.store.local().update(|local| {
            local.asking = true;
            local.problem = None;
        });
        let Some(pump) = self.pump.try_with_value(Rc::downgrade) else { return };
        spawn_local(async move {
            let problem = question(pump.clone()).await;
            if pump.strong_count() > 0 {
                self.store.local().update(|local| {
                    local.asking = false;
                    local.problem = problem;
                });
            }
        });
    }

    fn local(self) -> Local {
        self.store.local().read_untracked().clone()
    }

    fn with(self, act: impl FnOnce(&Rc<Pump>)) {
        // Nothing is left to do once the page is gone.
        if let Some(pump) = self.pump.try_with_value(Rc::clone) {
            act(&pump);
        }
    }
}

/// A device that is on, or absent; when it is unplugged it becomes absent, and the person is told.
fn device(pump: &Weak<Pump>, track: Option<MediaStreamTrack>) -> Device {
    let Some(track) = track else { return Device::Absent };
    let is_microphone = track.kind() == "audio";
    let pump = pump.clone();
    Device::On(LocalTrack::new(track, move || {
        let pump = pump.clone();
        // Later, because this very closure goes away with the track.
        spawn_local(async move {
            let Some(pump) = pump.upgrade() else { return };
            let which = if is_microphone { devices::Device::Microphone } else { devices::Device::Camera };
            pump.lost(DeviceProblem { device: which, why: DeviceError::Lost });
        });
    }))
}
