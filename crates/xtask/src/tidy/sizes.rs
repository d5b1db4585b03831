//! How long a file may be. Its trailing inline tests are counted apart, unless all of it is tests.

/// Lines of code beyond which a file must be split.
const CODE: usize = 600;

/// Lines of code beyond which one is told that it grows long.
const LONG: usize = 400;

/// Lines of inline tests beyond which they move to a file of their own.
const TESTS: usize = 200;

/// A problem for each limit passed.
pub fn check(path: &str, text: &str) -> Vec<String> {
    let (code, tests) = measure(path, text);
    let mut problems = Vec::new();
    if code > CODE {
        problems.push(format!(": {code} lines without its tests, {CODE} is the most; split it"));
    }
    if tests > TESTS {
        problems.push(format!(": {tests} lines of inline tests, {TESTS} is the most; give them a file"));
    }
    problems
}

/// A word on a file that is not too long yet.
pub fn note(path: &str, text: &str) -> Option<String> {
    let (code, _) = measure(path, text);
    (LONG < code && code <= CODE).then(|| format!(": {code} lines; few should be over {LONG}"))
}

/// Lines before the inline tests module, and from there on.
fn measure(path: &str, text: &str) -> (usize, usize) {
    let lines: Vec<&str> = text.lines().collect();
    if path.contains("/tests/") || path.ends_with("/tests.rs") {
        return (lines.len(), 0);
    }
    let module = lines.iter().rposition(|line| line.starts_with("mod tests {"));
    let start = module.and_then(|module| {
        let attributes = lines.iter().take(module).rev().take_while(|line| line.starts_with("#[")).count();
        let is_for_tests =
            lines.iter().skip(module - attributes).take(attributes).any(|line| *line == "#[cfg(test)]");
        is_for_tests.then_some(module - attributes)
    });
    let code = start.unwrap_or(lines.len());
    (code, lines.len() - code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(code: usize, tests: usize) -> String {
        let mut text = "x\n".repeat(code);
        if tests > 0 {
            text.push_str("#[cfg(test)]\nmod tests {\n");
            text.push_str(&"    x\n".repeat(tests - 3));
            text.push_str("}\n");
        }
        text
    }

    #[test]
    fn limits() {
        for (code, tests, problems) in [(600, 200, 0), (601, 0, 1), (10, 201, 1), (601, 201, 2)] {
            assert_eq!(check("a.rs", &file(code, tests)).len(), problems, "{code} and {tests}");
        }
    }

    #[test]
    fn tests_count_as_tests_with_more_attributes_and_only_then() {
        assert_eq!(measure("a.rs", "code\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n}\n"), (1, 4));
        assert_eq!(measure("a.rs", "code\nmod tests {\n}\n"), (3, 0));
        assert_eq!(measure("a.rs", "code\n#[cfg(test)]\nmod tests;\n"), (3, 0));
        assert_eq!(measure("a/tests/b.rs", "code\n#[cfg(test)]\nmod tests {\n}\n"), (4, 0));
    }

    #[test]
    fn a_long_file_is_noted_until_it_is_a_problem() {
        assert_eq!(
            [400, 401, 600, 601].map(|code| note("a.rs", &file(code, 0)).is_some()),
            [false, true, true, false]
        );
    }
}
