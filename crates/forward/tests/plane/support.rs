//! A room in virtual time: publishers, the plane, receivers, and lossy links between.

pub mod link;
pub mod oracle;
pub mod publisher;
pub mod receiver;
pub mod room;
pub mod wire;
