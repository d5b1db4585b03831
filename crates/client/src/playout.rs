//! How long what arrives is held before it is played. Pure; [`peer`](super::peer) tells the browser.
//!
//! A browser plays as soon as it can, and a repair that comes a round trip later than its packet then comes too
//! late. Where many packets are lost, a picture a tenth of a second later is better than one that stands still.

use ::signal::{LinkQuality, ServerMessage};
use core::time::Duration;
use session::Input;

/// From so much loss on, in per mille.
const LOSSY: u16 = 20;
/// And until it has been less for so long.
const LOSSY_FOR: Duration = Duration::from_secs(15);
/// Besides the round trip, for noticing the loss and for the next frame; in milliseconds.
const BESIDES: u32 = 100;
/// Bounds, in milliseconds: a conversation bears no more.
const LEAST: u32 = 120;
const MOST: u32 = 250;

/// See the module.
#[derive(Debug, Default)]
pub struct Playout {
    lossy_until: Option<Duration>,
}

impl Playout {
    /// Takes in how the path to us was over the last second; how long to hold from now on, in milliseconds, or
    /// nothing for the browser's own choice.
    pub fn take(&mut self, downlink: &LinkQuality, now: Duration) -> Option<u32> {
        if downlink.loss >= LOSSY {
            self.lossy_until = Some(now + LOSSY_FOR);
        }
        let lossy = self.lossy_until.is_some_and(|until| now < until);
        let rtt = downlink.rtt.unwrap_or(BESIDES);
        lossy.then(|| rtt.saturating_add(BESIDES).clamp(LEAST, MOST).next_multiple_of(10))
    }
}

/// What the server says of the path from it. What is measured on direct connections is of other paths, and of buffers
/// that are the browser's own to choose.
pub fn from_server(input: &Input) -> Option<LinkQuality> {
    match input {
        Input::Message(ServerMessage::Quality(quality)) => Some(quality.downlink),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::signal::Quality;

    #[test]
    fn only_the_servers_own_path_is_heard_of() {
        let downlink = LinkQuality { loss: 50, ..LinkQuality::default() };
        let quality = Quality { downlink, ..Quality::default() };
        assert_eq!(from_server(&Input::Measured(quality.clone())), None);
        let told = from_server(&Input::Message(ServerMessage::Quality(quality)));
        assert_eq!(told, Some(downlink));
    }

    #[test]
    fn a_lossy_path_is_given_time_and_a_good_one_none() {
        let mut playout = Playout::default();
        let link = |loss, rtt| LinkQuality { loss, rtt: Some(rtt), ..LinkQuality::default() };
        let at = Duration::from_secs;
        assert_eq!(playout.take(&link(5, 60), at(0)), None);
        assert_eq!(playout.take(&link(50, 60), at(1)), Some(160));
        assert_eq!(playout.take(&link(0, 4), at(2)), Some(120));
        assert_eq!(playout.take(&link(0, 900), at(3)), Some(250));
        assert_eq!(playout.take(&link(0, 60), at(16)), None, "as it was");
    }
}
