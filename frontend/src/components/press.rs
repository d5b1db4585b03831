//! A button that does something when it is pressed.

use crate::boxed::Ask;
use crate::dom::{El, el};

/// The button, to be filled.
pub fn press(class: &str, testid: &str, act: impl Fn() + 'static) -> El {
    press_boxed(class, testid, Box::new(move |()| act()))
}

fn press_boxed(class: &str, testid: &str, act: Box<dyn Ask<(), ()>>) -> El {
    el("button").set("type", "button").class(class).testid(testid).on("click", move |_| act.ask(()))
}
