//! `window.madangStats()`: a promise of the peer connection's `getStats()` as a plain array, empty when
//! there is none. For support and for tests, so that the browser's own counters can be the witness.

use js_sys::{Array, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{RtcPeerConnection, RtcStatsReport};

thread_local! {
    static CURRENT: RefCell<Option<RtcPeerConnection>> = const { RefCell::new(None) };
}

/// Says which peer connection is asked.
pub fn watch(peer: Option<&RtcPeerConnection>) {
    CURRENT.set(peer.cloned());
}

/// Puts `madangStats` on the window, once, for as long as the page lives.
pub fn offer_to_window() {
    let stats = Closure::<dyn Fn() -> Promise>::new(|| future_to_promise(report()));
    // Only a frozen window refuses a property; then there is nothing to offer it on.
    let _ = Reflect::set(&js_sys::global(), &"madangStats".into(), &stats.into_js_value());
}

async fn report() -> Result<JsValue, JsValue> {
    let Some(peer) = CURRENT.with_borrow(Clone::clone) else { return Ok(Array::new().into()) };
    let report: RtcStatsReport = JsFuture::from(peer.get_stats()).await?.unchecked_into();
    Ok(Array::from(&report.values()).into())
}
