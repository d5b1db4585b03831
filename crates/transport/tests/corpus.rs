//! Replays the fuzzers' corpora: see `fuzz/`.

#[cfg(test)]
#[path = "../../../fuzz/functions/sdp_fragment.rs"]
mod sdp_fragment;
#[cfg(test)]
#[path = "../../../fuzz/functions/sdp_offer.rs"]
mod sdp_offer;
#[cfg(test)]
#[path = "../../../fuzz/functions/srtp_open.rs"]
mod srtp_open;
#[cfg(test)]
#[path = "../../../fuzz/functions/stun.rs"]
mod stun;

#[cfg(test)]
mod tests {
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(!files.is_empty());
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            run(&std::fs::read(path).unwrap());
        }
    }

    #[test]
    fn sdp_offer() {
        replay("sdp_offer", crate::sdp_offer::run);
    }

    #[test]
    fn sdp_fragment() {
        replay("sdp_fragment", crate::sdp_fragment::run);
    }

    #[test]
    fn stun() {
        replay("stun", crate::stun::run);
    }

    #[test]
    fn srtp_open() {
        replay("srtp_open", crate::srtp_open::run);
    }
}
