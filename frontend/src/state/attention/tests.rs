//! Who is shown, and in which order, by tables of what is heard when.

use super::*;

fn ids(numbers: &[u32]) -> Vec<ParticipantId> {
    numbers.iter().copied().map(ParticipantId).collect()
}

fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Who is shown after each look: when, who speaks, who is expected.
fn check_shown(here: &[u32], looks: &[(u64, &[u32], u32)]) {
    let mut attention = Attention::default();
    for (time, speakers, expected) in looks {
        attention.look(&ids(speakers), &ids(here), at(*time));
        assert_eq!(attention.shown(), Some(ParticipantId(*expected)), "at {time}");
    }
}

#[test]
fn who_is_shown_stays_while_others_speak_for_a_moment() {
    check_shown(&[1, 2, 3], &[(0, &[], 1), (100, &[2], 1), (1500, &[], 1), (1600, &[2], 1), (3000, &[2], 1)]);
}

#[test]
fn who_speaks_for_long_enough_is_shown() {
    check_shown(&[1, 2, 3], &[(0, &[], 1), (100, &[2], 1), (1600, &[2], 2), (9000, &[], 2)]);
}

#[test]
fn who_is_shown_gives_way_only_to_who_is_louder() {
    check_shown(
        &[1, 2, 3],
        &[(0, &[1], 1), (100, &[1, 2], 1), (5000, &[1, 2], 1), (5100, &[2, 1], 1), (6600, &[2, 1], 2)],
    );
}

#[test]
fn two_who_interrupt_each_other_do_not_keep_the_stage_from_both() {
    check_shown(&[1, 2, 3], &[(0, &[], 1), (100, &[2, 3], 1), (900, &[3, 2], 1), (1600, &[3, 2], 3)]);
}

#[test]
fn oneself_is_never_shown_and_who_leaves_is_replaced_at_once() {
    let mut attention = Attention::default();
    attention.look(&ids(&[9]), &ids(&[1, 2]), at(0));
    assert_eq!(attention.shown(), Some(ParticipantId(1)));
    attention.look(&ids(&[9, 2]), &ids(&[2]), at(10));
    assert_eq!(attention.shown(), Some(ParticipantId(2)));
    attention.look(&ids(&[9]), &[], at(20));
    assert_eq!(attention.shown(), None);
}

#[test]
fn it_says_when_to_look_again() {
    let mut attention = Attention::default();
    assert_eq!(attention.look(&[], &ids(&[1, 2, 3]), at(0)), None);
    assert_eq!(attention.look(&ids(&[2]), &ids(&[1, 2, 3]), at(100)), Some(LONG_ENOUGH));
    assert_eq!(attention.look(&ids(&[2, 3]), &ids(&[1, 2, 3]), at(1000)), Some(at(600)));
    assert_eq!(attention.look(&[], &ids(&[1, 2, 3]), at(1100)), None);
}

/// The order after each look: when, who speaks, whose hands are up, what is expected.
#[expect(clippy::type_complexity, reason = "a table: when, who speaks, whose hands are up, the order then")]
fn check_order(looks: &[(u64, &[u32], &[u32], &[u32])]) {
    let mut order = Order::default();
    for (time, speakers, hands, expected) in looks {
        let (here, speakers, hands) = (ids(&[1, 2, 3, 4, 5, 6]), ids(speakers), ids(hands));
        let now = if order.ids().is_empty() { here.clone() } else { order.ids().to_vec() };
        let (page, away) = now.split_at(3);
        order.look(Room { here: &here, speakers: &speakers, hands: &hands, page, away }, at(*time));
        assert_eq!(order.ids(), ids(expected), "at {time}");
    }
}

#[test]
fn a_moments_speech_moves_nobody() {
    let still: &[u32] = &[1, 2, 3, 4, 5, 6];
    check_order(&[
        (0, &[5], &[], still),
        (1400, &[5], &[], still),
        (1500, &[], &[], still),
        (1600, &[5], &[], still),
    ]);
}

#[test]
fn who_speaks_on_changes_places_with_who_was_silent_longest() {
    check_order(&[
        (0, &[3], &[], &[1, 2, 3, 4, 5, 6]),
        (100, &[5], &[], &[1, 2, 3, 4, 5, 6]),
        (1600, &[5], &[], &[1, 5, 3, 4, 2, 6]),
        (1700, &[6], &[], &[1, 5, 3, 4, 2, 6]),
        (3300, &[6], &[], &[6, 5, 3, 4, 2, 1]),
        // Nobody on the page moves for who is on it already.
        (9000, &[3, 5], &[], &[6, 5, 3, 4, 2, 1]),
    ]);
}

#[test]
fn a_raised_hand_comes_to_the_first_page_at_once_and_stays() {
    check_order(&[
        (0, &[], &[6], &[1, 2, 6, 4, 5, 3]),
        (10, &[5], &[6], &[1, 2, 6, 4, 5, 3]),
        (1510, &[5], &[6], &[1, 5, 6, 4, 2, 3]),
        (9000, &[], &[6, 4, 2, 3], &[4, 2, 6, 1, 5, 3]),
    ]);
}

#[test]
fn who_comes_stands_last_and_who_goes_leaves_the_others_in_order() {
    let mut order = Order::default();
    let mut look = |here: &[u32]| {
        order.look(Room { here: &ids(here), speakers: &[], hands: &[], page: &[], away: &[] }, at(0));
        order.ids().to_vec()
    };
    assert_eq!(look(&[1, 2]), ids(&[1, 2]));
    assert_eq!(look(&[1, 2, 3]), ids(&[1, 2, 3]));
    assert_eq!(look(&[1, 3]), ids(&[1, 3]));
    assert_eq!(look(&[1, 3, 2]), ids(&[1, 3, 2]));
}
