//! Which storage sites have which bytes, beside the site's own folder.

use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{BlobSites, Blobs, DatasetBlobs, Datasets, Pictures};
use sea_query::{Condition, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};

/// Where bytes are that somebody has kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In the site's own folder.
    Here,
    /// At a storage site.
    At {
        /// Its number.
        site: i64,
        /// What they are called there.
        object: String,
    },
    /// Where the dataset has them already, which it never loses.
    Known,
}

/// Writes down which site has bytes, in the transaction that puts them to use in a dataset and has locked their row. Fails if that is
/// not where this dataset's bytes are by now.
pub(super) async fn note(tx: &mut Tx, hash: &str, site: Option<i64>, there: &Whereabouts) -> Result<()> {
    let moved = || {
        StoreError::Conflict(
            "the storage site of this dataset was chosen while the file came; send it again".to_owned(),
        )
    };
    match (site, there) {
        (_, Whereabouts::Known) | (None, Whereabouts::Here) => Ok(()),
        (Some(wanted), Whereabouts::At { site, object }) if wanted == *site => {
            let insert = Query::insert()
                .into_table(BlobSites::Table)
                .columns([BlobSites::Blob, BlobSites::Site, BlobSites::Object])
                .values_panic([hash.into(), (*site).into(), object.as_str().into()])
                // Where there was an object of the same bytes already, it may be lost: this one is there. The other is removed as
                // unused some day.
                .on_conflict(
                    OnConflict::columns([BlobSites::Blob, BlobSites::Site]).update_column(BlobSites::Object).to_owned(),
                )
                .to_owned();
            tx.execute(&insert).await.map(drop)
        }
        _ => Err(moved()),
    }
}

/// The length of a file, and which sites have it.
pub async fn sites(db: &Db, hash: &str) -> Result<(u64, Vec<i64>)> {
    let statement = objects(hash).order_by((BlobSites::Table, BlobSites::Site), Order::Asc).to_owned();
    let rows = db.all::<(i64, String, i64)>(&statement).await?;
    let size = rows.first().map_or(0, |(.., size)| u64::try_from(*size).unwrap_or_default());
    Ok((size, rows.into_iter().map(|(site, ..)| site).collect()))
}

/// The length of a file, and what it is called at a site, if that has it.
pub async fn object(db: &Db, hash: &str, site: i64) -> Result<Option<(u64, String)>> {
    let statement = objects(hash).and_where(Expr::col((BlobSites::Table, BlobSites::Site)).eq(site)).to_owned();
    let row = db.optional::<(i64, String, i64)>(&statement).await?;
    Ok(row.map(|(_, object, size)| (u64::try_from(size).unwrap_or_default(), object)))
}

/// Site and name of each object of a file, and its length.
fn objects(hash: &str) -> SelectStatement {
    Query::select()
        .columns([BlobSites::Site, BlobSites::Object].map(|column| (BlobSites::Table, column)))
        .column((Blobs::Table, Blobs::Size))
        .from(BlobSites::Table)
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals((BlobSites::Table, BlobSites::Blob)))
        .and_where(Expr::col((BlobSites::Table, BlobSites::Blob)).eq(hash))
        .to_owned()
}

/// What a site should have: the hash, name and length of each object.
pub async fn at_site(db: &Db, site: i64) -> Result<Vec<(String, String, i64)>> {
    let statement = Query::select()
        .columns([BlobSites::Blob, BlobSites::Object].map(|column| (BlobSites::Table, column)))
        .column((Blobs::Table, Blobs::Size))
        .from(BlobSites::Table)
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals((BlobSites::Table, BlobSites::Blob)))
        .and_where(Expr::col((BlobSites::Table, BlobSites::Site)).eq(site))
        .order_by((BlobSites::Table, BlobSites::Object), Order::Asc)
        .to_owned();
    db.all(&statement).await
}

/// The files from before `before` that a storage site has, and none of its datasets.
pub async fn unused(db: &Db, before: i64) -> Result<Vec<(String, i64)>> {
    let statement = Query::select()
        .columns([BlobSites::Blob, BlobSites::Site].map(|column| (BlobSites::Table, column)))
        .from(BlobSites::Table)
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals((BlobSites::Table, BlobSites::Blob)))
        .and_where(Expr::col((Blobs::Table, Blobs::CreatedAt)).lt(before))
        .and_where(Expr::exists(of_dataset_there()).not())
        .order_by((BlobSites::Table, BlobSites::Blob), Order::Asc)
        .to_owned();
    db.all(&statement).await
}

/// Those datasets that have the file of a row of `blob_sites` at its site.
fn of_dataset_there() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("1"))
        .from(DatasetBlobs::Table)
        .inner_join(
            Datasets::Table,
            Expr::col((Datasets::Table, Datasets::Id)).equals((DatasetBlobs::Table, DatasetBlobs::Dataset)),
        )
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Blob)).equals((BlobSites::Table, BlobSites::Blob)))
        .and_where(Expr::col((Datasets::Table, Datasets::StorageSite)).equals((BlobSites::Table, BlobSites::Site)))
        .to_owned()
}

/// Forgets that a site has a file, unless a dataset has it there. Says whether it was forgotten.
pub async fn forget_unused(db: &Db, hash: &str, site: i64) -> Result<bool> {
    db.write(|mut tx| async move {
        lock(&mut tx, hash).await?;
        let delete = Query::delete()
            .from_table(BlobSites::Table)
            .and_where(Expr::col(BlobSites::Blob).eq(hash))
            .and_where(Expr::col(BlobSites::Site).eq(site))
            .and_where(Expr::exists(of_dataset_there()).not())
            .to_owned();
        let deleted = tx.execute(&delete).await?;
        tx.commit(deleted > 0).await
    })
    .await
}

/// The files from before `before` that are in the site's own folder, and that neither a picture of the commons nor a dataset has there.
pub async fn unused_here(db: &Db, before: i64) -> Result<Vec<String>> {
    let statement = Query::select()
        .column(Blobs::Hash)
        .from(Blobs::Table)
        .and_where(Expr::col(Blobs::Here).eq(true))
        .and_where(Expr::col(Blobs::CreatedAt).lt(before))
        // Most are not at any site, and those are looked at by nobody.
        .and_where(Expr::exists(at_any_site()))
        .cond_where(is_needed_here().not())
        .order_by(Blobs::Hash, Order::Asc)
        .to_owned();
    db.column(&statement).await
}

/// Whether the bytes of a new picture are in the site's own folder: those of a dataset may be elsewhere.
pub(super) async fn are_here(tx: &mut Tx, dataset: Option<i64>) -> Result<bool> {
    match dataset {
        None => Ok(true),
        Some(dataset) => Ok(of_dataset(tx, dataset).await?.is_none()),
    }
}

/// Where the bytes of a dataset are: at this storage site, or without one in the site's own folder.
pub(super) async fn of_dataset(source: &mut impl Source, dataset: i64) -> Result<Option<i64>> {
    let statement = Query::select()
        .column(Datasets::StorageSite)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Id).eq(dataset))
        .to_owned();
    Ok(source.optional::<(Option<i64>,)>(&statement).await?.and_then(|(site,)| site))
}

/// The condition under which something has the file of a row of `blobs` in the site's own folder: a picture of the commons, or a
/// picture or commit of a dataset that is there.
fn is_needed_here() -> Condition {
    let dataset_here = |dataset| {
        Expr::exists(
            Query::select()
                .expr(Expr::cust("1"))
                .from(Datasets::Table)
                .and_where(Expr::col((Datasets::Table, Datasets::Id)).eq(dataset))
                .and_where(Expr::col((Datasets::Table, Datasets::StorageSite)).is_null())
                .to_owned(),
        )
    };
    let of_picture = Expr::col((Pictures::Table, Pictures::Dataset));
    let picture = Query::select()
        .expr(Expr::cust("1"))
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Blob)).equals((Blobs::Table, Blobs::Hash)))
        .cond_where(Condition::any().add(of_picture.clone().is_null()).add(dataset_here(of_picture)))
        .to_owned();
    let commit = Query::select()
        .expr(Expr::cust("1"))
        .from(DatasetBlobs::Table)
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Blob)).equals((Blobs::Table, Blobs::Hash)))
        .and_where(dataset_here(Expr::col((DatasetBlobs::Table, DatasetBlobs::Dataset))))
        .to_owned();
    Condition::any().add(Expr::exists(picture)).add(Expr::exists(commit))
}

fn at_any_site() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("1"))
        .from(BlobSites::Table)
        .and_where(Expr::col((BlobSites::Table, BlobSites::Blob)).equals((Blobs::Table, Blobs::Hash)))
        .to_owned()
}

/// Writes down that a file is not in the site's own folder any more, unless something has it there. Says whether.
pub async fn leave_unused_here(db: &Db, hash: &str) -> Result<bool> {
    db.write(|mut tx| async move {
        lock(&mut tx, hash).await?;
        let update = Query::update()
            .table(Blobs::Table)
            .value(Blobs::Here, false)
            .and_where(Expr::col((Blobs::Table, Blobs::Hash)).eq(hash))
            .cond_where(is_needed_here().not())
            .to_owned();
        let changed = tx.execute(&update).await?;
        tx.commit(changed > 0).await
    })
    .await
}

async fn lock(tx: &mut Tx, hash: &str) -> Result<()> {
    // The lock comes first: only then does the look at the datasets see everything that is going to be there.
    let mut lock =
        Query::select().column(Blobs::Hash).from(Blobs::Table).and_where(Expr::col(Blobs::Hash).eq(hash)).to_owned();
    tx.optional::<(String,)>(lock.lock_exclusive()).await.map(drop)
}
