//! Folders of datasets. They are parts of paths: a folder is there as long as something is in it.

use super::error::FieldError;
use super::version::{Commit, DatasetFile, check_path};
use serde::{Deserialize, Serialize};

/// A folder in another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Its name, without the folders above it.
    pub name: String,
    /// How many files are in it and below; known of the newest state.
    pub files: Option<i64>,
    /// How many bytes these have; known of the newest state.
    pub size: Option<i64>,
}

/// What is in a folder of a state of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderList {
    /// The commit; null while there is none.
    pub commit: Option<String>,
    /// The folder: empty for the dataset itself, or a path that ends with `/`.
    pub folder: String,
    /// How many folders and files there are.
    pub total: i64,
    /// How many come before this part.
    pub offset: i64,
    /// How many this part has at most.
    pub limit: i64,
    /// The folders of this part, by name; they come before the files.
    pub folders: Vec<Folder>,
    /// The files of this part, by path.
    pub files: Vec<DatasetFile>,
}

/// What a commit made of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// The commit.
    pub commit: Commit,
    /// The MD5 of what the file is since then; null where it is no more.
    pub md5: Option<String>,
}

/// A folder as it is written: empty for the dataset itself, else with a `/` at the end. `field` is what it is called there.
pub fn read_folder(field: &str, text: &str) -> Result<String, FieldError> {
    let path = text.strip_suffix('/').unwrap_or(text);
    if path.is_empty() {
        return Ok(String::new());
    }
    match check_path(field, path) {
        Some(error) => Err(error),
        None => Ok(format!("{path}/")),
    }
}

/// The folder that a path is in, and what it is called there. The path of a folder ends with a `/`, and so does its name.
pub fn split_path(path: &str) -> (&str, &str) {
    let end = path.strip_suffix('/').unwrap_or(path).rfind('/').map_or(0, |slash| slash + 1);
    path.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_end_with_a_slash() {
        for (text, folder) in [("", ""), ("/", ""), ("a", "a/"), ("a/", "a/"), ("a/b c/", "a/b c/")] {
            assert_eq!(read_folder("path", text).as_deref(), Ok(folder), "{text}");
        }
        for text in ["/a", "a//", "../", "a/../b", ".git/", "a\\"] {
            assert_eq!(read_folder("path", text).map_err(|error| error.field), Err("path".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_path_is_a_folder_and_a_name() {
        for (path, parts) in
            [("a", ("", "a")), ("a/b", ("a/", "b")), ("a/b/", ("a/", "b/")), ("a/", ("", "a/")), ("", ("", ""))]
        {
            assert_eq!(split_path(path), parts, "{path}");
        }
    }
}
