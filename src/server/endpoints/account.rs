//! The viewer's own account.

use super::Answer;
use crate::api;
use crate::model::{EditorSettings, EditorSettingsChange};
use crate::server::context::{RequestContext, within};
use crate::server::extract::Json;

/// `GET /api/account/editor-settings`.
pub async fn editor_settings(context: RequestContext) -> Answer<EditorSettings> {
    within(context, api::editor_settings::editor_settings()).await.map(axum::Json)
}

/// `PUT /api/account/editor-settings`.
pub async fn save_editor_settings(
    context: RequestContext,
    Json(change): Json<EditorSettingsChange>,
) -> Answer<EditorSettings> {
    within(context, api::editor_settings::save_editor_settings(change)).await.map(axum::Json)
}
