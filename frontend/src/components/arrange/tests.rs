//! Arrangements on stages of all shapes: nothing overlaps, nobody is lost.

use super::*;
use ::signal::ParticipantId;

const LAPTOP: Area = Area { width: 1240, height: 620 };
const PHONE: Area = Area { width: 366, height: 600 };

fn people(count: u32) -> Vec<Whose> {
    std::iter::once(Whose::Own).chain((1..count).map(|id| Whose::Other(ParticipantId(id)))).collect()
}

fn alike(rest: &[Whose]) -> Cast<'_> {
    Cast { large: &[], rest, float: None }
}

fn shown(arrangement: &Arrangement) -> Vec<Whose> {
    arrangement.places.iter().map(|place| place.whose).collect()
}

/// Nothing over anything else or the pager, all inside the stage; what floats may stand over the rest.
fn check(arrangement: &Arrangement, seen: &str) {
    let stage = arrangement.stage;
    let standing = arrangement.places.iter().filter(|place| place.role != Role::Floating);
    let mut rects: Vec<Rect> = standing.map(|place| place.rect).chain(arrangement.pager).collect();
    for (number, one) in rects.iter().enumerate() {
        assert!(one.width > 0 && one.height > 0, "{seen}: {one:?}");
        for other in &rects[..number] {
            let before = |a: &Rect, b: &Rect| a.x + a.width <= b.x || a.y + a.height <= b.y;
            assert!(before(one, other) || before(other, one), "{seen}: {one:?} over {other:?}");
        }
    }
    rects.extend(arrangement.places.iter().map(|place| place.rect));
    for rect in rects {
        assert!(
            rect.x + rect.width <= stage.width && rect.y + rect.height <= stage.height,
            "{seen}: {rect:?} outside of {stage:?}"
        );
    }
    for role in [Role::Alike, Role::Beside] {
        let sizes: Vec<(u32, u32)> = arrangement
            .places
            .iter()
            .filter(|place| place.role == role)
            .map(|place| (place.rect.width, place.rect.height))
            .collect();
        assert!(sizes.windows(2).all(|pair| matches!(pair, [a, b] if a == b)), "{seen}: {sizes:?}");
    }
}

#[test]
fn nothing_overlaps_on_any_page_of_any_stage() {
    let screen = [Whose::Screen(ParticipantId(1))];
    let two = [Whose::Other(ParticipantId(100)), Whose::Screen(ParticipantId(2))];
    for width in (320..2000).step_by(167) {
        for height in (240..1200).step_by(113) {
            for count in [0, 1, 2, 3, 5, 8, 13, 30, 49, 130] {
                for large in [&[][..], &screen, &two] {
                    let stage = Area { width, height };
                    let all = people(count.max(1));
                    let rest = if count == 0 { &[][..] } else { &all };
                    let float = Some((Whose::Own, Corner::default()));
                    let cast = Cast { large, rest, float };
                    let mut seen = Vec::new();
                    let mut page = 0;
                    loop {
                        let arrangement = arrange(cast, page, stage);
                        check(
                            &arrangement,
                            &format!("{count} and {} large in {stage:?}, page {page}", large.len()),
                        );
                        let standing = arrangement.places.iter();
                        let standing = standing.filter(|one| matches!(one.role, Role::Alike | Role::Beside));
                        seen.extend(standing.map(|place| place.whose));
                        page += 1;
                        if page >= arrangement.pages {
                            break;
                        }
                    }
                    assert_eq!(seen, rest, "each on one page, in order");
                }
            }
        }
    }
}

#[test]
fn one_who_joins_behind_a_full_page_moves_nobody_on_it() {
    for stage in [LAPTOP, PHONE] {
        let full = arrange(alike(&people(100)), 0, stage);
        let more = arrange(alike(&people(101)), 0, stage);
        assert!(full.pages > 1);
        assert_eq!(full.places, more.places);
    }
}

#[test]
fn tiles_are_as_large_on_the_last_page_as_on_the_first() {
    let all = people(50);
    let size = |page| {
        let arrangement = arrange(alike(&all), page, LAPTOP);
        (arrangement.places.first().map(|place| (place.rect.width, place.rect.height)), arrangement.page)
    };
    let ((first, _), (last, page)) = (size(0), size(9));
    assert_eq!((first, page), (last, 1), "a page that is not there is the last");
}

#[test]
fn a_phone_has_eight_on_a_page() {
    let all = people(30);
    assert_eq!(arrange(alike(&all), 0, Area { width: 366, height: 640 }).places.len(), 8);
    assert_eq!(arrange(alike(&all), 0, Area { width: 366, height: 520 }).places.len(), 6);
}

#[test]
fn what_is_large_has_its_people_at_its_side_or_below() {
    let all = people(4);
    let large = [Whose::Screen(ParticipantId(1))];
    let cast = Cast { large: &large, rest: &all, float: None };
    let check_large = |stage: Area, share: f64, below: bool| {
        let arrangement = arrange(cast, 0, stage);
        let large = arrangement.places.iter().find(|place| place.role == Role::Large).unwrap().rect;
        let area = |rect: Rect| f64::from(rect.width) * f64::from(rect.height);
        let whole = f64::from(stage.width) * f64::from(stage.height);
        assert!(area(large) > whole * share, "{large:?}");
        for place in arrangement.places.iter().filter(|place| place.role == Role::Beside) {
            assert_eq!(place.rect.y >= large.height, below, "{place:?}");
            assert_eq!(place.rect.x >= large.width, !below, "{place:?}");
        }
    };
    check_large(LAPTOP, 0.75, false);
    check_large(PHONE, 0.6, true);
    let many = people(24);
    let arrangement = arrange(Cast { rest: &many, ..cast }, 0, PHONE);
    assert_eq!(arrangement.first.len(), 5, "two rows of three below a screen, oneself among them");
    let alone = arrange(Cast { large: &large, rest: &[], float: None }, 0, LAPTOP);
    assert_eq!(
        alone.places.first().map(|place| place.rect.width),
        Some(1240),
        "all of the stage without people"
    );
}

#[test]
fn what_floats_is_in_its_corner() {
    let all = people(2);
    let check_corner = |corner, x, y| {
        let cast = Cast { large: &[], rest: &all[1..], float: Some((Whose::Own, corner)) };
        let arrangement = arrange(cast, 0, LAPTOP);
        let place = arrangement.places.last().unwrap();
        assert_eq!((place.role, place.rect.x, place.rect.y), (Role::Floating, x, y));
        assert_eq!(shown(&arrangement), [Whose::Other(ParticipantId(1)), Whose::Own]);
    };
    check_corner(Corner { left: true, top: true }, 12, 12);
    check_corner(Corner { left: false, top: false }, 1240 - 248 - 12, 620 - 155 - 12);
}

#[test]
fn what_floats_does_not_hang_over_the_edge_of_what_is_under_it() {
    let all = people(2);
    for (stage, corner) in [
        // The stage of a window of 1280×744, and one that is wider still.
        (Area { width: 1240, height: 596 }, Corner { left: false, top: false }),
        (Area { width: 1240, height: 300 }, Corner { left: true, top: true }),
        (PHONE, Corner { left: false, top: false }),
    ] {
        let cast = Cast { large: &[], rest: &all[1..], float: Some((Whose::Own, corner)) };
        let arrangement = arrange(cast, 0, stage);
        let [under, over] = [0, 1].map(|number| arrangement.places[number].rect);
        let distance = |left: bool, at: u32, length: u32, under: u32, all: u32| {
            if left { at - under } else { under + all - at - length }
        };
        assert_eq!(distance(corner.left, over.x, over.width, under.x, under.width), 12, "{over:?} {under:?}");
        assert_eq!(
            distance(corner.top, over.y, over.height, under.y, under.height),
            12,
            "{over:?} {under:?}"
        );
    }
}

#[test]
fn a_stage_without_a_size_shows_nothing() {
    assert_eq!(arrange(alike(&people(3)), 0, Area::default()), Arrangement::default());
}
