//! How large every picture of somebody else is shown, collected from the tiles. Pure; the page says when it
//! is hidden, [`pump`](crate::pump) passes it on.

use ::session::SortedMap;
use ::signal::{Mid, SlotView};

/// A size in device pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Across.
    pub width: u16,
    /// Down.
    pub height: u16,
}

impl Size {
    /// From CSS pixels, and how many device pixels each of them is.
    pub fn on_screen(width: f64, height: f64, ratio: f64) -> Self {
        Self { width: pixels(width * ratio), height: pixels(height * ratio) }
    }
}

/// The number of a picture in a window of its own, which is seen while the page is not.
pub const APART: u64 = u64::MAX;

/// Each tile's slot and size. A tile that is not on screen is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    shown: SortedMap<u64, (Mid, Size)>,
    /// Something was shown once.
    begun: bool,
}

impl Looks {
    /// A tile, by a number of its own, shows a slot at this size, or nothing. Whether that is news.
    pub fn set(&mut self, tile: u64, shown: Option<(Mid, Size)>) -> bool {
        let shown = shown.filter(|(_, size)| *size != Size::default());
        let differs = self.shown.get(&tile) != shown.as_ref();
        self.begun |= shown.is_some();
        match shown {
            Some(shown) => self.shown.insert(tile, shown),
            None => self.shown.remove(&tile),
        };
        differs
    }

    /// Whether any tile showed anything so far.
    pub fn have_begun(&self) -> bool {
        self.begun
    }

    /// For the session: all that is looked at, each slot once, as large as its largest tile; while the page is hidden
    /// that is only what is in a window of its own.
    pub fn all(&self, hidden: bool) -> Vec<SlotView> {
        let mut largest: SortedMap<&Mid, Size> = SortedMap::new();
        for (_, (mid, size)) in self.shown.iter().filter(|(tile, _)| !hidden || **tile == APART) {
            let known = largest.get_or_insert_with(mid, Size::default);
            *known = Size { width: known.width.max(size.width), height: known.height.max(size.height) };
        }
        let view = |(mid, Size { width, height }): (&Mid, Size)| SlotView { mid: mid.clone(), width, height };
        largest.into_iter().map(view).collect()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what u16 holds")]
fn pixels(length: f64) -> u16 {
    length.round().clamp(0.0, f64::from(u16::MAX)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mid: &str, width: u16, height: u16) -> (Mid, Size) {
        (Mid::from(mid), Size { width, height })
    }

    fn view(mid: &str, width: u16, height: u16) -> SlotView {
        SlotView { mid: Mid::from(mid), width, height }
    }

    #[test]
    fn only_what_is_shown_is_listed() {
        let mut looks = Looks::default();
        assert!(looks.set(1, Some(shown("3", 640, 360))));
        assert!(looks.set(2, Some(shown("5", 320, 180))));
        assert_eq!(looks.all(false), [view("3", 640, 360), view("5", 320, 180)]);
        assert!(looks.set(1, None));
        assert_eq!(looks.all(false), [view("5", 320, 180)]);
        looks.set(2, None);
        assert!(looks.have_begun(), "and were all taken away");
    }

    #[test]
    fn saying_it_again_is_no_news() {
        let mut looks = Looks::default();
        assert!(!looks.set(1, None));
        assert!(!looks.have_begun());
        assert!(looks.set(1, Some(shown("3", 640, 360))));
        assert!(!looks.set(1, Some(shown("3", 640, 360))));
        assert!(looks.set(1, Some(shown("3", 0, 0))), "no size is not shown");
        assert_eq!(looks.all(false), []);
    }

    #[test]
    fn a_slot_in_two_tiles_is_as_large_as_the_larger() {
        let mut looks = Looks::default();
        looks.set(1, Some(shown("3", 640, 100)));
        looks.set(2, Some(shown("3", 320, 180)));
        assert_eq!(looks.all(false), [view("3", 640, 180)]);
    }

    #[test]
    fn of_a_hidden_page_only_what_is_in_a_window_of_its_own_is_seen() {
        let mut looks = Looks::default();
        looks.set(1, Some(shown("3", 640, 360)));
        looks.set(APART, Some(shown("5", 320, 180)));
        assert_eq!(looks.all(true), [view("5", 320, 180)]);
        looks.set(APART, None);
        assert_eq!(looks.all(true), []);
    }

    #[test]
    fn device_pixels() {
        assert_eq!(Size::on_screen(320.0, 180.4, 2.0), Size { width: 640, height: 361 });
        assert_eq!(Size::on_screen(1e9, -1.0, 1.0), Size { width: u16::MAX, height: 0 });
    }
}
