//! Everything a hostile peer can say over the WebSocket, in an offer and over UDP, to a whole server on
//! real sockets. Each is answered with a clear error or dropped and counted, and neighbours in another
//! room do not notice.

#[cfg(test)]
mod floods;
#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod neighbours;
#[cfg(test)]
mod sdp;
#[cfg(test)]
mod signaling;
#[cfg(test)]
mod udp;
