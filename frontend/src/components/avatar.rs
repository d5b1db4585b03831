//! A face when there is no picture: initials on a calm colour that stays with the name.

use super::icon::{Icon, Shape};
use leptos::prelude::*;

/// How many colours the stylesheet has, as `.tone-0` and on.
const TONES: u32 = 8;

#[component]
pub fn Avatar(#[prop(into)] name: Signal<String>) -> impl IntoView {
    let letters = Memo::new(move |_| name.with(|name| initials(name)));
    let class = move || name.with(|name| format!("avatar tone-{}", tone(name)));
    view! {
        <div class=class data-testid="tile-avatar" aria-hidden="true">
            <Show when=move || letters.with(Option::is_some) fallback=|| view! { <Icon shape=Shape::Person /> }>
                <span>{letters}</span>
            </Show>
        </div>
    }
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
