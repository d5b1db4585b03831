//! `window.madangStats()`: a promise of every peer connection's `getStats()` as one plain array, empty when
//! there is none. For support and for tests, so that the browser's own counters can be the witness.
//!
//! A report of a direct connection has its m-line, and its id, named `direct-<participant>-<mid>`: those of the
//! connection to the server have the same numbers.

use ::signal::ParticipantId;
use js_sys::{Array, Object, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{RtcPeerConnection, RtcStatsReport};

thread_local! {
    static CURRENT: RefCell<Option<RtcPeerConnection>> = const { RefCell::new(None) };
    static DIRECT: RefCell<Vec<(ParticipantId, RtcPeerConnection)>> = const { RefCell::new(Vec::new()) };
}

/// Says which peer connection to the server is asked.
pub(crate) fn watch(peer: Option<&RtcPeerConnection>) {
    CURRENT.set(peer.cloned());
}

/// Asks a direct connection too.
pub(crate) fn add(with: ParticipantId, peer: &RtcPeerConnection) {
    DIRECT.with_borrow_mut(|all| all.push((with, peer.clone())));
}

/// Asks a direct connection no longer.
pub(crate) fn remove(peer: &RtcPeerConnection) {
    DIRECT.with_borrow_mut(|all| all.retain(|(_, other)| other != peer));
}

/// Puts `madangStats` on the window, once, for as long as the page lives.
pub fn offer_to_window() {
    let stats = Closure::<dyn Fn() -> Promise>::new(|| future_to_promise(report()));
    // Only a frozen window refuses a property; then there is nothing to offer it on.
    let _ = Reflect::set(&js_sys::global(), &"madangStats".into(), &stats.into_js_value());
}

/// What a connection counts.
pub(crate) async fn of(peer: RtcPeerConnection) -> Result<Array, JsValue> {
    let report: RtcStatsReport = JsFuture::from(peer.get_stats()).await?.unchecked_into();
    Ok(Array::from(&report.values()))
}

async fn report() -> Result<JsValue, JsValue> {
    let all = match CURRENT.with_borrow(Clone::clone) {
        Some(peer) => of(peer).await?,
        None => Array::new(),
    };
    for (with, peer) in DIRECT.with_borrow(Clone::clone) {
        for report in of(peer).await?.iter() {
            let copy = Object::assign(&Object::new(), report.unchecked_ref());
            for name in ["mid", "id"] {
                let name = JsValue::from(name);
                if let Some(value) = Reflect::get(&report, &name)?.as_string() {
                    Reflect::set(&copy, &name, &format!("direct-{with}-{value}").into())?;
                }
            }
            all.push(&copy);
        }
    }
    Ok(all.into())
}
