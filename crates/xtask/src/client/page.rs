//! `frontend/index.html` and what it names: the subset of Trunk's directives that this project uses, so
//! that Trunk and `cargo xtask` build from one page.
//!
//! | `<link data-trunk rel="…">` | becomes |
//! |---|---|
//! | `rust` | the glue, the WASM and the script that starts them |
//! | `css`, `icon` | a link to the file, under a hashed name |
//! | `copy-file`, `copy-dir` | nothing; the file or folder is in `dist/` under its own name |
//!
//! A name made of its content, `style-0123456789abcdef.css`, is one the server lets browsers keep for
//! ever. Nothing is inline: the server's Content-Security-Policy allows no inline script.

use super::{Asset, bindgen::Bound, read};
use anyhow::{Context, Result, bail};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};

/// All files of `dist/`, `index.html` last.
pub fn compose(html: &str, frontend: &Path, bound: Bound) -> Result<Vec<Asset>> {
    let mut parts = Parts { frontend, bound: Some(bound), assets: Vec::new() };
    let mut page = String::new();
    let mut rest = html;
    while let Some((before, attributes, after)) = next_directive(rest)? {
        page.push_str(before);
        page.push_str(&parts.replace(&attributes)?);
        rest = after;
    }
    page.push_str(rest);
    if parts.bound.is_some() {
        bail!("index.html has no `<link data-trunk rel=\"rust\">`, so the page would never start");
    }
    parts.assets.push(Asset { name: "index.html".to_owned(), bytes: page.into_bytes() });
    Ok(parts.assets)
}

/// What directives add up to.
struct Parts<'a> {
    frontend: &'a Path,
    /// The program, until a directive places it.
    bound: Option<Bound>,
    assets: Vec<Asset>,
}

impl Parts<'_> {
    /// Adds the files a directive names; the tags to stand in its place.
    fn replace(&mut self, attributes: &Attributes<'_>) -> Result<String> {
        let attribute = |name: &str| {
            attributes.get(name).copied().with_context(|| format!("a data-trunk link has no `{name}`"))
        };
        match attribute("rel")? {
            "rust" => {
                let bound = self.bound.take();
                Ok(self.program(bound.context("index.html has two data-trunk links with rel=\"rust\"")?))
            }
            "css" => self.hashed_file("stylesheet", attribute("href")?),
            "icon" => self.hashed_file("icon", attribute("href")?),
            "copy-file" => {
                let bytes = read(&self.frontend.join(attribute("href")?))?;
                self.assets.push(Asset { name: last_part(attribute("href")?).to_owned(), bytes });
                Ok(String::new())
            }
            "copy-dir" => {
                let from = self.frontend.join(attribute("href")?);
                let parent = from.parent().unwrap_or(self.frontend);
                self.assets.extend(folder(parent, last_part(attribute("href")?))?);
                Ok(String::new())
            }
            other => bail!("xtask does not know `<link data-trunk rel=\"{other}\">`: see {}", file!()),
        }
    }

    /// Adds the program; the tags that load its files side by side, and the script that starts it.
    fn program(&mut self, bound: Bound) -> String {
        let js = hashed("frontend", "js", bound.js);
        let wasm = hashed("frontend", "wasm", bound.wasm);
        let start =
            format!("import init from '/{}';\ninit({{ module_or_path: '/{}' }});\n", js.name, wasm.name);
        let start = hashed("start", "js", start.into_bytes());
        let tags = format!(
            "<link rel=\"modulepreload\" href=\"/{}\">\n  \
             <link rel=\"preload\" href=\"/{}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n  \
             <script type=\"module\" src=\"/{}\"></script>",
            js.name, wasm.name, start.name
        );
        self.assets.extend([js, wasm, start]);
        self.assets.extend(bound.snippets);
        tags
    }

    /// Adds a file of the frontend under a hashed name; a link to it.
    fn hashed_file(&mut self, rel: &str, href: &str) -> Result<String> {
        let parts = last_part(href).rsplit_once('.');
        let (stem, extension) = parts.with_context(|| format!("{href} has no extension"))?;
        let asset = hashed(stem, extension, read(&self.frontend.join(href))?);
        let link = format!("<link rel=\"{rel}\" href=\"/{}\">", asset.name);
        self.assets.push(asset);
        Ok(link)
    }
}

/// The files of `base`/`name` and below, named from `base`; none if there is no such folder.
pub fn folder(base: &Path, name: &str) -> Result<Vec<Asset>> {
    let folder_path = base.join(name);
    if !folder_path.is_dir() {
        return Ok(Vec::new());
    }
    let mut assets = Vec::new();
    let entries = fs::read_dir(&folder_path).with_context(|| format!("{}", folder_path.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            assets.extend(folder(base, &name)?);
        } else {
            assets.push(Asset { bytes: read(&entry.path())?, name });
        }
    }
    assets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(assets)
}

/// 64 bits tell the versions of one file apart; they guard against nothing else.
fn hashed(stem: &str, extension: &str, bytes: Vec<u8>) -> Asset {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Asset { name: format!("{stem}-{:016x}.{extension}", hasher.finish()), bytes }
}

fn last_part(href: &str) -> &str {
    href.rsplit('/').next().unwrap_or(href)
}

type Attributes<'a> = BTreeMap<&'a str, &'a str>;

/// What stands before the next `<link data-trunk …>`, its attributes, and what stands after.
fn next_directive(html: &str) -> Result<Option<(&str, Attributes<'_>, &str)>> {
    let mut from = 0;
    while let Some(found) = html.get(from..).and_then(|rest| rest.find("<link")) {
        let start = from + found;
        let (before, tag) = html.split_at(start);
        let (inside, after) = tag.split_once('>').context("index.html has a <link without its end")?;
        let attributes = parse_attributes(inside.trim_start_matches("<link"))?;
        if attributes.contains_key("data-trunk") {
            return Ok(Some((before, attributes, after)));
        }
        from = start + inside.len();
    }
    Ok(None)
}

/// `rel="css" data-trunk` as a map; a value stands in double quotes, or there is none.
fn parse_attributes(text: &str) -> Result<Attributes<'_>> {
    let mut attributes = Attributes::new();
    let mut rest = text.trim_end_matches('/').trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').with_context(|| format!("no closing quote: {text}"))?,
            None if after.starts_with('=') => bail!("xtask wants double quotes around values: {text}"),
            None => ("", after),
        };
        attributes.insert(name, value);
        rest = after.trim_start();
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests;
