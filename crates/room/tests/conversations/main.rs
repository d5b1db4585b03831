//! Whole conversations between `session` and `room`, back to back in virtual time: no network, no
//! browser, no media, and every message over the wire format. After each, `World::agree` compares what
//! every person sees with what every other person does, and with what the media plane was told.

#![cfg(test)]

mod acts;
mod browser;
mod churn;
mod data;
mod direct;
mod direct_again;
mod entering;
mod gathering;
mod growing;
mod leaving;
mod limits;
mod measuring;
mod media;
mod moderating;
mod oracle;
mod over_http;
mod permitted;
mod publishing;
mod reconnecting;
mod recording;
mod relaying;
mod relays;
mod restarting;
mod roaming;
mod sharing;
mod speaking;
mod straight;
mod talking;
mod viewing;
mod waiting;
mod world;
