//! `/jobs`: long work that the viewer wants done, the newest first; with `?everybody=true`, everybody's, for administrators.

use crate::api::jobs::{CancelJob, DeleteJob, jobs};
use crate::model::job::JobKind;
use crate::model::{AppError, Job, Page};
use crate::ui::form::ButtonForm;
use crate::ui::form_error::{FormNotice, form_error, successes};
use crate::ui::job_progress::{JobBar, progress_text};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part, use_sign_in};
use crate::ui::session::use_session;
use crate::ui::table::Column::{Buttons, Text};
use crate::ui::table::Table;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::sentence;
use crate::ui::time::Moment;
use leptos::prelude::*;
use leptos_meta::Title;
use std::time::Duration;

/// So many jobs are shown unless the address asks for another number.
const USUAL: i64 = 30;
/// As long as something runs the list is fetched again so often.
const FRESH: Duration = Duration::from_secs(3);

/// The page that shows what comes of a job.
pub(super) fn job_href(job: &Job) -> String {
    match job.kind {
        JobKind::Import => format!("/import?job={}", job.id),
    }
}

#[component]
fn Row(job: Job, everybody: bool, cancel: ServerAction<CancelJob>, delete: ServerAction<DeleteJob>) -> impl IntoView {
    // An import's page is its owner's.
    let href = if everybody { format!("/job/{}", job.id) } else { job_href(&job) };
    let of = format!(" {}", job.title);
    let buttons = match job.state.has_ended() {
        true => view! {
            <ButtonForm action=delete id=job.id class="button small quiet">
                "Remove" <span class="visually-hidden">{of}</span>
            </ButtonForm>
        }
        .into_any(),
        false => view! {
            <ButtonForm action=cancel id=job.id class="button small quiet">
                "Cancel" <span class="visually-hidden">{of}</span>
            </ButtonForm>
        }
        .into_any(),
    };
    let errors = (job.errors > 0).then(|| {
        view! {
            <a href=format!("/api/v1/jobs/{}/errors.csv", job.id) rel="external" download="">
                "Errors as CSV"
            </a>
        }
    });
    let failure = job.failure.clone().map(|why| view! { <span class="muted">{sentence(&why)}</span> });
    let bar = job.clone();
    view! {
        <tr>
            <th scope="row">
                <a href=href>{job.title.clone()}</a>
                {everybody.then(|| view! { <span class="muted">{format!(" of {}", job.owner)}</span> })}
            </th>
            <td data-label="Progress">
                <div class="stack">
                    <JobBar job=Signal::stored(bar) />
                    <span>{progress_text(&job)}</span>
                    {failure}
                    {errors}
                </div>
            </td>
            <td data-label="Begun">
                <Moment unix=job.created />
            </td>
            <td>{buttons}</td>
        </tr>
    }
}

#[component]
fn Content(
    page: Page<Job>,
    everybody: bool,
    admin: bool,
    cancel: ServerAction<CancelJob>,
    delete: ServerAction<DeleteJob>,
) -> impl IntoView {
    let base = if everybody { "/jobs?everybody=true&" } else { "/jobs?" };
    let base = super::with_limit(base.to_owned(), page.limit, USUAL);
    let (total, offset, limit) = (page.total, page.offset, page.limit);
    let list = if page.items.is_empty() {
        view! {
            <Empty title="No jobs">
                <p>
                    "What takes long, such as an " <a href="/import">"import"</a> ", is listed here while it goes on and for 90 days afterwards."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let rows = page.items.into_iter();
        let rows = rows.map(move |job| view! { <Row job=job everybody=everybody cancel=cancel delete=delete /> });
        view! {
            <Table label="Jobs" columns=&[Text("Job"), Text("Progress"), Text("Begun"), Buttons]>
                {rows.collect_view()}
            </Table>
            <Pagination total=total offset=offset limit=limit base=base />
        }
        .into_any()
    };
    let tabs = admin.then(|| {
        let tabs = vec![
            Tab::fixed("/jobs", "Yours", !everybody),
            Tab::fixed("/jobs?everybody=true", "Everybody's", everybody),
        ];
        view! { <Tabs label="Whose jobs" tabs=tabs /> }
    });
    view! {
        {tabs}
        {list}
    }
}

/// The list of jobs.
#[component]
pub fn JobsPage() -> impl IntoView {
    let (account, sign_in) = (use_session().account, use_sign_in());
    let (everybody, part) = (use_parameter("everybody"), use_part(USUAL));
    let (cancel, delete) = (ServerAction::<CancelJob>::new(), ServerAction::<DeleteJob>::new());
    let fresh = RwSignal::new(0_u32);
    let changes = (successes(cancel, |_| true), successes(delete, |_| true));
    let loaded = Resource::new_blocking(
        move || (everybody.get() == "true", part.get(), changes.0.get(), changes.1.get(), fresh.get()),
        |(everybody, (offset, limit), ..)| async move {
            let page = jobs(everybody, Some(offset), Some(limit)).await?;
            Ok::<_, AppError>((page, everybody))
        },
    );
    // As long as something goes on, there is news soon.
    Effect::new(move |_| {
        let goes_on = loaded.with(|loaded| match loaded {
            Some(Ok((page, _))) => page.items.iter().any(|job| !job.state.has_ended()),
            _ => false,
        });
        if goes_on {
            let look = move || {
                // The page may have gone meanwhile.
                let _ = fresh.try_update(|fresh| *fresh += 1);
            };
            let timer = set_timeout_with_handle(look, FRESH);
            on_cleanup(move || {
                if let Ok(timer) = timer {
                    timer.clear();
                }
            });
        }
    });
    let (not_cancelled, not_deleted) = (form_error(cancel), form_error(delete));
    let error = Signal::derive(move || {
        not_cancelled.get().or_else(|| not_deleted.get()).map(|error| sentence(&error.to_string()))
    });
    view! {
        <Title text="Jobs" />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <h1>"Jobs"</h1>
                    <p>"Work that goes on while nobody waits for it, also when the server starts anew."</p>
                </div>
            </div>
            <FormNotice error=error />
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match (account.await, loaded.await) {
                        (Ok(Some(account)), Ok((page, everybody))) => {
                            view! {
                                <Content page=page everybody=everybody admin=account.admin cancel=cancel delete=delete />
                            }
                                .into_any()
                        }
                        (Ok(None), _) => {
                            view! {
                                <p class="muted">
                                    <a href=sign_in>"Sign in"</a>
                                    " to see your jobs."
                                </p>
                            }
                                .into_any()
                        }
                        (Err(error), _) | (_, Err(error)) => failed(error),
                    }
                })}
            </Transition>
        </div>
    }
}
