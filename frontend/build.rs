//! Makes Rust of the words in `words/`: a name for each, and the table of English, one text with the lengths of its
//! pieces. English is the list of what there is; other languages are fetched by those who speak them, and compared with
//! it by a test in `src/words`.

use std::collections::BTreeMap;
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

#[path = "src/words/keys.rs"]
mod table;

type Words = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=words");
    let path = "words/en.json";
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let english: Words = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    let mut code = String::from("/// What can be said. Its text is in `words/`.\n");
    code += "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n#[allow(missing_docs)]\npub enum Word {\n";
    for key in english.keys() {
        writeln!(code, "    {},", variant(key))?;
    }
    code += "}\n";
    writeln!(code, "const WORDS: usize = {};", english.len())?;
    let keys = english.keys().fold(table::NO_KEYS, |keys, key| table::and_key(keys, key));
    writeln!(code, "/// See `and_key`.\nconst KEYS: u32 = 0x{:04x}_{:04x};", keys >> 16, keys & 0xffff)?;
    let lengths: Vec<usize> = english.values().map(String::len).collect();
    let text: String = english.into_values().collect();
    writeln!(code, "static ENGLISH: Table = Table {{")?;
    writeln!(code, "    text: {text:?},\n    lengths: {lengths:?},\n}};")?;
    let folder = env::var("OUT_DIR")?;
    Ok(fs::write(Path::new(&folder).join("words.rs"), code)?)
}

/// `copy_link` is `CopyLink`.
fn variant(key: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    key.split('_').map(capital).collect()
}
