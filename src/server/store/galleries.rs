//! Galleries: picked sets of pictures with an owner and trusted users.

use super::access;
use super::audit::{Actor, record_if_anothers};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{Galleries, GalleryPictures, GalleryUsers, Pictures, Users};
use super::users;
use crate::model::text::fold;
use crate::model::{Account, AuditAction, FieldError, Gallery, GalleryName, GallerySummary, Page, PageRequest, Viewer};
use sea_query::{Alias, Condition, Expr, ExprTrait, Func, JoinType, OnConflict, Order, Query, SelectStatement};
use std::collections::{BTreeSet, HashMap};

/// A statement names so many pictures at most: databases limit the values of one.
const CHUNK: usize = 5_000;

/// So many galleries are offered to somebody who adds a picture.
const OFFERED: u64 = 500;

fn no_gallery(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no gallery {id}"))
}

/// Makes a gallery and gives its id. Its owner's account has to be active still.
pub async fn insert(db: &Db, title: &str, description: &str, owner: i64, now: i64) -> Result<i64> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, owner).await?;
        let insert = Query::insert()
            .into_table(Galleries::Table)
            .columns([
                Galleries::Title,
                Galleries::TitleFolded,
                Galleries::Description,
                Galleries::Owner,
                Galleries::CreatedAt,
            ])
            .values_panic([title.into(), fold(title).into(), description.into(), owner.into(), now.into()])
            .returning_col(Galleries::Id)
            .to_owned();
        let id = tx.scalar(&insert).await?;
        tx.commit(id).await
    })
    .await
}

/// Folds the titles that are not yet.
pub(super) async fn fold_titles(db: &Db) -> Result<()> {
    let missing = Query::select()
        .columns([Galleries::Id, Galleries::Title])
        .from(Galleries::Table)
        .and_where(Expr::col(Galleries::TitleFolded).is_null())
        .to_owned();
    for (id, title) in db.all::<(i64, String)>(&missing).await? {
        let update = Query::update()
            .table(Galleries::Table)
            .value(Galleries::TitleFolded, fold(&title))
            .and_where(Expr::col(Galleries::Id).eq(id))
            // Who has changed the title meanwhile has folded it, too.
            .and_where(Expr::col(Galleries::Title).eq(title))
            .to_owned();
        db.execute(&update).await?;
    }
    Ok(())
}

/// One gallery. A picture that not everybody may see does not stand for it.
pub async fn get(db: &Db, id: i64) -> Result<Gallery> {
    let statement = Query::select()
        .columns([(Galleries::Table, Galleries::Title), (Galleries::Table, Galleries::Description)])
        .column((Pictures::Table, Pictures::Id))
        .column((Users::Table, Users::Username))
        .from(Galleries::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((Galleries::Table, Galleries::Owner)))
        .join(
            JoinType::LeftJoin,
            Pictures::Table,
            Condition::all()
                .add(Expr::col((Pictures::Table, Pictures::Id)).equals((Galleries::Table, Galleries::Cover)))
                .add(access::visible(&Viewer::default())),
        )
        .and_where(Expr::col((Galleries::Table, Galleries::Id)).eq(id))
        .to_owned();
    let row = db.optional::<(String, String, Option<i64>, String)>(&statement).await?;
    let (title, description, cover, owner) = row.ok_or_else(|| no_gallery(id))?;
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
    Ok(Gallery { id, title, description, owner, users: db.column(&statement).await?, cover })
}

/// A part of the list of galleries, of all or of one owner's, the newest first. A text finds those with a part of the title or of the
/// owner's name, and the one with this number. Pictures that not everybody may see are not
/// counted and stand for nothing.
pub async fn list(
    db: &Db,
    owner: Option<&str>,
    search: Option<&str>,
    page: PageRequest,
) -> Result<Page<GallerySummary>> {
    let mut wanted = Query::select();
    wanted
        .from(Galleries::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((Galleries::Table, Galleries::Owner)));
    if let Some(owner) = owner {
        wanted.and_where(Expr::col((Users::Table, Users::Username)).eq(owner));
    }
    if let Some(text) = search.map(|text| fold(text.trim())).filter(|text| !text.is_empty()) {
        let number = text.parse::<i64>().ok();
        wanted.cond_where(
            Condition::any()
                .add(users::contains(Expr::col((Galleries::Table, Galleries::TitleFolded)), &text))
                .add(users::contains(Expr::col((Users::Table, Users::Username)), &text))
                .add_option(number.map(|number| Expr::col((Galleries::Table, Galleries::Id)).eq(number))),
        );
    }
    let statement = wanted
        .clone()
        .columns([(Galleries::Table, Galleries::Id), (Galleries::Table, Galleries::Title)])
        .column((Users::Table, Users::Username))
        .order_by((Galleries::Table, Galleries::Id), Order::Desc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let rows = db.all::<(i64, String, String)>(&statement).await?;
    let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
    let everybody = Viewer::default();
    let gallery = (GalleryPictures::Table, GalleryPictures::Gallery);
    let position = (GalleryPictures::Table, GalleryPictures::Position);
    let pictures = visible_pictures(&everybody)
        .and_where(Expr::col(gallery).is_in(ids.iter().copied()))
        .group_by_col(gallery)
        .to_owned();
    let statement = pictures
        .clone()
        .column(gallery)
        .expr(Func::count(Expr::col((GalleryPictures::Table, GalleryPictures::Picture))))
        .to_owned();
    let counts: HashMap<i64, i64> = db.all::<(i64, i64)>(&statement).await?.into_iter().collect();
    // What stands for a gallery is the picture that was chosen, otherwise the first one.
    let (firsts, first) = (Alias::new("firsts"), Alias::new("first"));
    let smallest = pictures.clone().column(gallery).expr_as(Func::min(Expr::col(position)), first.clone()).to_owned();
    let statement = visible_pictures(&everybody)
        .column(gallery)
        .column((Pictures::Table, Pictures::Blob))
        .join_subquery(
            JoinType::InnerJoin,
            smallest,
            firsts.clone(),
            Expr::col((firsts.clone(), GalleryPictures::Gallery))
                .equals(gallery)
                .and(Expr::col((firsts, first)).equals(position)),
        )
        .to_owned();
    let mut covers: HashMap<i64, String> = db.all::<(i64, String)>(&statement).await?.into_iter().collect();
    let statement = Query::select()
        .column((Galleries::Table, Galleries::Id))
        .column((Pictures::Table, Pictures::Blob))
        .from(Galleries::Table)
        .inner_join(
            Pictures::Table,
            Expr::col((Pictures::Table, Pictures::Id)).equals((Galleries::Table, Galleries::Cover)),
        )
        .and_where(Expr::col((Galleries::Table, Galleries::Id)).is_in(ids.iter().copied()))
        .cond_where(access::visible(&everybody))
        .to_owned();
    covers.extend(db.all::<(i64, String)>(&statement).await?);
    let total = wanted.expr(Func::count(Expr::col((Galleries::Table, Galleries::Id)))).to_owned();
    let items = rows
        .into_iter()
        .map(|(id, title, owner)| {
            let pictures = counts.get(&id).copied().unwrap_or(0);
            GallerySummary { id, title, owner, pictures, cover: covers.remove(&id) }
        })
        .collect();
    Ok(Page { items, total: db.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// The pictures of galleries that the viewer may see, without columns, order and choice of a gallery.
fn visible_pictures(viewer: &Viewer) -> SelectStatement {
    let picture = (GalleryPictures::Table, GalleryPictures::Picture);
    Query::select()
        .from(GalleryPictures::Table)
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(picture))
        .cond_where(access::visible(viewer))
        .to_owned()
}

/// The same of one gallery.
pub(super) fn pictures_in(viewer: &Viewer, gallery: i64) -> SelectStatement {
    visible_pictures(viewer)
        .and_where(Expr::col((GalleryPictures::Table, GalleryPictures::Gallery)).eq(gallery))
        .to_owned()
}

const PICTURE: (GalleryPictures, GalleryPictures) = (GalleryPictures::Table, GalleryPictures::Picture);
pub(super) const POSITION: (GalleryPictures, GalleryPictures) = (GalleryPictures::Table, GalleryPictures::Position);

/// The ids of a part of a gallery's pictures, in the order that was made by hand.
pub async fn pictures(db: &Db, viewer: &Viewer, gallery: i64, page: PageRequest) -> Result<Page<i64>> {
    let mut tx = db.snapshot().await?;
    must_exist(&mut tx, gallery).await?;
    let total = pictures_in(viewer, gallery).expr(Func::count(Expr::col(PICTURE))).to_owned();
    let statement = pictures_in(viewer, gallery)
        .column(PICTURE)
        .order_by(POSITION, Order::Asc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let items = tx.all::<(i64,)>(&statement).await?.into_iter().map(|(id,)| id).collect();
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// Where a picture stands in its gallery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The picture; none where the gallery is empty.
    pub picture: Option<i64>,
    /// How many pictures come before it.
    pub index: i64,
    /// How many pictures there are.
    pub total: i64,
    /// The one before it.
    pub previous: Option<i64>,
    /// The one after it.
    pub next: Option<i64>,
    /// The first.
    pub first: Option<i64>,
    /// The last.
    pub last: Option<i64>,
}

/// Where a picture stands in a gallery; without one, where the first does.
pub async fn standing(db: &Db, viewer: &Viewer, gallery: i64, picture: Option<i64>) -> Result<Standing> {
    let mut tx = db.snapshot().await?;
    must_exist(&mut tx, gallery).await?;
    let end = |order: Order| {
        pictures_in(viewer, gallery).columns([PICTURE, POSITION]).order_by(POSITION, order).limit(1).to_owned()
    };
    let first = tx.optional::<(i64, i64)>(&end(Order::Asc)).await?;
    let last = tx.optional::<(i64, i64)>(&end(Order::Desc)).await?;
    let position = match picture {
        None => first.map(|(_, position)| position),
        Some(picture) => {
            let statement =
                pictures_in(viewer, gallery).column(POSITION).and_where(Expr::col(PICTURE).eq(picture)).to_owned();
            let row = tx.optional::<(i64,)>(&statement).await?;
            Some(row.map(|(position,)| position).ok_or_else(|| not_in_gallery(gallery, picture))?)
        }
    };
    let Some(position) = position else { return Ok(Standing::default()) };
    let previous = end(Order::Desc).and_where(Expr::col(POSITION).lt(position)).to_owned();
    let next = end(Order::Asc).and_where(Expr::col(POSITION).gt(position)).to_owned();
    let all = pictures_in(viewer, gallery).expr(Func::count(Expr::col(PICTURE))).to_owned();
    let before = all.clone().and_where(Expr::col(POSITION).lt(position)).to_owned();
    let id = |row: Option<(i64, i64)>| row.map(|(id, _)| id);
    Ok(Standing {
        picture: picture.or(id(first)),
        index: tx.scalar(&before).await?,
        total: tx.scalar(&all).await?,
        previous: id(tx.optional(&previous).await?),
        next: id(tx.optional(&next).await?),
        first: id(first),
        last: id(last),
    })
}

/// The galleries that the account owns or is trusted with, the newest first.
pub async fn editable_by(db: &Db, account: &Account) -> Result<Vec<GalleryName>> {
    let trusted = Query::select()
        .column(GalleryUsers::Gallery)
        .from(GalleryUsers::Table)
        .and_where(Expr::col(GalleryUsers::UserId).eq(account.id))
        .to_owned();
    let statement = Query::select()
        .columns([Galleries::Id, Galleries::Title])
        .from(Galleries::Table)
        .and_where(Expr::col(Galleries::Owner).eq(account.id).or(Expr::col(Galleries::Id).in_subquery(trusted)))
        .order_by(Galleries::Id, Order::Desc)
        .limit(OFFERED)
        .to_owned();
    Ok(names(db.all(&statement).await?))
}

/// The galleries that a picture is in, the newest first.
pub async fn of_picture(db: &Db, viewer: &Viewer, picture: i64) -> Result<Vec<GalleryName>> {
    access::require_visible(&mut &*db, viewer, picture).await?;
    let of = |column| (Galleries::Table, column);
    let statement = Query::select()
        .columns([of(Galleries::Id), of(Galleries::Title)])
        .from(Galleries::Table)
        .inner_join(
            GalleryPictures::Table,
            Expr::col((GalleryPictures::Table, GalleryPictures::Gallery)).equals(of(Galleries::Id)),
        )
        .and_where(Expr::col(PICTURE).eq(picture))
        .order_by(of(Galleries::Id), Order::Desc)
        .limit(OFFERED)
        .to_owned();
    Ok(names(db.all(&statement).await?))
}

fn names(rows: Vec<(i64, String)>) -> Vec<GalleryName> {
    rows.into_iter().map(|(id, title)| GalleryName { id, title }).collect()
}

/// Changes title and description; absent ones stay.
pub async fn update(db: &Db, id: i64, title: Option<&str>, description: Option<&str>, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, id).await?;
        let now = Query::select()
            .columns([Galleries::Title, Galleries::Description])
            .from(Galleries::Table)
            .and_where(Expr::col(Galleries::Id).eq(id))
            .to_owned();
        let now = tx.optional::<(String, String)>(&now).await?.ok_or_else(|| no_gallery(id))?;
        let mut values: Vec<(Galleries, Expr)> = Vec::new();
        let mut changed = Vec::new();
        if let Some(title) = title.filter(|title| *title != now.0) {
            changed.push("title");
            values.push((Galleries::Title, title.into()));
            values.push((Galleries::TitleFolded, fold(title).into()));
        }
        if let Some(description) = description.filter(|description| *description != now.1) {
            changed.push("description");
            values.push((Galleries::Description, description.into()));
        }
        if values.is_empty() {
            return Ok(());
        }
        let update = Query::update()
            .table(Galleries::Table)
            .values(values)
            .and_where(Expr::col(Galleries::Id).eq(id))
            .to_owned();
        tx.execute(&update).await?;
        note(&mut tx, id, owner, actor, &changed.join(", ")).await?;
        tx.commit(()).await
    })
    .await
}

/// Deletes a gallery. Its pictures stay.
pub async fn delete(db: &Db, id: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, id).await?;
        let delete = Query::delete()
            .from_table(Galleries::Table)
            .and_where(Expr::col(Galleries::Id).eq(id))
            .returning_col(Galleries::Title)
            .to_owned();
        let (subject, details) = (format!("gallery {id}"), format!("“{}”", tx.scalar::<String>(&delete).await?));
        record_if_anothers(&mut tx, actor, Some(owner), AuditAction::GalleryDeleted, &subject, &details).await?;
        tx.commit(()).await
    })
    .await
}

/// Writes down what was done to somebody else's gallery.
async fn note(tx: &mut Tx, gallery: i64, owner: i64, actor: Actor, details: &str) -> Result<()> {
    let (action, subject) = (AuditAction::GalleryChanged, format!("gallery {gallery}"));
    record_if_anothers(tx, actor, Some(owner), action, &subject, details).await
}

/// Writes down what was done to the pictures of a gallery, unless its owner trusts whoever did it.
async fn note_untrusted(tx: &mut Tx, gallery: i64, owner: i64, actor: Actor, details: &str) -> Result<()> {
    if let Some(user) = actor.user
        && tx.optional::<(i64,)>(&select_trusted(gallery, user)).await?.is_some()
    {
        return Ok(());
    }
    note(tx, gallery, owner, actor, details).await
}

fn select_gallery(id: i64) -> SelectStatement {
    Query::select()
        .column(Galleries::Owner)
        .from(Galleries::Table)
        .and_where(Expr::col(Galleries::Id).eq(id))
        .to_owned()
}

/// Fails if there is no such gallery.
pub(super) async fn must_exist(source: &mut impl Source, id: i64) -> Result<()> {
    source.optional::<(i64,)>(&select_gallery(id)).await?.map(drop).ok_or_else(|| no_gallery(id))
}

/// The owner of a gallery, which has to exist. Its pictures and their order are not changed by others until the end of the
/// transaction.
async fn lock(tx: &mut Tx, id: i64) -> Result<i64> {
    let row = tx.optional::<(i64,)>(select_gallery(id).lock_exclusive()).await?;
    row.map(|(owner,)| owner).ok_or_else(|| no_gallery(id))
}

fn not_in_gallery(gallery: i64, picture: i64) -> StoreError {
    StoreError::NotFound(format!("picture {picture} is not in gallery {gallery}"))
}

/// Puts a picture at the end of a gallery. Doing so again changes nothing.
pub async fn add_picture(db: &Db, viewer: &Viewer, gallery: i64, picture: i64, actor: Actor) -> Result<()> {
    must_exist(&mut &*db, gallery).await?;
    access::require_visible(&mut &*db, viewer, picture).await?;
    add_pictures(db, viewer, gallery, &[picture], actor).await.map(drop)
}

/// Puts pictures at the end of a gallery in this order, all or none of them, and says how many were not in it before.
pub async fn add_pictures(db: &Db, viewer: &Viewer, gallery: i64, pictures: &[i64], actor: Actor) -> Result<i64> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, gallery).await?;
        must_be_visible(&mut tx, viewer, pictures).await?;
        let last = Query::select()
            .expr(Func::max(Expr::col(GalleryPictures::Position)))
            .from(GalleryPictures::Table)
            .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
            .to_owned();
        let mut position = tx.scalar::<Option<i64>>(&last).await?.map_or(0, |last| last + 1);
        let mut seen = BTreeSet::new();
        let new: Vec<i64> = pictures.iter().copied().filter(|picture| seen.insert(*picture)).collect();
        let mut added = 0;
        for chunk in new.chunks(CHUNK) {
            let mut insert = Query::insert();
            insert.into_table(GalleryPictures::Table).columns([
                GalleryPictures::Gallery,
                GalleryPictures::Picture,
                GalleryPictures::AddedAt,
                GalleryPictures::Position,
            ]);
            for picture in chunk {
                insert.values_panic([gallery.into(), (*picture).into(), actor.at.into(), position.into()]);
                position += 1;
            }
            let once =
                OnConflict::columns([GalleryPictures::Gallery, GalleryPictures::Picture]).do_nothing().to_owned();
            added += tx.execute(insert.on_conflict(once)).await?;
        }
        match (added, pictures) {
            (0, _) => (),
            (_, [only]) => note_untrusted(&mut tx, gallery, owner, actor, &format!("picture {only} added")).await?,
            (_, _) => note_untrusted(&mut tx, gallery, owner, actor, &format!("{added} pictures added")).await?,
        }
        tx.commit(added.cast_signed()).await
    })
    .await
}

async fn must_be_visible(tx: &mut Tx, viewer: &Viewer, pictures: &[i64]) -> Result<()> {
    let mut visible = BTreeSet::new();
    for chunk in pictures.chunks(CHUNK) {
        let statement = Query::select()
            .column(Pictures::Id)
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Id).is_in(chunk.iter().copied()))
            .cond_where(access::visible(viewer))
            .to_owned();
        visible.extend(tx.all::<(i64,)>(&statement).await?.into_iter().map(|(id,)| id));
    }
    let unknown = pictures.iter().enumerate().filter(|(_, picture)| !visible.contains(picture));
    let errors: Vec<FieldError> = unknown
        .map(|(index, picture)| {
            FieldError::new(format!("picture_ids[{index}]"), format!("names picture {picture}, which does not exist"))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(StoreError::Invalid(errors)) }
}

/// Takes a picture out of a gallery; if it stood for it, another one does from then on. Doing so again changes nothing.
pub async fn remove_picture(db: &Db, gallery: i64, picture: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, gallery).await?;
        let delete = Query::delete()
            .from_table(GalleryPictures::Table)
            .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
            .and_where(Expr::col(GalleryPictures::Picture).eq(picture))
            .to_owned();
        if tx.execute(&delete).await? > 0 {
            note_untrusted(&mut tx, gallery, owner, actor, &format!("picture {picture} removed")).await?;
        }
        let uncover = Query::update()
            .table(Galleries::Table)
            .value(Galleries::Cover, None::<i64>)
            .and_where(Expr::col(Galleries::Id).eq(gallery))
            .and_where(Expr::col(Galleries::Cover).eq(picture))
            .to_owned();
        tx.execute(&uncover).await?;
        tx.commit(()).await
    })
    .await
}

/// The position of a picture that has to be in the gallery, as far as the viewer may know.
async fn position_of(tx: &mut Tx, viewer: &Viewer, gallery: i64, picture: i64) -> Result<i64> {
    let statement = pictures_in(viewer, gallery).column(POSITION).and_where(Expr::col(PICTURE).eq(picture)).to_owned();
    let row = tx.optional::<(i64,)>(&statement).await?;
    row.map(|(position,)| position).ok_or_else(|| not_in_gallery(gallery, picture))
}

/// Moves a picture to where `index` others come before it, or to the end where there are not so many.
pub async fn move_picture(
    db: &Db,
    viewer: &Viewer,
    gallery: i64,
    picture: i64,
    index: i64,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, gallery).await?;
        position_of(&mut tx, viewer, gallery, picture).await?;
        let others = || {
            let mut statement = pictures_in(viewer, gallery);
            statement.column(POSITION).and_where(Expr::col(PICTURE).ne(picture)).limit(1);
            statement
        };
        let there = others().order_by(POSITION, Order::Asc).offset(index.unsigned_abs()).to_owned();
        let end = others().order_by(POSITION, Order::Desc).to_owned();
        let position = match tx.optional::<(i64,)>(&there).await? {
            Some((position,)) => {
                let make_room = Query::update()
                    .table(GalleryPictures::Table)
                    .value(GalleryPictures::Position, Expr::col(GalleryPictures::Position).add(1))
                    .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
                    .and_where(Expr::col(GalleryPictures::Position).gte(position))
                    .to_owned();
                tx.execute(&make_room).await?;
                position
            }
            None => tx.optional::<(i64,)>(&end).await?.map_or(0, |(last,)| last + 1),
        };
        let put = Query::update()
            .table(GalleryPictures::Table)
            .value(GalleryPictures::Position, position)
            .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
            .and_where(Expr::col(GalleryPictures::Picture).eq(picture))
            .to_owned();
        tx.execute(&put).await?;
        note_untrusted(&mut tx, gallery, owner, actor, &format!("picture {picture} moved")).await?;
        tx.commit(()).await
    })
    .await
}

/// Chooses the picture that stands for a gallery, one of its own; without one it is the first again.
pub async fn set_cover(db: &Db, viewer: &Viewer, gallery: i64, picture: Option<i64>, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, gallery).await?;
        if let Some(picture) = picture {
            position_of(&mut tx, viewer, gallery, picture).await?;
        }
        let update = Query::update()
            .table(Galleries::Table)
            .value(Galleries::Cover, picture)
            .and_where(Expr::col(Galleries::Id).eq(gallery))
            .to_owned();
        tx.execute(&update).await?;
        note_untrusted(&mut tx, gallery, owner, actor, "cover").await?;
        tx.commit(()).await
    })
    .await
}

async fn user_id(tx: &mut Tx, username: &str) -> Result<i64> {
    let statement = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Username).eq(username))
        .and_where(users::is_open())
        .to_owned();
    tx.optional::<(i64,)>(&statement).await?.map(|(id,)| id).ok_or_else(|| users::unknown(username))
}

/// Lets a user add and remove pictures. Doing so again changes nothing.
pub async fn add_user(db: &Db, gallery: i64, username: &str, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, gallery).await?;
        let insert = Query::insert()
            .into_table(GalleryUsers::Table)
            .columns([GalleryUsers::Gallery, GalleryUsers::UserId])
            .values_panic([gallery.into(), user_id(&mut tx, username).await?.into()])
            .on_conflict(OnConflict::columns([GalleryUsers::Gallery, GalleryUsers::UserId]).do_nothing().to_owned())
            .to_owned();
        if tx.execute(&insert).await? > 0 {
            note(&mut tx, gallery, owner, actor, &format!("user {username} added")).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Takes that right away. Doing so again changes nothing.
pub async fn remove_user(db: &Db, gallery: i64, username: &str, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, gallery).await?;
        let delete = Query::delete()
            .from_table(GalleryUsers::Table)
            .and_where(Expr::col(GalleryUsers::Gallery).eq(gallery))
            .and_where(Expr::col(GalleryUsers::UserId).eq(user_id(&mut tx, username).await?))
            .to_owned();
        if tx.execute(&delete).await? > 0 {
            note(&mut tx, gallery, owner, actor, &format!("user {username} removed")).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Whether the account owns the gallery or is an administrator: who may change the gallery itself.
pub async fn may_manage(db: &Db, gallery: i64, account: &Account) -> Result<bool> {
    let statement = select_gallery(gallery);
    let (owner,) = db.optional::<(i64,)>(&statement).await?.ok_or_else(|| no_gallery(gallery))?;
    Ok(account.admin || owner == account.id)
}

/// Whether the account may add and remove pictures: the owner, the trusted users and administrators.
pub async fn may_edit(db: &Db, gallery: i64, account: &Account) -> Result<bool> {
    if may_manage(db, gallery, account).await? {
        return Ok(true);
    }
    Ok(db.optional::<(i64,)>(&select_trusted(gallery, account.id)).await?.is_some())
}

/// A row if the owner of the gallery trusts the user with its pictures.
fn select_trusted(gallery: i64, user: i64) -> SelectStatement {
    Query::select()
        .column(GalleryUsers::UserId)
        .from(GalleryUsers::Table)
        .and_where(Expr::col(GalleryUsers::Gallery).eq(gallery))
        .and_where(Expr::col(GalleryUsers::UserId).eq(user))
        .to_owned()
}
