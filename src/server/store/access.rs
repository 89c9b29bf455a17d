//! Who may see what: the one predicate on pictures that every read of them includes.

use super::db::{Result, Source};
use super::error::StoreError;
use super::schema::Pictures;
use crate::model::Viewer;
use sea_query::{Condition, Expr, ExprTrait, Query};

/// The condition under which `viewer` may see a row of `pictures`. It names the columns of that table unqualified by an
/// alias, so that a statement which reads pictures must call the table by its own name.
///
/// Every picture is public, and the condition is empty: it adds nothing to a statement.
pub fn visible(_viewer: &Viewer) -> Condition {
    Condition::all()
}

/// What is said of a picture that does not exist, and of one that the viewer may not know of.
pub fn no_picture(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no picture {id}"))
}

/// Fails unless the viewer may see the picture, in the same words whether or not it exists.
pub async fn require_visible(source: &mut impl Source, viewer: &Viewer, picture: i64) -> Result<()> {
    let statement = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(picture))
        .cond_where(visible(viewer))
        .to_owned();
    match source.optional::<(i64,)>(&statement).await? {
        Some(_) => Ok(()),
        None => Err(no_picture(picture)),
    }
}
