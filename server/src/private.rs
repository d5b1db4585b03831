//! Files that hold keys: for nobody else's eyes, and whole or not at all, whenever the machine stops.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes a folder that is closed to others. One that is there stays as it is: it may be others' as well.
pub(crate) fn folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes beside the file first, and then in its place.
pub(crate) fn write(file: &Path, text: &[u8]) -> io::Result<()> {
    let draft = file.with_extension("new");
    // One that was left behind may be open to others.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    out.write_all(text)?;
    out.sync_all()?;
    fs::rename(&draft, file)?;
    // The new name, too, is to outlast the machine's end.
    file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_reads_them_whatever_was_there_before() {
        let place = std::env::temp_dir().join(format!("madang-private-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        fs::set_permissions(&place, Permissions::from_mode(0o755)).unwrap();
        let (file, draft) = (place.join("key"), place.join("key.new"));
        for left in [&file, &draft] {
            fs::write(left, "half").unwrap();
            fs::set_permissions(left, Permissions::from_mode(0o644)).unwrap();
        }
        let inside = place.join("made");
        folder(&place).unwrap();
        folder(&inside).unwrap();
        write(&file, b"whole").unwrap();
        assert_eq!((mode(&place), mode(&inside)), (0o755, 0o700));
        assert_eq!((mode(&file), draft.exists()), (0o600, false));
        assert_eq!(fs::read(&file).unwrap(), b"whole");
        fs::remove_dir_all(&place).unwrap();
    }
}
