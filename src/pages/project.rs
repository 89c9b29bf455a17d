//! `/project/<id>`: one project: how far it is, its pictures, its people, and for those who manage it, its settings.

mod fields;
mod people;
mod pictures;
mod settings;

pub(super) use fields::ProjectFields;

use super::projects::project_href;
use crate::api::projects::{
    AssignChosen, EditProject, GiveProjectRole, RemoveProject, ShareOut, TakePictures, TakeProjectRole, project_detail,
    project_members, project_pictures, project_progress_plot,
};
use crate::model::text::path_segment;
use crate::model::{Account, AppError, Page, Progress, Project, ProjectDetail, ProjectPicture, WorkFilter};
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, form_error, general_error, is_ending, on_success, successes};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Tone;
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::queue_address::{QueueAddress, forget_row};
use crate::ui::session::use_session;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::{count, grouped};
use crate::ui::time::Date;
use crate::ui::toast::use_toasts;
use crate::ui::work_bar::WorkProgress;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use people::People;
use pictures::Pictures;
use settings::Settings;

/// So many pictures are taken at once.
const TAKEN: i64 = 20;
/// So many letters of a commit say which one it is.
const SHORT: usize = 8;

/// What is shown of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum View {
    #[default]
    Overview,
    Pictures,
    People,
    Settings,
}

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Wanted {
    id: String,
    view: View,
    filter: WorkFilter,
    offset: i64,
}

/// What the view needs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Part {
    Overview {
        /// Nothing where counting takes too long.
        plot: Option<String>,
    },
    Pictures(Page<ProjectPicture>, Vec<String>),
    /// Nothing where counting takes too long.
    People(Option<Progress>),
    Settings,
}

/// What one can do to the project.
#[derive(Clone, Copy)]
struct Managing {
    edit: ServerAction<EditProject>,
    remove: ServerAction<RemoveProject>,
    give: ServerAction<GiveProjectRole>,
    take_back: ServerAction<TakeProjectRole>,
    assign: ServerAction<AssignChosen>,
    share: ServerAction<ShareOut>,
    take: ServerAction<TakePictures>,
}

/// The progress, unless counting takes too long.
async fn progress(id: i64) -> Result<Option<(Progress, String)>, AppError> {
    match project_progress_plot(id).await {
        Err(AppError::TookTooLong(_) | AppError::RateLimited { .. }) => Ok(None),
        found => found.map(Some),
    }
}

async fn load(wanted: Wanted) -> Result<(ProjectDetail, Wanted, Part), AppError> {
    let missing = || AppError::NotFound("there is no such project".to_owned());
    let id: i64 = wanted.id.parse().map_err(|_| missing())?;
    let detail = project_detail(id).await?;
    let part = match wanted.view {
        View::Pictures => {
            let found = project_pictures(id, wanted.filter.clone(), Some(wanted.offset), Some(pictures::SHOWN)).await?;
            Part::Pictures(found, project_members(id).await?)
        }
        View::People => Part::People(progress(id).await?.map(|(progress, _)| progress)),
        View::Settings if detail.project.manages => Part::Settings,
        View::Overview | View::Settings => Part::Overview { plot: progress(id).await?.map(|(_, plot)| plot) },
    };
    Ok((detail, wanted, part))
}

/// Where pictures of a project are shown.
fn pictures_href(project: i64, filter: &WorkFilter) -> String {
    format!("{}?view=pictures{}", project_href(project), crate::ui::queue_address::filter_text(filter))
}

/// A link into the editor. Whoever goes there goes through the row as it is then.
#[component]
fn Begin(project: i64, filter: WorkFilter, picture: i64, class: &'static str, children: Children) -> impl IntoView {
    let href = QueueAddress::Project(project, filter).annotate_href(picture);
    view! {
        <a class=class href=href on:click=move |_| forget_row()>
            {children()}
        </a>
    }
}

#[component]
fn Overview(
    detail: ProjectDetail,
    plot: Option<String>,
    account: Option<Account>,
    take: ServerAction<TakePictures>,
) -> impl IntoView {
    let ProjectDetail { project, description_html, instructions_html, own, sent_back, first, to_review } = detail;
    let id = project.id;
    let refused = general_error(form_error(take), &[]);
    let begin = account.zip(first).map(|(account, picture)| {
        let words = format!("Annotate my {}", count(own.to_do, "picture", "pictures"));
        view! {
            <Begin project=id filter=WorkFilter::queue_of(&account.username) picture=picture class="button primary">
                {words}
            </Begin>
        }
    });
    let waiting = project.pictures.done + project.pictures.needs_review;
    let review = to_review.map(|picture| {
        view! {
            <Begin project=id filter=WorkFilter::to_review() picture=picture class="button">
                {format!("Review {}", count(waiting, "picture", "pictures"))}
            </Begin>
        }
    });
    let more = (project.role.is_some() && project.unassigned > 0).then(|| {
        let number = project.unassigned.min(TAKEN);
        view! {
            <ActionForm action=take>
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="count" value=number.to_string() />
                <SubmitButton pending=take.pending()>{format!("Take {} into my queue", count(number, "picture", "pictures"))}</SubmitButton>
            </ActionForm>
        }
    });
    let returned = (sent_back > 0).then(|| {
        let words = match sent_back {
            1 => "1 of them was sent back, and comes first.".to_owned(),
            number => format!("{} of them were sent back, and come first.", grouped(number)),
        };
        view! { <p class="muted">{words}</p> }
    });
    let nothing = (project.role.is_some() && first.is_none() && project.unassigned == 0)
        .then(|| view! { <p class="muted">"Nothing is to be done in your queue."</p> });
    let href = Callback::new(move |state| pictures_href(id, &WorkFilter { states: vec![state], annotator: None }));
    let html = |name: &'static str, html: String| {
        (!html.is_empty()).then(|| {
            view! {
                <section class="stack" aria-label=name>
                    <h2>{name}</h2>
                    <div class="prose" inner_html=html></div>
                </section>
            }
        })
    };
    let objects = match project.objects.is_empty() {
        true => view! { <p class="muted">"Everything may be annotated."</p> }.into_any(),
        false => {
            let names = project.objects.iter().map(|name| {
                let href = format!("/object/{}", path_segment(name));
                view! {
                    <li>
                        <a class="badge" href=href>
                            {name.clone()}
                        </a>
                    </li>
                }
            });
            view! { <ul class="cluster" aria-label="Objects to annotate">{names.collect_view()}</ul> }.into_any()
        }
    };
    let plot = match plot {
        Some(svg) => view! { <figure class="plot-image project-plot" inner_html=svg></figure> }.into_any(),
        None => view! { <p class="muted">"Counting takes too long at present."</p> }.into_any(),
    };
    view! {
        <div class="stack project-overview">
            <WorkProgress counts=project.pictures href=href />
            <FormNotice error=refused />
            <div class="cluster">{begin} {review} {more}</div>
            {returned}
            {nothing}
            {html("Description", description_html)}
            {html("Instructions", instructions_html)}
            <section class="stack" aria-labelledby="objects">
                <h2 id="objects">"Objects"</h2>
                {objects}
            </section>
            <section class="stack" aria-labelledby="progress">
                <h2 id="progress">"Progress"</h2>
                {plot}
            </section>
        </div>
    }
}

#[component]
fn Head(project: Project) -> impl IntoView {
    let dataset = format!("/{}", project.dataset_name);
    let short: String = project.commit.chars().take(SHORT).collect();
    let version = project.reference.clone().unwrap_or(short);
    let at = format!("{dataset}?view=commit&ref={}", path_segment(&project.commit));
    let missing = (project.missing > 0).then(|| {
        let words = match project.missing {
            1 => "1 picture of that version is there no more.".to_owned(),
            number => format!("{} pictures of that version are there no more.", grouped(number)),
        };
        view! { <li>{words}</li> }
    });
    let role = project.role.map(|role| {
        view! { <li>{format!("You are {} here.", match role {
            crate::model::ProjectRole::Annotator => "an annotator",
            crate::model::ProjectRole::Reviewer => "a reviewer",
        })}</li> }
    });
    view! {
        <div class="page-head">
            <div class="stack">
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                    " / "
                    <a href=dataset>{project.dataset_name.clone()}</a>
                    " at "
                    <a href=at>{version}</a>
                </p>
                <h1>{project.name.clone()}</h1>
                <ul class="cluster muted dataset-numbers" aria-label="About the project">
                    <li>{count(project.pictures.total(), "picture", "pictures")}</li>
                    <li>"started by " {project.author.clone()} " on " <Date unix=project.created /></li>
                    {role}
                    {missing}
                </ul>
            </div>
            <div class="cluster">
                <a class="button" href=format!("/export?project={}", project.id)>
                    "Export"
                </a>
            </div>
        </div>
    }
}

#[component]
fn Content(
    detail: ProjectDetail,
    wanted: Wanted,
    part: Part,
    account: Option<Account>,
    managing: Managing,
) -> impl IntoView {
    let project = detail.project.clone();
    let href = project_href(project.id);
    let of = |view: &str| format!("{href}?view={view}");
    let is = |view: bool| Signal::stored(view);
    let mut tabs = vec![
        Tab::fixed(href.clone(), "Overview", is(matches!(part, Part::Overview { .. }))),
        Tab::fixed(of("pictures"), "Pictures", is(matches!(part, Part::Pictures(..)))),
        Tab::fixed(of("people"), "People", is(matches!(part, Part::People(_)))),
    ];
    if project.manages {
        tabs.push(Tab::fixed(of("settings"), "Settings", is(part == Part::Settings)));
    }
    let title = match part {
        Part::Overview { .. } => project.name.clone(),
        Part::Pictures(..) => format!("Pictures of {}", project.name),
        Part::People(_) => format!("People of {}", project.name),
        Part::Settings => format!("Settings of {}", project.name),
    };
    let body = match part {
        Part::Overview { plot } => {
            view! { <Overview detail=detail plot=plot account=account take=managing.take /> }.into_any()
        }
        Part::Pictures(found, people) => view! {
            <Pictures project=project.clone() filter=wanted.filter found=found people=people assign=managing.assign />
        }
        .into_any(),
        Part::People(progress) => {
            let username = account.map(|account| account.username);
            view! {
                <People
                    project=project.clone()
                    members=progress.map(|progress| progress.members)
                    username=username
                    give=managing.give
                    take=managing.take_back
                    share=managing.share
                />
            }
            .into_any()
        }
        Part::Settings => {
            view! { <Settings project=project.clone() edit=managing.edit remove=managing.remove /> }.into_any()
        }
    };
    view! {
        <Title text=title />
        <div class="page">
            <Head project=project />
            <div class="stack">
                <Tabs label="Views" tabs=tabs />
                {body}
            </div>
        </div>
    }
}

/// The page of one project.
#[component]
pub fn ProjectPage() -> impl IntoView {
    let (params, search) = (use_params_map(), use_location().search);
    let (view, offset, session) = (use_parameter("view"), use_offset(), use_session());
    let managing = Managing {
        edit: ServerAction::new(),
        remove: ServerAction::new(),
        give: ServerAction::new(),
        take_back: ServerAction::new(),
        assign: ServerAction::new(),
        share: ServerAction::new(),
        take: ServerAction::new(),
    };
    let toasts = use_toasts();
    let say = move |words: &'static str| move || toasts.show(Tone::Success, words);
    on_success(managing.edit, say("The project is changed."));
    on_success(managing.give, say("The role is given."));
    on_success(managing.take_back, say("They have no part in it any more."));
    on_success(managing.assign, say("The pictures are in another queue."));
    on_success(managing.share, say("The pictures are shared out."));
    on_success(managing.take, say("The pictures are in your queue."));
    let counted =
        |times: [Memo<usize>; 6]| Signal::derive(move || times.iter().map(|times| times.get()).sum::<usize>());
    let changes = counted([
        successes(managing.edit, |_| true),
        successes(managing.give, |()| true),
        successes(managing.take_back, |()| true),
        successes(managing.assign, |_| true),
        successes(managing.share, |_| true),
        successes(managing.take, |_| true),
    ]);
    let wanted = Memo::new(move |before: Option<&(Wanted, (usize, u32))>| {
        if let (true, Some(before)) = (is_ending(managing.remove, |()| true), before) {
            return before.clone();
        }
        let view = view.with(|word| match word.as_str() {
            "pictures" => View::Pictures,
            "people" => View::People,
            "settings" => View::Settings,
            _ => View::Overview,
        });
        let id = params.with(|params| params.get("id").unwrap_or_default());
        let filter = search.with(|search| crate::ui::queue_address::read_filter(search));
        (Wanted { id, view, filter, offset: offset.get() }, (changes.get(), session.changes.get()))
    });
    let loaded = Resource::new_blocking(move || wanted.get(), |(wanted, _)| load(wanted));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (loaded.await, session.account.await) {
                    (Ok((detail, wanted, part)), account) => {
                        let account = account.ok().flatten();
                        view! {
                            <Content detail=detail wanted=wanted part=part account=account managing=managing />
                        }
                            .into_any()
                    }
                    (Err(error), _) => failed(error),
                }
            })}
        </Transition>
    }
}
