//! Who is here: those who raised a hand first, in the order they did, then oneself, then the others as they came.

use super::moderation::{i_moderate, person_menu, room_rules};
use super::{Here, Own, PERSON, Sides, part, speaks, verdict_of};
use crate::components::{Shape, avatar, icon, press, quality};
use crate::dom::{El, el};
use crate::reactive::{Callback, RwSignal, Signal, memo};
use crate::state::quality::Verdict;
use crate::state::room::{Side, Whose, moderates, pin};
use crate::words::{self, Word, say};
use ::signal::ParticipantId;
use session::SourceState;
use std::sync::atomic::{AtomicBool, Ordering};
use web_sys::HtmlInputElement;

/// From so many people on they can be searched.
const SEARCHED_FROM: usize = 16;

/// The panel's inside.
pub fn people(here: Here, own: Own) -> El {
    let Here { store, sides, .. } = here;
    let wanted = RwSignal::new(String::new());
    let own_id = memo(move || store.me().read().as_ref().map_or(ParticipantId(0), |me| me.id));
    let count = memo(move || store.others().read().len() + 1);
    let searched = searched(count);
    let rules = i_moderate(store);
    let shown = memo(move || {
        let (others, hands) = (store.others().read(), store.hands().read());
        let all = core::iter::once((own_id.get(), own.name.get()))
            .chain(others.iter().map(|other| (other.id, other.name.clone())));
        let wanted = wanted.get();
        let found: Vec<ParticipantId> =
            all.filter(|(_, name)| finds(&wanted, name)).map(|(id, _)| id).collect();
        in_order(&found, &hands)
    });
    let search = move || {
        let input = el("input");
        let written: HtmlInputElement = input.typed();
        el("label").class("search").child(icon(Shape::Search)).child(
            input
                .set("type", "search")
                .set("autocomplete", "off")
                .testid("people-search")
                .word("aria-label", Word::FindPerson)
                .word("placeholder", Word::FindPerson)
                .on("input", move |_| wanted.set(written.value())),
        )
    };
    let list = el("ul").word("aria-label", Word::PeopleHere).testid("people-list").each(
        move || super::stage::keys(shown.get()),
        move |key| {
            let id = super::stage::id_of(key);
            if id == own_id.get_untracked() { own_row(here, own, id) } else { other_row(here, id) }
        },
    );
    el("div")
        .class("body people-list")
        .child(
            press("button wide", "invite", move || sides.toggle(Side::Invitation))
                .child(icon(Shape::Invite))
                .child(el("span").say(Word::InviteSomeone)),
        )
        .when(move || rules.get(), move || room_rules(here))
        .when(move || searched.get(), search)
        .child(el("p").class("fine").testid("people-number").texts(move || words::people(count.get())))
        .child(list)
        .when(
            move || shown.with(Vec::is_empty),
            || el("p").class("nothing").set("role", "status").say(Word::NobodyFound),
        )
}

/// Whether there is a field to search by. Once there, it stays: what was written in it holds, and must be seen.
fn searched(count: Signal<usize>) -> Signal<bool> {
    let ever = AtomicBool::new(false);
    memo(move || {
        let many = count.get() >= SEARCHED_FROM;
        ever.fetch_or(many, Ordering::Relaxed) || many
    })
}

/// Whether somebody of this name is looked for: the name holds what was written. Capitals count for nothing, as far as
/// ASCII goes: the tables of all others' are a tenth of this program.
fn finds(wanted: &str, name: &str) -> bool {
    name.to_ascii_lowercase().contains(wanted.trim().to_ascii_lowercase().as_str())
}

/// Those with raised hands first, in the order of the hands.
fn in_order(people: &[ParticipantId], hands: &[ParticipantId]) -> Vec<ParticipantId> {
    let first = hands.iter().filter(|id| people.contains(id));
    first.chain(people.iter().filter(|id| !hands.contains(id))).copied().collect()
}

/// What a row shows of somebody.
#[derive(Clone, Copy)]
struct Row {
    id: ParticipantId,
    name: Signal<String>,
    own: bool,
    muted: Signal<bool>,
    dark: Signal<bool>,
    shares: Signal<bool>,
    speaking: Signal<bool>,
    verdict: Signal<Option<Verdict>>,
    whose: Whose,
}

fn own_row(here: Here, own: Own, id: ParticipantId) -> El {
    let local = here.store.local();
    let muted = memo(move || local.read().microphone != SourceState::Live);
    row(
        here,
        Row {
            id,
            name: own.name,
            own: true,
            muted,
            dark: memo(move || local.read().camera != SourceState::Live),
            shares: memo(move || local.read().screen != SourceState::Absent),
            speaking: memo(move || !muted.get() && speaks(here.store, id)),
            verdict: own.verdict,
            whose: Whose::Own,
        },
    )
}

fn other_row(here: Here, id: ParticipantId) -> El {
    let store = here.store;
    let other = memo(move || store.others().read().iter().find(|other| other.id == id).cloned());
    let (decides, name) = (i_moderate(store), part(other, PERSON.name));
    let muted = part(other, |other| other.microphone.as_ref().is_none_or(|feed| feed.muted));
    row(
        here,
        Row {
            id,
            name: part(other, PERSON.name),
            own: false,
            muted,
            dark: part(other, |other| other.camera.as_ref().is_none_or(|feed| feed.muted)),
            shares: part(other, |other| other.screen.is_some()),
            speaking: memo(move || !muted.get() && speaks(store, id)),
            verdict: verdict_of(store, other, PERSON),
            whose: Whose::Other(id),
        },
    )
    .child(pin_button(here, id, part(other, PERSON.name)))
    .when(move || decides.get(), move || person_menu(here, id, name))
}

fn row(here: Here, row: Row) -> El {
    let Row { id, name, own, muted, dark, shares, speaking, verdict, whose } = row;
    let place = memo(move || here.store.hands().read().iter().position(|hand| *hand == id).map(|at| at + 1));
    let called = move || if own { words::of(Word::YouName, &name.get()) } else { name.get() };
    let sign = |shape, word, testid: &'static str| {
        el("span").class("sign").testid(testid).set("role", "img").label(word).child(icon(shape))
    };
    let sides: Sides = here.sides;
    let on_details = Callback::new(move |_| sides.toggle(Side::Details(whose)));
    let hand = move |place: usize| {
        let words = move || words::hand_place(place);
        el("span")
            .class("hand")
            .testid("person-hand")
            .set("role", "img")
            .bind("aria-label", words)
            .bind("title", words)
            .child(icon(Shape::Hand))
            .child(el("span").text(&place.to_string()))
    };
    el("li")
        .testid("person")
        .bind("data-name", move || name.get())
        .truth("data-speaking", move || speaking.get())
        .child(avatar(move || name.get()))
        .child(el("span").class("name").set("dir", "auto").texts(called))
        .swap(move || place.get().unwrap_or_default(), move |place| (place > 0).then(|| hand(place)))
        .when(move || speaking.get(), || el("span").class("unseen").say(Word::Speaks))
        .when(
            move || moderates(&here.store.moderation().read(), Some(id)),
            || el("span").class("fine").testid("person-moderates").say(Word::Moderates),
        )
        .when(move || shares.get(), move || sign(Shape::Screen, Word::SharesScreen, "person-screen"))
        .when(move || muted.get(), move || sign(Shape::MicrophoneOff, Word::Muted, "person-muted"))
        .when(move || dark.get(), move || sign(Shape::CameraOff, Word::CameraOffState, "person-dark"))
        .swap(
            move || verdict.get().is_some(),
            move |known| known.then(|| quality(verdict, move || (!own).then(|| name.get()), on_details)),
        )
}

fn pin_button(here: Here, id: ParticipantId, name: Signal<String>) -> El {
    let store = here.store;
    let pinned = memo(move || store.pinned().read().contains(&Whose::Other(id)));
    press("inside pin", "person-pin", move || store.pinned().update(|pinned| pin(pinned, Whose::Other(id))))
        .truth("aria-pressed", move || pinned.get())
        .bind("aria-label", move || words::of(Word::PinName, &name.get()))
        .bind("title", move || say(if pinned.get() { Word::Unpin } else { Word::Pin }).to_owned())
        .child(icon(Shape::Pin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raised_hands_come_first_in_their_order() {
        let ids = |numbers: &[u32]| numbers.iter().copied().map(ParticipantId).collect::<Vec<_>>();
        assert_eq!(in_order(&ids(&[1, 2, 3, 4]), &ids(&[4, 9, 2])), ids(&[4, 2, 1, 3]));
        assert_eq!(in_order(&ids(&[2, 1]), &[]), ids(&[2, 1]));
    }

    #[test]
    fn a_search_field_stays_when_some_leave() {
        let owner = leptos::reactive::owner::Owner::new();
        owner.with(|| {
            let count = RwSignal::new(SEARCHED_FROM - 1);
            let searched = searched(count.into());
            assert!(!searched.get_untracked());
            for people in [SEARCHED_FROM, SEARCHED_FROM - 1, 1] {
                count.set(people);
                assert!(searched.get_untracked(), "of {people}");
            }
        });
    }

    #[test]
    fn somebody_is_found_by_a_part_of_the_name() {
        assert!(finds("", "Ada") && finds(" aDa ", "Ada Lovelace") && finds("민수", "김민수"));
        assert!(!finds("bo", "Ada"));
    }
}
