//! Projects: versions of datasets that people annotate together, and who has a part in them. How the work goes is `project_work`.

use super::access::{Right, right_in_dataset, visible_datasets};
use super::audit::Actor;
use super::datasets;
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx};
use super::error::StoreError;
use super::objects;
use super::project_work::{self, read_state};
use super::regions::held_object_ids;
use super::schema::{Datasets, Namespaces, Objects, ProjectMembers, ProjectObjects, ProjectPictures, Projects, Users};
use super::users::{self, contains};
use crate::model::dataset::full_name;
use crate::model::project::{MAX_PROJECT_MEMBERS, MAX_PROJECT_PICTURES};
use crate::model::text::fold;
use crate::model::{
    NewProject, Page, PageRequest, Project, ProjectChange, ProjectFilter, ProjectRole, Role, Viewer, WorkCounts,
    WorkState,
};
use sea_query::{Condition, Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement};
use std::collections::{BTreeSet, HashMap};

fn of(column: Projects) -> (Projects, Projects) {
    (Projects::Table, column)
}

fn no_project(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no project {id}"))
}

/// A stored role.
pub(super) fn read_role(word: &str) -> Result<ProjectRole> {
    word.parse().map_err(|_| StoreError::corrupt(format!("the unknown role `{word}` in a project")))
}

/// A row of `projects` with the names of its dataset and of who has started it.
#[derive(sqlx::FromRow)]
struct ProjectRow {
    id: i64,
    dataset: i64,
    name: String,
    description: String,
    instructions: String,
    commit_id: String,
    tag: Option<String>,
    missing: i64,
    created_at: i64,
    namespace_name: String,
    dataset_name: String,
    author_name: String,
}

/// The projects that the viewer may see, which are those of the datasets that they may see; without columns and order.
fn select(viewer: &Viewer) -> SelectStatement {
    Query::select()
        .from(Projects::Table)
        .inner_join(Datasets::Table, Expr::col((Datasets::Table, Datasets::Id)).equals(of(Projects::Dataset)))
        .inner_join(
            Namespaces::Table,
            Expr::col((Namespaces::Table, Namespaces::Id)).equals((Datasets::Table, Datasets::Namespace)),
        )
        .cond_where(visible_datasets(viewer))
        .to_owned()
}

fn with_columns(mut statement: SelectStatement) -> SelectStatement {
    statement
        .columns([Projects::Id, Projects::Dataset, Projects::Name, Projects::Description].map(of))
        .columns([Projects::Instructions, Projects::CommitId, Projects::Tag, Projects::Missing].map(of))
        .column(of(Projects::CreatedAt))
        .expr_as(Expr::col((Namespaces::Table, Namespaces::Name)), "namespace_name")
        .expr_as(Expr::col((Datasets::Table, Datasets::Name)), "dataset_name")
        .expr_as(Expr::col((Users::Table, Users::Username)), "author_name")
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(Projects::Author)));
    statement
}

/// The projects that a user is a member of.
fn projects_of(user: i64) -> SelectStatement {
    Query::select()
        .column(ProjectMembers::Project)
        .from(ProjectMembers::Table)
        .and_where(Expr::col(ProjectMembers::UserId).eq(user))
        .to_owned()
}

/// A part of the projects that the viewer may see, the newest first.
pub async fn list(db: &Db, viewer: &Viewer, filter: &ProjectFilter, page: PageRequest) -> Result<Page<Project>> {
    let mut found = select(viewer);
    if let Some(dataset) = filter.dataset {
        found.and_where(Expr::col(of(Projects::Dataset)).eq(dataset));
    }
    if let Some(text) = filter.search.as_deref().map(|text| fold(text.trim())).filter(|text| !text.is_empty()) {
        found.cond_where(
            Condition::any()
                .add(contains(Expr::col(of(Projects::NameFolded)), &text))
                .add(contains(Expr::col((Datasets::Table, Datasets::Name)), &text)),
        );
    }
    if filter.mine {
        match &viewer.account {
            Some(account) => found.and_where(Expr::col(of(Projects::Id)).in_subquery(projects_of(account.id))),
            None => found.and_where(Expr::col(of(Projects::Id)).is_in([0_i64; 0])),
        };
    }
    let total = found.clone().expr(Func::count(Expr::col(of(Projects::Id)))).to_owned();
    let statement = with_columns(found)
        .order_by(of(Projects::Id), Order::Desc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<ProjectRow>(&statement).await?;
    let items = complete(&mut tx, viewer, rows).await?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// One project. One whose dataset the viewer may not see does not exist.
pub async fn get(db: &Db, viewer: &Viewer, id: i64) -> Result<Project> {
    let statement = with_columns(select(viewer)).and_where(Expr::col(of(Projects::Id)).eq(id)).to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<ProjectRow>(&statement).await?;
    complete(&mut tx, viewer, rows).await?.pop().ok_or_else(|| no_project(id))
}

/// Fails unless the viewer may see the project; gives its dataset.
pub(super) async fn dataset_of(source: &mut impl Source, viewer: &Viewer, id: i64) -> Result<i64> {
    let statement =
        select(viewer).column(of(Projects::Dataset)).and_where(Expr::col(of(Projects::Id)).eq(id)).to_owned();
    source.optional::<(i64,)>(&statement).await?.map(|(dataset,)| dataset).ok_or_else(|| no_project(id))
}

/// Adds what other tables know of projects.
async fn complete(tx: &mut Tx, viewer: &Viewer, rows: Vec<ProjectRow>) -> Result<Vec<Project>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let among = |project: ProjectPictures| Expr::col(project).is_in(ids.iter().copied());
    let counts = Query::select()
        .columns([ProjectPictures::Project, ProjectPictures::State])
        .expr(Func::count(Expr::col(ProjectPictures::Picture)))
        .from(ProjectPictures::Table)
        .and_where(among(ProjectPictures::Project))
        .group_by_columns([ProjectPictures::Project, ProjectPictures::State])
        .to_owned();
    let mut pictures: HashMap<i64, WorkCounts> = HashMap::new();
    for (project, state, count) in tx.all::<(i64, String, i64)>(&counts).await? {
        pictures.entry(project).or_default().add(read_state(&state)?, count);
    }
    let unassigned = Query::select()
        .column(ProjectPictures::Project)
        .expr(Func::count(Expr::col(ProjectPictures::Picture)))
        .from(ProjectPictures::Table)
        .and_where(among(ProjectPictures::Project))
        .and_where(Expr::col(ProjectPictures::Annotator).is_null())
        .and_where(Expr::col(ProjectPictures::State).eq(WorkState::ToDo.as_str()))
        .group_by_col(ProjectPictures::Project)
        .to_owned();
    let unassigned: HashMap<i64, i64> = tx.all::<(i64, i64)>(&unassigned).await?.into_iter().collect();
    let mut objects = objects_of(tx, &ids).await?;
    let mut roles: HashMap<i64, ProjectRole> = HashMap::new();
    let mut rights: HashMap<i64, Right> = HashMap::new();
    if let Some(account) = &viewer.account {
        let own = Query::select()
            .columns([ProjectMembers::Project, ProjectMembers::Role])
            .from(ProjectMembers::Table)
            .and_where(Expr::col(ProjectMembers::UserId).eq(account.id))
            .and_where(Expr::col(ProjectMembers::Project).is_in(ids.iter().copied()))
            .to_owned();
        for (project, role) in tx.all::<(i64, String)>(&own).await? {
            roles.insert(project, read_role(&role)?);
        }
        for dataset in rows.iter().map(|row| row.dataset).collect::<BTreeSet<_>>() {
            rights.insert(dataset, right_in_dataset(tx, account.id, dataset).await?);
        }
    }
    let project = |row: ProjectRow| Project {
        objects: objects.remove(&row.id).unwrap_or_default(),
        pictures: pictures.remove(&row.id).unwrap_or_default(),
        unassigned: unassigned.get(&row.id).copied().unwrap_or_default(),
        role: roles.get(&row.id).copied(),
        manages: rights.get(&row.dataset).is_some_and(|right| right.role() >= Some(Role::Maintainer)),
        id: row.id,
        name: row.name,
        description: row.description,
        instructions: row.instructions,
        dataset: row.dataset,
        dataset_name: full_name(&row.namespace_name, &row.dataset_name),
        reference: row.tag,
        commit: row.commit_id,
        missing: row.missing,
        author: row.author_name,
        created: row.created_at,
    };
    Ok(rows.into_iter().map(project).collect())
}

/// The names of the objects of each of these projects, in order.
async fn objects_of(tx: &mut Tx, ids: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
    let statement = Query::select()
        .column((ProjectObjects::Table, ProjectObjects::Project))
        .column((Objects::Table, Objects::Name))
        .from(ProjectObjects::Table)
        .inner_join(
            Objects::Table,
            Expr::col((Objects::Table, Objects::Id)).equals((ProjectObjects::Table, ProjectObjects::Object)),
        )
        .and_where(Expr::col((ProjectObjects::Table, ProjectObjects::Project)).is_in(ids.iter().copied()))
        .order_by((Objects::Table, Objects::Name), Order::Asc)
        .to_owned();
    let mut names: HashMap<i64, Vec<String>> = HashMap::new();
    for (project, name) in tx.all::<(i64, String)>(&statement).await? {
        names.entry(project).or_default().push(name);
    }
    Ok(names)
}

/// The pictures of a version, as far as they are there.
#[derive(Clone, Debug, Default)]
pub struct Pinned {
    /// The commit.
    pub commit: String,
    /// The tag by which it was named.
    pub tag: Option<String>,
    /// The pictures in the order of their paths, each once.
    pub pictures: Vec<i64>,
    /// So many are there no more.
    pub missing: i64,
}

/// Starts a project, and shares its pictures out among its annotators. Gives its number. Maintainers of the dataset may.
pub async fn insert(
    db: &Db,
    viewer: &Viewer,
    dataset: i64,
    project: &NewProject,
    pinned: &Pinned,
    actor: Actor,
    by: i64,
) -> Result<i64> {
    if pinned.pictures.len() > MAX_PROJECT_PICTURES {
        let message = format!("has more than {MAX_PROJECT_PICTURES} pictures, which are too many for a project");
        return Err(StoreError::field("dataset", message));
    }
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        let held = datasets::hold(&mut tx, viewer, dataset, by).await?;
        held.right.require(Role::Maintainer, "start projects with this dataset")?;
        must_be_free(&mut tx, dataset, &project.name, None).await?;
        let insert = Query::insert()
            .into_table(Projects::Table)
            .columns([
                Projects::Dataset,
                Projects::Name,
                Projects::NameFolded,
                Projects::Description,
                Projects::Instructions,
                Projects::CommitId,
                Projects::Tag,
                Projects::Missing,
                Projects::Author,
                Projects::CreatedAt,
            ])
            .values_panic([
                dataset.into(),
                project.name.as_str().into(),
                fold(&project.name).into(),
                project.description.as_str().into(),
                project.instructions.as_str().into(),
                pinned.commit.as_str().into(),
                pinned.tag.as_deref().into(),
                pinned.missing.into(),
                by.into(),
                actor.at.into(),
            ])
            .returning_col(Projects::Id)
            .to_owned();
        let id = tx.scalar::<i64>(&insert).await?;
        if project.register_objects {
            objects::register_missing(&mut tx, "objects", &project.objects, by, actor.at).await?;
        }
        put_objects(&mut tx, id, &project.objects).await?;
        project_work::insert_pictures(&mut tx, id, &pinned.pictures).await?;
        let roles = [
            ("annotators", &project.annotators, ProjectRole::Annotator),
            ("reviewers", &project.reviewers, ProjectRole::Reviewer),
        ];
        for (field, names, role) in roles {
            for name in names {
                let user = able_user(&mut tx, field, name, dataset).await?;
                put_member(&mut tx, id, user, role).await?;
            }
        }
        if !project.annotators.is_empty() {
            project_work::share_out_in(&mut tx, id, dataset, false).await?;
        }
        datasets::note_if_borrowed(&mut tx, dataset, Role::Maintainer, actor, &format!("project {id} started")).await?;
        tx.commit(id).await
    })
    .await
}

/// Fails where another project of the dataset is called like this.
async fn must_be_free(tx: &mut Tx, dataset: i64, name: &str, but: Option<i64>) -> Result<()> {
    let same = Query::select()
        .column(Projects::Id)
        .from(Projects::Table)
        .and_where(Expr::col(Projects::Dataset).eq(dataset))
        .and_where(Expr::col(Projects::Name).eq(name))
        .to_owned();
    match tx.optional::<(i64,)>(&same).await? {
        Some((id,)) if Some(id) != but => {
            Err(StoreError::Conflict(format!("this dataset has a project that is called “{name}” already")))
        }
        _ => Ok(()),
    }
}

/// Puts these objects in the place of those that a project has.
async fn put_objects(tx: &mut Tx, project: i64, names: &[String]) -> Result<()> {
    let delete = Query::delete()
        .from_table(ProjectObjects::Table)
        .and_where(Expr::col(ProjectObjects::Project).eq(project))
        .to_owned();
    tx.execute(&delete).await?;
    let ids = held_object_ids(tx, names.iter().map(String::as_str).enumerate(), |_| "objects".to_owned()).await?;
    let mut ids: Vec<i64> = ids.into_values().collect();
    ids.sort_unstable();
    // An object may be known under several names.
    ids.dedup();
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(ProjectObjects::Table).columns([ProjectObjects::Project, ProjectObjects::Object]);
        for id in chunk {
            insert.values_panic([project.into(), (*id).into()]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// A project that is about to change, whose row the transaction has locked.
pub(super) struct Held {
    /// Its dataset.
    pub dataset: i64,
    /// What whoever changes it may do in that.
    pub right: Right,
    /// What they do in the project.
    pub role: Option<ProjectRole>,
}

impl Held {
    /// Whether they manage it.
    pub fn manages(&self) -> bool {
        self.right.role() >= Some(Role::Maintainer)
    }

    /// Whether they review.
    pub fn reviews(&self) -> bool {
        self.role == Some(ProjectRole::Reviewer) || self.manages()
    }
}

/// Locks a project that the viewer may see.
pub(super) async fn hold(tx: &mut Tx, viewer: &Viewer, id: i64, by: i64) -> Result<Held> {
    let dataset = dataset_of(tx, viewer, id).await?;
    let lock = Query::select()
        .column(Projects::Id)
        .from(Projects::Table)
        .and_where(Expr::col(Projects::Id).eq(id))
        .lock_exclusive()
        .to_owned();
    tx.optional::<(i64,)>(&lock).await?.ok_or_else(|| no_project(id))?;
    Ok(Held { dataset, right: right_in_dataset(tx, by, dataset).await?, role: role_of(tx, id, by).await? })
}

/// The same for those who manage it; the refusal says what was to be done.
pub(super) async fn hold_managed(tx: &mut Tx, viewer: &Viewer, id: i64, by: i64, what: &str) -> Result<Held> {
    users::hold_active(tx, by).await?;
    let held = hold(tx, viewer, id, by).await?;
    held.right.require(Role::Maintainer, what)?;
    Ok(held)
}

/// What a user does in a project.
pub(super) async fn role_of(source: &mut impl Source, project: i64, user: i64) -> Result<Option<ProjectRole>> {
    let statement = Query::select()
        .column(ProjectMembers::Role)
        .from(ProjectMembers::Table)
        .and_where(Expr::col(ProjectMembers::Project).eq(project))
        .and_where(Expr::col(ProjectMembers::UserId).eq(user))
        .to_owned();
    source.optional::<(String,)>(&statement).await?.map(|(role,)| read_role(&role)).transpose()
}

/// Changes the settings of a project, which maintainers of its dataset may.
pub async fn update(db: &Db, viewer: &Viewer, id: i64, change: &ProjectChange, by: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold_managed(&mut tx, viewer, id, by, "change this project").await?;
        let mut values: Vec<(Projects, Expr)> = Vec::new();
        if let Some(name) = &change.name {
            must_be_free(&mut tx, held.dataset, name, Some(id)).await?;
            values.push((Projects::Name, name.as_str().into()));
            values.push((Projects::NameFolded, fold(name).into()));
        }
        let texts = [(Projects::Description, &change.description), (Projects::Instructions, &change.instructions)];
        for (column, text) in texts {
            values.extend(text.as_deref().map(|text| (column, text.into())));
        }
        if !values.is_empty() {
            let update = Query::update()
                .table(Projects::Table)
                .values(values)
                .and_where(Expr::col(Projects::Id).eq(id))
                .to_owned();
            tx.execute(&update).await?;
        }
        if let Some(names) = &change.objects {
            if change.register_objects {
                objects::register_missing(&mut tx, "objects", names, by, actor.at).await?;
            }
            put_objects(&mut tx, id, names).await?;
        }
        datasets::note_if_borrowed(&mut tx, held.dataset, Role::Maintainer, actor, &format!("project {id} changed"))
            .await?;
        tx.commit(()).await
    })
    .await
}

/// Forgets a project with all that was said of its pictures. They stay, and so do their regions.
pub async fn delete(db: &Db, viewer: &Viewer, id: i64, by: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold_managed(&mut tx, viewer, id, by, "delete this project").await?;
        let delete = Query::delete().from_table(Projects::Table).and_where(Expr::col(Projects::Id).eq(id)).to_owned();
        tx.execute(&delete).await?;
        datasets::note_if_borrowed(&mut tx, held.dataset, Role::Maintainer, actor, &format!("project {id} deleted"))
            .await?;
        tx.commit(()).await
    })
    .await
}

/// Gives somebody a role in a project; without one they are taken out, and what they had to do is nobody's. Doing so again changes
/// nothing. Maintainers of the dataset may; and everybody may leave.
pub async fn set_member(
    db: &Db,
    viewer: &Viewer,
    id: i64,
    username: &str,
    role: Option<ProjectRole>,
    by: i64,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        let held = hold(&mut tx, viewer, id, by).await?;
        let Some(role) = role else {
            let user = user_named(&mut tx, "username", username).await?;
            if user != by {
                held.right.require(Role::Maintainer, "change the members of this project")?;
                let details = format!("{username} taken out of project {id}");
                datasets::note_if_borrowed(&mut tx, held.dataset, Role::Maintainer, actor, &details).await?;
            }
            take_out(&mut tx, user, Some(id)).await?;
            return tx.commit(()).await;
        };
        held.right.require(Role::Maintainer, "change the members of this project")?;
        let user = able_user(&mut tx, "username", username, held.dataset).await?;
        let is_new = role_of(&mut tx, id, user).await?.is_none();
        put_member(&mut tx, id, user, role).await?;
        let count = Query::select()
            .expr(Func::count(Expr::col(ProjectMembers::UserId)))
            .from(ProjectMembers::Table)
            .and_where(Expr::col(ProjectMembers::Project).eq(id))
            .to_owned();
        if is_new && tx.scalar::<i64>(&count).await? > MAX_PROJECT_MEMBERS as i64 {
            return Err(StoreError::Conflict(format!("a project has at most {MAX_PROJECT_MEMBERS} members")));
        }
        let details = format!("{username} made {} of project {id}", role.as_str());
        datasets::note_if_borrowed(&mut tx, held.dataset, Role::Maintainer, actor, &details).await?;
        tx.commit(()).await
    })
    .await
}

/// Ends the part that a user has in one project or in all: what they had to do is nobody's, what they have done stays theirs.
pub(super) async fn take_out(tx: &mut Tx, user: i64, project: Option<i64>) -> Result<()> {
    let mut leave = Query::delete()
        .from_table(ProjectMembers::Table)
        .and_where(Expr::col(ProjectMembers::UserId).eq(user))
        .to_owned();
    let mut free = Query::update()
        .table(ProjectPictures::Table)
        .value(ProjectPictures::Annotator, Option::<i64>::None)
        .and_where(Expr::col(ProjectPictures::Annotator).eq(user))
        .and_where(Expr::col(ProjectPictures::State).eq(WorkState::ToDo.as_str()))
        .to_owned();
    if let Some(project) = project {
        leave.and_where(Expr::col(ProjectMembers::Project).eq(project));
        free.and_where(Expr::col(ProjectPictures::Project).eq(project));
    }
    tx.execute(&free).await?;
    tx.execute(&leave).await.map(drop)
}

/// The number of a user whose account is open.
pub(super) async fn user_named(tx: &mut Tx, field: &str, username: &str) -> Result<i64> {
    let user = users::hold_named(tx, username).await?;
    user.ok_or_else(|| StoreError::field(field, format!("names `{username}`, which is not a user")))
}

/// The same of a user who may annotate the pictures of a dataset: a project gives nobody rights in its dataset.
async fn able_user(tx: &mut Tx, field: &str, username: &str, dataset: i64) -> Result<i64> {
    let user = user_named(tx, field, username).await?;
    if right_in_dataset(tx, user, dataset).await?.role() >= Some(Role::Annotator) {
        return Ok(user);
    }
    let message = format!("names {username}, who may not annotate in the dataset; make them an annotator there first");
    Err(StoreError::field(field, message))
}

async fn put_member(tx: &mut Tx, project: i64, user: i64, role: ProjectRole) -> Result<()> {
    let insert = Query::insert()
        .into_table(ProjectMembers::Table)
        .columns([ProjectMembers::Project, ProjectMembers::UserId, ProjectMembers::Role])
        .values_panic([project.into(), user.into(), role.as_str().into()])
        .on_conflict(
            OnConflict::columns([ProjectMembers::Project, ProjectMembers::UserId])
                .update_column(ProjectMembers::Role)
                .to_owned(),
        )
        .to_owned();
    tx.execute(&insert).await.map(drop)
}

/// The members of a project with their roles, by name.
pub(super) async fn members(source: &mut impl Source, project: i64) -> Result<Vec<(i64, String, ProjectRole)>> {
    let statement = Query::select()
        .columns([(Users::Table, Users::Id)])
        .column((Users::Table, Users::Username))
        .column((ProjectMembers::Table, ProjectMembers::Role))
        .from(ProjectMembers::Table)
        .inner_join(
            Users::Table,
            Expr::col((Users::Table, Users::Id)).equals((ProjectMembers::Table, ProjectMembers::UserId)),
        )
        .and_where(Expr::col((ProjectMembers::Table, ProjectMembers::Project)).eq(project))
        .order_by((Users::Table, Users::Username), Order::Asc)
        .to_owned();
    let rows = source.all::<(i64, String, String)>(&statement).await?;
    rows.into_iter().map(|(id, name, role)| Ok((id, name, read_role(&role)?))).collect()
}
