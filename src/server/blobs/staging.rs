//! Streaming bytes to a temporary file while hashing and counting them.

use super::BlobError;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::pin::pin;
use tempfile::{NamedTempFile, TempPath};

/// How many bytes are gathered before they are hashed and written in one go off the async threads.
const GROUP_BYTES: usize = 512 * 1024;

/// Bytes in a temporary file, which goes when this is dropped.
#[derive(Debug)]
pub struct StagedBlob {
    file: TempPath,
    /// BLAKE3 in lower-case hexadecimal digits: the name.
    pub hash: String,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
    /// MD5 in lower-case hexadecimal digits.
    pub md5: String,
    /// CRC-32.
    pub crc32: u32,
    /// Number of bytes.
    pub size: u64,
}

impl StagedBlob {
    /// Where the bytes are for now.
    pub fn path(&self) -> &Path {
        &self.file
    }

    pub(super) fn into_file(self) -> TempPath {
        self.file
    }
}

/// The hashes and the file: everything that takes each byte once.
struct Writer {
    file: File,
    blake3: blake3::Hasher,
    sha256: Sha256,
    md5: Md5,
    crc32: crc32fast::Hasher,
}

impl Writer {
    fn write(&mut self, group: &[u8]) -> io::Result<()> {
        self.blake3.update(group);
        self.sha256.update(group);
        self.md5.update(group);
        self.crc32.update(group);
        self.file.write_all(group)
    }
}

/// Streams bytes to a temporary file in `incoming`.
pub(super) async fn stage<S, E>(incoming: &Path, stream: S, limit_bytes: u64) -> Result<StagedBlob, BlobError>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: fmt::Display,
{
    let incoming = incoming.to_owned();
    let (file, path) = super::blocking(move || new_file(&incoming)).await?;
    let (sha256, md5) = (Sha256::new(), Md5::new());
    let mut writer = Writer { file, blake3: blake3::Hasher::new(), sha256, md5, crc32: crc32fast::Hasher::new() };

    let mut stream = pin!(stream);
    let (mut size, mut group) = (0_u64, Vec::new());
    while let Some(next) = stream.next().await {
        let bytes = next.map_err(|error| BlobError::Interrupted(error.to_string()))?;
        size = size.saturating_add(bytes.len() as u64);
        if size > limit_bytes {
            return Err(BlobError::TooLarge { limit_bytes });
        }
        // Copied, since to keep many small ones would take more memory than they have bytes.
        group.extend_from_slice(&bytes);
        if group.len() >= GROUP_BYTES {
            writer = flush(writer, std::mem::take(&mut group)).await?;
        }
    }
    let writer = flush(writer, group).await?;

    Ok(StagedBlob {
        file: path,
        hash: writer.blake3.finalize().to_hex().to_string(),
        sha256: hex::encode(writer.sha256.finalize()),
        md5: hex::encode(writer.md5.finalize()),
        crc32: writer.crc32.finalize(),
        size,
    })
}

async fn flush(mut writer: Writer, group: Vec<u8>) -> Result<Writer, BlobError> {
    super::blocking(move || {
        writer.write(&group)?;
        Ok(writer)
    })
    .await
}

/// A new temporary file that, once kept, nobody writes to by mistake.
fn new_file(incoming: &Path) -> io::Result<(File, TempPath)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("upload-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o444));
    }
    Ok(NamedTempFile::into_parts(builder.tempfile_in(incoming)?))
}
