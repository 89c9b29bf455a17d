//! What the page of a picture shows around it, and what goes or stays when it is deleted.

use super::access::{self, PictureOwner, no_picture};
use super::db::{Db, Result, Source, Tx};
use super::pictures::attribution;
use super::schema::{Blobs, Galleries, GalleryPictures, Pictures, Ratings, Users};
use crate::model::picture::Original;
use crate::model::{PictureSurroundings, Role, Viewer};
use sea_query::{Expr, ExprTrait, Func, Order, Query};

/// So many galleries are named; of the others the number is told.
const NAMED_GALLERIES: u64 = 20;

/// Copies of copies are followed so far back.
const MAX_COPIES: usize = 100;

/// What is around a picture, for whoever is asking.
pub async fn get(db: &Db, viewer: &Viewer, picture: i64) -> Result<PictureSurroundings> {
    let mut tx = db.snapshot().await?;
    let statement = Query::select()
        .columns([(Pictures::Table, Pictures::Author), (Pictures::Table, Pictures::Dataset)])
        .column((Blobs::Table, Blobs::Size))
        .from(Pictures::Table)
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals((Pictures::Table, Pictures::Blob)))
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(picture))
        .cond_where(access::visible(viewer))
        .to_owned();
    let row = tx.optional::<(i64, Option<i64>, i64)>(&statement).await?;
    let (author, dataset, size_bytes) = row.ok_or_else(|| no_picture(picture))?;
    let account = viewer.account.as_ref();
    let writing = account.filter(|_| !viewer.read_only);
    let may_edit = match writing {
        None => false,
        Some(account) => access::may_write(&mut tx, account, PictureOwner { author, dataset }).await?,
    };
    let role = role_at(&mut tx, viewer, dataset).await?;
    let own_rating = match account {
        None => None,
        Some(account) => {
            let statement = Query::select()
                .column(Ratings::Rating)
                .from(Ratings::Table)
                .and_where(Expr::col(Ratings::Picture).eq(picture))
                .and_where(Expr::col(Ratings::UserId).eq(account.id))
                .to_owned();
            let row = tx.optional::<(i64,)>(&statement).await?;
            row.and_then(|(rating,)| u8::try_from(rating).ok())
        }
    };
    let galleries = Query::select()
        .columns([(Galleries::Table, Galleries::Id), (Galleries::Table, Galleries::Title)])
        .from(GalleryPictures::Table)
        .inner_join(
            Galleries::Table,
            Expr::col((Galleries::Table, Galleries::Id)).equals((GalleryPictures::Table, GalleryPictures::Gallery)),
        )
        .and_where(Expr::col((GalleryPictures::Table, GalleryPictures::Picture)).eq(picture))
        .order_by((Galleries::Table, Galleries::Id), Order::Asc)
        .limit(NAMED_GALLERIES)
        .to_owned();
    let gallery_count = Query::select()
        .expr(Func::count(Expr::col(GalleryPictures::Gallery)))
        .from(GalleryPictures::Table)
        .and_where(Expr::col(GalleryPictures::Picture).eq(picture))
        .to_owned();
    let copy_count = Query::select()
        .expr(Func::count(Expr::col(Pictures::Id)))
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::CopiedFrom).eq(picture))
        .cond_where(access::visible(viewer))
        .to_owned();
    let original = original(&mut tx, viewer, picture).await?;
    Ok(PictureSurroundings {
        may_edit,
        may_annotate: role >= Some(Role::Annotator),
        may_copy: role >= Some(Role::Writer),
        own_rating,
        gallery_count: tx.scalar(&gallery_count).await?,
        galleries: tx.all(&galleries).await?,
        original,
        copy_count: tx.scalar(&copy_count).await?,
        size_bytes,
    })
}

/// Whether the viewer may draw on a picture.
pub async fn may_annotate(db: &Db, viewer: &Viewer, picture: i64) -> Result<bool> {
    let mut tx = db.snapshot().await?;
    let statement = Query::select()
        .column((Pictures::Table, Pictures::Dataset))
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(picture))
        .cond_where(access::visible(viewer))
        .to_owned();
    let (dataset,) = tx.optional::<(Option<i64>,)>(&statement).await?.ok_or_else(|| no_picture(picture))?;
    Ok(role_at(&mut tx, viewer, dataset).await? >= Some(Role::Annotator))
}

/// What the viewer may do with the pictures of a dataset, or with those of others in the commons, where all who are signed in may draw
/// and copy.
async fn role_at(tx: &mut Tx, viewer: &Viewer, dataset: Option<i64>) -> Result<Option<Role>> {
    match (viewer.account.as_ref().filter(|_| !viewer.read_only), dataset) {
        (None, _) => Ok(None),
        (Some(_), None) => Ok(Some(Role::Writer)),
        (Some(account), Some(dataset)) => Ok(access::right_in_dataset(tx, account.id, dataset).await?.role()),
    }
}

/// The picture at the beginning of a chain of copies; `None` for what is no copy, or one of a picture that is gone.
async fn original(tx: &mut Tx, viewer: &Viewer, picture: i64) -> Result<Option<Original>> {
    let (mut at, mut found) = (picture, None);
    for _ in 0..MAX_COPIES {
        let statement = Query::select()
            .column((Pictures::Table, Pictures::CopiedFrom))
            .column((Users::Table, Users::Username))
            .expr_as(attribution(), "attribution")
            .from(Pictures::Table)
            .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((Pictures::Table, Pictures::Author)))
            .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(at))
            .cond_where(access::visible(viewer))
            .to_owned();
        let row = tx.optional::<(Option<i64>, String, Option<String>)>(&statement).await?;
        let Some((copied_from, username, attribution)) = row else { break };
        if at != picture {
            found = Some(Original { id: at, author: attribution.unwrap_or(username) });
        }
        let Some(next) = copied_from else { break };
        at = next;
    }
    Ok(found)
}
