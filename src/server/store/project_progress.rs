//! How far a project is, by day, and who did how much of it.

use super::access::right_in_dataset;
use super::db::{Db, Result, Source};
use super::project_work::{PICTURE, PROJECT, counts_by_queue, of_steps, read_state};
use super::projects::{dataset_of, members};
use super::schema::{PictureRevisions, ProjectPictures, ProjectSteps, Projects, Users};
use crate::model::project::DayCounts;
use crate::model::{Progress, ProjectMember, Role, Viewer, WorkCounts, WorkState};
use sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::{BTreeMap, HashMap, HashSet};

const DAY_S: i64 = 86_400;

/// How a project goes on, and who did how much of it. In a large project that takes its time, which is bounded.
pub async fn progress(db: &Db, viewer: &Viewer, project: i64) -> Result<Progress> {
    let mut source = db.bounded().await?;
    let dataset = dataset_of(&mut source, viewer, project).await?;
    let begin = Query::select()
        .column(Projects::CreatedAt)
        .from(Projects::Table)
        .and_where(Expr::col(Projects::Id).eq(project))
        .to_owned();
    let (begin,) = source.optional::<(i64,)>(&begin).await?.unwrap_or_default();
    let total = Query::select()
        .expr(Func::count(Expr::col(ProjectPictures::Picture)))
        .from(ProjectPictures::Table)
        .and_where(Expr::col(ProjectPictures::Project).eq(project))
        .to_owned();
    let (total,) = source.optional::<(i64,)>(&total).await?.unwrap_or_default();
    let moves = Query::select()
        .expr_as(Expr::cust("created_at / 86400"), "day")
        .columns([ProjectSteps::FromState, ProjectSteps::ToState])
        .expr(Func::count(Expr::col(ProjectSteps::Id)))
        .from(ProjectSteps::Table)
        .and_where(Expr::col(ProjectSteps::Project).eq(project))
        .add_group_by([Expr::cust("created_at / 86400")])
        .group_by_columns([ProjectSteps::FromState, ProjectSteps::ToState])
        .order_by_expr(Expr::cust("created_at / 86400"), Order::Asc)
        .to_owned();
    let moves = source.all::<(i64, String, String, i64)>(&moves).await?;
    let mut days = BTreeMap::from([(begin.div_euclid(DAY_S), Vec::new())]);
    for (day, from, to, count) in moves {
        days.entry(day).or_default().push((read_state(&from)?, read_state(&to)?, count));
    }
    let mut pictures = WorkCounts { to_do: total, ..WorkCounts::default() };
    let mut told = Vec::with_capacity(days.len());
    for (day, moves) in days {
        for (from, to, count) in moves {
            pictures.add(from, -count);
            pictures.add(to, count);
        }
        told.push(DayCounts { day: day * DAY_S, pictures });
    }
    let members = parts(&mut source, project, dataset, begin).await?;
    source.close().await?;
    Ok(Progress { days: told, members })
}

/// What everybody does and did who has a part in a project.
async fn parts(source: &mut impl Source, project: i64, dataset: i64, begin: i64) -> Result<Vec<ProjectMember>> {
    let mut parts: HashMap<i64, ProjectMember> = HashMap::new();
    let member = |username: String, role| ProjectMember {
        username,
        role,
        may_annotate: true,
        manages: false,
        pictures: WorkCounts::default(),
        finished: 0,
        reviewed: 0,
        regions: 0,
        last: None,
    };
    let mut order = Vec::new();
    for (user, name, role) in members(source, project).await? {
        order.push(user);
        parts.insert(user, member(name, Some(role)));
    }
    let queues = source.all::<(i64, String, i64)>(&counts_by_queue(project)).await?;
    let last = steps_by_author(project).expr(Func::max(Expr::col(of_steps(ProjectSteps::CreatedAt)))).to_owned();
    let last = source.all::<(i64, i64)>(&last).await?;
    let to = |state: WorkState| Expr::col(of_steps(ProjectSteps::ToState)).eq(state.as_str());
    let finished = pictures_by_author(project)
        .and_where(Expr::col(of_steps(ProjectSteps::FromState)).eq(WorkState::ToDo.as_str()))
        .and_where(to(WorkState::ToDo).not())
        .and_where(to(WorkState::Accepted).not())
        .to_owned();
    let finished = source.all::<(i64, i64)>(&finished).await?;
    // Who takes their own work up again reviews nothing.
    let annotator = || Expr::col(of_steps(ProjectSteps::Annotator));
    let anothers =
        Condition::any().add(annotator().is_null()).add(annotator().not_equals(of_steps(ProjectSteps::Author)));
    let sent_back = Condition::all().add(to(WorkState::ToDo)).add(anothers);
    let reviewed = pictures_by_author(project)
        .and_where(Expr::col(of_steps(ProjectSteps::FromState)).not_equals(of_steps(ProjectSteps::ToState)))
        .cond_where(Condition::any().add(to(WorkState::Accepted)).add(sent_back))
        .to_owned();
    let reviewed = source.all::<(i64, i64)>(&reviewed).await?;
    let drawn = Query::select()
        .column((PictureRevisions::Table, PictureRevisions::Author))
        .expr(Expr::expr(Func::sum(Expr::col((PictureRevisions::Table, PictureRevisions::Added)))).cast_as("BIGINT"))
        .from(ProjectPictures::Table)
        .inner_join(
            PictureRevisions::Table,
            Expr::col((PictureRevisions::Table, PictureRevisions::Picture)).equals(PICTURE),
        )
        .and_where(Expr::col(PROJECT).eq(project))
        .and_where(Expr::col((PictureRevisions::Table, PictureRevisions::CreatedAt)).gte(begin))
        .group_by_col((PictureRevisions::Table, PictureRevisions::Author))
        .to_owned();
    let drawn = source.all::<(i64, i64)>(&drawn).await?;
    let others: HashSet<i64> = queues
        .iter()
        .map(|(user, ..)| *user)
        .chain(last.iter().chain(&drawn).map(|(user, _)| *user))
        .filter(|user| !parts.contains_key(user))
        .collect();
    let names = Query::select()
        .column(Users::Id)
        .column(Users::Username)
        .from(Users::Table)
        .and_where(Expr::col(Users::Id).is_in(others))
        .order_by(Users::Username, Order::Asc)
        .to_owned();
    for (user, name) in source.all::<(i64, String)>(&names).await? {
        order.push(user);
        parts.insert(user, member(name, None));
    }
    for (user, state, count) in queues {
        if let Some(part) = parts.get_mut(&user) {
            part.pictures.add(read_state(&state)?, count);
        }
    }
    type Put = fn(&mut ProjectMember, i64);
    let told: [(Vec<(i64, i64)>, Put); 4] = [
        (last, |part, at| part.last = Some(at)),
        (finished, |part, count| part.finished = count),
        (reviewed, |part, count| part.reviewed = count),
        (drawn, |part, count| part.regions = count),
    ];
    for (rows, put) in told {
        for (user, value) in rows {
            if let Some(part) = parts.get_mut(&user) {
                put(part, value);
            }
        }
    }
    for user in &order {
        let right = right_in_dataset(source, *user, dataset).await?;
        if let Some(part) = parts.get_mut(user) {
            part.may_annotate = right.role() >= Some(Role::Annotator);
            // What administrators may do is no role of theirs.
            part.manages = right.own >= Some(Role::Maintainer);
        }
    }
    Ok(order.into_iter().filter_map(|user| parts.remove(&user)).collect())
}

/// The changes of state in a project by who made them, with only that column.
fn steps_by_author(project: i64) -> SelectStatement {
    Query::select()
        .column(of_steps(ProjectSteps::Author))
        .from(ProjectSteps::Table)
        .and_where(Expr::col(of_steps(ProjectSteps::Project)).eq(project))
        .group_by_col(of_steps(ProjectSteps::Author))
        .to_owned()
}

/// The same with how many pictures they were about.
fn pictures_by_author(project: i64) -> SelectStatement {
    let pictures = Func::count_distinct(Expr::col(of_steps(ProjectSteps::Picture)));
    steps_by_author(project).expr(pictures).to_owned()
}
