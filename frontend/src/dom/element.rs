//! An element and what can be said of it. Each method takes the element and gives it back, so that a view reads
//! like the page it makes.

use crate::boxed::{Act, Ask};
use crate::reactive::{follow_boxed, keep};
use crate::words::{self, Word};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, Event, EventTarget, HtmlElement};

/// A handle on an element of the document; cloning it makes another handle on the same one.
///
/// What follows a signal does so for as long as the owner lives under which it was said.
#[derive(Clone, Debug)]
pub struct El(Element);

/// A new HTML element.
pub fn el(tag: &str) -> El {
    made(document().create_element(tag))
}

/// A new SVG element.
pub fn svg(tag: &str) -> El {
    made(document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag))
}

/// A browser refuses only what is no name at all, which is a mistake in the program.
#[expect(clippy::expect_used, reason = "the name of a tag is never input")]
fn made(element: Result<Element, wasm_bindgen::JsValue>) -> El {
    El(element.expect("a tag's name"))
}

impl El {
    /// The browser's object.
    pub fn raw(&self) -> &Element {
        &self.0
    }

    /// The browser's object as what its tag makes of it: the caller knows which.
    pub fn typed<T: JsCast>(&self) -> T {
        self.0.clone().unchecked_into()
    }

    /// Brings the focus here. Without it the page works all the same.
    pub fn focus(&self) {
        let _ = self.0.unchecked_ref::<HtmlElement>().focus();
    }

    /// Brings the focus here once it is in the page.
    pub fn focus_soon(&self) {
        let element = self.clone();
        madang_client::spawn_local(async move { element.focus() });
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(self, name: &str, value: &str) -> Self {
        set(&self.0, name, Some(value));
        self
    }

    /// Sets the classes.
    #[must_use]
    pub fn class(self, names: &str) -> Self {
        self.set("class", names)
    }

    /// Sets the name by which tests find it.
    #[must_use]
    pub fn testid(self, name: &str) -> Self {
        self.set("data-testid", name)
    }

    /// An attribute that follows signals.
    #[must_use]
    pub fn bind(self, name: &'static str, value: impl Fn() -> String + 'static) -> Self {
        self.bind_boxed(name, Box::new(move |()| Some(value())))
    }

    /// An attribute that follows signals, and is not there when there is nothing.
    #[must_use]
    pub fn bind_some(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        self.bind_boxed(name, Box::new(move |()| value()))
    }

    /// An attribute without a value that is there or not.
    #[must_use]
    pub fn flag(self, name: &'static str, on: impl Fn() -> bool + 'static) -> Self {
        self.bind_boxed(name, Box::new(move |()| on().then(String::new)))
    }

    /// An attribute that says "true" or "false", as `aria-pressed` does.
    #[must_use]
    pub fn truth(self, name: &'static str, on: impl Fn() -> bool + 'static) -> Self {
        self.bind_boxed(name, Box::new(move |()| Some(on().to_string())))
    }

    /// An attribute in words, in the language of now.
    #[must_use]
    pub fn word(self, name: &'static str, word: Word) -> Self {
        self.bind_boxed(name, Box::new(move |()| Some(words::say(word).to_owned())))
    }

    /// What a screen reader says, and what a mouse that waits is told.
    #[must_use]
    pub fn label(self, word: Word) -> Self {
        self.word("aria-label", word).word("title", word)
    }

    fn bind_boxed(self, name: &'static str, value: Box<dyn Ask<(), Option<String>>>) -> Self {
        let element = self.0.clone();
        let mut known = None;
        follow_boxed(Box::new(move |()| {
            let value = value.ask(());
            if value != known {
                set(&element, name, value.as_deref());
                known = value;
            }
        }));
        self
    }

    /// A class that is there or not.
    #[must_use]
    pub fn toggle(self, class: &'static str, on: impl Fn() -> bool + 'static) -> Self {
        self.toggle_boxed(class, Box::new(move |()| on()))
    }

    fn toggle_boxed(self, class: &'static str, on: Box<dyn Ask<(), bool>>) -> Self {
        let list = self.0.class_list();
        follow_boxed(Box::new(move |()| {
            // A browser refuses only an empty name.
            let _ = list.toggle_with_force(class, on.ask(()));
        }));
        self
    }

    /// A property of its style, one of the stylesheet's own perhaps, that follows signals.
    #[must_use]
    pub fn style(self, name: &'static str, value: impl Fn() -> String + 'static) -> Self {
        let style = self.0.unchecked_ref::<HtmlElement>().style();
        follow_boxed(Box::new(move |()| {
            // A value that makes no sense is passed over by the browser.
            let _ = style.set_property(name, &value());
        }));
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.append(&document().create_text_node(text));
        self
    }

    /// Adds words, in the language of now.
    #[must_use]
    pub fn say(self, word: Word) -> Self {
        self.texts(move || words::say(word).to_owned())
    }

    /// Adds a text that follows signals.
    #[must_use]
    pub fn texts(self, text: impl Fn() -> String + 'static) -> Self {
        self.texts_boxed(Box::new(move |()| text()))
    }

    fn texts_boxed(self, text: Box<dyn Ask<(), String>>) -> Self {
        let node = document().create_text_node("");
        self.append(&node);
        follow_boxed(Box::new(move |()| node.set_data(&text.ask(()))));
        self
    }

    /// Adds an element.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an element stands in one place")]
    pub fn child(self, child: El) -> Self {
        self.append(&child.0);
        self
    }

    /// Adds elements.
    #[must_use]
    pub fn children(self, children: impl IntoIterator<Item = El>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// Adds an element, if there is one.
    #[must_use]
    pub fn maybe(self, child: Option<El>) -> Self {
        match child {
            Some(child) => self.child(child),
            None => self,
        }
    }

    /// Does something at an event.
    #[must_use]
    pub fn on(self, event: &'static str, act: impl FnMut(Event) + 'static) -> Self {
        listen_boxed(&self.0, event, Box::new(act));
        self
    }

    pub(super) fn append(&self, node: &web_sys::Node) {
        // A browser refuses only what would contain itself.
        let _ = self.0.append_child(node);
    }
}

fn set(element: &Element, name: &str, value: Option<&str>) {
    // A browser refuses only what is no name.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// Does something at an event of the window or the document, until the owner of now is gone.
pub fn listen(target: &EventTarget, event: &'static str, act: impl FnMut(Event) + 'static) {
    listen_boxed(target, event, Box::new(act));
}

fn listen_boxed(target: &EventTarget, event: &'static str, mut act: Box<dyn Act<Event>>) {
    let act: Box<dyn FnMut(Event)> = Box::new(move |event| act.act(event));
    let listener = Listener { target: target.clone(), event, act: Closure::wrap(act) };
    let callback = listener.act.as_ref().unchecked_ref();
    // An event that cannot be listened to does not come.
    let _ = target.add_event_listener_with_callback(event, callback);
    keep(listener);
}

/// Listens until it is dropped.
struct Listener {
    target: EventTarget,
    event: &'static str,
    act: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.act.as_ref().unchecked_ref();
        // One that was never added is not removed either.
        let _ = self.target.remove_event_listener_with_callback(self.event, callback);
    }
}
