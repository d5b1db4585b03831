//! A face when there is no picture: initials on a calm colour that stays with the name.

use leptos::prelude::*;

/// How many colours the stylesheet has, as `.tone-0` and on.
const TONES: u32 = 8;

#[component]
pub fn Avatar(#[prop(into)] name: Signal<String>) -> impl IntoView {
    let letters = move || name.with(|name| initials(name));
    let class = move || name.with(|name| format!("avatar tone-{}", tone(name)));
    view! {
        <div class=class data-testid="tile-avatar" aria-hidden="true">
            <span>{letters}</span>
        </div>
    }
}

/// The first letter of the first and of the last word; an emoji or a Hangul syllable stands alone.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| !is_joiner(*c)));
    let Some(first) = words.next() else { return "·".to_owned() };
    let last = words.next_back().filter(|last| first.is_alphabetic() && last.is_alphabetic());
    first.to_uppercase().chain(last.into_iter().flat_map(char::to_uppercase)).collect()
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
        let check = |name: &str, expected: &str| assert_eq!(initials(name), expected, "{name:?}");
        check("Ada Lovelace", "AL");
        check("ada", "A");
        check("Jean le Rond d'Alembert", "JD");
        check("김 민수", "김민");
        check("🦦 otter", "🦦");
        check("<b>bold</b>", "B");
        check("éa ßa", "ÉSS");
        check("", "·");
        check("...", "·");
    }

    #[test]
    fn a_tone_stays_with_the_name() {
        assert_eq!(tone("Ada"), tone("Ada"));
        let used: std::collections::BTreeSet<u32> = (0..200).map(|n| tone(&format!("guest {n}"))).collect();
        assert_eq!(used.len() as u32, TONES);
        assert!(used.iter().all(|tone| *tone < TONES));
    }
}
