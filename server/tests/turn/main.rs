//! The TURN relay on real sockets, spoken to by somebody else's client.

#[cfg(test)]
mod caller;
#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod relaying;
