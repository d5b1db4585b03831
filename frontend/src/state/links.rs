//! Links in a text that somebody wrote. Pure; the chat makes elements of the pieces, never markup.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// To be shown as it is.
    Text(&'a str),
    /// An address that begins with `http://` or `https://`, and nothing else.
    Link(&'a str),
}

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// The text in pieces; put together again they are the text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain = 0;
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(next).map(|at| from + at) {
        let rest = text.get(start..).unwrap_or_default();
        let length = address(rest);
        from = start + length.max(1);
        if length == 0 || glued(text, start) {
            continue;
        }
        pieces.extend(text.get(plain..start).filter(|text| !text.is_empty()).map(Piece::Text));
        pieces.extend(rest.get(..length).map(Piece::Link));
        plain = start + length;
    }
    pieces.extend(text.get(plain..).filter(|text| !text.is_empty()).map(Piece::Text));
    pieces
}

/// Where the next scheme stands, however it is written.
fn next(text: &str) -> Option<usize> {
    let begins = |at: usize| {
        SCHEMES.iter().any(|scheme| {
            text.get(at..at + scheme.len()).is_some_and(|part| part.eq_ignore_ascii_case(scheme))
        })
    };
    text.match_indices(['h', 'H']).map(|(at, _)| at).find(|at| begins(*at))
}

/// Whether a letter stands right before: then it is a part of something else.
fn glued(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    before.is_some_and(|c| c.is_ascii_alphanumeric())
}

/// How many bytes of the text, which begins with a scheme, are the address; 0 when nothing follows the scheme. What
/// ends a sentence is not a part of it, and neither is a bracket that was not opened in it.
fn address(text: &str) -> usize {
    let scheme = text.find("//").map_or(0, |at| at + 2);
    let ends =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '「' | '」');
    let mut address = text.split(ends).next().unwrap_or_default();
    while let Some(last) = address.chars().next_back() {
        let sentence =
            matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '…' | '。' | '，' | '、');
        let open = match last {
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            '’' => Some('‘'),
            '”' => Some('“'),
            _ => None,
        };
        let unopened = open.is_some_and(|open| address.matches(open).count() < address.matches(last).count());
        if !sentence && !unopened {
            break;
        }
        address = address.strip_suffix(last).unwrap_or_default();
    }
    if address.len() > scheme { address.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        let pieces = pieces(text);
        let part = |piece: &Piece<'_>| match piece {
            Piece::Text(part) | Piece::Link(part) => (*part).to_owned(),
        };
        let whole: String = pieces.iter().map(part).collect();
        assert_eq!(whole, text, "nothing is lost");
        pieces
            .iter()
            .filter_map(|piece| if let Piece::Link(link) = piece { Some(*link) } else { None })
            .collect()
    }

    #[test]
    fn links_in_texts() {
        let check = |text: &str, expected: &[&str]| assert_eq!(links(text), expected, "{text:?}");
        check("", &[]);
        check("no link: example.org", &[]);
        check("https://example.org", &["https://example.org"]);
        check("see http://a.b/c?d=e&f#g, and more", &["http://a.b/c?d=e&f#g"]);
        check("HTTPS://Example.org!", &["HTTPS://Example.org"]);
        check("(https://a.b/c_(d))", &["https://a.b/c_(d)"]);
        check("https://a.b https://c.d\nhttps://e.f.", &["https://a.b", "https://c.d", "https://e.f"]);
        check("https://마당.kr/방 여기", &["https://마당.kr/방"]);
        check("「https://a.b」에서", &["https://a.b"]);
        check("https://", &[]);
        check("http://.", &[]);
        check("xhttp://a.b", &[]);
        check("hhttps://a.b", &[]);
    }

    /// Whatever could become a script or markup is text.
    #[test]
    fn nothing_but_the_web_is_a_link() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,<b>",
            "file:///etc/passwd",
            "//a.b",
            "<a href=x>",
            "ftp://a.b",
        ] {
            assert_eq!(pieces(text), [Piece::Text(text)]);
        }
        assert_eq!(links("<a href=\"https://a.b\">"), ["https://a.b"]);
        assert_eq!(links("https://a.b/\"onclick=alert(1)"), ["https://a.b/"]);
    }
}
