//! Galleries: picked sets of pictures with an owner and trusted users.

use super::access;
use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::{Galleries, GalleryPictures, GalleryUsers, Pictures, Users};
use crate::model::{Account, Gallery, GallerySummary, Page, PageRequest, Viewer};
use sea_query::{Expr, ExprTrait, Func, OnConflict, Order, Query};
use std::collections::HashMap;

fn no_gallery(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no gallery {id}"))
}

/// Makes a gallery and gives its id.
pub async fn insert(db: &Db, title: &str, description: &str, owner: i64, now: i64) -> Result<i64> {
    let statement = Query::insert()
        .into_table(Galleries::Table)
        .columns([Galleries::Title, Galleries::Description, Galleries::Owner, Galleries::CreatedAt])
        .values_panic([title.into(), description.into(), owner.into(), now.into()])
        .returning_col(Galleries::Id)
        .to_owned();
    let row = db.execute_returning::<(i64,)>(&statement).await?;
    row.map(|(id,)| id).ok_or_else(|| StoreError::corrupt("INSERT returned no id"))
}

/// One gallery.
pub async fn get(db: &Db, id: i64) -> Result<Gallery> {
    let statement = Query::select()
        .columns([(Galleries::Table, Galleries::Title), (Galleries::Table, Galleries::Description)])
        .column((Users::Table, Users::Username))
        .from(Galleries::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((Galleries::Table, Galleries::Owner)))
        .and_where(Expr::col((Galleries::Table, Galleries::Id)).eq(id))
        .to_owned();
    let row = db.optional::<(String, String, String)>(&statement).await?;
    let (title, description, owner) = row.ok_or_else(|| no_gallery(id))?;
    let statement = Query::select()
        .column((Users::Table, Users::Username))
        .from(GalleryUsers::Table)
        .inner_join(
            Users::Table,
            Expr::col((Users::Table, Users::Id)).equals((GalleryUsers::Table, GalleryUsers::UserId)),
        )
        .and_where(Expr::col((GalleryUsers::Table, GalleryUsers::Gallery)).eq(id))
        .order_by((Users::Table, Users::Username), Order::Asc)
        .to_owned();
    Ok(Gallery { id, title, description, owner, users: db.column(&statement).await? })
}

/// A part of the list of galleries, the newest first. Pictures that not everybody may see are not counted and stand for
/// nothing.
pub async fn list(db: &Db, page: PageRequest) -> Result<Page<GallerySummary>> {
    let statement = Query::select()
        .columns([(Galleries::Table, Galleries::Id), (Galleries::Table, Galleries::Title)])
        .column((Users::Table, Users::Username))
        .from(Galleries::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((Galleries::Table, Galleries::Owner)))
        .order_by((Galleries::Table, Galleries::Id), Order::Desc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let rows = db.all::<(i64, String, String)>(&statement).await?;
    let gallery = (GalleryPictures::Table, GalleryPictures::Gallery);
    let picture = (GalleryPictures::Table, GalleryPictures::Picture);
    // The cover is the picture with the greatest id: the one that was posted last.
    let statement = Query::select()
        .column(gallery)
        .expr(Func::count(Expr::col(picture)))
        .expr(Func::max(Expr::col(picture)))
        .from(GalleryPictures::Table)
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(picture))
        .and_where(Expr::col(gallery).is_in(rows.iter().map(|(id, ..)| *id)))
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(gallery)
        .to_owned();
    let counts = db.all::<(i64, i64, i64)>(&statement).await?;
    let statement = Query::select()
        .columns([Pictures::Id, Pictures::Blob])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(counts.iter().map(|(_, _, cover)| *cover)))
        .to_owned();
    let hashes: HashMap<i64, String> = db.all::<(i64, String)>(&statement).await?.into_iter().collect();
    let counts: HashMap<i64, (i64, i64)> =
        counts.into_iter().map(|(gallery, count, cover)| (gallery, (count, cover))).collect();
    let total = Query::select().expr(Func::count(Expr::col(Galleries::Id))).from(Galleries::Table).to_owned();
    let items = rows
        .into_iter()
        .map(|(id, title, owner)| {
            let counted = counts.get(&id).copied();
            let cover = counted.and_then(|(_, cover)| hashes.get(&cover).cloned());
            GallerySummary { id, title, owner, pictures: counted.map_or(0, |(count, _)| count), cover }
        })
        .collect();
    Ok(Page { items, total: db.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// Changes title and description.
pub async fn update(db: &Db, id: i64, title: &str, description: &str) -> Result<()> {
    let statement = Query::update()
        .table(Galleries::Table)
        .values([(Galleries::Title, title.into()), (Galleries::Description, description.into())])
        .and_where(Expr::col(Galleries::Id).eq(id))
        .to_owned();
    if db.execute(&statement).await? == 0 { Err(no_gallery(id)) } else { Ok(()) }
}

/// Deletes a gallery. Its pictures stay.
pub async fn delete(db: &Db, id: i64) -> Result<()> {
    let statement = Query::delete().from_table(Galleries::Table).and_where(Expr::col(Galleries::Id).eq(id)).to_owned();
    if db.execute(&statement).await? == 0 { Err(no_gallery(id)) } else { Ok(()) }
}

/// Fails if there is no such gallery.
async fn must_exist(db: &Db, id: i64) -> Result<()> {
    let statement = Query::select()
        .column(Galleries::Id)
        .from(Galleries::Table)
        .and_where(Expr::col(Galleries::Id).eq(id))
        .to_owned();
    db.optional::<(i64,)>(&statement).await?.map(drop).ok_or_else(|| no_gallery(id))
}

/// Puts a picture into a gallery. Doing so again changes nothing.
pub async fn add_picture(db: &Db, viewer: &Viewer, gallery: i64, picture: i64, now: i64) -> Result<()> {
    must_exist(db, gallery).await?;
    access::require_visible(db, viewer, picture).await?;
    let statement = Query::insert()
        .into_table(GalleryPictures::Table)
        .columns([GalleryPictures::Gallery, GalleryPictures::Picture, GalleryPictures::AddedAt])
        .values_panic([gallery.into(), picture.into(), now.into()])
        .on_conflict(OnConflict::columns([GalleryPictures::Gallery, GalleryPictures::Picture]).do_nothing().to_owned())
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// Takes a picture out of a gallery. Doing so again changes nothing.
pub async fn remove_picture(db: &Db, gallery: i64, picture: i64) -> Result<()> {
    must_exist(db, gallery).await?;
    let statement = Query::delete()
        .from_table(GalleryPictures::Table)
        .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
        .and_where(Expr::col(GalleryPictures::Picture).eq(picture))
        .to_owned();
    db.execute(&statement).await.map(drop)
}

async fn user_id(db: &Db, username: &str) -> Result<i64> {
    let user = super::users::by_name(db, username).await?;
    user.map(|user| user.id).ok_or_else(|| StoreError::NotFound(format!("there is no user `{username}`")))
}

/// Lets a user add and remove pictures. Doing so again changes nothing.
pub async fn add_user(db: &Db, gallery: i64, username: &str) -> Result<()> {
    must_exist(db, gallery).await?;
    let user = user_id(db, username).await?;
    let statement = Query::insert()
        .into_table(GalleryUsers::Table)
        .columns([GalleryUsers::Gallery, GalleryUsers::UserId])
        .values_panic([gallery.into(), user.into()])
        .on_conflict(OnConflict::columns([GalleryUsers::Gallery, GalleryUsers::UserId]).do_nothing().to_owned())
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// Takes that right away. Doing so again changes nothing.
pub async fn remove_user(db: &Db, gallery: i64, username: &str) -> Result<()> {
    must_exist(db, gallery).await?;
    let user = user_id(db, username).await?;
    let statement = Query::delete()
        .from_table(GalleryUsers::Table)
        .and_where(Expr::col(GalleryUsers::Gallery).eq(gallery))
        .and_where(Expr::col(GalleryUsers::UserId).eq(user))
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// Whether the account owns the gallery or is an administrator: who may change the gallery itself.
pub async fn may_manage(db: &Db, gallery: i64, account: &Account) -> Result<bool> {
    let statement = Query::select()
        .column(Galleries::Owner)
        .from(Galleries::Table)
        .and_where(Expr::col(Galleries::Id).eq(gallery))
        .to_owned();
    let (owner,) = db.optional::<(i64,)>(&statement).await?.ok_or_else(|| no_gallery(gallery))?;
    Ok(account.admin || owner == account.id)
}

/// Whether the account may add and remove pictures: the owner, the trusted users and administrators.
pub async fn may_edit(db: &Db, gallery: i64, account: &Account) -> Result<bool> {
    if may_manage(db, gallery, account).await? {
        return Ok(true);
    }
    let statement = Query::select()
        .column(GalleryUsers::UserId)
        .from(GalleryUsers::Table)
        .and_where(Expr::col(GalleryUsers::Gallery).eq(gallery))
        .and_where(Expr::col(GalleryUsers::UserId).eq(account.id))
        .to_owned();
    Ok(db.optional::<(i64,)>(&statement).await?.is_some())
}
