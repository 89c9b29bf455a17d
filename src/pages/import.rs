//! `/import`: annotations, or files with a table, are brought into a dataset. First somebody sends a file, then the page shows what would come of
//! it, and which object each class is or what each column says, and with a button it is done. `?job=` names the import that is shown.

mod archive;
mod report;
mod send;

use crate::api::datasets::{dataset_by_name, datasets};
use crate::api::imports::import_job;
use crate::api::objects::object_summaries;
use crate::api::reference::{licences, natures};
use crate::model::import::{ImportJob, ImportKind};
use crate::model::{AppError, DatasetFilter, DatasetOrder, Role};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::{use_parameter, use_sign_in};
use crate::ui::session::use_session;
use archive::Choices;
use leptos::prelude::*;
use leptos_meta::Title;
use report::Import;
use send::Send;

/// So many objects are suggested while somebody types at most.
const MOST_SUGGESTED: usize = 3000;

/// What the page shows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Shown {
    /// What there is to choose from: the names of datasets, and the one that is chosen.
    Send(Vec<String>, String),
    /// An import, the names of objects, and other things to choose from.
    Import(Box<ImportJob>, Vec<String>, Choices),
}

async fn load((job, wanted): (String, String)) -> Result<Shown, AppError> {
    if !job.is_empty() {
        let missing = || AppError::NotFound("imports have whole numbers".to_owned());
        let job = import_job(job.parse().map_err(|_| missing())?).await?;
        let (mut names, mut choices) = (Vec::new(), Choices::default());
        match job.request.kind()? {
            _ if !job.request.dry_run => {}
            ImportKind::Annotations => {
                names = object_summaries().await?.into_iter().map(|object| object.name).take(MOST_SUGGESTED).collect();
            }
            ImportKind::Archive => {
                let licences = licences().await?.into_iter();
                choices.licences = licences.map(|licence| (licence.id, licence.title)).collect();
                choices.natures = natures().await?.into_iter().map(|nature| (nature.id.clone(), nature.id)).collect();
            }
        }
        return Ok(Shown::Import(Box::new(job), names, choices));
    }
    let filter = DatasetFilter { role: Some(Role::Annotator), ..DatasetFilter::default() };
    let own = datasets(filter, DatasetOrder::Name, None, Some(1000)).await?.items;
    let mut names: Vec<String> = own.iter().map(|dataset| dataset.full_name()).collect();
    // Administrators may write into all, and are members of few.
    if let Some((namespace, name)) = wanted.split_once('/').filter(|_| !names.contains(&wanted)) {
        match dataset_by_name(namespace.to_owned(), name.to_owned()).await {
            Ok(dataset) if dataset.role >= Some(Role::Annotator) => names.push(dataset.full_name()),
            Ok(_) | Err(AppError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Shown::Send(names, wanted))
}

/// The page.
#[component]
pub fn ImportPage() -> impl IntoView {
    let (account, sign_in) = (use_session().account, use_sign_in());
    let (job, dataset, folder) = (use_parameter("job"), use_parameter("dataset"), use_parameter("folder"));
    let shown = Resource::new_blocking(
        move || (job.get(), dataset.get(), account.get().map(|account| account.is_ok_and(|account| account.is_some()))),
        |(job, dataset, _)| load((job, dataset)),
    );
    view! {
        <Title text="Import" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                if let Ok(None) = account.await {
                    return view! {
                        <div class="page page-form">
                            <h1>"Import"</h1>
                            <p class="muted">
                                <a href=sign_in>"Sign in"</a>
                                " to import."
                            </p>
                        </div>
                    }
                        .into_any();
                }
                match shown.await {
                    Ok(Shown::Send(datasets, chosen)) => {
                        view! { <Send datasets=datasets chosen=chosen folder=folder.get_untracked() /> }.into_any()
                    }
                    Ok(Shown::Import(job, objects, choices)) => {
                        view! { <Import import=*job objects=objects choices=choices /> }.into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
