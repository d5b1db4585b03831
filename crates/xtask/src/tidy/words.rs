//! What every Rust file must begin with, and what none may hold.

/// Macros that mark unfinished work. (In two parts, or this file would break the rule it checks.)
const UNFINISHED: [&str; 3] = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];

/// A problem for each rule broken.
pub fn check(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.starts_with("//!") {
        problems.push(":1: opens without `//!`; say where the file stands and what it owns".to_owned());
    }
    for (index, line) in text.lines().enumerate() {
        let (line, number) = (line.trim_start(), index + 1);
        if line.starts_with("//") {
            continue;
        }
        if let Some(found) = UNFINISHED.iter().find(|unfinished| line.contains(**unfinished)) {
            problems.push(format!(":{number}: {found}…) is left in"));
        }
        if line.starts_with(concat!("#[", "ignore]")) {
            problems.push(format!(":{number}: a test is ignored without a reason"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let table = [
            ("//! Place.\nfn f() {}\n".to_owned(), 0),
            ("fn f() {}\n".to_owned(), 1),
            (format!("//! P\n    {}\"later\")\n", UNFINISHED[0]), 1),
            (format!("//! P\nlet x = {}y);\n", UNFINISHED[2]), 1),
            (format!("//! P\n// no {}) here\n", UNFINISHED[1]), 0),
            (format!("//! P\n#[{}]\nfn t() {{}}\n", "ignore"), 1),
            (format!("//! P\n#[{} = \"needs a GPU\"]\nfn t() {{}}\n", "ignore"), 0),
        ];
        for (text, problems) in table {
            assert_eq!(check(&text).len(), problems, "{text}");
        }
    }
}
