//! Copies of pictures: the same file, metadata, licences and regions under another author's name.

use super::access::{self, no_picture};
use super::db::{Db, Result, Source, Tx};
use super::pictures::{NewPicture, insert_row, licences_of};
use super::schema::Pictures;
use super::{blobs, fields, regions, users};
use crate::model::{Role, Viewer};
use sea_query::{Expr, ExprTrait, Query, SelectStatement};

/// Posts a copy of a picture under another author's name and gives its id: the same file, metadata, licences and regions, in the
/// same dataset, whose writers may do so. The author's account has to be active still.
pub async fn copy(db: &Db, viewer: &Viewer, source: i64, author: i64, now: i64) -> Result<i64> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, author).await?;
        let lock = select_copied(source).cond_where(access::visible(viewer)).to_owned();
        let row = tx.optional::<CopiedRow>(&lock).await?.ok_or_else(|| no_picture(source))?;
        access::require_role(&mut tx, viewer, row.dataset, Role::Writer, "copy pictures of this dataset").await?;
        let picture = copied(&mut tx, source, row, author, now).await?;
        let id = insert_row(&mut tx, &picture, &picture.regions).await?;
        tx.commit(id).await
    })
    .await
}

/// A copy of a picture, to be inserted in the same transaction. It has to be there.
pub(super) async fn copy_of(tx: &mut Tx, source: i64, author: i64, now: i64) -> Result<NewPicture> {
    let row = tx.optional::<CopiedRow>(&select_copied(source)).await?.ok_or_else(|| no_picture(source))?;
    copied(tx, source, row, author, now).await
}

async fn copied(tx: &mut Tx, source: i64, row: CopiedRow, author: i64, now: i64) -> Result<NewPicture> {
    Ok(NewPicture {
        blob: blobs::lock(tx, &row.blob).await?,
        title: row.title,
        description: row.description,
        author,
        origin_url: row.origin_url,
        created_at: now,
        width: row.width,
        height: row.height,
        nature: row.nature,
        licences: licences_of(tx, source).await?,
        regions: regions::without_ids(tx, source).await?,
        replaces: None,
        carry_regions: false,
        copied_from: Some(source),
        keep_place: row.keep_place,
        dataset: row.dataset,
        attribution: row.attribution,
        fields: fields::of_pictures(tx, &[source]).await?.remove(&source).unwrap_or_default(),
    })
}

/// What a copy takes over, locked, so that the source and with it the file stay until the copy is there.
fn select_copied(source: i64) -> SelectStatement {
    Query::select()
        .columns([Pictures::Blob, Pictures::Nature])
        .columns([Pictures::Title, Pictures::Description, Pictures::OriginUrl])
        .columns([Pictures::Width, Pictures::Height, Pictures::KeepPlace, Pictures::Dataset, Pictures::Attribution])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(source))
        .lock_exclusive()
        .to_owned()
}

/// What a copy takes over from its source's row.
#[derive(sqlx::FromRow)]
struct CopiedRow {
    blob: String,
    nature: String,
    title: String,
    description: String,
    origin_url: Option<String>,
    width: i64,
    height: i64,
    keep_place: bool,
    attribution: Option<String>,
    dataset: Option<i64>,
}
