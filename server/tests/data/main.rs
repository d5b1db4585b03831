//! Data channels through the server: bots on real sockets, with SCTP of their own.

#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod pressure;
#[cfg(test)]
mod relaying;
#[cfg(test)]
mod wire;
