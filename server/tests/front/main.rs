//! The front door of a whole server, on real sockets: HTTPS, who is let wait and for how long, pages of other sites, and
//! how much of one address is too much.

#[cfg(test)]
mod acme;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod hostile;
#[cfg(test)]
#[path = "../house/mod.rs"]
#[allow(dead_code, reason = "other tests of the server use the rest")]
mod house;
#[cfg(test)]
mod https;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod names;
#[cfg(test)]
mod origins;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod wire;
