//! Exports: pictures leave with their regions, in one of many forms.
//!
//! [`selection`] finds which pictures; [`gathering`] writes what is known of them into a temporary file; the format writes its own files
//! into another ([`texts`]); [`documents`] adds what reusers need. Then it is known how long everything is and where, so that the archive
//! of those texts and the pictures' files is sent without being made first, any part of it alone, and the same each time.

mod command;
mod contents;
mod documents;
mod fields;
mod gathering;
mod images;
mod packing;
mod parameters;
mod places;
mod purpose;
mod selection;
mod tables;
mod texts;

pub use command::{ExportArguments, export};
pub use parameters::ExportParameters;
pub use selection::Selection;

use crate::formats::annotations::{FormatError, Losses, Writing};
use crate::formats::archive::{Archive, Entry};
use crate::model::{
    AppError, ArchiveKind, ExportFormat, ExportImages, ExportOptions, ExportPreview, Licence, TableFormat, Viewer,
};
use crate::server::archives::{Contents, stream};
use crate::server::errors::internal;
use crate::server::state::AppState;
use crate::server::store;
use bytes::Bytes;
use contents::{Files, Origin};
use futures::stream::{BoxStream, StreamExt};
use gathering::{Spool, SpoolSource};
use images::Image;
use selection::Selected;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
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
    /// Whether somebody only wants to know what would be in it: then no digests are found out that nobody knows yet.
    pub is_preview: bool,
}

/// An export that can be sent, or parts of it.
pub struct Planned {
    /// What is in it.
    archive: Archive,
    /// The bytes.
    files: Files,
    /// A name for exactly these bytes, without quotation marks.
    pub version: String,
    /// What it has in it, in short.
    pub preview: ExportPreview,
    /// The single table that stands alone, if it is one: the only entry of the archive, which is not sent itself.
    table: Option<TableFormat>,
}

impl Planned {
    /// What is sent.
    pub fn media_type(&self) -> &'static str {
        self.table.map_or_else(|| self.archive.kind().media_type(), TableFormat::media_type)
    }

    /// A part of what is sent.
    pub async fn into_bytes(self, range: Range<u64>) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        match self.table {
            Some(_) => self.files.open(0, range).await,
            None => Ok(stream(Arc::new(self.archive), Arc::new(self.files), range).boxed()),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> AppError {
    internal("making an export", &error)
}

/// No temporary file of an export has more bytes.
const MAX_BYTES: u64 = 64 << 30;

/// What has become of a temporary file.
fn went_wrong(error: io::Error) -> AppError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => {
            let most = MAX_BYTES >> 30;
            AppError::TooLarge(format!("what is said of these pictures takes more than {most} GiB; take them in parts"))
        }
        _ => failed(error),
    }
}

/// What the format has written.
struct Written {
    texts: Texts,
    places: Places,
    losses: Losses,
    spool: Spool,
}

/// What the archive has in it besides texts.
struct Part {
    path: String,
    size: u64,
    crc32: Option<u32>,
    /// The SHA-256 of its bytes, unless they are a shard's: those of the files in it are listed on their own.
    sha256: Option<String>,
    /// What stands for its bytes where exports are told apart.
    mark: String,
    origin: Origin,
}

/// What is known of the site when an export is made.
struct Site {
    public_url: String,
    licences: Vec<Licence>,
}

/// Plans an export: afterwards nothing can go wrong but reading files. Fails unless the viewer may see what is selected and, where files
/// come along, read from the storage sites that have them.
pub async fn plan(state: &AppState, viewer: &Viewer, wanted: &Wanted<'_>) -> Result<Planned, AppError> {
    let _place = state.exports.take(state.db.caller()).await?;
    let options = wanted.options;
    let table = match options.format {
        ExportFormat::Table(format) if wanted.archive.is_none() => Some(format),
        _ => None,
    };
    let is_bare = table.is_some();
    let with_files = options.images == ExportImages::Files && !is_bare;
    if !with_files && options.format.needs_files() {
        return Err(AppError::field("images", "must be files: this form has the pictures in it"));
    }
    let mut selected = selection::select(state, viewer, wanted.selection).await?;
    let licences = store::licences::list(&state.db).await?;
    let left_out = match options.purpose {
        Some(purpose) => purpose::apply(state, &mut selected, purpose, &licences).await?,
        None => Vec::new(),
    };
    let is_of_one = matches!(wanted.selection, Selection::Dataset { .. } | Selection::Project { .. });
    let (sites, unreadable) = match with_files {
        true => images::sites(state, viewer, &mut selected, is_of_one).await?,
        false => (HashMap::new(), None),
    };
    let left_out: Vec<String> = left_out.into_iter().chain(unreadable).collect();
    if selected.pictures.is_empty() {
        return Err(AppError::NotFound("there are no pictures to export".to_owned()));
    }
    let spool = gathering::gather(state, viewer, &selected, &options).await?;
    let site = Arc::new(Site { public_url: state.urls.public_url.clone(), licences });
    let made_at = selected.made_at.unwrap_or_default();
    // It keeps a processor busy for a while.
    let about = site.clone();
    let selected = Arc::new(selected);
    let all = selected.clone();
    let work = move || {
        let written = write(spool, &options, &about, made_at)?;
        // A table that comes alone has no other files.
        let places = if is_bare { Vec::new() } else { places::wanted(&all, &written)? };
        Ok::<_, AppError>((written, places))
    };
    let (written, places) = tokio::task::spawn_blocking(work).await.map_err(failed)??;
    let placeless = if is_bare { Vec::new() } else { images::placeless(state, viewer, &selected).await? };
    let images = match with_files {
        true => images::images(state, &selected, &sites, (&places, &placeless), wanted.is_preview).await?,
        false => Vec::new(),
    };
    let (name, pictures) = (file_name(&selected.name, options.format), selected.pictures.len() as u64);
    let work = move || finish(written, &selected, &options, &site, (images, places, placeless), (left_out, is_bare));
    let finished = tokio::task::spawn_blocking(work).await.map_err(failed)??;
    let Finished { texts, parts, losses, regions } = finished;
    let (texts, file) = texts.into_parts();
    let (mut entries, mut origins) = (Vec::new(), Vec::new());
    let mut version = blake3::Hasher::new();
    version.update(&[LAYOUT]);
    let texts = texts.into_iter().map(|Text { path, begin, size, crc32, sha256 }| Part {
        path,
        size,
        crc32: Some(crc32),
        mark: sha256.clone(),
        sha256: Some(sha256),
        origin: Origin::Text(begin),
    });
    for Part { path, size, crc32, mark, origin, .. } in texts.chain(parts) {
        // Whether the checksum is known decides where a ZIP has it.
        version.update(path.as_bytes()).update(&[0]).update(mark.as_bytes()).update(&[u8::from(crc32.is_some())]);
        entries.push(Entry { path, size, crc32 });
        origins.push(origin);
    }
    let kind = wanted.archive.unwrap_or(ArchiveKind::Zip);
    // Nobody's clock is in it: the same pictures make the same bytes.
    version.update(&made_at.to_le_bytes());
    let version = format!("{}-{}", if is_bare { "table" } else { kind.as_str() }, version.finalize().to_hex());
    let archive = Archive::new(kind, entries, made_at);
    let files =
        Files { state: state.clone(), texts: Arc::new(file), origins: Arc::new(origins), sites: Arc::new(sites) };
    let preview = ExportPreview {
        name: format!("{name}.{}", table.map_or(kind.as_str(), TableFormat::as_str)),
        size: if is_bare { archive.entries()[0].size } else { archive.length() },
        files: if is_bare { 0 } else { archive.entries().len() as u64 },
        pictures,
        regions,
        losses,
    };
    Ok(Planned { archive, files, version, preview, table })
}

/// What a file is called, with nothing in it that no name of a file may have.
fn file_name(name: &str, format: ExportFormat) -> String {
    let name = name.replace(|char: char| !char.is_alphanumeric() && !"._-".contains(char), "-");
    match format {
        ExportFormat::Table(_) => name,
        format => format!("{name}-{}", format.as_str()),
    }
}

/// Has the format write its files, as far as it can before it is known where the pictures' files are.
fn write(spool: Spool, options: &ExportOptions, site: &Site, made_at: i64) -> Result<Written, AppError> {
    let mut texts = Texts::new().map_err(failed)?;
    let mut losses = Losses::default();
    match options.format {
        ExportFormat::Annotations(format) => {
            let mut source = SpoolSource(&spool);
            let mut writing = Writing { source: &mut source, output: &mut texts, losses: &mut losses };
            format.write(&mut writing).map_err(|error| match error {
                FormatError::Io { error, .. } => went_wrong(error),
                error => AppError::Conflict(format!("this cannot be said as {}: {error}", options.format.label())),
            })?;
        }
        ExportFormat::Table(format) => {
            let about = tables::About { public_url: &site.public_url, licences: &site.licences, made_at };
            tables::write(&spool, format, &about, &mut texts, &mut losses).map_err(went_wrong)?;
        }
        // They have to know first where the pictures' files are.
        ExportFormat::Webdataset | ExportFormat::Croissant => {}
    }
    let places = texts.take_places();
    Ok(Written { texts, places, losses, spool })
}

/// An export of which all but the pictures' files is written.
struct Finished {
    texts: Texts,
    parts: Vec<Part>,
    losses: Vec<String>,
    regions: u64,
}

/// Writes what needs to know where the pictures' files are, and the documents.
fn finish(
    mut written: Written,
    selected: &Selected,
    options: &ExportOptions,
    site: &Site,
    (images, places, placeless): (Vec<Image>, Vec<String>, Vec<bool>),
    (left_out, is_bare): (Vec<String>, bool),
) -> Result<Finished, AppError> {
    let (with_files, made_at) = (!images.is_empty(), selected.made_at.unwrap_or_default());
    let mut places = places;
    let parts = match options.format {
        ExportFormat::Webdataset => {
            packing::shards(&mut written, site, images, &mut places, made_at).map_err(went_wrong)?
        }
        ExportFormat::Croissant => {
            packing::croissant(&mut written, site, selected, &places).map_err(went_wrong)?;
            images.into_iter().map(Part::from).collect()
        }
        _ => images.into_iter().map(Part::from).collect(),
    };
    let said = written.losses.counts().map(|(loss, count)| format!("{count} {}", loss.label(count)));
    let losses: Vec<String> = left_out.into_iter().chain(written.spool.shaped.sentences()).chain(said).collect();
    if !is_bare {
        let about = documents::About { name: &selected.name, options, losses: &losses, with_files, site };
        let files =
            documents::Files { parts: &parts, places: &places, chosen: &selected.pictures, placeless: &placeless };
        documents::add(&mut written, &about, &files).map_err(went_wrong)?;
    }
    Ok(Finished { regions: written.spool.shaped.regions, texts: written.texts, parts, losses })
}
