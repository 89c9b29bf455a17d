//! The texts of an export, written into one temporary file before anything is sent: so their lengths and checksums are known.

use super::MAX_BYTES;
use crate::formats::annotations::{Head, Output, Stopped};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write};

/// A text that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its path in the archive.
    pub path: String,
    /// Where it begins in the temporary file.
    pub begin: u64,
    /// How many bytes it has.
    pub size: u64,
    /// Their CRC-32.
    pub crc32: u32,
    /// Their SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Where a picture is, by its part of the split and its path.
pub type Places = HashMap<(Option<String>, String), String>;

/// Takes texts one after the other, and where a format wants the pictures to be.
pub struct Texts {
    file: File,
    end: u64,
    texts: Vec<Text>,
    paths: HashSet<String>,
    places: Places,
}

impl Texts {
    /// None yet.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile()?,
            end: 0,
            texts: Vec::new(),
            paths: HashSet::new(),
            places: Places::new(),
        })
    }

    /// Begins a text; it ends when what is answered is dropped.
    pub fn begin(&mut self, path: &str) -> Writer<'_> {
        let (begin, path) = (self.end, path.to_owned());
        let (crc32, sha256) = (crc32fast::Hasher::new(), Sha256::new());
        Writer { texts: self, path, begin, crc32, sha256 }
    }

    /// Writes a whole text.
    pub fn add(&mut self, path: &str, text: &[u8]) -> io::Result<()> {
        self.begin(path).write_all(text)
    }

    /// Takes the texts from this one on out of the list: they are in the file for somebody who knows where.
    pub fn hide(&mut self, from: usize) -> Vec<Text> {
        let hidden = self.texts.split_off(from);
        for text in &hidden {
            self.paths.remove(&text.path);
        }
        hidden
    }

    /// What was written so far.
    pub fn list(&self) -> &[Text] {
        &self.texts
    }

    /// Whether there is a text at this path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Where the format wants the pictures to be.
    pub fn take_places(&mut self) -> Places {
        std::mem::take(&mut self.places)
    }

    /// The texts, and the file that they are in.
    pub fn into_parts(self) -> (Vec<Text>, File) {
        (self.texts, self.file)
    }
}

/// One text while it is written.
pub struct Writer<'t> {
    texts: &'t mut Texts,
    path: String,
    begin: u64,
    crc32: crc32fast::Hasher,
    sha256: Sha256,
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.texts.end + bytes.len() as u64 > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.texts.file.write(bytes)?;
        self.crc32.update(&bytes[..count]);
        self.sha256.update(&bytes[..count]);
        self.texts.end += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.texts.file.flush()
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        self.texts.paths.insert(self.path.clone());
        self.texts.texts.push(Text {
            path: std::mem::take(&mut self.path),
            begin: self.begin,
            size: self.texts.end - self.begin,
            crc32: std::mem::take(&mut self.crc32).finalize(),
            sha256: hex::encode(std::mem::take(&mut self.sha256).finalize()),
        });
    }
}

impl Output for Texts {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        Ok(Box::new(self.begin(path)))
    }

    fn picture(&mut self, head: &Head, path: &str) -> Result<(), Stopped> {
        self.places.insert((head.split.clone(), head.path.clone()), path.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lie_one_after_the_other() {
        let mut texts = Texts::new().unwrap();
        texts.add("a", b"one").unwrap();
        texts.add("b/c", b"").unwrap();
        texts.add("d", b"three").unwrap();
        let found: Vec<_> = texts.list().iter().map(|text| (text.path.as_str(), text.begin, text.size)).collect();
        assert_eq!(found, [("a", 0, 3), ("b/c", 3, 0), ("d", 3, 5)]);
        assert_eq!(texts.list()[0].crc32, crc32fast::hash(b"one"));
        assert_eq!(texts.list()[0].sha256, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
        assert!(texts.has("b/c") && !texts.has("c"));
    }
}
