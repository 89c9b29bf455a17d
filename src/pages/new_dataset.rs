//! `/datasets/new`: makes a dataset, with `?namespace=` in that one.

use crate::api::datasets::MakeDataset;
use crate::api::namespaces::{namespace, namespaces};
use crate::api::storage_sites::usable_storage_sites;
use crate::model::dataset::{MAX_DATASET_NAME, MAX_TAGS};
use crate::model::{AppError, Namespace, NamespaceFilter, Role, Visibility};
use crate::ui::field::{FieldError, SelectField, TextArea, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::parameters::{use_parameter, use_sign_in};
use crate::ui::session::use_session;
use crate::ui::visibility::{VisibilityChoice, bound_of};
use leptos::prelude::*;
use leptos_meta::Title;

const FIELDS: &[&str] = &["namespace", "name", "description", "visibility", "tags", "storage_site"];

/// What is to be known of the name before it is chosen.
pub(super) const NAME_HINT: &str = "Part of the address: lower-case letters, digits, -, _ and single dots.";
/// How tags are written.
pub(super) const TAGS_HINT: &str = "Separated by commas, such as birds, camera traps.";

/// The namespaces in which the viewer may make datasets: theirs, and the one that the address names, where they may there; and the
/// names of the storage sites that they may choose.
async fn load(wanted: String) -> Result<(Vec<Namespace>, Vec<String>, String), AppError> {
    let filter = NamespaceFilter { role: Some(Role::Maintainer), ..NamespaceFilter::default() };
    let mut all = namespaces(filter, None, Some(1000)).await?.items;
    if !wanted.is_empty() && !all.iter().any(|namespace| namespace.name == wanted) {
        match namespace(wanted.clone()).await {
            Ok(named) if named.role >= Some(Role::Maintainer) => all.push(named),
            Ok(_) | Err(AppError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    // One's own comes first: most begin there.
    all.sort_by_key(|namespace| namespace.group);
    Ok((all, usable_storage_sites().await?, wanted))
}

#[component]
fn NewDatasetForm(
    namespaces: Vec<Namespace>,
    sites: Vec<String>,
    wanted: String,
    action: ServerAction<MakeDataset>,
) -> impl IntoView {
    let error = form_error(action);
    let first = namespaces.iter().find(|namespace| namespace.name == wanted).or_else(|| namespaces.first());
    let Some(first) = first.map(|namespace| namespace.name.clone()) else {
        return view! {
            <Empty title="No namespace to make it in">
                <p>
                    "Datasets are made by the maintainers of a namespace. " <a href="/namespaces/new">"Make a group"</a>
                    ", or ask those of one to make you a maintainer."
                </p>
            </Empty>
        }
        .into_any();
    };
    let chosen = RwSignal::new(first.clone());
    let bounds: Vec<(String, Visibility)> =
        namespaces.iter().map(|namespace| (namespace.name.clone(), namespace.visibility)).collect();
    let most = Memo::new(move |_| {
        let of_chosen = |(name, _): &&(String, Visibility)| chosen.with(|chosen| chosen == name);
        bounds.iter().find(of_chosen).map_or(Visibility::Public, |(_, visibility)| *visibility)
    });
    let options = namespaces
        .into_iter()
        .map(|namespace| {
            let words = match namespace.visibility {
                Visibility::Public => namespace.name.clone(),
                bounded => format!("{} ({})", namespace.name, bounded.as_str()),
            };
            let selected = namespace.name == first;
            view! {
                <option value=namespace.name selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    let namespace_error = field_error(error, "namespace");
    let choice = (!sites.is_empty()).then(|| {
        let here = (String::new(), "This site's own folder".to_owned());
        let options = std::iter::once(here).chain(sites.into_iter().map(|name| (name.clone(), name))).collect();
        view! {
            <SelectField
                label="Where its files are"
                name="storage_site"
                options=options
                value=""
                hint="That stays so. Who reads or adds files needs the storage site's right as well."
                error=field_error(error, "storage_site")
            />
        }
    });
    view! {
        <Form action=action submit="Make the dataset" fields=FIELDS>
            <div class="field">
                <label class="field-label" for="namespace">
                    "Namespace"
                </label>
                <select
                    id="namespace"
                    name="namespace"
                    aria-describedby="namespace-hint namespace-error"
                    aria-invalid=move || namespace_error.get().is_some().then_some("true")
                    on:change:target=move |event| chosen.set(event.target().value())
                >
                    {options}
                </select>
                <p class="field-hint" id="namespace-hint">
                    "Its members have the same roles in the dataset. A " <a href="/namespaces/new">"new group"</a>
                    " is a namespace for several people."
                </p>
                <FieldError id="namespace-error" error=namespace_error />
            </div>
            <TextField
                label="Name"
                name="name"
                required=true
                verbatim=true
                max_length=MAX_DATASET_NAME
                hint=NAME_HINT
                error=field_error(error, "name")
            />
            <TextArea
                label="Description"
                name="description"
                rows=6
                hint="What is in it, and what it is for. Markdown."
                error=field_error(error, "description")
            />
            <VisibilityChoice
                chosen=RwSignal::new(Visibility::Private)
                most=most
                reason=Signal::derive(move || chosen.with(|chosen| bound_of(chosen, most.get())))
                error=field_error(error, "visibility")
            />
            <TextField
                label="Tags"
                name="tags"
                hint=format!("{TAGS_HINT} At most {MAX_TAGS}.")
                error=field_error(error, "tags")
            />
            {choice}
        </Form>
    }
    .into_any()
}

/// The form for a new dataset.
#[component]
pub fn NewDatasetPage() -> impl IntoView {
    let action = ServerAction::<MakeDataset>::new();
    let (account, sign_in) = (use_session().account, use_sign_in());
    let wanted = use_parameter("namespace");
    let known = Resource::new_blocking(move || wanted.get(), load);
    view! {
        <Title text="New dataset" />
        <div class="page page-form">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/datasets">"Datasets"</a>
                    </p>
                    <h1>"New dataset"</h1>
                </div>
            </div>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match (account.await, known.await) {
                        (Ok(Some(_)), Ok((namespaces, sites, wanted))) => {
                            view! {
                                <NewDatasetForm namespaces=namespaces sites=sites wanted=wanted action=action />
                            }
                                .into_any()
                        }
                        (Ok(None), _) => {
                            view! {
                                <p class="muted">
                                    <a href=sign_in>"Sign in"</a>
                                    " to make datasets."
                                </p>
                            }
                                .into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => failed(error),
                    }
                })}
            </Suspense>
        </div>
    }
}
