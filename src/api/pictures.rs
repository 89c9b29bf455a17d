//! Pictures.

use crate::model::{AppError, PictureDetail};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// One picture with all that its page shows.
#[server(name = GetPicture, prefix = "/fn", endpoint = "picture", input = Json)]
pub async fn picture(id: i64) -> Result<PictureDetail, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::pictures::get(&context.state.db, &context.viewer, id, &context.state.urls).await?)
}
