//! Which of a file's compressed siblings a browser takes: `Accept-Encoding`, RFC 9110 §12.5.3.

use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

/// How a sibling is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 7932. Browsers take it from `https:` and `localhost` only.
    Brotli,
    /// RFC 1952.
    Gzip,
}

impl Encoding {
    /// All, the one that makes the smaller files first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What a sibling's name adds to the file's.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// Those the request accepts, the most wanted first, of equals the better one. What is malformed
/// accepts nothing, and the file itself is always an answer.
pub fn accepted(headers: &HeaderMap) -> Vec<Encoding> {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    let wish = |name: &str| {
        let items = values.iter().flat_map(|value| value.split(','));
        items.filter_map(item).find(|(coding, _)| coding.eq_ignore_ascii_case(name)).map(|(_, wish)| wish)
    };
    let others = wish("*").unwrap_or(0);
    let mut accepted: Vec<(u16, Encoding)> = Encoding::ALL
        .into_iter()
        .map(|encoding| (wish(encoding.name()).unwrap_or(others), encoding))
        .filter(|(wish, _)| *wish > 0)
        .collect();
    // Stable: equals keep the order of `ALL`.
    accepted.sort_by_key(|(wish, _)| std::cmp::Reverse(*wish));
    accepted.into_iter().map(|(_, encoding)| encoding).collect()
}

/// `gzip;q=0.5` as `("gzip", 500)`.
fn item(text: &str) -> Option<(&str, u16)> {
    let (coding, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = match parameters.trim() {
        "" => 1000,
        parameter => thousandths(parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?)?,
    };
    Some((coding.trim(), weight))
}

/// A weight, 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding::*, *};
    use axum::http::HeaderValue;

    #[test]
    fn what_is_accepted_and_in_which_order() {
        let table: [(&[&str], &[Encoding]); 14] = [
            (&[], &[]),
            (&[""], &[]),
            (&["gzip, deflate, br, zstd"], &[Brotli, Gzip]),
            (&["gzip", "br"], &[Brotli, Gzip]),
            (&["GZIP"], &[Gzip]),
            (&["br;q=0, gzip"], &[Gzip]),
            (&["br;q=0.5, gzip;q=0.8"], &[Gzip, Brotli]),
            (&["br; q=0.001"], &[Brotli]),
            (&["*"], &[Brotli, Gzip]),
            (&["*, br;q=0"], &[Gzip]),
            (&["*;q=0, gzip"], &[Gzip]),
            (&["identity"], &[]),
            (&["br;q=0.0000, gzip;q=2"], &[]),
            (&["br;level=9, gzip;q=x"], &[]),
        ];
        for (values, expected) in table {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(accepted(&headers), expected, "{values:?}");
        }
    }
}
