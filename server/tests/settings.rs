//! Settings on the command line, in the environment and in a file, as the built program takes them.

use server::settings_file;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A settings file of a test's own, gone with it.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> io::Result<Self> {
        let file = std::env::temp_dir().join(format!("madang-{name}-{}.toml", std::process::id()));
        std::fs::write(&file, text)?;
        Ok(Self(file))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// `madang --config FILE ARGUMENTS settings`, which reads everything and serves nobody.
fn madang(file: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> io::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
    command
        .arg("--config")
        .arg(file)
        .args(arguments)
        .arg("settings")
        .env_clear()
        .envs(variables.iter().copied());
    command.output()
}

fn refusal(text: &str, name: &str) -> io::Result<String> {
    let file = File::new(name, text)?;
    let output = madang(&file.0, &[], &[])?;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file() -> io::Result<()> {
    let good = File::new("good", "max-participants = 7\nmodes = [\"sfu\", \"auto\"]\nopen-metrics = true\n")?;
    assert!(madang(&good.0, &[], &[])?.status.success());
    // What is wrong shows who is heard.
    let wrong = File::new("wrong", "max-participants = 0\n")?;
    assert!(!madang(&wrong.0, &[], &[])?.status.success());
    assert!(madang(&wrong.0, &[], &[("MADANG_MAX_PARTICIPANTS", "9")])?.status.success());
    assert!(madang(&wrong.0, &["--max-participants", "9"], &[])?.status.success());
    assert!(!madang(&good.0, &[], &[("MADANG_MAX_PARTICIPANTS", "0")])?.status.success());
    assert!(
        madang(&good.0, &["--max-participants=9"], &[("MADANG_MAX_PARTICIPANTS", "0")])?.status.success()
    );
    Ok(())
}

#[test]
fn the_file_is_named_by_a_variable_too() -> io::Result<()> {
    let wrong = File::new("by-variable", "http = \"nowhere\"\n")?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
    let output = command.arg("settings").env_clear().env("MADANG_CONFIG", &wrong.0).output()?;
    assert_eq!(output.status.code(), Some(2));
    Ok(())
}

/// What belongs together may come from different places.
#[test]
fn a_name_in_the_file_and_its_password_in_the_environment() -> io::Result<()> {
    let file = File::new("half", "turn-username = \"ada\"\n")?;
    assert!(!madang(&file.0, &[], &[])?.status.success());
    assert!(madang(&file.0, &[], &[("MADANG_TURN_PASSWORD", "hush")])?.status.success());
    Ok(())
}

#[test]
fn what_is_wrong_in_a_file_is_told_in_words() -> io::Result<()> {
    let check = |name, file, expected: &[&str]| {
        let said = refusal(file, name)?;
        for words in expected {
            assert!(said.contains(words), "{words:?} is not in {said:?}");
        }
        io::Result::Ok(())
    };
    check(
        "unknown",
        "max-participant = 7",
        &["no setting `max-participant`", "Is `max-participants` meant?"],
    )?;
    check("section", "[media]\nudp = \"0.0.0.0:1\"", &["no setting `media`"])?;
    check("itself", "config = \"other.toml\"", &["no setting `config`"])?;
    check("toml", "http = ", &["is no TOML", "line 1"])?;
    check("flag", "open-metrics = \"yes\"", &["`open-metrics` is true or false"])?;
    check("list", "http = [\"127.0.0.1:1\", \"127.0.0.1:2\"]", &["`http` is one value, no list"])?;
    check("empty", "unlimited-address = []", &["`unlimited-address` is an empty list"])?;
    check("value", "http = \"nowhere\"", &["nowhere", "--http", "stands in", "value"])?;
    let absent = madang(Path::new("/nowhere/madang.toml"), &[], &[])?;
    assert!(
        String::from_utf8(absent.stderr)
            .unwrap()
            .contains("cannot read the settings in /nowhere/madang.toml")
    );
    Ok(())
}

#[test]
fn the_manual_is_what_is_shipped_and_can_be_used_as_it_is() -> io::Result<()> {
    let manual = settings_file();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/madang.toml");
    let advice = "renew it: cargo run -p server -- settings > packaging/madang.toml";
    assert!(std::fs::read_to_string(shipped).unwrap_or_default() == manual, "{advice}");

    // With every default written out, as an operator would by taking the `#` away.
    let setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ") && line.contains(" = ");
    let all: Vec<&str> = manual.lines().filter(setting).map(|line| &line[1..]).collect();
    let told = |line: &&str| {
        !line
            .split(" = ")
            .nth(1)
            .is_some_and(|value| value.trim_matches('"').chars().all(|c| c.is_ascii_uppercase() || c == ':'))
    };
    let told: Vec<&str> = all.iter().copied().filter(told).collect();
    assert!(all.len() > 10 && told.len() > 5, "{manual}");
    let file = File::new("manual", &told.join("\n"))?;
    let output = madang(&file.0, &[], &[])?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

#[test]
fn an_invitation_is_made_with_the_key_that_the_settings_name() -> io::Result<()> {
    let run = |arguments: &[&str], secret: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_madang"));
        command.env_clear().envs(secret.map(|secret| ("MADANG_TOKEN_SECRET", secret)));
        command.arg("token").args(arguments).output()
    };
    let secret = "x".repeat(32);
    let made = run(&["--room", "tea", "--expires", "5m", "--one-use"], Some(&secret))?;
    let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    assert!(made.status.success() && token.split('.').count() == 3, "{made:?}");
    for (arguments, secret, why) in [
        (&["--room", "tea"][..], None, "--token-secret"),
        (&["--room", "tea"], Some("short"), "32 characters"),
        (&["--room", "a b"], Some(&*secret), "room name"),
        (&["--room", "tea", "--expires", "soon"], Some(&*secret), "like 90m"),
        (&["--room", "tea", "--permissions", "fly"], Some(&*secret), "publish"),
        (&[], Some(&*secret), "--room"),
    ] {
        let refused = run(arguments, secret)?;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(why), "{arguments:?}: {said}");
    }
    Ok(())
}
