//! Files without the place where they were taken: derived data in a folder, made when they are first asked for.

use super::exif::{self, place_patches};
use super::format::Format;
use super::pipeline::ImagePipeline;
use crate::model::AppError;
use crate::server::blobs::{BlobStore, durable, is_hash};
use crate::server::errors::internal;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A folder of copies: `<dir>/aa/bb/<hash>`, or `<hash>.same` where the file itself tells no place. Clones share it.
#[derive(Clone, Debug)]
pub struct Placeless {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    blobs: BlobStore,
    images: ImagePipeline,
    /// One copy is made at a time: that is rare, and done once.
    making: Arc<Mutex<()>>,
}

impl Placeless {
    /// Opens the folder, which is made if it is missing.
    pub fn open(dir: &Path, blobs: BlobStore, images: ImagePipeline) -> io::Result<Self> {
        durable::create_dir_all(dir)?;
        Ok(Self { shared: Arc::new(Shared { dir: dir.to_owned(), blobs, images, making: Arc::default() }) })
    }

    /// Whether files of this media type can tell a place that is taken out.
    pub fn concerns(media_type: &str) -> bool {
        format_of(media_type).is_some()
    }

    /// The copy of a file without the place, of the same length; nothing where the file tells none. The file is here or at one of
    /// these storage sites. Whoever calls has made sure that the blob belongs to a picture, so that missing bytes are a failure.
    pub async fn get(&self, hash: &str, media_type: &str, sites: &[i64]) -> Result<Option<tokio::fs::File>, AppError> {
        let format = format_of(media_type).filter(|_| is_hash(hash));
        let format = format.ok_or_else(|| AppError::NotFound("there is no such image".to_owned()))?;
        if let Some(found) = self.find(hash).await? {
            return Ok(found);
        }
        // Before the turn that all files share: a storage site may take its time.
        let blob = self.shared.blobs.local(hash, sites).await;
        let blob = blob.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
        let making = self.shared.making.clone().lock_owned().await;
        // Whoever held the lock before may have made it.
        if let Some(found) = self.find(hash).await? {
            return Ok(found);
        }
        let (copy, same) = (self.path(hash), self.mark(hash));
        let work = move || {
            let made = make(blob.path(), format, &copy, &same);
            // Held by the work, which goes on when whoever asked does not wait for it.
            drop(making);
            Ok(made?)
        };
        self.shared.images.run(exif::MEMORY_BYTES, work).await?;
        let found = self.find(hash).await?;
        found.ok_or_else(|| internal("a picture's file without its place", &"it is not where it was put"))
    }

    /// Removes what was made of a blob, if it is there.
    pub async fn remove(&self, hash: &str) -> io::Result<()> {
        if !is_hash(hash) {
            return Ok(());
        }
        for path in [self.path(hash), self.mark(hash)] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    async fn find(&self, hash: &str) -> Result<Option<Option<tokio::fs::File>>, AppError> {
        match tokio::fs::File::open(self.path(hash)).await {
            Ok(file) => return Ok(Some(Some(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let same = tokio::fs::try_exists(self.mark(hash)).await.map_err(failed)?;
        Ok(same.then_some(None))
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.shared.dir.join(&hash[..2]).join(&hash[2..4]).join(hash)
    }

    fn mark(&self, hash: &str) -> PathBuf {
        self.path(hash).with_extension("same")
    }
}

fn format_of(media_type: &str) -> Option<Format> {
    let can = [Format::Jpeg, Format::Png, Format::Webp, Format::Tiff];
    can.into_iter().find(|format| format.media_type() == media_type)
}

fn failed(error: io::Error) -> AppError {
    internal("a picture's file without its place", &error)
}

/// Writes the copy, or the mark that none is needed: whole, and on the disk before it has its name, since what is found is
/// served.
fn make(original: &Path, format: Format, copy: &Path, same: &Path) -> io::Result<()> {
    let dir = copy.parent().ok_or_else(|| io::Error::other("a copy has no folder"))?;
    std::fs::create_dir_all(dir)?;
    let patches = place_patches(original, format)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    let path = if patches.is_empty() {
        same
    } else {
        io::copy(&mut File::open(original)?, file.as_file_mut())?;
        patches.iter().try_for_each(|patch| patch.apply(file.as_file_mut()))?;
        copy
    };
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
