//! Pictures.

// A form's fields are the function's arguments.
#![allow(clippy::too_many_arguments)]

use crate::model::{AppError, PictureChange, PictureDetail, PictureSurroundings, PictureWork, RatingSummary};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// What became of a change to a picture's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Updated {
    /// The picture is like this now.
    Done(Box<PictureDetail>),
    /// Somebody changed it meanwhile: nothing changed, and it is like this.
    Outdated(Box<PictureDetail>),
}

/// One picture with all that its page shows.
#[server(name = GetPicture, prefix = "/fn", endpoint = "picture", input = Json)]
pub async fn picture(id: i64) -> Result<PictureDetail, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::pictures::get(&context.state.db, &context.viewer, id, &context.state.urls).await?)
}

/// What the editor is to know of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureToAnnotate {
    /// The picture with its regions, in one state.
    pub detail: PictureDetail,
    /// Whether the viewer may draw on it.
    pub may_annotate: bool,
    /// Whether anybody is signed in: a session ends, and may begin again.
    pub signed_in: bool,
    /// Where the work on it stands, where it is annotated in a project, or why that is not known.
    pub work: Option<Result<PictureWork, AppError>>,
}

/// One picture for the editor, maybe in a project.
#[server(name = GetPictureToAnnotate, prefix = "/fn", endpoint = "picture_to_annotate", input = Json)]
pub async fn picture_to_annotate(id: i64, project: Option<i64>) -> Result<PictureToAnnotate, AppError> {
    let context = crate::server::context::current()?;
    let work = async {
        match project {
            Some(project) => Some(super::projects::picture_work(project, id).await),
            None => None,
        }
    };
    let may_annotate = crate::server::store::surroundings::may_annotate(&context.state.db, &context.viewer, id);
    let (detail, may_annotate, work) = futures::join!(picture(id), may_annotate, work);
    let signed_in = context.viewer.account.is_some();
    Ok(PictureToAnnotate { detail: detail?, may_annotate: may_annotate?, signed_in, work })
}

/// What is around a picture, for whoever is asking.
#[server(name = GetSurroundings, prefix = "/fn", endpoint = "picture_surroundings", input = Json)]
pub async fn surroundings(id: i64) -> Result<PictureSurroundings, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::surroundings::get(&context.state.db, &context.viewer, id).await?)
}

/// Changes a picture's metadata: its author, in a dataset its writers, or an administrator may. With a `base` that is not the
/// newest state of the metadata nothing changes.
#[server(prefix = "/fn", endpoint = "update_picture", input = Json)]
pub async fn update_picture(id: i64, base: Option<i64>, change: PictureChange) -> Result<Updated, AppError> {
    use crate::server::store::picture_changes::{self, UpdateOutcome};
    let context = crate::server::context::current()?;
    let account = crate::server::rights::must_own_picture(&context, id, "change it").await?;
    let mut change = change;
    AppError::refuse(change.check())?;
    let (db, actor) = (&context.state.db, crate::server::context::actor(&account));
    let outcome = picture_changes::update(db, id, base, &change, actor).await?;
    let detail = crate::server::store::pictures::get(db, &context.viewer, id, &context.state.urls).await?;
    let detail = Box::new(detail);
    Ok(match outcome {
        UpdateOutcome::Done => Updated::Done(detail),
        UpdateOutcome::Outdated => Updated::Outdated(detail),
    })
}

/// Changes a picture's metadata from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "edit_picture")]
pub async fn edit_picture(
    id: i64,
    base: i64,
    title: String,
    description: String,
    origin_url: String,
    nature_id: String,
    #[server(default)] licence_ids: Vec<String>,
    #[server(default)] hide_place: bool,
) -> Result<PictureDetail, AppError> {
    let change = PictureChange {
        title: Some(title),
        description: Some(description),
        origin_url: Some(Some(origin_url.trim().to_owned())),
        licence_ids: Some(licence_ids),
        nature_id: Some(nature_id),
        keep_place: hide_place.then_some(false),
        ..PictureChange::default()
    };
    match update_picture(id, Some(base), change).await? {
        Updated::Done(detail) => {
            super::lead_to(&format!("/picture/{id}"));
            Ok(*detail)
        }
        Updated::Outdated(_) => Err(AppError::Outdated(
            "somebody else has changed this picture since you opened the form; nothing was saved".to_owned(),
        )),
    }
}

/// Posts a copy of a picture under the viewer's own name.
#[server(prefix = "/fn", endpoint = "copy_picture")]
pub async fn copy_picture(id: i64) -> Result<PictureDetail, AppError> {
    use crate::server::store::pictures as store;
    let context = crate::server::context::current()?;
    let author = context.writer()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let copy = match store::owner_of(db, viewer, id).await?.dataset {
        Some(dataset) => crate::server::versions::pictures::copy(&context, &author, dataset, id).await?,
        None => {
            crate::server::store::picture_copy::copy(db, viewer, id, author.id, crate::server::context::now_s()).await?
        }
    };
    super::lead_to(&format!("/picture/{copy}"));
    Ok(store::get(db, viewer, copy, &context.state.urls).await?)
}

/// Deletes a picture: its author, in a dataset its writers, or an administrator may.
#[server(prefix = "/fn", endpoint = "delete_picture")]
pub async fn delete_picture(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = crate::server::rights::must_own_picture(&context, id, "delete it").await?;
    crate::server::versions::pictures::delete(&context, &account, &[id]).await?;
    super::lead_to(&format!("/user/{}", crate::model::text::path_segment(&account.username)));
    Ok(())
}

/// Sets the viewer's rating of a picture, from 1 to 5, or removes it.
#[server(prefix = "/fn", endpoint = "rate_picture")]
pub async fn rate_picture(id: i64, #[server(default)] rating: Option<u8>) -> Result<RatingSummary, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    crate::server::store::access::require_visible(&mut &*db, viewer, id).await?;
    let now = crate::server::context::now_s();
    crate::server::store::ratings::set(db, id, account.id, rating, now).await?;
    Ok(crate::server::store::pictures::get(db, viewer, id, &context.state.urls).await?.rating)
}
