//! Sending archives: files are read one after the other while the archive is written, and nothing of it is kept.

use crate::formats::archive::{Archive, Entry, Piece};
use bytes::Bytes;
use futures::stream::{BoxStream, try_unfold};
use futures::{Stream, StreamExt};
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// The bytes of the files of an archive.
pub trait Contents: Send + Sync + 'static {
    /// A part of a file's bytes, all of which have to come. The file is named by its place in the list of entries.
    fn open(
        &self,
        file: usize,
        range: Range<u64>,
    ) -> impl Future<Output = io::Result<BoxStream<'static, io::Result<Bytes>>>> + Send;

    /// The checksum of a file's bytes that its entry does not tell, where somebody has found it out before.
    fn checksum(&self, file: usize) -> impl Future<Output = Option<u32>> + Send;

    /// Takes a checksum that its entry does not tell, and that was found out now.
    fn summed(&self, file: usize, checksum: u32) -> impl Future<Output = ()> + Send;
}

/// A file that is being read.
struct Open {
    file: usize,
    bytes: BoxStream<'static, io::Result<Bytes>>,
    left: u64,
    /// Of a file that is read as a whole.
    checksum: Option<crc32fast::Hasher>,
}

struct Flow<Source> {
    archive: Arc<Archive>,
    contents: Arc<Source>,
    range: Range<u64>,
    checksums: Vec<u32>,
    /// Whether it was looked up which checksums are known, and so where to begin.
    is_ready: bool,
    /// Files that need not be read for their checksum's sake alone.
    known: Vec<bool>,
    /// The piece that comes next, or is being read.
    piece: usize,
    /// Where in the archive what comes next begins.
    position: u64,
    open: Option<Open>,
}

/// A part of an archive. Where a file cannot be read, or is not as long as it was said to be, it breaks off with an error, so that
/// nobody takes what has come for the whole.
pub fn stream<Source: Contents>(
    archive: Arc<Archive>,
    contents: Arc<Source>,
    range: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let files = archive.entries().len();
    let (checksums, known) = (vec![0; files], vec![false; files]);
    let flow = Flow { archive, contents, range, checksums, is_ready: false, known, piece: 0, position: 0, open: None };
    try_unfold(flow, |mut flow| async move { Ok(flow.next().await?.map(|bytes| (bytes, flow))) })
}

fn strange(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{path} is not what it was"))
}

impl<Source: Contents> Flow<Source> {
    /// Finds the place to begin: where the part begins, or before it at the first file that has to be read for its checksum.
    async fn prepare(&mut self) {
        self.is_ready = true;
        (self.piece, self.position) = self.archive.piece_at(self.range.start);
        // What begins in the part is read anyway.
        let before = (0..self.known.len()).take_while(|file| self.archive.begin_of(*file) < self.range.start);
        for file in before.collect::<Vec<_>>() {
            if self.archive.entries()[file].size == 0 || !self.archive.needs_checksum(file, &self.range) {
                continue;
            }
            match self.contents.checksum(file).await {
                Some(checksum) => (self.checksums[file], self.known[file]) = (checksum, true),
                None if 3 * file < self.piece => {
                    (self.piece, self.position) = (3 * file, self.archive.begin_of(file));
                }
                None => {}
            }
        }
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if !self.is_ready {
            self.prepare().await;
        }
        while self.position < self.range.end {
            if let Some(open) = &mut self.open {
                match open.bytes.next().await.transpose()? {
                    Some(bytes) => {
                        if let Some(part) = self.read(bytes)? {
                            return Ok(Some(part));
                        }
                    }
                    None => self.end().await?,
                }
                continue;
            }
            let Some(piece) = self.archive.piece(self.piece) else { break };
            let end = self.position + self.archive.length_of(piece);
            if let Piece::Content(file) = piece {
                self.begin(file, end).await?;
                continue;
            }
            self.piece += 1;
            if end <= self.range.start {
                self.position = end;
                continue;
            }
            let written = self.archive.write(piece, &self.checksums).into();
            if let Some(part) = self.cut(written) {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// Begins to read a file that ends there in the archive, or passes it over.
    async fn begin(&mut self, file: usize, end: u64) -> io::Result<()> {
        let size = end - self.position;
        let is_summed = !self.known[file] && self.archive.needs_checksum(file, &self.range);
        if size == 0 || (end <= self.range.start && !is_summed) {
            (self.position, self.piece) = (end, self.piece + 1);
            return Ok(());
        }
        let from = if is_summed { 0 } else { self.range.start.saturating_sub(self.position) };
        let till = if is_summed { size } else { size.min(self.range.end - self.position) };
        let bytes = self.contents.open(file, from..till).await?;
        self.position += from;
        let checksum = (from == 0 && till == size).then(crc32fast::Hasher::new);
        self.open = Some(Open { file, bytes, left: till - from, checksum });
        Ok(())
    }

    /// Takes the next bytes of the file that is open.
    fn read(&mut self, bytes: Bytes) -> io::Result<Option<Bytes>> {
        let Some(open) = &mut self.open else { return Ok(None) };
        let Some(left) = open.left.checked_sub(bytes.len() as u64) else {
            return Err(strange(&self.archive.entries()[open.file].path));
        };
        open.left = left;
        if let Some(checksum) = &mut open.checksum {
            checksum.update(&bytes);
        }
        Ok(self.cut(bytes))
    }

    /// Takes that the file which is open has no more bytes.
    async fn end(&mut self) -> io::Result<()> {
        let Some(Open { file, left, checksum, .. }) = self.open.take() else { return Ok(()) };
        let Entry { path, crc32, .. } = &self.archive.entries()[file];
        let found = checksum.map(crc32fast::Hasher::finalize);
        if left > 0 || crc32.zip(found).is_some_and(|(known, found)| known != found) {
            return Err(strange(path));
        }
        // Of a file of which only a part was read, nobody asks for it.
        if let (None, Some(found)) = (crc32, found) {
            self.checksums[file] = found;
            self.contents.summed(file, found).await;
        }
        self.piece += 1;
        Ok(())
    }

    /// Goes on by these bytes, and gives those of them that are wanted.
    fn cut(&mut self, bytes: Bytes) -> Option<Bytes> {
        let length = bytes.len() as u64;
        let begin = self.position;
        self.position += length;
        let from = self.range.start.saturating_sub(begin).min(length);
        let till = (self.range.end - begin).min(length);
        (from < till).then(|| bytes.slice(from as usize..till as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArchiveKind;
    use futures::TryStreamExt;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    #[derive(Default)]
    struct InMemory {
        files: Vec<Bytes>,
        parts: usize,
        /// Which were opened.
        opened: Mutex<Vec<usize>>,
        /// The checksums that were found out.
        kept: Mutex<BTreeMap<usize, u32>>,
    }

    impl Contents for InMemory {
        async fn open(&self, file: usize, range: Range<u64>) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
            self.opened.lock().unwrap().push(file);
            let bytes = self.files[file].slice(range.start as usize..range.end as usize);
            let parts: Vec<_> = bytes.chunks(self.parts).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
            Ok(futures::stream::iter(parts).boxed())
        }

        async fn checksum(&self, file: usize) -> Option<u32> {
            self.kept.lock().unwrap().get(&file).copied()
        }

        async fn summed(&self, file: usize, checksum: u32) {
            self.kept.lock().unwrap().insert(file, checksum);
        }
    }

    /// Those of some files are known before.
    fn told(bytes: &[u8]) -> Option<u32> {
        (!bytes.len().is_multiple_of(3)).then(|| crc32fast::hash(bytes))
    }

    async fn read(archive: &Arc<Archive>, contents: &Arc<InMemory>, range: Range<u64>) -> io::Result<Vec<u8>> {
        let parts: Vec<Bytes> = stream(archive.clone(), contents.clone(), range).try_collect().await?;
        Ok(parts.concat())
    }

    fn archive<'f>(kind: ArchiveKind, files: impl Iterator<Item = &'f [u8]>) -> Arc<Archive> {
        let entries = files.enumerate().map(|(file, bytes)| Entry {
            path: format!("{file}"),
            size: bytes.len() as u64,
            crc32: told(bytes),
        });
        Arc::new(Archive::new(kind, entries.collect(), 0))
    }

    proptest! {
        #[test]
        fn parts_are_those_of_the_whole(
            files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..700), 0..5),
            (from, till) in (0.0..1.0, 0.0..1.0),
            parts in 1_usize..300,
            zip in any::<bool>(),
        ) {
            let archive = archive(if zip { ArchiveKind::Zip } else { ArchiveKind::Tar }, files.iter().map(Vec::as_slice));
            let bytes: Vec<Bytes> = files.iter().cloned().map(Bytes::from).collect();
            let fresh = || InMemory { files: bytes.clone(), parts, ..InMemory::default() };
            let contents = Arc::new(fresh());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let whole = runtime.block_on(read(&archive, &contents, 0..archive.length())).unwrap();
            prop_assert_eq!(whole.len() as u64, archive.length());
            let checksums: Vec<u32> = files.iter().map(|bytes| crc32fast::hash(bytes)).collect();
            let mut expected = Vec::new();
            for piece in (0..).map_while(|index| archive.piece(index)) {
                match piece {
                    Piece::Content(file) => expected.extend(&files[file]),
                    other => expected.extend(archive.write(other, &checksums)),
                }
            }
            prop_assert!(whole == expected);
            let place = |part: f64| (part * archive.length() as f64) as u64;
            let range = place(from).min(place(till))..place(from).max(place(till));
            let kept = contents.kept.lock().unwrap().clone();
            let is_kept = |(file, bytes): (usize, &Vec<u8>)| {
                told(bytes).is_some() || bytes.is_empty() || kept.get(&file) == Some(&crc32fast::hash(bytes))
            };
            prop_assert!(files.iter().enumerate().all(is_kept));
            // Whatever was found out before.
            for known in [0, 1, 2] {
                let contents = Arc::new(fresh());
                contents.kept.lock().unwrap().extend(kept.iter().filter(|(file, _)| known == 2 || *file % 2 < known));
                let part = runtime.block_on(read(&archive, &contents, range.clone())).unwrap();
                prop_assert!(part == whole[range.start as usize..range.end as usize]);
                let is_in_it = |file: &usize| archive.begin_of(file + 1) > range.start;
                prop_assert!(known < 2 || contents.opened.lock().unwrap().iter().all(is_in_it));
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_has_become_another_breaks_the_archive_off() {
        let archive = archive(ArchiveKind::Tar, [[1; 10].as_slice(), &[2; 10]].into_iter());
        for (length, byte) in [(9, 2), (11, 2), (10, 3)] {
            let files = vec![Bytes::from_static(&[1; 10]), Bytes::from(vec![byte; length])];
            struct Whole(Vec<Bytes>);
            impl Contents for Whole {
                async fn open(&self, file: usize, _: Range<u64>) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
                    Ok(futures::stream::iter([Ok(self.0[file].clone())]).boxed())
                }

                async fn checksum(&self, _: usize) -> Option<u32> {
                    None
                }

                async fn summed(&self, _: usize, _: u32) {}
            }
            let parts = stream(archive.clone(), Arc::new(Whole(files)), 0..archive.length());
            let error = parts.try_collect::<Vec<Bytes>>().await.unwrap_err();
            assert!(error.to_string().contains("1 is not what"), "{error}");
        }
    }
}
