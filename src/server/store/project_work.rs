//! The work on a project's pictures: queues and states.

use super::access::{right_in_dataset, visible};
use super::audit::Actor;
use super::datasets;
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx};
use super::error::StoreError;
use super::projects::{self, Held, dataset_of, hold, hold_managed, members, role_of, user_named};
use super::queue::{self, Ordered, Place, Question, Row};
use super::schema::{DatasetBlobs, DatasetFiles, Pictures, ProjectPictures, ProjectSteps, Users};
use super::users;
use crate::model::project::{MAX_TAKEN, NOBODY, STEPS, WorkStep, shares};
use crate::model::{
    Assignment, BegunRow, NewWorkState, Page, PageRequest, PictureWork, ProjectRole, Queue, Role, Viewer, Work,
    WorkCounts, WorkFilter, WorkState,
};
use sea_query::{Alias, Condition, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use std::collections::{HashMap, HashSet};

pub(super) const PICTURE: (ProjectPictures, ProjectPictures) = (ProjectPictures::Table, ProjectPictures::Picture);
const TURN: (ProjectPictures, ProjectPictures) = (ProjectPictures::Table, ProjectPictures::Turn);
const STATE: (ProjectPictures, ProjectPictures) = (ProjectPictures::Table, ProjectPictures::State);
const ANNOTATOR: (ProjectPictures, ProjectPictures) = (ProjectPictures::Table, ProjectPictures::Annotator);
pub(super) const PROJECT: (ProjectPictures, ProjectPictures) = (ProjectPictures::Table, ProjectPictures::Project);

/// What was sent back has its turn so much earlier than its position says: before everything else.
const SENT_BACK: i64 = 1 << 40;

/// A stored state.
pub(super) fn read_state(word: &str) -> Result<WorkState> {
    word.parse().map_err(|_| StoreError::corrupt(format!("the unknown state `{word}` of a picture in a project")))
}

fn not_in_project(project: i64, picture: i64) -> StoreError {
    StoreError::NotFound(format!("project {project} has no picture {picture}"))
}

/// Gives a project its pictures, all of them to be annotated by nobody yet.
pub(super) async fn insert_pictures(tx: &mut Tx, project: i64, pictures: &[i64]) -> Result<()> {
    for (number, chunk) in (0_i64..).zip(pictures.chunks(ROWS_PER_STATEMENT)) {
        let mut insert = Query::insert();
        insert.into_table(ProjectPictures::Table).columns([
            ProjectPictures::Project,
            ProjectPictures::Picture,
            ProjectPictures::Position,
            ProjectPictures::Turn,
            ProjectPictures::State,
            ProjectPictures::Comment,
        ]);
        for (position, picture) in (number * ROWS_PER_STATEMENT as i64..).zip(chunk) {
            let state = WorkState::ToDo.as_str();
            let (position, turn) = (position.into(), position.into());
            insert.values_panic([project.into(), (*picture).into(), position, turn, state.into(), "".into()]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// The pictures of a dataset that hold the bytes of files: those of the newest state by path and MD5, and any others by MD5 alone, the
/// newest one first.
pub struct Known {
    /// By the path, with the MD5 of the bytes.
    pub by_path: HashMap<String, (String, i64)>,
    /// By the MD5 of the bytes, the newest first.
    pub by_sum: HashMap<String, Vec<i64>>,
    /// The MD5 of all bytes that the dataset knows to be a picture's.
    pub images: HashSet<String>,
}

impl Known {
    /// The pictures of the files of a state, given by path and MD5. Each is the picture that has its place and bytes today, or else one
    /// with its bytes, such as one that has been replaced since, which no other file of the state is; none where there is none any more.
    pub fn pictures_of<'f>(&self, files: impl Iterator<Item = (&'f str, &'f str)> + Clone) -> Vec<Option<i64>> {
        let at_place = |(path, md5): (&str, &str)| {
            self.by_path.get(path).filter(|(sum, _)| sum == md5).map(|(_, picture)| *picture)
        };
        // Those at their places go first, so that nobody else is taken for them.
        let taken: HashSet<i64> = files.clone().filter_map(at_place).collect();
        // How far each list has been gone through: the same bytes may be there a hundred thousand times.
        let mut rest: HashMap<&str, std::slice::Iter<i64>> = HashMap::new();
        let mut with_bytes = |md5: &'f str| {
            let all = self.by_sum.get(md5)?;
            rest.entry(md5).or_insert_with(|| all.iter()).find(|picture| !taken.contains(picture)).copied()
        };
        let picture = |file: (&'f str, &'f str)| at_place(file).or_else(|| with_bytes(file.1));
        files.map(picture).collect()
    }
}

/// Which pictures there are for the files of earlier states.
pub async fn known_pictures(db: &Db, dataset: i64) -> Result<Known> {
    let mut tx = db.snapshot().await?;
    let now = Query::select()
        .columns([DatasetFiles::Path, DatasetFiles::Md5])
        .column(DatasetFiles::Picture)
        .from(DatasetFiles::Table)
        .and_where(Expr::col(DatasetFiles::Dataset).eq(dataset))
        .and_where(Expr::col(DatasetFiles::Picture).is_not_null())
        .to_owned();
    let by_path = tx.all::<(String, String, i64)>(&now).await?;
    let by_path = by_path.into_iter().map(|(path, md5, picture)| (path, (md5, picture))).collect();
    let md5 = (DatasetBlobs::Table, DatasetBlobs::Md5);
    let all = Query::select()
        .column(md5)
        .column((Pictures::Table, Pictures::Id))
        .from(DatasetBlobs::Table)
        .inner_join(
            Pictures::Table,
            Expr::col((Pictures::Table, Pictures::Blob)).equals((DatasetBlobs::Table, DatasetBlobs::Blob)),
        )
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Dataset)).eq(dataset))
        .and_where(Expr::col((Pictures::Table, Pictures::Dataset)).eq(dataset))
        .order_by((Pictures::Table, Pictures::Id), Order::Desc)
        .to_owned();
    let mut by_sum: HashMap<String, Vec<i64>> = HashMap::new();
    for (md5, picture) in tx.all::<(String, i64)>(&all).await? {
        by_sum.entry(md5).or_default().push(picture);
    }
    let images = Query::select()
        .column(DatasetBlobs::Md5)
        .from(DatasetBlobs::Table)
        .and_where(Expr::col(DatasetBlobs::Dataset).eq(dataset))
        .and_where(Expr::col(DatasetBlobs::Width).is_not_null())
        .to_owned();
    let images = tx.all::<(String,)>(&images).await?.into_iter().map(|(md5,)| md5).collect();
    Ok(Known { by_path, by_sum, images })
}

/// The pictures of a project that the viewer may see, without columns and order.
fn pictures_of(viewer: &Viewer, project: i64) -> SelectStatement {
    Query::select()
        .from(ProjectPictures::Table)
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(PICTURE))
        .and_where(Expr::col(PROJECT).eq(project))
        .cond_where(visible(viewer))
        .to_owned()
}

/// The condition that a filter means. A user who does not exist has no pictures.
fn filtered(filter: &WorkFilter) -> Condition {
    let mut condition = Condition::all();
    if !filter.states.is_empty() {
        condition = condition.add(Expr::col(STATE).is_in(filter.states.iter().map(|state| state.as_str())));
    }
    match filter.annotator.as_deref() {
        None | Some("") => condition,
        Some(NOBODY) => condition.add(Expr::col(ANNOTATOR).is_null()),
        Some(name) => {
            let user = Query::select()
                .column(Users::Id)
                .from(Users::Table)
                .and_where(Expr::col((Users::Table, Users::Username)).eq(name))
                .to_owned();
            condition.add(Expr::col(ANNOTATOR).in_subquery(user))
        }
    }
}

/// Where the work on a picture stands, as a row of the database.
#[derive(sqlx::FromRow)]
struct WorkRow {
    picture: i64,
    state: String,
    turn: i64,
    annotator_name: Option<String>,
    comment: String,
    changed_at: Option<i64>,
    author_name: Option<String>,
}

impl WorkRow {
    fn into_work(self) -> Result<Work> {
        Ok(Work {
            state: read_state(&self.state)?,
            sent_back: self.turn < 0,
            annotator: self.annotator_name,
            comment: self.comment,
            author: self.author_name,
            timestamp: self.changed_at,
        })
    }
}

fn with_work(mut statement: SelectStatement) -> SelectStatement {
    let of = |column| (ProjectPictures::Table, column);
    let (annotators, authors) = (Alias::new("annotators"), Alias::new("authors"));
    statement
        .columns([PICTURE, STATE, TURN])
        .columns([ProjectPictures::Comment, ProjectPictures::ChangedAt].map(of))
        .expr_as(Expr::col((annotators.clone(), Users::Username)), "annotator_name")
        .expr_as(Expr::col((authors.clone(), Users::Username)), "author_name")
        .join_as(
            JoinType::LeftJoin,
            Users::Table,
            annotators.clone(),
            Expr::col((annotators, Users::Id)).equals(ANNOTATOR),
        )
        .join_as(
            JoinType::LeftJoin,
            Users::Table,
            authors.clone(),
            Expr::col((authors, Users::Id)).equals(of(ProjectPictures::ChangedBy)),
        );
    statement
}

/// A part of a project's pictures in their order, in which those that were sent back come first: numbers, and where the work on them
/// stands.
pub async fn pictures(
    db: &Db,
    viewer: &Viewer,
    project: i64,
    filter: &WorkFilter,
    page: PageRequest,
) -> Result<Page<(i64, Work)>> {
    let mut tx = db.snapshot().await?;
    dataset_of(&mut tx, viewer, project).await?;
    let found = pictures_of(viewer, project).cond_where(filtered(filter)).to_owned();
    let total = found.clone().expr(Func::count(Expr::col(PICTURE))).to_owned();
    let statement =
        with_work(found).order_by(TURN, Order::Asc).offset(page.offset as u64).limit(page.limit as u64).to_owned();
    let rows = tx.all::<WorkRow>(&statement).await?;
    let items = rows.into_iter().map(|row| Ok((row.picture, row.into_work()?))).collect::<Result<_>>()?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// Where the work on a picture stands, and what the viewer may make of it. The name and the instructions are for who calls to fill in.
pub async fn of_picture(db: &Db, viewer: &Viewer, project: i64, picture: i64) -> Result<PictureWork> {
    let mut tx = db.snapshot().await?;
    let dataset = dataset_of(&mut tx, viewer, project).await?;
    let found = with_work(pictures_of(viewer, project)).and_where(Expr::col(PICTURE).eq(picture)).to_owned();
    let row = tx.optional::<WorkRow>(&found).await?.ok_or_else(|| not_in_project(project, picture))?;
    let work = row.into_work()?;
    let (mut next, mut reviews) = (Vec::new(), false);
    if let Some(account) = viewer.account.as_ref().filter(|_| !viewer.read_only) {
        let (right, role) =
            (right_in_dataset(&mut tx, account.id, dataset).await?, role_of(&mut tx, project, account.id).await?);
        let held = Held { dataset, right, role };
        reviews = held.reviews();
        if may_work(&held, account.username == work.annotator.as_deref().unwrap_or(&account.username)) {
            next = work.state.next(reviews);
        }
    }
    let steps = Query::select()
        .columns([ProjectSteps::FromState, ProjectSteps::ToState, ProjectSteps::Comment].map(of_steps))
        .column((Users::Table, Users::Username))
        .column(of_steps(ProjectSteps::CreatedAt))
        .from(ProjectSteps::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of_steps(ProjectSteps::Author)))
        .and_where(Expr::col(of_steps(ProjectSteps::Project)).eq(project))
        .and_where(Expr::col(of_steps(ProjectSteps::Picture)).eq(picture))
        .order_by(of_steps(ProjectSteps::Id), Order::Desc)
        .limit(STEPS)
        .to_owned();
    let steps = tx.all::<(String, String, String, String, i64)>(&steps).await?;
    let step = |(from, to, comment, author, timestamp): (String, String, String, String, i64)| {
        Ok(WorkStep { from: read_state(&from)?, to: read_state(&to)?, comment, author, timestamp })
    };
    let steps = steps.into_iter().map(step).collect::<Result<_>>()?;
    Ok(PictureWork { project, name: String::new(), work, next, reviews, steps, instructions_html: String::new() })
}

pub(super) fn of_steps(column: ProjectSteps) -> (ProjectSteps, ProjectSteps) {
    (ProjectSteps::Table, column)
}

/// Whether somebody may change the state of a picture: whoever may annotate in the dataset and has a part in the project, annotators
/// only where it is in their own queue or in nobody's.
fn may_work(held: &Held, is_own: bool) -> bool {
    held.right.role() >= Some(Role::Annotator) && (held.reviews() || is_own && held.role.is_some())
}

/// Brings a picture to another state. Who begins with one that is in nobody's queue has it in theirs from then on.
pub async fn set_state(
    db: &Db,
    viewer: &Viewer,
    project: i64,
    picture: i64,
    new: &NewWorkState,
    by: i64,
    now: i64,
) -> Result<()> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        let dataset = dataset_of(&mut tx, viewer, project).await?;
        let role = role_of(&mut tx, project, by).await?;
        let held = Held { dataset, right: right_in_dataset(&mut tx, by, dataset).await?, role };
        let lock = Query::select()
            .columns([ProjectPictures::State])
            .columns([ProjectPictures::Annotator, ProjectPictures::Position])
            .from(ProjectPictures::Table)
            .and_where(Expr::col(ProjectPictures::Project).eq(project))
            .and_where(Expr::col(ProjectPictures::Picture).eq(picture))
            .lock_exclusive()
            .to_owned();
        let row = tx.optional::<(String, Option<i64>, i64)>(&lock).await?;
        let (state, annotator, position) = row.ok_or_else(|| not_in_project(project, picture))?;
        let state = read_state(&state)?;
        if !held.reviews() && held.role.is_none() {
            return Err(StoreError::Forbidden(format!("only members of project {project} may say how far it is")));
        }
        held.right.require(Role::Annotator, "annotate pictures of this dataset")?;
        if !may_work(&held, annotator.is_none_or(|annotator| annotator == by)) {
            return Err(StoreError::Forbidden(format!("picture {picture} is in the queue of somebody else")));
        }
        if let Some(before) = new.before.filter(|before| *before != state) {
            let message = format!(
                "picture {picture} is {} by now, not {}",
                state.label().to_lowercase(),
                before.label().to_lowercase()
            );
            return Err(StoreError::Conflict(message));
        }
        if !state.may_become(new.state, held.reviews()) {
            let message = "only reviewers accept pictures, and change what is accepted";
            return Err(StoreError::Forbidden(message.to_owned()));
        }
        if state == new.state && new.comment.is_empty() {
            return Ok(());
        }
        let takes = annotator.is_none() && state == WorkState::ToDo && new.state != WorkState::Accepted;
        let mut update = Query::update()
            .table(ProjectPictures::Table)
            .values([
                (ProjectPictures::State, new.state.as_str().into()),
                (ProjectPictures::Comment, new.comment.as_str().into()),
                (ProjectPictures::ChangedBy, by.into()),
                (ProjectPictures::ChangedAt, now.into()),
            ])
            .and_where(Expr::col(ProjectPictures::Project).eq(project))
            .and_where(Expr::col(ProjectPictures::Picture).eq(picture))
            .to_owned();
        if takes {
            update.value(ProjectPictures::Annotator, by);
        }
        if state != new.state {
            // Who takes their own work up again does so in its place.
            let is_sent_back = new.state == WorkState::ToDo && annotator != Some(by);
            update.value(ProjectPictures::Turn, if is_sent_back { position - SENT_BACK } else { position });
        }
        // What comes back to somebody who has no part in it any more is for whoever takes it.
        if let Some(annotator) = annotator.filter(|_| new.state == WorkState::ToDo)
            && role_of(&mut tx, project, annotator).await?.is_none()
        {
            update.value(ProjectPictures::Annotator, Option::<i64>::None);
        }
        tx.execute(&update).await?;
        let insert = Query::insert()
            .into_table(ProjectSteps::Table)
            .columns([
                ProjectSteps::Project,
                ProjectSteps::Picture,
                ProjectSteps::Author,
                ProjectSteps::Annotator,
                ProjectSteps::FromState,
                ProjectSteps::ToState,
                ProjectSteps::Comment,
                ProjectSteps::CreatedAt,
            ])
            .values_panic([
                project.into(),
                picture.into(),
                by.into(),
                annotator.into(),
                state.as_str().into(),
                new.state.as_str().into(),
                new.comment.as_str().into(),
                now.into(),
            ])
            .to_owned();
        tx.execute(&insert).await?;
        tx.commit(()).await
    })
    .await
}

/// Puts pictures that are not accepted into the queue of a member, or of nobody. Gives how many. Those who manage the project may.
pub async fn assign(
    db: &Db,
    viewer: &Viewer,
    project: i64,
    assignment: &Assignment,
    by: i64,
    actor: Actor,
) -> Result<u64> {
    db.write(|mut tx| async move {
        let held = hold_managed(&mut tx, viewer, project, by, "say who annotates what").await?;
        let annotator = match assignment.annotator.as_deref() {
            None => None,
            Some(name) => {
                let user = user_named(&mut tx, "annotator", name).await?;
                let fault = if role_of(&mut tx, project, user).await?.is_none() {
                    Some("is not a member of this project")
                } else if right_in_dataset(&mut tx, user, held.dataset).await?.role() < Some(Role::Annotator) {
                    Some("may not annotate in the dataset any more")
                } else {
                    None
                };
                if let Some(fault) = fault {
                    return Err(StoreError::field("annotator", format!("names {name}, who {fault}")));
                }
                Some(user)
            }
        };
        let mut changed = 0;
        for chunk in assignment.pictures.chunks(ROWS_PER_STATEMENT) {
            changed += put_into_queue(&mut tx, project, chunk, annotator).await?;
        }
        let details = format!("queues of project {project} changed");
        datasets::note_if_borrowed(&mut tx, held.dataset, Role::Maintainer, actor, &details).await?;
        tx.commit(changed).await
    })
    .await
}

async fn put_into_queue(tx: &mut Tx, project: i64, pictures: &[i64], annotator: Option<i64>) -> Result<u64> {
    let update = Query::update()
        .table(ProjectPictures::Table)
        .value(ProjectPictures::Annotator, annotator)
        .and_where(Expr::col(ProjectPictures::Project).eq(project))
        .and_where(Expr::col(ProjectPictures::Picture).is_in(pictures.iter().copied()))
        .and_where(Expr::col(ProjectPictures::State).ne(WorkState::Accepted.as_str()))
        .to_owned();
    tx.execute(&update).await
}

/// Shares out what is in nobody's queue among the annotators, so that all have as much to do as possible; `again` also takes what
/// others have not begun with out of their queues. Gives how many pictures came into a queue. Those who manage the project may.
pub async fn share_out(db: &Db, viewer: &Viewer, project: i64, again: bool, by: i64, actor: Actor) -> Result<u64> {
    db.write(|mut tx| async move {
        let held = hold_managed(&mut tx, viewer, project, by, "say who annotates what").await?;
        let shared = share_out_in(&mut tx, project, held.dataset, again).await?;
        let details = format!("pictures of project {project} shared out");
        datasets::note_if_borrowed(&mut tx, held.dataset, Role::Maintainer, actor, &details).await?;
        tx.commit(shared).await
    })
    .await
}

/// The same as a part of a transaction that has locked the project.
pub(super) async fn share_out_in(tx: &mut Tx, project: i64, dataset: i64, again: bool) -> Result<u64> {
    let mut annotators = Vec::new();
    for (user, _, role) in members(tx, project).await? {
        // Who has lost their role in the dataset could do nothing with them.
        let may_annotate = right_in_dataset(tx, user, dataset).await?.role() >= Some(Role::Annotator);
        if role == ProjectRole::Annotator && may_annotate {
            annotators.push(user);
        }
    }
    if annotators.is_empty() {
        let message = "this project has no annotators who may annotate in its dataset; add some first";
        return Err(StoreError::Conflict(message.to_owned()));
    }
    let to_do = || {
        Query::select()
            .from(ProjectPictures::Table)
            .and_where(Expr::col(ProjectPictures::Project).eq(project))
            .and_where(Expr::col(ProjectPictures::State).eq(WorkState::ToDo.as_str()))
            .to_owned()
    };
    // What a reviewer has sent back stays with whom it came back to.
    let mut free = Condition::any().add(Expr::col(ProjectPictures::Annotator).is_null());
    let mut kept = Condition::all().add(Expr::col(ProjectPictures::Annotator).is_not_null());
    if again {
        free = free.add(Expr::col(ProjectPictures::ChangedAt).is_null());
        kept = kept.add(Expr::col(ProjectPictures::ChangedAt).is_not_null());
    }
    let pool = to_do()
        .column(ProjectPictures::Picture)
        .cond_where(free)
        .order_by(ProjectPictures::Position, Order::Asc)
        .lock_exclusive()
        .to_owned();
    let counts = to_do()
        .column(ProjectPictures::Annotator)
        .expr(Func::count(Expr::col(ProjectPictures::Picture)))
        .cond_where(kept)
        .group_by_col(ProjectPictures::Annotator)
        .to_owned();
    let loads: HashMap<i64, i64> = tx.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let pool: Vec<i64> = tx.all::<(i64,)>(&pool).await?.into_iter().map(|(id,)| id).collect();
    let loads: Vec<i64> = annotators.iter().map(|user| loads.get(user).copied().unwrap_or_default()).collect();
    let (mut shared, mut rest) = (0, pool.as_slice());
    for (user, share) in annotators.into_iter().zip(shares(&loads, pool.len())) {
        // Neighbours in the order stay together, since they often look alike.
        let (own, others) = rest.split_at(share.min(rest.len()));
        rest = others;
        for chunk in own.chunks(ROWS_PER_STATEMENT) {
            shared += put_into_queue(tx, project, chunk, Some(user)).await?;
        }
    }
    Ok(shared)
}

/// Puts the next pictures that are in nobody's queue into that of a member who asks for them. Gives how many.
pub async fn take(db: &Db, viewer: &Viewer, project: i64, count: i64, by: i64) -> Result<u64> {
    if !(1..=MAX_TAKEN).contains(&count) {
        return Err(StoreError::field("count", format!("must be from 1 to {MAX_TAKEN}")));
    }
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        let held = hold(&mut tx, viewer, project, by).await?;
        if held.role.is_none() {
            return Err(StoreError::Forbidden(format!("only members of project {project} have a queue there")));
        }
        held.right.require(Role::Annotator, "annotate pictures of this dataset")?;
        let next = Query::select()
            .column(ProjectPictures::Picture)
            .from(ProjectPictures::Table)
            .and_where(Expr::col(ProjectPictures::Project).eq(project))
            .and_where(Expr::col(ProjectPictures::State).eq(WorkState::ToDo.as_str()))
            .and_where(Expr::col(ProjectPictures::Annotator).is_null())
            .order_by(ProjectPictures::Turn, Order::Asc)
            .limit(count as u64)
            .lock_exclusive()
            .to_owned();
        let next: Vec<i64> = tx.all::<(i64,)>(&next).await?.into_iter().map(|(id,)| id).collect();
        let taken = if next.is_empty() { 0 } else { put_into_queue(&mut tx, project, &next, Some(by)).await? };
        tx.commit(taken).await
    })
    .await
}

/// The usernames of a project's members who may annotate in its dataset, in order.
pub async fn able_members(db: &Db, viewer: &Viewer, project: i64) -> Result<Vec<String>> {
    let mut tx = db.snapshot().await?;
    let dataset = dataset_of(&mut tx, viewer, project).await?;
    let mut names = Vec::new();
    for (user, name, _) in members(&mut tx, project).await? {
        if right_in_dataset(&mut tx, user, dataset).await?.role() >= Some(Role::Annotator) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The pictures in the viewer's own queue, by state.
pub async fn own_counts(db: &Db, viewer: &Viewer, project: i64) -> Result<WorkCounts> {
    let mut counts = WorkCounts::default();
    let Some(account) = &viewer.account else { return Ok(counts) };
    let statement = counts_by_queue(project).and_where(Expr::col(ProjectPictures::Annotator).eq(account.id)).to_owned();
    for (_, state, count) in db.all::<(i64, String, i64)>(&statement).await? {
        counts.add(read_state(&state)?, count);
    }
    Ok(counts)
}

/// So many pictures in the viewer's own queue were sent back.
pub async fn own_sent_back(db: &Db, viewer: &Viewer, project: i64) -> Result<i64> {
    let Some(account) = &viewer.account else { return Ok(0) };
    let statement = Query::select()
        .expr(Func::count(Expr::col(ProjectPictures::Picture)))
        .from(ProjectPictures::Table)
        .and_where(Expr::col(ProjectPictures::Project).eq(project))
        .and_where(Expr::col(ProjectPictures::Annotator).eq(account.id))
        .and_where(Expr::col(ProjectPictures::State).eq(WorkState::ToDo.as_str()))
        .and_where(Expr::col(ProjectPictures::Turn).lt(0))
        .to_owned();
    Ok(db.all::<(i64,)>(&statement).await?.first().map_or(0, |(count,)| *count))
}

/// How many pictures of which state are in whose queue; those of nobody's are left out.
pub(super) fn counts_by_queue(project: i64) -> SelectStatement {
    Query::select()
        .columns([ProjectPictures::Annotator, ProjectPictures::State])
        .expr(Func::count(Expr::col(ProjectPictures::Picture)))
        .from(ProjectPictures::Table)
        .and_where(Expr::col(ProjectPictures::Project).eq(project))
        .and_where(Expr::col(ProjectPictures::Annotator).is_not_null())
        .group_by_columns([ProjectPictures::Annotator, ProjectPictures::State])
        .to_owned()
}

/// What is around a picture among those of a project that a filter names.
pub async fn around(
    db: &Db,
    viewer: &Viewer,
    project: i64,
    filter: &WorkFilter,
    question: Question<'_>,
) -> Result<Queue> {
    let mut source = db.snapshot().await?;
    let (row, place) = row_of(&mut source, viewer, project, filter, question).await?;
    queue::around(&mut source, row, question, place).await
}

/// The pictures of a project that a filter names, to be gone through as they are now, from one on.
pub async fn begin(
    db: &Db,
    viewer: &Viewer,
    project: i64,
    filter: &WorkFilter,
    question: Question<'_>,
) -> Result<BegunRow> {
    let mut source = db.snapshot().await?;
    match row_of(&mut source, viewer, project, filter, question).await? {
        (row, Some(place)) => queue::begin(&mut source, row, place).await,
        (_, None) => Ok(BegunRow::default()),
    }
}

/// The first picture that a filter names.
pub async fn first(db: &Db, viewer: &Viewer, project: i64, filter: &WorkFilter) -> Result<Option<i64>> {
    let mut source = db.snapshot().await?;
    projects::dataset_of(&mut source, viewer, project).await?;
    let statement = pictures_of(viewer, project)
        .column(PICTURE)
        .cond_where(filtered(filter))
        .order_by(TURN, Order::Asc)
        .limit(1)
        .to_owned();
    Ok(source.optional::<(i64,)>(&statement).await?.map(|(id,)| id))
}

/// The pictures that a filter names, and the place that a question is about.
async fn row_of(
    source: &mut impl Source,
    viewer: &Viewer,
    project: i64,
    filter: &WorkFilter,
    question: Question<'_>,
) -> Result<(Row, Option<Place>)> {
    let picture = question.picture;
    super::access::require_visible(source, viewer, picture).await?;
    dataset_of(source, viewer, project).await?;
    let own = Query::select()
        .column(ProjectPictures::Turn)
        .from(ProjectPictures::Table)
        .and_where(Expr::col(ProjectPictures::Project).eq(project))
        .and_where(Expr::col(ProjectPictures::Picture).eq(picture))
        .to_owned();
    let own = source.optional::<(i64,)>(&own).await?.map(|(key,)| key.into());
    let place = question.key(false)?.or(own).map(|key| Place { key, picture });
    let pictures = pictures_of(viewer, project).cond_where(filtered(filter)).to_owned();
    let some = Ordered { pictures: pictures.clone(), key: Expr::col(TURN), direction: Order::Asc, has_ties: false };
    Ok((Row { all: pictures, some }, place))
}
