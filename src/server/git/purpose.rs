//! What may be in a dataset's repository, by its path.

use super::pointer;
use crate::model::version::{ANNOTATIONS, MAX_PATH, check_path};

/// Texts about a dataset that Git keeps itself, whatever their extension.
const TEXTS: [&str; 9] =
    ["readme", "license", "licence", "copying", "changelog", "citation", "contributing", "authors", "notice"];
/// Settings of Git and DVC for a folder.
const SETTINGS: [&str; 3] = [".gitignore", ".gitattributes", ".dvcignore"];

/// What a path in a repository is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The pointer of a file at this path.
    Pointer(String),
    /// DVC's settings.
    Config,
    /// A text about the dataset, or other settings.
    Text,
    /// What was drawn, as tags keep it.
    Annotations,
}

/// What this path is for, or why nothing may be there.
pub(super) fn purpose(path: &str) -> Result<Purpose, String> {
    if path.len() > MAX_PATH + pointer::EXTENSION.len() {
        return Err(format!("the path is longer than {MAX_PATH} bytes"));
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_sound = |path: &str| check_path("path", path).is_none();
    if path == ".dvc/config" {
        return Ok(Purpose::Config);
    }
    if path == ".dvc/.gitignore" || (SETTINGS.contains(&name) && (folder.is_empty() || is_sound(folder))) {
        return Ok(Purpose::Text);
    }
    if path.strip_prefix(ANNOTATIONS).and_then(|path| path.strip_suffix(".json")).is_some_and(is_sound) {
        return Ok(Purpose::Annotations);
    }
    if let Some(file) = path.strip_suffix(pointer::EXTENSION) {
        return match check_path("path", file) {
            None => Ok(Purpose::Pointer(file.to_owned())),
            Some(fault) => Err(format!("the path of the file {}", fault.message)),
        };
    }
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    if TEXTS.contains(&stem.as_str()) && is_sound(path) {
        return Ok(Purpose::Text);
    }
    Err("it is no pointer of DVC; run `dvc add` on files, and commit what that writes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_a_purpose_or_is_refused() {
        let pointer = |path: &str| Ok(Purpose::Pointer(path.to_owned()));
        for (path, expected) in [
            ("a.png.dvc", pointer("a.png")),
            ("a b/ü.bin.dvc", pointer("a b/ü.bin")),
            (".dvc/config", Ok(Purpose::Config)),
            (".dvc/.gitignore", Ok(Purpose::Text)),
            (".gitignore", Ok(Purpose::Text)),
            ("a/.gitattributes", Ok(Purpose::Text)),
            (".dvcignore", Ok(Purpose::Text)),
            ("README.md", Ok(Purpose::Text)),
            ("a/LICENCE", Ok(Purpose::Text)),
            (".ocellus/annotations/a/b.png.json", Ok(Purpose::Annotations)),
        ] {
            assert_eq!(purpose(path), expected, "{path}");
        }
        let long = format!("{}.dvc", "x/".repeat(600));
        for path in [
            "a.png",
            "data.csv",
            ".dvc",
            ".dvc/config.local",
            ".dvc/tmp/x.dvc",
            ".dvc/plots/x",
            "dvc.yaml",
            "dvc.lock",
            ".gitmodules",
            ".git/config",
            "a/.git/.gitignore",
            "../README",
            "a/../b.dvc",
            "a\n.dvc",
            "a..dvc",
            " a.dvc",
            ".ocellus/x.dvc",
            ".ocellus/README.md",
            ".ocellus/annotations/../x.json",
            ".ocellus/annotations/.json",
            "readme/x",
            &long,
        ] {
            assert!(purpose(path).is_err(), "{path}: {:?}", purpose(path));
        }
    }
}
