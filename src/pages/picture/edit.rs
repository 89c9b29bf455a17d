//! The picture's metadata as a form. It stands where title and description are otherwise.

use super::Shown;
use crate::api::pictures::picture;
use crate::api::reference::licences;
use crate::model::limits::MAX_TITLE;
use crate::model::{AppError, Licence, Picture};
use crate::ui::field::{CheckBox, SelectField, TextArea, TextField};
use crate::ui::focus::{by_id, focus_soon};
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::licence_badge::short_name;
use crate::ui::licence_picker::LicencePicker;
use crate::ui::notice::{Notice, Tone};
use crate::ui::text::{sentence, spelled_out};
use leptos::form::ActionForm;
use leptos::prelude::*;

const FIELDS: [&str; 5] = ["title", "description", "origin_url", "licence_ids", "nature_id"];

/// What somebody else has made of the metadata since `before`, as the names of the fields and what they hold now.
fn differences(before: &Picture, now: &Picture) -> Vec<(&'static str, String)> {
    let shown = |text: &str| if text.is_empty() { "(empty)".to_owned() } else { text.to_owned() };
    let licences = now.licences.iter().map(|id| short_name(id)).collect::<Vec<_>>().join(", ");
    let origin = now.origin_url.clone().unwrap_or_default();
    [
        ("Title", before.title != now.title, shown(&now.title)),
        ("Description", before.description != now.description, shown(&now.description)),
        ("Origin", before.origin_url != now.origin_url, shown(&origin)),
        ("Licences", before.licences != now.licences, shown(&licences)),
        ("Nature", before.nature != now.nature, spelled_out(&now.nature)),
    ]
    .into_iter()
    .filter_map(|(name, differs, value)| differs.then_some((name, value)))
    .collect()
}

/// What somebody else has saved while the form was open.
#[component]
fn Theirs(before: Picture, theirs: RwSignal<Option<Picture>>) -> impl IntoView {
    move || {
        theirs.get().map(|now| {
            let rows = differences(&before, &now)
                .into_iter()
                .map(|(name, value)| {
                    view! {
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    }
                })
                .collect_view();
            view! {
                <Notice tone=Tone::Warning>
                    <p>
                        "Somebody else has changed this picture since you opened the form. Nothing of yours is lost or saved yet. They saved:"
                    </p>
                    <dl class="facts">{rows}</dl>
                    <p>"Save again to put your values in the place of theirs, or cancel to keep theirs."</p>
                </Notice>
            }
        })
    }
}

#[component]
fn Fields(shown: Shown, known: Vec<Licence>) -> impl IntoView {
    let action = shown.edit;
    let error = form_error(action);
    let (before, base) =
        shown.detail.with_untracked(|detail| (detail.picture.clone(), RwSignal::new(detail.metadata_revision)));
    let theirs = RwSignal::new(None);
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
                // From here on, saving means to know what they wrote.
                base.set(now.metadata_revision);
                theirs.set(Some(now.picture));
            }
        });
    });
    Effect::new(|_| focus_soon(|| by_id("title")));
    let general = Signal::derive(move || {
        // The notice with their values says it better.
        if theirs.with(Option::is_some) { None } else { general_error(error, &FIELDS).get() }
    });
    let chosen = RwSignal::new(before.licences.clone());
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
        <ActionForm action=action>
            <div class="form">
                <FormNotice error=general />
                <Theirs before=before.clone() theirs=theirs />
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
                <LicencePicker licences=known chosen=chosen error=licence_error name="licence_ids[]" />
                <div class="form-actions">
                    <SubmitButton pending=action.pending() class="button primary">
                        "Save"
                    </SubmitButton>
                    <a class="button" href=shown.path()>
                        "Cancel"
                    </a>
                </div>
            </div>
        </ActionForm>
    }
}

/// The form, once all licences are known.
#[component]
pub(super) fn EditForm(shown: Shown) -> impl IntoView {
    let known = Resource::new_blocking(|| (), |()| licences());
    view! {
        <section class="stack" aria-labelledby="edit">
            <h1 id="edit">"Edit the picture"</h1>
            <Suspense fallback=|| view! { <p role="status">"Loading the form…"</p> }>
                {move || Suspend::new(async move {
                    match known.await {
                        Ok(known) => {
                            shown.licences.set(known.clone());
                            view! { <Fields shown=shown known=known /> }.into_any()
                        }
                        Err(error) => {
                            view! {
                                <Notice tone=Tone::Danger>
                                    <p>{sentence(&error.to_string())}</p>
                                </Notice>
                            }
                                .into_any()
                        }
                    }
                })}
            </Suspense>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_somebody_else_has_written() {
        let before = Picture {
            id: 1,
            title: "A cat".into(),
            description: "On a mat".into(),
            author: "ada".into(),
            attribution: None,
            origin_url: None,
            timestamp: 0,
            width: 1,
            height: 1,
            file_format: "image/png".into(),
            nature: "photo".into(),
            licences: vec!["CC-BY-4.0".into()],
            replaces: None,
            replaced_by: None,
            copied_from: None,
            regions: Vec::new(),
            download: String::new(),
        };
        let mut now = before.clone();
        assert!(differences(&before, &now).is_empty());
        now.title = "A dog".into();
        now.description = String::new();
        now.licences.push("CC0-1.0".into());
        assert_eq!(
            differences(&before, &now),
            [
                ("Title", "A dog".to_owned()),
                ("Description", "(empty)".to_owned()),
                ("Licences", "CC BY 4.0, CC0 1.0".to_owned())
            ]
        );
    }
}
