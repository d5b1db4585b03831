//! Media over TCP (ICE-TCP, RFC 6544): a whole server, bots that come by streams, and streams of strangers.

#[cfg(test)]
mod hostile;
#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;
#[cfg(test)]
mod media;
