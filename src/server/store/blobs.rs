//! What the database knows of files. The bytes are elsewhere and are safe before a row mentions them.

use super::access;
use super::db::{Db, Result, Source, Tx, VALUES_PER_LIST};
use super::error::StoreError;
use super::schema::{Blobs, DatasetBlobs, Datasets, Pictures};
use super::site_access;
use crate::model::Viewer;
use sea_query::{Condition, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A file, named by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct BlobRow {
    /// BLAKE3, in hexadecimal digits.
    pub hash: String,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// MD5, in hexadecimal digits.
    pub md5: String,
    /// Length in bytes.
    pub size: i64,
    /// Media type, decided by content.
    pub media_type: String,
    /// File name extension for the media type, without the dot.
    pub extension: String,
    /// When the file was first seen, in Unix seconds.
    pub created_at: i64,
    /// What the camera wrote into the file, as a JSON dictionary, the place included.
    pub exif: Option<String>,
    /// CRC-32, unless the file came before anybody asked for it.
    pub crc32: Option<i64>,
}

pub(super) const COLUMNS: [Blobs; 9] = [
    Blobs::Hash,
    Blobs::Sha256,
    Blobs::Md5,
    Blobs::Size,
    Blobs::MediaType,
    Blobs::Extension,
    Blobs::CreatedAt,
    Blobs::Exif,
    Blobs::Crc32,
];

/// Records a file in the transaction that refers to it, and whether it is in the site's own folder now. The same bytes twice are one
/// row, and the first stays.
pub(super) async fn insert_if_absent(tx: &mut Tx, blob: &BlobRow, here: bool) -> Result<()> {
    let statement = Query::insert()
        .into_table(Blobs::Table)
        .columns(COLUMNS.into_iter().chain([Blobs::Here]))
        .values_panic([
            blob.hash.as_str().into(),
            blob.sha256.as_str().into(),
            blob.md5.as_str().into(),
            blob.size.into(),
            blob.media_type.as_str().into(),
            blob.extension.as_str().into(),
            blob.created_at.into(),
            blob.exif.clone().into(),
            blob.crc32.into(),
            here.into(),
        ])
        // Changes nothing else, but locks the row that is there, so that nobody removes it as unused before this transaction
        // has put it to use.
        .on_conflict(
            OnConflict::column(Blobs::Hash)
                .value(Blobs::Here, Expr::col((Blobs::Table, Blobs::Here)).or(here))
                .to_owned(),
        )
        .to_owned();
    tx.execute(&statement).await.map(drop)
}

/// Writes down that a file is a picture, if it came as something else first.
pub(super) async fn note_picture(tx: &mut Tx, blob: &BlobRow) -> Result<()> {
    let update = Query::update()
        .table(Blobs::Table)
        .value(Blobs::MediaType, blob.media_type.as_str())
        .value(Blobs::Extension, blob.extension.as_str())
        .value(Blobs::Exif, blob.exif.clone())
        .and_where(Expr::col(Blobs::Hash).eq(blob.hash.as_str()))
        .and_where(Expr::col(Blobs::MediaType).eq(super::dataset_files::PLAIN))
        .to_owned();
    tx.execute(&update).await.map(drop)
}

/// The file of this hash, if it belongs to a picture that the viewer may see.
pub async fn visible(db: &Db, viewer: &Viewer, hash: &str) -> Result<Option<BlobRow>> {
    let mut statement = select_of_pictures(hash);
    statement.cond_where(access::visible(viewer));
    db.optional(&statement).await
}

/// The file of this hash, if it belongs to a picture of the commons: everybody may see it for as long as it is there.
pub async fn in_commons(db: &Db, hash: &str) -> Result<Option<BlobRow>> {
    let mut statement = select_of_pictures(hash);
    statement.and_where(access::in_commons());
    db.optional(&statement).await
}

/// Whether a dataset that the viewer may see knows a picture's file of this hash: some state of it may have that, or have had it.
pub async fn in_visible_dataset(db: &Db, viewer: &Viewer, hash: &str) -> Result<bool> {
    let statement = Query::select()
        .column((DatasetBlobs::Table, DatasetBlobs::Dataset))
        .from(DatasetBlobs::Table)
        .inner_join(
            Datasets::Table,
            Expr::col((Datasets::Table, Datasets::Id)).equals((DatasetBlobs::Table, DatasetBlobs::Dataset)),
        )
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Blob)).eq(hash))
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Width)).is_not_null())
        .cond_where(access::visible_datasets(viewer))
        .limit(1)
        .to_owned();
    Ok(db.optional::<(i64,)>(&statement).await?.is_some())
}

fn select_of_pictures(hash: &str) -> SelectStatement {
    Query::select()
        .columns(COLUMNS.map(|column| (Blobs::Table, column)))
        .from(Blobs::Table)
        .inner_join(Pictures::Table, is_of_picture())
        .and_where(Expr::col((Blobs::Table, Blobs::Hash)).eq(hash))
        .limit(1)
        .to_owned()
}

/// The row of a file that must be there, locked until the end of the transaction.
pub(super) async fn lock(tx: &mut Tx, hash: &str) -> Result<BlobRow> {
    let mut statement =
        Query::select().columns(COLUMNS).from(Blobs::Table).and_where(Expr::col(Blobs::Hash).eq(hash)).to_owned();
    let row = tx.optional(statement.lock_exclusive()).await?;
    row.ok_or_else(|| StoreError::corrupt(format!("a picture has the file {hash}, which has no row")))
}

/// Whether the place where the file was taken may be known: every picture that has the file and that the viewer may see keeps it.
/// One who keeps it cannot speak for another who has uploaded the same bytes; but that another has, where nobody may know, must
/// not show.
pub async fn keeps_place(db: &Db, viewer: &Viewer, hash: &str) -> Result<bool> {
    is_place_kept(&mut &*db, viewer, hash).await
}

/// Like [`keeps_place`], within a transaction.
pub(super) async fn is_place_kept(source: &mut impl Source, viewer: &Viewer, hash: &str) -> Result<bool> {
    let statement = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Blob).eq(hash))
        .and_where(Expr::col(Pictures::KeepPlace).eq(false))
        .cond_where(access::visible(viewer))
        .limit(1)
        .to_owned();
    Ok(source.optional::<(i64,)>(&statement).await?.is_none())
}

/// Of these files, those that a picture has which the viewer may see, and whose place may be known as [`keeps_place`] says.
pub async fn with_place(db: &Db, viewer: &Viewer, hashes: &BTreeSet<&str>) -> Result<BTreeSet<String>> {
    let (mut told, mut hidden) = (BTreeSet::new(), BTreeSet::new());
    let hashes: Vec<&str> = hashes.iter().copied().collect();
    for part in hashes.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .distinct()
            .columns([Pictures::Blob, Pictures::KeepPlace])
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Blob).is_in(part.iter().copied()))
            .cond_where(access::visible(viewer))
            .to_owned();
        for (hash, keeps) in db.all::<(String, bool)>(&statement).await? {
            if keeps {
                told.insert(hash)
            } else {
                hidden.insert(hash)
            };
        }
    }
    Ok(&told - &hidden)
}

fn is_of_picture() -> Expr {
    Expr::col((Pictures::Table, Pictures::Blob)).equals((Blobs::Table, Blobs::Hash))
}

/// At which storage sites the viewer may read this file as it was uploaded: those of datasets with a picture that has it and that
/// they may see. Nothing if they may read it nowhere; none if it is in the site's own folder, since something there has it as well.
pub async fn readable_at(db: &Db, viewer: &Viewer, hash: &str) -> Result<Option<Vec<i64>>> {
    let there = Query::select()
        .column((Datasets::Table, Datasets::Id))
        .from(Datasets::Table)
        .cond_where(site_access::readable_datasets(viewer))
        .to_owned();
    let dataset = Expr::col((Pictures::Table, Pictures::Dataset));
    let statement = Query::select()
        .distinct()
        .column((Datasets::Table, Datasets::StorageSite))
        .from(Pictures::Table)
        .left_join(
            Datasets::Table,
            Expr::col((Datasets::Table, Datasets::Id)).equals((Pictures::Table, Pictures::Dataset)),
        )
        .and_where(Expr::col((Pictures::Table, Pictures::Blob)).eq(hash))
        .cond_where(access::visible(viewer))
        .cond_where(Condition::any().add(access::in_commons()).add(dataset.in_subquery(there)))
        .to_owned();
    let found = db.all::<(Option<i64>,)>(&statement).await?;
    // One that is null is the site's own folder.
    let sites: Option<Vec<i64>> = found.iter().map(|(site,)| *site).collect();
    Ok((!found.is_empty()).then(|| sites.unwrap_or_default()))
}

/// The storage sites of those datasets with this file that the viewer may see.
pub async fn sites_of_visible(db: &Db, viewer: &Viewer, hash: &str) -> Result<Vec<i64>> {
    let statement = Query::select()
        .distinct()
        .column((Datasets::Table, Datasets::StorageSite))
        .from(DatasetBlobs::Table)
        .inner_join(
            Datasets::Table,
            Expr::col((Datasets::Table, Datasets::Id)).equals((DatasetBlobs::Table, DatasetBlobs::Dataset)),
        )
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Blob)).eq(hash))
        .and_where(Expr::col((Datasets::Table, Datasets::StorageSite)).is_not_null())
        .cond_where(access::visible_datasets(viewer))
        .to_owned();
    db.column(&statement).await
}

/// The hashes of all files in the site's own folder, sorted.
pub async fn hashes(db: &Db) -> Result<Vec<String>> {
    let statement = Query::select()
        .column(Blobs::Hash)
        .from(Blobs::Table)
        .and_where(Expr::col(Blobs::Here).eq(true))
        .order_by(Blobs::Hash, Order::Asc)
        .to_owned();
    db.column(&statement).await
}

/// Those of `hashes` that have a row and are in the site's own folder.
pub async fn known(db: &Db, hashes: &[String]) -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for part in hashes.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .column(Blobs::Hash)
            .from(Blobs::Table)
            .and_where(Expr::col(Blobs::Hash).is_in(part.iter().map(String::as_str)))
            .and_where(Expr::col(Blobs::Here).eq(true))
            .to_owned();
        known.extend(db.column::<String>(&statement).await?);
    }
    Ok(known)
}

/// The hashes of files from before `before` that neither a picture nor a dataset has, sorted.
pub async fn unused(db: &Db, before: i64) -> Result<Vec<String>> {
    let statement = Query::select()
        .column(Blobs::Hash)
        .from(Blobs::Table)
        .and_where(Expr::col(Blobs::CreatedAt).lt(before))
        .cond_where(is_unused())
        .order_by(Blobs::Hash, Order::Asc)
        .to_owned();
    db.column(&statement).await
}

fn is_unused() -> Condition {
    let picture = Query::select().expr(Expr::cust("1")).from(Pictures::Table).and_where(is_of_picture()).to_owned();
    let dataset = Query::select()
        .expr(Expr::cust("1"))
        .from(DatasetBlobs::Table)
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Blob)).equals((Blobs::Table, Blobs::Hash)))
        .to_owned();
    Condition::all().add(Expr::exists(picture).not()).add(Expr::exists(dataset).not())
}

/// Removes the rows of those of `hashes` that neither a picture nor a dataset has, and gives their number.
pub async fn delete_unused(db: &Db, hashes: &[String]) -> Result<u64> {
    let mut deleted = 0;
    for hash in hashes {
        deleted += db
            .write(|mut tx| async move {
                let deleted = delete_if_unused(&mut tx, hash).await?;
                tx.commit(deleted).await
            })
            .await?;
    }
    Ok(deleted)
}

/// Removes a file's row unless a picture or a dataset has it, and gives the number of rows removed.
pub(super) async fn delete_if_unused(tx: &mut Tx, hash: &str) -> Result<u64> {
    // The lock comes first: only then does the look at the pictures see everything that is going to be there.
    let mut lock =
        Query::select().column(Blobs::Hash).from(Blobs::Table).and_where(Expr::col(Blobs::Hash).eq(hash)).to_owned();
    tx.optional::<(String,)>(lock.lock_exclusive()).await?;
    let delete = Query::delete()
        .from_table(Blobs::Table)
        .and_where(Expr::col(Blobs::Hash).eq(hash))
        .cond_where(is_unused())
        .to_owned();
    tx.execute(&delete).await
}
