//! The bytes of an export's files: texts that were written before, and pictures as they are kept.

use crate::formats::archive::Archive;
use crate::server::archives::{Contents, stream};
use crate::server::image_bytes;
use crate::server::state::AppState;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, try_unfold};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Bytes of a text that are read at a time.
const CHUNK: u64 = 256 * 1024;

/// Where the bytes of a file come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// From the temporary file, from here on.
    Text(u64),
    /// They are a picture's.
    Picture {
        /// BLAKE3 of the file.
        hash: String,
        /// Its media type, if the place is taken out of it.
        placeless: Option<String>,
        /// The dataset that it belongs to.
        dataset: Option<i64>,
    },
    /// They are an archive's within the archive.
    Shard {
        /// What is in it, and where.
        archive: Arc<Archive>,
        /// Where the bytes of its files come from.
        origins: Arc<Vec<Origin>>,
    },
}

/// The files of an export, in the order of the archive's entries.
#[derive(Clone)]
pub struct Files {
    /// What is asked for the bytes.
    pub state: AppState,
    /// The texts.
    pub texts: Arc<File>,
    /// Where each file's bytes come from.
    pub origins: Arc<Vec<Origin>>,
    /// The storage sites of datasets that have one.
    pub sites: Arc<HashMap<i64, i64>>,
}

impl Files {
    /// The storage site of a dataset.
    pub fn site(&self, dataset: Option<i64>) -> Option<i64> {
        dataset.and_then(|dataset| self.sites.get(&dataset)).copied()
    }

    /// A part of an archive within the archive.
    fn inner(
        &self,
        archive: &Arc<Archive>,
        origins: &Arc<Vec<Origin>>,
        range: Range<u64>,
    ) -> BoxStream<'static, io::Result<Bytes>> {
        let files = Self { origins: origins.clone(), ..self.clone() };
        stream(archive.clone(), Arc::new(files), range).boxed()
    }
}

/// A part of a file on this disk.
fn read(file: Arc<File>, range: Range<u64>) -> BoxStream<'static, io::Result<Bytes>> {
    let next = |(file, range): (Arc<File>, Range<u64>)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + CHUNK);
        let (start, from) = (range.start, file.clone());
        let bytes = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; (end - start) as usize];
            from.read_exact_at(&mut bytes, start).map(|()| bytes)
        });
        let bytes = bytes.await.map_err(io::Error::other)??;
        Ok(Some((Bytes::from(bytes), (file, end..range.end))))
    };
    try_unfold((file, range), next).boxed()
}

impl Contents for Files {
    async fn open(&self, file: usize, range: Range<u64>) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        let (hash, placeless, dataset) = match &self.origins[file] {
            Origin::Shard { archive, origins } => return Ok(self.inner(archive, origins, range)),
            Origin::Text(begin) => return Ok(read(self.texts.clone(), begin + range.start..begin + range.end)),
            Origin::Picture { hash, placeless, dataset } => (hash, placeless, *dataset),
        };
        image_bytes::open(&self.state, hash, placeless.as_deref(), self.site(dataset), range).await
    }

    /// Entries tell what is known.
    async fn checksum(&self, _file: usize) -> Option<u32> {
        None
    }

    async fn summed(&self, _file: usize, _checksum: u32) {}
}
