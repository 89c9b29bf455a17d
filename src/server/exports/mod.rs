//! Exports: pictures leave with their regions, in one of many forms.
//!
//! [`selection`] finds which pictures; [`gathering`] writes what is known of them into a temporary file; the format writes its own files
//! into another ([`texts`]); [`documents`] adds what reusers need. Then it is known how long everything is and where, so that the archive
//! of those texts and the pictures' files is sent without being made first, any part of it alone, and the same each time.

mod command;
mod contents;
mod documents;
mod gathering;
mod parameters;
mod selection;
mod tables;
mod texts;

pub use command::{ExportArguments, export};
pub use contents::Files;
pub use parameters::ExportParameters;
pub use selection::Selection;

use crate::formats::annotation_format::AnnotationFormat;
use crate::formats::annotations::{FormatError, Losses, Writing};
use crate::formats::archive::{Archive, Entry};
use crate::model::{
    AppError, ArchiveKind, ExportFormat, ExportImages, ExportOptions, ExportPreview, SiteAccess, Viewer,
};
use crate::server::errors::internal;
use crate::server::image_bytes;
use crate::server::images::Placeless;
use crate::server::state::AppState;
use crate::server::store;
use contents::Origin;
use gathering::{Spool, SpoolSource};
use selection::Selected;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use texts::{Places, Text, Texts};

/// Another number says that exports are written otherwise than before, so that nobody joins parts of two.
const LAYOUT: u8 = 1;

/// What is wanted.
pub struct Wanted<'a> {
    /// Which pictures.
    pub selection: &'a Selection,
    /// In which form.
    pub options: ExportOptions,
    /// In which archive; a single table needs none.
    pub archive: Option<ArchiveKind>,
}

/// An export that can be sent, or parts of it.
pub struct Planned {
    /// What is in it.
    pub archive: Archive,
    /// The bytes.
    pub files: Files,
    /// A name for exactly these bytes, without quotation marks.
    pub version: String,
    /// What it has in it, in short.
    pub preview: ExportPreview,
    /// Whether it is a single table that stands alone: the only entry of the archive, which is not sent itself.
    pub is_bare: bool,
}

fn failed(error: impl std::fmt::Display) -> AppError {
    internal("making an export", &error)
}

/// What the format and the documents have written.
struct Written {
    texts: Texts,
    places: Places,
    losses: Vec<String>,
    spool: Spool,
}

/// Plans an export: afterwards nothing can go wrong but reading files. Fails unless the viewer may see what is selected and, where files
/// come along, read from the storage sites that have them.
pub async fn plan(state: &AppState, viewer: &Viewer, wanted: &Wanted<'_>) -> Result<Planned, AppError> {
    let options = wanted.options;
    let selected = selection::select(state, viewer, wanted.selection).await?;
    if selected.pictures.is_empty() {
        return Err(AppError::NotFound("there are no pictures to export".to_owned()));
    }
    let is_bare = options.format.is_table() && wanted.archive.is_none();
    let spool = gathering::gather(state, viewer, &selected, &options).await?;
    let public_url = state.urls.public_url.clone();
    // It keeps a processor busy for a while.
    let written = tokio::task::spawn_blocking(move || write(spool, &options, &public_url)).await;
    let mut written = written.map_err(failed)??;
    let with_files = options.images == ExportImages::Files && !is_bare;
    let (images, sites) = match with_files {
        true => images(state, viewer, &selected, &written).await?,
        false => (Vec::new(), HashMap::new()),
    };
    let name = file_name(&selected.name, options.format);
    if !is_bare {
        let about =
            documents::About { name: &selected.name, options: &options, pictures: selected.pictures.len(), with_files };
        documents::add(&mut written, &about, &images, &selected.pictures)?;
    }
    let regions = written.spool.shaped.regions;
    let (texts, file) = written.texts.into_parts();
    let (mut entries, mut origins) = (Vec::new(), Vec::new());
    let mut version = blake3::Hasher::new();
    version.update(&[LAYOUT]);
    let mut add = |path: String, size: u64, crc32: Option<u32>, sha256: &str, origin: Origin| {
        version.update(path.as_bytes()).update(&[0]).update(sha256.as_bytes()).update(&[u8::from(crc32.is_some())]);
        entries.push(Entry { path, size, crc32 });
        origins.push(origin);
    };
    for Text { path, begin, size, crc32, sha256 } in texts {
        add(path, size, Some(crc32), &sha256, Origin::Text(begin));
    }
    for Image { path, size, crc32, sha256, hash, placeless, dataset } in images {
        add(path, size, crc32, &sha256, Origin::Picture { hash, placeless, dataset });
    }
    let kind = wanted.archive.unwrap_or(ArchiveKind::Zip);
    // Nobody's clock is in it: the same pictures make the same bytes.
    let modified = selected.made_at.unwrap_or_default();
    version.update(&modified.to_le_bytes());
    let version = format!("{}-{}", if is_bare { "table" } else { kind.as_str() }, version.finalize().to_hex());
    let archive = Archive::new(kind, entries, modified);
    let files = Files { state: state.clone(), texts: Arc::new(file), origins, sites };
    let preview = ExportPreview {
        name: match is_bare {
            true => format!("{name}.{}", options.format.as_str()),
            false => format!("{name}.{}", kind.as_str()),
        },
        size: if is_bare { archive.entries()[0].size } else { archive.length() },
        files: if is_bare { 0 } else { archive.entries().len() as u64 },
        pictures: selected.pictures.len() as u64,
        regions,
        losses: written.losses,
    };
    Ok(Planned { archive, files, version, preview, is_bare })
}

/// What a file is called, with nothing in it that no name of a file may have.
fn file_name(name: &str, format: ExportFormat) -> String {
    let name = name.replace(|char: char| !char.is_alphanumeric() && !"._-".contains(char), "-");
    if format.is_table() { name } else { format!("{name}-{}", format.as_str()) }
}

/// Has the format write its files.
fn write(spool: Spool, options: &ExportOptions, public_url: &str) -> Result<Written, AppError> {
    let mut texts = Texts::new().map_err(failed)?;
    let mut losses = Losses::default();
    match AnnotationFormat::named(options.format.as_str()) {
        Some(format) => {
            let mut source = SpoolSource(&spool);
            let mut writing = Writing { source: &mut source, output: &mut texts, losses: &mut losses };
            format.write(&mut writing).map_err(|error| match error {
                FormatError::Io { .. } => failed(error),
                error => AppError::Conflict(format!("this cannot be said as {}: {error}", options.format.label())),
            })?;
        }
        None => tables::write(&spool, options.format, public_url, &mut texts).map_err(failed)?,
    }
    let said = losses.counts().map(|(loss, count)| format!("{count} {}", loss.label(count)));
    let said: Vec<String> = spool.shaped.sentences().into_iter().chain(said).collect();
    let places = texts.take_places();
    Ok(Written { texts, places, losses: said, spool })
}

/// A picture's file in the archive.
struct Image {
    path: String,
    size: u64,
    crc32: Option<u32>,
    sha256: String,
    hash: String,
    placeless: Option<String>,
    dataset: Option<i64>,
}

/// The files of the pictures where the format wants them, and the storage sites that they come from.
async fn images(
    state: &AppState,
    viewer: &Viewer,
    selected: &Selected,
    written: &Written,
) -> Result<(Vec<Image>, HashMap<i64, i64>), AppError> {
    let mut by_dataset: BTreeMap<Option<i64>, BTreeSet<&str>> = BTreeMap::new();
    for chosen in &selected.pictures {
        let hashes = by_dataset.entry(chosen.dataset).or_default();
        if Placeless::concerns(&chosen.file.media_type) {
            hashes.insert(&chosen.file.hash);
        }
    }
    let (mut sites, mut told) = (HashMap::new(), HashMap::new());
    for (dataset, hashes) in by_dataset {
        if let Some(dataset) = dataset {
            let site = store::site_choice::of_dataset(&state.db, viewer, dataset, SiteAccess::Read).await?;
            sites.extend(site.map(|site| (dataset, site)));
        }
        told.insert(dataset, image_bytes::with_place(state, viewer, dataset, hashes).await?);
    }
    let mut images = Vec::with_capacity(selected.pictures.len());
    for (place, path) in wanted_places(selected, written)?.into_iter().enumerate() {
        let chosen = &selected.pictures[place];
        let file = &chosen.file;
        let tells = Placeless::concerns(&file.media_type) && !told[&chosen.dataset].contains(&file.hash);
        let site = chosen.dataset.and_then(|dataset| sites.get(&dataset).copied());
        let (sha256, crc32) = match tells {
            true => {
                let of_file = (file.sha256.as_str(), file.crc32);
                state.placeless.digests(&file.hash, &file.media_type, site.as_slice(), of_file).await?
            }
            false => (file.sha256.clone(), file.crc32),
        };
        images.push(Image {
            path,
            size: file.size,
            crc32,
            sha256,
            hash: file.hash.clone(),
            placeless: tells.then(|| file.media_type.clone()),
            dataset: chosen.dataset,
        });
    }
    Ok((images, sites))
}

/// Where each picture's file belongs. A format that does not say it finds them in `images/`.
fn wanted_places(selected: &Selected, written: &Written) -> Result<Vec<String>, AppError> {
    let (mut places, mut taken) = (vec![String::new(); selected.pictures.len()], BTreeSet::new());
    written
        .spool
        .each(|gathered| {
            let key = (gathered.split, gathered.path);
            let mut place = match written.places.get(&key) {
                Some(place) => place.clone(),
                None => match &key.0 {
                    Some(split) => format!("images/{split}/{}", key.1),
                    None => format!("images/{}", key.1),
                },
            };
            // No two files of an archive have the same name.
            while written.texts.has(&place) || !taken.insert(place.clone()) {
                place = format!("more/{place}");
            }
            places[gathered.place] = place;
            Ok::<(), std::io::Error>(())
        })
        .map_err(failed)?;
    Ok(places)
}
