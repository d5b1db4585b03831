//! A line that sends a picture: tells the browser which encodings to make, one `setParameters` at a time.
//!
//! [`encodings`](super::encodings) says which; this file owns when. The newest wish wins: what came between
//! is never told.

use super::encodings::{self, EncodingPlan, EncodingState};
use super::ext::SenderExt;
use super::peer::PeerError;
use crate::page::spawn_local;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcRtpSender;

/// How long a refused wish waits before it is told again, in milliseconds. After the last it is given up, until
/// the next wish, be it the same one.
const PAUSES: [u32; 5] = [0, 1_000, 2_000, 4_000, 8_000];

/// See the module.
#[derive(Clone, Debug)]
pub struct PictureSender(Rc<Inside>);

#[derive(Debug)]
struct Inside {
    sender: RtcRtpSender,
    wish: RefCell<Wish>,
    /// Runs while a refused wish waits.
    again: RefCell<Option<Timeout>>,
}

#[derive(Debug)]
struct Wish {
    /// What the capture allows.
    plans: Vec<EncodingPlan>,
    /// What the server wants; all before it has said so.
    wanted: Option<Vec<u8>>,
    /// None is made for now, whatever is wanted.
    held: bool,
    progress: Progress,
}

/// How far the browser has the wish.
///
/// ```text
///          a wish that differs          taken, nothing fresh
/// Told ──────────────────────▶ Telling ──────────────────────▶ Told
///                              ▲     │ refused, nothing fresh
///                              │     ▼
///              any wish, or time    Refused
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It has it.
    Told,
    /// A task tells it.
    Telling {
        /// The wish has changed since the task looked.
        fresh: bool,
        /// How often this wish was refused.
        refusals: usize,
    },
    /// It was refused so often, and waits or is given up.
    Refused { refusals: usize },
}

impl Progress {
    /// There is a wish, and perhaps it differs from the last one. Whether a task has to tell it.
    fn wish(&mut self, differs: bool) -> bool {
        let (next, start) = match *self {
            Self::Told if differs => (Self::TELLING, true),
            Self::Told => (Self::Told, false),
            Self::Telling { fresh, refusals } => (Self::Telling { fresh: fresh || differs, refusals }, false),
            Self::Refused { .. } => (Self::TELLING, true),
        };
        *self = next;
        start
    }

    /// A refused wish has waited. Whether a task has to tell it.
    fn waited(&mut self) -> bool {
        let Self::Refused { refusals } = *self else { return false };
        *self = Self::Telling { fresh: false, refusals };
        true
    }

    /// The task looks at the wish.
    fn look(&mut self) {
        if let Self::Telling { fresh: true, .. } = self {
            *self = Self::TELLING;
        }
    }

    /// The browser took what the task looked at, or did not. Whether the task goes on.
    fn answered(&mut self, taken: bool) -> bool {
        let Self::Telling { fresh: false, refusals } = *self else { return true };
        *self = if taken { Self::Told } else { Self::Refused { refusals: refusals.saturating_add(1) } };
        false
    }

    /// How long it waits now.
    fn pause(self) -> Option<u32> {
        match self {
            Self::Refused { refusals } => PAUSES.get(refusals.saturating_sub(1)).copied(),
            Self::Told | Self::Telling { .. } => None,
        }
    }

    const TELLING: Self = Self::Telling { fresh: false, refusals: 0 };
}

impl PictureSender {
    /// For a line made with these encodings.
    pub fn new(sender: RtcRtpSender, plans: Vec<EncodingPlan>) -> Self {
        let wish = RefCell::new(Wish { plans, wanted: None, held: false, progress: Progress::Told });
        Self(Rc::new(Inside { sender, wish, again: RefCell::default() }))
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

    /// Makes none from now on, or again what is wanted.
    pub fn hold(&self, held: bool) {
        self.change(|wish| std::mem::replace(&mut wish.held, held) != held);
    }

    fn change(&self, change: impl FnOnce(&mut Wish) -> bool) {
        let mut wish = self.0.wish.borrow_mut();
        let differs = change(&mut wish);
        if wish.progress.wish(differs) {
            self.0.again.take();
            spawn_local(tell(self.0.clone()));
        }
    }
}

async fn tell(inside: Rc<Inside>) {
    loop {
        inside.wish.borrow_mut().progress.look();
        let answer = apply(&inside).await;
        let taken = answer.is_ok();
        if let Err(error) = answer {
            crate::page::warn(&PeerError::at("set encodings")(error).to_string());
        }
        if !inside.wish.borrow_mut().progress.answered(taken) {
            break;
        }
    }
    let pause = inside.wish.borrow().progress.pause();
    let me = Rc::downgrade(&inside);
    inside.again.replace(pause.map(|pause| {
        Timeout::new(pause, move || {
            if let Some(inside) = me.upgrade().filter(|inside| inside.wish.borrow_mut().progress.waited()) {
                spawn_local(tell(inside));
            }
        })
    }));
}

/// The parameters that are set must be those just got, changed: WebRTC §5.2 (`transactionId`).
async fn apply(inside: &Inside) -> Result<(), JsValue> {
    let sender: &SenderExt = inside.sender.unchecked_ref();
    let parameters = sender.parameters()?;
    let list: Array = Reflect::get(&parameters, &"encodings".into())?.dyn_into()?;
    let states = {
        let wish = inside.wish.borrow();
        let places = usize::try_from(list.length()).unwrap_or(0);
        let wanted = if wish.held { Some(&[][..]) } else { wish.wanted.as_deref() };
        encodings::states(&wish.plans, wanted, places)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// After so many refusals in a row.
    fn refused(times: usize) -> Progress {
        let mut progress = Progress::Told;
        assert!(progress.wish(true));
        for time in 0..times {
            assert!(time == 0 || progress.waited());
            progress.look();
            assert!(!progress.answered(false));
        }
        progress
    }

    #[test]
    fn what_is_told_is_told_again_only_when_it_differs() {
        let mut progress = Progress::Told;
        assert!(!progress.wish(false));
        assert!(progress.wish(true));
        assert!(!progress.answered(true));
        assert_eq!(progress, Progress::Told);
    }

    #[test]
    fn what_changes_meanwhile_is_told_by_the_same_task() {
        for taken in [true, false] {
            let mut progress = Progress::Told;
            progress.wish(true);
            assert!(!progress.wish(true), "one task");
            assert!(progress.answered(taken));
            progress.look();
            assert!(!progress.answered(true));
            assert_eq!(progress, Progress::Told);
        }
    }

    #[test]
    fn a_refused_wish_is_told_again_ever_later_and_then_given_up() {
        let pauses: Vec<_> = (1..=6).map(|times| refused(times).pause()).collect();
        assert_eq!(pauses, [Some(0), Some(1_000), Some(2_000), Some(4_000), Some(8_000), None]);
    }

    #[test]
    fn after_a_refusal_the_same_wish_is_news() {
        for times in [1, 6] {
            let mut progress = refused(times);
            assert!(progress.wish(false));
            assert!(!progress.waited(), "the timer comes too late");
            assert!(!progress.answered(false));
            assert_eq!(progress, Progress::Refused { refusals: 1 });
        }
    }
}
