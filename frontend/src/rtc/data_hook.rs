//! `window.madangData`: the data channels of the call that the page shows, for an application in the same page, and for
//! tests.
//!
//! ```text
//! madangData.open((event) => …)           event.type: "open", "message", "drained", "closed"
//!                                         of a message: event.from, event.data (a string or a Uint8Array)
//! madangData.send(data, {to, reliable})   to: a participant's id, or all; reliable unless false; throws an Error
//! ```

use super::call::Call;
use ::signal::{DataKind, DataOut, DataTo, EVERYBODY, ParticipantId};
use js_sys::{Error, Function, Object, Reflect, Uint8Array};
use madang_client::{DataEvent, Delivery};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

/// Puts it on the window, instead of that of an earlier call.
pub fn offer_to_window(call: Call) {
    let open = Closure::<dyn Fn(Function)>::new(move |listener: Function| {
        call.open_data(Rc::new(move |event| {
            if let Err(error) = listener.call1(&JsValue::UNDEFINED, &told(event)) {
                leptos::logging::warn!("a listener to data channels: {error:?}");
            }
        }));
    });
    let send = Closure::<dyn Fn(JsValue, JsValue) -> Result<(), JsValue>>::new(
        move |data: JsValue, options: JsValue| send(call, &data, &options),
    );
    let hook = Object::new();
    set(&hook, "open", &open.into_js_value());
    set(&hook, "send", &send.into_js_value());
    set(&js_sys::global(), "madangData", &hook);
}

fn send(call: Call, data: &JsValue, options: &JsValue) -> Result<(), JsValue> {
    // Of what is no object there is no property, and all is as it is without.
    let option = |name: &str| Reflect::get(options, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let to = match option("to") {
        to if to.is_undefined() || to.is_null() => DataTo::Everybody,
        to => {
            DataTo::One(ParticipantId(participant(&to).ok_or_else(|| refusal("to is no participant's id"))?))
        }
    };
    let delivery = if option("reliable").is_falsy() && !option("reliable").is_undefined() {
        Delivery::Unreliable
    } else {
        Delivery::Reliable
    };
    let (kind, bytes) = match (data.as_string(), data.dyn_ref::<Uint8Array>()) {
        (Some(text), _) => (DataKind::Text, text.into_bytes()),
        (None, Some(bytes)) => (DataKind::Binary, bytes.to_vec()),
        (None, None) => return Err(refusal("data is neither a string nor a Uint8Array")),
    };
    let message = DataOut { to, kind, payload: &bytes };
    call.send_data(message, delivery).map_err(|error| refusal(&error.to_string()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "what differs is none"
)]
fn participant(id: &JsValue) -> Option<u32> {
    let number = id.as_f64()?;
    let whole = number as u32;
    (f64::from(whole) == number && whole != EVERYBODY).then_some(whole)
}

fn refusal(detail: &str) -> JsValue {
    Error::new(detail).into()
}

fn told(event: DataEvent) -> JsValue {
    let object = Object::new();
    let kind = match event {
        DataEvent::Open => "open",
        DataEvent::Drained => "drained",
        DataEvent::Closed => "closed",
        DataEvent::Message { from, kind, payload } => {
            set(&object, "from", &from.0.into());
            let data = match kind {
                DataKind::Text => String::from_utf8_lossy(&payload).as_ref().into(),
                DataKind::Binary => Uint8Array::from(payload.as_slice()).into(),
            };
            set(&object, "data", &data);
            "message"
        }
    };
    set(&object, "type", &kind.into());
    object.into()
}

/// Only a frozen object refuses a property.
fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
