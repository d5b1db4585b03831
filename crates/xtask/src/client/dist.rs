//! `dist/` on disk: each asset, and beside it the `.br` and `.gz` the server hands to browsers that take
//! them. Compressed here, once and at the highest level, so the server never compresses.
//!
//! A file is written after its siblings, and not at all if it is there already: so one that is there is
//! whole, and the server, which cargo rebuilds when a file of `dist/` changes, is rebuilt for a reason.

use super::Asset;
use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Suffixes of the compressed siblings.
const SIBLINGS: [&str; 2] = [".br", ".gz"];

/// What is packed already.
const COMPRESSED: [&str; 6] = ["avif", "jpg", "png", "webm", "webp", "woff2"];

/// Makes `dist` hold these assets and nothing else; how many had changed.
pub fn write(dist: &Path, assets: &[Asset]) -> Result<usize> {
    fs::create_dir_all(dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    let mut written = 0;
    for asset in assets {
        if fs::read(dist.join(&asset.name)).is_ok_and(|bytes| bytes == asset.bytes) {
            continue;
        }
        write_asset(dist, asset).with_context(|| format!("{} cannot be written", asset.name))?;
        written += 1;
    }
    remove_others(dist, assets)?;
    Ok(written)
}

/// Makes `folder` hold these assets and nothing else, none of them compressed.
pub fn write_plain(folder: &Path, assets: &[Asset]) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    for asset in assets {
        let path = folder.join(&asset.name);
        let written =
            path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, &asset.bytes));
        written.with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn write_asset(dist: &Path, asset: &Asset) -> Result<()> {
    let path = dist.join(&asset.name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    for stale in with_siblings(&asset.name).map(|name| dist.join(name)) {
        if stale.exists() {
            fs::remove_file(stale)?;
        }
    }
    if !COMPRESSED.iter().any(|extension| path.extension().is_some_and(|own| own == *extension)) {
        for (suffix, packed) in SIBLINGS.into_iter().zip([brotli(&asset.bytes)?, gzip(&asset.bytes)?]) {
            if packed.len() < asset.bytes.len() {
                fs::write(dist.join(format!("{}{suffix}", asset.name)), packed)?;
            }
        }
    }
    Ok(fs::write(path, &asset.bytes)?)
}

/// Removes what an earlier build left.
fn remove_others(dist: &Path, assets: &[Asset]) -> Result<()> {
    let wanted: BTreeSet<PathBuf> =
        assets.iter().flat_map(|asset| with_siblings(&asset.name)).map(|name| dist.join(name)).collect();
    for file in files(dist)? {
        if !wanted.contains(&file) {
            fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
        }
    }
    Ok(())
}

fn with_siblings(name: &str) -> impl Iterator<Item = String> {
    ["", ".br", ".gz"].into_iter().map(move |suffix| format!("{name}{suffix}"))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(self::files(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let (buffer, quality, window_bits) = (1 << 16, 11, 22);
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), buffer, quality, window_bits);
    encoder.write_all(bytes)?;
    Ok(encoder.into_inner())
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, io::Read as _, process};

    fn asset(name: &str, bytes: &[u8]) -> Asset {
        Asset { name: name.into(), bytes: bytes.to_vec() }
    }

    /// Runs the test in an empty folder and removes it.
    fn in_folder(test: &str, body: impl FnOnce(&Path)) {
        let folder = env::temp_dir().join(format!("madang-dist-{}-{test}", process::id()));
        body(&folder);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn siblings_hold_the_same_bytes() {
        in_folder("siblings", |dist| {
            let text = b"madang ".repeat(100);
            assert_eq!(write(dist, &[asset("a/b.css", &text)]).unwrap(), 1);
            let mut plain = Vec::new();
            let packed = fs::read(dist.join("a/b.css.br")).unwrap();
            brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, text);
            plain.clear();
            let packed = fs::read(dist.join("a/b.css.gz")).unwrap();
            flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, text);
        });
    }

    #[test]
    fn what_did_not_change_is_not_written_again() {
        in_folder("same", |dist| {
            let (first, second) = (asset("a.js", &[1; 99]), asset("b.js", &[2; 99]));
            assert_eq!(write(dist, &[first.clone(), second.clone()]).unwrap(), 2);
            let time = |name: &str| fs::metadata(dist.join(name)).unwrap().modified().unwrap();
            let before = (time("a.js"), time("a.js.br"));
            assert_eq!(write(dist, &[first.clone(), asset("b.js", &[3; 99])]).unwrap(), 1);
            assert_eq!(before, (time("a.js"), time("a.js.br")));
            assert_eq!(write(dist, &[first, asset("b.js", &[3; 99])]).unwrap(), 0);
        });
    }

    #[test]
    fn what_is_wanted_no_more_goes_with_its_siblings() {
        in_folder("stale", |dist| {
            write(dist, &[asset("old.js", &[1; 99])]).unwrap();
            write(dist, &[asset("new.js", &[1; 99])]).unwrap();
            let mut left: Vec<_> = files(dist).unwrap();
            left.sort();
            assert_eq!(left, ["new.js", "new.js.br", "new.js.gz"].map(|name| dist.join(name)));
        });
    }

    #[test]
    fn a_sibling_that_would_be_larger_is_left_out() {
        in_folder("small", |dist| {
            write(dist, &[asset("a.txt", b"x"), asset("a.png", &[0; 999])]).unwrap();
            assert_eq!(files(dist).unwrap().len(), 2);
        });
    }
}
