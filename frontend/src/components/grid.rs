//! Where tiles of one size stand in an area. Pure, in whole CSS pixels; [`arrange`](super::arrange) says who stands
//! where.

/// The narrowest and the widest shape a tile takes, width by height: where the area lies, where it stands (a phone held
/// upright), and of one that has all of it.
const LYING: Shapes = ((4, 3), (16, 9));
const STANDING: Shapes = ((3, 4), (16, 9));
const LONE: Shapes = ((1, 2), (2, 1));
/// Narrower areas are phones held upright.
const PHONE: u32 = 500;
/// On one page tiles get no smaller.
const LEAST: Area = Area { width: 160, height: 100 };
const LEAST_ON_PHONE: Area = Area { width: 140, height: 130 };
/// More on one page are too many to look at, and to decode.
const MOST: u32 = 49;
/// What one empty place leaves of a grid's worth.
const EMPTY_PLACE: f64 = 0.95;

type Shapes = ((u32, u32), (u32, u32));

/// How large something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    pub width: u32,
    pub height: u32,
}

/// Where something stands, from the upper left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// Tiles of one size, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    pub columns: u32,
    pub tile: Area,
}

impl Area {
    /// Between tiles.
    pub fn gap(self) -> u32 {
        if self.width < PHONE { 8 } else { 12 }
    }

    /// Whether it is a phone's, held upright.
    pub fn is_phone(self) -> bool {
        self.width < PHONE && self.is_standing()
    }

    /// Whether it is higher than wide.
    pub fn is_standing(self) -> bool {
        self.width < self.height
    }

    fn holds(self, other: Self) -> bool {
        other.width <= self.width && other.height <= self.height
    }

    fn least(self) -> Self {
        if self.is_phone() { LEAST_ON_PHONE } else { LEAST }
    }

    /// The largest tile in a cell of this size.
    fn fit(self, (narrowest, widest): Shapes) -> Self {
        let Self { width, height } = self;
        Self {
            width: width.min(height.saturating_mul(widest.0) / widest.1),
            height: height.min(width.saturating_mul(narrowest.1) / narrowest.0),
        }
    }
}

/// How many tiles that are large enough stand in an area; one at least.
pub fn capacity(area: Area) -> u32 {
    let (least, gap) = (area.least(), area.gap());
    let columns = (area.width + gap) / (least.width + gap);
    let rows = (area.height + gap) / (least.height + gap);
    columns.saturating_mul(rows).clamp(1, MOST)
}

/// The grid in which so many tiles cover the most of an area, none of them too small if that can be.
pub fn grid(count: u32, area: Area) -> Grid {
    let shapes = match (count, area.is_standing()) {
        (1, _) => LONE,
        (_, true) => STANDING,
        (_, false) => LYING,
    };
    let all = (1..=count).map(|columns| {
        let cell = Area {
            width: part(area.width, columns, area.gap()),
            height: part(area.height, count.div_ceil(columns), area.gap()),
        };
        Grid { columns, tile: cell.fit(shapes) }
    });
    let worth = |grid: &Grid| {
        let empty = grid.columns * count.div_ceil(grid.columns) - count;
        let covered = f64::from(grid.tile.width) * f64::from(grid.tile.height);
        // Seven look better as 4 + 3 than as 3 + 3 + 1.
        (grid.tile.holds(area.least()), (0..empty).fold(covered, |worth, _| worth * EMPTY_PLACE))
    };
    all.max_by(|a, b| {
        let (a, b) = (worth(a), worth(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })
    .unwrap_or_default()
}

impl Grid {
    /// Where the first `shown` tiles stand in the area: in the middle of it, and so does the last row.
    pub fn places(self, shown: u32, area: Area, gap: u32) -> impl Iterator<Item = Rect> {
        let Self { columns, tile } = self;
        let rows = shown.div_ceil(columns.max(1));
        let top = area.height.saturating_sub(along(tile.height, rows, gap)) / 2;
        (0..shown).map(move |number| {
            let (row, column) = (number / columns.max(1), number % columns.max(1));
            let in_row = columns.min(shown - row * columns);
            let left = area.width.saturating_sub(along(tile.width, in_row, gap)) / 2;
            Rect {
                x: left + column * (tile.width + gap),
                y: top + row * (tile.height + gap),
                width: tile.width,
                height: tile.height,
            }
        })
    }
}

/// What each of so many gets of a length, with gaps between them.
pub fn part(length: u32, count: u32, gap: u32) -> u32 {
    let count = count.max(1);
    length.saturating_sub(gap * (count - 1)) / count
}

/// The length of so many, with gaps between them.
pub fn along(length: u32, count: u32, gap: u32) -> u32 {
    (count * (length + gap)).saturating_sub(gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPTOP: Area = Area { width: 1240, height: 620 };
    const UPRIGHT: Area = Area { width: 366, height: 620 };

    fn columns(counts: impl IntoIterator<Item = u32>, area: Area) -> Vec<u32> {
        counts.into_iter().map(|count| grid(count, area).columns).collect()
    }

    #[test]
    fn columns_on_a_laptop() {
        assert_eq!(columns([1, 2, 3, 4, 5, 6, 7, 8, 9, 12], LAPTOP), [1, 2, 2, 2, 3, 3, 4, 4, 3, 4]);
    }

    #[test]
    fn columns_on_a_phone_held_upright() {
        assert_eq!(columns([1, 2, 3, 4, 6, 8], UPRIGHT), [1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn what_a_page_holds() {
        let check = |width, height, expected| {
            assert_eq!(capacity(Area { width, height }), expected, "{width}×{height}");
        };
        check(366, 620, 8); // a phone: 2 × 4
        check(366, 480, 6);
        check(336, 420, 6);
        check(1240, 620, 35);
        check(1880, 880, MOST);
        check(800, 280, 8); // a phone on its side
        check(90, 40, 1);
    }

    #[test]
    fn the_last_row_stands_in_the_middle() {
        let area = Area { width: 1240, height: 620 };
        let grid = grid(5, area);
        let all: Vec<Rect> = grid.places(5, area, 12).collect();
        let [.., fourth, fifth] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(fourth.y, fifth.y);
        assert!((fourth.x).abs_diff(area.width - fifth.x - fifth.width) <= 1, "{all:?}");
    }

    /// All counts up to a page's in areas of all shapes.
    #[test]
    fn tiles_of_one_size_inside_the_area_and_apart() {
        for width in (200..2000).step_by(93) {
            for height in (120..1100).step_by(71) {
                let area = Area { width, height };
                for count in 1..=capacity(area) {
                    check(count, area);
                }
            }
        }
    }

    fn check(count: u32, area: Area) {
        let grid = grid(count, area);
        let all: Vec<Rect> = grid.places(count, area, area.gap()).collect();
        let seen = || format!("{count} in {area:?}: {grid:?}");
        assert_eq!(all.len(), count as usize);
        assert!(grid.tile.holds(area.least()) || capacity(area) == 1, "{}", seen());
        let wide = f64::from(grid.tile.width) / f64::from(grid.tile.height);
        assert!((0.49..2.02).contains(&wide), "{}", seen());
        for (number, one) in all.iter().enumerate() {
            assert_eq!((one.width, one.height), (grid.tile.width, grid.tile.height));
            assert!(one.x + one.width <= area.width && one.y + one.height <= area.height, "{}", seen());
            for other in &all[..number] {
                assert!(are_apart(*one, *other, area.gap()), "{}: {one:?} {other:?}", seen());
            }
        }
    }

    fn are_apart(a: Rect, b: Rect, gap: u32) -> bool {
        let before = |a: Rect, b: Rect| a.x + a.width + gap <= b.x || a.y + a.height + gap <= b.y;
        before(a, b) || before(b, a)
    }
}
