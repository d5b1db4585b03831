//! What a link is like. Plain data, so that a scenario can be written as a table; what each knob does is
//! in the files under `link/`.

use crate::rate::Rate;
use crate::share::PerMille;
use std::time::Duration;

/// What a one-way link is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkConfig {
    /// How fast packets leave the queue; at once when not given.
    pub rate: Option<Rate>,
    /// How much may wait for the rate.
    pub queue: Queue,
    /// From leaving the queue to arriving, the same for every packet.
    pub delay: Duration,
    /// What comes on top of the delay.
    pub jitter: Jitter,
    /// What never arrives.
    pub loss: Loss,
    /// What arrives after later packets.
    pub reorder: Reorder,
    /// Of the packets not lost, how many arrive twice, the second right after the first.
    pub duplicate: PerMille,
}

impl LinkConfig {
    /// Everything arrives at once.
    pub const PERFECT: LinkConfig = LinkConfig {
        rate: None,
        queue: Queue::Delay(Duration::from_millis(300)),
        delay: Duration::ZERO,
        jitter: Jitter::None,
        loss: Loss::None,
        reorder: Reorder::NONE,
        duplicate: PerMille::NONE,
    };
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self::PERFECT
    }
}

/// How much may wait for the rate. What comes on top of it is dropped (drop-tail, RFC 7567 §2.1); an empty
/// queue takes any packet. A smaller queue set later drops nothing that waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// A packet is dropped when it and what waits, the packet being sent included, are more than so many
    /// bytes with their [overhead](crate::PACKET_OVERHEAD).
    Bytes(u64),
    /// A packet is dropped when it would wait longer than this before its first bit is sent. At a rate of
    /// zero, everything but one packet is.
    Delay(Duration),
}

/// Extra delay. It keeps the order: a packet is never due before the one ahead of it, unless that was
/// [held back](Reorder).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// None.
    None,
    /// Each packet's own, between zero and this, all equally likely. As the order is kept, packets closer
    /// together than this mostly see the upper part of it, and a smoother delay than the name suggests.
    Uniform(Duration),
    /// One for all packets that leave the queue within `every`, then another: the line pauses and then
    /// delivers at once what it held, as Wi-Fi and mobile networks do.
    Steps {
        /// Between zero and this, all equally likely.
        at_most: Duration,
        /// How long one extra delay holds.
        every: Duration,
    },
}

/// Packets that never arrive. They have used their share of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// None.
    None,
    /// Each packet by itself.
    Random(PerMille),
    /// Several in a row: Gilbert's two states (E. N. Gilbert, "Capacity of a burst-noise channel", 1960),
    /// in one of which all is lost and in the other nothing.
    Burst {
        /// Of all packets. With more than `mean_len` / (`mean_len` + 1) of them, the gaps between bursts
        /// cannot get shorter than one packet, and less is lost than asked for; only
        /// [`PerMille::ALL`] loses all.
        share: PerMille,
        /// How many packets in a row are lost, on average; zero counts as one.
        mean_len: u32,
    },
}

/// Packets that arrive late and so out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reorder {
    /// Of the packets not lost, how many are held back.
    pub share: PerMille,
    /// For how long. What leaves the queue within this time overtakes.
    pub by: Duration,
}

impl Reorder {
    /// All in order.
    pub const NONE: Reorder = Reorder { share: PerMille::NONE, by: Duration::ZERO };
}
