//! Changes to pictures that are there: their metadata, and their end. What somebody changes that is another's is noted in the
//! audit log.

use super::access::{self, PictureOwner, no_picture};
use super::audit::{Actor, record_on_picture};
use super::blobs;
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::pictures::{insert_licences, licences_of, set_link, unknown_licences, unknown_natures};
use super::schema::{PictureLicences, Pictures, ProjectPictures, Projects};
use super::{fields, users};
use crate::model::text::{fold, origin_key};
use crate::model::{AuditAction, FieldError, PictureChange};
use sea_query::{Expr, ExprTrait, Query};
use std::collections::BTreeSet;

/// What became of an attempt to change a picture's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateOutcome {
    /// It is as was asked for.
    Done,
    /// Nothing changed: somebody else changed it since the state that the attempt was based on.
    Outdated,
}

/// The metadata that a change is compared with.
#[derive(sqlx::FromRow)]
struct MetadataRow {
    author: i64,
    dataset: Option<i64>,
    title: String,
    description: String,
    origin_url: Option<String>,
    nature: String,
    metadata_revision: i64,
    keep_place: bool,
    attribution: Option<String>,
}

/// Changes a picture's metadata; with `base`, only if that is its newest state. What is as it was asked for already makes
/// no new state.
pub async fn update(
    db: &Db,
    id: i64,
    base: Option<i64>,
    change: &PictureChange,
    actor: Actor,
) -> Result<UpdateOutcome> {
    db.write(|mut tx| async move {
        hold(&mut tx, actor).await?;
        check_names(&mut tx, change).await?;
        let outcome = update_in(&mut tx, id, base, change, actor).await?;
        tx.commit(outcome).await
    })
    .await
}

/// Changes the metadata of several pictures in the same way, all or none of them.
pub async fn update_many(db: &Db, ids: &[i64], change: &PictureChange, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        hold(&mut tx, actor).await?;
        check_names(&mut tx, change).await?;
        for id in in_order(ids) {
            update_in(&mut tx, id, None, change, actor).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Changes the metadata of several pictures, each in its own way, all or none of them.
pub async fn update_each(db: &Db, changes: &[(i64, PictureChange)], actor: Actor) -> Result<()> {
    let mut changes: Vec<&(i64, PictureChange)> = changes.iter().collect();
    changes.sort_by_key(|(id, _)| *id);
    let changes = &changes;
    let licences: BTreeSet<&String> =
        changes.iter().flat_map(|(_, change)| change.licence_ids.iter().flatten()).collect();
    let licences = Some(licences.into_iter().cloned().collect());
    let natures: BTreeSet<Option<&String>> = changes.iter().map(|(_, change)| change.nature_id.as_ref()).collect();
    let names = natures.into_iter().map(|nature| PictureChange {
        nature_id: nature.cloned(),
        licence_ids: Option::clone(&licences),
        ..PictureChange::default()
    });
    let names: &Vec<PictureChange> = &names.collect();
    db.write(|mut tx| async move {
        hold(&mut tx, actor).await?;
        for names in names {
            check_names(&mut tx, names).await?;
        }
        for (id, change) in changes {
            update_in(&mut tx, *id, None, change, actor).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Fails unless whoever acts still may; nobody takes that from them until the end of the transaction.
async fn hold(tx: &mut Tx, actor: Actor) -> Result<()> {
    match actor.user {
        Some(user) => users::hold_active(tx, user).await,
        None => Ok(()),
    }
}

/// Each of the ids once, in the order in which everybody locks them.
fn in_order(ids: &[i64]) -> BTreeSet<i64> {
    ids.iter().copied().collect()
}

/// Fails if a change names what does not exist.
async fn check_names(tx: &mut Tx, change: &PictureChange) -> Result<()> {
    let mut errors = unknown_natures(tx, change.nature_id.as_deref(), "nature_id").await?;
    let licences = change.licence_ids.as_deref().unwrap_or_default();
    errors.extend(unknown_licences(tx, licences, "licence_ids").await?);
    if errors.is_empty() { Ok(()) } else { Err(StoreError::Invalid(errors)) }
}

/// Changes one picture. The names in the change have been checked.
async fn update_in(
    tx: &mut Tx,
    id: i64,
    base: Option<i64>,
    change: &PictureChange,
    actor: Actor,
) -> Result<UpdateOutcome> {
    let lock = Query::select()
        .columns([Pictures::Title, Pictures::Description, Pictures::OriginUrl, Pictures::Nature])
        .columns([Pictures::Author, Pictures::Dataset, Pictures::MetadataRevision, Pictures::KeepPlace])
        .column(Pictures::Attribution)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(id))
        .lock_exclusive()
        .to_owned();
    let now = tx.optional::<MetadataRow>(&lock).await?.ok_or_else(|| no_picture(id))?;
    let owner = PictureOwner { author: now.author, dataset: now.dataset };
    if let Some(user) = actor.user {
        access::require_writer(tx, user, id, owner, "change it").await?;
    }
    if base.is_some_and(|base| base != now.metadata_revision) {
        return Ok(UpdateOutcome::Outdated);
    }
    let mut values: Vec<(Pictures, Expr)> = Vec::new();
    let mut changed = Vec::new();
    if let Some(title) = change.title.as_ref().filter(|title| **title != now.title) {
        changed.push("title");
        values.push((Pictures::Title, title.as_str().into()));
        values.push((Pictures::TitleFolded, fold(title).into()));
    }
    if let Some(description) = change.description.as_ref().filter(|text| **text != now.description) {
        changed.push("description");
        values.push((Pictures::Description, description.as_str().into()));
        values.push((Pictures::DescriptionFolded, fold(description).into()));
    }
    if let Some(url) = change.origin_url.as_ref().filter(|url| **url != now.origin_url) {
        changed.push("origin");
        values.push((Pictures::OriginUrl, url.clone().into()));
        values.push((Pictures::OriginKey, url.as_deref().map(origin_key).into()));
    }
    if let Some(nature) = change.nature_id.as_ref().filter(|nature| **nature != now.nature) {
        changed.push("nature");
        values.push((Pictures::Nature, nature.as_str().into()));
    }
    if let Some(name) = change.attribution.as_ref().filter(|name| **name != now.attribution) {
        changed.push("author");
        values.push((Pictures::Attribution, name.clone().into()));
    }
    if fields::change(tx, id, &change.fields).await? {
        changed.push("fields");
    }
    match change.keep_place {
        Some(false) if now.keep_place => {
            changed.push("place");
            values.push((Pictures::KeepPlace, false.into()));
        }
        Some(true) if !now.keep_place => {
            let message = "can only be chosen when the file is brought in";
            return Err(StoreError::Invalid(vec![FieldError::new("keep_place", message)]));
        }
        _ => {}
    }
    let present: BTreeSet<String> = licences_of(tx, id).await?.into_iter().collect();
    let licences = change.licence_ids.as_ref().filter(|ids| ids.iter().cloned().collect::<BTreeSet<_>>() != present);
    if changed.is_empty() && licences.is_none() {
        return Ok(UpdateOutcome::Done);
    }
    values.push((Pictures::MetadataRevision, (now.metadata_revision + 1).into()));
    let update =
        Query::update().table(Pictures::Table).values(values).and_where(Expr::col(Pictures::Id).eq(id)).to_owned();
    tx.execute(&update).await?;
    if let Some(licences) = licences {
        let delete = Query::delete()
            .from_table(PictureLicences::Table)
            .and_where(Expr::col(PictureLicences::Picture).eq(id))
            .to_owned();
        tx.execute(&delete).await?;
        insert_licences(tx, id, licences).await?;
        changed.push("licences");
    }
    let (subject, details) = (format!("picture {id}"), changed.join(", "));
    record_on_picture(tx, actor, owner, AuditAction::PictureChanged, &subject, &details).await?;
    Ok(UpdateOutcome::Done)
}

/// Deletes a picture with everything that belongs to it, the file's row included unless another picture has the same
/// file; the bytes go with the next `ocellus check --remove-unused`. If it stood in the middle of a chain of replacements,
/// its neighbours are joined, so that the older one stays obsolete.
pub async fn delete(db: &Db, id: i64, actor: Actor) -> Result<()> {
    delete_many(db, &[id], actor).await
}

/// Deletes several pictures, all or none of them.
pub async fn delete_many(db: &Db, ids: &[i64], actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        hold(&mut tx, actor).await?;
        for id in in_order(ids) {
            let owner = delete_in(&mut tx, id, actor).await?;
            if let Some(user) = actor.user {
                access::require_writer(&mut tx, user, id, owner, "delete it").await?;
            }
        }
        tx.commit(()).await
    })
    .await
}

/// Deletes a picture as [`delete`] does, as a part of a transaction that has to know whether the actor may do this, and says whose it
/// was.
pub(super) async fn delete_in(tx: &mut Tx, id: i64, actor: Actor) -> Result<PictureOwner> {
    let Deleted { owner, title } = delete_silently(tx, id).await?;
    let (subject, details) = (format!("picture {id}"), format!("“{title}”"));
    record_on_picture(tx, actor, owner, AuditAction::PictureDeleted, &subject, &details).await?;
    Ok(owner)
}

/// What a picture was that is no more.
pub(super) struct Deleted {
    owner: PictureOwner,
    title: String,
}

/// The same without an entry in the audit log, where that tells of something larger.
pub(super) async fn delete_silently(tx: &mut Tx, id: i64) -> Result<Deleted> {
    let lock = Query::select()
        .columns([Pictures::Replaces, Pictures::ReplacedBy, Pictures::Blob, Pictures::Author])
        .columns([Pictures::Dataset, Pictures::Title])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(id))
        .lock_exclusive()
        .to_owned();
    let row = tx.optional::<(Option<i64>, Option<i64>, String, i64, Option<i64>, String)>(&lock).await?;
    let (older, newer, blob, author, dataset, title) = row.ok_or_else(|| no_picture(id))?;
    // Projects tell how many of their pictures are no more.
    let projects = Query::select()
        .column(ProjectPictures::Project)
        .from(ProjectPictures::Table)
        .and_where(Expr::col(ProjectPictures::Picture).eq(id))
        .to_owned();
    let note = Query::update()
        .table(Projects::Table)
        .value(Projects::Missing, Expr::col(Projects::Missing).add(1))
        .and_where(Expr::col(Projects::Id).in_subquery(projects))
        .to_owned();
    tx.execute(&note).await?;
    // The foreign keys empty the columns of the neighbours that point here, and remove what hangs on the picture.
    let delete = Query::delete().from_table(Pictures::Table).and_where(Expr::col(Pictures::Id).eq(id)).to_owned();
    tx.execute(&delete).await?;
    if let (Some(older), Some(newer)) = (older, newer) {
        set_link(tx, older, Pictures::ReplacedBy, Some(newer)).await?;
        set_link(tx, newer, Pictures::Replaces, Some(older)).await?;
    }
    blobs::delete_if_unused(tx, &blob).await?;
    Ok(Deleted { owner: PictureOwner { author, dataset }, title })
}
