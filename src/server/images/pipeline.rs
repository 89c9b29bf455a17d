//! Image work off the async threads: bounded in threads and in memory.

use super::crop::{self, Window};
use super::decode::{self, Header};
use super::error::ImageError;
use super::exif::read_exif;
use super::format::{Format, sniff};
use super::raster::Raster;
use super::thumbnail::{self, Thumbnail, Thumbnails};
use crate::model::Exif;
use image::metadata::Orientation;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Longest side that any picture may have: what JPEG can express, and thus what programs are tested with.
const MAX_SIDE_PX: u32 = 65_535;

/// The unit in which memory is handed out.
const MEMORY_UNIT_BYTES: u64 = 1024 * 1024;

/// What all decoders together may hold at least, even where the pixel limit is small.
const MIN_MEMORY_BYTES: u64 = 512 * 1024 * 1024;

/// A picture that needs more than the decoders share is decoded alone, up to so many times what they share.
const ALONE: u64 = 2;

/// What a picture's file says about it before its pixels.
#[derive(Clone, Copy, Debug)]
pub struct Inspected {
    /// The format, by content.
    pub format: Format,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// How the stored pixels have to be turned to be upright.
    pub orientation: Orientation,
    header: Header,
}

impl Inspected {
    /// The media type.
    pub fn media_type(&self) -> &'static str {
        self.format.media_type()
    }

    /// The extension of file names, without the dot.
    pub fn extension(&self) -> &'static str {
        self.format.extension()
    }

    /// How much memory decoding takes, roughly, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.header.memory_bytes
    }
}

/// Inspects a file on this thread. Refuses pictures of more than `max_pixels` and of nothing.
pub fn inspect_file(path: &Path, max_pixels: u64) -> Result<Inspected, ImageError> {
    let format = sniff(path)?.ok_or(ImageError::UnknownFormat)?;
    let header = decode::header(format, path)?;
    let (width, height) = (header.width, header.height);
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged(format, "its width and height must be more than 0".to_owned()));
    }
    if u64::from(width) * u64::from(height) > max_pixels || width > MAX_SIDE_PX || height > MAX_SIDE_PX {
        let most = max_pixels / 1_000_000;
        return Err(ImageError::TooLarge(format!(
            "this picture has {width} × {height} pixels; the limits are {most} megapixels and {MAX_SIDE_PX} pixels a side"
        )));
    }
    let sideways = matches!(
        header.orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) = if sideways { (height, width) } else { (width, height) };
    Ok(Inspected { format, width, height, orientation: header.orientation, header })
}

/// Decodes a file on this thread and makes its thumbnails.
pub fn thumbnails_of_file(path: &Path, inspected: &Inspected) -> Result<Thumbnails, ImageError> {
    let (format, orientation, size) = (inspected.format, inspected.orientation, (inspected.width, inspected.height));
    let raster = raster_of_file(path, inspected)?;
    let is_its_own = thumbnail::is_its_own(format, orientation, size, std::fs::metadata(path)?.len());
    let own = is_its_own.then(|| std::fs::read(path)).transpose()?;
    thumbnail::make(raster, orientation, own.as_deref())
}

/// Decodes a file on this thread and cuts a part out of it.
pub fn crop_of_file(path: &Path, inspected: &Inspected, window: Window) -> Result<Thumbnail, ImageError> {
    crop::make(raster_of_file(path, inspected)?, inspected.orientation, window)
}

fn raster_of_file(path: &Path, inspected: &Inspected) -> Result<Raster, ImageError> {
    let raster = decode::decode(inspected.format, path, &inspected.header)?;
    if raster.full_size != (inspected.header.width, inspected.header.height) {
        return Err(ImageError::Damaged(inspected.format, "its headers contradict each other".to_owned()));
    }
    Ok(raster)
}

/// Does image work on a few threads. Clones share the threads and the memory.
#[derive(Clone, Debug)]
pub struct ImagePipeline {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    max_pixels: u64,
    threads: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    memory_units: u32,
}

impl Shared {
    /// How much of the shared memory to hold for work that needs so much: all of it for what needs more, so that it runs
    /// alone. What needs more than can be allowed even then is refused.
    fn units(&self, memory_bytes: u64) -> Result<u32, ImageError> {
        let (units, shared) = (memory_bytes.div_ceil(MEMORY_UNIT_BYTES), u64::from(self.memory_units));
        if units > ALONE * shared {
            let most = ALONE * shared;
            return Err(ImageError::TooLarge(format!(
                "decoding this picture takes {units} MiB of memory, and this site allows {most} MiB; save it with fewer \
                 bits for each pixel, or in smaller strips or tiles"
            )));
        }
        Ok(u32::try_from(units.clamp(1, shared)).unwrap_or(self.memory_units))
    }
}

impl ImagePipeline {
    /// A pipeline that decodes on up to `threads` threads at a time and refuses pictures of more than `max_pixels`.
    ///
    /// All that decode at the same time share one memory budget, which one picture at the pixel limit fills: many huge
    /// pictures at once wait for each other instead of adding up. One with deeper colours may take twice as much, alone.
    pub fn new(threads: usize, max_pixels: u64) -> Self {
        // The costliest ordinary picture of that size: one byte for each of red, green, blue and opacity.
        let memory_bytes = max_pixels.saturating_mul(4).max(MIN_MEMORY_BYTES);
        let memory_units = u32::try_from(memory_bytes / MEMORY_UNIT_BYTES).unwrap_or(u32::MAX);
        Self {
            shared: Arc::new(Shared {
                max_pixels,
                threads: Arc::new(Semaphore::new(threads.max(1))),
                memory: Arc::new(Semaphore::new(memory_units as usize)),
                memory_units,
            }),
        }
    }

    /// Looks at a file without decoding its pixels.
    pub async fn inspect(&self, path: &Path) -> Result<Inspected, ImageError> {
        let (path, max_pixels) = (path.to_owned(), self.shared.max_pixels);
        let sniffed = path.clone();
        let format = self.run(MEMORY_UNIT_BYTES, move || Ok(sniff(&sniffed)?)).await?;
        self.run(decode::header_memory_bytes(format), move || inspect_file(&path, max_pixels)).await
    }

    /// What a camera wrote into a file, if it wrote anything. What cannot be read is no fault of the picture.
    pub async fn exif(&self, path: &Path, format: Format) -> Option<Exif> {
        let path = path.to_owned();
        let read = self.run(MEMORY_UNIT_BYTES, move || Ok(read_exif(&path, format)?)).await;
        read.unwrap_or_else(|error| {
            tracing::debug!(%error, "EXIF could not be read");
            None
        })
    }

    /// Decodes a file that was inspected, and makes its thumbnails.
    pub async fn thumbnails(&self, path: &Path, inspected: &Inspected) -> Result<Thumbnails, ImageError> {
        self.decode(path, inspected, thumbnails_of_file).await
    }

    /// Decodes a file that was inspected, and cuts a part out of it.
    pub async fn crop(&self, path: &Path, inspected: &Inspected, window: Window) -> Result<Thumbnail, ImageError> {
        self.decode(path, inspected, move |path, inspected| crop_of_file(path, inspected, window)).await
    }

    async fn decode<T: Send + 'static>(
        &self,
        path: &Path,
        inspected: &Inspected,
        work: impl FnOnce(&Path, &Inspected) -> Result<T, ImageError> + Send + 'static,
    ) -> Result<T, ImageError> {
        let (path, inspected) = (path.to_owned(), *inspected);
        let format = inspected.format;
        let result = self.run(inspected.memory_bytes(), move || work(&path, &inspected)).await;
        match result {
            // A decoder that panics has met a file that its authors did not think of.
            Err(ImageError::Unavailable(how)) if how.contains("panic") => {
                tracing::warn!(%how, format = format.label(), "an image decoder panicked");
                Err(ImageError::Damaged(format, "it cannot be decoded".to_owned()))
            }
            other => other,
        }
    }

    /// Runs image work once a thread and so much memory are free.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        memory_bytes: u64,
        work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
    ) -> Result<T, ImageError> {
        let units = self.shared.units(memory_bytes)?;
        let closed = |_| ImageError::Unavailable("the server is shutting down".to_owned());
        // Memory first: who waits for memory must not keep a thread from those who need little.
        let memory = self.shared.memory.clone().acquire_many_owned(units).await.map_err(closed)?;
        let thread = self.shared.threads.clone().acquire_owned().await.map_err(closed)?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            // Held by the work, not by whoever awaits it: a request that is given up does not stop a decoder.
            drop((memory, thread));
            result
        });
        task.await.unwrap_or_else(|error| Err(ImageError::Unavailable(error.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Placeless;
    use super::*;
    use crate::server::blobs::BlobStore;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn what_needs_more_than_is_shared_runs_alone_and_what_needs_far_more_is_refused() {
        let pipeline = ImagePipeline::new(8, 1_000);
        let running = Arc::new(AtomicU32::new(0));
        let work = |memory_bytes: u64, rivals: u32| {
            let (pipeline, running) = (pipeline.clone(), running.clone());
            tokio::spawn(async move {
                let work = move || {
                    let before = running.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    running.fetch_sub(1, Ordering::SeqCst);
                    assert!(before <= rivals, "{before} ran at the same time");
                    Ok(())
                };
                pipeline.run(memory_bytes, work).await
            })
        };
        // Small ones may run beside each other, but never beside one of the large.
        let tasks: Vec<_> =
            (0..12).map(|n| if n % 3 == 0 { work(3 * MIN_MEMORY_BYTES / 2, 0) } else { work(1, 7) }).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let refused = work(2 * MIN_MEMORY_BYTES + 1, 0).await.unwrap().unwrap_err().to_string();
        assert!(refused.contains("1025 MiB") && refused.contains("1024 MiB"), "{refused}");
    }

    #[tokio::test]
    async fn an_svg_is_looked_at_when_there_is_memory_for_all_of_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "<svg xmlns='http://www.w3.org/2000/svg' width='5' height='4'/>").unwrap();
        let pipeline = ImagePipeline::new(2, 1_000);
        let units = pipeline.shared.memory_units - 300;
        let held = pipeline.shared.memory.clone().acquire_many_owned(units).await.unwrap();
        let look = pipeline.inspect(file.path());
        assert!(tokio::time::timeout(Duration::from_millis(200), look).await.is_err());
        drop(held);
        assert_eq!(pipeline.inspect(file.path()).await.unwrap().width, 5);
    }

    #[tokio::test]
    async fn places_are_taken_out_within_the_limits_of_image_work() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(&dir.path().join("blobs")).unwrap();
        let staged = blobs.stage_bytes("not even a picture").await.unwrap();
        let hash = staged.hash.clone();
        blobs.commit(staged).await.unwrap();
        let pipeline = ImagePipeline::new(2, 1_000);
        let placeless = Placeless::open(&dir.path().join("placeless"), blobs, pipeline.clone()).unwrap();
        let threads = pipeline.shared.threads.clone().acquire_many_owned(2).await.unwrap();
        let waiting = tokio::spawn({
            let (placeless, hash) = (placeless.clone(), hash.clone());
            async move { placeless.patches(&hash, "image/jpeg", &[]).await }
        });
        // It has its memory, and waits for a thread.
        while pipeline.shared.memory.available_permits() == pipeline.shared.memory_units as usize {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        drop(threads);
        assert!(waiting.await.unwrap().unwrap().is_empty());
    }
}
