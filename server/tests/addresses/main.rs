//! Which addresses browsers are told, and that media comes over those of this machine.

#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;
#[cfg(test)]
mod told;
