//! How big tiles are and how many stand side by side. Pure; [`stage`](super::stage) measures and applies.

/// Between tiles, in CSS pixels; the stylesheet's `--gap` says the same.
pub const GAP: f64 = 12.0;
/// Tiles are not made narrower than this; the stage scrolls instead. CSS pixels.
const MIN_WIDTH: f64 = 132.0;
/// The widest shape a tile takes, width by height.
const WIDEST: f64 = 16.0 / 9.0;
/// The narrowest on a stage that lies, and on one that stands (a phone held upright).
const NARROWEST: (f64, f64) = (4.0 / 3.0, 3.0 / 4.0);

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
        fit((width + GAP) / real(columns) - GAP, (height + GAP) / real(rows) - GAP, narrowest)
    });
    let best = fitting.max_by(|a, b| area(*a).total_cmp(&area(*b))).unwrap_or_default();
    if best.0 < MIN_WIDTH.min(width) { whole(scrolling(width)) } else { whole(best) }
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

fn area((width, height): (f64, f64)) -> f64 {
    width * height
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

    fn columns(count: usize, width: f64, height: f64) -> f64 {
        ((width + GAP) / (f64::from(tile_size(count, width, height).width) + GAP)).floor().min(count as f64)
    }

    #[test]
    fn columns_on_a_laptop() {
        let on = |count| columns(count, 1280.0, 640.0) as usize;
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 9, 12].map(on), [1, 2, 2, 2, 3, 3, 4, 4, 4]);
    }

    #[test]
    fn columns_on_a_phone_held_upright() {
        let on = |count| columns(count, 366.0, 620.0) as usize;
        assert_eq!([1, 2, 3, 4, 6].map(on), [1, 1, 1, 2, 2]);
    }

    #[test]
    fn tiles_fit_the_stage_and_keep_their_shape() {
        for count in 1..=12 {
            for (width, height) in [(1280.0, 640.0), (366.0, 620.0), (1900.0, 900.0), (800.0, 300.0)] {
                let size = tile_size(count, width, height);
                let (w, h) = (f64::from(size.width), f64::from(size.height));
                let across = ((width + GAP) / (w + GAP)).floor();
                let down = (count as f64 / across).ceil();
                assert!(
                    down * (h + GAP) - GAP <= height || w <= 160.0,
                    "{count} on {width}×{height}: {size:?}"
                );
                assert!(w / h < WIDEST + 0.02 && w / h > NARROWEST.1 - 0.02, "{count}: {size:?}");
            }
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
