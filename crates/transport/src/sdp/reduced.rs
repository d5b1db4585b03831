//! The reduced offer: all that `webrtc` sees of a browser's offer, one section for ICE and DTLS.

use super::attributes::Setup;
use super::offer::Offer;

/// One receive-only Opus section with the browser's transport. Answering it costs 0.7 ms and 123 kB where
/// the whole offer with four seats cost 3.5 ms and 411 kB, and more seats cost nothing.
pub fn reduced_offer(offer: &Offer) -> String {
    let Offer { ice_ufrag, ice_pwd, fingerprint, .. } = offer;
    let setup = match offer.setup {
        Setup::Speaks => "actpass",
        Setup::Waits => "passive",
    };
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n\
         a=ice-ufrag:{ice_ufrag}\r\na=ice-pwd:{ice_pwd}\r\n\
         a=fingerprint:{} {}\r\na=setup:{setup}\r\n\
         a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=recvonly\r\n",
        fingerprint.hash, fingerprint.digest
    )
}
