//! Folders that survive a power cut.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Makes a folder with those above it, and makes sure that the new ones are there after a power cut: a file in a folder is
/// only as durable as the folder's own entry in the one above.
pub fn create_dir_all(dir: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        dir.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
    fs::create_dir_all(dir)?;
    for made in missing {
        let above = made.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync(above)?;
    }
    Ok(())
}

/// Writes a folder's entries to disk.
pub fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_what_is_missing_and_keeps_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b/c");
        create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), "x").unwrap();
        create_dir_all(&inner).unwrap();
        assert!(inner.join("file").exists());
        assert!(create_dir_all(&inner.join("file/d")).is_err());
    }
}
