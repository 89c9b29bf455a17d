//! Imports as their page shows them, and what follows a dry run. The import itself comes with a file, so that it is a route only.

use crate::model::AppError;
use crate::model::import::{ArchiveChoices, ImportJob};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// An import of the viewer's with what it is to do.
#[server(name = GetImportJob, prefix = "/fn", endpoint = "import_job", input = Json)]
pub async fn import_job(id: i64) -> Result<ImportJob, AppError> {
    let context = crate::server::context::current()?;
    crate::server::imports::job_of(&context, id).await
}

/// Imports what was looked at before, from a form that works without JavaScript: the class `names[i]` is the object `objects[i]`, or left
/// out where that is empty.
#[server(prefix = "/fn", endpoint = "go_on_with_import")]
pub async fn go_on_with_import(
    of: i64,
    #[server(default)] existing: String,
    #[server(default)] create_objects: bool,
    #[server(default)] names: Vec<String>,
    #[server(default)] objects: Vec<String>,
) -> Result<i64, AppError> {
    let context = crate::server::context::current()?;
    let before = crate::server::imports::job_of(&context, of).await?;
    if names.len() != objects.len() {
        return Err(AppError::field("objects", "must be as many as there are classes"));
    }
    let object = |object: String| Some(object.trim().to_owned()).filter(|object| !object.is_empty());
    let classes = names.into_iter().zip(objects.into_iter().map(object)).collect();
    let existing = if existing.is_empty() { Default::default() } else { existing.parse()? };
    let request = crate::model::import::ImportRequest {
        // The dataset may have another name by now.
        dataset: before.dataset_id.to_string(),
        existing,
        create_objects,
        classes,
        dry_run: false,
        of: Some(of),
        ..before.request
    };
    let source = crate::server::imports::source_of(&context, of).await?;
    let job = crate::server::imports::queue(&context, request, source).await?;
    leptos_axum::redirect(&format!("/import?job={job}"));
    Ok(job)
}

/// Goes on with an archive that was looked at before, from a form that works without JavaScript: looks again, or brings it in.
#[server(prefix = "/fn", endpoint = "go_on_with_archive")]
pub async fn go_on_with_archive(
    of: i64,
    #[server(default)] dry_run: bool,
    #[server(default)] choices: ArchiveChoices,
) -> Result<i64, AppError> {
    let context = crate::server::context::current()?;
    let before = crate::server::imports::job_of(&context, of).await?;
    let mut request = before.request;
    choices.put_into(&mut request)?;
    let request = crate::model::import::ImportRequest {
        // The dataset may have another name by now.
        dataset: before.dataset_id.to_string(),
        dry_run,
        of: Some(of),
        ..request
    };
    let source = crate::server::imports::source_of(&context, of).await?;
    let job = crate::server::imports::queue(&context, request, source).await?;
    leptos_axum::redirect(&format!("/import?job={job}"));
    Ok(job)
}
