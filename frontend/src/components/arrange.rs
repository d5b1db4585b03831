//! Who stands where on the stage: everybody alike on pages, or some of them large with the others in a strip, and
//! perhaps one's own over all. Pure; [`stage`](super::stage) measures and applies.

use super::grid::{Area, Grid, Rect, along, capacity, grid, part};
use crate::state::layout::Corner;
use crate::state::room::Whose;
use ::signal::ParticipantId;

/// What turns pages, in CSS pixels: a finger's breadth.
const PAGER: u32 = 44;
/// How wide a tile in a strip at the side is, as a part of the stage in per cent, and at least and most.
const STRIP: (u32, u32, u32) = (18, 160, 240);
/// How wide one in a strip below about is.
const BELOW: u32 = 160;
const BELOW_ON_PHONE: u32 = 104;
/// How wide one over the stage is, as a part of the stage in per cent, and at least and most.
const FLOAT: (u32, u32, u32) = (20, 104, 256);
/// More are not large at once; who is large beyond stands first among the rest.
const MOST_LARGE: usize = 9;
/// From the edge of the stage.
const MARGIN: u32 = 12;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of many alike.
    Alike,
    /// What is looked at.
    Large,
    /// Beside what is looked at.
    Beside,
    /// Over all else.
    Floating,
}

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What.
    pub whose: Whose,
    /// Where.
    pub rect: Rect,
    /// How.
    pub role: Role,
    /// The stage for which this was reckoned.
    pub stage: Area,
}

impl Place {
    /// Whether it is over all else.
    pub fn floats(self) -> bool {
        self.role == Role::Floating
    }
}

/// What is to be arranged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cast<'a> {
    /// What is looked at.
    pub large: &'a [Whose],
    /// All else, in order.
    pub rest: &'a [Whose],
    /// What stands over all else, and in which corner.
    pub float: Option<(Whose, Corner)>,
}

/// Everything that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    pub places: Vec<Place>,
    /// How many pages there are; one at least, once the stage has a size.
    pub pages: u32,
    /// Which of them is shown, from 0.
    pub page: u32,
    /// Which others of the rest stand on the first page.
    pub first: Vec<ParticipantId>,
    /// And which on further ones.
    pub away: Vec<ParticipantId>,
    /// Where one turns pages; nothing while there is one.
    pub pager: Option<Rect>,
    /// The stage for which this was reckoned.
    pub stage: Area,
}

/// Arranges a page. One that is not there is the last.
pub fn arrange(cast: Cast<'_>, page: u32, stage: Area) -> Arrangement {
    if stage.width == 0 || stage.height == 0 {
        return Arrangement::default();
    }
    let Cast { large, rest, float } = cast;
    let (large, over) = large.split_at(large.len().min(MOST_LARGE));
    let rest: &[Whose] = &[over, rest].concat();
    let mut all = if large.is_empty() {
        paged(rest, page, whole(stage), Role::Alike, stage.gap(), |area| {
            (capacity(area), grid(count(rest).min(capacity(area)), area))
        })
    } else {
        beside(large, rest, page, stage)
    };
    if let Some((whose, corner)) = float {
        let rect = floating(corner, stage, covered(&all.places).unwrap_or(whole(stage)));
        all.places.push(Place { whose, rect, role: Role::Floating, stage });
    }
    for place in &mut all.places {
        place.stage = stage;
    }
    Arrangement { stage, ..all }
}

/// Some large, the rest in a strip: at the right where the stage lies, below where it stands.
fn beside(large: &[Whose], rest: &[Whose], page: u32, stage: Area) -> Arrangement {
    let gap = stage.gap();
    let Grid { columns, tile } = strip(stage);
    let whole = whole(stage);
    let (main, strip) = if rest.is_empty() {
        (whole, Rect::default())
    } else if stage.is_standing() {
        let row = tile.height + if count(rest) > columns { PAGER } else { 0 };
        let height = match large {
            // A screen lies: below it is room for more.
            [Whose::Screen(_)] => {
                let free = stage.height.saturating_sub(stage.width * 3 / 4 + gap);
                along(tile.height, count(rest).div_ceil(columns), gap).min(free).max(row)
            }
            _ => row,
        };
        let main = stage.height.saturating_sub(height + gap);
        (Rect { height: main, ..whole }, Rect { y: stage.height - height, height, ..whole })
    } else {
        let main = stage.width.saturating_sub(tile.width + gap);
        (Rect { width: main, ..whole }, Rect { x: stage.width - tile.width, width: tile.width, ..whole })
    };
    let mut all = paged(rest, page, strip, Role::Beside, gap, |area| {
        let rows = ((area.height + gap) / (tile.height + gap)).max(1);
        (columns * rows, Grid { columns, tile: Area { height: tile.height.min(area.height), ..tile } })
    });
    let area = Area { width: main.width, height: main.height };
    let grid = match large {
        // A screen has the shape that it has.
        [Whose::Screen(_)] => Grid { columns: 1, tile: area },
        _ => grid(count(large), area),
    };
    let rects = grid.places(count(large), area, area.gap());
    all.places.extend(large.iter().zip(rects).map(|(whose, rect)| Place {
        whose: *whose,
        rect,
        role: Role::Large,
        stage,
    }));
    all
}

/// How many stand side by side in a strip, and how large.
fn strip(stage: Area) -> Grid {
    if stage.is_standing() {
        let wanted = if stage.is_phone() { BELOW_ON_PHONE } else { BELOW };
        let columns = ((stage.width + stage.gap()) / (wanted + stage.gap())).max(1);
        let width = part(stage.width, columns, stage.gap());
        // With what turns pages it is at most half of the stage.
        let height = (width * 3 / 4).max(96).min((stage.height / 2).saturating_sub(PAGER)).max(1);
        Grid { columns, tile: Area { width, height } }
    } else {
        let (share, least, most) = STRIP;
        let width = (stage.width * share / 100).clamp(least, most).min(stage.width / 2).max(1);
        Grid { columns: 1, tile: Area { width, height: (width * 9 / 16).max(100).min(stage.height) } }
    }
}

/// As many as stand in a place, the others on further pages; `inside` says how many an area holds, and how.
fn paged(
    all: &[Whose],
    page: u32,
    place: Rect,
    role: Role,
    gap: u32,
    inside: impl Fn(Area) -> (u32, Grid),
) -> Arrangement {
    let stage = Area { width: place.width, height: place.height };
    let (fits, _) = inside(stage);
    let pager = (count(all) > fits).then(|| {
        let height = PAGER.min(place.height);
        Rect { y: place.y + place.height - height, height, ..place }
    });
    let area = Area { height: stage.height - pager.map_or(0, |pager| pager.height), ..stage };
    let (per_page, grid) = inside(area);
    let pages = count(all).div_ceil(per_page).max(1);
    let page = page.min(pages - 1);
    let before = page * per_page;
    let shown = per_page.min(count(all).saturating_sub(before));
    let tiles = all.iter().skip(before as usize).zip(grid.places(shown, area, gap));
    let places = tiles.map(|(whose, rect)| Place {
        whose: *whose,
        rect: Rect { x: place.x + rect.x, y: place.y + rect.y, ..rect },
        role,
        stage,
    });
    let others = |all: &[Whose]| all.iter().filter_map(|whose| whose.other()).collect();
    let (first, away) = all.split_at(all.len().min(per_page as usize));
    Arrangement {
        places: places.collect(),
        pages,
        page,
        first: others(first),
        away: others(away),
        pager,
        stage,
    }
}

/// In a corner of what the others cover, over whose edge it would hang out.
fn floating(corner: Corner, stage: Area, over: Rect) -> Rect {
    let (share, least, most) = FLOAT;
    let width = (stage.width * share / 100).clamp(least, most).min(over.width / 2);
    let height = if stage.is_standing() { width * 4 / 3 } else { width * 10 / 16 }.min(over.height / 2);
    let side = |first: bool, length: u32, all: u32| {
        if first { MARGIN } else { all.saturating_sub(length + MARGIN) }
    };
    Rect {
        x: over.x + side(corner.left, width, over.width),
        y: over.y + side(corner.top, height, over.height),
        width,
        height,
    }
}

/// The least that holds them all.
fn covered(places: &[Place]) -> Option<Rect> {
    let rects = || places.iter().map(|place| place.rect);
    let (x, y) = (rects().map(|rect| rect.x).min()?, rects().map(|rect| rect.y).min()?);
    let width = rects().map(|rect| rect.x + rect.width).max()? - x;
    let height = rects().map(|rect| rect.y + rect.height).max()? - y;
    Some(Rect { x, y, width, height })
}

fn whole(stage: Area) -> Rect {
    Rect { x: 0, y: 0, width: stage.width, height: stage.height }
}

fn count(all: &[Whose]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "arrange/tests.rs"]
mod tests;
