//! A plot as SVG: one curve with the spread of its runs, over a logarithmic axis. Its colours follow the reader's
//! light or dark page.

use super::figures::{Spread, float};
use std::fmt::Write;

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Of its file.
    pub name: &'static str,
    /// Above it.
    pub title: &'static str,
    /// Under the axis across.
    pub across: &'static str,
    /// The unit of the axis up.
    pub up: &'static str,
    /// From the smallest size on.
    pub points: Vec<(u64, Spread)>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
/// Around the curve: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (56.0, 40.0, 20.0, 48.0);

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#333}.t{font-weight:600}.g{stroke:#8884}\
                     .c{fill:none;stroke:#2563c9;stroke-width:2}.b{fill:#2563c9;opacity:.18}.p{fill:#2563c9}\
                     @media(prefers-color-scheme:dark){text{fill:#ddd}.c{stroke:#7fb0ff}.b,.p{fill:#7fb0ff}}";

/// Where a point lies.
struct Axes {
    from: f64,
    to: f64,
    top: f64,
}

impl Axes {
    fn of(plot: &Plot) -> Self {
        let size = |point: Option<&(u64, Spread)>| point.map_or(1.0, |(size, _)| float((*size).max(1)));
        let most = plot.points.iter().map(|(_, spread)| spread.most).fold(0.0, f64::max);
        Self { from: size(plot.points.first()).ln(), to: size(plot.points.last()).ln(), top: round_up(most) }
    }

    fn x(&self, size: u64) -> f64 {
        let share = (float(size.max(1)).ln() - self.from) / (self.to - self.from).max(f64::MIN_POSITIVE);
        MARGIN.0 + share * (WIDTH - MARGIN.0 - MARGIN.2)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - MARGIN.3 - value / self.top * (HEIGHT - MARGIN.1 - MARGIN.3)
    }
}

/// The next of 1, 2, 3, 4, 5, 6, 8 and 10, or ten times that, and so on.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.max(1e-6).log10().floor());
    let steps = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(10.0 * power)
}

/// Draws it. Writing to a string cannot fail, so what that says is dropped.
pub fn draw(plot: &Plot) -> String {
    let axes = Axes::of(plot);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\
         <title>{0}</title><style>{STYLE}</style><text class=\"t\" x=\"{1}\" y=\"20\">{0}</text>\n",
        plot.title, MARGIN.0
    );
    for step in 0..=4 {
        let value = axes.top * f64::from(step) / 4.0;
        let (y, right) = (axes.y(value), WIDTH - MARGIN.2);
        let _ = writeln!(
            svg,
            "<line class=\"g\" x1=\"{:.1}\" x2=\"{right:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            MARGIN.0,
            MARGIN.0 - 6.0,
            y + 4.0,
            number(value)
        );
    }
    let _ = writeln!(svg, "<text x=\"6\" y=\"36\">{}</text>", plot.up);
    for (size, _) in &plot.points {
        let (x, y) = (axes.x(*size), HEIGHT - MARGIN.3 + 18.0);
        let _ = writeln!(svg, "<text text-anchor=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{size}</text>");
    }
    let middle = MARGIN.0.midpoint(WIDTH - MARGIN.2);
    let _ = writeln!(
        svg,
        "<text text-anchor=\"middle\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>",
        HEIGHT - 8.0,
        plot.across
    );
    let line = |value: fn(&Spread) -> f64| {
        plot.points.iter().map(move |(size, spread)| (*size, value(spread))).collect::<Vec<_>>()
    };
    let (least, mut most) = (line(|spread| spread.least), line(|spread| spread.most));
    most.reverse();
    let band = [least, most].concat();
    let _ = writeln!(svg, "<polygon class=\"b\" points=\"{}\"/>", path(&axes, &band));
    let _ =
        writeln!(svg, "<polyline class=\"c\" points=\"{}\"/>", path(&axes, &line(|spread| spread.median)));
    for (size, spread) in &plot.points {
        let (x, y) = (axes.x(*size), axes.y(spread.median));
        let _ = writeln!(
            svg,
            "<circle class=\"p\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"><title>{size}: {:.2} {}</title></circle>",
            spread.median, plot.up
        );
    }
    svg + "</svg>\n"
}

fn path(axes: &Axes, points: &[(u64, f64)]) -> String {
    let point = |(size, value): &(u64, f64)| format!("{:.1},{:.1}", axes.x(*size), axes.y(*value));
    points.iter().map(point).collect::<Vec<_>>().join(" ")
}

/// Without zeros behind the point.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, top) in [(0.9, 1.0), (2.4, 3.0), (6.1, 8.0), (31.0, 40.0), (0.034, 0.04)] {
            assert!((round_up(value) - top).abs() < 1e-9, "{value}");
        }
        assert_eq!(["0", "0.5", "12"], [0.0, 0.5, 12.0].map(number).each_ref().map(String::as_str));
    }

    #[test]
    fn every_point_is_within_the_picture() {
        let spread = |median| Spread { median, least: median / 2.0, most: 2.0 * median };
        let points = vec![(10, spread(1.0)), (100, spread(3.0)), (1000, spread(2.0))];
        let plot = Plot { name: "", title: "a", across: "b", up: "c", points };
        let axes = Axes::of(&plot);
        for (size, spread) in &plot.points {
            assert!((MARGIN.0..=WIDTH - MARGIN.2).contains(&axes.x(*size)));
            assert!((MARGIN.1..=HEIGHT - MARGIN.3).contains(&axes.y(spread.most)));
        }
        assert_eq!(draw(&plot).matches("<circle").count(), 3);
    }
}
