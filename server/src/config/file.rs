//! The settings file: the same names as on the command line, as TOML. What it says is put before the arguments and
//! read by the same parser; a flag or a variable that says the same wins.

use clap::{Arg, ArgAction, Command};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Why a settings file cannot be used. Each says where and what.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there, or not to be read.
    #[error("cannot read the settings in {file}: {error}")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no TOML.
    #[error("{file} is no TOML: {error}")]
    NotToml {
        /// Which.
        file: PathBuf,
        /// Why, with the line.
        error: Box<toml::de::Error>,
    },
    /// No setting has this name.
    #[error("{file}: there is no setting `{name}`{}", .like.as_ref().map_or(String::new(), |like| format!(". Is `{like}` meant?")))]
    Unknown {
        /// Which file.
        file: PathBuf,
        /// What it says.
        name: String,
        /// A setting whose name is much the same.
        like: Option<String>,
    },
    /// The value is of a kind that the setting never has.
    #[error("{file}: `{name}` is {expected}")]
    Kind {
        /// Which file.
        file: PathBuf,
        /// Which setting.
        name: String,
        /// What it should be.
        expected: &'static str,
    },
}

/// What a file says.
#[derive(Debug)]
pub(crate) struct Settings {
    file: PathBuf,
    table: Table,
}

impl Settings {
    pub(crate) fn read(file: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| FileError::Unreadable { file: file.to_owned(), error })?;
        Self::parse(file, &text)
    }

    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, FileError> {
        let table = text
            .parse()
            .map_err(|error| FileError::NotToml { file: file.to_owned(), error: Box::new(error) })?;
        Ok(Self { file: file.to_owned(), table })
    }

    /// As arguments for `command`, without the settings that are `given` otherwise.
    pub(crate) fn arguments(
        &self,
        command: &Command,
        given: impl Fn(&Arg) -> bool,
    ) -> Result<Vec<OsString>, FileError> {
        let mut arguments = Vec::new();
        for (name, value) in &self.table {
            let Some(argument) = settings(command).find(|argument| argument.get_long() == Some(name)) else {
                return Err(self.unknown(name, command));
            };
            let texts = self.texts(name, argument, value)?;
            if !given(argument) {
                arguments.extend(texts.into_iter().map(OsString::from));
            }
        }
        Ok(arguments)
    }

    /// Whether it says this, by its flag.
    pub(crate) fn says(&self, flag: &str) -> bool {
        flag.strip_prefix("--").is_some_and(|name| self.table.contains_key(name))
    }

    fn texts(&self, name: &str, argument: &Arg, value: &Value) -> Result<Vec<String>, FileError> {
        let wrong = |expected| FileError::Kind { file: self.file.clone(), name: name.to_owned(), expected };
        if !argument.get_action().takes_values() {
            return match value {
                Value::Boolean(true) => Ok(vec![format!("--{name}")]),
                Value::Boolean(false) => Ok(Vec::new()),
                _ => Err(wrong("true or false")),
            };
        }
        let several = matches!(argument.get_action(), ArgAction::Append);
        let values = match value {
            Value::Array(values) if several => values.as_slice(),
            Value::Array(_) => return Err(wrong("one value, no list")),
            one => std::slice::from_ref(one),
        };
        if values.is_empty() && !argument.get_default_values().is_empty() {
            return Err(wrong(
                "an empty list, which would leave it as it is without a word: say what it is to be",
            ));
        }
        let expected = if several { "a text, a number or a list of them" } else { "a text or a number" };
        let texts = values.iter().map(|value| scalar(value).ok_or_else(|| wrong(expected)));
        texts.map(|text| Ok(format!("--{name}={}", text?))).collect()
    }

    fn unknown(&self, name: &str, command: &Command) -> FileError {
        let names = settings(command).filter_map(Arg::get_long);
        let like = names.map(|other| (strsim::jaro_winkler(name, other), other));
        let like = like.filter(|(alike, _)| *alike > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        FileError::Unknown {
            file: self.file.clone(),
            name: name.to_owned(),
            like: like.map(|(_, other)| other.to_owned()),
        }
    }
}

/// From so much likeness on (Jaro–Winkler, 0 to 1) a name may be a slip of the pen.
const ALIKE: f64 = 0.8;

/// What may stand in a file: every flag but those about the command line itself.
pub(super) fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    let itself = |name: &str| matches!(name, "help" | "version" | "config");
    command.get_arguments().filter(move |argument| argument.get_long().is_some_and(|name| !itself(name)))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}
