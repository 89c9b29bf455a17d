//! The pictures of a project, by state and queue; those who manage it put them into other queues.

use super::{Begin, pictures_href};
use crate::api::projects::AssignChosen;
use crate::model::project::NOBODY;
use crate::model::{Page, Project, ProjectPicture, WorkFilter, WorkState};
use crate::pages::projects::project_href;
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::text::count;
use crate::ui::work_bar::StateBadge;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// So many pictures are shown at once.
pub(super) const SHOWN: i64 = 60;

#[component]
fn Filters(project: i64, filter: WorkFilter, people: Vec<String>) -> impl IntoView {
    let is_chosen = |state: WorkState| filter.states == [state];
    let states = WorkState::ALL
        .iter()
        .map(|state| {
            view! {
                <option value=state.as_str() selected=is_chosen(*state)>
                    {state.label()}
                </option>
            }
        })
        .collect_view();
    let to_review = filter.states == WorkState::REVIEWABLE;
    let annotator = filter.annotator.clone();
    let option = |name: String, words: String| {
        let selected = annotator.as_ref() == Some(&name);
        view! {
            <option value=name selected=selected>
                {words}
            </option>
        }
    };
    let nobody = option(NOBODY.to_owned(), "Of nobody".to_owned());
    let people = people.into_iter().map(|name| option(name.clone(), format!("Of {name}"))).collect_view();
    view! {
        <form class="cluster project-filters" role="search" aria-label="Pictures" method="get" action=project_href(project)>
            <input type="hidden" name="view" value="pictures" />
            <label class="filter-field">
                <span>"State"</span>
                <select name="state">
                    <option value="">"Any"</option>
                    <option value=WorkFilter::to_review().states_text() selected=to_review>
                        "Waiting for a reviewer"
                    </option>
                    {states}
                </select>
            </label>
            <label class="filter-field">
                <span>"Queue"</span>
                <select name="annotator">
                    <option value="">"Of anybody"</option>
                    {nobody}
                    {people}
                </select>
            </label>
            <button class="button" type="submit">
                "Show"
            </button>
        </form>
    }
}

#[component]
fn PictureEntry(project: i64, filter: WorkFilter, picture: ProjectPicture, chooses: bool) -> impl IntoView {
    let ProjectPicture { id, title, width, height, thumbnail, regions, work } = picture;
    let name = if title.is_empty() { format!("Picture {id}") } else { title };
    let (label, alt) = (format!("Choose {name}"), name.clone());
    let check = chooses.then(|| {
        view! {
            <label class="project-check">
                <input type="checkbox" name="pictures[]" value=id.to_string() aria-label=label autocomplete="off" />
            </label>
        }
    });
    let whose = match work.annotator {
        Some(annotator) => format!("Queue of {annotator}"),
        None => "In nobody's queue".to_owned(),
    };
    let comment = (!work.comment.is_empty()).then(|| {
        let by = work.author.unwrap_or_default();
        view! { <p class="project-comment" title=work.comment.clone()>{format!("{by}: {}", work.comment)}</p> }
    });
    view! {
        <li class="project-picture" class:is-sent-back=work.sent_back>
            {check}
            <Begin project=project filter=filter picture=id class="project-thumbnail">
                <img src=thumbnail alt=alt width=width height=height loading="lazy" decoding="async" />
            </Begin>
            <div class="project-picture-text">
                <p class="truncate">{name}</p>
                <p class="cluster">
                    <StateBadge state=work.state sent_back=work.sent_back />
                    <span class="muted">{count(regions, "region", "regions")}</span>
                </p>
                <p class="muted truncate">{whose}</p>
                {comment}
            </div>
        </li>
    }
}

/// The pictures.
#[component]
pub(super) fn Pictures(
    project: Project,
    filter: WorkFilter,
    found: Page<ProjectPicture>,
    people: Vec<String>,
    assign: ServerAction<AssignChosen>,
) -> impl IntoView {
    let Page { items, total, offset, limit } = found;
    let id = project.id;
    let error = general_error(form_error(assign), &[]);
    let base = format!("{}&offset=", pictures_href(id, &filter));
    let is_empty = items.is_empty();
    let (of, chooses) = (filter.clone(), project.manages);
    // By their numbers: a box that was ticked for one picture must not be ticked for another that takes its place.
    let list = view! {
        <ul class="project-pictures" aria-label="Pictures">
            <For each=move || items.clone() key=|picture| picture.id let:picture>
                <PictureEntry project=id filter=of.clone() picture=picture chooses=chooses />
            </For>
        </ul>
    };
    let list = match (is_empty, project.manages) {
        (true, _) => view! {
            <Empty title="No pictures">
                <p>"No picture of the project is like this."</p>
            </Empty>
        }
        .into_any(),
        (false, false) => list.into_any(),
        (false, true) => {
            let options = people
                .iter()
                .map(|name| {
                    view! { <option value=name.clone()>{format!("Queue of {name}")}</option> }
                })
                .collect_view();
            view! {
                <ActionForm action=assign>
                    <div class="stack">
                        <FormNotice error=error />
                        <div class="cluster project-assign" role="group" aria-label="What is chosen">
                            <label class="filter-field">
                                <span>"Put what is chosen into"</span>
                                <select name="annotator">
                                    <option value="">"Nobody's queue"</option>
                                    {options}
                                </select>
                            </label>
                            <SubmitButton pending=assign.pending()>"Put it there"</SubmitButton>
                        </div>
                        <input type="hidden" name="id" value=id.to_string() />
                        {list}
                    </div>
                </ActionForm>
            }
            .into_any()
        }
    };
    view! {
        <div class="stack">
            <Filters project=id filter=filter people=people />
            <p class="muted" role="status">
                {count(total, "picture", "pictures")}
            </p>
            {list}
            <Pagination total=total offset=offset limit=limit base=base />
        </div>
    }
}
