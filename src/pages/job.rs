//! `/job/<id>`: one job, as it goes on, with what it could not do.

use super::jobs::job_href;
use crate::api::jobs::{job, job_errors};
use crate::model::job::JobState;
use crate::model::{AppError, Job, JobError};
use crate::ui::job_progress::JobProgress;
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::session::use_session;
use crate::ui::table::Column::Text;
use crate::ui::table::Table;
use crate::ui::text::{count, sentence};
use crate::ui::time::Moment;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

async fn load(id: String) -> Result<(Job, Vec<JobError>), AppError> {
    let missing = || AppError::NotFound("there is no such job".to_owned());
    let id = id.parse().map_err(|_| missing())?;
    let job = job(id).await?;
    let errors = if job.errors > 0 { job_errors(id).await? } else { Vec::new() };
    Ok((job, errors))
}

#[component]
fn Errors(id: i64, errors: Vec<JobError>, all: i64) -> impl IntoView {
    if errors.is_empty() {
        return ().into_any();
    }
    let shown = errors.len() as i64;
    let rows = errors.into_iter().map(|JobError { place, message }| {
        view! {
            <tr>
                <th scope="row">{place}</th>
                <td data-label="What is wrong">{sentence(&message)}</td>
            </tr>
        }
    });
    let title = match shown < all {
        true => format!("The first {shown} of {}", count(all, "error", "errors")),
        false => count(all, "error", "errors"),
    };
    view! {
        <section class="stack" aria-labelledby="errors">
            <h2 id="errors">{title}</h2>
            <Table label="Errors" columns=&[Text("Place"), Text("What is wrong")]>
                {rows.collect_view()}
            </Table>
            <p>
                <a href=format!("/api/v1/jobs/{id}/errors.csv") rel="external" download="">
                    "All of them as CSV"
                </a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Content(job: Job, errors: Vec<JobError>, own: bool) -> impl IntoView {
    let (id, title, all) = (job.id, job.title.clone(), job.errors);
    let href = own.then(|| job_href(&job));
    let newest = RwSignal::new(job.clone());
    let failure = move || {
        let why = newest.with(|job| job.failure.clone().filter(|_| job.state == JobState::Failed));
        why.map(|why| {
            view! {
                <Notice tone=Tone::Danger>
                    <p>{sentence(&why)}</p>
                </Notice>
            }
        })
    };
    view! {
        <Title text=title.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/jobs">"Jobs"</a>
                    </p>
                    <h1>{title}</h1>
                    <p class="muted">{format!("Of {}, ", job.owner)} <Moment unix=job.created /></p>
                </div>
            </div>
            <JobProgress job=job newest=newest />
            {failure}
            {href.map(|href| view! { <p><a class="button" href=href>"See what comes of it"</a></p> })}
            <Errors id=id errors=errors all=all />
        </div>
    }
}

/// The page of one job.
#[component]
pub fn JobPage() -> impl IntoView {
    let (params, account) = (use_params_map(), use_session().account);
    let id = Memo::new(move |_| params.with(|params| params.get_str("id").unwrap_or_default().to_owned()));
    let loaded = Resource::new_blocking(move || id.get(), load);
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let name = account.await.ok().flatten().map(|account| account.username);
                match loaded.await {
                    Ok((job, errors)) => {
                        let own = name.as_deref() == Some(job.owner.as_str());
                        view! { <Content job=job errors=errors own=own /> }.into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
