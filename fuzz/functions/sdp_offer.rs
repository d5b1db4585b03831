//! Any text is an offer or is refused; every offer read has an answer with as many m-lines, in which no
//! line but those of the answer stands, and that reads as a description again.

use transport::sdp::{
    AnswerContext, Fingerprint, LocalTransport, Offer, SlotIdentity, reduced_offer, write_answer,
};

/// Checks one input.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(offer) = Offer::parse(text) else { return };
    let local = LocalTransport {
        ice_ufrag: "ours".to_owned(),
        ice_pwd: "our-password".to_owned(),
        fingerprint: Fingerprint { hash: "sha-256".to_owned(), digest: "AA:BB".to_owned() },
        setup: "passive".to_owned(),
        candidates: vec![([192, 0, 2, 1], 7882).into()],
        ice_tcp: true,
    };
    let slot = |_: &str| Some(SlotIdentity { ssrc: 1, rtx: Some(2), stream: "seat0".to_owned() });
    let answer = write_answer(
        &offer,
        &AnswerContext { local: &local, session: 1, version: 1, slot: &slot, message: 1000 },
    );
    assert!(answer.ends_with("\r\n"));
    let lines = || answer.split("\r\n").filter(|line| !line.is_empty());
    for line in lines() {
        let known = ["v=0", "o=- ", "s=-", "t=0 0", "m=", "c=IN IP4 ", "a="];
        assert!(known.iter().any(|known| line.starts_with(known)), "smuggled in: {line:?}");
        assert!(!line.contains(['\r', '\n']), "a line in a line: {line:?}");
    }
    let sections = lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(sections, offer.sections.len());
    let reduced = reduced_offer(&offer, offer.data().map(|_| 1000));
    let again = Offer::parse(&reduced).expect("the reduced offer is an offer");
    assert_eq!((&again.ice_ufrag, &again.fingerprint), (&offer.ice_ufrag, &offer.fingerprint));
}
