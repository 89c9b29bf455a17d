//! Which bytes a file has.

use md5::Md5;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The hashes of some bytes, while they come.
#[derive(Clone, Default)]
pub struct Hashing {
    md5: Md5,
    sha256: Sha256,
    size: u64,
}

/// The hashes of all bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// In lower-case hexadecimal digits.
    pub md5: String,
    /// In lower-case hexadecimal digits.
    pub sha256: String,
    /// How many bytes there are.
    pub size: u64,
}

impl Hashing {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// How many bytes have come.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Those of what has come.
    pub fn finish(self) -> Sum {
        let Self { md5, sha256, size } = self;
        Sum { md5: hex::encode(md5.finalize()), sha256: hex::encode(sha256.finalize()), size }
    }
}

/// Takes all bytes of a file; `read` is told how many came at a time.
pub fn hash(path: &Path, mut read: impl FnMut(u64)) -> io::Result<Hashing> {
    let (mut file, mut hashing, mut part) = (File::open(path)?, Hashing::default(), vec![0; 256 * 1024]);
    loop {
        let length = file.read(&mut part)?;
        if length == 0 {
            return Ok(hashing);
        }
        hashing.update(&part[..length]);
        read(length as u64);
    }
}
