//! Files of datasets and their versions: every change is a commit, and a tag is the name of a version.

use super::error::FieldError;
use super::folder::split_path;
use serde::{Deserialize, Serialize};

/// Longest path of a file, in bytes.
pub const MAX_PATH: usize = 1000;
/// Longest name in a path, in bytes: with the extension of its pointer it still fits into the file systems that there are.
pub const MAX_PATH_PART: usize = 250;
/// Longest message of a commit or tag, in characters.
pub const MAX_MESSAGE: usize = 10_000;
/// Longest name of a tag, in characters.
pub const MAX_TAG_NAME: usize = 100;
/// One commit changes at most so many files.
pub const MAX_CHANGES: usize = 100_000;
/// The line of commits that a dataset has.
pub const BRANCH: &str = "main";
/// Where a commit keeps what was drawn on its pictures, with the `/` at the end.
pub const ANNOTATIONS: &str = ".ocellus/annotations/";

/// Names that mean something to Git, DVC or this site wherever they are in a path.
const RESERVED_PARTS: [&str; 8] =
    [".git", ".dvc", ".gitignore", ".gitattributes", ".gitmodules", ".dvcignore", "git~1", ".ocellus"];

/// Says what is wrong with the path of a file in a dataset, if anything is. `field` is what the path is called there.
pub fn check_path(field: &str, path: &str) -> Option<FieldError> {
    fault_of_path(path).map(|message| FieldError::new(field, message))
}

fn fault_of_path(path: &str) -> Option<String> {
    if path.is_empty() || path.len() > MAX_PATH {
        return Some(format!("must have 1 to {MAX_PATH} bytes"));
    }
    if path.chars().any(|c| c.is_control() || is_invisible(c) || c == '\\') {
        return Some("must have no control characters, no invisible ones and no `\\`".to_owned());
    }
    for part in path.split('/') {
        let lower = part.to_ascii_lowercase();
        if part.is_empty() || part == "." || part == ".." {
            return Some(
                "must be relative, with names between the `/` that are neither empty nor `.` nor `..`".to_owned(),
            );
        }
        if part.len() > MAX_PATH_PART {
            return Some(format!("must have names of at most {MAX_PATH_PART} bytes between the `/`"));
        }
        // Git takes these for its own folder as well, since some file systems do, and then checks nothing out.
        let stem = lower.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
        if RESERVED_PARTS.contains(&lower.as_str()) || [".git", "git~1"].contains(&stem) {
            return Some(format!("must not have the name `{part}`, which is Git's, DVC's or this site's own"));
        }
        if lower.ends_with(".dvc") {
            return Some("must have no name that ends with `.dvc`: DVC's pointers are called so".to_owned());
        }
        if part.ends_with([' ', '.']) || part.starts_with(' ') {
            return Some("must have no name that begins with a space or ends with a space or a dot".to_owned());
        }
    }
    None
}

/// Characters that show nothing, with which one name can look like another, and which some file systems pass over.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Says what is wrong with the name of a tag, if anything is.
pub fn check_tag_name(name: &str) -> Option<FieldError> {
    let fits = (1..=MAX_TAG_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.contains("..")
        && !name.ends_with('.')
        && !name.ends_with(".lock");
    if !fits {
        let message = format!(
            "must have 1 to {MAX_TAG_NAME} characters: letters, digits, `-`, `_` and single `.`, must start with a letter or \
             digit, and must not end with `.` or `.lock`"
        );
        return Some(FieldError::new("name", message));
    }
    let taken = is_commit_id(name) || name == BRANCH || name.eq_ignore_ascii_case("head");
    taken.then(|| FieldError::new("name", "must not be what the newest state or a commit is called"))
}

/// Whether this can be the id of a commit: 40 lower-case hexadecimal digits. Abbreviations are none.
pub fn is_commit_id(text: &str) -> bool {
    text.len() == 40 && is_lower_hex(text)
}

/// Whether this can be an MD5: 32 lower-case hexadecimal digits.
pub fn is_md5(text: &str) -> bool {
    text.len() == 32 && is_lower_hex(text)
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A commit: a state of all files of a dataset, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id: 40 hexadecimal digits.
    pub id: String,
    /// The commits that it is based on; none for the first one.
    pub parents: Vec<String>,
    /// Who made it, by name.
    pub author: String,
    /// The number of their account, where that was on this site; the server keeps it to itself.
    #[serde(skip)]
    pub author_id: Option<i64>,
    /// Whether that is an account of this site, or the site itself. Any other name came with a push, and is what somebody has told Git.
    pub author_known: bool,
    /// When, in Unix seconds.
    pub at: i64,
    /// What was done, in words.
    pub message: String,
}

/// The name of a version, which stays with its commit for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionTag {
    /// Its name.
    pub name: String,
    /// The commit that it names.
    pub commit: String,
    /// What is said of the version, possibly nothing.
    pub message: String,
    /// Who named it; empty where Git was not told.
    pub author: String,
    /// The number of their account, where that was on this site; the server keeps it to itself.
    #[serde(skip)]
    pub author_id: Option<i64>,
    /// Whether that is an account of this site, or the site itself. Any other name came with a push, and is what somebody has told Git.
    pub author_known: bool,
    /// When, in Unix seconds.
    pub at: i64,
}

/// What is to be done with a file of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
pub enum FileChange {
    /// It has bytes from now on that the dataset knows, whether or not it was there.
    Put {
        /// Its path.
        path: String,
        /// Their MD5.
        md5: String,
    },
    /// It is no more. A path that ends with `/` means every file in the folder.
    Delete {
        /// Its path.
        path: String,
    },
    /// It is elsewhere from now on, where nothing was. Two paths that end with `/` move every file of a folder.
    Move {
        /// Where it is.
        from: String,
        /// Where it will be.
        to: String,
    },
}

/// What came of something that changes files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The newest commit: the one that was made, or where nothing had to change, the one before.
    pub commit: String,
    /// How many files have changed.
    pub changed: i64,
}

/// A file of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetFile {
    /// Its path.
    pub path: String,
    /// How many bytes it has.
    pub size: i64,
    /// Their MD5, in hexadecimal digits.
    pub md5: String,
    /// Their SHA-256; null where this site does not have them.
    pub sha256: Option<String>,
    /// The media type: of a picture by its content, of other files by their names.
    pub media_type: String,
    /// The number of the picture that it is; null for other files, and in earlier states.
    pub picture: Option<i64>,
    /// Where an image has a small version on this site; null for other files.
    pub thumbnail: Option<String>,
}

/// The files of a state of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileList {
    /// The commit; null while there is none.
    pub commit: Option<String>,
    /// A part of the files, by path.
    pub files: super::Page<DatasetFile>,
}

/// What became of a file between two states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is new.
    Added,
    /// It has other bytes.
    Replaced,
    /// It is no more.
    Removed,
    /// It is elsewhere, with the same bytes.
    Renamed,
}

/// Whether a file that gets another path comes into another folder: then it is moved, otherwise renamed. The files of a folder, whose path
/// ends with a `/`, do whatever the folder is called then. The messages of commits and what is shown of them both ask here, so that they
/// use the same word.
pub fn is_moved(from: &str, to: &str) -> bool {
    from.ends_with('/') || split_path(from).0 != split_path(to).0
}

/// A file that differs between two states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDifference {
    /// Its path; of one that was removed, the one that it had.
    pub path: String,
    /// What became of it.
    pub fate: Fate,
    /// Where it was before, if it was renamed.
    pub renamed_from: Option<String>,
    /// The MD5 of what it was before.
    pub md5_before: Option<String>,
    /// The MD5 of what it is after.
    pub md5: Option<String>,
    /// How many bytes it had before.
    pub size_before: Option<u64>,
    /// How many bytes it has after.
    pub size: Option<u64>,
    /// Where an image has a small version of what it was before.
    pub thumbnail_before: Option<String>,
    /// Where an image has a small version of what it is after.
    pub thumbnail: Option<String>,
}

/// How the regions of one picture differ between two states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureDifference {
    /// The path of the picture.
    pub path: String,
    /// How many are new.
    pub added: i64,
    /// How many are no more.
    pub removed: i64,
    /// How many have another shape or object.
    pub changed: i64,
    /// Whether nothing is kept of it after, as where the picture is no more.
    pub gone: bool,
}

/// How many regions differ between two states, each as they were when a version was last named before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionDifferences {
    /// On how many pictures.
    pub pictures: i64,
    /// How many are new.
    pub added: i64,
    /// How many are no more.
    pub removed: i64,
    /// How many have another shape or object.
    pub changed: i64,
    /// The first of these pictures, by path.
    pub changes: Vec<PictureDifference>,
}

/// What differs between two states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// How many files are new.
    pub added: i64,
    /// How many have other bytes.
    pub replaced: i64,
    /// How many are no more.
    pub removed: i64,
    /// How many have another path.
    pub renamed: i64,
    /// How many of these are in another folder.
    pub moved: i64,
    /// What differs in what is drawn, as naming versions keeps it.
    pub regions: RegionDifferences,
    /// A part of the files, by path.
    pub changes: Vec<FileDifference>,
}

impl Differences {
    /// How many files differ.
    pub fn total(&self) -> i64 {
        self.added + self.replaced + self.removed + self.renamed
    }
}

/// Two states side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The commit of the first.
    pub from: String,
    /// The commit of the second.
    pub to: String,
    /// What differs.
    #[serde(flatten)]
    pub differences: Differences,
}

/// A commit with what it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitDetail {
    /// The commit.
    #[serde(flatten)]
    pub commit: Commit,
    /// What differs from the first commit that it is based on.
    #[serde(flatten)]
    pub differences: Differences,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_in_its_folder_is_renamed() {
        assert!(is_moved("a", "b/a") && is_moved("a/x/", "b/x/") && is_moved("a/x", "x"));
        assert!(!is_moved("a", "b") && !is_moved("a/x", "a/y"));
        // What is in the folder comes into another one.
        assert!(is_moved("a/x/", "a/y/"));
    }

    #[test]
    fn paths_are_relative_and_mean_the_same_everywhere() {
        for path in [
            "a",
            "a/b.png",
            "Großer Ordner/ü.jpg",
            "-rf",
            "a b",
            ".hidden",
            ".github/x",
            ".gitx:y",
            "a.b/c",
            "\"q\"",
            "a:b",
            "*",
        ] {
            assert_eq!(check_path("path", path), None, "{path}");
        }
        let long = "x".repeat(MAX_PATH_PART + 1);
        let deep = "ab/".repeat(400);
        for path in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/./b",
            ".git",
            "a/.GIT/config",
            ".dvc/config",
            ".Dvc",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{202e}gpj",
            ".g\u{200c}it",
            "a\\b",
            "a.dvc",
            "A.DVC/b",
            "git~1",
            ".Ocellus/a",
            ".git:x",
            "a/.GIT. :x/b",
            "git~1:x/a",
            "a ",
            " a",
            "a.",
            ".gitattributes",
            &long,
            &deep,
        ] {
            assert_eq!(check_path("path", path).map(|error| error.field).as_deref(), Some("path"), "{path:?}");
        }
    }

    #[test]
    fn tags_are_no_other_names() {
        for name in ["v1", "1.0", "2026-11-22_final", "a.b"] {
            assert_eq!(check_tag_name(name), None, "{name}");
        }
        let id = "0123456789012345678901234567890123456789";
        for name in ["", "-d", ".a", "a..b", "a.", "a.lock", "a/b", "a b", "ä", "main", "HEAD", "a~1", "a^", "@{u}", id]
        {
            assert!(check_tag_name(name).is_some(), "{name}");
        }
        assert!(is_commit_id(id) && !is_commit_id(&id[1..]) && is_md5(&id[8..]) && !is_md5("A0"));
    }
}
