//! A line that sends a picture: tells the browser which encodings to make, one `setParameters` at a time.
//!
//! [`encodings`](super::encodings) says which; this file owns when. The newest wish wins: what came between
//! is never told.

use super::encodings::{self, EncodingPlan, EncodingState};
use super::ext::SenderExt;
use super::peer::PeerError;
use js_sys::{Array, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::RtcRtpSender;

/// How often one wish is told in all, when the browser refuses.
const ATTEMPTS: u32 = 2;

/// See the module.
#[derive(Clone, Debug)]
pub struct PictureSender(Rc<Inside>);

#[derive(Debug)]
struct Inside {
    sender: RtcRtpSender,
    wish: RefCell<Wish>,
}

#[derive(Debug)]
struct Wish {
    /// What the capture allows.
    plans: Vec<EncodingPlan>,
    /// What the server wants; all before it has said so.
    wanted: Option<Vec<u8>>,
    /// The task that tells the browser runs.
    telling: bool,
    /// Something has changed since it looked last.
    fresh: bool,
}

impl PictureSender {
    /// For a line made with these encodings.
    pub fn new(sender: RtcRtpSender, plans: Vec<EncodingPlan>) -> Self {
        let wish = Wish { plans, wanted: None, telling: false, fresh: false };
        Self(Rc::new(Inside { sender, wish: RefCell::new(wish) }))
    }

    /// What is captured now allows these.
    pub fn set_plans(&self, plans: Vec<EncodingPlan>) {
        self.change(|wish| {
            let differs = wish.plans != plans;
            wish.plans = plans;
            differs
        });
    }

    /// The server wants these, by their places.
    pub fn set_wanted(&self, wanted: Vec<u8>) {
        self.change(|wish| {
            let differs = wish.wanted.as_ref() != Some(&wanted);
            wish.wanted = Some(wanted);
            differs
        });
    }

    fn change(&self, change: impl FnOnce(&mut Wish) -> bool) {
        let mut wish = self.0.wish.borrow_mut();
        wish.fresh |= change(&mut wish);
        if wish.fresh && !wish.telling {
            wish.telling = true;
            spawn_local(tell(self.0.clone()));
        }
    }
}

async fn tell(inside: Rc<Inside>) {
    let mut attempts = 0;
    loop {
        {
            let mut wish = inside.wish.borrow_mut();
            if wish.fresh {
                attempts = ATTEMPTS;
            }
            if attempts == 0 {
                wish.telling = false;
                return;
            }
            wish.fresh = false;
        }
        attempts -= 1;
        match apply(&inside).await {
            Ok(()) => attempts = 0,
            Err(error) => leptos::logging::warn!("{}", PeerError::at("set encodings")(error)),
        }
    }
}

/// The parameters that are set must be those just got, changed: WebRTC §5.2 (`transactionId`).
async fn apply(inside: &Inside) -> Result<(), JsValue> {
    let sender: &SenderExt = inside.sender.unchecked_ref();
    let parameters = sender.parameters()?;
    let list: Array = Reflect::get(&parameters, &"encodings".into())?.dyn_into()?;
    let states = {
        let wish = inside.wish.borrow();
        let places = usize::try_from(list.length()).unwrap_or(0);
        encodings::states(&wish.plans, wish.wanted.as_deref(), places)
    };
    for (encoding, state) in list.iter().zip(&states) {
        write(&encoding, state)?;
    }
    JsFuture::from(sender.set_parameters(&parameters)?).await?;
    Ok(())
}

/// Encodings to make a line with, all of them on.
pub fn initial(plans: &[EncodingPlan]) -> Array {
    encodings::states(plans, None, plans.len())
        .iter()
        .filter_map(|state| {
            let encoding = js_sys::Object::new();
            Reflect::set(&encoding, &"rid".into(), &state.plan.rid.into()).ok()?;
            write(&encoding, state).ok()?;
            Some(encoding)
        })
        .collect()
}

/// By name, because web-sys has only some of them.
fn write(encoding: &JsValue, state: &EncodingState) -> Result<(), JsValue> {
    let EncodingState { plan, active } = state;
    Reflect::set(encoding, &"active".into(), &(*active).into())?;
    Reflect::set(encoding, &"scaleResolutionDownBy".into(), &plan.scale_down_by.into())?;
    Reflect::set(encoding, &"maxBitrate".into(), &plan.max_bitrate.into())?;
    if let Some(framerate) = plan.max_framerate {
        Reflect::set(encoding, &"maxFramerate".into(), &framerate.into())?;
    }
    Ok(())
}
