//! Ingress: from a decrypted packet to an entry in a stream's history, and everything kept about a
//! publisher's side on the way.

pub(crate) mod allowance;
pub(crate) mod arrivals;
pub(crate) mod demux;
pub(crate) mod meter;
pub(crate) mod missing;
pub(crate) mod publication;
pub(crate) mod reception;
pub(crate) mod sequence;
pub(crate) mod stream;
