//! Thumbnails and crops in a folder: derived data, made again whenever they are missing.

use super::crop::{CROP_PX, Window};
use super::error::ImageError;
use super::pipeline::ImagePipeline;
use super::thumbnail::{Thumbnail, Thumbnails, fit, media_type};
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::{AppError, Rect};
use crate::server::blobs::{BlobStore, is_hash};
use bytes::Bytes;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

/// So many parts of one picture are kept. Regions that are drawn anew leave files behind that nobody asks for any more.
const MAX_CROPS: usize = 200;

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
    /// One lock for each picture whose thumbnails or parts are being made, so that they are made once.
    building: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    /// One original is decoded at a time for its parts: anybody may ask for any number of them, and uploads need the threads.
    cutting: Arc<tokio::sync::Mutex<()>>,
}

impl ThumbnailCache {
    /// Opens the folder, which is made if it is missing.
    pub fn open(dir: &Path, blobs: BlobStore, images: ImagePipeline) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let shared = Shared { dir: dir.to_owned(), blobs, images, building: Mutex::default(), cutting: Arc::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A thumbnail's bytes and media type, if it is there already. `size_px` is one of the two sizes that exist.
    pub async fn find(&self, hash: &str, size_px: u32) -> Result<Option<(Bytes, &'static str)>, AppError> {
        if !is_hash(hash) || !matches!(size_px, THUMBNAIL_SMALL_PX | THUMBNAIL_LARGE_PX) {
            return Err(AppError::NotFound("there is no such thumbnail".to_owned()));
        }
        Ok(read(&self.path(hash, size_px)).await?)
    }

    /// The same of one that is made if it is missing, of a file that is here or at one of these storage sites. Whoever calls has made
    /// sure that the blob belongs to a picture, so that missing bytes are a failure.
    pub async fn get(&self, hash: &str, size_px: u32, sites: &[i64]) -> Result<(Bytes, &'static str), AppError> {
        if let Some(found) = self.find(hash, size_px).await? {
            return Ok(found);
        }
        let lock = self.lock(hash);
        let _building = lock.lock().await;
        // Whoever held the lock before may have made it.
        if let Some(found) = read(&self.path(hash, size_px)).await? {
            return Ok(found);
        }
        let blob = self.shared.blobs.local(hash, sites).await;
        let blob = blob.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
        let inspected = self.shared.images.inspect(blob.path()).await?;
        let made = self.shared.images.thumbnails(blob.path(), &inspected).await?;
        self.put(hash, &made).await?;
        let wanted = if size_px == THUMBNAIL_SMALL_PX { made.small } else { made.large };
        Ok((wanted.bytes, wanted.media_type))
    }

    /// What a region with these bounds shows, with something around it, and a name that tells it from all others. Whoever
    /// calls has made sure that the blob belongs to a picture, as for [`get`](Self::get).
    pub async fn crop(&self, hash: &str, bounds: Rect, size: (u32, u32), sites: &[i64]) -> Result<Crop, AppError> {
        if !is_hash(hash) {
            return Err(AppError::NotFound("there is no such picture".to_owned()));
        }
        let window = Window::around(bounds, size);
        let name = format!("{hash}-{}", window.name());
        let path = self.crops(hash).join(window.name());
        if let Some((bytes, media_type)) = read(&path).await? {
            return Ok(Crop { bytes, media_type, name });
        }
        let thumbnail_size = fit(size, THUMBNAIL_LARGE_PX);
        if thumbnail_size == size || window.longest_px(thumbnail_size) >= f64::from(CROP_PX) {
            // The thumbnail is as good as the original here, and decoded in no time.
            self.get(hash, THUMBNAIL_LARGE_PX, sites).await?;
            let made = self.cut(&self.path(hash, THUMBNAIL_LARGE_PX), window, path).await?;
            return Ok(Crop { bytes: made.bytes, media_type: made.media_type, name });
        }
        // Parts of one picture wait for each other, so that its file is not fetched for all of them at once; and only when it is here
        // they wait for those of other pictures, since a storage site may take its time.
        let building = self.lock(hash).lock_owned().await;
        // Whoever cut before may have made it.
        if let Some((bytes, media_type)) = read(&path).await? {
            return Ok(Crop { bytes, media_type, name });
        }
        let blob = self.shared.blobs.local(hash, sites).await;
        let blob = blob.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
        let cutting = self.shared.cutting.clone().lock_owned().await;
        let this = self.clone();
        // It goes on when whoever asked does not wait for it, and only its end lets others in.
        let task = tokio::spawn(async move {
            let made = this.cut(blob.path(), window, path).await;
            drop((cutting, building));
            made
        });
        let made = task.await.map_err(|error| ImageError::Unavailable(error.to_string()))??;
        Ok(Crop { bytes: made.bytes, media_type: made.media_type, name })
    }

    /// Cuts a part out of a file and keeps it at `path`, in place of the oldest if there are too many of that picture.
    async fn cut(&self, file: &Path, window: Window, path: PathBuf) -> Result<Thumbnail, ImageError> {
        let inspected = self.shared.images.inspect(file).await?;
        let made = self.shared.images.crop(file, &inspected, window).await?;
        let bytes = made.bytes.clone();
        let written = tokio::task::spawn_blocking(move || {
            write(&path, &bytes)?;
            path.parent().map_or(Ok(()), |dir| remove_oldest(dir, MAX_CROPS))
        });
        written.await.unwrap_or_else(|error| Err(io::Error::other(error)))?;
        Ok(made)
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

/// Removes the oldest files of a folder beyond the `most` newest.
fn remove_oldest(dir: &Path, most: usize) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        // One that is gone meanwhile was removed by somebody else.
        if let Ok(modified) = entry.metadata().and_then(|metadata| metadata.modified()) {
            files.push((modified, entry.path()));
        }
    }
    files.sort();
    for (_, path) in &files[..files.len().saturating_sub(most)] {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::blobs::{BlobError, Elsewhere, Sites};
    use crate::server::images::Placeless;
    use async_trait::async_trait;
    use futures::StreamExt;
    use futures::stream::BoxStream;
    use image::{ImageFormat, RgbImage};
    use std::io::Cursor;
    use std::ops::Range;
    use std::time::Duration;

    /// A cache of the pictures of one blob, which is a PNG of this size.
    async fn cache(dir: &Path, width: u32, height: u32) -> (ThumbnailCache, String) {
        let mut png = Cursor::new(Vec::new());
        RgbImage::new(width, height).write_to(&mut png, ImageFormat::Png).unwrap();
        let blobs = BlobStore::open(&dir.join("blobs")).unwrap();
        let staged = blobs.stage_bytes(png.into_inner()).await.unwrap();
        let hash = staged.hash.clone();
        blobs.commit(staged).await.unwrap();
        let images = ImagePipeline::new(2, 10_000_000);
        (ThumbnailCache::open(&dir.join("thumbnails"), blobs, images).unwrap(), hash)
    }

    fn square(at: f64, side: f64) -> Rect {
        Rect { x: at, y: at, w: side, h: side }
    }

    #[tokio::test]
    async fn parts_come_out_of_the_thumbnail_where_it_is_as_good_and_out_of_one_original_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, hash) = cache(dir.path(), 1920, 1920).await;
        let cutting = cache.shared.cutting.clone().lock_owned().await;
        // In the thumbnail, 0.4 of the picture are 384 pixels, and 0.2 are 192.
        let large = cache.crop(&hash, square(0.1, 0.32), (1920, 1920), &[]).await.unwrap();
        assert_eq!(image::load_from_memory(&large.bytes).unwrap().width(), CROP_PX);
        let task = tokio::spawn({
            let (cache, hash) = (cache.clone(), hash.clone());
            async move { cache.crop(&hash, square(0.1, 0.16), (1920, 1920), &[]).await }
        });
        // The lock is held here, there, and by the cache.
        while !task.is_finished() && Arc::strong_count(&cache.shared.cutting) < 3 {
            tokio::task::yield_now().await;
        }
        assert!(!task.is_finished());
        drop(cutting);
        let small = task.await.unwrap().unwrap();
        assert_eq!(image::load_from_memory(&small.bytes).unwrap().width(), CROP_PX);
    }

    /// A storage site that never answers.
    #[derive(Debug)]
    struct Silent;

    #[async_trait]
    impl Elsewhere for Silent {
        async fn sites(&self, _: &str) -> Result<Sites, BlobError> {
            Ok(Sites { sites: vec![1], within: Duration::from_secs(3600) })
        }

        async fn stream(
            &self,
            _: &str,
            _: i64,
            _: Range<u64>,
        ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
            Ok(futures::stream::pending().boxed())
        }
    }

    #[tokio::test]
    async fn who_waits_for_a_site_keeps_no_other_picture_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, hash) = cache(dir.path(), 1920, 1920).await;
        let blobs = cache.shared.blobs.clone().with_elsewhere(Arc::new(Silent));
        let images = cache.shared.images.clone();
        let cache = ThumbnailCache::open(&dir.path().join("thumbnails"), blobs.clone(), images.clone()).unwrap();
        let placeless = Placeless::open(&dir.path().join("placeless"), blobs, images).unwrap();
        let elsewhere = blake3::hash(b"elsewhere").to_hex().to_string();
        let waits = async {
            let (crop, copy) = tokio::join!(
                cache.crop(&elsewhere, square(0.1, 0.16), (1920, 1920), &[1]),
                placeless.patches(&elsewhere, "image/png", &[1])
            );
            panic!("a silent site answered: {crop:?} {copy:?}");
        };
        tokio::select! {
            biased;
            () = waits => {}
            () = async {
                cache.crop(&hash, square(0.1, 0.16), (1920, 1920), &[]).await.unwrap();
                assert!(placeless.patches(&hash, "image/png", &[]).await.unwrap().is_empty());
            } => {}
        }
    }

    #[tokio::test]
    async fn only_the_newest_parts_of_a_picture_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, hash) = cache(dir.path(), 40, 40).await;
        let _never = cache.shared.cutting.clone().lock_owned().await;
        let first = cache.crop(&hash, square(0.0, 0.2), (40, 40), &[]).await.unwrap().name;
        let window = first.strip_prefix(&format!("{hash}-")).unwrap();
        let file = std::fs::File::open(cache.crops(&hash).join(window)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let mut last = String::new();
        for at in 1..=MAX_CROPS {
            last = cache.crop(&hash, square(0.3 + at as f64 / 1000.0, 0.2), (40, 40), &[]).await.unwrap().name;
        }
        let kept: Vec<_> =
            std::fs::read_dir(cache.crops(&hash)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let is_kept = |window: &str| kept.iter().any(|name| name == window);
        let last = last.strip_prefix(&format!("{hash}-")).unwrap();
        assert_eq!((kept.len(), is_kept(window), is_kept(last)), (MAX_CROPS, false, true));
    }
}
