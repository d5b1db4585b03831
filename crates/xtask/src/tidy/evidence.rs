//! The tests that SECURITY.md names as evidence: in the last cell of a row stand files, each followed by the names of
//! tests in it, all as code. Each is there.

/// A problem for each file and each test that is not there.
pub fn check<'a>(text: &str, read: &impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
    let mut problems = Vec::new();
    let rows =
        text.lines().enumerate().filter(|(_, line)| line.starts_with('|') && !line.starts_with("|---"));
    // The first names the columns.
    for (index, row) in rows.skip(1) {
        let number = index + 1;
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let mut file = None;
        let mut named = 0;
        for span in cell.split('`').skip(1).step_by(2) {
            if span.contains('/') {
                file = read(span);
                if file.is_none() {
                    problems.push(format!(":{number}: {span} is named as evidence and is not there"));
                }
            } else {
                named += 1;
                if file.is_some_and(|text| !is_test(text, span)) {
                    problems.push(format!(":{number}: there is no test {span} where it is said to be"));
                }
            }
        }
        if named == 0 {
            problems.push(format!(":{number}: no test is named"));
        }
    }
    problems
}

/// Whether a function of this name is there, and marked as a test.
fn is_test(text: &str, name: &str) -> bool {
    let mut marked = false;
    for line in text.lines().map(str::trim_start) {
        let declared = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(rest) = declared {
            if marked && rest.split(['(', '<']).next() == Some(name) {
                return true;
            }
            marked = false;
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "fn support() {}\n    #[test]\n    #[cfg(unix)]\n    fn it_stands() {\n    }\n\
        #[tokio::test(flavor = \"multi_thread\")]\nasync fn it_runs() {}\nfn it_helps() {}\n";

    #[test]
    fn what_is_named_is_there() {
        let table = |cell: &str| format!("| Attack | Test |\n|---|---|\n| a `b` | {cell} |\n");
        for (cell, problems) in [
            ("`a/b.rs`: `it_stands`, `it_runs`", 0),
            ("`a/b.rs`: `it_stands`; `a/c.rs`: `it_runs`", 1),
            ("`a/b.rs`: `it_helps`", 1),
            ("`a/b.rs`: `it_stood`, `it_ran`", 2),
            ("`a/b.rs`", 1),
            ("none", 1),
        ] {
            let found = check(&table(cell), &|path| (path == "a/b.rs").then_some(FILE));
            assert_eq!(found.len(), problems, "{cell}: {found:?}");
        }
    }
}
