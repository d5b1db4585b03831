//! One figure over the last minute: a title, the value now, and a curve.

use super::plot;
use crate::dom::{El, el, svg};
use crate::reactive::{Signal, memo};
use crate::words::{self, Word, say};

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Bitrate,
    Loss,
    RoundTrip,
    Height,
    Frames,
}

impl Figure {
    fn testid(self) -> &'static str {
        match self {
            Self::Bitrate => "graph-bitrate",
            Self::Loss => "graph-loss",
            Self::RoundTrip => "graph-rtt",
            Self::Height => "graph-height",
            Self::Frames => "graph-frames",
        }
    }

    fn title(self) -> Word {
        match self {
            Self::Bitrate => Word::Bitrate,
            Self::Loss => Word::Loss,
            Self::RoundTrip => Word::RoundTrip,
            Self::Height => Word::Height,
            Self::Frames => Word::Frames,
        }
    }

    /// Where an axis may end, from the least on: a quiet line is not blown up.
    fn steps(self) -> &'static [u32] {
        const K: u32 = 1_000;
        const M: u32 = 1_000 * K;
        match self {
            Self::Bitrate => {
                &[100 * K, 200 * K, 500 * K, M, 2 * M, 3 * M, 5 * M, 10 * M, 20 * M, 50 * M, 100 * M]
            }
            Self::Loss => &[50, 100, 200, 500, 1000],
            Self::RoundTrip => &[100, 200, 500, 1000, 2000, 5000, 10_000],
            Self::Height => &[360, 720, 1080, 1440, 2160],
            Self::Frames => &[30, 60],
        }
    }

    fn value(self, value: u32) -> String {
        match self {
            Self::Bitrate => words::bitrate(value),
            Self::Loss => words::per_mille(value),
            Self::RoundTrip => words::milliseconds(value),
            Self::Height => words::lines_high(value),
            Self::Frames => words::frames(value),
        }
    }
}

/// Values, one a second, oldest first, the last of them now.
pub type Values = Signal<Vec<Option<u32>>>;

/// A curve of these values. `estimate` is a second line, dashed: what the path is believed to bear.
pub fn graph(figure: Figure, values: Values, estimate: Option<Values>) -> El {
    let estimates = move || estimate.map(|estimate| estimate.get()).unwrap_or_default();
    let top = memo(move || plot::top(values.get().into_iter().chain(estimates()), figure.steps()));
    let last = |list: &Vec<Option<u32>>| list.last().copied().flatten();
    let now = memo(move || values.with(last).map_or_else(words::not_known, |value| figure.value(value)));
    let believed =
        move || last(&estimates()).map(|value| words::estimated(&figure.value(value))).unwrap_or_default();
    let view_box = move || {
        let width = values.with(|values| values.len().saturating_sub(1)) * plot::STEP as usize;
        format!("0 0 {width} {}", plot::HEIGHT)
    };
    let line = |class| svg("path").class(class);
    let plot = svg("svg")
        .bind("viewBox", view_box)
        .set("preserveAspectRatio", "none")
        .set("role", "img")
        .bind("aria-label", move || words::graph(say(figure.title()), &now.get()))
        .child(line("area").bind("d", move || values.with(|values| plot::area(values, top.get()))))
        .child(line("line estimate").bind("d", move || plot::line(&estimates(), top.get())))
        .child(line("line").bind("d", move || values.with(|values| plot::line(values, top.get()))));
    let span = |class| el("span").class(class);
    let caption = el("figcaption")
        .child(span("title").say(figure.title()))
        .child(span("believed").texts(believed))
        .child(span("now").texts(move || now.get()));
    let scale = span("top").set("aria-hidden", "true").texts(move || figure.value(top.get()));
    let axis = el("p").class("axis").set("aria-hidden", "true");
    el("figure")
        .class("graph")
        .testid(figure.testid())
        .child(caption)
        .child(
            el("div")
                .class("plot")
                .child(plot)
                .child(scale)
                .child(span("bottom").set("aria-hidden", "true").text("0")),
        )
        .child(axis.child(el("span").say(Word::AMinuteAgo)).child(el("span").say(Word::Now)))
}
