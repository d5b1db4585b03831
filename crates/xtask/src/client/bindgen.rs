//! The JavaScript glue, by wasm-bindgen as a library: the lock file keeps it at the version the client
//! was compiled with, and nobody has to install a matching command line tool.

use super::{Asset, imports::Names, read, read_text};
use anyhow::{Context, Result};
use std::{fs, path::Path};
use wasm_bindgen_cli_support::Bindgen;

/// What the WASM calls the module that wasm-bindgen writes.
const GLUE: &str = "./frontend_bg.js";

/// What wasm-bindgen makes of a module.
pub struct Bound {
    /// The ES module that loads and serves the WASM.
    pub js: Vec<u8>,
    /// The WASM, its imports tied to `js`.
    pub wasm: Vec<u8>,
    /// JavaScript that dependencies brought along, under `snippets/`, where `js` looks for it.
    pub snippets: Vec<Asset>,
}

/// Binds the module at `wasm`, in a folder under `scratch`.
pub fn bind(wasm: &Path, scratch: &Path) -> Result<Bound> {
    let folder = scratch.join("bindgen");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name("frontend").web(true)?.typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.generate_output().context("wasm-bindgen could not read what cargo built")?;
    let mut names = Names::default();
    // What comes from a script of a crate's own keeps the name that the script gave it.
    for import in output.wasm_mut().imports.iter_mut().filter(|import| import.module == GLUE) {
        import.name = names.shorten(&import.name);
    }
    output.emit(&folder).context("what wasm-bindgen made cannot be written")?;
    Ok(Bound {
        js: names.rename_in(&read_text(&folder.join("frontend.js"))?).into_bytes(),
        wasm: read(&folder.join("frontend_bg.wasm"))?,
        snippets: super::page::folder(&folder, "snippets")?,
    })
}
