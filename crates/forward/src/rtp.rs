//! RTP on the wire (RFC 3550 §5): reading what comes in, writing the fixed header that goes out.

pub(crate) mod extension;
pub(crate) mod header;
pub(crate) mod level;
