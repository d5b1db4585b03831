//! What a moderator decides, in the panel of who is here: about one person, about the room, and about those who wait
//! outside. What is shown is what the server says; what is asked for is carried out there.

use super::Here;
use crate::components::{Shape, focus_heading, icon, item, menu, press, sheet};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal, memo};
use crate::rtc::call::Call;
use crate::state::room::{RoomStore, is_held, moderates};
use crate::words::{self, Word};
use ::signal::{Hold, ModerateAct, ParticipantId, RoomMode};
use web_sys::HtmlElement;

/// Whether oneself decides about others. Follows.
pub fn i_moderate(store: RoomStore) -> Signal<bool> {
    memo(move || {
        let me = store.me().read().as_ref().map(|me| me.id);
        moderates(&store.moderation().read(), me)
    })
}

/// A button beside somebody, and the menu that it opens.
pub fn person_menu(here: Here, id: ParticipantId, name: Signal<String>) -> El {
    let open = RwSignal::new(false);
    let button = press("inside", "person-more", move || open.update(|open| *open = !*open))
        .bind("aria-label", move || words::of(Word::MoreOf, &name.get()))
        .truth("aria-expanded", move || open.get())
        .child(icon(Shape::More));
    let opener: HtmlElement = button.typed();
    let close = Callback::new(move |()| open.set(false));
    let inside = move || {
        let store = here.store;
        let act = move |act: ModerateAct| {
            here.call.moderate(act);
            close.run(());
        };
        let hold = |shape, word, testid, what| {
            let held = memo(move || is_held(&store.moderation().read(), Some(id), what));
            item(shape, word, testid, move || {
                act(ModerateAct::Hold { participant: id, what, on: !held.get_untracked() });
            })
            .truth("aria-pressed", move || held.get())
        };
        // Where no media goes by the server it holds nothing.
        let mut items = Vec::new();
        if here.call.mode() != Some(RoomMode::P2p) {
            items.push(hold(Shape::MicrophoneOff, Word::HoldSound, "hold-sound", Hold::Sound));
            items.push(hold(Shape::CameraOff, Word::HoldCamera, "hold-camera", Hold::Camera));
            items.push(hold(Shape::Screen, Word::HoldScreen, "hold-screen", Hold::Screen));
        }
        let participant = id;
        items.push(item(Shape::Person, Word::HandOver, "hand-over", move || {
            act(ModerateAct::HandOver { participant });
        }));
        items.push(item(Shape::Close, Word::Remove, "remove", move || {
            act(ModerateAct::Remove { participant });
        }));
        menu(move || words::of(Word::MoreOf, &name.get()), "person-menu", opener.clone(), close, items)
    };
    el("div").class("menu-home").child(button).when(move || open.get(), inside)
}

/// What is decided about the room, and who waits outside.
pub fn room_rules(here: Here) -> El {
    let (store, call) = (here.store, here.call);
    let rule = |word, testid, on: Signal<bool>, act: fn(bool) -> ModerateAct| {
        press("button wide", testid, move || call.moderate(act(!on.get_untracked())))
            .truth("aria-pressed", move || on.get())
            .child(el("span").say(word))
    };
    let locked = memo(move || store.moderation().read().locked);
    let waits = memo(move || store.moderation().read().waiting_room);
    let ending = RwSignal::new(false);
    el("div")
        .class("rules")
        .child(el("ul").each(move || waiting(store), move |key| el("li").child(knock(here, key))))
        .child(rule(Word::Lock, "lock", locked, |on| ModerateAct::Lock { on }))
        .child(rule(Word::WaitingRoom, "waiting-room", waits, |on| ModerateAct::WaitingRoom { on }))
        .child(
            press("button wide end", "end-all", move || ending.set(true)).child(el("span").say(Word::EndAll)),
        )
        .child(sheet(Word::EndAll, "end-sheet", ending, move || end_for_all(call)))
}

/// Whether the call is to end for everybody. The browser closes the dialog with either answer.
fn end_for_all(call: Call) -> El {
    let answer = |class, testid, word| el("button").class(class).testid(testid).say(word);
    let end = answer("button danger", "end-confirm", Word::EndAll);
    let end = end.on("click", move |_| call.moderate(ModerateAct::End {}));
    let stay = answer("button", "end-cancel", Word::Cancel);
    let answers = el("div").class("actions").child(stay).child(end);
    el("form").set("method", "dialog").child(el("p").say(Word::EndAllDetail)).child(answers)
}

/// Who waits first, over the room.
pub fn doorbell(here: Here) -> El {
    let first = memo(move || waiting(here.store).first().copied());
    el("div").class("contents").swap(
        move || first.get(),
        move |key| Some(knock(here, key?).class("knock notice").set("role", "alert")),
    )
}

fn waiting(store: RoomStore) -> Vec<u64> {
    store.moderation().read().waiting.iter().map(|waiting| waiting.participant.0.into()).collect()
}

/// Somebody wants to come in.
fn knock(here: Here, key: u64) -> El {
    let participant = ParticipantId(u32::try_from(key).unwrap_or_default());
    let name = here.store.moderation().with_untracked(|moderation| {
        let waiting = moderation.waiting.iter().find(|waiting| waiting.participant == participant);
        waiting.map(|waiting| waiting.name.clone()).unwrap_or_default()
    });
    let answer = |word, testid, act: ModerateAct| {
        let answer = move || {
            here.call.moderate(act.clone());
            focus_heading();
        };
        press("button small", testid, answer).child(el("span").say(word))
    };
    el("div")
        .class("knock")
        .child(el("span").class("name").set("dir", "auto").texts(move || words::of(Word::Waits, &name)))
        .child(el("span").class("answers").children([
            answer(Word::LetIn, "let-in", ModerateAct::Admit { participant }),
            answer(Word::Deny, "deny", ModerateAct::Deny { participant }),
        ]))
}
