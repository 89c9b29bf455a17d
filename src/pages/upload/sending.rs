//! Sending a file together with what is said about it.

use crate::model::{AppError, PictureDetail};
use crate::ui::transfer::{Ending, post_form, refusal};
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use web_sys::{File, FormData, Url, XmlHttpRequest};

/// What is said of all files at once.
#[derive(Clone, Copy)]
pub struct Shared {
    /// Id of the nature.
    pub nature: RwSignal<String>,
    /// Ids of the licences.
    pub licences: RwSignal<Vec<String>>,
    /// Where the pictures come from.
    pub origin: RwSignal<String>,
    /// What they are.
    pub description: RwSignal<String>,
    /// Whether the place where they were taken may be known.
    pub keep_place: RwSignal<bool>,
    /// The dataset that they belong to, as `namespace/name`; empty for the commons.
    pub dataset: RwSignal<String>,
    /// Why the server would not have it.
    pub error: RwSignal<Option<AppError>>,
}

impl Shared {
    /// What is said of a file with this title, as the server takes it.
    pub fn metadata(self, title: &str) -> Value {
        let dataset = self.dataset.get_untracked();
        let origin = self.origin.get_untracked().trim().to_owned();
        json!({
            "title": title.trim(),
            "description": self.description.get_untracked().trim(),
            "origin_url": (!origin.is_empty()).then_some(origin),
            "licence": self.licences.get_untracked(),
            "nature": self.nature.get_untracked(),
            "keep_place": self.keep_place.get_untracked(),
            "dataset": (!dataset.is_empty()).then_some(dataset),
        })
    }
}

/// What became of a file so far.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It has not been sent.
    Waiting,
    /// So much of it has been sent, from 0 to 1.
    Sending(f64),
    /// It has become the picture with this id.
    Done(i64),
    /// It has not, for this reason.
    Failed(AppError),
}

/// What the server's answer means for the file.
pub(super) fn state_of(status: u16, body: &str) -> State {
    if (200..300).contains(&status) {
        return match serde_json::from_str::<PictureDetail>(body) {
            Ok(detail) => State::Done(detail.picture.id),
            Err(_) => State::Failed(AppError::Unreachable(
                "the server's answer was not understood; the picture may be there all the same".to_owned(),
            )),
        };
    }
    State::Failed(refusal(status, body))
}

/// Sends a file. `on_progress` is told the part that has been sent, from 0 to 1; `on_end` is told once what became of the file,
/// which waits again if it was cancelled. The request that comes back can be aborted.
pub fn send_file(
    metadata: &Value,
    file: &File,
    on_progress: Callback<f64>,
    on_end: impl Fn(State) + Send + Sync + 'static,
) -> Result<XmlHttpRequest, JsValue> {
    let form = FormData::new()?;
    form.append_with_str("json", &metadata.to_string())?;
    form.append_with_blob_and_filename("file", file, &file.name())?;
    let ended = Callback::new(move |ending: Ending| {
        on_end(match ending {
            Ending::Answered { status, body } => state_of(status, &body),
            Ending::Lost => State::Failed(AppError::Unreachable("the connection broke off; try again".to_owned())),
            Ending::Cancelled => State::Waiting,
        });
    });
    post_form("/api/upload", &form, on_progress, ended)
}

/// An address in this page by which it can show the file, until it is revoked.
pub fn preview_of(file: &File) -> Option<String> {
    Url::create_object_url_with_blob(file).ok()
}

/// Gives back the memory of a preview.
pub fn revoke(preview: &str) {
    // An address that is no longer known needs no revoking.
    let _ = Url::revoke_object_url(preview);
}
