//! The workspace's chores: `cargo xtask <command>` (the alias is in `.cargo/config.toml`). This file
//! holds the table of commands and nothing of what they do; a new chore is a module and a line here.

mod authority;
mod bench;
mod browsers;
mod client;
mod deny;
mod dist;
mod fuzz;
mod instructions;
mod interop;
mod packages;
mod process;
mod quality;
mod server;
mod shots;
mod sim;
mod soak;
mod steps;
mod test;
mod tidy;
mod tools;
mod wanted;
mod workspace;

use anyhow::{Result, bail};
use std::{env, process::ExitCode};

/// One command: what is typed, what is shown, what runs.
struct Chore {
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "run",
        arguments: "[madang's arguments]",
        does: "build the client and the server, then start Madang",
        run: server::run,
    },
    Chore {
        name: "build",
        arguments: "",
        does: "the same without starting it; leaves target/release/madang",
        run: server::build,
    },
    Chore {
        name: "dist",
        arguments: "",
        does: "a static binary with all an operator needs, packed in target/dist",
        run: dist::dist,
    },
    Chore {
        name: "test",
        arguments: "[-- nextest's arguments]",
        does: "every check and every test there is, browsers included",
        run: test::test,
    },
    Chore {
        name: "bench",
        arguments: "[--only NAME] [--write] [--profile]",
        does: "what forwarding costs, beside what it cannot cost less than; --write renews docs/performance.md",
        run: bench::bench,
    },
    Chore {
        name: "instructions",
        arguments: "[--write]",
        does: "instructions the media plane executes for a forwarded packet, by callgrind; --write records them",
        run: instructions::instructions,
    },
    Chore {
        name: "sim",
        arguments: "[--explore N] [--scenario NAME] [--write]",
        does: "the media plane on bad networks, in virtual time; --write renews docs/quality.md",
        run: sim::sim,
    },
    Chore {
        name: "soak",
        arguments: "[--minutes N] [--seed S] [--write]",
        does: "a server at half its capacity and trouble by a plan; --write puts what came of it in docs/soak.md",
        run: soak::soak,
    },
    Chore {
        name: "quality",
        arguments: "[--write] [--only NAME]",
        does: "what browsers measure, on bad networks and while joining, for docs/quality.md",
        run: quality::quality,
    },
    Chore {
        name: "shots",
        arguments: "[PART OF A NAME ...]",
        does: "pictures of every page and state with made-up people, into target/shots",
        run: shots::shots,
    },
    Chore {
        name: "fuzz",
        arguments: "[--minutes N] [--only TARGET] [--jobs N] [--write]",
        does: "the fuzzers, each for so long (needs nightly and cargo-fuzz); --write renews docs/fuzzing.md",
        run: fuzz::fuzz,
    },
    Chore {
        name: "interop",
        arguments: "[--without gstreamer]",
        does: "other people's WHIP and WHEP clients against the server (needs the network)",
        run: interop::interop,
    },
    Chore {
        name: "example",
        arguments: "",
        does: "examples/minimal without Trunk, into target/example, for its browser test",
        run: client::example,
    },
    Chore {
        name: "tidy",
        arguments: "",
        does: "house rules no compiler knows: arrows, sizes, names, links",
        run: tidy::tidy,
    },
    Chore {
        name: "deny",
        arguments: "",
        does: "licences, advisories and sources of the dependencies (needs cargo-deny and the network)",
        run: deny::deny,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {}", causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        return Ok(());
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return Ok(());
    }
    match CHORES.iter().find(|chore| chore.name == name) {
        Some(chore) => (chore.run)(rest),
        None => bail!("there is no command `{name}`\n\n{}", help()),
    }
}

fn help() -> String {
    let line =
        |name: &str, arguments: &str, does: &str| format!("  {:<29} {does}\n", format!("{name} {arguments}"));
    let chores: String = CHORES.iter().map(|chore| line(chore.name, chore.arguments, chore.does)).collect();
    format!("cargo xtask <command>\n\n{chores}{}\nMore in CONTRIBUTING.md.\n", line("help", "", "this list"))
}

/// The error and what led to it, one per line, the outermost first.
fn causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join("\n  because: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_has_a_line_for_each_command() {
        let help = help();
        for chore in CHORES {
            assert!(help.lines().any(|line| line.trim_start().starts_with(chore.name)), "{}", chore.name);
        }
    }

    #[test]
    fn an_unknown_command_is_refused_and_the_known_ones_shown() {
        let error = dispatch(&["rnu".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("no command `rnu`") && error.contains("tidy"));
    }
}
