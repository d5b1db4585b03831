//! Values over a minute as SVG path commands. Pure, and in whole numbers; [`graph`](super::graph) draws.

/// The drawing's height in its own units. Its width is one [`STEP`] between every two values.
pub const HEIGHT: u32 = 1000;
/// From one value to the next.
pub const STEP: u32 = 10;

/// The end of the axis: the first of the steps that holds every value, and where none does the largest value.
pub fn top(values: impl IntoIterator<Item = Option<u32>>, steps: &[u32]) -> u32 {
    let largest = values.into_iter().flatten().max().unwrap_or(0);
    let holding = steps.iter().copied().find(|step| *step >= largest);
    holding.unwrap_or(largest).max(1)
}

/// A line through the values; where one is missing it is interrupted.
pub fn line(values: &[Option<u32>], top: u32) -> String {
    let pieces: Vec<String> = runs(values).map(|run| format!("M{}", points(run, top))).collect();
    pieces.concat()
}

/// What is below that line.
pub fn area(values: &[Option<u32>], top: u32) -> String {
    let below = |run: Run<'_>| {
        let (first, last) = (run.first().map_or(0, |(x, _)| *x), run.last().map_or(0, |(x, _)| *x));
        let points = points(run, top);
        format!("M{first} {HEIGHT}L{points}L{last} {HEIGHT}Z")
    };
    runs(values).map(below).collect::<Vec<String>>().concat()
}

/// Values side by side, each with its place across.
type Run<'a> = Vec<(u32, &'a u32)>;

fn runs(values: &[Option<u32>]) -> impl Iterator<Item = Run<'_>> {
    let placed: Vec<_> = (0..).step_by(STEP as usize).zip(values).collect();
    let pieces: Vec<Run<'_>> = placed
        .split(|(_, value)| value.is_none())
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.iter().filter_map(|(x, value)| Some((*x, value.as_ref()?))).collect())
        .collect();
    pieces.into_iter()
}

fn points(run: Run<'_>, top: u32) -> String {
    // A value alone is a line to itself, which round ends make a dot.
    let alone = if run.len() == 1 { run.first().copied() } else { None };
    let point = |(x, value): (u32, &u32)| format!("{x} {}", down(*value, top));
    run.into_iter().chain(alone).map(point).collect::<Vec<_>>().join("L")
}

fn down(value: u32, top: u32) -> u32 {
    let up = u64::from(value) * u64::from(HEIGHT) / u64::from(top.max(1));
    HEIGHT.saturating_sub(u32::try_from(up).unwrap_or(HEIGHT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number() {
        let check = |values: &[u32], expected| {
            assert_eq!(
                top(values.iter().map(|value| Some(*value)), &[100, 200, 500]),
                expected,
                "{values:?}"
            );
        };
        check(&[], 100);
        check(&[0], 100);
        check(&[100], 100);
        check(&[3, 101], 200);
        check(&[700], 700);
        assert_eq!(top([None, None], &[]), 1);
    }

    #[test]
    fn a_line_goes_up_with_its_values() {
        assert_eq!(line(&[Some(0), Some(50), Some(100)], 100), "M0 1000L10 500L20 0");
    }

    #[test]
    fn a_gap_interrupts_it() {
        assert_eq!(line(&[None, Some(100), None, Some(0), Some(100)], 100), "M10 0L10 0M30 1000L40 0");
        assert_eq!(line(&[None, None], 100), "");
    }

    #[test]
    fn an_area_stands_on_the_ground() {
        assert_eq!(area(&[Some(100), Some(50)], 100), "M0 1000L0 0L10 500L10 1000Z");
        assert_eq!(area(&[None], 100), "");
    }

    #[test]
    fn what_is_above_the_axis_is_drawn_at_its_end() {
        assert_eq!(line(&[Some(400), Some(u32::MAX)], 100), "M0 0L10 0");
    }
}
