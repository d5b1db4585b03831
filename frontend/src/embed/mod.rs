//! A room in a frame of somebody else's page, `/r/NAME?embed`: what that page says to it, and what it says back. The
//! protocol is in PROTOCOL.md, "In a frame".
//!
//! The browser lets nobody frame us whom the server does not name (`frame-ancestors`). The same list is asked for here
//! once more: nothing is told to another page, and nothing of another page is heard, whatever stands between us and
//! the server.

mod order;

pub use order::Order;

use crate::app::show;
use crate::dom::listen;
use crate::reactive::{RwSignal, follow};
use crate::state::room::RoomStore;
use crate::words;
use ::signal::limits::MAX_FRAME_TEXT;
use ::signal::{DisplayName, RoomName, encode};
use js_sys::{Array, JSON, JsString, Object, Reflect};
use leptos::prelude::window;
use madang_client::spawn_local;
use session::{EndReason, Phase, SourceState};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, UrlSearchParams, Window};

/// The version of what is said.
const VERSION: f64 = 1.0;

/// The page around this one. Lives as long as the page of the room.
#[derive(Clone, Copy, Debug)]
pub struct Parent {
    /// The origins that may be spoken to. None before the server has told.
    allowed: RwSignal<Vec<String>>,
}

impl Parent {
    /// The page around, if this one was asked to be embedded, and is.
    pub fn of_now(room: &RoomName) -> Option<Self> {
        let asked = query().is_some_and(|query| query.has("embed"));
        around().filter(|_| asked)?;
        show("data-embed", "on");
        let (parent, room) = (Self { allowed: RwSignal::new(vec![]) }, room.to_string());
        spawn_local(async move {
            let allowed = crate::api::embedders().await;
            let here = window().location().origin().unwrap_or_default();
            parent.allowed.set(allowed.into_iter().chain([here]).filter(|one| may_be_around(one)).collect());
            parent.tell("ready", &[("room", room.into())]);
        });
        Some(parent)
    }

    /// Obeys the page around, until the owner of now is gone.
    pub fn listen(self, obey: impl Fn(Order) + 'static) {
        listen(&window(), "message", move |event| {
            let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
            let source = Reflect::get(event, &"source".into()).unwrap_or_default();
            if around().is_some_and(|around| source == JsValue::from(around))
                && self.allowed.try_with_untracked(|all| all.contains(&event.origin())).unwrap_or_default()
                && let Some(order) = read(&event.data())
            {
                // Whoever speaks is who is around.
                self.allowed.set(vec![event.origin()]);
                obey(order);
            }
        });
    }

    /// Tells the page around how it goes, until the owner of now is gone.
    pub fn follow(self, store: RoomStore) {
        follow(move || {
            // Nothing is told before `ready` is.
            if self.allowed.with(Vec::is_empty) {
                return;
            }
            let now = State::of(store);
            for (kind, fields) in TOLD.with_borrow(|told| now.news(told)) {
                self.tell(kind, &fields);
            }
            TOLD.set(now);
        });
    }

    fn tell(self, kind: &str, fields: &[(&str, JsValue)]) {
        let message = object(fields);
        set(&message, "madang", &VERSION.into());
        set(&message, "type", &kind.into());
        let Some(around) = around() else { return };
        self.allowed.try_with_untracked(|allowed| {
            for origin in allowed {
                // The browser gives it to a page of that origin alone.
                let _ = around.post_message(&message, origin);
            }
        });
    }
}

/// Under which name to join at once: `?name=`.
pub fn asked_name() -> Option<DisplayName> {
    DisplayName::parse(&query()?.get("name")?).ok()
}

type Fields = Vec<(&'static str, JsValue)>;

thread_local! {
    /// What the page around knows, from one visit to the next.
    static TOLD: RefCell<State> = RefCell::default();
}

/// What it is told of.
#[derive(Default)]
struct State {
    /// Oneself, by id and name, while in the room.
    me: Option<(u32, String)>,
    left: Option<EndReason>,
    others: Vec<(u32, String)>,
    /// The microphone, the camera, the screen.
    on: [bool; 3],
    problem: String,
}

impl State {
    fn of(store: RoomStore) -> Self {
        let phase = store.phase().get();
        let local = store.local().read();
        let live = matches!(phase, Phase::Live | Phase::Reconnecting { .. });
        let me = store.me().read().as_ref().map(|me| (me.id.0, me.name.clone()));
        Self {
            me: me.filter(|_| live),
            left: if let Phase::Ended(reason) = phase { Some(reason) } else { None },
            others: store.others().read().iter().map(|other| (other.id.0, other.name.clone())).collect(),
            on: [local.microphone, local.camera, local.screen].map(|state| state == SourceState::Live),
            problem: local.problem.as_ref().map(words::device_problem).unwrap_or_default(),
        }
    }

    /// What is to be told of what differs.
    fn news(&self, old: &Self) -> Vec<(&'static str, Fields)> {
        let mut news: Vec<(&'static str, Fields)> = vec![];
        if let Some(me) = self.me.as_ref().filter(|me| old.me.as_ref() != Some(me)) {
            news.push(("joined", person(me)));
        }
        if let Some(reason) = self.left.as_ref().filter(|reason| old.left.as_ref() != Some(reason)) {
            news.push(("left", vec![("reason", reason_code(reason).into())]));
        }
        if self.others != old.others {
            let list: Array = self.others.iter().map(|other| object(&person(other))).collect();
            news.push(("participants", vec![("participants", list.into())]));
        }
        for ((kind, on), before) in ["microphone", "camera", "screen"].into_iter().zip(self.on).zip(old.on) {
            if on != before {
                news.push((kind, vec![("on", on.into())]));
            }
        }
        if self.problem != old.problem && !self.problem.is_empty() {
            news.push(("error", vec![("message", self.problem.as_str().into())]));
        }
        news
    }
}

/// As PROTOCOL.md names the errors, and two that the server does not tell.
fn reason_code(reason: &EndReason) -> String {
    match reason {
        EndReason::Left => "left".to_owned(),
        EndReason::Unreachable => "unreachable".to_owned(),
        EndReason::Browser(_) => "browser".to_owned(),
        EndReason::Refused(info) => encode(&info.code).trim_matches('"').to_owned(),
    }
}

fn person((id, name): &(u32, String)) -> Fields {
    vec![("id", (*id).into()), ("name", name.as_str().into())]
}

fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, value);
    }
    object
}

/// An order in a message; what is none, or too long to be one, is nothing.
fn read(message: &JsValue) -> Option<Order> {
    let field = |name: &str| Reflect::get(message, &name.into()).ok();
    let text = |name: &str| {
        let text: JsString = field(name)?.dyn_into().ok()?;
        (text.length() as usize <= MAX_FRAME_TEXT).then(|| String::from(text))
    };
    if field("madang")?.as_f64() != Some(VERSION) {
        return None;
    }
    Order::of(&text("type")?, text("name").or_else(|| text("text")), field("on")?.as_bool())
}

/// The window that this one stands in; nothing when in none.
fn around() -> Option<Window> {
    let window = window();
    window.parent().ok().flatten().filter(|parent| *parent != window)
}

/// Whether a page of this origin may be the one around, as far as the browser tells: Firefox did not always.
fn may_be_around(origin: &str) -> bool {
    let ancestors = Reflect::get(&window().location(), &"ancestorOrigins".into()).ok();
    let first = ancestors.and_then(|all| Reflect::get_u32(&all, 0).ok()).and_then(|first| first.as_string());
    first.is_none_or(|first| first == origin)
}

fn query() -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str(&window().location().search().ok()?).ok()
}

/// The origins in the answer of `/api/embed`.
pub fn origins(answer: &str) -> Vec<String> {
    let list = JSON::parse(answer).and_then(|answer| Reflect::get(&answer, &"origins".into()));
    list.map(|list| Array::from(&list).iter().filter_map(|one| one.as_string()).collect()).unwrap_or_default()
}

/// Only a frozen object refuses a property.
fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
