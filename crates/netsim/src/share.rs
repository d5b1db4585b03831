//! How many packets of a thousand. Owns the unit and how a person writes it.

use std::str::FromStr;

/// So many of a thousand packets; never more than all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PerMille(u16);

impl PerMille {
    /// None.
    pub const NONE: PerMille = PerMille(0);

    /// All.
    pub const ALL: PerMille = PerMille(1000);

    /// So many of a thousand; all of them if it is more.
    pub const fn new(of_a_thousand: u16) -> Self {
        if of_a_thousand > 1000 { Self::ALL } else { Self(of_a_thousand) }
    }

    /// So many of a hundred; all of them if it is more.
    pub const fn percent(of_a_hundred: u16) -> Self {
        Self::new(of_a_hundred.saturating_mul(10))
    }

    /// So many of a thousand.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// Why a text is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is at most 100, in percent with at most one digit after the point: 0.5%")]
pub struct PerMilleError;

impl FromStr for PerMille {
    type Err = PerMilleError;

    /// `5%`, `0.5%`; the sign may be left out.
    fn from_str(text: &str) -> Result<Self, PerMilleError> {
        let number = text.strip_suffix('%').unwrap_or(text);
        let (whole, tenths) = number.split_once('.').unwrap_or((number, "0"));
        let whole: u16 = whole.parse().map_err(|_| PerMilleError)?;
        let tenths: u16 = if tenths.len() == 1 { tenths.parse().ok() } else { None }.ok_or(PerMilleError)?;
        let of_a_thousand = whole.checked_mul(10).and_then(|whole| whole.checked_add(tenths));
        of_a_thousand.filter(|share| *share <= 1000).map(Self).ok_or(PerMilleError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_all() {
        assert_eq!([PerMille::new(1001), PerMille::percent(101)], [PerMille::ALL; 2]);
    }

    #[test]
    fn written_by_hand() {
        let table = [
            ("5%", Ok(PerMille::new(50))),
            ("0.5%", Ok(PerMille::new(5))),
            ("12.5", Ok(PerMille::new(125))),
            ("0", Ok(PerMille::NONE)),
            ("100%", Ok(PerMille::ALL)),
            ("100.1%", Err(PerMilleError)),
            ("0.05%", Err(PerMilleError)),
            ("-1%", Err(PerMilleError)),
            (".5%", Err(PerMilleError)),
            ("%", Err(PerMilleError)),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }
}
