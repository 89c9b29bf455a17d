//! Projects: versions of datasets that people annotate together.
//!
//! The mutating functions that forms call are URL-encoded, so that they work without JavaScript.

// The fields of a form are the arguments of its function.
#![allow(clippy::too_many_arguments)]

#[cfg(feature = "ssr")]
use crate::model::project::DatasetReference;
use crate::model::{
    AppError, Assignment, NewProject, NewWorkState, Page, PictureWork, Progress, Project, ProjectChange, ProjectDetail,
    ProjectFilter, ProjectPicture, ProjectRole, WorkFilter,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the projects that the viewer may see, the newest first.
#[server(prefix = "/fn", endpoint = "projects", input = Json)]
pub async fn projects(
    filter: ProjectFilter,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Project>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::projects::list(&context.state.db, &context.viewer, &filter, page).await?)
}

/// One project.
#[server(name = GetProject, prefix = "/fn", endpoint = "project", input = Json)]
pub async fn project(id: i64) -> Result<Project, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::projects::get(&context.state.db, &context.viewer, id).await?)
}

/// One project with all that its page shows of it.
#[server(name = GetProjectDetail, prefix = "/fn", endpoint = "project_detail", input = Json)]
pub async fn project_detail(id: i64) -> Result<ProjectDetail, AppError> {
    use crate::server::{markdown, store};
    let context = crate::server::context::current()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let project = store::projects::get(db, viewer, id).await?;
    let first = match &viewer.account {
        Some(account) => store::project_work::first(db, viewer, id, &WorkFilter::queue_of(&account.username)).await?,
        None => None,
    };
    let to_review = match project.reviews() {
        true => store::project_work::first(db, viewer, id, &WorkFilter::to_review()).await?,
        false => None,
    };
    Ok(ProjectDetail {
        first,
        to_review,
        sent_back: store::project_work::own_sent_back(db, viewer, id).await?,
        description_html: markdown::to_html(&project.description),
        instructions_html: markdown::to_html(&project.instructions),
        own: store::project_work::own_counts(db, viewer, id).await?,
        project,
    })
}

/// How a project goes on, and who does and did how much.
#[server(name = GetProgress, prefix = "/fn", endpoint = "project_progress", input = Json)]
pub async fn project_progress(id: i64) -> Result<Progress, AppError> {
    let context = crate::server::context::current()?;
    let progress = crate::server::store::project_progress::progress(&context.state.db, &context.viewer, id);
    Ok(context.while_wanted(progress).await?)
}

/// The same with a plot of it, an SVG text.
#[server(name = GetProgressPlot, prefix = "/fn", endpoint = "project_progress_plot", input = Json)]
pub async fn project_progress_plot(id: i64) -> Result<(Progress, String), AppError> {
    let progress = project_progress(id).await?;
    let svg = crate::server::plots::areas::svg(&progress.days, crate::server::context::now_s());
    Ok((progress, svg))
}

/// Starts a project: maintainers of the dataset may.
#[server(prefix = "/fn", endpoint = "start_project", input = Json)]
pub async fn start_project(project: NewProject) -> Result<Project, AppError> {
    let context = crate::server::context::current()?;
    context.writer()?;
    let mut project = project;
    AppError::refuse(project.check())?;
    let id = crate::server::projects::start(&context, &project).await?;
    Ok(crate::server::store::projects::get(&context.state.db, &context.viewer, id).await?)
}

/// Names that a form sends, one in a line or separated by commas.
#[cfg(feature = "ssr")]
fn names_of(text: &str, separators: &[char]) -> Vec<String> {
    text.split(separators).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Names of objects may have commas.
#[cfg(feature = "ssr")]
const LINES: &[char] = &['\n', '\r'];
#[cfg(feature = "ssr")]
const WORDS: &[char] = &[',', ' ', '\n', '\r', '\t'];

/// Starts a project from a form, and goes on to it. `myself` makes whoever starts it one of the annotators.
#[server(name = BeginProject, prefix = "/fn", endpoint = "new_project")]
pub async fn new_project(
    dataset: String,
    name: String,
    #[server(default)] reference: String,
    #[server(default)] description: String,
    #[server(default)] instructions: String,
    #[server(default)] objects: String,
    #[server(default)] register_objects: bool,
    #[server(default)] myself: bool,
    #[server(default)] annotators: String,
    #[server(default)] reviewers: String,
) -> Result<Project, AppError> {
    let mut annotators = names_of(&annotators, WORDS);
    if myself {
        annotators.insert(0, crate::server::context::current()?.writer()?.username);
    }
    let project = start_project(NewProject {
        name,
        dataset: DatasetReference::Name(dataset),
        reference: Some(reference.trim().to_owned()).filter(|reference| !reference.is_empty()),
        description,
        instructions,
        objects: names_of(&objects, LINES),
        register_objects,
        annotators,
        reviewers: names_of(&reviewers, WORDS),
    })
    .await?;
    leptos_axum::redirect(&format!("/project/{}", project.id));
    Ok(project)
}

/// Changes the settings of a project; absent ones stay.
#[server(prefix = "/fn", endpoint = "update_project", input = Json)]
pub async fn update_project(id: i64, change: ProjectChange) -> Result<Project, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut change = change;
    AppError::refuse(change.check())?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    crate::server::store::projects::update(db, viewer, id, &change, account.id, actor).await?;
    Ok(crate::server::store::projects::get(db, viewer, id).await?)
}

/// Changes the settings of a project from a form. What is as the form began, all of them in `before`, stays as it is by now.
#[server(prefix = "/fn", endpoint = "edit_project")]
pub async fn edit_project(
    id: i64,
    name: String,
    #[server(default)] description: String,
    #[server(default)] instructions: String,
    #[server(default)] objects: String,
    #[server(default)] register_objects: bool,
    #[server(default)] before: String,
) -> Result<Project, AppError> {
    use crate::model::picture::tidy;
    let before: Option<(String, String, String, String)> = super::began_with(&before)?;
    let begun = before.map(|(name, description, instructions, objects)| {
        (name, tidy(&description), tidy(&instructions), names_of(&objects, LINES))
    });
    let begun = begun.as_ref();
    let change = ProjectChange {
        name: super::changed(name, begun.map(|begun| begun.0.clone())),
        description: super::changed(tidy(&description), begun.map(|begun| begun.1.clone())),
        instructions: super::changed(tidy(&instructions), begun.map(|begun| begun.2.clone())),
        objects: super::changed(names_of(&objects, LINES), begun.map(|begun| begun.3.clone())),
        register_objects,
    };
    update_project(id, change).await
}

/// Forgets a project. Its pictures stay, and so do their regions.
#[server(prefix = "/fn", endpoint = "delete_project", input = Json)]
pub async fn delete_project(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    Ok(crate::server::store::projects::delete(db, viewer, id, account.id, actor).await?)
}

/// Forgets a project from a form, which says its name once more, and goes on to the list of projects.
#[server(prefix = "/fn", endpoint = "remove_project")]
pub async fn remove_project(id: i64, #[server(default)] confirm: String) -> Result<(), AppError> {
    let name = project(id).await?.name;
    if confirm.trim() != name {
        return Err(AppError::field("confirm", "must be the name of the project"));
    }
    delete_project(id).await?;
    leptos_axum::redirect("/projects");
    Ok(())
}

/// Gives somebody a role in a project; without one they are taken out, and what they had to do is nobody's. Doing so again changes
/// nothing.
#[server(prefix = "/fn", endpoint = "set_project_member", input = Json)]
pub async fn set_project_member(id: i64, username: String, role: Option<ProjectRole>) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let username = username.trim();
    Ok(crate::server::store::projects::set_member(db, viewer, id, username, role, account.id, actor).await?)
}

/// The same from a form that gives a role.
#[server(prefix = "/fn", endpoint = "give_project_role")]
pub async fn give_project_role(id: i64, username: String, role: ProjectRole) -> Result<(), AppError> {
    set_project_member(id, username, Some(role)).await
}

/// The same from a form that takes it back.
#[server(prefix = "/fn", endpoint = "take_project_role")]
pub async fn take_project_role(id: i64, username: String) -> Result<(), AppError> {
    set_project_member(id, username, None).await
}

/// The usernames of a project's members who may annotate in its dataset, in order.
#[server(prefix = "/fn", endpoint = "project_members", input = Json)]
pub async fn project_members(id: i64) -> Result<Vec<String>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::project_work::able_members(&context.state.db, &context.viewer, id).await?)
}

/// A part of a project's pictures in their order, with where the work on them stands.
#[server(prefix = "/fn", endpoint = "project_pictures", input = Json)]
pub async fn project_pictures(
    id: i64,
    filter: WorkFilter,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<ProjectPicture>, AppError> {
    use crate::model::PictureCard;
    use crate::model::picture::THUMBNAIL_SMALL_PX;
    use crate::server::store;
    use std::collections::HashMap;
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let mut found = store::project_work::pictures(db, viewer, id, &filter, page).await?;
    let ids: Vec<i64> = found.items.iter().map(|(id, _)| *id).collect();
    let cards = store::pictures::cards(db, viewer, &ids, &context.state.urls).await?;
    let mut cards: HashMap<i64, _> = cards.into_iter().map(|card| (card.picture.id, card)).collect();
    let pictures = std::mem::take(&mut found.items)
        .into_iter()
        .filter_map(|(id, work)| {
            let PictureCard { picture, region_count, .. } = cards.remove(&id)?;
            Some(ProjectPicture {
                thumbnail: picture.thumbnail_path(THUMBNAIL_SMALL_PX),
                title: picture.title,
                width: picture.width,
                height: picture.height,
                regions: region_count,
                id,
                work,
            })
        })
        .collect();
    Ok(found.with(pictures))
}

/// Where the work on a picture of a project stands, and what the viewer may make of it.
#[server(name = GetPictureWork, prefix = "/fn", endpoint = "picture_work", input = Json)]
pub async fn picture_work(id: i64, picture: i64) -> Result<PictureWork, AppError> {
    use crate::server::store;
    let context = crate::server::context::current()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let work = store::project_work::of_picture(db, viewer, id, picture).await?;
    let project = store::projects::get(db, viewer, id).await?;
    let instructions_html = crate::server::markdown::to_html(&project.instructions);
    Ok(PictureWork { name: project.name, instructions_html, ..work })
}

/// Says how far the work on a picture of a project is. `user` is who opened the page that says so, where it is one.
#[server(prefix = "/fn", endpoint = "set_work_state", input = Json)]
pub async fn set_work_state(
    id: i64,
    picture: i64,
    new: NewWorkState,
    user: Option<String>,
) -> Result<PictureWork, AppError> {
    let context = crate::server::context::current()?;
    let author = context.writer_if(|name| user.is_none_or(|user| user == name))?;
    let mut new = new;
    if let Some(error) = new.check() {
        return Err(AppError::fields(vec![error]));
    }
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    crate::server::store::project_work::set_state(db, viewer, id, picture, &new, author.id, now).await?;
    picture_work(id, picture).await
}

/// Puts pictures that are not accepted into the queue of a member, or of nobody. Gives how many.
#[server(prefix = "/fn", endpoint = "assign_pictures", input = Json)]
pub async fn assign_pictures(id: i64, assignment: Assignment) -> Result<u64, AppError> {
    const MOST: usize = 100_000;
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    if assignment.pictures.len() > MOST {
        return Err(AppError::field("pictures", format!("must be at most {MOST}")));
    }
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    Ok(crate::server::store::project_work::assign(db, viewer, id, &assignment, account.id, actor).await?)
}

/// The same from a form, in which nobody has no name.
#[server(prefix = "/fn", endpoint = "assign_chosen")]
pub async fn assign_chosen(
    id: i64,
    #[server(default)] pictures: Vec<i64>,
    #[server(default)] annotator: String,
) -> Result<u64, AppError> {
    if pictures.is_empty() {
        return Err(AppError::field("pictures", "must not be empty; choose some"));
    }
    let annotator = Some(annotator.trim().to_owned()).filter(|name| !name.is_empty());
    assign_pictures(id, Assignment { pictures, annotator }).await
}

/// Shares out what is in nobody's queue among the annotators; `again` also what others have not begun with. Gives how many pictures
/// came into a queue.
#[server(prefix = "/fn", endpoint = "share_out")]
pub async fn share_out(id: i64, #[server(default)] again: bool) -> Result<u64, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    Ok(crate::server::store::project_work::share_out(db, viewer, id, again, account.id, actor).await?)
}

/// Puts the next pictures that are in nobody's queue into the viewer's own. Gives how many.
#[server(prefix = "/fn", endpoint = "take_pictures")]
pub async fn take_pictures(id: i64, count: i64) -> Result<u64, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(crate::server::store::project_work::take(db, viewer, id, count, account.id).await?)
}
