//! Objects: kinds of things that regions show.

use crate::model::{
    AppError, ImportReport, Object, ObjectChange, ObjectDetail, ObjectSummary, Page, Sample, TaxonomyFormat,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of objects, by name. `search` keeps those that fit it, best first, and forgives typing mistakes;
/// `top` keeps those without parents.
#[server(prefix = "/fn", endpoint = "objects", input = Json)]
pub async fn objects(
    search: Option<String>,
    top: bool,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Object>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::objects::list(&context.state.db, search.as_deref(), top, page).await?)
}

/// One object with what its own page shows, by its name or a former one.
#[server(name = GetObject, prefix = "/fn", endpoint = "object", input = Json)]
pub async fn object(name: String) -> Result<ObjectDetail, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::objects::detail(&context.state.db, &name).await?)
}

/// Regions that show an object, as examples of it.
#[server(prefix = "/fn", endpoint = "object_samples", input = Json)]
pub async fn object_samples(name: String) -> Result<Vec<Sample>, AppError> {
    const MOST: usize = 12;
    let context = crate::server::context::current()?;
    Ok(crate::server::store::samples::of_object(&context.state.db, &context.viewer, &name, MOST).await?)
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

/// Changes an object; what is absent stays. A cycle is refused. Another name can be given by whoever registered the object,
/// and by administrators; regions keep the object, and the old name goes on leading to it.
#[server(prefix = "/fn", endpoint = "update_object", input = Json)]
pub async fn update_object(name: String, change: ObjectChange) -> Result<Object, AppError> {
    Ok(change_object(&name, change).await??)
}

/// Makes an object and another one, `into`, the same: regions, children and the name itself lead to `into` from then on.
/// Administrators may do so, and whoever registered the object, as long as nobody else has drawn regions that show it.
#[server(prefix = "/fn", endpoint = "merge_object", input = Json)]
pub async fn merge_object(name: String, into: String) -> Result<Object, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let db = &context.state.db;
    let (_, author) = crate::server::store::objects::name_and_author(db, &name).await?;
    if !account.admin && author != Some(account.id) {
        let detail = "only whoever registered an object, or an administrator, can merge it into another";
        return Err(AppError::Forbidden(detail.to_owned()));
    }
    let only_own = (!account.admin).then_some(account.id);
    let actor = crate::server::context::actor(&account);
    Ok(crate::server::store::object_merge::merge(db, &name, &into, only_own, actor).await?)
}

/// Makes all objects of a taxonomy that there are not yet, in one transaction; with `dry_run`, says what that would do. Any
/// fault keeps all of it from being imported.
#[server(prefix = "/fn", endpoint = "import_objects", input = Json)]
pub async fn import_objects(
    text: String,
    format: Option<TaxonomyFormat>,
    dry_run: bool,
) -> Result<ImportReport, AppError> {
    use crate::server::store::taxonomy as store;
    let context = crate::server::context::current()?;
    let author = context.writer()?;
    let (entries, faults) = crate::server::taxonomy::read_off_thread(text, format).await?;
    let db = &context.state.db;
    if dry_run {
        return Ok(store::preview(db, entries, faults).await?);
    }
    let now = crate::server::context::now_s();
    let report = store::import(db, entries, faults, Some(author.id), now).await?;
    match report.faults.len() {
        0 => Ok(report),
        count => Err(AppError::Invalid {
            detail: format!("nothing was imported, because of {count} faults in the text"),
            errors: report
                .faults
                .into_iter()
                .map(|fault| crate::model::FieldError::new(format!("line {}", fault.line), fault.message))
                .collect(),
        }),
    }
}

/// Registers an object from a form that works without JavaScript. `parents` are names, one a line.
#[server(prefix = "/fn", endpoint = "new_object")]
pub async fn new_object(
    id: String,
    #[server(default)] description: String,
    #[server(default)] parents: String,
) -> Result<Object, AppError> {
    let object = create_object(id.trim().to_owned(), description, lines(&parents)).await;
    let object = object.map_err(|error| taken(beside_parents(error)))?;
    leptos_axum::redirect(&format!("/object/{}", crate::model::text::path_segment(&object.id)));
    Ok(object)
}

/// Changes an object from a form that works without JavaScript. `parents` are names, one a line. What is as the form began,
/// an [`ObjectChange`] in `before`, stays as it is by now.
#[server(prefix = "/fn", endpoint = "edit_object")]
pub async fn edit_object(
    name: String,
    id: String,
    #[server(default)] description: String,
    #[server(default)] parents: String,
    #[server(default)] before: String,
) -> Result<Object, AppError> {
    use super::changed;
    use crate::model::picture::tidy;
    use crate::server::store::StoreError;
    let before: ObjectChange = super::began_with(&before)?.unwrap_or_default();
    let change = ObjectChange {
        id: changed(id.trim(), Some(&name)).map(str::to_owned),
        description: changed(tidy(&description), before.description.as_deref().map(tidy)),
        parents: changed(lines(&parents), before.parents),
    };
    let object = change_object(&name, change).await?.map_err(|error| match error {
        cycle @ StoreError::Cycle(_) => AppError::field("parents", cycle.to_string()),
        error => taken(beside_parents(error.into())),
    })?;
    leptos_axum::redirect(&format!("/object/{}", crate::model::text::path_segment(&object.id)));
    Ok(object)
}

/// Merges an object into another from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "merge_object_form")]
pub async fn merge_object_form(name: String, into: String) -> Result<Object, AppError> {
    let object = merge_object(name, into.trim().to_owned()).await.map_err(|error| match error {
        AppError::Conflict(message) | AppError::NotFound(message) => AppError::field("into", message),
        other => other,
    })?;
    leptos_axum::redirect(&format!("/object/{}", crate::model::text::path_segment(&object.id)));
    Ok(object)
}

/// Imports a taxonomy from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "import_taxonomy")]
pub async fn import_taxonomy(
    text: String,
    #[server(default)] format: String,
    #[server(default)] dry_run: bool,
) -> Result<ImportReport, AppError> {
    let format = match format.as_str() {
        "csv" => Some(TaxonomyFormat::Csv),
        "yaml" => Some(TaxonomyFormat::Yaml),
        _ => None,
    };
    // An address, in which a form without JavaScript comes back, has no room for all faults.
    const MOST: usize = 20;
    let report = import_objects(text, format, dry_run).await.map_err(|error| match error {
        AppError::Invalid { detail, mut errors } => {
            errors.truncate(MOST);
            AppError::Invalid { detail, errors }
        }
        other => other,
    })?;
    if !dry_run {
        super::lead_without_script(&format!("/objects?made={}", report.made.len()));
    }
    Ok(report)
}

#[cfg(feature = "ssr")]
async fn change_object(
    name: &str,
    mut change: ObjectChange,
) -> Result<Result<Object, crate::server::store::StoreError>, AppError> {
    use crate::model::FieldError;
    use crate::model::limits::{MAX_DESCRIPTION, check_text};
    use crate::model::object::check_object_name;
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let db = &context.state.db;
    let described = change.description.as_deref().and_then(|text| check_text("description", text, MAX_DESCRIPTION));
    let errors: Vec<FieldError> =
        change.id.as_deref().and_then(|name| check_object_name("id", name)).into_iter().chain(described).collect();
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    if change.id.is_some() && !account.admin {
        // The name in the address may be a former one, which would be another name again.
        let (present, author) = crate::server::store::objects::name_and_author(db, name).await?;
        if author != Some(account.id) {
            if change.id.as_ref() != Some(&present) {
                let detail = "only whoever registered an object, or an administrator, can give it another name";
                return Err(AppError::Forbidden(detail.to_owned()));
            }
            change.id = None;
        }
    }
    Ok(crate::server::store::objects::update(db, name, &change, crate::server::context::actor(&account)).await)
}

/// Names that stand one a line.
#[cfg(feature = "ssr")]
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What is wrong with one of several parents, as an error of the form's one field.
#[cfg(feature = "ssr")]
fn beside_parents(error: AppError) -> AppError {
    let AppError::Invalid { detail, mut errors } = error else { return error };
    for error in errors.iter_mut().filter(|error| error.field.starts_with("parents[")) {
        error.field = "parents".to_owned();
    }
    AppError::Invalid { detail, errors }
}

/// A name that is taken, as an error of its field.
#[cfg(feature = "ssr")]
fn taken(error: AppError) -> AppError {
    match error {
        AppError::Conflict(message) => AppError::field("id", message),
        other => other,
    }
}
