//! Names that say nothing: a file or type called so takes in everything that found no better place.

/// The names, as words of a longer one too: `room_manager.rs`, `EventHandler`.
const EMPTY: [&str; 10] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "handler", "handlers", "misc"];

/// What a name is given to.
const DEFINES: [&str; 6] = ["enum", "mod", "struct", "trait", "type", "union"];

/// A problem for each such name in the path or among the definitions of the file.
pub fn check(path: &str, text: &str) -> Vec<String> {
    let parts = path.trim_end_matches(".rs").split('/');
    let in_path = parts.filter_map(empty_word).map(|word| format!(": a name with `{word}` says nothing"));
    let in_text = text.lines().enumerate().filter_map(|(index, line)| {
        let name = defined(line)?;
        empty_word(name)?;
        Some(format!(":{}: `{name}` says nothing; name it for what it does", index + 1))
    });
    in_path.chain(in_text).collect()
}

/// The name defined on this line, if one is.
fn defined(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub") || *word == "unsafe");
    if !DEFINES.contains(&words.next()?) {
        return None;
    }
    words.next()?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

fn empty_word(name: &str) -> Option<&'static str> {
    let words = words(name);
    EMPTY.into_iter().find(|empty| words.iter().any(|word| word == empty))
}

/// `RoomManager` and `room_manager` are `room`, `manager`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let table = [
            ("crates/room/src/utils.rs", true),
            ("crates/common/src/lib.rs", true),
            ("crates/room/src/test_helpers.rs", true),
            ("crates/room/src/commonplace.rs", false),
            ("crates/room/src/seats.rs", false),
        ];
        for (path, refused) in table {
            assert_eq!(!check(path, "").is_empty(), refused, "{path}");
        }
    }

    #[test]
    fn definitions() {
        let table = [
            ("pub struct RoomManager {", true),
            ("pub(crate) enum Handler<T> {", true),
            ("type Misc = u8;", true),
            ("    mod helpers {", true),
            ("struct Handle(u32);", false),
            ("impl EventHandler for Room {", false),
            ("let common = 3;", false),
        ];
        for (line, refused) in table {
            assert_eq!(!check("a.rs", line).is_empty(), refused, "{line}");
        }
    }
}
