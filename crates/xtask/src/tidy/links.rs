//! Relative links in the pages: the file is there, and the heading too where one is named.

use std::collections::BTreeMap;

/// What lies at the end of a link.
pub enum Found<'a> {
    /// A page, with its text.
    Page(&'a str),
    /// A folder or another kind of file.
    Other,
    /// Nothing at all.
    Nothing,
}

/// A problem for each relative link of the page at `path` that leads nowhere.
pub fn check<'a>(path: &str, text: &'a str, find: &impl Fn(&str) -> Found<'a>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in prose(text) {
        for target in targets(&line) {
            if is_elsewhere(&target) {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let found = if file.is_empty() { Found::Page(text) } else { find(&resolve(path, file)) };
            let reason = match found {
                Found::Nothing => "no such file",
                Found::Page(page) if !anchor.is_empty() && !anchors(page).contains(&anchor.to_owned()) => {
                    "no such heading"
                }
                Found::Page(_) | Found::Other => continue,
            };
            problems.push(format!(":{number}: the link to {target} leads nowhere: {reason}"));
        }
    }
    problems
}

/// The lines outside fenced code, numbered from 1.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, None) => lines.push((index + 1, line.to_owned())),
            (None, Some(_)) => fence = mark,
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
        }
    }
    lines
}

/// Where the line's links lead: `[text](target)`, `[text](<target> "title")`, `[name]: target`.
fn targets(line: &str) -> Vec<String> {
    let line = without_code(line);
    let mut targets = Vec::new();
    if let Some((name, target)) = line.trim_start().split_once("]: ")
        && name.starts_with('[')
        && !name.starts_with("[^")
    {
        targets.push(only_target(target));
    }
    let mut rest = line.as_str();
    while let Some((_, after)) = rest.split_once("](") {
        let (target, after) = after.split_once(')').unwrap_or((after, ""));
        targets.push(only_target(target));
        rest = after;
    }
    targets
}

/// Drops a title and angle brackets.
fn only_target(text: &str) -> String {
    let target = text.split_whitespace().next().unwrap_or_default();
    target.trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// The line without `code spans`.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

fn is_elsewhere(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:")
}

/// The path from the root that `target` means on the page at `path`.
fn resolve(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { path.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a page as GitHub makes them from its headings.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = Vec::new();
    for (_, line) in prose(text) {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let slug = slug(heading.trim());
        let times = seen.entry(slug.clone()).or_default();
        anchors.push(if *times == 0 { slug } else { format!("{slug}-{times}") });
        *times += 1;
    }
    anchors
}

fn slug(heading: &str) -> String {
    let shown = without_targets(heading);
    let kept = shown.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// `[text](target)` is shown as `text`.
fn without_targets(heading: &str) -> String {
    let mut shown = String::new();
    let mut rest = heading;
    while let Some((before, after)) = rest.split_once("](") {
        shown.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str =
        "# The `madang` guide\n## Set-up\n## Set-up\n```\n# no heading\n```\n## [A](b.md) & c_d\n";

    fn check_page(text: &str) -> Vec<String> {
        check("docs/page.md", text, &|target| match target {
            "docs/guide.md" => Found::Page(GUIDE),
            "Cargo.toml" | "docs" => Found::Other,
            _ => Found::Nothing,
        })
    }

    #[test]
    fn links() {
        let table = [
            ("[a](guide.md)", 0),
            ("[a](./guide.md#set-up) and [b](gone.md)", 1),
            ("[a](../Cargo.toml), [b](/Cargo.toml), [c](../docs/)", 0),
            ("![a](gone.png)", 1),
            ("[a](https://example.org/x), [b](mailto:a@b)", 0),
            ("`[a](gone.md)` is how a link is written", 0),
            ("[a](<guide.md> \"title\")", 0),
            ("[a]: gone.md", 1),
            ("```\n[a](gone.md)\n```\n[b](gone.md)", 1),
            ("# Here\n[a](#here)", 0),
            ("# Here\n[a](#there)", 1),
        ];
        for (text, problems) in table {
            assert_eq!(check_page(text).len(), problems, "{text}: {:?}", check_page(text));
        }
    }

    #[test]
    fn headings_have_githubs_anchors() {
        assert_eq!(anchors(GUIDE), ["the-madang-guide", "set-up", "set-up-1", "a--c_d"]);
        assert_eq!(check_page("[a](guide.md#the-madang-guide)"), [] as [String; 0]);
        assert_eq!(
            check_page("\n[a](guide.md#gone)"),
            [":2: the link to guide.md#gone leads nowhere: no such heading"]
        );
    }
}
