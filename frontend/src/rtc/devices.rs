//! Asking the browser for the microphone and the camera, those that were chosen first. Owns the questions and the
//! reasons for a no; what is got is kept by [`local`](super::local).

use crate::state::choices::Choices;
use crate::state::settings;
use js_sys::{Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    ConstrainDomStringParameters, DisplayMediaStreamConstraints, DomException, MediaDevices, MediaStream,
    MediaStreamConstraints, MediaStreamTrack, MediaTrackConstraints, PermissionState, PermissionStatus,
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
    /// The same, and another one, by its label, took its place.
    #[error("the device was unplugged, and {0} took its place")]
    Replaced(String),
    /// The person chose to send no pictures.
    #[error("data is saved")]
    Saving,
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

impl Opened {
    /// Nothing, and why.
    pub fn nothing(problem: DeviceProblem) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }
}

/// Opens both devices, or the one that can be had.
pub async fn open_both() -> Opened {
    let choices = settings::choices();
    let why = match ask(Device::Both, &choices).await {
        Ok(opened) => return opened,
        Err(why) => why,
    };
    // Perhaps only what was chosen is gone: of one, or of both.
    let chosen = !(choices.camera.is_empty() && choices.microphone.is_empty());
    let retry = match &why {
        DeviceError::Insecure | DeviceError::Lost | DeviceError::Replaced(_) | DeviceError::Saving => {
            (false, false)
        }
        // Asking again would bother the person twice, unless one device is allowed already.
        DeviceError::Refused => (is_granted("microphone").await, is_granted("camera").await),
        DeviceError::NotFound | DeviceError::Busy | DeviceError::Other(_) => (true, true),
    };
    let microphone = if retry.0 { open(Device::Microphone).await.ok() } else { None };
    // One is missing, and it is not the microphone.
    let camera_is_missing = microphone.is_some() && !chosen;
    let camera = if retry.1 && !camera_is_missing { open(Device::Camera).await.ok() } else { None };
    let device = match (&microphone, &camera) {
        (Some(_), Some(_)) => None,
        (Some(_), None) => Some(Device::Camera),
        (None, Some(_)) => Some(Device::Microphone),
        (None, None) => Some(Device::Both),
    };
    Opened {
        microphone: microphone.and_then(|opened| opened.microphone),
        camera: camera.and_then(|opened| opened.camera),
        problem: device.map(|device| DeviceProblem { device, why }),
    }
}

/// Opens what is asked for, all of it or nothing: what was chosen, or any where that is gone.
pub async fn open(device: Device) -> Result<Opened, DeviceError> {
    let choices = settings::choices();
    match ask(device, &choices).await {
        Err(DeviceError::NotFound) => {
            let any =
                Choices { camera: String::new(), microphone: String::new(), ..Choices::clone(&choices) };
            ask(device, &any).await
        }
        answer => answer,
    }
}

async fn ask(device: Device, choices: &Choices) -> Result<Opened, DeviceError> {
    let devices = media_devices().ok_or(DeviceError::Insecure)?;
    let constraints = constraints(device, choices);
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|e| reason(&e))?;
    let stream: MediaStream = JsFuture::from(promise).await.map_err(|e| reason(&e))?.unchecked_into();
    let first = |tracks: js_sys::Array| tracks.get(0).dyn_into::<MediaStreamTrack>().ok();
    Ok(Opened {
        microphone: first(stream.get_audio_tracks()),
        camera: first(stream.get_video_tracks()),
        problem: None,
    })
}

/// Has an open camera capture at the size that is chosen now, without opening it again.
pub async fn resize(camera: &MediaStreamTrack) -> Result<(), DeviceError> {
    let constraints = picture(&settings::choices());
    let promise = camera.apply_constraints_with_constraints(&constraints).map_err(|e| reason(&e))?;
    JsFuture::from(promise).await.map_err(|e| reason(&e)).map(drop)
}

/// Nothing on a page that browsers hide devices from.
pub(super) fn media_devices() -> Option<MediaDevices> {
    window().navigator().media_devices().ok().filter(|devices| !devices.is_undefined())
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
    let can = |devices: MediaDevices| Reflect::has(&devices, &"getDisplayMedia".into()).unwrap_or(false);
    media_devices().is_some_and(can)
}

/// Asks the person for a screen. Nothing when they choose none.
pub async fn open_screen() -> Result<Option<SharedScreen>, DeviceError> {
    let devices = media_devices().ok_or(DeviceError::Insecure)?;
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

fn constraints(device: Device, choices: &Choices) -> MediaStreamConstraints {
    let constraints = MediaStreamConstraints::new();
    if matches!(device, Device::Microphone | Device::Both) {
        constraints.set_audio(&sound(choices));
    }
    if matches!(device, Device::Camera | Device::Both) {
        constraints.set_video(&picture(choices));
    }
    constraints
}

fn sound(choices: &Choices) -> MediaTrackConstraints {
    let sound = exactly(&choices.microphone);
    sound.set_echo_cancellation_bool(choices.echo);
    sound.set_noise_suppression_bool(choices.noise);
    sound.set_auto_gain_control_bool(choices.gain);
    sound
}

/// Plain numbers are wishes, not demands.
fn picture(choices: &Choices) -> MediaTrackConstraints {
    let picture = exactly(&choices.camera);
    let (width, height) = choices.lines.size();
    picture.set_width_i32(width);
    picture.set_height_i32(height);
    picture.set_frame_rate_f64(30.0);
    if let Some(mode) = choices.facing.mode().filter(|_| choices.camera.is_empty()) {
        picture.set_facing_mode_str(mode);
    }
    picture
}

/// This device and no other; any when there is no id.
fn exactly(id: &str) -> MediaTrackConstraints {
    let constraints = MediaTrackConstraints::new();
    if !id.is_empty() {
        let exact = ConstrainDomStringParameters::new();
        exact.set_exact_str(id);
        constraints.set_device_id_constrain_dom_string_parameters(&exact);
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
