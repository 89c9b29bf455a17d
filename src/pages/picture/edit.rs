//! The picture's metadata as a form. It stands where title and description are otherwise.

use super::Shown;
use crate::api::pictures::picture;
use crate::model::licence::short_name;
use crate::model::limits::MAX_TITLE;
use crate::model::{AppError, Picture};
use crate::ui::field::{CheckBox, SelectField, TextArea, TextField};
use crate::ui::focus::{by_id, focus_first_fault, focus_soon};
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::leaving::ask_before_leaving;
use crate::ui::licence_picker::LicencePicker;
use crate::ui::notice::{Notice, Tone};
use crate::ui::text::{sentence, spelled_out};
use leptos::form::ActionForm;
use leptos::html::Div;
use leptos::prelude::*;

const FIELDS: [&str; 5] = ["title", "description", "origin_url", "licence_ids", "nature_id"];

/// A field of the form: what it is called, what the picture has there, and the id of its element. The licences have several.
struct Field {
    label: &'static str,
    of: fn(&Picture) -> String,
    id: Option<&'static str>,
    /// What people read instead of the value.
    shown: fn(&str) -> String,
}

/// A list of licences as one text.
fn joined(licences: &[String]) -> String {
    licences.join(" ")
}

const COMPARED: [Field; 5] = [
    Field { label: "Title", of: |picture| picture.title.clone(), id: Some("title"), shown: str::to_owned },
    Field {
        label: "Description",
        of: |picture| picture.description.replace("\r\n", "\n"),
        id: Some("description"),
        shown: str::to_owned,
    },
    Field {
        label: "Origin",
        of: |picture| picture.origin_url.clone().unwrap_or_default(),
        id: Some("origin_url"),
        shown: str::to_owned,
    },
    Field { label: "Nature", of: |picture| picture.nature.clone(), id: Some("nature_id"), shown: spelled_out },
    Field {
        label: "Licences",
        of: |picture| joined(&picture.licences),
        id: None,
        shown: |ids| ids.split(' ').map(short_name).collect::<Vec<_>>().join(", "),
    },
];

/// What becomes of a field when somebody else has saved meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Merged {
    /// Only they changed it: the form takes it over.
    Theirs(String),
    /// Both changed it: mine stays in the form, and a person decides.
    Both(String),
}

/// Merges what the form holds with what somebody else has saved. `None` where they changed nothing, or did the same.
fn merge(before: &str, mine: &str, theirs: &str) -> Option<Merged> {
    if theirs == before || theirs == mine {
        None
    } else if mine == before {
        Some(Merged::Theirs(theirs.to_owned()))
    } else {
        Some(Merged::Both(theirs.to_owned()))
    }
}

/// What somebody else has saved while the form was open, by field.
type Report = Vec<(&'static str, Merged)>;

/// Takes over what only they changed, and tells all that they did.
fn take_over(before: &Picture, now: &Picture, chosen: RwSignal<Vec<String>>) -> Report {
    let merged = COMPARED.iter().filter_map(|field| {
        let element = field.id.and_then(by_id);
        let mine = match &element {
            Some(element) => js_sys::Reflect::get(element, &"value".into()).ok()?.as_string()?,
            None => chosen.with_untracked(|chosen| joined(chosen)),
        };
        let merged = merge(&(field.of)(before), &mine, &(field.of)(now))?;
        match (&merged, element) {
            // Every field has a value that can be set.
            (Merged::Theirs(value), Some(element)) => {
                let _ = js_sys::Reflect::set(&element, &"value".into(), &value.into());
            }
            (Merged::Theirs(_), None) => chosen.set(now.licences.clone()),
            (Merged::Both(_), _) => {}
        }
        let shown = |value: String| if value.is_empty() { "(empty)".to_owned() } else { (field.shown)(&value) };
        let merged = match merged {
            Merged::Theirs(value) => Merged::Theirs(shown(value)),
            Merged::Both(value) => Merged::Both(shown(value)),
        };
        Some((field.label, merged))
    });
    merged.collect()
}

/// Where the notice about somebody else's changes is.
const THEIRS: &str = "theirs";

/// What somebody else has saved while the form was open.
#[component]
fn Theirs(report: RwSignal<Option<Report>>) -> impl IntoView {
    let rows = |report: &Report, both: bool| {
        let rows = report.iter().filter_map(|(name, merged)| {
            let value = match merged {
                Merged::Theirs(value) if !both => value.clone(),
                Merged::Both(value) if both => value.clone(),
                _ => return None,
            };
            Some(view! {
                <dt>{*name}</dt>
                <dd>{value}</dd>
            })
        });
        let rows = rows.collect::<Vec<_>>();
        (!rows.is_empty()).then(|| view! { <dl class="facts">{rows}</dl> })
    };
    move || {
        report.get().map(|report| {
            let taken = rows(&report, false).map(|rows| {
                view! {
                    <p>"This is theirs, and stands in the form now:"</p>
                    {rows}
                }
            });
            let both = rows(&report, true).map(|rows| {
                view! {
                    <p>"You both changed this. They saved what follows; yours is still in the form, and takes its place if you save again:"</p>
                    {rows}
                }
            });
            view! {
                <div id=THEIRS tabindex="-1">
                    <Notice tone=Tone::Warning>
                        <p>
                            "Somebody else has changed this picture since you opened the form. Nothing of yours is lost or saved yet."
                        </p>
                        {taken}
                        {both}
                        <p>"Save again, or cancel to leave everything as they saved it."</p>
                    </Notice>
                </div>
            }
        })
    }
}

/// The form.
#[component]
pub(super) fn EditForm(shown: Shown) -> impl IntoView {
    let action = shown.edit;
    let error = form_error(action);
    let (before, base) =
        shown.detail.with_untracked(|detail| (detail.picture.clone(), RwSignal::new(detail.metadata_revision)));
    let chosen = RwSignal::new(before.licences.clone());
    let report = RwSignal::new(None::<Report>);
    // What the fields began with, or took over since.
    let seen = StoredValue::new(before.clone());
    let changed = RwSignal::new(false);
    let may_lose = Signal::derive(move || changed.get() && !action.pending().get());
    Effect::new(move |_| ask_before_leaving(may_lose, "What you changed is not saved. Leave without saving?"));
    Effect::new(move |before: Option<()>| {
        let value = action.value().get();
        if before.is_none() {
            // What an earlier use of the form failed with is forgotten.
            action.clear();
            return;
        }
        if !matches!(value, Some(Err(AppError::Outdated(_)))) {
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            if let Ok(now) = picture(shown.id).await {
                let Some(before) = seen.try_get_value() else { return };
                report.try_set(Some(take_over(&before, &now.picture, chosen)));
                // From here on, saving means to know what they wrote.
                base.try_set(now.metadata_revision);
                seen.try_update_value(|seen| *seen = now.picture);
                focus_soon(|| by_id(THEIRS));
            }
        });
    });
    Effect::new(|_| focus_soon(|| by_id("title")));
    let fields = NodeRef::<Div>::new();
    focus_first_fault(action, fields);
    let general = Signal::derive(move || {
        // The notice with their values says it better.
        if report.with(Option::is_some) { None } else { general_error(error, &FIELDS).get() }
    });
    let licence_error = Signal::derive(move || {
        error.with(|error| match error {
            Some(AppError::Invalid { errors, .. }) => {
                errors.iter().find(|error| error.field.starts_with("licence_ids")).map(|error| sentence(&error.message))
            }
            _ => None,
        })
    });
    let options = shown.natures.with_value(|natures| {
        natures.iter().map(|nature| (nature.id.clone(), spelled_out(&nature.id))).collect::<Vec<_>>()
    });
    view! {
        <section class="stack" aria-labelledby="edit">
            <h1 id="edit">"Edit the picture"</h1>
            <ActionForm action=action>
                <div class="form" node_ref=fields on:input=move |_| changed.set(true)>
                    <FormNotice error=general />
                    <input type="hidden" name="id" value=shown.id.to_string() />
                    <input
                        type="hidden"
                        name="base"
                        value=base.get_untracked().to_string()
                        prop:value=move || base.get().to_string()
                    />
                    <TextField
                        label="Title"
                        name="title"
                        value=before.title.clone()
                        max_length=MAX_TITLE
                        error=field_error(error, "title")
                    />
                    <TextArea
                        label="Description"
                        name="description"
                        value=before.description.clone()
                        rows=5
                        error=field_error(error, "description")
                    />
                    <TextField
                        label="Origin"
                        name="origin_url"
                        kind="url"
                        value=before.origin_url.clone().unwrap_or_default()
                        hint="The address where the picture comes from."
                        verbatim=true
                        error=field_error(error, "origin_url")
                    />
                    <SelectField
                        label="Nature"
                        name="nature_id"
                        options=options
                        value=before.nature.clone()
                        error=field_error(error, "nature_id")
                    />
                    {shown
                        .detail
                        .with_untracked(|detail| detail.keep_place)
                        .then(|| {
                            view! { <CheckBox label="No longer show where it was taken: this cannot be undone" name="hide_place" /> }
                        })}
                    <LicencePicker licences=shown.licences.get_value() chosen=chosen error=licence_error name="licence_ids[]" />
                    <Theirs report=report />
                    <div class="form-actions">
                        <SubmitButton pending=action.pending() class="button primary">
                            "Save"
                        </SubmitButton>
                        <a class="button" href=shown.path() on:click=move |_| changed.set(false)>
                            "Cancel"
                        </a>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_they_changed_is_taken_over() {
        assert_eq!(merge("A cat", "A cat", "A cat"), None);
        assert_eq!(merge("A cat", "My cat", "A cat"), None);
        assert_eq!(merge("A cat", "My cat", "My cat"), None);
        assert_eq!(merge("A cat", "A cat", "A dog"), Some(Merged::Theirs("A dog".to_owned())));
        assert_eq!(merge("A cat", "My cat", "A dog"), Some(Merged::Both("A dog".to_owned())));
        assert_eq!(merge("A cat", "A cat", ""), Some(Merged::Theirs(String::new())));
    }
}
