//! What is large on the stage, and more about it: one button, and what it opens.

use super::full_screen::{can_fill_screen, fill_screen_with_stage};
use super::icon::{Shape, icon};
use super::menu::{item, menu};
use super::stage::StageNow;
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal};
use crate::state::layout::{LayoutChoice, OwnPlace};
use crate::words::{Word, say};
use web_sys::HtmlElement;

/// The button. `on_picture` opens and closes the small window over all others, where there is one.
pub fn layout_switch(stage: RwSignal<StageNow>, on_picture: Option<Callback<()>>) -> El {
    let open = RwSignal::new(false);
    let button = el("button")
        .set("type", "button")
        .class("quiet layout")
        .testid("layout")
        .label(Word::Layout)
        .set("aria-haspopup", "dialog")
        .truth("aria-expanded", move || open.get())
        .on("click", move |_| open.update(|open| *open = !*open))
        .child(icon(Shape::Grid));
    let opener: HtmlElement = button.typed();
    let on_close = Callback::new(move |()| {
        open.set(false);
    });
    el("div").class("menu-home").child(button).when(
        move || open.get(),
        move || {
            let choices = LayoutChoice::ALL.map(|choice| {
                let (shape, word) = match choice {
                    LayoutChoice::Auto => (Shape::Shuffle, Word::LayoutAuto),
                    LayoutChoice::Grid => (Shape::Grid, Word::LayoutGrid),
                    LayoutChoice::Speaker => (Shape::Speaker, Word::LayoutSpeaker),
                };
                item(shape, word, "layout-choice", move || {
                    stage.update(|stage| stage.layout.choice = choice);
                    on_close.run(());
                })
                .set("data-choice", choice.name())
                .truth("aria-pressed", move || stage.with(|stage| stage.layout.choice == choice))
            });
            let show_own = item(Shape::Person, Word::OwnShow, "own-show", move || {
                stage.update(|stage| stage.layout.own = OwnPlace::Auto);
                on_close.run(());
            });
            let hidden = stage.with_untracked(|stage| stage.layout.own == OwnPlace::Hidden);
            let full = item(Shape::FullScreen, Word::FullScreen, "full-screen", move || {
                fill_screen_with_stage();
                on_close.run(());
            });
            let picture = on_picture.map(|press| {
                item(Shape::Picture, Word::PictureInPicture, "picture-in-picture", move || {
                    press.run(());
                    on_close.run(());
                })
            });
            let more = [hidden.then_some(show_own), can_fill_screen().then_some(full), picture];
            let items = choices.into_iter().chain(more.into_iter().flatten()).collect();
            menu(|| say(Word::Layout).to_owned(), "layout-menu", opener.clone(), on_close, items)
        },
    )
}
