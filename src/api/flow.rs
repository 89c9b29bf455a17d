//! Annotating picture after picture: what comes next, and what is said of the work.

// The row in which a picture is annotated has many parameters.
#![allow(clippy::too_many_arguments)]

use crate::model::{AppError, BegunRow, Marks, NewMark, Only, Ordering, Queue, WorkFilter};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What is around a picture in the results of a query, in a gallery, among those of a project that a filter names, or, where none of
/// these is named, among all pictures. `seed` says which of the shuffles [`Ordering::Random`] gives; the others have orders of their own. `place` is what an earlier answer
/// said of the picture's place.
#[server(name = GetQueue, prefix = "/fn", endpoint = "queue", input = Json)]
pub async fn queue(
    picture: i64,
    query: Option<String>,
    gallery: Option<i64>,
    project: Option<(i64, WorkFilter)>,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    only: Option<Only>,
    place: Option<String>,
) -> Result<Queue, AppError> {
    use crate::server::{search, store};
    let context = crate::server::context::current()?;
    let question = store::queue::Question { picture, place: place.as_deref(), only };
    let (db, viewer) = (&context.state.db, &context.viewer);
    if let Some((project, filter)) = project {
        if gallery.is_some() || query.is_some() || ordering.is_some() || seed.is_some() {
            return Err(AppError::field("project", "has pictures and an order of its own; name nothing beside it"));
        }
        return Ok(store::project_work::around(db, viewer, project, &filter, question).await?);
    }
    match (gallery, query) {
        (Some(_), Some(_)) => Err(AppError::field("gallery", "must not be named together with a query")),
        (Some(_), None) if ordering.is_some() || seed.is_some() => {
            Err(AppError::field("gallery", "has an order of its own; name neither an ordering nor a seed"))
        }
        (Some(gallery), None) => Ok(store::queue::in_gallery(db, viewer, gallery, question).await?),
        (None, query) => {
            let (text, ordering) = (query.unwrap_or_default(), ordering.unwrap_or_default());
            let search = search::in_query(db, viewer, &text, ordering, seed.unwrap_or_default(), question);
            Ok(context.while_wanted(search).await?)
        }
    }
}

/// A row of pictures, named as for [`queue`], to be gone through as it is now, from a picture on.
#[server(prefix = "/fn", endpoint = "begin_row", input = Json)]
pub async fn begin_row(
    picture: i64,
    query: Option<String>,
    gallery: Option<i64>,
    project: Option<(i64, WorkFilter)>,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    place: Option<String>,
) -> Result<BegunRow, AppError> {
    use crate::server::{search, store};
    let context = crate::server::context::current()?;
    let question = store::queue::Question { picture, place: place.as_deref(), only: None };
    let (db, viewer) = (&context.state.db, &context.viewer);
    if let Some((project, filter)) = project {
        return Ok(store::project_work::begin(db, viewer, project, &filter, question).await?);
    }
    match gallery {
        Some(gallery) => Ok(store::queue::begin_gallery(db, viewer, gallery, question).await?),
        None => {
            let (text, ordering) = (query.unwrap_or_default(), ordering.unwrap_or_default());
            let search = search::begin_query(db, viewer, &text, ordering, seed.unwrap_or_default(), question);
            Ok(context.while_wanted(search).await?)
        }
    }
}

/// What is around a picture between pictures of a row that was begun, each side the nearest first. The place in the row is for
/// whoever knows the row to say.
#[server(prefix = "/fn", endpoint = "neighbours", input = Json)]
pub async fn neighbours(before: Vec<i64>, after: Vec<i64>) -> Result<Queue, AppError> {
    for (side, ids) in [("before", &before), ("after", &after)] {
        if ids.len() > BegunRow::ASKED {
            return Err(AppError::field(side, format!("must name {} pictures at most", BegunRow::ASKED)));
        }
    }
    let context = crate::server::context::current()?;
    Ok(crate::server::store::queue::neighbours(&context.state.db, &context.viewer, &before, &after).await?)
}

/// What is said of the work on a picture, now and, as far as it is told, before.
#[server(name = GetMarks, prefix = "/fn", endpoint = "marks", input = Json)]
pub async fn marks(picture: i64) -> Result<Marks, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::marks::of_picture(&context.state.db, &context.viewer, picture).await?)
}

/// Says how far the work on a picture is. `user` is who opened the page that says so, where it is one.
#[server(prefix = "/fn", endpoint = "mark_picture", input = Json)]
pub async fn mark_picture(picture: i64, mark: NewMark, user: Option<String>) -> Result<Marks, AppError> {
    let context = crate::server::context::current()?;
    let author = context.writer_if(|name| user.is_none_or(|user| user == name))?;
    let mut mark = mark;
    if let Some(error) = mark.check() {
        return Err(AppError::fields(vec![error]));
    }
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    Ok(crate::server::store::marks::set(db, viewer, picture, &mark, author.id, now).await?)
}

/// Takes back what is said of the work on a picture. `user` is who opened the page that does so, where it is one.
#[server(prefix = "/fn", endpoint = "unmark_picture", input = Json)]
pub async fn unmark_picture(picture: i64, user: Option<String>) -> Result<Marks, AppError> {
    let context = crate::server::context::current()?;
    let author = context.writer_if(|name| user.is_none_or(|user| user == name))?;
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    Ok(crate::server::store::marks::remove(db, viewer, picture, author.id, now).await?)
}
