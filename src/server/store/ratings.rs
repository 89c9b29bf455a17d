//! Ratings: what users think of pictures.

use super::access::no_picture;
use super::db::{Db, Result, Source};
use super::error::StoreError;
use super::schema::{Pictures, Ratings};
use sea_query::{Expr, ExprTrait, OnConflict, Query};

/// Sets a user's rating of a picture, from 1 to 5, or removes it. The picture's sum and number of ratings follow in the
/// same transaction.
pub async fn set(db: &Db, picture: i64, user: i64, rating: Option<u8>, now: i64) -> Result<()> {
    if rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
        return Err(StoreError::field("rating", "must be from 1 to 5"));
    }
    let rating = rating.map(i64::from);
    db.write(|mut tx| async move {
        // Raters of one picture come one after the other: the difference is computed from what this reads.
        let lock = Query::select()
            .column(Pictures::Id)
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Id).eq(picture))
            .lock_exclusive()
            .to_owned();
        let locked = tx.optional::<(i64,)>(&lock).await?;
        locked.ok_or_else(|| no_picture(picture))?;
        let before = Query::select()
            .column(Ratings::Rating)
            .from(Ratings::Table)
            .and_where(Expr::col(Ratings::Picture).eq(picture))
            .and_where(Expr::col(Ratings::UserId).eq(user))
            .to_owned();
        let before = tx.optional::<(i64,)>(&before).await?.map(|(rating,)| rating);
        if before == rating {
            return Ok(());
        }
        match rating {
            Some(rating) => {
                let upsert = Query::insert()
                    .into_table(Ratings::Table)
                    .columns([Ratings::Picture, Ratings::UserId, Ratings::Rating, Ratings::CreatedAt])
                    .values_panic([picture.into(), user.into(), rating.into(), now.into()])
                    .on_conflict(
                        OnConflict::columns([Ratings::Picture, Ratings::UserId])
                            .update_columns([Ratings::Rating, Ratings::CreatedAt])
                            .to_owned(),
                    )
                    .to_owned();
                tx.execute(&upsert).await?;
            }
            None => {
                let delete = Query::delete()
                    .from_table(Ratings::Table)
                    .and_where(Expr::col(Ratings::Picture).eq(picture))
                    .and_where(Expr::col(Ratings::UserId).eq(user))
                    .to_owned();
                tx.execute(&delete).await?;
            }
        }
        let sum = rating.unwrap_or_default() - before.unwrap_or_default();
        let count = i64::from(rating.is_some()) - i64::from(before.is_some());
        let update = Query::update()
            .table(Pictures::Table)
            .value(Pictures::RatingSum, Expr::col(Pictures::RatingSum).add(sum))
            .value(Pictures::RatingCount, Expr::col(Pictures::RatingCount).add(count))
            .and_where(Expr::col(Pictures::Id).eq(picture))
            .to_owned();
        tx.execute(&update).await?;
        tx.commit(()).await
    })
    .await
}
