//! Queries that people keep under a name. What they have merely asked is nobody's matter but their browser's.
//!
//! The mutating functions are URL-encoded, so that forms work without JavaScript.

use crate::model::{AppError, Ordering, Page, SavedQuery};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the queries that the viewer may see, which are their own and the public ones; of all owners or of one, those
/// that were changed last first.
#[server(prefix = "/fn", endpoint = "saved_queries", input = Json)]
pub async fn saved_queries(
    owner: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<SavedQuery>, AppError> {
    let context = crate::server::context::current()?;
    let most = crate::model::saved_query::MAX_SAVED_QUERIES_LISTED;
    let page = crate::model::PageRequest::up_to(offset, limit, most)?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(crate::server::store::saved_queries::list(db, viewer, owner.as_deref(), page).await?)
}

/// One of them.
#[server(name = GetSavedQuery, prefix = "/fn", endpoint = "saved_query", input = Json)]
pub async fn saved_query(id: i64) -> Result<SavedQuery, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::saved_queries::get(&context.state.db, &context.viewer, id).await?)
}

/// Keeps a query under a name. A query that is wrong is not kept, and of two with one name only the first.
#[server(prefix = "/fn", endpoint = "save_query")]
pub async fn save_query(
    title: String,
    #[server(default)] query: String,
    #[server(default)] ordering: Ordering,
    #[server(default)] public: bool,
) -> Result<SavedQuery, AppError> {
    use crate::model::saved_query::NewSavedQuery;
    use crate::server::store::saved_queries;
    let context = crate::server::context::current()?;
    let owner = context.writer()?;
    let db = &context.state.db;
    check(&context, Some(&title), Some(&query)).await?;
    let now = crate::server::context::now_s();
    let new = NewSavedQuery { title: title.trim().to_owned(), query, ordering, public };
    let id = saved_queries::insert(db, &new, owner.id, now).await?;
    Ok(saved_queries::get(db, &context.viewer, id).await?)
}

/// Changes name, text, order or who may see it; what is absent stays.
#[server(prefix = "/fn", endpoint = "update_saved_query")]
pub async fn update_saved_query(
    id: i64,
    title: Option<String>,
    query: Option<String>,
    ordering: Option<Ordering>,
    public: Option<bool>,
) -> Result<SavedQuery, AppError> {
    use crate::server::store::saved_queries;
    let (context, actor) = managed(id).await?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    check(&context, title.as_deref(), query.as_deref()).await?;
    let title = title.map(|title| title.trim().to_owned());
    // An administrator who hides somebody's query does not see it any more.
    let hidden = public == Some(false);
    let before = saved_queries::get(db, viewer, id).await?;
    let change = crate::model::SavedQueryChange { title, query, ordering, public };
    saved_queries::update(db, viewer, id, &change, actor).await?;
    match saved_queries::get(db, viewer, id).await {
        Err(_) if hidden => Ok(SavedQuery {
            title: change.title.unwrap_or(before.title),
            query: change.query.unwrap_or(before.query),
            ordering: change.ordering.unwrap_or(before.ordering),
            public: false,
            timestamp: actor.at,
            ..before
        }),
        outcome => Ok(outcome?),
    }
}

/// Deletes a saved query.
#[server(prefix = "/fn", endpoint = "delete_saved_query")]
pub async fn delete_saved_query(id: i64) -> Result<(), AppError> {
    let (context, actor) = managed(id).await?;
    Ok(crate::server::store::saved_queries::delete(&context.state.db, &context.viewer, id, actor).await?)
}

#[cfg(feature = "ssr")]
async fn check(
    context: &crate::server::context::RequestContext,
    title: Option<&str>,
    query: Option<&str>,
) -> Result<(), AppError> {
    if let Some(error) = title.and_then(crate::model::saved_query::check_saved_title) {
        return Err(AppError::fields(vec![error]));
    }
    match query {
        Some(query) => Ok(crate::server::search::check(&context.state.db, &context.viewer, query).await?),
        None => Ok(()),
    }
}

/// The context of a viewer who may change the saved query, and who that is for the audit log: its owner, and administrators
/// as far as they see it.
#[cfg(feature = "ssr")]
async fn managed(
    id: i64,
) -> Result<(crate::server::context::RequestContext, crate::server::store::audit::Actor), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let owner = crate::server::store::saved_queries::owner_of(&context.state.db, &context.viewer, id).await?;
    if owner != account.id && !account.admin {
        return Err(AppError::Forbidden("only whoever saved the query may do this".to_owned()));
    }
    let actor = crate::server::context::actor(&account);
    Ok((context, actor))
}
