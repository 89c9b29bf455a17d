//! Objects: kinds of things that regions show.

use crate::model::{AppError, Object, ObjectSummary, Page};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of objects, by name; `search` keeps those whose name contains it.
#[server(prefix = "/fn", endpoint = "objects", input = Json)]
pub async fn objects(
    search: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Object>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let search = search.filter(|text| !text.trim().is_empty());
    Ok(crate::server::store::objects::list(&context.state.db, search.as_deref(), page).await?)
}

/// One object with its neighbours.
#[server(name = GetObject, prefix = "/fn", endpoint = "object", input = Json)]
pub async fn object(name: String) -> Result<Object, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::objects::get(&context.state.db, &name).await?)
}

/// Every object, as the editor's picker needs it.
#[server(prefix = "/fn", endpoint = "object_summaries", input = Json)]
pub async fn object_summaries() -> Result<Vec<ObjectSummary>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::objects::summaries(&context.state.db).await?)
}

/// Registers an object.
#[server(prefix = "/fn", endpoint = "create_object", input = Json)]
pub async fn create_object(id: String, description: String, parents: Vec<String>) -> Result<Object, AppError> {
    let context = crate::server::context::current()?;
    let author = context.writer()?;
    let errors = crate::model::object::check_object(&id, &description);
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let (db, now) = (&context.state.db, crate::server::context::now_s());
    Ok(crate::server::store::objects::insert(db, &id, &description, &parents, author.id, now).await?)
}

/// Changes an object's description and parents; absent ones stay. A cycle is refused.
#[server(prefix = "/fn", endpoint = "update_object", input = Json)]
pub async fn update_object(
    name: String,
    description: Option<String>,
    parents: Option<Vec<String>>,
) -> Result<Object, AppError> {
    let context = crate::server::context::current()?;
    context.writer()?;
    let check = |text| crate::model::limits::check_text("description", text, crate::model::limits::MAX_DESCRIPTION);
    if let Some(error) = description.as_deref().and_then(check) {
        return Err(AppError::fields(vec![error]));
    }
    let (db, parents) = (&context.state.db, parents.as_deref());
    Ok(crate::server::store::objects::update(db, &name, description.as_deref(), parents).await?)
}

/// Registers an object from a form that works without JavaScript. `parents` are names separated by commas.
#[server(prefix = "/fn", endpoint = "new_object")]
pub async fn new_object(
    id: String,
    #[server(default)] description: String,
    #[server(default)] parents: String,
) -> Result<Object, AppError> {
    let parents = parents.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let object = create_object(id.trim().to_owned(), description, parents).await?;
    leptos_axum::redirect(&format!("/object/{}", crate::model::text::path_segment(&object.id)));
    Ok(object)
}
