//! Regions: what is annotated on a picture.

use crate::model::history::HistoryPart;
use crate::model::region::SoundRegions;
use crate::model::{Annotations, AppError, DeltaAnswer, Page, RevisionSummary, SoundDelta};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Saved {
    /// The regions are the newest state now.
    Done(Annotations),
    /// Somebody saved meanwhile: nothing changed, and this is the newest state.
    Outdated(Annotations),
}

/// All regions of a picture in their newest state.
#[server(name = GetAnnotations, prefix = "/fn", endpoint = "annotations", input = Json)]
pub async fn annotations(picture: i64) -> Result<Annotations, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::regions::annotations(&context.state.db, &context.viewer, picture).await?)
}

/// The same, unless this is the state `known`.
#[server(name = GetAnnotationsSince, prefix = "/fn", endpoint = "annotations_since", input = Json)]
pub async fn annotations_since(picture: i64, known: i64) -> Result<Option<Annotations>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::regions::annotations_since(&context.state.db, &context.viewer, picture, known).await?)
}

/// All regions of a picture in one of its states.
#[server(name = GetAnnotationsAt, prefix = "/fn", endpoint = "annotations_at", input = Json)]
pub async fn annotations_at(picture: i64, revision: i64) -> Result<Annotations, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::regions::annotations_at(&context.state.db, &context.viewer, picture, revision).await?)
}

/// Replaces all regions of a picture in one transaction. With a `base` that is not the newest revision nothing changes.
#[server(prefix = "/fn", endpoint = "save_annotations", input = Json)]
pub async fn save_annotations(picture: i64, base: Option<i64>, regions: SoundRegions) -> Result<Saved, AppError> {
    use crate::server::store::regions as store;
    let context = crate::server::context::current()?;
    let author = context.writer()?;
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    let outcome = store::save(db, viewer, picture, base, &regions, author.id, now).await?;
    Ok(match outcome {
        store::SaveOutcome::Saved(state) => Saved::Done(state),
        store::SaveOutcome::Outdated(state) => Saved::Outdated(state),
    })
}

/// What became of a delta.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Applied {
    /// It led to this, now or when it came for the first time.
    Done(DeltaAnswer),
    /// Somebody saved meanwhile: nothing changed, and this is the newest state.
    Outdated(Annotations),
}

/// Changes some regions of a picture in one transaction. A delta that is sent again is answered as before and changes
/// nothing.
#[server(prefix = "/fn", endpoint = "apply_delta", input = Json)]
pub async fn apply_delta(picture: i64, delta: SoundDelta) -> Result<Applied, AppError> {
    use crate::server::store::region_delta::{self, DeltaOutcome};
    let context = crate::server::context::current()?;
    let author = context.writer()?;
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    Ok(match region_delta::apply(db, viewer, picture, &delta, author.id, now).await? {
        DeltaOutcome::Applied(answer) => Applied::Done(answer),
        DeltaOutcome::Outdated(state) => Applied::Outdated(state),
    })
}

/// Who saved which regions when, newest first: a part of the list.
#[server(prefix = "/fn", endpoint = "history", input = Json)]
pub async fn history(picture: i64, offset: Option<i64>, limit: Option<i64>) -> Result<Page<RevisionSummary>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::region_history::list(&context.state.db, &context.viewer, picture, page).await?)
}

/// The same as people read it: from the state with the number `from` back, or from the newest.
#[server(prefix = "/fn", endpoint = "sittings", input = Json)]
pub async fn sittings(picture: i64, from: Option<i64>) -> Result<HistoryPart, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::region_history::sittings(&context.state.db, &context.viewer, picture, from).await?)
}

/// Makes an old state of a picture's regions the newest.
#[server(prefix = "/fn", endpoint = "revert")]
pub async fn revert(picture: i64, revision: i64) -> Result<Annotations, AppError> {
    let context = crate::server::context::current()?;
    let author = context.writer()?;
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    let state = crate::server::store::regions::revert(db, viewer, picture, revision, author.id, now).await?;
    super::lead_without_script(&format!("/picture/{picture}"));
    Ok(state)
}
