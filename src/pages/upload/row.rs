//! One file in the list of files to upload.

use super::queue::{Entry, Queue};
use super::sending::State;
use crate::model::limits::MAX_TITLE;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::text::{bytes, sentence};
use leptos::prelude::*;

/// The file's picture, title, progress, error, and what can be done with it.
#[component]
pub fn Row(entry: Entry, queue: Queue) -> impl IntoView {
    let Entry { key, title, state, .. } = entry.clone();
    let name = entry.file.name();
    let full_name = name.clone();
    let size = bytes(entry.file.size());
    let (title_id, error_id) = (format!("title-{key}"), format!("upload-error-{key}"));
    let title_label = title_id.clone();
    let described_by = error_id.clone();
    let title_name = format!("Title of {name}");
    let progress_name = format!("Progress of {name}");
    let remove_name = format!("Remove {name} from the list");
    // What the browser cannot show (TIFF, or no picture at all) leaves the place empty.
    let unseen = RwSignal::new(false);
    let preview =
        entry.preview.clone().map(|url| view! { <img src=url alt="" width="96" height="96" decoding="async" hidden=move || unseen.get() on:error=move |_| unseen.set(true) /> });

    let editable = move || state.with(|state| matches!(state, State::Waiting | State::Failed(_)));
    let part = move || match state.get() {
        State::Waiting | State::Failed(_) => 0.0,
        State::Sending(part) => part,
        State::Done(_) => 1.0,
    };
    let words = move || match state.get() {
        State::Waiting => format!("{size}, ready"),
        State::Sending(part) if part >= 1.0 => "Reading the picture …".to_owned(),
        State::Sending(part) => format!("{:.0} % of {size}", part * 100.0),
        State::Done(_) => format!("{size}, uploaded"),
        State::Failed(_) => format!("{size}, not uploaded"),
    };
    let error = move || {
        state.with(|state| match state {
            State::Failed(error) => {
                Some(sentence(error.message_for("title").or(error.message_for("file")).unwrap_or(&error.to_string())))
            }
            _ => None,
        })
    };
    let action = move || match state.get() {
        State::Done(id) => view! {
            <a class="button small" href=format!("/picture/{id}")>
                "Open"
            </a>
            <a class="button small" href=format!("/picture/{id}/annotate")>
                "Annotate"
            </a>
        }
        .into_any(),
        State::Failed(_) => view! {
            <button class="button small" type="button" on:click=move |_| queue.retry(key)>
                <Icon glyph=Glyph::Retry />
                "Retry"
            </button>
        }
        .into_any(),
        State::Sending(_) => {
            let entry = entry.clone();
            view! {
                <button class="button small" type="button" on:click=move |_| queue.cancel(&entry)>
                    "Cancel"
                </button>
            }
            .into_any()
        }
        State::Waiting => ().into_any(),
    };
    view! {
        <li class="upload-row" class:failed=move || error().is_some()>
            <div class="upload-preview">{preview}</div>
            <div class="upload-body">
                <label class="visually-hidden" for=title_label>
                    {title_name}
                </label>
                <input
                    id=title_id
                    type="text"
                    maxlength=MAX_TITLE.to_string()
                    placeholder="Title"
                    disabled=move || !editable()
                    aria-describedby=described_by
                    aria-invalid=move || error().is_some().then_some("true")
                    prop:value=move || title.get()
                    on:input:target=move |event| title.set(event.target().value())
                />
                <progress
                    class="progress"
                    class:done=move || matches!(state.get(), State::Done(_))
                    max="1"
                    aria-label=progress_name
                    prop:value=part
                ></progress>
                <div class="upload-line">
                    <span class="muted truncate" title=full_name>
                        {name}
                    </span>
                    <span class="muted tabular">{words}</span>
                </div>
                <p class="field-error" id=error_id role="alert">
                    {error}
                </p>
            </div>
            <div class="upload-actions">
                {action} <button class="icon-button" type="button" aria-label=remove_name on:click=move |_| queue.remove(key)>
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
        </li>
    }
}
