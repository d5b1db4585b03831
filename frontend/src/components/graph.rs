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
    let now = |list: Signal<Vec<Option<u32>>>| move || list.with(|list| list.last().copied().flatten());
    let (value, believed) = (Memo::new(move |_| now(values)()), Memo::new(move |_| now(estimate)()));
    let told = move || value.get().map_or_else(|| words::NOT_KNOWN.to_owned(), |value| figure.value(value));
    let label = move || words::graph(figure.title(), &told());
    let width = move || values.with(|values| values.len().saturating_sub(1)) * plot::STEP as usize;
    view! {
        <figure class="graph" data-testid=figure.testid()>
            <figcaption>
                <span class="title">{figure.title()}</span>
                <Show when=move || believed.get().is_some()>
                    <span class="believed">
                        {move || believed.get().map(|value| words::estimated(&figure.value(value)))}
                    </span>
                </Show>
                <span class="now">{told}</span>
            </figcaption>
            <div class="plot">
                <svg
                    viewBox=move || format!("0 0 {} {}", width(), plot::HEIGHT)
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=label
                >
                    <path class="area" d=move || values.with(|values| plot::area(values, top.get())) />
                    <path class="line estimate" d=move || estimate.with(|values| plot::line(values, top.get())) />
                    <path class="line" d=move || values.with(|values| plot::line(values, top.get())) />
                </svg>
                <span class="top" aria-hidden="true">{move || figure.value(top.get())}</span>
                <span class="bottom" aria-hidden="true">"0"</span>
            </div>
            <p class="axis" aria-hidden="true"><span>{words::A_MINUTE_AGO}</span><span>{words::NOW}</span></p>
        </figure>
    }
}
