//! Files without the place where they were taken. What has to be overwritten in a file is derived data in a folder, found out when it
//! is first asked for; it is laid over the file's bytes while they are sent.

use super::exif::{self, Patch, place_patches};
use super::format::Format;
use super::pipeline::ImagePipeline;
use crate::model::AppError;
use crate::server::blobs::{BlobStore, durable, is_hash};
use crate::server::errors::internal;
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

/// A folder of lists of patches: `<dir>/aa/bb/<hash>.patches`. Beside each are the checksum and the digest of the file with the patches laid
/// over it, once somebody has found them out (`<hash>.crc32`, `<hash>.sha256`). Clones share it.
#[derive(Clone, Debug)]
pub struct Placeless {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    blobs: BlobStore,
    images: ImagePipeline,
    /// One file is looked at at a time: that is rare, and done once.
    making: Arc<Mutex<()>>,
    /// So is one whose digest is found out.
    summing: Mutex<()>,
}

impl Placeless {
    /// Opens the folder, which is made if it is missing.
    pub fn open(dir: &Path, blobs: BlobStore, images: ImagePipeline) -> io::Result<Self> {
        durable::create_dir_all(dir)?;
        Ok(Self {
            shared: Arc::new(Shared {
                dir: dir.to_owned(),
                blobs,
                images,
                making: Arc::default(),
                summing: Mutex::default(),
            }),
        })
    }

    /// Whether files of this media type can tell a place that is taken out.
    pub fn concerns(media_type: &str) -> bool {
        format_of(media_type).is_some()
    }

    /// What has to be overwritten in a file, so that it does not tell where it was taken; nothing where it does not anyway. The file is
    /// here or at one of these storage sites. Whoever calls has made sure that the blob belongs to a picture, so that missing bytes are a
    /// failure.
    pub async fn patches(&self, hash: &str, media_type: &str, sites: &[i64]) -> Result<Vec<Patch>, AppError> {
        let format = format_of(media_type).filter(|_| is_hash(hash));
        let format = format.ok_or_else(|| AppError::NotFound("there is no such image".to_owned()))?;
        if let Some(found) = self.find(hash).await? {
            return Ok(found);
        }
        // Before the turn that all files share: a storage site may take its time.
        let blob = self.shared.blobs.local(hash, sites).await;
        let blob = blob.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
        let making = self.shared.making.clone().lock_owned().await;
        // Whoever held the lock before may have found them.
        if let Some(found) = self.find(hash).await? {
            return Ok(found);
        }
        let path = self.path(hash);
        let work = move || {
            let found = find_out(blob.path(), format, &path);
            // Held by the work, which goes on when whoever asked does not wait for it.
            drop(making);
            Ok(found?)
        };
        Ok(self.shared.images.run(exif::MEMORY_BYTES, work).await?)
    }

    /// Removes what was made of a blob, if it is there.
    pub async fn remove(&self, hash: &str) -> io::Result<()> {
        if !is_hash(hash) {
            return Ok(());
        }
        let list = self.path(hash);
        for path in [beside(&list, CRC32), beside(&list, SHA256), list] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// The checksum (CRC-32) of a file without its place, if that is known: a file that tells none has the one of its own bytes.
    pub async fn checksum(&self, hash: &str, of_file: Option<u32>) -> Option<u32> {
        let patches = self.find(hash).await.ok()??;
        if patches.is_empty() {
            return of_file;
        }
        // What a crash has left half written is none.
        let text =
            tokio::fs::read_to_string(beside(&self.path(hash), CRC32)).await.ok().filter(|text| text.len() == 8)?;
        u32::from_str_radix(&text, 16).ok()
    }

    /// The SHA-256 of a file without its place, and its CRC-32 if anybody knows it. `of_file` says both of the file as it was uploaded.
    /// What is not known yet is found out by reading the file, and kept.
    pub async fn digests(
        &self,
        hash: &str,
        media_type: &str,
        sites: &[i64],
        of_file: (&str, Option<u32>),
    ) -> Result<(String, Option<u32>), AppError> {
        let patches = self.patches(hash, media_type, sites).await?;
        if patches.is_empty() {
            return Ok((of_file.0.to_owned(), of_file.1));
        }
        if let Some(known) = self.known_digests(hash).await {
            return Ok(known);
        }
        // Whoever asks may not wait so long; then who asks next finds it.
        let (this, hash, sites) = (self.clone(), hash.to_owned(), sites.to_owned());
        let work = async move { this.find_digests(&hash, &sites, patches).await };
        tokio::spawn(work).await.map_err(io::Error::other).map_err(failed)?
    }

    async fn known_digests(&self, hash: &str) -> Option<(String, Option<u32>)> {
        let sha256 = tokio::fs::read_to_string(beside(&self.path(hash), SHA256)).await.ok()?;
        let crc32 = self.checksum(hash, None).await?;
        is_hash(&sha256).then_some((sha256, Some(crc32)))
    }

    async fn find_digests(
        &self,
        hash: &str,
        sites: &[i64],
        patches: Vec<Patch>,
    ) -> Result<(String, Option<u32>), AppError> {
        let _turn = self.shared.summing.lock().await;
        if let Some(known) = self.known_digests(hash).await {
            return Ok(known);
        }
        let blob = self.shared.blobs.local(hash, sites).await;
        let blob = blob.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
        let file = tokio::fs::File::open(blob.path()).await.map_err(failed)?;
        let mut bytes = pin!(overlaid(ReaderStream::with_capacity(file, 256 * 1024), 0, patches));
        let (mut sha256, mut crc32) = (Sha256::new(), crc32fast::Hasher::new());
        while let Some(part) = bytes.try_next().await.map_err(failed)? {
            sha256.update(&part);
            crc32.update(&part);
        }
        let (sha256, crc32) = (hex::encode(sha256.finalize()), crc32.finalize());
        self.keep_checksum(hash, crc32).await;
        if let Err(error) = tokio::fs::write(beside(&self.path(hash), SHA256), &sha256).await {
            tracing::warn!(%error, "the digest of a picture's file without its place was not kept");
        }
        Ok((sha256, Some(crc32)))
    }

    /// Keeps the checksum of a file without its place, for whoever asks for a part of an archive that says it.
    pub async fn keep_checksum(&self, hash: &str, checksum: u32) {
        let tells = self.find(hash).await.is_ok_and(|patches| patches.is_some_and(|patches| !patches.is_empty()));
        if !tells || self.checksum(hash, None).await == Some(checksum) {
            return;
        }
        if let Err(error) = tokio::fs::write(beside(&self.path(hash), CRC32), format!("{checksum:08x}")).await {
            // It is found out once more when it is asked for.
            tracing::warn!(%error, "the checksum of a picture's file without its place was not kept");
        }
    }

    async fn find(&self, hash: &str) -> Result<Option<Vec<Patch>>, AppError> {
        match tokio::fs::read(self.path(hash)).await {
            Ok(list) => serde_json::from_slice(&list).map(Some).map_err(|error| failed(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.shared.dir.join(&hash[..2]).join(&hash[2..4]).join(format!("{hash}.patches"))
    }
}

/// The endings of what is known of a file without its place.
const CRC32: &str = "crc32";
const SHA256: &str = "sha256";

/// Where something is that belongs to a list.
fn beside(list: &Path, ending: &str) -> PathBuf {
    list.with_extension(ending)
}

fn format_of(media_type: &str) -> Option<Format> {
    let can = [Format::Jpeg, Format::Png, Format::Webp, Format::Tiff];
    can.into_iter().find(|format| format.media_type() == media_type)
}

fn failed(error: io::Error) -> AppError {
    internal("a picture's file without its place", &error)
}

/// Finds out what has to be overwritten, and writes it down: whole, and on the disk before it has its name, since what is found is
/// believed.
fn find_out(original: &Path, format: Format, path: &Path) -> io::Result<Vec<Patch>> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a list has no folder"))?;
    std::fs::create_dir_all(dir)?;
    // They belong to a list that is no more.
    for ending in [CRC32, SHA256] {
        match std::fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let patches = place_patches(original, format)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(&serde_json::to_vec(&patches)?)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(patches)
}

/// The bytes of a file from `begin` on, with these patches laid over them.
pub fn overlaid<E>(
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    begin: u64,
    patches: Vec<Patch>,
) -> impl Stream<Item = Result<Bytes, E>> + Send {
    let mut next = begin;
    bytes.map_ok(move |part| {
        let here = next..next + part.len() as u64;
        next = here.end;
        let mut concerned = patches.iter().filter(|patch| patch.concerns(&here)).peekable();
        if concerned.peek().is_none() {
            return part;
        }
        let mut part = Vec::from(part);
        // In their order: later ones may fall on earlier ones.
        concerned.for_each(|patch| patch.apply(here.start, &mut part));
        part.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::images::exif::Filling;
    use futures::executor::block_on;
    use proptest::prelude::*;

    fn patch() -> impl Strategy<Value = Patch> {
        let repeated = (any::<u8>(), 0..40_u64).prop_map(|(byte, times)| Filling::Repeated(byte, times));
        let bytes = proptest::collection::vec(any::<u8>(), 0..40).prop_map(Filling::Bytes);
        (0..120_u64, prop_oneof![repeated, bytes]).prop_map(|(offset, filling)| Patch { offset, filling })
    }

    proptest! {
        #[test]
        fn parts_are_those_of_the_whole_file_that_is_overwritten(
            file in proptest::collection::vec(any::<u8>(), 1..100),
            patches in proptest::collection::vec(patch(), 0..6),
            size in 1..30_usize,
            (from, till) in (0..100_usize, 0..100_usize),
        ) {
            let mut whole = file.clone();
            for Patch { offset, filling } in &patches {
                let bytes = match filling {
                    Filling::Repeated(byte, times) => vec![*byte; *times as usize],
                    Filling::Bytes(bytes) => bytes.clone(),
                };
                for (place, byte) in (*offset as usize..).zip(bytes) {
                    if let Some(there) = whole.get_mut(place) {
                        *there = byte;
                    }
                }
            }
            let (from, till) = (from.min(till).min(file.len()), from.max(till).min(file.len()));
            let parts: Vec<_> = file[from..till].chunks(size).map(|part| Ok::<_, io::Error>(Bytes::copy_from_slice(part))).collect();
            let parts: Vec<Bytes> = block_on(overlaid(futures::stream::iter(parts), from as u64, patches).try_collect()).unwrap();
            prop_assert_eq!(parts.concat(), &whole[from..till]);
        }
    }
}
