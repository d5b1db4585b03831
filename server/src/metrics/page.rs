//! The lines of the format, and histograms.

use std::fmt::{Display, Write};
use std::time::Duration;

/// Where a histogram's buckets end, in seconds: from what loopback takes to what nobody waits for.
const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How often something took how long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Histogram {
    /// By bucket, each without the ones before it; the last is of what took longer.
    counts: [u64; BOUNDS.len() + 1],
    sum: Duration,
}

impl Histogram {
    /// It took so long once more.
    pub(crate) fn add(&mut self, time: Duration) {
        let place = BOUNDS.iter().position(|bound| time.as_secs_f64() <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(1);
        }
        self.sum = self.sum.saturating_add(time);
    }
}

/// Ends of buckets, and how many are in each, without the ones before it; the last is of what is beyond.
type Buckets<'a> = (&'a [f64], &'a [u64]);

/// A page of figures.
#[derive(Default)]
pub(super) struct Page(String);

// `write!` to a String cannot fail.
impl Page {
    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, help, "gauge");
        let _ = writeln!(self.0, "madang_{name} {value}");
    }

    pub(super) fn total(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(&format!("{name}_total"), help, "counter");
        let _ = writeln!(self.0, "madang_{name}_total {value}");
    }

    /// One gauge for each value of a label.
    pub(super) fn gauges<L: Display, V: Display>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, V)>,
    ) {
        self.head(name, help, "gauge");
        for (of, value) in values {
            let _ = writeln!(self.0, "madang_{name}{{{label}=\"{of}\"}} {value}");
        }
    }

    /// One counter for each value of a label.
    pub(super) fn totals<L: Display, V: Display>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, V)>,
    ) {
        self.head(&format!("{name}_total"), help, "counter");
        for (of, value) in values {
            let _ = writeln!(self.0, "madang_{name}_total{{{label}=\"{of}\"}} {value}");
        }
    }

    /// How long something took, for each value of a label.
    pub(super) fn histograms(&mut self, name: &str, help: &str, label: &str, values: &[(&str, Histogram)]) {
        self.head(name, help, "histogram");
        for (of, histogram) in values {
            let of = format!("{label}=\"{of}\"");
            self.buckets(&format!("{name}_bucket"), &of, (&BOUNDS, &histogram.counts));
            let count: u64 = histogram.counts.iter().sum();
            let _ = writeln!(self.0, "madang_{name}_sum{{{of}}} {}", histogram.sum.as_secs_f64());
            let _ = writeln!(self.0, "madang_{name}_count{{{of}}} {count}");
        }
    }

    /// How many there are now up to each bound: what `histogram_quantile` takes.
    pub(super) fn now_by(&mut self, name: &str, help: &str, buckets: Buckets) {
        self.head(name, help, "gauge");
        self.buckets(name, "", buckets);
    }

    fn buckets(&mut self, name: &str, label: &str, (bounds, counts): Buckets) {
        let comma = if label.is_empty() { "" } else { "," };
        let mut upto = 0u64;
        let ends = bounds.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        for (end, count) in ends.zip(counts) {
            upto = upto.saturating_add(*count);
            let _ = writeln!(self.0, "madang_{name}{{{label}{comma}le=\"{end}\"}} {upto}");
        }
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP madang_{name} {help}\n# TYPE madang_{name} {kind}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_each_bound() {
        let mut histogram = Histogram::default();
        for millis in [1, 5, 6, 400, 60_000] {
            histogram.add(Duration::from_millis(millis));
        }
        let mut page = Page::default();
        page.histograms("join_seconds", "Help.", "until", &[("answered", histogram)]);
        let text = page.into_text();
        for line in [
            "# TYPE madang_join_seconds histogram",
            "madang_join_seconds_bucket{until=\"answered\",le=\"0.005\"} 2",
            "madang_join_seconds_bucket{until=\"answered\",le=\"0.01\"} 3",
            "madang_join_seconds_bucket{until=\"answered\",le=\"0.25\"} 3",
            "madang_join_seconds_bucket{until=\"answered\",le=\"0.5\"} 4",
            "madang_join_seconds_bucket{until=\"answered\",le=\"30\"} 4",
            "madang_join_seconds_bucket{until=\"answered\",le=\"+Inf\"} 5",
            "madang_join_seconds_sum{until=\"answered\"} 60.412",
            "madang_join_seconds_count{until=\"answered\"} 5",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_now_is_counted_up_to_each_bound_too() {
        let mut page = Page::default();
        page.now_by("estimates", "Help.", (&[1000.0, 2500.0], &[1, 0, 4]));
        let expected = "# HELP madang_estimates Help.\n# TYPE madang_estimates gauge\n\
            madang_estimates{le=\"1000\"} 1\nmadang_estimates{le=\"2500\"} 1\nmadang_estimates{le=\"+Inf\"} 5\n";
        assert_eq!(page.into_text(), expected);
    }
}
