//! An order in which each is followed by what is most like it.

use std::collections::HashMap;

/// Two are alike in so far as they share runs of so many bytes.
const RUN: usize = 5;

/// What so many have says little of any of them, and would take long to count.
const COMMON: usize = 200;

/// Of two that are as alike, the one of the same type is next: types are written in a section of their own.
const SAME_TYPE: (usize, usize) = (13, 10);

/// The places of all, in a new order: from the first on to what is most like the one before; to the next that is left,
/// where nothing is. Each is a type and a function's code.
pub fn one_after_another(all: &[(u32, &[u8])]) -> Vec<usize> {
    let runs: Vec<Vec<u64>> = all.iter().map(|(_, code)| runs(code)).collect();
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, runs) in runs.iter().enumerate() {
        for run in runs {
            holders.entry(*run).or_default().push(place);
        }
    }
    holders.retain(|_, places| (2..COMMON).contains(&places.len()));
    let mut left = vec![true; all.len()];
    let mut order = Vec::with_capacity(all.len());
    let mut next = None;
    let mut unlike = 0..all.len();
    while let Some(place) = next.or_else(|| unlike.find(|place| left.get(*place) == Some(&true))) {
        if let Some(left) = left.get_mut(place) {
            *left = false;
        }
        order.push(place);
        next = most_alike(place, all, &runs, &holders, &left);
    }
    order
}

fn most_alike(
    place: usize,
    all: &[(u32, &[u8])],
    runs: &[Vec<u64>],
    holders: &HashMap<u64, Vec<usize>>,
    left: &[bool],
) -> Option<usize> {
    let (kind, _) = all.get(place)?;
    let own = runs.get(place)?;
    let mut shared = vec![0_usize; all.len()];
    for other in own.iter().filter_map(|run| holders.get(run)).flatten() {
        if let Some(count) = shared.get_mut(*other) {
            *count += 1;
        }
    }
    let likeness = |(other, shared): (usize, usize)| {
        let both = own.len() + runs.get(other)?.len() - shared;
        let (more, less) = if all.get(other)?.0 == *kind { SAME_TYPE } else { (1, 1) };
        Some((shared * 1_000_000 / both * more / less, other))
    };
    let others = shared.into_iter().enumerate();
    let others = others.filter(|(other, shared)| *shared > 0 && left.get(*other) == Some(&true));
    // Of two alike the first, so that the order is the same whenever it is made.
    others
        .filter_map(likeness)
        .max_by_key(|(likeness, other)| (*likeness, usize::MAX - other))
        .map(|(_, other)| other)
}

/// Each run of [`RUN`] bytes, once.
fn runs(code: &[u8]) -> Vec<u64> {
    let number = |run: &[u8]| run.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let mut runs: Vec<u64> = code.windows(RUN).map(number).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}
