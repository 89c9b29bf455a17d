//! Closing an account: what it owns goes, what others build on stays under a name that was chosen. Datasets, which others may
//! work on, are deleted or left in other hands before; pictures in the datasets of others belong to those and stay.
//!
//! The row of the account stays for good, because regions, their history and objects refer to it.

use super::administration::keep_an_administrator;
use super::audit::Actor;
use super::contributions::{count_galleries, count_pictures, count_regions};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{Galleries, GalleryUsers, OneTimeLinks, Pictures, Ratings, SavedQueries, Users};
use super::users::is_open;
use super::{access, editor_settings, namespaces, picture_changes, projects, sessions, tokens, users};
use crate::model::user::CLOSED_PREFIX;
use crate::model::{Holdings, PicturesFate};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};

/// Pictures that go in one transaction: nobody who waits for a lock waits long.
const BATCH: u64 = 100;

/// What stands where an open account has the hash of its password: no password has this hash.
const NO_PASSWORD: &str = "closed";

/// What hangs on an account, for the question whether to close it.
pub async fn holdings(db: &Db, user: i64) -> Result<Holdings> {
    let mut tx = db.snapshot().await?;
    let regions_elsewhere =
        count_regions(user).and_where(Expr::col((Pictures::Table, Pictures::Author)).ne(user)).to_owned();
    let ratings = Query::select()
        .expr(Func::count(Expr::col(Ratings::Picture)))
        .from(Ratings::Table)
        .and_where(Expr::col(Ratings::UserId).eq(user))
        .to_owned();
    Ok(Holdings {
        pictures: tx.scalar(count_pictures(user).and_where(access::in_commons())).await?,
        galleries: tx.scalar(&count_galleries(user)).await?,
        regions_elsewhere: tx.scalar(&regions_elsewhere).await?,
        ratings: tx.scalar(&ratings).await?,
    })
}

/// Closes an account for good and gives the username that it has from then on. The last administrator's is a conflict, and so is
/// one whose namespace has datasets, or without whom a group would have no owner. Roles end. Pictures
/// that were posted into datasets of others stay there, whatever becomes of those in the commons.
///
/// Pictures that are to go do so first, in batches, while the account is still open; all else is one transaction at the
/// end, which takes along what was posted meanwhile. So a crash never leaves an account that is shut with its pictures
/// still there, which nobody could finish: whoever asks again goes on where it ended.
pub async fn close(db: &Db, user: i64, fate: &PicturesFate, now: i64) -> Result<String> {
    // Refused before anything goes; asked once more at the end, since another administrator may leave meanwhile.
    db.write(|mut tx| async move {
        keep_an_administrator(&mut tx, user).await?;
        namespaces::keep_datasets_and_owners(&mut tx, user).await
    })
    .await?;
    let owner = Actor::user(user, now);
    let everything_goes = *fate == PicturesFate::Delete;
    while everything_goes && delete_some_pictures(db, owner).await? > 0 {}
    db.write(|mut tx| async move {
        keep_an_administrator(&mut tx, user).await?;
        let lock = Query::select()
            .column(Users::Username)
            .from(Users::Table)
            .and_where(Expr::col(Users::Id).eq(user))
            .and_where(is_open())
            .lock_exclusive()
            .to_owned();
        let row = tx.optional::<(String,)>(&lock).await?;
        let (username,) = row.ok_or_else(|| StoreError::NotFound("this account is closed already".to_owned()))?;
        namespaces::keep_datasets_and_owners(&mut tx, user).await?;
        while everything_goes && delete_batch(&mut tx, owner).await? > 0 {}
        withdraw_ratings(&mut tx, user).await?;
        tx.execute(&sessions::delete_all(user)).await?;
        tx.execute(&tokens::delete_all(user)).await?;
        tx.execute(&editor_settings::delete_all(user)).await?;
        for statement in [
            Query::delete()
                .from_table(OneTimeLinks::Table)
                .and_where(Expr::col(OneTimeLinks::UserId).eq(user))
                .to_owned(),
            Query::delete()
                .from_table(SavedQueries::Table)
                .and_where(Expr::col(SavedQueries::Owner).eq(user))
                .to_owned(),
            Query::delete()
                .from_table(GalleryUsers::Table)
                .and_where(Expr::col(GalleryUsers::UserId).eq(user))
                .to_owned(),
            Query::delete().from_table(Galleries::Table).and_where(Expr::col(Galleries::Owner).eq(user)).to_owned(),
        ] {
            tx.execute(&statement).await?;
        }
        if *fate != PicturesFate::KeepName {
            users::retire_name(&mut tx, &username).await?;
        }
        let (username, attribution) = match fate {
            PicturesFate::KeepName => (username, None),
            PicturesFate::Attribute(name) => (neutral_name(&mut tx, user).await?, Some(name.as_str())),
            PicturesFate::Delete => (neutral_name(&mut tx, user).await?, None),
        };
        let update = Query::update()
            .table(Users::Table)
            .value(Users::Username, username.as_str())
            .value(Users::PasswordHash, NO_PASSWORD)
            .value(Users::Admin, false)
            .value(Users::Attribution, attribution)
            .value(Users::ClosedAt, now)
            .and_where(Expr::col(Users::Id).eq(user))
            .to_owned();
        tx.execute(&update).await?;
        projects::take_out(&mut tx, user, None).await?;
        namespaces::close_own(&mut tx, user, &username).await?;
        tx.commit(username).await
    })
    .await
}

async fn delete_some_pictures(db: &Db, owner: Actor) -> Result<usize> {
    db.write(|mut tx| async move {
        let deleted = delete_batch(&mut tx, owner).await?;
        tx.commit(deleted).await
    })
    .await
}

/// Deletes some pictures of a user's in the commons and gives their number; none when there are none left.
async fn delete_batch(tx: &mut Tx, owner: Actor) -> Result<usize> {
    let some = own_pictures(owner.user).limit(BATCH).lock_exclusive().to_owned();
    let ids = tx.all::<(i64,)>(&some).await?;
    for (id,) in &ids {
        picture_changes::delete_in(tx, *id, owner).await?;
    }
    Ok(ids.len())
}

/// The ids of a user's pictures in the commons, in the order in which everybody locks them. Those in datasets belong to these.
fn own_pictures(user: Option<i64>) -> SelectStatement {
    Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Author).eq(user))
        .and_where(access::in_commons())
        .order_by(Pictures::Id, Order::Asc)
        .to_owned()
}

/// Removes the ratings that a user gave, and takes them off the sums of the pictures.
async fn withdraw_ratings(tx: &mut Tx, user: i64) -> Result<()> {
    let rated = Query::select()
        .column(Ratings::Picture)
        .from(Ratings::Table)
        .and_where(Expr::col(Ratings::UserId).eq(user))
        .to_owned();
    let of_user = || Expr::col(Pictures::Id).in_subquery(rated.clone());
    // Raters lock the picture, too: from here on the ratings stand still.
    let lock = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(of_user())
        .order_by(Pictures::Id, Order::Asc)
        .lock_exclusive()
        .to_owned();
    tx.all::<(i64,)>(&lock).await?;
    let rating = Query::select()
        .column(Ratings::Rating)
        .from(Ratings::Table)
        .and_where(Expr::col(Ratings::UserId).eq(user))
        .and_where(Expr::col(Ratings::Picture).equals((Pictures::Table, Pictures::Id)))
        .to_owned();
    let update = Query::update()
        .table(Pictures::Table)
        .value(Pictures::RatingSum, Expr::col(Pictures::RatingSum).sub(Expr::from(rating)))
        .value(Pictures::RatingCount, Expr::col(Pictures::RatingCount).sub(1))
        .and_where(of_user())
        .to_owned();
    tx.execute(&update).await?;
    let delete = Query::delete().from_table(Ratings::Table).and_where(Expr::col(Ratings::UserId).eq(user)).to_owned();
    tx.execute(&delete).await.map(drop)
}

/// A username that tells nothing and that nobody has: registering refuses names of this kind, but an old site may have one.
async fn neutral_name(tx: &mut Tx, user: i64) -> Result<String> {
    let mut name = format!("{CLOSED_PREFIX}{user}");
    let mut number = 1;
    loop {
        let taken = Query::select()
            .column(Users::Id)
            .from(Users::Table)
            .and_where(Expr::col(Users::Username).eq(name.as_str()))
            .to_owned();
        if tx.optional::<(i64,)>(&taken).await?.is_none() {
            return Ok(name);
        }
        number += 1;
        name = format!("{CLOSED_PREFIX}{user}-{number}");
    }
}
