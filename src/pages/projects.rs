//! `/projects`: versions of datasets that people annotate together.

use crate::api::projects::projects;
use crate::model::text::path_segment;
use crate::model::{AppError, Page, Project, ProjectFilter};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::search_field::{SearchField, use_typed};
use crate::ui::session::use_session;
use crate::ui::text::count;
use crate::ui::work_bar::WorkProgress;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many projects are shown at once.
const SHOWN: i64 = 24;

/// The page of a project.
pub(super) fn project_href(id: i64) -> String {
    format!("/project/{id}")
}

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Wanted {
    search: String,
    /// Number of the dataset, where only its projects are wanted.
    dataset: Option<i64>,
    mine: bool,
    offset: i64,
}

/// A project in a list of them.
#[component]
pub(super) fn ProjectEntry(project: Project) -> impl IntoView {
    let own = project.role.map(|role| view! { <span class="badge">{role.label()}</span> });
    view! {
        <li class="card project-card">
            <p class="project-name">
                <a href=project_href(project.id)>{project.name.clone()}</a>
                {own}
            </p>
            <p class="muted">
                {project.dataset_name.clone()}
                {project.reference.clone().map(|tag| format!(" at {tag}"))}
                " · "
                {count(project.pictures.total(), "picture", "pictures")}
            </p>
            <WorkProgress counts=project.pictures />
        </li>
    }
}

async fn load(wanted: Wanted) -> Result<(Wanted, Page<Project>), AppError> {
    let search = Some(wanted.search.clone()).filter(|search| !search.is_empty());
    let filter = ProjectFilter { search, dataset: wanted.dataset, mine: wanted.mine };
    let page = projects(filter, Some(wanted.offset), Some(SHOWN)).await?;
    Ok((wanted, page))
}

#[component]
fn List(wanted: Wanted, page: Page<Project>) -> impl IntoView {
    let Page { items, total, offset, limit } = page;
    let mut base = String::from("/projects?");
    if !wanted.search.is_empty() {
        base += &format!("search={}&", path_segment(&wanted.search));
    }
    if let Some(dataset) = wanted.dataset {
        base += &format!("dataset={dataset}&");
    }
    if wanted.mine {
        base += "mine=true&";
    }
    if items.is_empty() {
        let (title, words) = match wanted == Wanted::default() {
            true => (
                "No projects yet",
                "A project is a version of a dataset that people annotate together. Maintainers of a dataset start one from its page.",
            ),
            false => ("Nothing found", "No project is like this."),
        };
        return view! {
            <Empty title=title>
                <p>{words}</p>
                <p>
                    <a href="/datasets">"Datasets"</a>
                </p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <p class="muted" role="status">
            {count(total, "project", "projects")}
        </p>
        <ul class="project-cards" aria-label="Projects">
            {items.into_iter().map(|project| view! { <ProjectEntry project=project /> }).collect_view()}
        </ul>
        <Pagination total=total offset=offset limit=limit base=format!("{base}offset=") />
    }
    .into_any()
}

/// The list of projects.
#[component]
pub fn ProjectsPage() -> impl IntoView {
    let (search, mine, offset) = (use_parameter("search"), use_parameter("mine"), use_offset());
    let (dataset, session) = (use_parameter("dataset"), use_session());
    let typed = use_typed("search");
    let wanted = Memo::new(move |_| {
        let wanted = Wanted {
            search: search.get(),
            dataset: dataset.with(|dataset| dataset.parse().ok()),
            mine: mine.with(|mine| mine == "true"),
            offset: offset.get(),
        };
        (wanted, session.changes.get())
    });
    let loaded = Resource::new_blocking(move || wanted.get(), |(wanted, _)| load(wanted));
    let account = session.account;
    view! {
        <Title text="Projects" />
        <div class="page">
            <div class="page-head">
                <h1>"Projects"</h1>
                <a class="button" href="/projects/new">
                    <Icon glyph=Glyph::Plus />
                    "Start a project"
                </a>
            </div>
            <form class="dataset-filters" role="search" aria-label="Projects" method="get" action="/projects">
                <label class="filter-field wide">
                    <span>"Search"</span>
                    <SearchField typed=typed name="search" max_length=120 placeholder="Name of the project or dataset" />
                </label>
                <Suspense>
                    {move || {
                        let is_mine = mine.with(|mine| mine == "true");
                        Suspend::new(async move {
                            let signed_in = account.await.ok().flatten().is_some();
                            signed_in
                                .then(|| {
                                    view! {
                                        <label class="choice">
                                            <input
                                                type="checkbox"
                                                name="mine"
                                                value="true"
                                                checked=is_mine
                                                prop:checked=is_mine
                                            />
                                            "Only those that I am a member of"
                                        </label>
                                    }
                                })
                        })
                    }}
                </Suspense>
                {move || {
                    let of_one = dataset.get();
                    (!of_one.is_empty())
                        .then(|| {
                            view! {
                                <input type="hidden" name="dataset" value=of_one />
                                <p class="muted">
                                    "Only those of one dataset. " <a href="/projects">"All projects"</a>
                                </p>
                            }
                        })
                }}
                <button class="button" type="submit">
                    "Search"
                </button>
            </form>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok((wanted, page)) => view! { <List wanted=wanted page=page /> }.into_any(),
                        Err(error) => failed(error),
                    }
                })}
            </Transition>
        </div>
    }
}
