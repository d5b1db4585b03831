//! Asks the browser which devices there are.

use super::devices::media_devices;
use crate::state::devices::{Kind, Listed};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDeviceInfo, MediaDeviceKind};

/// All of them; none where the browser does not tell.
pub async fn list() -> Vec<Listed> {
    let Some(promise) = media_devices().and_then(|devices| devices.enumerate_devices().ok()) else {
        return vec![];
    };
    let listed = JsFuture::from(promise).await.map(|list| js_sys::Array::from(&list)).unwrap_or_default();
    listed.iter().filter_map(|device| one(device.unchecked_ref())).collect()
}

fn one(device: &MediaDeviceInfo) -> Option<Listed> {
    let kind = match device.kind() {
        MediaDeviceKind::Audioinput => Kind::Microphone,
        MediaDeviceKind::Audiooutput => Kind::Speaker,
        MediaDeviceKind::Videoinput => Kind::Camera,
        _ => return None, // of a kind that this build does not know
    };
    Some(Listed { kind, id: device.device_id(), label: device.label(), group: device.group_id() })
}
