//! What the operator allows of everything there is. Rooms and participants past it are refused in words.

use crate::Now;
use core::time::Duration;
use signal::limits as default;

/// How often something may happen: once in every `each`, sustained, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two, sustained.
    pub each: Now,
    /// So many at once. Zero lets nothing through.
    pub burst: u32,
}

impl Pace {
    /// So many a second, sustained. None at all if that is zero.
    pub fn per_second(number: u32, burst: u32) -> Self {
        Self::per(Duration::from_secs(1), number, burst)
    }

    /// So many in this time, sustained. None at all if that is zero.
    pub fn per(time: Duration, number: u32, burst: u32) -> Self {
        Self { each: time.checked_div(number).unwrap_or(Duration::MAX), burst }
    }
}

/// What the operator allows, besides who a room holds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rooms at the same time; the next one is refused with `too_many_rooms`.
    pub rooms: u32,
    /// Participants of all rooms together, those on the way in counted; the next one is refused with `server_full`.
    pub participants: u32,
    /// Publications of one participant. Past it: `too_many_publications`.
    pub publications: usize,
    /// Bytes of a client's message. Kept by whoever reads the sockets: `message_too_large`.
    pub message_size: usize,
    /// Messages of one socket. Past it: `too_many_messages`, and the socket is closed.
    pub messages: Pace,
    /// Characters of a chat message, [`MAX_CHAT`](signal::limits::MAX_CHAT) at most. Past it: `bad_chat`.
    pub chat_length: usize,
    /// Chat messages of one participant. Past it: `too_much_chat`.
    pub chat: Pace,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rooms: default::DEFAULT_MAX_ROOMS,
            participants: default::DEFAULT_MAX_PARTICIPANTS_TOTAL,
            publications: default::MAX_PUBLICATIONS,
            message_size: default::MAX_CLIENT_MESSAGE,
            messages: Pace::per_second(default::MAX_MESSAGE_RATE, default::MAX_MESSAGE_BURST),
            chat_length: default::MAX_CHAT,
            chat: Pace::per_second(default::MAX_CHAT_RATE, default::MAX_CHAT_BURST),
        }
    }
}
