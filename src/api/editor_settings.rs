//! What a person has made of the annotation editor.

use crate::model::{AppError, EditorSettings, EditorSettingsChange};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The viewer's settings.
#[server(name = GetEditorSettings, prefix = "/fn", endpoint = "editor_settings", input = Json)]
pub async fn editor_settings() -> Result<EditorSettings, AppError> {
    let context = crate::server::context::current()?;
    let account = context.reader()?;
    Ok(crate::server::store::editor_settings::get(&context.state.db, account.id).await?)
}

/// Changes some of the viewer's settings and gives all of them; what is absent stays.
#[server(prefix = "/fn", endpoint = "save_editor_settings", input = Json)]
pub async fn save_editor_settings(change: EditorSettingsChange) -> Result<EditorSettings, AppError> {
    use crate::server::store::editor_settings as store;
    let context = crate::server::context::current()?;
    let (account, db) = (context.writer()?, &context.state.db);
    let errors = change.errors();
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    store::change(db, account.id, &change).await?;
    Ok(store::get(db, account.id).await?)
}
