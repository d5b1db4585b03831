//! Asking the browser for the microphone and the camera. Owns the questions and the reasons for a no;
//! what is got is kept by [`local`](super::local).

use js_sys::{Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DisplayMediaStreamConstraints, DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MediaTrackConstraints, PermissionState, PermissionStatus,
};

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Sound.
    Microphone,
    /// Pictures.
    Camera,
    /// The two together.
    Both,
    /// A shared screen.
    Screen,
}

/// Why there is no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The page was not opened over HTTPS or on localhost, so browsers hide all devices.
    #[error("devices are hidden from an insecure page")]
    Insecure,
    /// There is none.
    #[error("no such device")]
    NotFound,
    /// The person or the system does not allow it.
    #[error("permission refused")]
    Refused,
    /// Another program holds it.
    #[error("the device is in use")]
    Busy,
    /// It was there, and went away.
    #[error("the device was unplugged")]
    Lost,
    /// Anything else, in the browser's words.
    #[error("{0}")]
    Other(String),
}

/// Which device is missing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceProblem {
    /// Which.
    pub device: Device,
    /// Why.
    pub why: DeviceError,
}

/// What could be had.
#[derive(Debug, Default)]
pub struct Opened {
    /// The microphone.
    pub microphone: Option<MediaStreamTrack>,
    /// The camera.
    pub camera: Option<MediaStreamTrack>,
    /// What could not.
    pub problem: Option<DeviceProblem>,
}

/// Opens both devices, or the one that can be had.
pub async fn open_both() -> Opened {
    let why = match open(Device::Both).await {
        Ok(opened) => return opened,
        Err(why) => why,
    };
    let retry = match &why {
        DeviceError::Insecure | DeviceError::Lost => (false, false),
        // Asking again would bother the person twice, unless one device is allowed already.
        DeviceError::Refused => (is_granted("microphone").await, is_granted("camera").await),
        DeviceError::NotFound | DeviceError::Busy | DeviceError::Other(_) => (true, true),
    };
    if retry.0
        && let Ok(opened) = open(Device::Microphone).await
    {
        return Opened { problem: Some(DeviceProblem { device: Device::Camera, why }), ..opened };
    }
    if retry.1
        && let Ok(opened) = open(Device::Camera).await
    {
        return Opened { problem: Some(DeviceProblem { device: Device::Microphone, why }), ..opened };
    }
    Opened { problem: Some(DeviceProblem { device: Device::Both, why }), ..Opened::default() }
}

/// Opens what is asked for, all of it or nothing.
pub async fn open(device: Device) -> Result<Opened, DeviceError> {
    let devices = window().navigator().media_devices().map_err(|_| DeviceError::Insecure)?;
    if devices.is_undefined() {
        return Err(DeviceError::Insecure);
    }
    let promise = devices.get_user_media_with_constraints(&constraints(device)).map_err(|e| reason(&e))?;
    let stream: MediaStream = JsFuture::from(promise).await.map_err(|e| reason(&e))?.unchecked_into();
    let first = |tracks: js_sys::Array| tracks.get(0).dyn_into::<MediaStreamTrack>().ok();
    Ok(Opened {
        microphone: first(stream.get_audio_tracks()),
        camera: first(stream.get_video_tracks()),
        problem: None,
    })
}

/// A screen, a window or a tab that the person chose to share, and its sound where the browser gives it.
#[derive(Debug)]
pub struct SharedScreen {
    /// The picture.
    pub picture: MediaStreamTrack,
    /// The sound.
    pub sound: Option<MediaStreamTrack>,
}

/// Whether the browser can share a screen at all: those on phones cannot.
pub fn can_share_screen() -> bool {
    let devices = window().navigator().media_devices();
    devices.is_ok_and(|devices| Reflect::has(&devices, &"getDisplayMedia".into()).unwrap_or(false))
}

/// Asks the person for a screen. Nothing when they choose none.
pub async fn open_screen() -> Result<Option<SharedScreen>, DeviceError> {
    let devices = window().navigator().media_devices().map_err(|_| DeviceError::Insecure)?;
    let constraints = DisplayMediaStreamConstraints::new();
    constraints.set_video(&JsValue::TRUE);
    constraints.set_audio(&JsValue::TRUE);
    let promise = devices.get_display_media_with_constraints(&constraints).map_err(|e| reason(&e))?;
    let stream: MediaStream = match JsFuture::from(promise).await.map_err(|e| reason(&e)) {
        Ok(stream) => stream.unchecked_into(),
        Err(DeviceError::Refused) => return Ok(None),
        Err(why) => return Err(why),
    };
    let first = |tracks: js_sys::Array| tracks.get(0).dyn_into::<MediaStreamTrack>().ok();
    let sound = first(stream.get_audio_tracks());
    Ok(first(stream.get_video_tracks()).map(|picture| SharedScreen { picture, sound }))
}

fn constraints(device: Device) -> MediaStreamConstraints {
    let constraints = MediaStreamConstraints::new();
    if matches!(device, Device::Microphone | Device::Both) {
        constraints.set_audio(&JsValue::TRUE); // with the browser's echo cancellation and gain control
    }
    if matches!(device, Device::Camera | Device::Both) {
        let video = MediaTrackConstraints::new(); // plain numbers are wishes, not demands
        video.set_width_i32(1280);
        video.set_height_i32(720);
        video.set_frame_rate_f64(30.0);
        constraints.set_video(&video);
    }
    constraints
}

/// The exception's name says why: Media Capture and Streams §10.2.
fn reason(error: &JsValue) -> DeviceError {
    let Some(exception) = error.dyn_ref::<DomException>() else {
        return DeviceError::Other(format!("{error:?}"));
    };
    match exception.name().as_str() {
        "NotFoundError" | "DevicesNotFoundError" | "OverconstrainedError" => DeviceError::NotFound,
        "NotAllowedError" | "PermissionDeniedError" => DeviceError::Refused,
        "NotReadableError" | "TrackStartError" | "AbortError" => DeviceError::Busy,
        "SecurityError" => DeviceError::Insecure,
        _ => DeviceError::Other(exception.message()),
    }
}

async fn is_granted(name: &str) -> bool {
    permission(name).await.is_ok_and(|state| state == PermissionState::Granted)
}

async fn permission(name: &str) -> Result<PermissionState, JsValue> {
    let query = Object::new();
    Reflect::set(&query, &"name".into(), &name.into())?;
    let permissions = window().navigator().permissions()?;
    if permissions.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    let status: PermissionStatus = JsFuture::from(permissions.query(&query)?).await?.unchecked_into();
    Ok(status.state())
}
