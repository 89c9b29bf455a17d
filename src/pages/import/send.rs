//! The form that sends what is brought, with progress; without JavaScript the browser sends it.

use crate::model::AppError;
use crate::model::import::{Existing, IMPORT_FORM, ImportKind, readable};
use crate::ui::field::{FieldError, SelectField, TextField};
use crate::ui::form_error::{FormNotice, error_in_address, field_error, general_error};
use crate::ui::leaving::ask_before_leaving;
use crate::ui::notice::Empty;
use crate::ui::transfer::{Ending, post_form, refusal};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use web_sys::{FormData, SubmitEvent};

/// The fields that show by themselves what is wrong with them.
const FIELDS: &[&str] = &["dataset", "file", "format", "folder"];

/// What has become of what is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sending {
    Not,
    /// So much has been sent, from 0 to 1.
    Part(f64),
}

/// The number of the job that the server has made, or why it has not.
fn answered(ending: Ending) -> Result<i64, AppError> {
    let lost = || AppError::Unreachable("the connection broke before all was sent; try again".to_owned());
    match ending {
        Ending::Answered { status: 202, body } => {
            let answer: serde_json::Value = serde_json::from_str(&body).map_err(|_| lost())?;
            answer["job"].as_i64().ok_or_else(lost)
        }
        Ending::Answered { status, body } => Err(refusal(status, &body)),
        Ending::Lost | Ending::Cancelled => Err(lost()),
    }
}

/// The form.
#[component]
pub(super) fn Send(datasets: Vec<String>, chosen: String, folder: String) -> impl IntoView {
    let error = RwSignal::new(error_in_address(IMPORT_FORM));
    let sending = RwSignal::new(Sending::Not);
    let navigate = use_navigate();
    let done = Callback::new(move |job: i64| navigate(&format!("/import?job={job}"), Default::default()));
    let form = NodeRef::<html::Form>::new();
    let is_sending = Signal::derive(move || sending.get() != Sending::Not);
    Effect::new(move |_| ask_before_leaving(is_sending, "The file is still being sent. Leave and stop it?"));
    let on_end = Callback::new(move |ending| {
        let _ = sending.try_set(Sending::Not);
        match answered(ending) {
            Ok(job) => drop(done.try_run(job)),
            Err(refusal) => drop(error.try_set(Some(refusal))),
        }
    });
    let on_progress = Callback::new(move |part| {
        // The page may have gone meanwhile.
        let _ = sending.try_set(Sending::Part(part));
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let data = form.get_untracked().and_then(|form| FormData::new_with_form(&form).ok());
        let Some(data) = data.filter(|_| !is_sending.get_untracked()) else { return };
        error.set(None);
        sending.set(Sending::Part(0.0));
        if post_form("/api/v1/imports", &data, on_progress, on_end).is_err() {
            sending.set(Sending::Not);
            error.set(Some(AppError::field("file", "could not be read by the browser")));
        }
    };
    let words = move || match sending.get() {
        Sending::Not => String::new(),
        Sending::Part(part) if part >= 1.0 => "All is sent …".to_owned(),
        Sending::Part(part) => format!("{:.0} % sent", part * 100.0),
    };
    let part = move || match sending.get() {
        Sending::Not => None,
        Sending::Part(part) => {
            Some(view! { <progress class="progress" max="1" value=part.to_string() aria-label="Sent" /> })
        }
    };
    if datasets.is_empty() {
        return view! {
            <div class="page page-form">
                <h1>"Import"</h1>
                <Empty title="No dataset to import into">
                    <p>
                        "Annotations and files are brought into a dataset of yours. " <a href="/datasets/new">"Make one"</a> "."
                    </p>
                </Empty>
            </div>
        }
        .into_any();
    }
    let options = datasets.into_iter().map(|name| (name.clone(), name)).collect();
    let found_out = (String::new(), "Find it out".to_owned());
    let formats = readable().map(|format| (format.as_str().to_owned(), format.label().to_owned()));
    let formats = std::iter::once(found_out).chain(formats).collect();
    let signal: Signal<Option<AppError>> = error.into();
    let file_error = field_error(signal, "file");
    view! {
        <div class="page page-form">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/datasets">"Datasets"</a>
                    </p>
                    <h1>"Import"</h1>
                    <p>
                        "Annotations from COCO, YOLO, Pascal VOC, CVAT, labelme, Label Studio, Datumaro, VIA, Hugging Face or Ocellus: with their pictures, or for pictures that the dataset has. Or an archive of files with a table that says what is in them."
                    </p>
                </div>
            </div>
            <form
                node_ref=form
                class="form import-form"
                method="post"
                action="/api/v1/imports"
                enctype="multipart/form-data"
                on:submit=submit
            >
                <FormNotice error=general_error(signal, FIELDS) />
                <input type="hidden" name="dry_run" value="true" />
                <input type="hidden" name="create_objects" value="true" />
                <fieldset class="field">
                    <legend class="field-label">"What it is"</legend>
                    <label class="choice">
                        <input type="radio" name="kind" value=ImportKind::Annotations.as_str() checked=true />
                        <span>"Annotations"</span>
                    </label>
                    <label class="choice">
                        <input type="radio" name="kind" value=ImportKind::Archive.as_str() />
                        <span>"Files with a table (CSV)"</span>
                    </label>
                </fieldset>
                <SelectField
                    label="Dataset"
                    name="dataset"
                    options=options
                    value=chosen
                    error=field_error(signal, "dataset")
                />
                <TextField
                    label="Folder"
                    name="folder"
                    value=folder
                    verbatim=true
                    hint="Pictures are looked for in this folder of the dataset, and those that come along are put there. Empty: the whole dataset."
                    error=field_error(signal, "folder")
                />
                <div class="field">
                    <label class="field-label" for="file">
                        "File"
                    </label>
                    <input
                        id="file"
                        name="file"
                        type="file"
                        required=true
                        aria-describedby="file-hint file-error"
                        aria-invalid=move || file_error.get().is_some().then_some("true")
                    />
                    <p class="field-hint" id="file-hint">
                        <span class="for-annotations">
                            "An annotation file, or an archive (ZIP, TAR, TAR.GZ, TAR.BZ2, TAR.XZ, TAR.ZST) of annotation files, with or without pictures."
                        </span>
                        <span class="for-archive">
                            "An archive (ZIP, TAR, TAR.GZ, TAR.BZ2, TAR.XZ, TAR.ZST) of files and one CSV that names them. Its other columns become titles, authors, licences and additional fields of the pictures."
                        </span>
                    </p>
                    <FieldError id="file-error" error=file_error />
                </div>
                <div class="for-annotations form">
                <SelectField
                    label="Format"
                    name="format"
                    options=formats
                    value=""
                    error=field_error(signal, "format")
                />
                <fieldset class="field">
                    <legend class="field-label">"Regions that pictures have already"</legend>
                    <label class="choice">
                        <input type="radio" name="existing" value=Existing::Keep.as_str() checked=true />
                        <span>"Keep them, and put the new ones on top"</span>
                    </label>
                    <label class="choice">
                        <input type="radio" name="existing" value=Existing::Replace.as_str() />
                        <span>"Replace them; earlier states stay in each picture's history"</span>
                    </label>
                </fieldset>
                </div>
                <div role="status" class="stack">
                    <p>{words}</p>
                    {part}
                </div>
                <div class="form-actions">
                    <button class="button primary" type="submit" aria-disabled=move || is_sending.get().then_some("true")>
                        "Look at it first"
                    </button>
                    <span class="muted">"Nothing is changed yet."</span>
                </div>
            </form>
            <p class="muted after-form">
                "Programs do the same with " <code>"POST /api/v1/imports"</code> ", and "
                <a href="/api/docs" rel="external">"its documentation"</a> " says how."
            </p>
        </div>
    }
    .into_any()
}
