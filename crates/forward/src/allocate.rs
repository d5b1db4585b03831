//! The allocation: dividing what a receiver's path bears among its video slots.
//!
//! Owns the rule, a pure function of budget and candidates. Who asks for it and what becomes of the result is
//! `plane/allocate.rs`; the estimate is `bandwidth`'s.
//!
//! Sound has been taken off the budget before. Then, the largest shown slot first, each gets its least layer, or
//! is paused when even that does not fit; then, step by step, whoever is shown largest for what it gets goes one
//! layer up while the budget lasts. What a slot has already it keeps up to the whole budget; what is more has to
//! fit with something to spare, so that nothing swings.
//!
//! Where the worker has too much to do, what comes of that is divided once more, by the same rule, under a part of
//! it: see [`shed`].

use crate::bitrate::Bitrate;
use crate::ids::SlotKey;
use crate::select::Layer;
use crate::time::Time;

/// The part of the budget that going up must fit into, in per mille.
const UPWARD: u64 = 900;

/// The part that being resumed must fit into. While little but sound is sent, an estimate is often too high, and
/// what is resumed begins with a keyframe.
const RESUMED: u64 = 650;

/// The part of what is left after shedding that going up must fit into. Little, since that budget only moves slowly,
/// and the whole of it comes back at once.
const SHED_UPWARD: u64 = 950;

/// A layer counts as large enough for a slot that is shown this much larger, in per mille: an upscaling nobody
/// notices.
const UPSCALED: u64 = 1250;

/// How large a receiver shows a video slot, in device pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// It never said: any size.
    #[default]
    Unknown,
    /// Not on its screen.
    Hidden,
    /// So large.
    Shown {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
}

impl View {
    /// Of a size, which is hidden if there is no pixel to it.
    #[must_use]
    pub fn of(width: u16, height: u16) -> Self {
        if width == 0 || height == 0 { Self::Hidden } else { Self::Shown { width, height } }
    }

    /// Pixels it covers; an unknown view counts as a large one.
    pub(crate) fn pixels(self) -> u64 {
        match self {
            Self::Unknown => 1920 * 1080,
            Self::Hidden => 0,
            Self::Shown { width, height } => u64::from(width) * u64::from(height),
        }
    }

    /// Whether a picture of this size is all that it can show. A picture is fitted into its place with or
    /// without cutting its edges: one side that suffices is enough.
    pub(crate) fn is_filled_by(self, (width, height): (u16, u16)) -> bool {
        let enough = |has: u16, shown: u16| u64::from(has) * UPSCALED >= u64::from(shown) * 1000;
        match self {
            Self::Unknown => false,
            Self::Hidden => true,
            Self::Shown { width: w, height: h } => enough(width, w) || enough(height, h),
        }
    }
}

/// What a slot is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nothing: there is no source, or nobody looks.
    #[default]
    Nothing,
    /// Nothing, because the path cannot carry it.
    Paused,
    /// An encoding of its source, and the layers in it.
    Layer { encoding: u8, layer: Layer },
}

/// Layers a candidate may have; more are passed over. Three encodings of three useful steps each.
pub(crate) const MAX_CHOICES: usize = 9;

/// One step of a candidate's ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub encoding: u8,
    pub layer: Layer,
    /// Of all of it, on the wire.
    pub bitrate: Bitrate,
    /// Of the picture.
    pub pixels: u64,
}

/// A video slot that wants something.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub slot: SlotKey,
    pub view: View,
    /// What its path was to bear until now.
    pub before: Target,
    /// What it was to be sent until now: that, or less while the worker sheds.
    pub sent_before: Target,
    /// Until then it may not go up from `before`.
    pub hold_until: Time,
    /// Its source sends, or is about to.
    lives: bool,
    /// Encodings that were never measured, as a mask. They are wanted whatever is chosen, so as to know: nothing is
    /// lost by it where they cannot be made.
    pub unknown: u8,
    /// What there is for it, ever dearer.
    choices: [Option<Choice>; MAX_CHOICES],
    /// The place of what its path bears; none while paused.
    borne: Option<usize>,
    /// The place of what it gets of that.
    chosen: Option<usize>,
}

impl Candidate {
    pub fn new(slot: SlotKey, view: View, before: Target, hold_until: Time) -> Self {
        Self {
            slot,
            view,
            before,
            sent_before: before,
            hold_until,
            lives: true,
            unknown: 0,
            choices: [None; MAX_CHOICES],
            borne: None,
            chosen: None,
        }
    }

    /// Adds a step to the ladder. Steps before it that are no cheaper and no larger give way to it; if one is
    /// larger, or as large and dearer, it is left out itself.
    pub fn offer(&mut self, choice: Choice) {
        while let Some(last) = self.choices.iter().rposition(Option::is_some) {
            let Some(before) = self.choice(last).filter(|before| before.bitrate >= choice.bitrate) else {
                break;
            };
            if before.pixels > choice.pixels {
                return;
            }
            if let Some(place) = self.choices.get_mut(last) {
                *place = None;
            }
        }
        if let Some(place) = self.choices.iter_mut().find(|place| place.is_none()) {
            *place = Some(choice);
        }
    }

    /// Says whether its source sends anything, or is about to.
    pub fn set_lives(&mut self, lives: bool) {
        self.lives = lives;
    }

    /// Whether there may soon be something else to divide.
    pub fn lives(&self) -> bool {
        self.lives
    }

    /// What it takes at its best.
    pub fn best(&self) -> Bitrate {
        self.choices.iter().flatten().last().map_or(Bitrate::ZERO, |choice| choice.bitrate)
    }

    /// Whether its path bears less than there is for it.
    pub fn is_short(&self) -> bool {
        self.choice(self.borne.map_or(0, |borne| borne + 1)).is_some()
    }

    /// Whether it gets less than its path bears.
    pub fn is_shed(&self) -> bool {
        self.chosen < self.borne
    }

    /// What is spent on it.
    pub fn cost(&self) -> Bitrate {
        self.chosen.and_then(|at| self.choice(at)).map_or(Bitrate::ZERO, |choice| choice.bitrate)
    }

    /// What it gets.
    pub fn target(&self) -> Target {
        self.target_at(self.chosen)
    }

    /// What its path bears.
    pub fn borne(&self) -> Target {
        self.target_at(self.borne)
    }

    fn target_at(&self, place: Option<usize>) -> Target {
        if self.choice(0).is_none() {
            return Target::Nothing;
        }
        match place.and_then(|at| self.choice(at)) {
            Some(Choice { encoding, layer, .. }) => Target::Layer { encoding, layer },
            None => Target::Paused,
        }
    }

    fn choice(&self, at: usize) -> Option<Choice> {
        self.choices.get(at).copied().flatten()
    }

    /// The place of what it had, or of the next best thing there is now.
    fn place_of(&self, before: Target) -> Option<usize> {
        let Target::Layer { encoding, layer } = before else { return None };
        let not_above = |choice: &Choice| {
            (choice.encoding, choice.layer.spatial, choice.layer.temporal)
                <= (encoding, layer.spatial, layer.temporal)
        };
        self.choices.iter().rposition(|choice| choice.as_ref().is_some_and(not_above))
    }

    /// What the budget is for taking the step at this place.
    fn limit(&self, at: usize, budget: Bitrate, now: Time) -> Bitrate {
        let (had, part) = match self.before {
            // It begins: nothing swings yet.
            Target::Nothing => (true, 1000),
            Target::Paused => (false, RESUMED),
            Target::Layer { .. } => (self.place_of(self.before).is_some_and(|had| at <= had), UPWARD),
        };
        match (had, now < self.hold_until) {
            (true, _) => budget,
            (false, true) => Bitrate::ZERO,
            (false, false) => budget.permille(part),
        }
    }

    /// What the budget is for taking the step at this place while the worker sheds; none for what its path does not
    /// bear.
    fn limit_shed(&self, at: usize, budget: Bitrate) -> Option<Bitrate> {
        self.borne.filter(|borne| at <= *borne)?;
        let had = match self.sent_before {
            Target::Nothing => true,
            Target::Paused => false,
            Target::Layer { .. } => self.place_of(self.sent_before).is_some_and(|had| at <= had),
        };
        Some(if had { budget } else { budget.permille(SHED_UPWARD) })
    }
}

/// Divides the budget. Afterwards each candidate tells its target.
pub(crate) fn allocate(budget: Bitrate, candidates: &mut [Candidate], now: Time) {
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.view.pixels()));
    divide(candidates, |candidate, at, spent, cost| spent + cost <= candidate.limit(at, budget, now));
    for candidate in candidates.iter_mut() {
        candidate.borne = candidate.chosen;
    }
}

/// Divides a part of what was allocated, in thousandths of its cost, instead of all of it.
///
/// Steps of a ladder are large, and receivers alike: all would go down at the same part, and up again. So each has a
/// number of its own, from 1 to 1000, and takes the step that does not fit whole if so many thousandths of it do. The
/// costs of many receivers together are then the part that was asked for, and it is always the same ones that are
/// sent more.
pub(crate) fn shed(part: u64, number: u64, candidates: &mut [Candidate]) {
    let budget = candidates.iter().map(Candidate::cost).sum::<Bitrate>().permille(part);
    divide(candidates, |candidate, at, spent, cost| {
        let limit = candidate.limit_shed(at, budget);
        limit.is_some_and(|limit| spent + cost.permille(number).max(Bitrate(1)) <= limit)
    });
}

/// Gives steps to candidates as long as one `fits`, which is asked with the step's place, what is spent before, and
/// what the step costs.
fn divide(candidates: &mut [Candidate], fits: impl Fn(&Candidate, usize, Bitrate, Bitrate) -> bool) {
    let mut spent = Bitrate::ZERO;
    for candidate in candidates.iter_mut() {
        candidate.chosen = None;
        let Some(least) = candidate.choice(0) else { continue };
        if fits(candidate, 0, spent, least.bitrate) {
            candidate.chosen = Some(0);
            spent += least.bitrate;
        }
    }
    while let Some((at, cost)) = dearest_need(spent, candidates, &fits) {
        let Some(candidate) = candidates.get_mut(at) else { return };
        candidate.chosen = candidate.chosen.map(|chosen| chosen + 1);
        spent += cost;
    }
}

/// The candidate to go up next, and what its step costs: the one that is shown largest for the picture it gets.
fn dearest_need(
    spent: Bitrate,
    candidates: &[Candidate],
    fits: impl Fn(&Candidate, usize, Bitrate, Bitrate) -> bool,
) -> Option<(usize, Bitrate)> {
    let step = |(at, candidate): (usize, &Candidate)| {
        let chosen = candidate.chosen?;
        let (has, next) = (candidate.choice(chosen)?, candidate.choice(chosen + 1)?);
        let cost = next.bitrate - has.bitrate;
        let need = candidate.view.pixels() * 1000 / has.pixels.max(1);
        fits(candidate, chosen + 1, spent, cost).then_some((need, at, cost))
    };
    // Of equal needs the first, which is shown no smaller.
    let best = candidates
        .iter()
        .enumerate()
        .filter_map(step)
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, at, cost)| (at, cost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Time = Time(10_000_000);

    /// Three encodings of 150, 500 and 1700 kbit/s.
    fn camera(width: u16, height: u16, before: Target) -> Candidate {
        let mut candidate = Candidate::new(SlotKey::default(), View::of(width, height), before, Time::ZERO);
        for (encoding, kbit, size) in [(0, 150, (320, 180)), (1, 500, (640, 360)), (2, 1700, (1280, 720))] {
            let pixels = size.0 * size.1;
            candidate.offer(Choice { encoding, layer: Layer::ALL, bitrate: Bitrate::kbit(kbit), pixels });
        }
        candidate
    }

    fn encoding(encoding: u8) -> Target {
        Target::Layer { encoding, layer: Layer::ALL }
    }

    fn check(kbit: u64, mut candidates: Vec<Candidate>, expect: &[Target]) {
        allocate(Bitrate::kbit(kbit), &mut candidates, NOW);
        let targets: Vec<Target> = candidates.iter().map(Candidate::target).collect();
        assert_eq!(targets, expect, "{kbit} kbit/s");
    }

    #[test]
    fn the_largest_is_served_first() {
        let room = || {
            vec![
                camera(1280, 720, Target::Nothing),
                camera(320, 180, Target::Nothing),
                camera(320, 180, Target::Nothing),
            ]
        };
        check(100, room(), &[Target::Paused; 3]);
        check(300, room(), &[encoding(0), encoding(0), Target::Paused]);
        check(799, room(), &[encoding(0); 3]);
        check(900, room(), &[encoding(1), encoding(0), encoding(0)]);
        check(2300, room(), &[encoding(2), encoding(0), encoding(0)]);
        check(9000, room(), &[encoding(2); 3]);
    }

    #[test]
    fn what_one_has_is_kept_and_more_must_fit_with_room_to_spare() {
        check(1700, vec![camera(1280, 720, encoding(2))], &[encoding(2)]);
        check(1800, vec![camera(1280, 720, encoding(1))], &[encoding(1)]);
        check(1900, vec![camera(1280, 720, encoding(1))], &[encoding(2)]);
        check(230, vec![camera(1280, 720, Target::Paused)], &[Target::Paused]);
        check(240, vec![camera(1280, 720, Target::Paused)], &[encoding(0)]);
    }

    #[test]
    fn who_was_turned_down_waits() {
        let mut held = camera(1280, 720, encoding(1));
        held.hold_until = Time(NOW.0 + 1);
        check(5000, vec![held.clone()], &[encoding(1)]);
        held.before = Target::Paused;
        check(5000, vec![held.clone()], &[Target::Paused]);
        held.hold_until = NOW;
        check(5000, vec![held], &[encoding(2)]);
    }

    #[test]
    fn a_view_is_filled_by_what_nobody_sees_upscaled() {
        for (view, size, filled) in [
            (View::of(640, 360), (640, 360), true),
            (View::of(780, 500), (640, 360), true),
            (View::of(900, 500), (640, 360), false),
            (View::of(300, 500), (320, 180), true), // cut to a tall tile
            (View::of(0, 500), (1, 1), true),
            (View::Unknown, (1280, 720), false),
        ] {
            assert_eq!(view.is_filled_by(size), filled, "{view:?} {size:?}");
        }
    }

    #[test]
    fn a_larger_picture_that_is_no_dearer_takes_the_smaller_ones_place() {
        let mut still = Candidate::new(SlotKey::default(), View::of(1280, 720), Target::Nothing, Time::ZERO);
        for (encoding, kbit, pixels) in [(0, 90, 400), (1, 80, 1600), (2, 300, 6400)] {
            still.offer(Choice { encoding, layer: Layer::ALL, bitrate: Bitrate::kbit(kbit), pixels });
        }
        check(200, vec![still.clone()], &[encoding(1)]);
        check(300, vec![still], &[encoding(2)]);
    }

    /// What a receiver of this number gets of a part, after it had something before.
    fn part(part: u64, number: u64, before: Target) -> Candidate {
        let mut alone = [camera(1280, 720, encoding(2))];
        alone[0].sent_before = before;
        allocate(Bitrate(u64::MAX), &mut alone, NOW);
        shed(part, number, &mut alone);
        let [alone] = alone;
        alone
    }

    #[test]
    fn receivers_alike_go_down_one_after_the_other() {
        for (share, number, expect) in [
            (1000, 1000, encoding(2)),
            (500, 1, encoding(2)),
            (500, 291, encoding(2)),
            (500, 292, encoding(1)),
            (500, 1000, encoding(1)),
            (100, 1, encoding(1)),
            (100, 100, encoding(0)),
            (88, 997, encoding(0)),
            (50, 566, encoding(0)),
            (50, 567, Target::Paused),
            (0, 1, Target::Paused),
        ] {
            let got = part(share, number, encoding(2));
            assert_eq!(got.target(), expect, "{share} {number}");
            assert_eq!(got.borne(), encoding(2), "what the path bears is as before");
            assert_eq!(got.is_shed(), expect != encoding(2), "{share} {number}");
        }
    }

    #[test]
    fn who_went_down_goes_up_with_some_to_spare() {
        let (kept, back) = (part(500, 291, encoding(2)), part(500, 291, encoding(1)));
        assert_eq!((kept.target(), back.target()), (encoding(2), encoding(1)));
        assert_eq!(part(550, 291, encoding(1)).target(), encoding(2));
    }

    #[test]
    fn among_pictures_the_layers_go_before_any_of_them_is_paused() {
        let tiles = || vec![camera(1280, 720, encoding(2)), camera(640, 360, encoding(2))];
        for (share, expect) in [
            (999, [encoding(2), encoding(1)]),
            (400, [encoding(1), encoding(1)]),
            (250, [encoding(1), encoding(0)]),
            (89, [encoding(0), encoding(0)]),
            (50, [encoding(0), Target::Paused]),
        ] {
            let mut tiles = tiles();
            allocate(Bitrate(u64::MAX), &mut tiles, NOW);
            shed(share, 1000, &mut tiles);
            let targets: Vec<Target> = tiles.iter().map(Candidate::target).collect();
            assert_eq!(targets, expect, "{share}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn many_receivers_together_cost_the_part_that_was_asked_for(share in 0u64..1000, alone in any::<bool>()) {
            // One encoding or three, and what each of them has is what it had.
            let receiver = |number| {
                let mut one = camera(1280, 720, encoding(2));
                if alone {
                    one.choices = [None; MAX_CHOICES];
                    let pixels = 1280 * 720;
                    one.offer(Choice { encoding: 2, layer: Layer::ALL, bitrate: Bitrate::kbit(1700), pixels });
                }
                let mut receiver = [one];
                allocate(Bitrate(u64::MAX), &mut receiver, NOW);
                shed(share, number, &mut receiver);
                receiver[0].cost()
            };
            let cost = (1..=1000).map(receiver).sum::<Bitrate>();
            prop_assert!(cost.0.abs_diff(share * 1_700_000) <= 3_000_000, "{cost:?} for {share}");
        }

        #[test]
        fn never_over_budget_and_never_a_small_one_while_a_larger_is_paused(
            budget in 0u64..6000,
            tiles in prop::collection::vec((1u16..2000, 1u16..1200, 0u8..5), 0..12),
        ) {
            let before = |kind| match kind {
                0 => Target::Nothing,
                1 => Target::Paused,
                k => encoding(k - 2),
            };
            let mut candidates: Vec<Candidate> =
                tiles.iter().map(|(w, h, kind)| camera(*w, *h, before(*kind))).collect();
            allocate(Bitrate::kbit(budget), &mut candidates, NOW);
            prop_assert!(candidates.iter().map(Candidate::cost).sum::<Bitrate>() <= Bitrate::kbit(budget));
            let fresh: Vec<_> = candidates.iter().filter(|c| c.before == Target::Nothing).collect();
            for pair in fresh.windows(2) {
                let (large, small) = (pair[0].target(), pair[1].target());
                prop_assert!(large != Target::Paused || small == Target::Paused);
            }
        }
    }
}
