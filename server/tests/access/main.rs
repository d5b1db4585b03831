//! Who may enter, asked of a whole server on real sockets: every way that we know of to get in without being let in,
//! and what those who are let in may not do.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod door;
#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod permitted;
#[cfg(test)]
mod refusals;
