//! Makes Rust of the words in `words/`: a name for each, and a table for each language, one text with the lengths of its
//! pieces. English is the list of what there is; what another language lacks is English in it, and fails a test in
//! `src/words`.

use std::collections::BTreeMap;
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

const LANGUAGES: [(&str, &str); 2] = [("en", "ENGLISH"), ("ko", "KOREAN")];

type Words = BTreeMap<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=words");
    let english = read("en")?;
    let mut code = String::from("/// What can be said. Its text is in `words/`.\n");
    code += "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n#[allow(missing_docs)]\npub enum Word {\n";
    for key in english.keys() {
        writeln!(code, "    {},", variant(key))?;
    }
    code += "}\n";
    writeln!(code, "const WORDS: usize = {};", english.len())?;
    for (language, name) in LANGUAGES {
        let words = read(language)?;
        let said: Vec<&str> =
            english.iter().map(|(key, text)| words.get(key).unwrap_or(text).as_str()).collect();
        let lengths: Vec<usize> = said.iter().map(|text| text.len()).collect();
        writeln!(code, "static {name}: Table = Table {{")?;
        writeln!(code, "    text: {:?},\n    lengths: {lengths:?},\n}};", said.concat())?;
    }
    let folder = env::var("OUT_DIR")?;
    Ok(fs::write(Path::new(&folder).join("words.rs"), code)?)
}

fn read(language: &str) -> Result<Words, Box<dyn Error>> {
    let path = format!("words/{language}.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?)
}

/// `copy_link` is `CopyLink`.
fn variant(key: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    key.split('_').map(capital).collect()
}
