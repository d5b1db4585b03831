//! Whole conversations between `session` and `room`, back to back in virtual time: no network, no
//! browser, no media, and every message over the wire format. After each, [`World::agree`] compares what
//! every person sees with what every other person does, and with what the media plane was told.
//!
//! [`World::agree`]: world::World::agree

#[cfg(test)]
mod browser;
#[cfg(test)]
mod churn;
#[cfg(test)]
mod entering;
#[cfg(test)]
mod growing;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod media;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod reconnecting;
#[cfg(test)]
mod restarting;
#[cfg(test)]
mod world;
