//! Reactions that rise over the stage, and how often they are told to a screen reader. Pure; times are the page's, in
//! milliseconds.

use ::signal::{ParticipantId, Reaction};

/// How long one is seen, in milliseconds; the stylesheet's `rise` lasts as long.
pub const STAYS: u32 = 3_000;
/// So many at once; the oldest goes for a new one.
pub const MOST: usize = 24;

/// Those there are, in the order of their keys, 1 to 6.
pub const ALL: [Reaction; 6] = [
    Reaction::ThumbsUp,
    Reaction::Heart,
    Reaction::Laugh,
    Reaction::Surprise,
    Reaction::Clap,
    Reaction::Celebrate,
];

/// How it looks; nothing for one that only a newer page knows.
pub fn emoji(reaction: Reaction) -> Option<&'static str> {
    match reaction {
        Reaction::ThumbsUp => Some("👍"),
        Reaction::Heart => Some("❤️"),
        Reaction::Laugh => Some("😂"),
        Reaction::Surprise => Some("😮"),
        Reaction::Clap => Some("👏"),
        Reaction::Celebrate => Some("🎉"),
        Reaction::Unknown => None,
    }
}

/// One that rises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Float {
    /// Names it among all there were.
    pub key: u64,
    /// Whose.
    pub whose: ParticipantId,
    /// What.
    pub emoji: &'static str,
}

/// Those that rise now, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floats {
    list: Vec<Float>,
    told: u64,
}

impl Floats {
    /// The oldest first.
    pub fn list(&self) -> &[Float] {
        &self.list
    }

    /// Lets one rise.
    pub fn push(&mut self, whose: ParticipantId, emoji: &'static str) {
        self.told += 1;
        self.list.push(Float { key: self.told, whose, emoji });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
    }

    /// It has risen.
    pub fn remove(&mut self, key: u64) {
        self.list.retain(|float| float.key != key);
    }
}

/// Lets something through, and nothing for a while after.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Throttle {
    until: f64,
}

impl Throttle {
    /// Whether it may be now; then not again for `pause` milliseconds.
    pub fn allows(&mut self, now: f64, pause: f64) -> bool {
        let allowed = now >= self.until;
        if allowed {
            self.until = now + pause;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut floats = Floats::default();
        for _ in 0..MOST + 2 {
            floats.push(ParticipantId(1), "x");
        }
        assert_eq!((floats.list().len(), floats.list()[0].key), (MOST, 3));
        floats.remove(4);
        assert_eq!((floats.list().len(), floats.list()[1].key), (MOST - 1, 5));
    }

    #[test]
    fn every_reaction_looks_otherwise() {
        let looks: std::collections::BTreeSet<_> = ALL.into_iter().filter_map(emoji).collect();
        assert_eq!(looks.len(), ALL.len());
        assert_eq!(emoji(Reaction::Unknown), None);
    }

    #[test]
    fn what_comes_too_soon_is_held_back() {
        let mut throttle = Throttle::default();
        let allowed = [0.0, 999.0, 1_000.0, 1_001.0, 5_000.0].map(|now| throttle.allows(now, 1_000.0));
        assert_eq!(allowed, [true, false, true, false, true]);
    }
}
