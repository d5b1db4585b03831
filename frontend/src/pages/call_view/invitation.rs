//! The way in, for others: the link to copy, to pass on by what the device has for that, and to photograph.

use super::Here;
use crate::components::{Shape, copy_link, icon, press, qr_code};
use crate::dom::{El, el};
use crate::words::Word;
use leptos::prelude::window;
use madang_client::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, ShareData};

/// The panel's inside.
pub fn invitation(here: Here) -> El {
    let link = here.link.get_value();
    let field = el("input");
    let input: HtmlInputElement = field.typed();
    input.set_value(&link);
    let field = field
        .set("readonly", "")
        .set("dir", "ltr")
        .word("aria-label", Word::RoomLink)
        .testid("invite-link")
        .on("focus", move |_| input.select());
    let code = qr_code(link.clone(), el("figure"), Word::QrLabel)
        .child(el("figcaption").class("fine").say(Word::QrDetail));
    el("div")
        .class("body invitation")
        .child(el("p").say(Word::InviteDetail))
        .child(field)
        .child(el("div").class("actions").child(copy_link(link.clone())).maybe(share(link)))
        .child(code)
}

/// What the device has for passing things on, if it has that.
fn share(link: String) -> Option<El> {
    let navigator = window().navigator();
    let there = js_sys::Reflect::has(&navigator, &"share".into()).unwrap_or_default();
    let share = move || {
        let data = ShareData::new();
        data.set_url(&link);
        let shared = window().navigator().share_with_data(&data);
        // Refused when the person thinks better of it.
        spawn_local(async move { drop(JsFuture::from(shared).await) });
    };
    there.then(|| {
        press("quiet", "share-link", share).child(icon(Shape::Share)).child(el("span").say(Word::ShareLink))
    })
}
