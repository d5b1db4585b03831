//! How big tiles are and how many stand side by side. Pure; [`stage`](super::stage) measures and applies.

/// Between tiles, in CSS pixels; the stylesheet's `--gap` says the same.
pub const GAP: f64 = 12.0;
/// Tiles are not made narrower than this; the stage scrolls instead. CSS pixels.
const MIN_WIDTH: f64 = 132.0;
/// The widest shape a tile takes, width by height.
const WIDEST: f64 = 16.0 / 9.0;
/// The narrowest on a stage that lies, and on one that stands (a phone held upright).
const NARROWEST: (f64, f64) = (4.0 / 3.0, 3.0 / 4.0);
/// What one empty place leaves of a grid's worth.
const EMPTY_PLACE: f64 = 0.95;

/// The size of each tile, in whole CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TileSize {
    pub width: u32,
    pub height: u32,
}

/// The size at which `count` tiles cover the most of a stage.
pub fn tile_size(count: usize, width: f64, height: f64) -> TileSize {
    if count == 0 || width < 1.0 || height < 1.0 {
        return TileSize::default();
    }
    let narrowest = if width >= height { NARROWEST.0 } else { NARROWEST.1 };
    let fitting = (1..=count).map(|columns| {
        let rows = count.div_ceil(columns);
        let tile = fit((width + GAP) / real(columns) - GAP, (height + GAP) / real(rows) - GAP, narrowest);
        (tile, tile.0 * tile.1 * worth(columns * rows - count))
    });
    let best = fitting.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(tile, _)| tile).unwrap_or_default();
    if best.0 < MIN_WIDTH.min(width) { whole(scrolling(width)) } else { whole(best) }
}

/// What a grid is worth with so many places left empty in its last row: seven look better as 4 + 3 than as
/// 3 + 3 + 1.
fn worth(empty: usize) -> f64 {
    (0..empty).fold(1.0, |worth, _| worth * EMPTY_PLACE)
}

/// The largest tile in a cell, by width and height.
fn fit(width: f64, height: f64, narrowest: f64) -> (f64, f64) {
    let (width, height) = (width.max(0.0), height.max(0.0));
    (width.min(height * WIDEST), height.min(width / narrowest))
}

/// As many columns as are wide enough, rows going on below.
fn scrolling(width: f64) -> (f64, f64) {
    let columns = ((width + GAP) / (MIN_WIDTH + GAP)).floor().max(1.0);
    let tile = (width + GAP) / columns - GAP;
    (tile, tile / NARROWEST.0)
}

fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn whole((width, height): (f64, f64)) -> TileSize {
    TileSize { width: floor(width), height: floor(height) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u32 holds")]
fn floor(length: f64) -> u32 {
    length.floor().clamp(0.0, 1e6) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many tiles of this size stand side by side, and how many rows that makes.
    fn columns_and_rows(count: u32, width: u32, height: u32) -> (u32, u32) {
        let size = tile_size(count as usize, f64::from(width), f64::from(height));
        let gap = 12;
        let columns = ((width + gap) / (size.width + gap)).min(count);
        (columns, count.div_ceil(columns))
    }

    #[test]
    fn columns_on_a_laptop() {
        let on = |count| columns_and_rows(count, 1280, 640).0;
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8, 9, 12].map(on), [1, 2, 2, 2, 3, 3, 4, 4, 3, 4]);
    }

    #[test]
    fn columns_on_a_phone_held_upright() {
        let on = |count| columns_and_rows(count, 366, 620).0;
        assert_eq!([1, 2, 3, 4, 6].map(on), [1, 1, 1, 2, 2]);
    }

    #[test]
    fn tiles_fit_the_stage_and_keep_their_shape() {
        let check = |count: u32, width: u32, height: u32| {
            let size = tile_size(count as usize, f64::from(width), f64::from(height));
            let (_, rows) = columns_and_rows(count, width, height);
            assert!(rows * (size.height + 12) - 12 <= height, "{count} on {width}×{height}: {size:?}");
            let shape = f64::from(size.width) / f64::from(size.height);
            assert!(shape < WIDEST + 0.02 && shape > NARROWEST.1 - 0.02, "{count}: {size:?}");
        };
        for count in 1..=12 {
            check(count, 1280, 640);
            check(count, 1900, 900);
            check(count, 800, 400);
        }
        for count in 1..=8 {
            check(count, 366, 620);
        }
    }

    #[test]
    fn a_crowd_scrolls() {
        let size = tile_size(100, 1280.0, 640.0);
        assert!(size.width >= 132, "{size:?}");
        assert_eq!(tile_size(0, 100.0, 100.0), TileSize::default());
        assert_eq!(tile_size(3, 0.0, 0.0), TileSize::default());
    }
}
