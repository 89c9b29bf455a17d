//! What an export has to know besides what lists say of pictures: their files, which of them are copies, and what is above objects.

use super::access;
use super::blobs::{self, BlobRow};
use super::db::{Db, Result, Row, Source, VALUES_PER_LIST};
use super::objects::load_graph;
use super::pictures::attribution;
use super::schema::{Blobs, DatasetFiles, Datasets, Namespaces, Objects, PictureLicences, Pictures, Users};
use crate::model::Viewer;
use crate::model::picture::Original;
use sea_query::{Expr, ExprTrait, Query, SelectStatement};
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

/// Goes from each of these pictures to what it comes from, and on from there. `known_of` reads what a row of `select` says of a picture: its
/// number, what it comes from, and something of it. Of each picture the last one on its way that is known is answered, with that.
async fn beginnings<R: Row, T: Clone>(
    db: &Db,
    pictures: &[i64],
    select: &SelectStatement,
    known_of: impl Fn(R) -> (i64, Option<i64>, T),
) -> Result<HashMap<i64, (i64, T)>> {
    // Where each is on its way.
    let mut going: Vec<(i64, i64)> = pictures.iter().map(|id| (*id, *id)).collect();
    let mut found = HashMap::new();
    for _ in 0..MAX_COPIES {
        let here: BTreeSet<i64> = going.iter().map(|(_, at)| *at).collect();
        let here: Vec<i64> = here.into_iter().collect();
        let mut known = HashMap::new();
        for part in here.chunks(VALUES_PER_LIST) {
            let id = Expr::col((Pictures::Table, Pictures::Id));
            let statement = select.clone().and_where(id.is_in(part.iter().copied())).to_owned();
            let rows = db.all::<R>(&statement).await?.into_iter().map(&known_of);
            known.extend(rows.map(|(id, next, something)| (id, (next, something))));
        }
        let mut further = Vec::new();
        for (picture, at) in going {
            let Some((next, something)) = known.get(&at) else { continue };
            found.insert(picture, (at, something.clone()));
            further.extend(next.map(|next| (picture, next)));
        }
        going = further;
        if going.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// For each of these pictures the BLAKE3 of the file that it goes back to by copies and replacements: what belongs together has the same.
/// Whoever asks need not see what is behind their pictures: they learn no more of it than that it is the same.
pub async fn origins(db: &Db, pictures: &[i64]) -> Result<HashMap<i64, String>> {
    type Came = (i64, Option<i64>, Option<i64>, String);
    let select = Query::select()
        .columns([Pictures::Id, Pictures::CopiedFrom, Pictures::Replaces, Pictures::Blob])
        .from(Pictures::Table)
        .to_owned();
    let known_of = |(id, copied_from, replaces, blob): Came| (id, copied_from.or(replaces), blob);
    let found = beginnings(db, pictures, &select, known_of).await?;
    Ok(found.into_iter().map(|(picture, (_, blob))| (picture, blob)).collect())
}

/// Of these pictures those that are copies, with what stands at the beginning of their chains, as far as the viewer may see those.
pub async fn originals(db: &Db, viewer: &Viewer, copies: &[i64]) -> Result<HashMap<i64, Original>> {
    let of = |column| (Pictures::Table, column);
    type Copied = (i64, Option<i64>, String, Option<String>);
    let select = Query::select()
        .columns([Pictures::Id, Pictures::CopiedFrom].map(of))
        .column((Users::Table, Users::Username))
        .expr_as(attribution(), "attribution")
        .from(Pictures::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(Pictures::Author)))
        .cond_where(access::visible(viewer))
        .to_owned();
    let known_of =
        |(id, copied_from, username, attribution): Copied| (id, copied_from, attribution.unwrap_or(username));
    let found = beginnings(db, copies, &select, known_of).await?.into_iter();
    let others = found.filter(|(copy, (at, _))| copy != at);
    Ok(others.map(|(copy, (id, author))| (copy, Original { id, author })).collect())
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
