//! Settings of the relay.

use std::net::SocketAddr;

/// What the operator decides about networks that let nothing through to the media ports.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Hard networks")]
pub struct TurnSettings {
    /// Where people whose network lets nothing through to the UDP ports find a relay (TURN) to them, on UDP and TCP:
    /// 0.0.0.0:3478 is usual. It leads to this server's media and nowhere else, and only people in rooms can use it.
    /// Open the port in the firewall. Unset: there is none
    #[arg(long, env = "MADANG_TURN", value_name = "ADDRESS")]
    pub turn: Option<SocketAddr>,

    /// How many relayed connections there may be in all: each takes a socket. Whoever is one too many has to do without
    #[arg(
        long,
        env = "MADANG_TURN_ALLOCATIONS",
        value_name = "NUMBER",
        default_value = "256",
        value_parser = a_number::<1, 20_000>,
    )]
    pub turn_allocations: usize,

    /// How many of them one person may have. A browser makes two or three for each of its networks, and uses one
    #[arg(
        long,
        env = "MADANG_TURN_PER_PERSON",
        value_name = "NUMBER",
        default_value = "16",
        value_parser = a_number::<1, 256>,
    )]
    pub turn_per_person: usize,

    /// How much may be relayed for one person each way, in kilobits a second. More is dropped, which their bandwidth
    /// estimation takes for what their network bears
    #[arg(
        long,
        env = "MADANG_TURN_BANDWIDTH",
        value_name = "KILOBITS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(100..=1_000_000),
    )]
    pub turn_bandwidth: u32,
}

/// From one number to another.
fn a_number<const LEAST: usize, const MOST: usize>(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    if (LEAST..=MOST).contains(&number) { Ok(number) } else { Err(format!("not from {LEAST} to {MOST}")) }
}
