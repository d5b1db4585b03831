//! A face when there is no picture: initials on a calm colour that stays with the name.

use super::icon::{Shape, icon};
use crate::dom::{El, el};
use crate::reactive::memo;

/// How many colours the stylesheet has, as `.tone-0` and on.
const TONES: u32 = 8;

/// A face for a name that follows signals.
pub fn avatar(name: impl Fn() -> String + Send + Sync + 'static) -> El {
    let name = memo(name);
    let letters = memo(move || name.with(|name| initials(name)));
    el("div")
        .bind("class", move || name.with(|name| format!("avatar tone-{}", tone(name))))
        .testid("tile-avatar")
        .set("aria-hidden", "true")
        .swap(
            move || letters.get(),
            |letters| Some(letters.map_or_else(|| icon(Shape::Person), |letters| el("span").text(&letters))),
        )
}

/// The first letter of the first and of the last word, as written: the stylesheet makes capitals of them.
/// An emoji stands alone. Nothing when there is nothing to show.
pub fn initials(name: &str) -> Option<String> {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| !is_joiner(*c)));
    let first = words.next()?;
    let last = words.next_back().filter(|last| first.is_alphabetic() && last.is_alphabetic());
    Some([Some(first), last].into_iter().flatten().collect())
}

/// A colour's number: FNV-1a of the name, so that it is the same everywhere.
pub fn tone(name: &str) -> u32 {
    name.bytes().fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
        % TONES
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe0f}') || c.is_ascii_punctuation()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        let check =
            |name: &str, expected: &str| assert_eq!(initials(name).unwrap_or_default(), expected, "{name:?}");
        check("Ada Lovelace", "AL");
        check("ada", "a");
        check("Jean le Rond d'Alembert", "Jd");
        check("김 민수", "김민");
        check("🦦 otter", "🦦");
        check("<b>bold</b>", "b");
        check("éa ßa", "éß");
        check("", "");
        check("...", "");
    }

    #[test]
    fn a_tone_stays_with_the_name() {
        assert_eq!(tone("Ada"), tone("Ada"));
        let used: std::collections::BTreeSet<u32> = (0..200).map(|n| tone(&format!("guest {n}"))).collect();
        assert!(used.into_iter().eq(0..TONES));
    }
}
