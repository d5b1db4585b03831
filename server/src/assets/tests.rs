//! Answers from a small table of files in place of the embedded ones.

use super::*;

const STYLE: &str = "style-0123456789abcdef.css";

/// Name, content; the tag follows from the content.
struct Table(&'static [(&'static str, &'static str)]);

const CLIENT: Table = Table(&[
    ("index.html", "<page>"),
    ("index.html.br", "<br>"),
    ("index.html.gz", "<gz>"),
    ("style-0123456789abcdef.css", "a{}"),
    ("frontend-0123456789abcdef.wasm", "wasm"),
    ("frontend-0123456789abcdef.wasm.gz", "wasm.gz"),
    ("assets/join.ogg", "sound"),
]);

impl Files for Table {
    fn file(&self, name: &str) -> Option<File> {
        let (name, text) = self.0.iter().find(|(known, _)| *known == name)?;
        let media_type = match name.rsplit_once('.').unwrap().1 {
            "html" => "text/html",
            "css" => "text/css",
            "wasm" => "application/wasm",
            "ogg" => "audio/ogg",
            _ => "application/octet-stream",
        };
        let mut sha256 = [0; 32];
        sha256[..text.len()].copy_from_slice(text.as_bytes());
        Some(File { bytes: Cow::Borrowed(text.as_bytes()), media_type: media_type.into(), sha256 })
    }
}

fn get(path: &str, headers: &[(HeaderName, &'static str)]) -> Answer {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, HeaderValue::from_static(value));
    }
    answer(&CLIENT, &Method::GET, path, &map, &nobody())
}

fn nobody() -> Embedders {
    Embedders::new(&[])
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(answer.body()).unwrap()
}

fn check(answer: &Answer, name: impl axum::http::header::AsHeaderName, expected: Option<&str>) {
    assert_eq!(answer.headers().get(name).map(|value| value.to_str().unwrap()), expected);
}

#[test]
fn a_path_without_a_dot_is_the_page_and_one_with_a_dot_is_a_file() {
    let table = [
        ("/", 200, "<page>"),
        ("/r/tea", 200, "<page>"),
        ("/index.html", 200, "<page>"),
        ("/assets/join.ogg", 200, "sound"),
        ("/style-0123456789abcdef.css", 200, "a{}"),
        ("/favicon.ico", 404, "There is nothing here.\n"),
        ("/../Cargo.toml", 404, "There is nothing here.\n"),
        ("/index.html.br", 404, "There is nothing here.\n"),
    ];
    for (path, status, body) in table {
        let answer = get(path, &[]);
        assert_eq!((answer.status().as_u16(), text(&answer)), (status, body), "{path}");
    }
}

#[test]
fn the_best_sibling_there_is_goes_out_with_the_files_own_type() {
    let table = [
        ("/", "gzip, br", "<br>", Some("br"), "text/html; charset=utf-8"),
        ("/", "gzip, br;q=0", "<gz>", Some("gzip"), "text/html; charset=utf-8"),
        ("/", "br;q=0, gzip;q=0", "<page>", None, "text/html; charset=utf-8"),
        ("/frontend-0123456789abcdef.wasm", "gzip, br", "wasm.gz", Some("gzip"), "application/wasm"),
        ("/assets/join.ogg", "gzip, br", "sound", None, "audio/ogg"),
    ];
    for (path, accepted, body, encoding, media_type) in table {
        let answer = get(path, &[(header::ACCEPT_ENCODING, accepted)]);
        assert_eq!(text(&answer), body, "{path} {accepted}");
        check(&answer, header::CONTENT_ENCODING, encoding);
        check(&answer, header::CONTENT_TYPE, Some(media_type));
        check(&answer, header::VARY, Some("accept-encoding"));
    }
}

#[test]
fn what_is_named_by_its_content_is_kept_for_ever_and_the_page_is_asked_for_again() {
    check(
        &get(&format!("/{STYLE}"), &[]),
        header::CACHE_CONTROL,
        Some("public, max-age=31536000, immutable"),
    );
    for path in ["/", "/r/tea", "/assets/join.ogg"] {
        check(&get(path, &[]), header::CACHE_CONTROL, Some("no-cache"));
    }
}

#[test]
fn names_made_of_content() {
    let table = [
        (STYLE, true),
        ("assets/a-0123456789abcdef.svg", true),
        ("0123456789abcdef.css", false),
        ("style-0123456789ABCDEF.css", false),
        ("style-0123456789abcde.css", false),
        ("style-0123456789abcdef0.css", false),
        ("index.html", false),
    ];
    for (name, expected) in table {
        assert_eq!(is_hashed(name), expected, "{name}");
    }
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let page = get("/", &[]);
    check(&page, header::ETAG, Some("\"3c706167653e00000000000000000000\""));
    let table = [
        ("\"3c706167653e00000000000000000000\"", 304),
        ("W/\"3c706167653e00000000000000000000\"", 304),
        ("\"other\", \"3c706167653e00000000000000000000\"", 304),
        ("*", 304),
        ("\"other\"", 200),
        ("3c706167653e00000000000000000000", 200),
    ];
    for (known, status) in table {
        let answer = get("/r/tea", &[(header::IF_NONE_MATCH, known)]);
        assert_eq!(answer.status().as_u16(), status, "{known}");
        assert_eq!(answer.body().is_empty(), status == 304);
        check(&answer, header::VARY, Some("accept-encoding"));
        check(&answer, header::CACHE_CONTROL, Some("no-cache"));
    }
}

#[test]
fn each_encoding_has_a_tag_of_its_own() {
    let plain = get("/", &[]);
    let brotli = get("/", &[(header::ACCEPT_ENCODING, "br")]);
    assert_ne!(plain.headers().get(header::ETAG), brotli.headers().get(header::ETAG));
}

#[test]
fn only_reading_is_allowed() {
    let none = HeaderMap::new();
    assert_eq!(answer(&CLIENT, &Method::HEAD, "/", &none, &nobody()).status(), StatusCode::OK);
    let refusal = answer(&CLIENT, &Method::POST, "/", &none, &nobody());
    assert_eq!(refusal.status(), StatusCode::METHOD_NOT_ALLOWED);
    check(&refusal, header::ALLOW, Some("GET, HEAD"));
}

#[test]
fn a_server_without_a_client_says_what_to_do() {
    let answer = answer(&Table(&[]), &Method::GET, "/r/tea", &HeaderMap::new(), &nobody());
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(text(&answer).contains("cargo xtask build") && text(&answer).contains("trunk serve"));
    check(&answer, header::CONTENT_TYPE, Some("text/plain; charset=utf-8"));
    check(&answer, header::CACHE_CONTROL, Some("no-store"));
}

#[test]
fn every_answer_confines_the_page() {
    for path in ["/", "/style-0123456789abcdef.css", "/gone.js"] {
        let answer = get(path, &[]);
        check(&answer, header::X_CONTENT_TYPE_OPTIONS, Some("nosniff"));
        check(&answer, header::REFERRER_POLICY, Some("no-referrer"));
        check(&answer, "cross-origin-opener-policy", Some("same-origin"));
        check(
            &answer,
            "permissions-policy",
            Some("camera=(self), microphone=(self), display-capture=(self)"),
        );
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let directives: Vec<&str> = policy.split("; ").collect();
        for wanted in [
            "frame-ancestors 'self'",
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
        ] {
            assert!(directives.contains(&wanted), "{wanted} in {policy}");
        }
        assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{policy}");
    }
}
