//! Which stream an ingress SSRC belongs to (RFC 9143 §9.2).
//!
//! Owns a peer's SSRC table. SSRCs declared in SDP are in it from the start; others come in by the MID
//! extension of their packets, and leave when room is needed.

use crate::ids::{Ssrc, StreamKey};
use crate::limits::SSRCS_PER_PEER;

/// What an SSRC carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Media(StreamKey),
    /// Retransmissions (RFC 4588) of that stream.
    Rtx(StreamKey),
}

impl Binding {
    pub fn stream(self) -> StreamKey {
        match self {
            Binding::Media(stream) | Binding::Rtx(stream) => stream,
        }
    }
}

/// Searched linearly: a handful of entries, compared as integers.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    bindings: Vec<(Ssrc, Binding)>,
}

impl Demux {
    pub fn find(&self, ssrc: Ssrc) -> Option<Binding> {
        self.bindings.iter().find(|(bound, _)| *bound == ssrc).map(|(_, binding)| *binding)
    }

    /// Binds an SSRC, replacing what it was bound to. The caller has made room.
    pub fn bind(&mut self, ssrc: Ssrc, binding: Binding) {
        match self.bindings.iter_mut().find(|(bound, _)| *bound == ssrc) {
            Some((_, old)) => *old = binding,
            None => self.bindings.push((ssrc, binding)),
        }
    }

    /// Forgets a stream's SSRC and that of its retransmissions.
    pub fn unbind(&mut self, stream: StreamKey) {
        self.bindings.retain(|(_, binding)| binding.stream() != stream);
    }

    /// The media SSRCs, for reports and timers.
    pub fn streams(&self) -> impl Iterator<Item = StreamKey> {
        self.bindings.iter().filter_map(|(_, binding)| match binding {
            Binding::Media(stream) => Some(*stream),
            Binding::Rtx(_) => None,
        })
    }

    pub fn has_rtx(&self, stream: StreamKey) -> bool {
        self.bindings.iter().any(|(_, binding)| *binding == Binding::Rtx(stream))
    }

    pub fn is_full(&self) -> bool {
        self.bindings.len() >= SSRCS_PER_PEER
    }
}
