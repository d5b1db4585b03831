//! Short names for what the WASM imports. wasm-bindgen ends each with sixteen digits of a hash, so that no two are
//! alike; nothing compresses those, and there are hundreds.

use std::collections::BTreeMap;

/// What each import is called now.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The short name of an import; a name that comes again is the same one.
    pub fn shorten(&mut self, name: &str) -> String {
        let number = self.0.len();
        self.0.entry(name.to_owned()).or_insert_with(|| format!("_{number}")).clone()
    }

    /// The glue, with short names for long ones wherever one is a word of its own.
    pub fn rename_in(&self, script: &str) -> String {
        let of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let mut renamed = String::with_capacity(script.len());
        let mut rest = script;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| of_word(c) != of_word(first)).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(end);
            renamed.push_str(self.0.get(piece).map_or(piece, String::as_str));
            rest = after;
        }
        renamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_import_has_a_name_of_its_own() {
        let mut names = Names::default();
        assert_eq!(["a", "b", "a", "c"].map(|name| names.shorten(name)), ["_0", "_1", "_0", "_2"]);
    }

    #[test]
    fn whole_words_are_renamed() {
        let mut names = Names::default();
        let (long, other) = ("__wbg_set_0eb2c6d20d7bba0e", "__wbg_set_0eb2c6d20d7bba0e1");
        names.shorten(long);
        names.shorten(other);
        let script =
            format!("{long}: function(é) {{ {other}(${long}) }},\n{other}: wasm.{long}_x['{long}'],");
        let expected = format!("_0: function(é) {{ _1(${long}) }},\n_1: wasm.{long}_x['_0'],");
        assert_eq!(names.rename_in(&script), expected);
        assert_eq!(names.rename_in(""), "");
    }
}
