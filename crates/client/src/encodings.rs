//! Which encodings of a picture are sent: how many, how large, how fast. Pure; [`sender`](super::sender)
//! tells the browser.
//!
//! A line has its three encodings from the start, before a device is known, and always from low to high: a
//! place here is a place in `sendEncodings`, and in the offer's `a=simulcast`. A capture too small for three
//! uses the lower places.

/// Encodings by RFC 8851's ids, from low to high.
pub const RIDS: [&str; 3] = ["q", "h", "f"];

/// What one encoding is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncodingPlan {
    /// Its id in the SDP.
    pub rid: &'static str,
    /// By how much both sides of the picture are divided.
    pub scale_down_by: f64,
    /// In bits per second.
    pub max_bitrate: u32,
    /// Pictures a second, where fewer are made than captured.
    pub max_framerate: Option<f64>,
}

/// What one encoding is to be now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncodingState {
    /// See [`EncodingPlan`].
    pub plan: EncodingPlan,
    /// Whether it is made at all.
    pub active: bool,
}

/// A picture's longer side from which on three encodings of it make sense, in pixels, and two.
const LONG_SIDE_FOR_THREE: u32 = 960;
const LONG_SIDE_FOR_TWO: u32 = 480;

/// What a camera's picture of so many pixels may take in bits per second; straight lines between.
const CAMERA_RATES: [(u32, u32); 4] =
    [(320 * 180, 150_000), (640 * 360, 500_000), (1280 * 720, 1_700_000), (1920 * 1080, 3_000_000)];

/// A screen to look at small: still readable in outline, and cheap.
const SCREEN_LOW: (u32, f64) = (300_000, 5.0);
/// A screen in full.
const SCREEN_HIGH: (u32, f64) = (2_500_000, 30.0);

/// For a camera that captures at this size: from low to high.
pub fn camera(width: u32, height: u32) -> Vec<EncodingPlan> {
    let long = width.max(height);
    let count = if long >= LONG_SIDE_FOR_THREE {
        3
    } else if long >= LONG_SIDE_FOR_TWO {
        2
    } else {
        1
    };
    let pixels = width.saturating_mul(height);
    RIDS.into_iter()
        .take(count)
        .zip([4, 2, 1].into_iter().skip(3 - count))
        .map(|(rid, scale)| EncodingPlan {
            rid,
            scale_down_by: f64::from(scale),
            max_bitrate: camera_bitrate(pixels / (scale * scale)),
            max_framerate: None,
        })
        .collect()
}

/// For a screen or a window of this size: from low to high.
pub fn screen(width: u32, height: u32) -> Vec<EncodingPlan> {
    let plan = |rid, scale_down_by, (max_bitrate, framerate)| EncodingPlan {
        rid,
        scale_down_by,
        max_bitrate,
        max_framerate: Some(framerate),
    };
    if width.max(height) < LONG_SIDE_FOR_TWO {
        return vec![plan("q", 1.0, SCREEN_HIGH)];
    }
    vec![plan("q", 2.0, SCREEN_LOW), plan("h", 1.0, SCREEN_HIGH)]
}

/// What each of a line's `places` encodings is to be, given what the capture allows and which places the
/// server wants (all, before it has said so).
///
/// A wish above what the capture allows is a wish for its best. A line with a single place, where simulcast
/// was refused, sends the best.
pub fn states(plans: &[EncodingPlan], wanted: Option<&[u8]>, places: usize) -> Vec<EncodingState> {
    let Some(best) = plans.last() else { return vec![] };
    let top = plans.len().min(places).saturating_sub(1);
    let is_wanted = |place: usize| {
        wanted.is_none_or(|wanted| wanted.iter().any(|wish| usize::from(*wish).min(top) == place))
    };
    (0..places)
        .map(|place| match plans.get(place) {
            Some(_) if places == 1 => EncodingState { plan: *best, active: is_wanted(0) },
            Some(plan) => EncodingState { plan: *plan, active: is_wanted(place) },
            None => EncodingState { plan: *best, active: false },
        })
        .collect()
}

/// By the pixels of a picture, rounded to 10 kbit/s.
fn camera_bitrate(pixels: u32) -> u32 {
    let [(least, lowest), .., (_, highest)] = CAMERA_RATES;
    if pixels <= least {
        return lowest;
    }
    let span = CAMERA_RATES.windows(2).find_map(|pair| match pair {
        [(from, low), (to, high)] if pixels <= *to => {
            let share = u64::from(high - low) * u64::from(pixels - from) / u64::from(to - from);
            Some(low + u32::try_from(share).unwrap_or(0))
        }
        _ => None,
    });
    span.map_or(highest, |rate| (rate + 5_000) / 10_000 * 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rid, divisor, kbit/s.
    fn shape(plans: &[EncodingPlan]) -> Vec<(&'static str, u32, u32)> {
        let divisor = |by: f64| [1, 2, 4].into_iter().find(|n| f64::from(*n) >= by).unwrap_or(0);
        plans.iter().map(|plan| (plan.rid, divisor(plan.scale_down_by), plan.max_bitrate / 1000)).collect()
    }

    fn active(plans: &[EncodingPlan], wanted: Option<&[u8]>, places: usize) -> Vec<bool> {
        states(plans, wanted, places).iter().map(|state| state.active).collect()
    }

    #[test]
    fn cameras_by_size() {
        assert_eq!(shape(&camera(1280, 720)), [("q", 4, 150), ("h", 2, 500), ("f", 1, 1700)]);
        assert_eq!(shape(&camera(1920, 1080)), [("q", 4, 300), ("h", 2, 1000), ("f", 1, 3000)]);
        assert_eq!(shape(&camera(640, 360)), [("q", 2, 150), ("h", 1, 500)]);
        assert_eq!(shape(&camera(640, 480)), [("q", 2, 190), ("h", 1, 630)]);
        assert_eq!(shape(&camera(320, 180)), [("q", 1, 150)]);
        assert_eq!(shape(&camera(3840, 2160)), [("q", 4, 1000), ("h", 2, 3000), ("f", 1, 3000)]);
    }

    #[test]
    fn a_phone_held_upright_has_as_many() {
        assert_eq!(shape(&camera(720, 1280)), shape(&camera(1280, 720)));
    }

    #[test]
    fn screens_have_a_set_of_their_own() {
        assert_eq!(shape(&screen(1920, 1080)), [("q", 2, 300), ("h", 1, 2500)]);
        assert_eq!(screen(1920, 1080)[0].max_framerate, Some(5.0));
        assert_eq!(screen(300, 200).len(), 1);
    }

    #[test]
    fn from_low_to_high() {
        for (width, height) in [(160, 120), (640, 360), (960, 540), (1280, 720), (2560, 1440)] {
            for plans in [camera(width, height), screen(width, height)] {
                assert!(plans.is_sorted_by(|a, b| a.scale_down_by > b.scale_down_by), "{plans:?}");
                assert!(plans.is_sorted_by_key(|plan| plan.max_bitrate), "{plans:?}");
                assert!(plans.iter().map(|plan| plan.rid).eq(RIDS.into_iter().take(plans.len())));
            }
        }
    }

    #[test]
    fn what_is_not_wanted_is_off() {
        let plans = camera(1280, 720);
        assert_eq!(active(&plans, None, 3), [true, true, true]);
        assert_eq!(active(&plans, Some(&[0, 2]), 3), [true, false, true]);
        assert_eq!(active(&plans, Some(&[]), 3), [false, false, false]);
    }

    #[test]
    fn a_wish_above_the_capture_is_for_its_best() {
        let plans = camera(640, 360);
        assert_eq!(active(&plans, None, 3), [true, true, false]);
        assert_eq!(active(&plans, Some(&[2]), 3), [false, true, false]);
        assert_eq!(active(&camera(320, 180), Some(&[1, 2]), 3), [true, false, false]);
    }

    #[test]
    fn a_line_without_simulcast_sends_the_best() {
        let plans = camera(1280, 720);
        let states = states(&plans, Some(&[0]), 1);
        assert_eq!(states, [EncodingState { plan: plans[2], active: true }]);
        assert_eq!(active(&plans, Some(&[]), 1), [false]);
    }
}
