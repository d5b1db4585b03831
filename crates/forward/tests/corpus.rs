//! Replays the fuzzers' corpora: see `fuzz/`.

#[cfg(test)]
#[path = "../../../fuzz/functions/ingest.rs"]
mod ingest;

#[cfg(test)]
mod tests {
    use crate::ingest::{Kind, run};

    fn replay(target: &str, kind: Kind) {
        let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(!files.is_empty());
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            run(&std::fs::read(path).unwrap(), kind);
        }
    }

    #[test]
    fn ingest_rtp() {
        replay("ingest_rtp", Kind::Rtp);
    }

    #[test]
    fn payload() {
        replay("payload", Kind::Payload);
    }

    #[test]
    fn ingest_rtcp() {
        replay("ingest_rtcp", Kind::Rtcp);
    }
}
