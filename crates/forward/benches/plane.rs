//! What the plane's parts cost, without sockets and ciphers: `cargo bench -p forward`.
//!
//! Each figure is of the steady state of `tests/load`: one publisher, receivers whose paths are estimated and paced.
//! `route` is a packet forwarded, from ingest to the written packet; `rewrite` the same with its headers written
//! and the payload left out; `estimator` one transport-wide feedback packet; `allocate` one receiver's decision what
//! it is sent, made anew for another size on its screen.

#![allow(clippy::cast_possible_truncation, reason = "the load's numbers are the wire's")]
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]

#[path = "../tests/load/mod.rs"]
mod load;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use load::Load;
use std::time::{Duration, Instant};

const RECEIVERS: u32 = 50;
/// Until estimates have found what the path bears, in milliseconds.
const WARM_UP: u64 = 15_000;
/// Bytes of a header with a transport-wide number, and of VP8's descriptor behind it.
const HEADERS: usize = 26;

fn warm(receivers: u32) -> Load {
    let mut load = Load::new(receivers);
    load.run(WARM_UP);
    load
}

/// Serves until so many packets went out; the time that took, for exactly as many.
fn forward(load: &mut Load, packets: u64) -> Duration {
    let before = load.sink.packets;
    let mut spent = Duration::ZERO;
    while load.sink.packets - before < packets {
        load.prepare();
        let start = Instant::now();
        load.serve();
        spent += start.elapsed();
    }
    share(spent, packets, load.sink.packets - before)
}

/// The time of `part` out of `whole`.
fn share(spent: Duration, part: u64, whole: u64) -> Duration {
    let nanos = spent.as_nanos() * u128::from(part) / u128::from(whole.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

fn route(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route");
    for receivers in [1, 50, 200] {
        let mut load = None;
        group.bench_function(BenchmarkId::from_parameter(receivers), |bencher| {
            let load = load.get_or_insert_with(|| warm(receivers));
            bencher.iter_custom(|packets| forward(load, packets));
        });
    }
}

fn rewrite(criterion: &mut Criterion) {
    let mut load = None;
    criterion.bench_function("rewrite", |bencher| {
        let load = load.get_or_insert_with(|| warm(RECEIVERS));
        load.sink.written = HEADERS;
        bencher.iter_custom(|packets| forward(load, packets));
    });
}

fn estimator(criterion: &mut Criterion) {
    let mut load = None;
    criterion.bench_function("estimator", |bencher| {
        let load = load.get_or_insert_with(|| warm(RECEIVERS));
        bencher.iter_custom(|wanted| {
            let (mut spent, mut taken) = (Duration::ZERO, 0);
            while taken < wanted {
                load.prepare();
                let start = Instant::now();
                taken += load.take_feedback() as u64;
                spent += start.elapsed();
                load.serve();
            }
            share(spent, wanted, taken)
        });
    });
}

fn allocate(criterion: &mut Criterion) {
    let mut load = None;
    let sizes = [(1280, 720), (640, 360)];
    criterion.bench_function("allocate", |bencher| {
        let load = load.get_or_insert_with(|| warm(RECEIVERS));
        bencher.iter_custom(|wanted| {
            let (mut spent, mut decided) = (Duration::ZERO, 0);
            for (width, height) in sizes.into_iter().cycle() {
                load.prepare();
                // Only where nothing else is to be done.
                if load.is_idle() {
                    load.look(width, height);
                    let start = Instant::now();
                    load.serve();
                    spent += start.elapsed();
                    decided += u64::from(RECEIVERS);
                } else {
                    load.serve();
                }
                if decided >= wanted {
                    break;
                }
            }
            share(spent, wanted, decided)
        });
    });
}

fn quick() -> Criterion {
    Criterion::default().sample_size(20).measurement_time(Duration::from_secs(3)).without_plots()
}

criterion_group!(name = benches; config = quick(); targets = route, rewrite, estimator, allocate);
criterion_main!(benches);
