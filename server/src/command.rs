//! What is typed: the settings, from the command line, the environment and a file, and what is to be done with them.

use crate::config::{FileError, Settings, manual};
use crate::{Config, DoctorOptions, HealthOptions, TokenOptions};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Madang: a video room server. Open the address it prints, share the link, be in the room.
#[derive(Clone, Debug, Parser)]
#[command(name = "madang", version)]
pub struct Invocation {
    /// The settings file. Flags and variables win over it; `madang settings` prints one with everything in it
    #[arg(long, env = "MADANG_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// What the operator decides.
    #[command(flatten)]
    pub settings: Config,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What there is to do besides serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Print a settings file with every setting, what it does and its default
    Settings,
    /// Print an invitation to a room: a token, to be shown at the door
    Token(TokenOptions),
    /// Look whether the server can do its work here with these settings, and say in words what to do where not
    Doctor(DoctorOptions),
    /// Ask the server that runs whether it is well: ends with 0 if it is, and with 1 if not
    Health(HealthOptions),
}

/// Why nothing can be done with what was typed.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The settings file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The command line, a variable, or a value in the settings file. Help and the version come this way too.
    #[error("{error}{}", .file.as_ref().map_or(String::new(), |file| format!("\n(It stands in {}.)", file.display())))]
    Arguments {
        /// As clap says it.
        error: Box<clap::Error>,
        /// The settings file, when it is what is wrong.
        file: Option<PathBuf>,
    },
}

impl Invocation {
    /// Reads what was typed, the program's name first.
    ///
    /// # Errors
    /// See [`InvocationError`].
    pub fn read(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Self, InvocationError> {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let command = Self::command();
        // What is missing here may stand in the file: a first look forgives everything.
        let look = command.clone().ignore_errors(true).try_get_matches_from(&arguments);
        let file = look.as_ref().ok().and_then(|matches| matches.get_one::<PathBuf>("config").cloned());
        let Some(file) = file else {
            return Self::parse(arguments).map_err(|error| InvocationError::Arguments { error, file: None });
        };
        let given = |argument: &clap::Arg| {
            let source = look.as_ref().ok().and_then(|found| found.value_source(argument.get_id().as_str()));
            matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
        };
        let settings = Settings::read(&file)?;
        let said = settings.arguments(&command, given)?;
        let (program, rest) = arguments.split_at(arguments.len().min(1));
        let all = [program, &said, rest].concat();
        Self::parse(all).map_err(|error| {
            let named = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::String(named)) => named.clone(),
                _ => String::new(),
            };
            let flag = named.split([' ', '=']).next().unwrap_or_default();
            let file = settings.says(flag).then(|| file.clone());
            InvocationError::Arguments { error, file }
        })
    }

    fn parse(arguments: Vec<OsString>) -> Result<Self, Box<clap::Error>> {
        let mut matches = Self::command().try_get_matches_from(arguments)?;
        Self::from_arg_matches_mut(&mut matches).map_err(Box::new)
    }
}

impl InvocationError {
    /// Says it, and ends the program as is usual: 0 after help, 2 after a mistake.
    pub fn exit(&self) -> ! {
        match self {
            Self::Arguments { error, file: None } => error.exit(),
            Self::Arguments { error, file: Some(_) } => {
                eprintln!("{self}");
                std::process::exit(error.exit_code())
            }
            Self::File(error) => Invocation::command().error(ErrorKind::ValueValidation, error).exit(),
        }
    }
}

/// The settings file with every setting in it.
pub fn settings_file() -> String {
    manual(&Config::augment_args(clap::Command::new("madang")))
}
