//! All files of a state, or of one of its folders, as an archive.

use super::reading::{At, no_version, place, resolve};
use crate::formats::archive::{Archive, Entry};
use crate::model::folder::read_folder;
use crate::model::version::{BRANCH, is_commit_id};
use crate::model::{AppError, ArchiveKind, SiteAccess, Viewer};
use crate::server::archives::Contents;
use crate::server::errors::internal;
use crate::server::git::Pack;
use crate::server::image_bytes;
use crate::server::images::Placeless;
use crate::server::state::AppState;
use crate::server::store::dataset_files::{self, Sendable};
use crate::server::store::{self, datasets};
use bytes::Bytes;
use futures::stream::BoxStream;
use std::collections::BTreeSet;
use std::io;
use std::ops::Range;

/// Another number says that archives are written otherwise than before, so that nobody joins parts of two.
const LAYOUT: u8 = 2;

/// Which files of a dataset are wanted, in which kind of archive.
pub struct Wanted<'a> {
    /// The dataset.
    pub dataset: i64,
    /// A version or a commit; the newest state if there is none.
    pub reference: Option<&'a str>,
    /// The folder; everything if it is empty.
    pub folder: &'a str,
    /// The kind.
    pub kind: ArchiveKind,
}

/// The state and the folder that are meant.
struct Meant {
    commit: String,
    /// Empty, or with a `/` at its end.
    folder: String,
    /// What the archive is called, without the ending.
    name: String,
}

impl Wanted<'_> {
    async fn meant(&self, state: &AppState, viewer: &Viewer) -> Result<Meant, AppError> {
        let at = resolve(state, viewer, self.dataset, self.reference).await?;
        let folder = read_folder("path", self.folder).map_err(|error| AppError::fields(vec![error]))?;
        let At { commit, .. } = at.ok_or_else(|| no_version(BRANCH))?;
        let called = datasets::get(&state.db, viewer, self.dataset).await?.name;
        let state = self.reference.filter(|reference| !is_commit_id(reference) && !reference.is_empty());
        let parts = [called.as_str(), state.unwrap_or(&commit[..10]), folder.trim_end_matches('/')];
        let name: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        // What a name of a file cannot have everywhere.
        let name = name.join("-").replace(|char: char| !char.is_alphanumeric() && !"._-".contains(char), "-");
        Ok(Meant { commit, folder, name })
    }
}

/// A file of the archive.
#[derive(Debug)]
struct Stored {
    hash: String,
    /// Its media type, if the place is taken out of it.
    placeless: Option<String>,
    /// The checksum of its bytes as they were committed, if it is known.
    crc32: Option<u32>,
}

/// The files of an archive, which are read one after the other.
pub struct Files {
    state: AppState,
    /// The storage site of the dataset, if it has one.
    site: Option<i64>,
    files: Vec<Stored>,
}

/// An archive that can be sent, or parts of it.
pub struct Planned {
    /// What is in it.
    pub archive: Archive,
    /// The bytes.
    pub files: Files,
    /// A name for exactly these bytes, without quotation marks.
    pub version: String,
    /// What it is called, without the ending.
    pub name: String,
}

/// The archive of all files in a folder of a state and below, whose paths are those in the dataset. Fails unless the viewer may see the
/// dataset and read from its storage site.
pub async fn plan(state: &AppState, viewer: &Viewer, wanted: &Wanted<'_>) -> Result<Planned, AppError> {
    let _place = place(state).await?;
    let Meant { commit, folder, name } = wanted.meant(state, viewer).await?;
    let Wanted { dataset, kind, .. } = *wanted;
    let site = store::site_choice::of_dataset(&state.db, viewer, dataset, SiteAccess::Read).await?;
    let repository = state.repositories.of(dataset);
    let modified = repository.commit_info(&commit).await?.at;
    let listed = repository.files(&commit, &folder).await?;
    if listed.is_empty() {
        return Err(nothing_in(&folder));
    }
    let pointers = repository.pointers(&listed).await?;
    let sums: BTreeSet<String> = pointers.iter().flatten().map(|pointer| pointer.md5.clone()).collect();
    let known = dataset_files::sendable(&state.db, dataset, &sums).await?;
    let may_tell_place = known.values().filter(|file| may_tell(file)).map(|file| file.hash.as_str()).collect();
    let told = image_bytes::with_place(state, viewer, Some(dataset), may_tell_place).await?;
    let (mut entries, mut files) = (Vec::with_capacity(listed.len()), Vec::with_capacity(listed.len()));
    let mut version = blake3::Hasher::new();
    version.update(&[LAYOUT]);
    for (file, pointer) in listed.into_iter().zip(pointers) {
        let Some(pointer) = pointer else { continue };
        let lost = || internal("an archive of a dataset", &format!("the bytes {} are lost", pointer.md5));
        let bytes = known.get(&pointer.md5).ok_or_else(lost)?;
        let tells = may_tell(bytes) && !told.contains(&bytes.hash);
        let placeless = tells.then(|| bytes.media_type.clone());
        let committed = bytes.crc32.and_then(|crc32| u32::try_from(crc32).ok());
        // Without a place the checksum is another one, which may not be known yet: what the archive says before the bytes must not depend
        // on when one asks.
        let crc32 = committed.filter(|_| !tells);
        version.update(file.path.as_bytes()).update(&[0]).update(bytes.hash.as_bytes()).update(&[u8::from(tells)]);
        // Whether it is known decides where a ZIP has it.
        version.update(&[u8::from(kind == ArchiveKind::Zip && crc32.is_some())]);
        entries.push(Entry { path: file.path, size: u64::try_from(bytes.size).unwrap_or_default(), crc32 });
        files.push(Stored { hash: bytes.hash.clone(), placeless, crc32: committed });
    }
    version.update(&modified.to_le_bytes());
    let version = format!("{}-{}", kind.as_str(), version.finalize().to_hex());
    let files = Files { state: state.clone(), site, files };
    Ok(Planned { archive: Archive::new(kind, entries, modified), files, version, name })
}

/// Whether a file is of such a kind that it can tell where it was taken.
fn may_tell(file: &Sendable) -> bool {
    file.width.is_some() && Placeless::concerns(&file.media_type)
}

/// What is in Git itself: pointers, texts and settings, for those who fetch the files with DVC. With it comes the name of the archive.
pub async fn pointers(state: &AppState, viewer: &Viewer, wanted: &Wanted<'_>) -> Result<(Pack, String), AppError> {
    let _place = place(state).await?;
    let Meant { commit, folder, name } = wanted.meant(state, viewer).await?;
    let repository = state.repositories.of(wanted.dataset);
    if !folder.is_empty() && repository.files(&commit, &folder).await?.is_empty() {
        return Err(nothing_in(&folder));
    }
    Ok((repository.archive(&commit, wanted.kind, &folder)?, format!("{name}-pointers")))
}

fn nothing_in(folder: &str) -> AppError {
    AppError::NotFound(match folder {
        "" => "this state of the dataset has no files".to_owned(),
        folder => format!("there is no folder `{folder}`"),
    })
}

impl Contents for Files {
    async fn open(&self, file: usize, range: Range<u64>) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        let Stored { hash, placeless, .. } = &self.files[file];
        image_bytes::open(&self.state, hash, placeless.as_deref(), self.site, range).await
    }

    async fn checksum(&self, file: usize) -> Option<u32> {
        let Stored { hash, placeless, crc32 } = &self.files[file];
        placeless.as_ref()?;
        self.state.placeless.checksum(hash, *crc32).await
    }

    async fn summed(&self, file: usize, checksum: u32) {
        let Stored { hash, placeless, .. } = &self.files[file];
        if placeless.is_some() {
            self.state.placeless.keep_checksum(hash, checksum).await;
        }
    }
}
