//! What is said of the files of an archive, and the checks that it has to pass.

use super::UnpackLimits;
use super::error::UnpackError;
use super::streams::Method;
use crate::model::text::fold;
use crate::model::version::check_path;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use unicode_normalization::UnicodeNormalization;

/// Where a file's bytes are in the archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    /// Where they begin.
    pub offset: u64,
    /// How many there are in the archive.
    pub packed: u64,
    /// How many there are unpacked.
    pub size: u64,
    /// How they are packed.
    pub method: Method,
    /// Their checksum (CRC-32), where the archive says it.
    pub crc32: Option<u32>,
}

/// What a name stands for, where case and the form of Unicode do not count.
#[derive(Clone, Copy)]
enum Holder {
    /// A file, by its place among the files.
    File(usize),
    Folder,
}

/// The files that have been listed so far.
pub(super) struct List {
    pub limits: UnpackLimits,
    files: Vec<(String, Listed)>,
    /// What stands under each name. Of the names only keyed hashes are kept: a path in many folders has as many names, and two of
    /// millions have the same hash less often than disks fail.
    holders: HashMap<u64, Holder>,
    hasher: RandomState,
    entries: u64,
    packed: u64,
    bytes: u64,
    path_bytes: u64,
    passed_over: u64,
}

impl List {
    pub fn new(limits: UnpackLimits) -> Self {
        Self {
            limits,
            files: Vec::new(),
            holders: HashMap::new(),
            hasher: RandomState::new(),
            entries: 0,
            packed: 0,
            bytes: 0,
            path_bytes: 0,
            passed_over: 0,
        }
    }

    /// Counts something in the archive, whatever it is.
    pub fn count(&mut self) -> Result<(), UnpackError> {
        self.entries += 1;
        if self.entries > self.limits.entries { Err(UnpackError::TooMany(self.limits.entries)) } else { Ok(()) }
    }

    /// Whether nobody misses this file: macOS and Windows leave it in folders. If so, it is counted.
    pub fn passes_over(&mut self, path: &str) -> bool {
        let is_left = is_left_behind(path);
        self.passed_over += u64::from(is_left);
        is_left
    }

    /// Adds a folder. The path may end with a slash. Folders need no place in the list, but what they are called has to be right.
    pub fn folder(&mut self, path: &str) -> Result<(), UnpackError> {
        let inner = path.strip_suffix('/').unwrap_or(path);
        if matches!(inner, "" | ".") && !path.starts_with('/') {
            return Ok(());
        }
        let path = self.checked(inner)?;
        let key = key_of(&path);
        match self.holder(&key) {
            Some(Holder::File(file)) => {
                Err(UnpackError::FileAndFolder { file: self.path(file).to_owned(), inside: format!("{path}/") })
            }
            Some(Holder::Folder) => Ok(()),
            None => {
                self.above(&path, &key)?;
                self.hold(&key, Holder::Folder)
            }
        }
    }

    /// Adds a file. Answers its place among the files.
    pub fn file(&mut self, path: &str, place: Listed) -> Result<usize, UnpackError> {
        let path = self.checked(path)?;
        if place.size > self.limits.entry_bytes {
            return Err(UnpackError::FileTooLarge { path, most: self.limits.entry_bytes });
        }
        if self.limits.is_bomb(place.packed, place.size) {
            return Err(UnpackError::Bomb { path: Some(path), ratio: self.limits.ratio });
        }
        self.packed = self.packed.saturating_add(place.packed);
        self.bytes = self.bytes.saturating_add(place.size);
        if self.bytes > self.limits.bytes {
            return Err(UnpackError::TooLarge(self.limits.bytes));
        }
        self.path_bytes += path.len() as u64;
        if self.path_bytes > self.limits.all_path_bytes {
            return Err(UnpackError::PathsTooLong(self.limits.all_path_bytes));
        }
        let key = key_of(&path);
        match self.holder(&key) {
            Some(Holder::File(first)) => {
                return Err(UnpackError::Twice { first: self.path(first).to_owned(), second: path });
            }
            Some(Holder::Folder) => {
                let within = format!("{key}/");
                let inside = self.files.iter().map(|(other, _)| other).find(|other| key_of(other).starts_with(&within));
                let inside = inside.cloned().unwrap_or_else(|| format!("{path}/"));
                return Err(UnpackError::FileAndFolder { file: path, inside });
            }
            None => self.above(&path, &key)?,
        }
        let number = self.files.len();
        self.hold(&key, Holder::File(number))?;
        self.files.push((path, place));
        Ok(number)
    }

    /// The path of a file, by its place among them.
    pub fn path(&self, number: usize) -> &str {
        self.files.get(number).map_or("", |(path, _)| path.as_str())
    }

    /// The files, in the order of the archive, and how many were passed over.
    pub fn finish(self) -> Result<(Vec<(String, Listed)>, u64), UnpackError> {
        if self.limits.is_bomb(self.packed, self.bytes) {
            return Err(UnpackError::Bomb { path: None, ratio: self.limits.ratio });
        }
        if self.files.is_empty() { Err(UnpackError::Nothing) } else { Ok((self.files, self.passed_over)) }
    }

    fn holder(&self, key: &str) -> Option<Holder> {
        self.holders.get(&self.hasher.hash_one(key)).copied()
    }

    fn hold(&mut self, key: &str, holder: Holder) -> Result<(), UnpackError> {
        // Folders count that only paths of files name, too: each of them takes up memory.
        if self.holders.len() as u64 >= self.limits.entries {
            return Err(UnpackError::TooMany(self.limits.entries));
        }
        self.holders.insert(self.hasher.hash_one(key), holder);
        Ok(())
    }

    /// Notes the folders that a path is in.
    fn above(&mut self, path: &str, key: &str) -> Result<(), UnpackError> {
        for (slash, _) in key.rmatch_indices('/') {
            match self.holder(&key[..slash]) {
                Some(Holder::File(file)) => {
                    let file = self.path(file).to_owned();
                    return Err(UnpackError::FileAndFolder { file, inside: path.to_owned() });
                }
                // Those above it are there as well.
                Some(Holder::Folder) => return Ok(()),
                None => self.hold(&key[..slash], Holder::Folder)?,
            }
        }
        Ok(())
    }

    /// A path as it is kept, if files can have it.
    fn checked(&self, path: &str) -> Result<String, UnpackError> {
        let refuse = |why: &str| Err(UnpackError::path(path, why));
        if path.len() > self.limits.path_bytes {
            return refuse(&format!("has more than {} bytes", self.limits.path_bytes));
        }
        // Many archives begin every path so, because a folder was packed from inside.
        let mut inner = path;
        while let Some(rest) = inner.strip_prefix("./") {
            inner = rest;
        }
        if inner.is_empty() {
            return refuse("is empty");
        }
        if inner.contains('\0') {
            return refuse("contains a character with the code 0");
        }
        if inner.chars().any(char::is_control) {
            return refuse("contains control characters");
        }
        if inner.contains('\\') {
            return refuse("contains a backslash; folders are separated by `/`");
        }
        if inner.starts_with('/') {
            return refuse("is absolute");
        }
        if matches!(inner.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
            return refuse("begins with the letter of a drive");
        }
        if inner.split('/').any(|part| part == "..") {
            return refuse("contains `..`, which leads out of the archive");
        }
        match check_path("path", inner) {
            Some(error) => refuse(&error.message),
            None => Ok(inner.to_owned()),
        }
    }
}

/// What is the same for paths that some file system takes for one.
pub(super) fn key_of(path: &str) -> String {
    fold(&path.nfc().collect::<String>()).nfc().collect()
}

/// Whether a path is one of those that macOS and Windows leave in folders and archives.
fn is_left_behind(path: &str) -> bool {
    path.split('/').any(|part| {
        part == "__MACOSX"
            || part.starts_with("._")
            || [".DS_Store", "Thumbs.db", "desktop.ini"].iter().any(|left| part.eq_ignore_ascii_case(left))
    })
}
