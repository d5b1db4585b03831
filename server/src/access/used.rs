//! Invitations that are good for one entry, and were used. Each is remembered until it has expired and would be refused
//! for that. [`kept`](super::kept) has them outlive the server: those who were inside when it stopped come back by the
//! same invitations, so each is good once more for a while after the start.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Who shows an invitation. Somebody whose offer was refused may try again on the same socket; nobody else may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visitor(pub(crate) u128);

/// Used invitations that are remembered. Past it no further one is let in: forgetting one would let it in twice.
/// Only whoever can sign invitations can fill it.
pub(crate) const MAX_USED: usize = 65_536;

/// For so long after the server's start whoever was inside before may come back. Pages do so within seconds.
pub(crate) const RETURN: Duration = Duration::from_mins(2);

/// By whom an invitation was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// Since the server's start.
    Now(Visitor),
    /// Before. Whoever shows it first until then takes it up.
    Before { until: Duration },
}

/// An invitation that was used before the server's start.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsedBefore {
    id: String,
    /// Seconds since the epoch.
    end: u64,
}

/// See the module. Times count from the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Used {
    by_id: BTreeMap<String, (Duration, Holder)>,
    by_end: BTreeSet<(Duration, String)>,
    /// Something was used since it was last asked.
    is_news: bool,
}

impl Used {
    /// Uses an invitation up, which is forgotten from `end` on; false if somebody else has used it.
    pub(crate) fn take(&mut self, id: &str, end: Duration, visitor: Visitor, now: Duration) -> bool {
        self.forget(now);
        if let Some((_, holder)) = self.by_id.get_mut(id) {
            return match holder {
                Holder::Now(known) => *known == visitor,
                Holder::Before { until } if now < *until => {
                    *holder = Holder::Now(visitor);
                    true
                }
                Holder::Before { .. } => false,
            };
        }
        if self.by_id.len() >= MAX_USED {
            return false;
        }
        self.by_id.insert(id.to_owned(), (end, Holder::Now(visitor)));
        self.by_end.insert((end, id.to_owned()));
        self.is_news = true;
        true
    }

    /// Whether another was used since this was asked last.
    pub(crate) fn news(&mut self) -> bool {
        std::mem::take(&mut self.is_news)
    }

    /// What is kept of it on disk: ids, and when each ends.
    pub(crate) fn to_keep(&self) -> Vec<UsedBefore> {
        self.by_end.iter().map(|(end, id)| UsedBefore { id: id.clone(), end: end.as_secs() }).collect()
    }

    /// What was kept by the server before.
    pub(crate) fn from_kept(kept: Vec<UsedBefore>, now: Duration) -> Self {
        let until = now.saturating_add(RETURN);
        let mut used = Self::default();
        for UsedBefore { id, end } in kept.into_iter().take(MAX_USED) {
            let end = Duration::from_secs(end);
            used.by_end.insert((end, id.clone()));
            used.by_id.insert(id, (end, Holder::Before { until }));
        }
        used
    }

    fn forget(&mut self, now: Duration) {
        while let Some((end, _)) = self.by_end.first() {
            if *end > now {
                return;
            }
            if let Some((_, id)) = self.by_end.pop_first() {
                self.by_id.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_visitor_may_try_again_and_another_may_not() {
        let mut used = Used::default();
        let take =
            |used: &mut Used, visitor, now| used.take("a", SECOND * 10, Visitor(visitor), SECOND * now);
        assert!(take(&mut used, 1, 1));
        assert!(take(&mut used, 1, 2));
        assert!(!take(&mut used, 2, 9));
        // It has expired by now, and is refused elsewhere.
        assert!(take(&mut used, 2, 10));
    }

    #[test]
    fn when_it_is_full_nobody_enters_twice() {
        let mut used = Used::default();
        for k in 0..MAX_USED {
            assert!(used.take(&k.to_string(), SECOND * 10, Visitor(1), SECOND));
        }
        assert!(!used.take("more", SECOND * 10, Visitor(1), SECOND));
        assert!(!used.take("7", SECOND * 10, Visitor(2), SECOND));
        assert!(used.take("more", SECOND * 20, Visitor(1), SECOND * 10));
        assert_eq!((used.by_id.len(), used.by_end.len()), (1, 1));
    }

    #[test]
    fn after_a_restart_each_is_good_once_more_for_a_while() {
        let mut used = Used::default();
        for id in ["a", "b", "c"] {
            assert!(used.take(id, SECOND * 3600, Visitor(1), SECOND) && used.news());
        }
        assert!(used.take("a", SECOND * 3600, Visitor(1), SECOND) && !used.news());
        let start = SECOND * 100;
        let mut used = Used::from_kept(used.to_keep(), start);
        assert!(used.take("a", SECOND * 3600, Visitor(7), start));
        assert!(!used.take("a", SECOND * 3600, Visitor(8), start));
        assert!(used.take("b", SECOND * 3600, Visitor(8), start + SECOND * 119));
        assert!(!used.take("c", SECOND * 3600, Visitor(9), start + RETURN));
        // It is forgotten when it would be refused for its end.
        assert!(used.take("d", SECOND * 7200, Visitor(9), SECOND * 3600));
        assert_eq!(used.to_keep().len(), 1);
    }

    proptest! {
        /// Against the plainest memory there is.
        #[test]
        fn nobody_enters_by_an_invitation_that_another_used(
            steps in prop::collection::vec((0..4u8, 0..3u128, 0..3u64), 1..200)
        ) {
            let (mut used, mut first, mut now) = (Used::default(), BTreeMap::new(), SECOND);
            for (id, visitor, pass) in steps {
                now += SECOND * u32::try_from(pass).unwrap();
                // Each id ends when it ends, whoever shows it.
                let end = SECOND * (u32::from(id) + 1) * 40;
                if end <= now {
                    continue;
                }
                let owner = *first.entry(id).or_insert(visitor);
                prop_assert_eq!(used.take(&id.to_string(), end, Visitor(visitor), now), owner == visitor);
            }
        }
    }
}
