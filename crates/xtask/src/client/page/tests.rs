//! The page made from small pages, in a folder of its own under the system's temporary folder.

use super::*;
use std::{env, path::PathBuf, process};

const RUST: &str = r#"<link data-trunk rel="rust" href="Cargo.toml" data-wasm-opt="0">"#;

/// A frontend folder that is gone when the test ends.
struct Frontend(PathBuf);

impl Frontend {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let root = env::temp_dir().join(format!("madang-page-{}-{test}", process::id()));
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(root)
    }
}

impl Drop for Frontend {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn bound() -> Bound {
    let snippets = vec![Asset { name: "snippets/x/inline0.js".into(), bytes: b"0".to_vec() }];
    Bound { js: b"js".to_vec(), wasm: b"wasm".to_vec(), snippets }
}

fn names(assets: &[Asset]) -> Vec<&str> {
    assets.iter().map(|asset| asset.name.as_str()).collect()
}

fn is_hashed(asset: &Asset, before: &str, after: &str) -> bool {
    let hash = asset.name.strip_prefix(before).and_then(|name| name.strip_suffix(after));
    hash.is_some_and(|hash| hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()))
}

fn page(assets: &[Asset]) -> &str {
    std::str::from_utf8(&assets.last().unwrap().bytes).unwrap()
}

#[test]
fn the_program_is_started_by_a_script_of_its_own() {
    let assets = compose(&format!("<head>{RUST}</head>"), Path::new("nowhere"), bound()).unwrap();
    let [js, wasm, start, snippet, index] = assets.as_slice() else { panic!("{:?}", names(&assets)) };
    assert!(is_hashed(js, "frontend-", ".js"));
    assert!(is_hashed(wasm, "frontend-", ".wasm"));
    let script = String::from_utf8(start.bytes.clone()).unwrap();
    assert!(script.contains(&format!("'/{}'", js.name)) && script.contains(&format!("'/{}'", wasm.name)));
    assert_eq!(snippet.name, "snippets/x/inline0.js");
    assert_eq!(index.name, "index.html");
    assert!(page(&assets).contains(&format!("<script type=\"module\" src=\"/{}\"></script>", start.name)));
    assert!(!page(&assets).contains("data-trunk"));
}

#[test]
fn style_and_icon_get_hashed_names() {
    let frontend = Frontend::new("style", &[("style.css", "a{}"), ("assets/favicon.svg", "<svg/>")]);
    let html = format!(
        "{RUST}\n<link data-trunk rel=\"css\" href=\"style.css\"/>\n<link data-trunk\n  rel=\"icon\" href=\"assets/favicon.svg\">"
    );
    let assets = compose(&html, &frontend.0, bound()).unwrap();
    let style = assets.iter().find(|asset| asset.name.starts_with("style-")).unwrap();
    let icon = assets.iter().find(|asset| asset.name.starts_with("favicon-")).unwrap();
    assert!(is_hashed(style, "style-", ".css") && is_hashed(icon, "favicon-", ".svg"));
    assert!(page(&assets).contains(&format!("<link rel=\"stylesheet\" href=\"/{}\">", style.name)));
    assert!(page(&assets).contains(&format!("<link rel=\"icon\" href=\"/{}\">", icon.name)));
}

#[test]
fn copies_keep_their_names() {
    let frontend =
        Frontend::new("copies", &[("assets/b/c.txt", "c"), ("assets/a.txt", "a"), ("robots.txt", "r")]);
    let html = format!(
        "{RUST}<link data-trunk rel=\"copy-dir\" href=\"assets\"><link data-trunk rel=\"copy-file\" href=\"robots.txt\">"
    );
    let assets = compose(&html, &frontend.0, bound()).unwrap();
    for name in ["assets/a.txt", "assets/b/c.txt", "robots.txt"] {
        assert!(names(&assets).contains(&name), "{name} in {:?}", names(&assets));
    }
}

#[test]
fn links_that_are_not_trunks_stay() {
    let html = format!("<link rel=\"manifest\" href=\"/m\">{RUST}<link rel=\"help\" href=\"/h\">");
    let assets = compose(&html, Path::new("nowhere"), bound()).unwrap();
    assert!(page(&assets).starts_with("<link rel=\"manifest\" href=\"/m\">"));
    assert!(page(&assets).ends_with("<link rel=\"help\" href=\"/h\">"));
}

#[test]
fn a_name_follows_from_the_content_alone() {
    let name = |bytes: &[u8]| hashed("style", "css", bytes.to_vec()).name;
    assert_eq!(name(b"a"), name(b"a"));
    assert_ne!(name(b"a"), name(b"b"));
}

#[test]
fn a_page_that_could_not_work_is_refused() {
    let table = [
        ("<head></head>".to_owned(), "would never start"),
        (format!("{RUST}{RUST}"), "two data-trunk links"),
        (format!("{RUST}<link data-trunk rel=\"sass\" href=\"a\">"), "does not know"),
        (format!("{RUST}<link data-trunk rel=\"css\">"), "no `href`"),
        (format!("{RUST}<link data-trunk rel=\"css\" href=\"gone.css\">"), "cannot be read"),
        ("<link data-trunk rel=css>".to_owned(), "double quotes"),
        ("<link data-trunk rel=\"rust\"".to_owned(), "without its end"),
    ];
    for (html, reason) in table {
        let error = format!("{:#}", compose(&html, Path::new("nowhere"), bound()).unwrap_err());
        assert!(error.contains(reason), "{html}: {error}");
    }
}
