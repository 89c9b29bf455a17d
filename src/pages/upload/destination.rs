//! Where the pictures go: into the commons, or into one of the datasets that the viewer may write into.

use super::sending::Shared;
use crate::api::datasets::{dataset, dataset_by_name, datasets};
use crate::model::{AppError, Dataset, DatasetFilter, DatasetOrder, Role, Visibility};
use crate::ui::field::FieldError;
use crate::ui::form_error::field_error;
use crate::ui::notice::{Notice, Tone};
use leptos::prelude::*;

/// What there is to choose from.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Destinations {
    /// Names of datasets, as queries call them, and who may see them.
    pub datasets: Vec<(String, Visibility)>,
    /// The one that is chosen at first; empty for the commons.
    pub chosen: String,
    /// The one that the address names, where the viewer may not write into it.
    pub refused: Option<String>,
}

impl Destinations {
    /// Those of the viewer, and the one that the address names, if it names one.
    pub async fn load(wanted: String) -> Result<Self, AppError> {
        let filter = DatasetFilter { role: Some(Role::Writer), ..DatasetFilter::default() };
        let own = datasets(filter, DatasetOrder::Name, None, Some(1000)).await?.items;
        let choice = |dataset: &Dataset| (dataset.full_name(), dataset.visibility);
        let mut found = Self { datasets: own.iter().map(choice).collect(), ..Self::default() };
        if wanted.is_empty() {
            return Ok(found);
        }
        let named = match (wanted.parse(), wanted.split_once('/')) {
            (Ok(id), _) => dataset(id).await,
            (_, Some((namespace, name))) => dataset_by_name(namespace.to_owned(), name.to_owned()).await,
            _ => Err(AppError::NotFound(String::new())),
        };
        match named {
            Ok(dataset) if dataset.role >= Some(Role::Writer) => {
                found.chosen = dataset.full_name();
                // Administrators write into all, and are members of few.
                if !found.datasets.iter().any(|(name, _)| *name == found.chosen) {
                    found.datasets.push(choice(&dataset));
                }
            }
            Ok(_) | Err(AppError::NotFound(_)) => found.refused = Some(wanted),
            Err(error) => return Err(error),
        }
        Ok(found)
    }
}

/// Stands in the place of the upload where the address names a dataset into which the viewer may not write: else the pictures
/// would go where everybody sees them.
#[component]
pub(super) fn Refused(name: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Danger>
            <p>
                {format!("There is no dataset “{name}” into which you may upload. ")} <a href="/upload">"Choose another place"</a> "."
            </p>
        </Notice>
    }
}

/// The choice.
#[component]
pub(super) fn DestinationField(datasets: Vec<(String, Visibility)>, shared: Shared) -> impl IntoView {
    let error = field_error(shared.error.into(), "dataset");
    let chosen = shared.dataset;
    let options = datasets
        .iter()
        .map(|(name, _)| {
            let (value, words) = (name.clone(), name.clone());
            let name = name.clone();
            view! {
                <option value=value selected=move || chosen.with(|chosen| *chosen == name)>
                    {words}
                </option>
            }
        })
        .collect_view();
    let hint = move || {
        let visibility =
            chosen.with(|chosen| datasets.iter().find(|(name, _)| name == chosen).map(|(_, visibility)| *visibility));
        match visibility {
            None => "In the commons everybody sees them, and they belong to you.".to_owned(),
            Some(visibility) => {
                format!("{}: {}. The pictures belong to the dataset.", visibility.label(), visibility.meaning())
            }
        }
    };
    view! {
        <div class="field upload-destination script-only">
            <label class="field-label" for="dataset">
                "Dataset"
            </label>
            <select
                id="dataset"
                aria-describedby="dataset-hint dataset-error"
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change:target=move |event| chosen.set(event.target().value())
            >
                <option value="" selected=move || chosen.with(String::is_empty)>
                    "None: the commons"
                </option>
                {options}
            </select>
            <p class="field-hint" id="dataset-hint">
                {hint}
            </p>
            <FieldError id="dataset-error" error=error />
        </div>
    }
}
