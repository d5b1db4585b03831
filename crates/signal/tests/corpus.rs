//! Replays the fuzzer's corpus: see `fuzz/`.

#[cfg(test)]
#[path = "../../../fuzz/functions/decode_client.rs"]
mod decode_client;

#[cfg(test)]
mod tests {
    #[test]
    fn decode_client() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/decode_client");
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(!files.is_empty());
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            crate::decode_client::run(&std::fs::read(path).unwrap());
        }
    }
}
