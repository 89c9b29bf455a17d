//! Which pictures leave, and what their files are called.

use crate::model::project::{WorkFilter, WorkState};
use crate::model::{AppError, Dataset, Ordering, PageRequest, Viewer};
use crate::server::errors::internal;
use crate::server::search::find_all;
use crate::server::state::AppState;
use crate::server::store::blobs::BlobRow;
use crate::server::store::exports::{self, PictureFile};
use crate::server::store::{datasets, galleries, project_work, projects};
use crate::server::versions::pictures_at::{StateAt, pictures_at};
use std::collections::{BTreeSet, HashSet};

/// So many pictures leave at once, at most: what is known of each of them is held while they do.
const MAX_PICTURES: i64 = 2_000_000;
/// Ids that are read at a time.
const BATCH: usize = 10_000;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Selection {
    /// What a query finds.
    Query(String),
    /// What is in a gallery.
    Gallery(i64),
    /// The pictures of a dataset, in a version or commit, or in its newest state.
    Dataset {
        /// `namespace/name`, or its number.
        name: String,
        /// The version or commit.
        reference: Option<String>,
    },
    /// The pictures of a project, with what it is about.
    Project {
        /// Its number.
        id: i64,
        /// Only those with which the work is here; all if there is none.
        states: Vec<WorkState>,
    },
    /// These pictures.
    Pictures(Vec<i64>),
}

/// A picture's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// BLAKE3, in hexadecimal digits.
    pub hash: String,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// CRC-32, if anybody knows it.
    pub crc32: Option<u32>,
    /// Length in bytes.
    pub size: u64,
    /// Media type.
    pub media_type: String,
}

impl From<BlobRow> for ImageFile {
    fn from(blob: BlobRow) -> Self {
        Self {
            hash: blob.hash,
            sha256: blob.sha256,
            crc32: blob.crc32.and_then(|crc32| u32::try_from(crc32).ok()),
            size: u64::try_from(blob.size).unwrap_or_default(),
            media_type: blob.media_type,
        }
    }
}

/// A picture that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its number; none where it was deleted since the version that has it.
    pub picture: Option<i64>,
    /// What its file is called: its path in its dataset, with the dataset's name in front where others leave with it, or its number for
    /// one of the commons. No two have the same.
    pub path: String,
    /// Width and height in pixels, orientation applied.
    pub size_px: (i64, i64),
    /// The dataset that it belongs to.
    pub dataset: Option<i64>,
    /// The file.
    pub file: ImageFile,
}

/// The pictures that leave.
pub struct Selected {
    /// What a file with them is called, without the ending.
    pub name: String,
    /// When the state was made that leaves, in Unix seconds; none where that is no state of a dataset.
    pub made_at: Option<i64>,
    /// The pictures, in the order in which they leave.
    pub pictures: Vec<Chosen>,
    /// The state of a dataset whose regions leave, where they are not those of today.
    pub state: Option<(i64, StateAt)>,
    /// Only regions with these objects leave; all where none are named.
    pub objects: BTreeSet<String>,
}

impl Selected {
    fn of(name: String, mut pictures: Vec<Chosen>) -> Self {
        // Somebody may have called a file what one that was replaced is called here.
        let mut seen = HashSet::with_capacity(pictures.len());
        for chosen in &mut pictures {
            while !seen.insert(chosen.path.clone()) {
                chosen.path = format!("more/{}", chosen.path);
            }
        }
        Self { name, made_at: None, pictures, state: None, objects: BTreeSet::new() }
    }

    /// Keeps the pictures of which this says so, in their order.
    pub fn retain(&mut self, keep: &[bool]) {
        let mut kept = keep.iter();
        self.pictures.retain(|_| kept.next().copied().unwrap_or(true));
        if let Some((_, at)) = &mut self.state {
            let mut kept = keep.iter();
            at.pictures.retain(|_| kept.next().copied().unwrap_or(true));
        }
    }
}

/// Finds the pictures, as far as the viewer may see them. Fails unless the viewer may see the dataset, gallery or project.
pub async fn select(state: &AppState, viewer: &Viewer, selection: &Selection) -> Result<Selected, AppError> {
    let db = &state.db;
    match selection {
        Selection::Query(text) => found(state, viewer, "pictures".to_owned(), text).await,
        Selection::Gallery(id) => {
            galleries::get(db, *id).await?;
            let text = format!("include_obsolete: true\nwant:\n  - in_gallery: [{id}]\n");
            found(state, viewer, format!("gallery-{id}"), &text).await
        }
        Selection::Dataset { name, reference } => {
            let dataset = match (name.parse(), name.split_once('/')) {
                (Ok(id), _) => datasets::get(db, viewer, id).await?,
                (Err(_), Some((namespace, name))) => datasets::by_name(db, viewer, namespace, name).await?,
                _ => return Err(AppError::field("dataset", "must be namespace/name, or a number")),
            };
            of_dataset(state, viewer, &dataset, reference.as_deref()).await
        }
        Selection::Project { id, states } => of_project(state, viewer, *id, states).await,
        Selection::Pictures(ids) => {
            let files = exports::files(db, viewer, ids).await?;
            let known: BTreeSet<i64> = files.iter().map(|file| file.id).collect();
            if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
                return Err(AppError::NotFound(format!("there is no picture {unknown}")));
            }
            Ok(Selected::of("pictures".to_owned(), files.into_iter().map(|file| chosen(file, true)).collect()))
        }
    }
}

/// What a query finds, in the order of the pictures' numbers.
async fn found(state: &AppState, viewer: &Viewer, name: String, text: &str) -> Result<Selected, AppError> {
    let mut found = find_all(&state.db, viewer, text, Ordering::default(), 0).await?;
    refuse_more(found.total())?;
    let mut pictures = Vec::new();
    loop {
        let ids = found.next_some(BATCH).map_err(|error| internal("reading what a query found", &error))?;
        if ids.is_empty() {
            break;
        }
        let files = exports::files(&state.db, viewer, &ids).await?;
        pictures.extend(files.into_iter().map(|file| chosen(file, true)));
    }
    pictures.sort_unstable_by_key(|chosen| chosen.picture);
    Ok(Selected::of(name, pictures))
}

/// Refuses what cannot be held.
fn refuse_more(total: i64) -> Result<(), AppError> {
    if total > MAX_PICTURES {
        let message =
            format!("these are {total} pictures, and an export has at most {MAX_PICTURES}; take them in parts");
        return Err(AppError::TooLarge(message));
    }
    Ok(())
}

async fn of_dataset(
    state: &AppState,
    viewer: &Viewer,
    Dataset { id, name: called, .. }: &Dataset,
    reference: Option<&str>,
) -> Result<Selected, AppError> {
    let dataset = *id;
    let mut at = pictures_at(state, viewer, dataset, reference).await?;
    refuse_more(at.pictures.len() as i64)?;
    let chosen = at.pictures.iter_mut().map(|picture| Chosen {
        picture: picture.picture,
        path: picture.path.clone(),
        size_px: picture.kept.size_px.unwrap_or_default(),
        dataset: Some(dataset),
        file: picture.kept.blob.clone().into(),
    });
    let pictures = chosen.collect();
    let version = reference.filter(|_| at.fixed).unwrap_or(&at.commit[..10]);
    let mut selected = Selected::of(format!("{called}-{version}"), pictures);
    selected.made_at = Some(at.at);
    // What is drawn in the newest state is what is drawn today.
    selected.state = at.fixed.then_some((dataset, at));
    Ok(selected)
}

async fn of_project(state: &AppState, viewer: &Viewer, id: i64, states: &[WorkState]) -> Result<Selected, AppError> {
    let project = projects::get(&state.db, viewer, id).await?;
    let filter = WorkFilter { states: states.to_vec(), ..WorkFilter::default() };
    let all = PageRequest { offset: 0, limit: MAX_PICTURES + 1 };
    let page = project_work::pictures(&state.db, viewer, id, &filter, all).await?;
    refuse_more(page.total)?;
    let ids: Vec<i64> = page.items.iter().map(|(picture, _)| *picture).collect();
    let files = exports::files(&state.db, viewer, &ids).await?;
    let mut pictures: Vec<Chosen> = files.into_iter().map(|file| chosen(file, false)).collect();
    pictures.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let mut selected = Selected::of(project.name, pictures);
    selected.objects = project.objects.into_iter().collect();
    Ok(selected)
}

/// A picture under the path that it has today.
fn chosen(file: PictureFile, with_dataset: bool) -> Chosen {
    let PictureFile { id, width, height, dataset, namespace, dataset_name, path, blob } = file;
    let by_number = || format!("{id}.{}", blob.extension);
    let path = match (namespace, dataset_name) {
        (Some(namespace), Some(name)) => {
            // One that was replaced has left its place to another.
            let path = path.unwrap_or_else(|| format!("replaced/{}", by_number()));
            if with_dataset { format!("{namespace}/{name}/{path}") } else { path }
        }
        _ => by_number(),
    };
    Chosen { picture: Some(id), path, size_px: (width, height), dataset, file: blob.into() }
}
