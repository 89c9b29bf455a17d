//! The settings of a dataset, and its end.

use crate::api::datasets::{EditDataset, RemoveDataset};
use crate::api::storage_sites::PickStorageSite;
use crate::model::dataset::{MAX_DATASET_NAME, MAX_TAGS};
use crate::model::{DatasetDetail, Role};
use crate::pages::new_dataset::{NAME_HINT, TAGS_HINT};
use crate::ui::field::{SelectField, TextArea, TextField};
use crate::ui::form::{Beginning, Form};
use crate::ui::form_error::{field_error, form_error};
use crate::ui::text::count;
use crate::ui::visibility::{VisibilityChoice, bound_of};
use leptos::prelude::*;

const FIELDS: &[&str] = &["name", "description", "visibility", "tags"];

#[component]
fn EditForm(detail: DatasetDetail, action: ServerAction<EditDataset>) -> impl IntoView {
    let error = form_error(action);
    let DatasetDetail { dataset, namespace, .. } = detail;
    let tags = dataset.tags.join(", ");
    let begun = (dataset.name.clone(), dataset.description.clone(), dataset.visibility, tags.clone());
    // Another name shows whether it is taken, which not everybody may know.
    let name = if namespace.role >= Some(Role::Maintainer) {
        view! {
            <TextField
                label="Name"
                name="name"
                value=dataset.name
                required=true
                verbatim=true
                max_length=MAX_DATASET_NAME
                hint=format!("{NAME_HINT} With another name links to the old one end.")
                error=field_error(error, "name")
            />
        }
        .into_any()
    } else {
        view! {
            <input type="hidden" name="name" value=dataset.name />
            <p class="field-hint">{format!("Its name is changed by the maintainers of {}.", namespace.name)}</p>
        }
        .into_any()
    };
    view! {
        <Form action=action submit="Save" fields=FIELDS>
            <input type="hidden" name="id" value=dataset.id.to_string() />
            <Beginning of=begun />
            {name}
            <TextArea
                label="Description"
                name="description"
                value=dataset.description
                rows=10
                hint="What is in it, and what it is for. Markdown."
                error=field_error(error, "description")
            />
            <VisibilityChoice
                chosen=RwSignal::new(dataset.visibility)
                most=namespace.visibility
                reason=bound_of(&namespace.name, namespace.visibility)
                error=field_error(error, "visibility")
            />
            <TextField
                label="Tags"
                name="tags"
                value=tags
                hint=format!("{TAGS_HINT} At most {MAX_TAGS}.")
                error=field_error(error, "tags")
            />
        </Form>
    }
}

/// Where the files shall be, for a dataset that has none yet.
#[component]
fn SiteForm(dataset: i64, sites: Vec<String>, action: ServerAction<PickStorageSite>) -> impl IntoView {
    let error = form_error(action);
    // What stays for good is not chosen by pressing the button alone.
    let none = (String::new(), "Choose one".to_owned());
    let options = std::iter::once(none).chain(sites.into_iter().map(|name| (name.clone(), name))).collect();
    view! {
        <Form action=action submit="Choose this storage site" fields=&["storage_site"]>
            <p>
                "There are no files here yet, so that a storage site can still be chosen for them: once, and then it stays. Without \
                 one they will be in this site's own folder, and stay there as soon as the first has come."
            </p>
            <input type="hidden" name="id" value=dataset.to_string() />
            <SelectField
                label="Where its files are"
                name="storage_site"
                options=options
                value=""
                hint="Who reads or adds files needs the storage site's right as well."
                error=field_error(error, "storage_site")
            />
        </Form>
    }
}

#[component]
fn DeleteForm(detail: DatasetDetail, action: ServerAction<RemoveDataset>) -> impl IntoView {
    let error = form_error(action);
    let pictures = detail.dataset.pictures;
    let consequences = match pictures {
        0 => "It has no pictures.".to_owned(),
        1 => "Its picture goes with it, and so does everything that is drawn on it.".to_owned(),
        _ => format!(
            "Its {} go with it, and so does everything that is drawn on them.",
            count(pictures, "picture", "pictures")
        ),
    };
    view! {
        <Form action=action submit="Delete the dataset" busy="Deleting …" button="danger" fields=&["confirm"]>
            <p>{consequences} " This cannot be undone."</p>
            <input type="hidden" name="id" value=detail.dataset.id.to_string() />
            <TextField
                label="Its name, once more"
                name="confirm"
                required=true
                verbatim=true
                hint=format!("So that nothing goes by mistake: {}", detail.dataset.name)
                error=field_error(error, "confirm")
            />
        </Form>
    }
}

/// What its maintainers may change, and what its owners may do besides.
#[component]
pub(super) fn Settings(
    detail: DatasetDetail,
    sites: Vec<String>,
    edit: ServerAction<EditDataset>,
    choose: ServerAction<PickStorageSite>,
    remove: ServerAction<RemoveDataset>,
) -> impl IntoView {
    let owns = detail.dataset.role >= Some(Role::Owner);
    let id = detail.dataset.id;
    view! {
        <div class="settings">
            <section class="card" aria-labelledby="settings">
                <h2 id="settings">"Settings"</h2>
                <EditForm detail=detail.clone() action=edit />
            </section>
            {(!sites.is_empty())
                .then(|| {
                    view! {
                        <section class="card" aria-labelledby="storage">
                            <h2 id="storage">"Storage site"</h2>
                            <SiteForm dataset=id sites=sites action=choose />
                        </section>
                    }
                })}
            {owns
                .then(|| {
                    view! {
                        <section class="card" aria-labelledby="delete">
                            <h2 id="delete">"Delete the dataset"</h2>
                            <DeleteForm detail=detail action=remove />
                        </section>
                    }
                })}
        </div>
    }
}
