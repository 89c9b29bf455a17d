//! What may be in a dataset's repository, by its path.

use super::pointer;
use crate::model::version::{ANNOTATIONS, MAX_PATH, check_path};

/// Texts about a dataset that Git keeps itself, whatever their extension.
const TEXTS: [&str; 9] =
    ["readme", "license", "licence", "copying", "changelog", "citation", "contributing", "authors", "notice"];
/// Settings of Git and DVC for a folder.
const SETTINGS: [&str; 3] = [".gitignore", ".gitattributes", ".dvcignore"];

/// What a path in a repository is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// The pointer of the file at this path without the extension.
    Pointer,
    /// DVC's settings.
    Config,
    /// A text about the dataset, or other settings.
    Text,
    /// What was drawn, as tags keep it.
    Annotations,
}

/// What this path is for, or why nothing may be there.
pub(super) fn purpose(path: &str) -> Result<Purpose, String> {
    let is_sound = |path: &str| check_path("path", path).is_none();
    // Longer than any other by what stands around the path of its file.
    if path.strip_prefix(ANNOTATIONS).and_then(|path| path.strip_suffix(".json")).is_some_and(is_sound) {
        return Ok(Purpose::Annotations);
    }
    if path.len() > MAX_PATH + pointer::EXTENSION.len() {
        return Err(format!("the path is longer than {MAX_PATH} bytes"));
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if path == ".dvc/config" {
        return Ok(Purpose::Config);
    }
    if path == ".dvc/.gitignore" || (SETTINGS.contains(&name) && (folder.is_empty() || is_sound(folder))) {
        return Ok(Purpose::Text);
    }
    if let Some(file) = path.strip_suffix(pointer::EXTENSION) {
        return match check_path("path", file) {
            None => Ok(Purpose::Pointer),
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
        let longest = format!("{}x", "ab/".repeat(MAX_PATH / 3));
        assert_eq!(longest.len(), MAX_PATH);
        let (its_pointer, its_text) = (format!("{longest}.dvc"), format!(".ocellus/annotations/{longest}.json"));
        for (path, expected) in [
            ("a.png.dvc", Ok(Purpose::Pointer)),
            ("a b/ü.bin.dvc", Ok(Purpose::Pointer)),
            (".dvc/config", Ok(Purpose::Config)),
            (".dvc/.gitignore", Ok(Purpose::Text)),
            (".gitignore", Ok(Purpose::Text)),
            ("a/.gitattributes", Ok(Purpose::Text)),
            (".dvcignore", Ok(Purpose::Text)),
            ("README.md", Ok(Purpose::Text)),
            ("a/LICENCE", Ok(Purpose::Text)),
            (".ocellus/annotations/a/b.png.json", Ok(Purpose::Annotations)),
            (its_pointer.as_str(), Ok(Purpose::Pointer)),
            (its_text.as_str(), Ok(Purpose::Annotations)),
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
            &format!(".ocellus/annotations/{longest}x.json"),
            &long,
        ] {
            assert!(purpose(path).is_err(), "{path}: {:?}", purpose(path));
        }
    }
}
