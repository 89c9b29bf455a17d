//! Exports. The files themselves come from the JSON API, so that the browser writes them to the disk.

use crate::model::{AppError, ExportPreview};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What an export would have in it. The address is what stands behind the `?` of that of the export.
#[server(prefix = "/fn", endpoint = "preview_export", input = Json)]
pub async fn preview_export(address: String) -> Result<ExportPreview, AppError> {
    let context = crate::server::context::current()?;
    let state = &context.state;
    let parameters = crate::server::exports::ExportParameters::read(&address)?;
    Ok(parameters.plan(state, &context.viewer, true).await?.preview)
}
