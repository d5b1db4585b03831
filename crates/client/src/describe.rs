//! Descriptions of a peer connection, to the server or to another participant: made, set, and taken from the other
//! side.

use super::ext::PeerConnectionExt;
use super::peer::PeerError;
use ::signal::Sdp;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcPeerConnection, RtcSdpType, RtcSessionDescriptionInit};

/// Makes an offer, with new ICE credentials if so wished, and sets it as the local description.
pub async fn offer(connection: &RtcPeerConnection, ice_restart: bool) -> Result<Sdp, PeerError> {
    if ice_restart {
        connection.unchecked_ref::<PeerConnectionExt>().restart_ice();
    }
    describe(connection, connection.create_offer(), "create offer").await
}

/// Makes an answer and sets it as the local description.
pub async fn answer(connection: &RtcPeerConnection) -> Result<Sdp, PeerError> {
    describe(connection, connection.create_answer(), "create answer").await
}

/// Sets what the other side said.
pub async fn set_remote(
    connection: &RtcPeerConnection,
    kind: RtcSdpType,
    sdp: &Sdp,
) -> Result<(), PeerError> {
    let description = RtcSessionDescriptionInit::new(kind);
    description.set_sdp(&sdp.0);
    let set = JsFuture::from(connection.set_remote_description(&description)).await;
    set.map(drop).map_err(PeerError::at("set the remote description"))
}

async fn describe(
    connection: &RtcPeerConnection,
    made: Promise,
    step: &'static str,
) -> Result<Sdp, PeerError> {
    let description = JsFuture::from(made).await.map_err(PeerError::at(step))?;
    let set = JsFuture::from(connection.set_local_description(description.unchecked_ref())).await;
    set.map_err(PeerError::at("set the local description"))?;
    let description = connection.local_description().ok_or(JsValue::from("there is none"));
    description.map(|description| Sdp(description.sdp())).map_err(PeerError::at("local description"))
}
