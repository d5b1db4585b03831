//! The settings file as a manual: every setting with what it does and what it is unless somebody says otherwise. Made
//! of the command line's own help, so that the two cannot differ.

use super::file::settings;
use clap::{Arg, ArgAction, Command};
use std::fmt::Write;

/// Characters of a line.
const WIDTH: usize = 100;

const HEAD: &str = "\
Madang's settings, all of them. Each line that begins with `#` and a name shows what holds without it
(a value in CAPITALS: nothing does); take the `#` away and write what you want. Every setting is also a flag (`--name`) and a variable; a flag
wins over a variable, and a variable over this file. A name that is not here is refused, so that a slip of
the pen is noticed. `madang --config madang.toml` reads it; `madang settings` writes it anew.";

/// The whole file.
pub(crate) fn manual(command: &Command) -> String {
    let mut text = String::new();
    wrap(HEAD, &mut text);
    let mut headings: Vec<&str> = Vec::new();
    for argument in settings(command).filter(|argument| !argument.is_hide_set()) {
        let heading = argument.get_help_heading().unwrap_or_default();
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for heading in headings {
        let _ = write!(text, "\n\n# ---- {heading} ----\n");
        let here = |argument: &&Arg| argument.get_help_heading().unwrap_or_default() == heading;
        for argument in settings(command).filter(|argument| !argument.is_hide_set()).filter(here) {
            text.push('\n');
            entry(argument, &mut text);
        }
    }
    text
}

fn entry(argument: &Arg, text: &mut String) {
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let variable = argument.get_env().map(|name| format!(" Variable {}.", name.to_string_lossy()));
    let stop = if help.ends_with('.') { "" } else { "." };
    wrap(&format!("{help}{stop}{}", variable.unwrap_or_default()), text);
    let _ = writeln!(text, "#{} = {}", argument.get_long().unwrap_or_default(), value(argument));
}

/// What it is without a word, or else what it could be.
fn value(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return "false".to_owned();
    }
    let several = matches!(argument.get_action(), ArgAction::Append);
    let defaults = argument.get_default_values().iter().filter(|_| !argument.is_hide_default_value_set());
    let defaults: Vec<String> = defaults.map(|value| value.to_string_lossy().into_owned()).collect();
    let delimiter = argument.get_value_delimiter().unwrap_or(',');
    let shown = |value: &str| match value.parse::<i64>() {
        Ok(number) => number.to_string(),
        Err(_) => format!("{value:?}"),
    };
    match (defaults.first(), several) {
        (Some(list), true) => {
            let values: Vec<String> = list.split(delimiter).map(shown).collect();
            format!("[{}]", values.join(", "))
        }
        (Some(default), false) => shown(default),
        (None, true) => "[]".to_owned(),
        (None, false) => {
            let name = argument.get_value_names().and_then(<[_]>::first);
            format!("\"{}\"", name.map_or("VALUE", |name| name.as_str()))
        }
    }
}

fn wrap(words: &str, text: &mut String) {
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}
