//! `cargo xtask tidy`: the house rules that no compiler checks. Each rule is a file under `tidy/` and a
//! function from text to problems; this file walks the tree and prints.

mod arrows;
mod evidence;
mod links;
mod names;
mod sizes;
mod words;

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use std::{fs, path::Path};

/// Folders that hold nothing of ours; those with a name that begins with a dot are passed by too.
const PASSED_BY: [&str; 3] = ["target", "dist", "node_modules"];

/// The page whose tests are looked for.
const EVIDENCE: &str = "SECURITY.md";

/// The command.
pub fn tidy(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "`cargo xtask tidy` takes no arguments");
    check(&Workspace::find()?)
}

/// Checks all rules; prints every problem before it fails.
pub fn check(workspace: &Workspace) -> Result<()> {
    let files = Files::read(&workspace.root)?;
    let mut problems = arrows::check(&workspace.packages);
    for (path, text) in &files.rust {
        let found = [sizes::check(path, text), names::check(path, text), words::check(text)];
        problems.extend(found.into_iter().flatten().map(|problem| format!("{path}{problem}")));
        if let Some(note) = sizes::note(path, text) {
            eprintln!("      note: {path}{note}");
        }
    }
    for (path, text) in &files.markdown {
        let found = links::check(path, text, &|target| files.find(&workspace.root, target));
        problems.extend(found.into_iter().map(|problem| format!("{path}{problem}")));
    }
    let rust = |path: &str| files.rust.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str());
    if let links::Found::Page(text) = files.find(&workspace.root, EVIDENCE) {
        problems
            .extend(evidence::check(text, &rust).into_iter().map(|problem| format!("{EVIDENCE}{problem}")));
    }
    for problem in &problems {
        eprintln!("      {problem}");
    }
    if !problems.is_empty() {
        bail!("{} house rules broken, listed above; CONTRIBUTING.md tells why they are", problems.len());
    }
    eprintln!("      {} Rust files and {} pages are in order", files.rust.len(), files.markdown.len());
    Ok(())
}

/// Path from the root, with `/`, and text, sorted by path.
#[derive(Default)]
struct Files {
    rust: Vec<(String, String)>,
    markdown: Vec<(String, String)>,
}

impl Files {
    fn read(root: &Path) -> Result<Self> {
        let mut files = Self::default();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.file_type()?.is_dir() {
                    if !name.starts_with('.') && !PASSED_BY.contains(&name.as_str()) {
                        folders.push(entry.path());
                    }
                } else {
                    files.add(root, &entry.path())?;
                }
            }
        }
        files.rust.sort();
        files.markdown.sort();
        Ok(files)
    }

    fn add(&mut self, root: &Path, path: &Path) -> Result<()> {
        let list = match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => &mut self.rust,
            Some("md") => &mut self.markdown,
            _ => return Ok(()),
        };
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let below = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        list.push((below, text));
        Ok(())
    }

    /// What a link may lead to.
    fn find<'a>(&'a self, root: &Path, target: &str) -> links::Found<'a> {
        match self.markdown.iter().find(|(path, _)| path == target) {
            Some((_, text)) => links::Found::Page(text),
            None if root.join(target).exists() => links::Found::Other,
            None => links::Found::Nothing,
        }
    }
}
