//! Thumbnails and crops in a folder: derived data, made again whenever they are missing.

use super::crop::Window;
use super::error::ImageError;
use super::pipeline::ImagePipeline;
use super::thumbnail::{Thumbnails, media_type};
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::{AppError, Rect};
use crate::server::blobs::{BlobStore, is_hash};
use crate::server::errors::internal;
use bytes::Bytes;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A folder of thumbnails, `<dir>/<size>/aa/bb/<hash>`, which are made at upload, and of parts of pictures,
/// `<dir>/crops/aa/bb/<hash>/<part>`, which are made when somebody asks for them. Clones share it.
#[derive(Clone, Debug)]
pub struct ThumbnailCache {
    shared: Arc<Shared>,
}

/// A part of a picture as a file.
#[derive(Clone, Debug)]
pub struct Crop {
    /// The file.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: &'static str,
    /// Names the picture's file, the part and the size: the same name is always the same picture.
    pub name: String,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    blobs: BlobStore,
    images: ImagePipeline,
    /// One lock for each picture whose thumbnails are being made, so that they are made once.
    building: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

impl ThumbnailCache {
    /// Opens the folder, which is made if it is missing.
    pub fn open(dir: &Path, blobs: BlobStore, images: ImagePipeline) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let shared = Shared { dir: dir.to_owned(), blobs, images, building: Mutex::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A thumbnail's bytes and media type. `size_px` is one of the two sizes that exist. Whoever calls has made sure that
    /// the blob belongs to a picture, so that missing bytes are a failure.
    pub async fn get(&self, hash: &str, size_px: u32) -> Result<(Bytes, &'static str), AppError> {
        if !is_hash(hash) || !matches!(size_px, THUMBNAIL_SMALL_PX | THUMBNAIL_LARGE_PX) {
            return Err(AppError::NotFound("there is no such thumbnail".to_owned()));
        }
        if let Some(found) = read(&self.path(hash, size_px)).await? {
            return Ok(found);
        }
        let lock = self.lock(hash);
        let _building = lock.lock().await;
        // Whoever held the lock before may have made it.
        if let Some(found) = read(&self.path(hash, size_px)).await? {
            return Ok(found);
        }
        let blob = self.shared.blobs.local(hash).await;
        let blob = blob.map_err(|error| internal("reading a picture's file", &error))?;
        let inspected = self.shared.images.inspect(blob.path()).await?;
        let made = self.shared.images.thumbnails(blob.path(), &inspected).await?;
        self.put(hash, &made).await?;
        let wanted = if size_px == THUMBNAIL_SMALL_PX { made.small } else { made.large };
        Ok((wanted.bytes, wanted.media_type))
    }

    /// What a region with these bounds shows, with something around it, and a name that tells it from all others. Whoever
    /// calls has made sure that the blob belongs to a picture, as for [`get`](Self::get).
    pub async fn crop(&self, hash: &str, bounds: Rect, size: (u32, u32)) -> Result<Crop, AppError> {
        if !is_hash(hash) {
            return Err(AppError::NotFound("there is no such picture".to_owned()));
        }
        let window = Window::around(bounds, size);
        let name = format!("{hash}-{}", window.name());
        let path = self.crops(hash).join(window.name());
        if let Some((bytes, media_type)) = read(&path).await? {
            return Ok(Crop { bytes, media_type, name });
        }
        let lock = self.lock(hash);
        let _building = lock.lock().await;
        if let Some((bytes, media_type)) = read(&path).await? {
            return Ok(Crop { bytes, media_type, name });
        }
        let blob = self.shared.blobs.local(hash).await;
        let blob = blob.map_err(|error| internal("reading a picture's file", &error))?;
        let inspected = self.shared.images.inspect(blob.path()).await?;
        let made = self.shared.images.crop(blob.path(), &inspected, window).await?;
        let bytes = made.bytes.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes)).await;
        written.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(ImageError::Io)?;
        Ok(Crop { bytes: made.bytes, media_type: made.media_type, name })
    }

    /// Keeps thumbnails that were made at upload.
    pub async fn put(&self, hash: &str, thumbnails: &Thumbnails) -> Result<(), ImageError> {
        if !is_hash(hash) {
            return Err(ImageError::Io(io::Error::new(io::ErrorKind::InvalidInput, "not a hash")));
        }
        let files = [
            (self.path(hash, THUMBNAIL_SMALL_PX), thumbnails.small.bytes.clone()),
            (self.path(hash, THUMBNAIL_LARGE_PX), thumbnails.large.bytes.clone()),
        ];
        let written =
            tokio::task::spawn_blocking(move || files.iter().try_for_each(|(path, bytes)| write(path, bytes)));
        written.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(ImageError::Io)
    }

    /// Removes both thumbnails and all crops of a blob, if they are there.
    pub async fn remove(&self, hash: &str) -> Result<(), ImageError> {
        if !is_hash(hash) {
            return Ok(());
        }
        for size_px in [THUMBNAIL_SMALL_PX, THUMBNAIL_LARGE_PX] {
            match tokio::fs::remove_file(self.path(hash, size_px)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        match tokio::fs::remove_dir_all(self.crops(hash)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn path(&self, hash: &str, size_px: u32) -> PathBuf {
        self.shared.dir.join(size_px.to_string()).join(&hash[..2]).join(&hash[2..4]).join(hash)
    }

    fn crops(&self, hash: &str) -> PathBuf {
        self.shared.dir.join("crops").join(&hash[..2]).join(&hash[2..4]).join(hash)
    }

    fn lock(&self, hash: &str) -> Arc<tokio::sync::Mutex<()>> {
        // A panic while the map was locked leaves nothing half done.
        let mut building = self.shared.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = building.get(hash).and_then(Weak::upgrade) {
            return lock;
        }
        building.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        building.insert(hash.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

async fn read(path: &Path) -> Result<Option<(Bytes, &'static str)>, ImageError> {
    match tokio::fs::read(path).await {
        // Derived files are not synced to disk: after a power cut one may be empty, and is made again.
        Ok(bytes) => Ok(media_type(&bytes).map(|media_type| (Bytes::from(bytes), media_type))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a file as a whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a thumbnail has no folder"))?;
    std::fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
