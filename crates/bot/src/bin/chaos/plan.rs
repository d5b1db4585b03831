//! What happens next, by the dice.

use bot::Dice;
use std::time::Duration;

/// Something that somebody does. Rooms and people are named by any number: who is meant is that many, counted around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Comes to a room that is there, watches, and leaves.
    Visit { room: u64, stays: Duration },
    /// The same without a goodbye.
    Vanish { room: u64, stays: Duration },
    /// Three open a room of their own, send and receive, renegotiate, move, and end in different ways.
    Stage { number: u64, stays: Duration },
    /// Somebody who stays loses the socket, and comes back.
    Cut { room: u64, who: u64, away: Duration },
    /// Somebody who stays goes on from another port.
    Move { room: u64, who: u64 },
    /// Says far too much.
    Flood { room: u64 },
    /// Reads nothing of what is said, and a lot is.
    Deaf { number: u64 },
    /// Opens a socket and says nothing.
    Silent { stays: Duration },
    /// Says what is no message.
    Nonsense,
    /// Sends what is no media, and media that is none of its own.
    BadPackets { room: u64 },
    /// Streams by WHIP, and ends it or not.
    Stream { number: u64, stays: Duration, ends: bool },
}

impl Act {
    /// The next one, among so many rooms.
    pub(crate) fn roll(dice: &mut Dice, rooms: u64) -> Self {
        let (room, who, number) = (dice.below(rooms), dice.below(1000), dice.below(1_000_000));
        let stays = Duration::from_millis(500 + dice.below(6000));
        match dice.below(100) {
            0..20 => Self::Visit { room, stays },
            20..42 => Self::Vanish { room, stays },
            42..55 => Self::Stage { number, stays },
            55..67 => Self::Cut { room, who, away: stays / 2 },
            67..70 => Self::Move { room, who },
            70..77 => Self::Flood { room },
            77..81 => Self::Deaf { number },
            81..87 => Self::Silent { stays },
            87..91 => Self::Nonsense,
            91..95 => Self::BadPackets { room },
            _ => Self::Stream { number, stays, ends: number.is_multiple_of(2) },
        }
    }

    /// What it is called in a report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Visit { .. } => "visits",
            Self::Vanish { .. } => "vanished",
            Self::Stage { .. } => "rooms opened",
            Self::Cut { .. } => "sockets cut",
            Self::Move { .. } => "addresses changed",
            Self::Flood { .. } => "floods",
            Self::Deaf { .. } => "sockets not read",
            Self::Silent { .. } => "sockets silent",
            Self::Nonsense => "nonsense",
            Self::BadPackets { .. } => "bad packets",
            Self::Stream { .. } => "streams",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_makes_the_same_plan_and_every_act_is_in_it() {
        let plan = |seed| {
            let mut dice = Dice::new(seed);
            (0..1000).map(|_| Act::roll(&mut dice, 7)).collect::<Vec<_>>()
        };
        assert_eq!(plan(5), plan(5));
        assert_ne!(plan(5), plan(6));
        assert_eq!(plan(5).into_iter().map(Act::name).collect::<BTreeSet<_>>().len(), 11);
    }
}
