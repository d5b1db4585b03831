//! What the server tells of itself: figures and webhooks.

#[cfg(test)]
#[path = "../house/mod.rs"]
mod house;

#[cfg(test)]
mod metrics;
#[cfg(test)]
mod webhooks;
