//! Session descriptions: the browser's offer read into what the media plane needs, and the answer written.
//!
//! The browser always offers and the server always answers (RFC 9429). `webrtc` sees only a reduced
//! offer, one section for ICE and DTLS and one for data channels; the media sections are answered here, so that adding slots never
//! touches its PeerConnection. Clients over HTTP also send fragments, to restart ICE.

mod answer;
mod attributes;
mod codec;
mod fragment;
mod offer;
mod reduced;

#[cfg(test)]
mod layers_tests;
#[cfg(test)]
mod streaming_tests;
#[cfg(test)]
mod tests;

pub(crate) use answer::is_accepted;
pub use answer::{AnswerContext, LocalTransport, SlotIdentity, write_answer};
pub use attributes::Setup;
pub(crate) use codec::codec_maps;
pub use fragment::{Fragment, FragmentError, fragment_of};
pub use offer::{
    Direction, ExtMap, Fingerprint, Offer, OfferError, PayloadFormat, Section, SectionKind, Sending,
};
pub use reduced::reduced_offer;
