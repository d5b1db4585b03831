//! One figure over the last minute: a title, the value now, and a curve.

use super::plot;
use crate::words;
use leptos::prelude::*;

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

    fn title(self) -> &'static str {
        match self {
            Self::Bitrate => words::BITRATE,
            Self::Loss => words::LOSS,
            Self::RoundTrip => words::ROUND_TRIP,
            Self::Height => words::HEIGHT,
            Self::Frames => words::FRAMES,
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

#[component]
pub fn Graph(
    figure: Figure,
    /// One a second, oldest first, the last of them now.
    #[prop(into)]
    values: Signal<Vec<Option<u32>>>,
    /// A second line, dashed: what the path is believed to bear.
    #[prop(optional, into)]
    estimate: Option<Signal<Vec<Option<u32>>>>,
) -> impl IntoView {
    let estimate = estimate.unwrap_or_else(|| Signal::stored(Vec::new()));
    let top = Memo::new(move |_| {
        let all = values.get().into_iter().chain(estimate.get());
        plot::top(all, figure.steps())
    });
    // Texts as signals of one type: each closure in a view costs a kilobyte of program.
    let text = |part: Box<dyn Fn() -> String + Send + Sync>| Signal::derive(part);
    let last = |list: &Vec<Option<u32>>| list.last().copied().flatten();
    let told = text(Box::new(move || {
        values.with(last).map_or_else(|| words::NOT_KNOWN.to_owned(), |value| figure.value(value))
    }));
    let believed = text(Box::new(move || {
        estimate.with(last).map(|value| words::estimated(&figure.value(value))).unwrap_or_default()
    }));
    let label = text(Box::new(move || words::graph(figure.title(), &told.get())));
    let scale = text(Box::new(move || figure.value(top.get())));
    let view_box = text(Box::new(move || {
        let width = values.with(|values| values.len().saturating_sub(1)) * plot::STEP as usize;
        format!("0 0 {width} {}", plot::HEIGHT)
    }));
    let area = text(Box::new(move || values.with(|values| plot::area(values, top.get()))));
    let curve = text(Box::new(move || values.with(|values| plot::line(values, top.get()))));
    let dashed = text(Box::new(move || estimate.with(|values| plot::line(values, top.get()))));
    view! {
        <figure class="graph" data-testid=figure.testid()>
            <figcaption>
                <span class="title">{figure.title()}</span>
                <span class="believed">{believed}</span>
                <span class="now">{told}</span>
            </figcaption>
            <div class="plot">
                <svg
                    viewBox=view_box
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=label
                >
                    <path class="area" d=area />
                    <path class="line estimate" d=dashed />
                    <path class="line" d=curve />
                </svg>
                <span class="top" aria-hidden="true">{scale}</span>
                <span class="bottom" aria-hidden="true">"0"</span>
            </div>
            <p class="axis" aria-hidden="true"><span>{words::A_MINUTE_AGO}</span><span>{words::NOW}</span></p>
        </figure>
    }
}
