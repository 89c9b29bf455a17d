//! Files of datasets that come in parts.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::Uploads;
use super::users;
use crate::model::Upload;
use sea_query::{Expr, ExprTrait, Func, Order, Query};

/// Nobody begins more than so many that are not complete.
const MAX_BEGUN: i64 = 1000;

/// Notes a file that is going to come, with what whoever brings it said of it. The account of whoever brings it has to be active still.
pub async fn insert(db: &Db, upload: &Upload, metadata: &str, dataset: i64, user: i64, now: i64) -> Result<()> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, user).await?;
        let begun = Query::select()
            .expr(Func::count(Expr::col(Uploads::Id)))
            .from(Uploads::Table)
            .and_where(Expr::col(Uploads::UserId).eq(user))
            .and_where(Expr::col(Uploads::Md5).is_null())
            .to_owned();
        if tx.scalar::<i64>(&begun).await? >= MAX_BEGUN {
            let message = format!("{MAX_BEGUN} files have been begun and are not complete; finish or end some");
            return Err(StoreError::Conflict(message));
        }
        let insert = Query::insert()
            .into_table(Uploads::Table)
            .columns([
                Uploads::Id,
                Uploads::Dataset,
                Uploads::UserId,
                Uploads::Path,
                Uploads::Size,
                Uploads::Metadata,
                Uploads::TouchedAt,
            ])
            .values_panic([
                upload.id.as_str().into(),
                dataset.into(),
                user.into(),
                upload.path.as_str().into(),
                upload.size.into(),
                metadata.into(),
                now.into(),
            ])
            .to_owned();
        tx.execute(&insert).await?;
        tx.commit(()).await
    })
    .await
}

/// What the table knows of a file that comes in parts.
pub struct Row {
    /// The file. How much there is of it, the table does not know.
    pub upload: Upload,
    /// What whoever brings it said of it when they began.
    pub metadata: String,
    /// When something of it last came, in Unix seconds.
    pub touched_at: i64,
}

/// A file that this user brings to the dataset.
pub async fn get(db: &Db, dataset: i64, user: i64, id: &str) -> Result<Row> {
    let statement = Query::select()
        .columns([Uploads::Path, Uploads::Size, Uploads::Md5, Uploads::Metadata, Uploads::TouchedAt])
        .from(Uploads::Table)
        .and_where(Expr::col(Uploads::Id).eq(id))
        .and_where(Expr::col(Uploads::Dataset).eq(dataset))
        .and_where(Expr::col(Uploads::UserId).eq(user))
        .to_owned();
    let row = db.optional::<(String, i64, Option<String>, String, i64)>(&statement).await?;
    let missing = || StoreError::NotFound("there is no such upload, or no more".to_owned());
    let (path, size, md5, metadata, touched_at) = row.ok_or_else(missing)?;
    Ok(Row { upload: Upload { id: id.to_owned(), path, size, offset: 0, md5 }, metadata, touched_at })
}

/// Notes that something came; with an MD5, that this was all and the dataset knows it.
pub async fn touch(db: &Db, id: &str, md5: Option<&str>, now: i64) -> Result<()> {
    let mut update = Query::update();
    update.table(Uploads::Table).value(Uploads::TouchedAt, now).and_where(Expr::col(Uploads::Id).eq(id));
    if let Some(md5) = md5 {
        update.value(Uploads::Md5, md5);
    }
    db.write(|mut tx| async {
        tx.execute(&update).await?;
        tx.commit(()).await
    })
    .await
}

/// Forgets a file, if nothing of it has come since then. Says whether it has done so.
pub async fn delete(db: &Db, id: &str, since: i64) -> Result<bool> {
    let delete = Query::delete()
        .from_table(Uploads::Table)
        .and_where(Expr::col(Uploads::Id).eq(id))
        .and_where(Expr::col(Uploads::TouchedAt).lt(since))
        .to_owned();
    db.write(|mut tx| async {
        let deleted = tx.execute(&delete).await?;
        tx.commit(deleted > 0).await
    })
    .await
}

/// Some of those of which nothing has come since then, the oldest first.
pub async fn stale(db: &Db, since: i64, most: u64) -> Result<Vec<String>> {
    let statement = Query::select()
        .column(Uploads::Id)
        .from(Uploads::Table)
        .and_where(Expr::col(Uploads::TouchedAt).lt(since))
        .order_by(Uploads::TouchedAt, Order::Asc)
        .limit(most)
        .to_owned();
    db.column(&statement).await
}

/// Whether there is a file of this name of which not all has come.
pub async fn is_coming(db: &Db, id: &str) -> Result<bool> {
    let statement = Query::select()
        .column(Uploads::Id)
        .from(Uploads::Table)
        .and_where(Expr::col(Uploads::Id).eq(id))
        .and_where(Expr::col(Uploads::Md5).is_null())
        .to_owned();
    Ok(db.optional::<(String,)>(&statement).await?.is_some())
}
