//! What the database knows of files. The bytes are elsewhere and are safe before a row mentions them.

use super::db::{Db, Result};
use super::schema::Blobs;
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query};

/// A file, named by its content.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
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
}

const COLUMNS: [Blobs; 7] =
    [Blobs::Hash, Blobs::Sha256, Blobs::Md5, Blobs::Size, Blobs::MediaType, Blobs::Extension, Blobs::CreatedAt];

/// Records a file. The same bytes twice are one row, and the first stays.
pub async fn insert_if_absent(db: &Db, blob: &BlobRow) -> Result<()> {
    let statement = Query::insert()
        .into_table(Blobs::Table)
        .columns(COLUMNS)
        .values_panic([
            blob.hash.as_str().into(),
            blob.sha256.as_str().into(),
            blob.md5.as_str().into(),
            blob.size.into(),
            blob.media_type.as_str().into(),
            blob.extension.as_str().into(),
            blob.created_at.into(),
        ])
        .on_conflict(OnConflict::column(Blobs::Hash).do_nothing().to_owned())
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// The file of this hash.
pub async fn get(db: &Db, hash: &str) -> Result<Option<BlobRow>> {
    let statement =
        Query::select().columns(COLUMNS).from(Blobs::Table).and_where(Expr::col(Blobs::Hash).eq(hash)).to_owned();
    db.optional(&statement).await
}

/// The hashes of all blobs, sorted.
pub async fn hashes(db: &Db) -> Result<Vec<String>> {
    let statement = Query::select().column(Blobs::Hash).from(Blobs::Table).order_by(Blobs::Hash, Order::Asc).to_owned();
    db.column(&statement).await
}
