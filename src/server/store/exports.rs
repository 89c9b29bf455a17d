//! What an export has to know besides what lists say of pictures: their files, which of them are copies, and what is above objects.

use super::access;
use super::blobs::{self, BlobRow};
use super::db::{Db, Result, Source, VALUES_PER_LIST};
use super::objects::load_graph;
use super::schema::{Blobs, DatasetFiles, Datasets, Namespaces, Objects, PictureLicences, Pictures, Users};
use crate::model::Viewer;
use crate::model::picture::Original;
use sea_query::{Expr, ExprTrait, Query};
use std::collections::{BTreeSet, HashMap};

/// Nobody copies copies so often in good faith; what goes further counts as an original.
const MAX_COPIES: usize = 100;

/// A picture's file, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PictureFile {
    /// Number of the picture.
    pub id: i64,
    /// Width in pixels, orientation applied.
    pub width: i64,
    /// Height in pixels, orientation applied.
    pub height: i64,
    /// The dataset that it belongs to.
    pub dataset: Option<i64>,
    /// Name of the dataset's namespace.
    pub namespace: Option<String>,
    /// Name of the dataset.
    pub dataset_name: Option<String>,
    /// Its path in the newest state of the dataset; none of a picture that was replaced.
    pub path: Option<String>,
    /// The file.
    #[sqlx(flatten)]
    pub blob: BlobRow,
}

/// The files of those of these pictures that the viewer may see, in the order of their numbers.
pub async fn files(db: &Db, viewer: &Viewer, pictures: &[i64]) -> Result<Vec<PictureFile>> {
    let of = |column| (Pictures::Table, column);
    let mut found = Vec::with_capacity(pictures.len());
    for part in pictures.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([Pictures::Id, Pictures::Width, Pictures::Height, Pictures::Dataset].map(of))
            .expr_as(Expr::col((Namespaces::Table, Namespaces::Name)), "namespace")
            .expr_as(Expr::col((Datasets::Table, Datasets::Name)), "dataset_name")
            .column((DatasetFiles::Table, DatasetFiles::Path))
            .columns(blobs::COLUMNS.map(|column| (Blobs::Table, column)))
            .from(Pictures::Table)
            .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals(of(Pictures::Blob)))
            .left_join(Datasets::Table, Expr::col((Datasets::Table, Datasets::Id)).equals(of(Pictures::Dataset)))
            .left_join(
                Namespaces::Table,
                Expr::col((Namespaces::Table, Namespaces::Id)).equals((Datasets::Table, Datasets::Namespace)),
            )
            .left_join(
                DatasetFiles::Table,
                Expr::col((DatasetFiles::Table, DatasetFiles::Picture)).equals(of(Pictures::Id)),
            )
            .and_where(Expr::col(of(Pictures::Id)).is_in(part.iter().copied()))
            .cond_where(access::visible(viewer))
            .to_owned();
        found.extend(db.all::<PictureFile>(&statement).await?);
    }
    found.sort_by_key(|file| file.id);
    // A picture is one file at most; should it be two by a mistake, it still leaves once.
    found.dedup_by_key(|file| file.id);
    Ok(found)
}

/// For each of these pictures the BLAKE3 of the file that it goes back to by copies and replacements: what belongs together has the same.
pub async fn origins(db: &Db, pictures: &[i64]) -> Result<HashMap<i64, String>> {
    type Row = (i64, Option<i64>, Option<i64>, String);
    // Where each is on its way back.
    let mut going: Vec<(i64, i64)> = pictures.iter().map(|id| (*id, *id)).collect();
    let mut files = HashMap::new();
    for _ in 0..MAX_COPIES {
        let here: BTreeSet<i64> = going.iter().map(|(_, at)| *at).collect();
        let here: Vec<i64> = here.into_iter().collect();
        let mut known = HashMap::new();
        for part in here.chunks(VALUES_PER_LIST) {
            let statement = Query::select()
                .columns([Pictures::Id, Pictures::CopiedFrom, Pictures::Replaces, Pictures::Blob])
                .from(Pictures::Table)
                .and_where(Expr::col(Pictures::Id).is_in(part.iter().copied()))
                .to_owned();
            for (id, copied_from, replaces, blob) in db.all::<Row>(&statement).await? {
                known.insert(id, (copied_from.or(replaces), blob));
            }
        }
        let mut further = Vec::new();
        for (picture, at) in going {
            // What is behind a picture that is gone nobody knows.
            let Some((next, blob)) = known.get(&at) else { continue };
            files.insert(picture, blob.clone());
            further.extend(next.map(|next| (picture, next)));
        }
        going = further;
        if going.is_empty() {
            break;
        }
    }
    Ok(files)
}

/// Of these pictures those that are copies, with what stands at the beginning of their chains, as far as the viewer may see those.
pub async fn originals(db: &Db, viewer: &Viewer, copies: &[i64]) -> Result<HashMap<i64, Original>> {
    let of = |column| (Pictures::Table, column);
    type Row = (i64, Option<i64>, String, Option<String>);
    // Where each is on its way up, and what it has come to.
    let mut going: Vec<(i64, i64, Option<Original>)> = copies.iter().map(|id| (*id, *id, None)).collect();
    let mut found = HashMap::new();
    for _ in 0..MAX_COPIES {
        let here: BTreeSet<i64> = going.iter().map(|(_, at, _)| *at).collect();
        let here: Vec<i64> = here.into_iter().collect();
        let mut known = HashMap::new();
        for part in here.chunks(VALUES_PER_LIST) {
            let statement = Query::select()
                .columns([Pictures::Id, Pictures::CopiedFrom].map(of))
                .columns([Users::Username, Users::Attribution].map(|column| (Users::Table, column)))
                .from(Pictures::Table)
                .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(Pictures::Author)))
                .and_where(Expr::col(of(Pictures::Id)).is_in(part.iter().copied()))
                .cond_where(access::visible(viewer))
                .to_owned();
            for (id, copied_from, username, attribution) in db.all::<Row>(&statement).await? {
                known.insert(id, (copied_from, attribution.unwrap_or(username)));
            }
        }
        let mut further = Vec::new();
        for (copy, at, original) in going {
            let (next, original) = match known.get(&at) {
                None => (None, original),
                Some((next, _)) if at == copy => (*next, None),
                Some((next, author)) => (*next, Some(Original { id: at, author: author.clone() })),
            };
            match next {
                Some(next) => further.push((copy, next, original)),
                None => found.extend(original.map(|original| (copy, original))),
            }
        }
        going = further;
        if going.is_empty() {
            break;
        }
    }
    found.extend(going.into_iter().filter_map(|(copy, _, original)| Some((copy, original?))));
    Ok(found)
}

/// The ids of the licences of each of these pictures.
pub async fn licences(db: &Db, pictures: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for part in pictures.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([PictureLicences::Picture, PictureLicences::Licence])
            .from(PictureLicences::Table)
            .and_where(Expr::col(PictureLicences::Picture).is_in(part.iter().copied()))
            .to_owned();
        for (picture, licence) in db.all::<(i64, String)>(&statement).await? {
            found.entry(picture).or_default().push(licence);
        }
    }
    Ok(found)
}

/// For each object that is further down in the taxonomy than `level` the one above it there; the topmost are at level 0. An object with
/// several ways up is as far down as the shortest says, and of several objects above it the first by name is taken.
pub async fn above_level(db: &Db, level: u32) -> Result<HashMap<String, String>> {
    let mut tx = db.snapshot().await?;
    let graph = load_graph(&mut tx).await?;
    let all = Query::select().columns([Objects::Id, Objects::Name]).from(Objects::Table).to_owned();
    let names: HashMap<i64, String> = tx.all::<(i64, String)>(&all).await?.into_iter().collect();
    let levels = graph.levels(names.keys().copied());
    let mut above = HashMap::new();
    for (id, name) in &names {
        if levels.get(id).is_none_or(|own| *own <= level) {
            continue;
        }
        let ancestors = graph.ancestors(*id);
        let there = ancestors.iter().filter(|ancestor| levels.get(ancestor) == Some(&level));
        if let Some(first) = there.filter_map(|ancestor| names.get(ancestor)).min() {
            above.insert(name.clone(), first.clone());
        }
    }
    Ok(above)
}
