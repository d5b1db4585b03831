//! Bindings that web-sys lacks, or has without catching what the browser throws.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{RtcConfiguration, RtcRtpTransceiver, RtcRtpTransceiverInit};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = web_sys::RtcPeerConnection)]
    pub type PeerConnectionExt;
    #[wasm_bindgen(method, js_name = restartIce)]
    pub fn restart_ice(this: &PeerConnectionExt);
    #[wasm_bindgen(method, catch, js_name = setConfiguration)]
    pub fn try_set_configuration(
        this: &PeerConnectionExt,
        configuration: &RtcConfiguration,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = addTransceiver)]
    pub fn try_add_transceiver(
        this: &PeerConnectionExt,
        kind: &str,
        init: &RtcRtpTransceiverInit,
    ) -> Result<RtcRtpTransceiver, JsValue>;

    #[wasm_bindgen(extends = web_sys::RtcRtpTransceiver)]
    pub type TransceiverExt;
    #[wasm_bindgen(method, catch, js_name = setCodecPreferences)]
    pub fn try_set_codec_preferences(this: &TransceiverExt, codecs: &Array) -> Result<(), JsValue>;

    #[wasm_bindgen(extends = web_sys::RtcRtpSender)]
    pub type SenderExt;
    #[wasm_bindgen(method, catch, js_name = getParameters)]
    pub fn parameters(this: &SenderExt) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setStreams)]
    pub fn try_set_streams(this: &SenderExt, stream: &web_sys::MediaStream) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = setParameters)]
    pub fn set_parameters(this: &SenderExt, parameters: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(extends = web_sys::RtcRtpReceiver)]
    pub type ReceiverExt;
    #[wasm_bindgen(method, setter, catch, js_name = jitterBufferTarget)]
    pub fn set_jitter_buffer_target(this: &ReceiverExt, milliseconds: Option<f64>) -> Result<(), JsValue>;

    #[wasm_bindgen(extends = web_sys::MediaStreamTrack)]
    pub type TrackExt;
    #[wasm_bindgen(method, setter, js_name = contentHint)]
    pub fn set_content_hint(this: &TrackExt, hint: &str);
}
