//! Settings: how much there may be of everything. What is past a limit is refused in words, and counted.

use clap::Args;
use room::Pace;
use signal::limits as default;
use std::time::Duration;
use transport::Bitrate;

/// Chat messages a minute that the rest of the house takes for the usual, one a second.
const CHAT_RATE: u32 = 60 * default::MAX_CHAT_RATE;

/// Bytes of the smallest limit on messages: an offer with four seats is 17 kB.
const LEAST_MESSAGE: usize = 32 * 1024;
/// And of the largest: all of it is read before it is looked at.
const LARGEST_MESSAGE: usize = 16 << 20;

/// See the module. How many a room holds stands with the rooms.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// How many people all rooms hold together; the next one is told that the server is full
    #[arg(
        long,
        env = "MADANG_MAX_PARTICIPANTS_TOTAL",
        value_name = "NUMBER",
        default_value_t = default::DEFAULT_MAX_PARTICIPANTS_TOTAL,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub max_participants_total: u32,

    /// How many rooms there are at the same time; who would open another is told so
    #[arg(
        long,
        env = "MADANG_MAX_ROOMS",
        value_name = "NUMBER",
        default_value_t = default::DEFAULT_MAX_ROOMS,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
    )]
    pub max_rooms: u32,

    /// How many tracks one person publishes: a camera, a microphone, a screen and its sound are four
    #[arg(
        long,
        env = "MADANG_MAX_PUBLICATIONS",
        value_name = "NUMBER",
        default_value_t = default::MAX_PUBLICATIONS,
        value_parser = number::<1, 8>,
    )]
    pub max_publications: usize,

    /// Thousands of bits per second that one track may bring, all its sizes together. It may run ahead by two seconds;
    /// past that packets are dropped, and the browser is told to send less
    #[arg(
        long,
        env = "MADANG_MAX_BITRATE",
        value_name = "KBIT/S",
        default_value_t = default::DEFAULT_MAX_BITRATE,
        value_parser = clap::value_parser!(u32).range(100..=1_000_000),
    )]
    pub max_bitrate: u32,

    /// Bytes of one message that a page sends, unpacked. Pages offer 230 kB at most; who sends more is sent away
    #[arg(
        long,
        env = "MADANG_MAX_MESSAGE_SIZE",
        value_name = "BYTES",
        default_value_t = default::MAX_CLIENT_MESSAGE,
        value_parser = number::<LEAST_MESSAGE, LARGEST_MESSAGE>,
    )]
    pub max_message_size: usize,

    /// Messages a second that one page sends; it may send four seconds' worth at once. Who sends more is sent away, and
    /// may come back
    #[arg(
        long,
        env = "MADANG_MAX_MESSAGE_RATE",
        value_name = "NUMBER",
        default_value_t = default::MAX_MESSAGE_RATE,
        value_parser = clap::value_parser!(u32).range(10..=10_000),
    )]
    pub max_message_rate: u32,

    /// Characters of a chat message
    #[arg(
        long,
        env = "MADANG_MAX_CHAT_LENGTH",
        value_name = "NUMBER",
        default_value_t = default::MAX_CHAT,
        value_parser = number::<1, { default::MAX_CHAT }>,
    )]
    pub max_chat_length: usize,

    /// Chat messages a minute of one person, who may write ten at once
    #[arg(
        long,
        env = "MADANG_MAX_CHAT_RATE",
        value_name = "NUMBER",
        default_value_t = CHAT_RATE,
        value_parser = clap::value_parser!(u32).range(1..=600),
    )]
    pub max_chat_rate: u32,
}

/// How much longer than a second a burst of messages is.
const BURST: u32 = default::MAX_MESSAGE_BURST / default::MAX_MESSAGE_RATE;

impl LimitSettings {
    /// As the rooms take them.
    pub(crate) fn of_rooms(&self) -> room::Limits {
        let rate = self.max_message_rate;
        room::Limits {
            rooms: self.max_rooms,
            participants: self.max_participants_total,
            publications: self.max_publications,
            message_size: self.max_message_size,
            messages: Pace::per_second(rate, rate.saturating_mul(BURST)),
            chat_length: self.max_chat_length,
            chat: Pace::per(Duration::from_mins(1), self.max_chat_rate, default::MAX_CHAT_BURST),
        }
    }

    /// As the media plane does.
    pub(crate) fn of_publications(&self) -> Bitrate {
        Bitrate::kbit(self.max_bitrate.into())
    }
}

/// Clap has ranges for numbers of a fixed width only.
fn number<const LEAST: usize, const MOST: usize>(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    if (LEAST..=MOST).contains(&number) { Ok(number) } else { Err(format!("not from {LEAST} to {MOST}")) }
}

#[cfg(test)]
mod tests {
    use crate::Config;
    use clap::Parser;

    #[test]
    fn what_nobody_sets_is_as_the_protocol_says() {
        let limits = Config::parse_from(["madang"]).limits;
        let (set, usual) = (limits.of_rooms(), room::Limits::default());
        assert_eq!((set.messages, set.chat), (usual.messages, usual.chat));
        assert_eq!((set.rooms, set.participants), (usual.rooms, usual.participants));
        assert_eq!((set.message_size, set.chat_length), (usual.message_size, usual.chat_length));
        assert_eq!(limits.of_publications().0, 12_000_000);
    }

    #[test]
    fn no_limit_shuts_everybody_out() {
        for flag in [
            "--max-rooms",
            "--max-participants-total",
            "--max-publications",
            "--max-bitrate",
            "--max-message-size",
            "--max-message-rate",
            "--max-chat-length",
            "--max-chat-rate",
        ] {
            for wrong in ["0", "-1", "many", "99999999999999999999"] {
                assert!(Config::try_parse_from(["madang", flag, wrong]).is_err(), "{flag} {wrong}");
            }
        }
    }
}
