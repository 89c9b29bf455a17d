//! Jobs: who wants what done, how far it is, and who works on it.
//!
//! On PostgreSQL several servers share the queue: whoever takes a job locks its row and passes over those that others have just locked.
//! Whoever works on one holds a lease, which is renewed with every word of progress; a job whose lease has run out is anybody's, and goes
//! on from its checkpoint.

use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{JobErrors, Jobs, Users};
use super::users;
use crate::model::job::{Job, JobError, JobKind, JobState, MAX_JOB_ERRORS, MAX_OPEN_JOBS, pace};
use crate::model::{Account, Page, PageRequest};
use sea_query::{
    Alias, Condition, Expr, ExprTrait, Func, LockBehavior, LockType, OnConflict, Order, Query, SelectStatement,
    SimpleExpr,
};

/// So many errors are read at once.
pub const ERRORS_AT_ONCE: u64 = 1000;
/// Whoever works on a job says so again before so many seconds have gone by.
pub const LEASE_S: i64 = 60;
/// A job that was begun so often without getting any further brings down whoever takes it: it has failed.
const MAX_TRIES: i64 = 5;

fn of(column: Jobs) -> (Jobs, Jobs) {
    (Jobs::Table, column)
}

fn no_job(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no job {id}"))
}

/// A job that somebody wants done.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What it does.
    pub kind: JobKind,
    /// What people read in the list.
    pub title: String,
    /// What is to be done, as JSON that the kind understands.
    pub task: String,
}

/// A job that somebody works on now.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Numeric identity.
    pub id: i64,
    /// What it does.
    pub kind: JobKind,
    /// Who wants it.
    pub owner: i64,
    /// What is to be done, as JSON that the kind understands.
    pub task: String,
    /// How far it was, as JSON that the kind understands; none at the beginning.
    pub checkpoint: Option<String>,
    /// So much is done.
    pub done: i64,
}

/// How far a job is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// So much is done.
    pub done: i64,
    /// So much there is to do, if that is known.
    pub total: Option<i64>,
    /// From where somebody else can go on, as JSON that the kind understands; without one, that stays what it was.
    pub checkpoint: Option<String>,
    /// What could not be done since.
    pub errors: Vec<JobError>,
}

/// How a job ends.
#[derive(Clone, Debug)]
pub enum End {
    /// All was done that could be, with this result as JSON.
    Done(String),
    /// For this reason nothing more can be done.
    Failed(String),
    /// Somebody wanted it to end.
    Cancelled,
}

/// What came of saying how far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It goes on.
    GoOn,
    /// Somebody wants it to end.
    Cancelled,
    /// Somebody else works on it by now, or it has ended.
    Lost,
}

/// Queues a job and gives its id. The account of whoever wants it has to be active still.
pub async fn insert(db: &Db, new: &NewJob, owner: i64, now: i64) -> Result<i64> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, owner).await?;
        let open = Query::select()
            .expr(Func::count(Expr::col(Jobs::Id)))
            .from(Jobs::Table)
            .and_where(Expr::col(Jobs::Owner).eq(owner))
            .and_where(Expr::col(Jobs::EndedAt).is_null())
            .to_owned();
        if tx.scalar::<i64>(&open).await? >= MAX_OPEN_JOBS {
            let message = format!("nobody has more than {MAX_OPEN_JOBS} jobs at once; wait for some or cancel them");
            return Err(StoreError::Conflict(message));
        }
        let insert = Query::insert()
            .into_table(Jobs::Table)
            .columns([Jobs::Kind, Jobs::Title, Jobs::Owner, Jobs::State, Jobs::Task, Jobs::CreatedAt])
            .values_panic([
                new.kind.as_str().into(),
                new.title.as_str().into(),
                owner.into(),
                JobState::Queued.as_str().into(),
                new.task.as_str().into(),
                now.into(),
            ])
            .returning_col(Jobs::Id)
            .to_owned();
        let id = tx.scalar(&insert).await?;
        tx.commit(id).await
    })
    .await
}

/// Takes a job to work on, if there is one that nobody works on: first those whose owners have the fewest running, then the oldest.
pub async fn take(db: &Db, worker: &str, now: i64) -> Result<Option<Taken>> {
    // Looking keeps no writer waiting.
    let any = Query::select().expr(Expr::val(1_i64)).from(Jobs::Table).cond_where(nobodys(now)).limit(1).to_owned();
    if db.optional::<(i64,)>(&any).await?.is_none() {
        return Ok(None);
    }
    db.write(|mut tx| async move {
        let other = Alias::new("other");
        let running = Query::select()
            .expr(Func::count(Expr::col((other.clone(), Jobs::Id))))
            .from_as(Jobs::Table, other.clone())
            .and_where(Expr::col((other.clone(), Jobs::Owner)).equals(of(Jobs::Owner)))
            .and_where(Expr::col((other.clone(), Jobs::State)).eq(JobState::Running.as_str()))
            .and_where(Expr::col((other, Jobs::LeasedUntil)).gte(now))
            .to_owned();
        let next = Query::select()
            .columns([Jobs::Id, Jobs::Kind, Jobs::Owner, Jobs::Task, Jobs::Checkpoint, Jobs::Done, Jobs::Tries].map(of))
            .from(Jobs::Table)
            .cond_where(nobodys(now))
            .order_by_expr(SimpleExpr::SubQuery(None, Box::new(running.into())), Order::Asc)
            .order_by(of(Jobs::Id), Order::Asc)
            .limit(1)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .to_owned();
        type Row = (i64, String, i64, String, Option<String>, i64, i64);
        let Some((id, kind, owner, task, checkpoint, done, tries)) = tx.optional::<Row>(&next).await? else {
            return tx.commit(None).await;
        };
        let kind: std::result::Result<JobKind, _> = kind.parse();
        let failure = match &kind {
            Err(_) => Some("this version of Ocellus does not know what to do".to_owned()),
            Ok(_) if tries >= MAX_TRIES => {
                Some(format!("the server stopped {tries} times while it worked on this without getting any further"))
            }
            Ok(_) => None,
        };
        let (Ok(kind), None) = (kind, &failure) else {
            end_in(&mut tx, id, &End::Failed(failure.unwrap_or_default()), now).await?;
            return tx.commit(None).await;
        };
        let take = Query::update()
            .table(Jobs::Table)
            .value(Jobs::State, JobState::Running.as_str())
            .value(Jobs::Worker, worker)
            .value(Jobs::LeasedUntil, now + LEASE_S)
            .value(Jobs::Tries, tries + 1)
            .value(Jobs::BeganAt, now)
            .value(Jobs::BeganWith, done)
            .and_where(Expr::col(Jobs::Id).eq(id))
            .to_owned();
        tx.execute(&take).await?;
        tx.commit(Some(Taken { id, kind, owner, task, checkpoint, done })).await
    })
    .await
}

/// Says how far a job is, which renews the lease of whoever works on it.
pub async fn tell(db: &Db, id: i64, worker: &str, progress: &Progress, now: i64) -> Result<Heard> {
    db.write(|mut tx| async move {
        let heard = tell_in(&mut tx, id, worker, progress, now).await?;
        tx.commit(heard).await
    })
    .await
}

/// The same within a transaction that changes what the progress is about, so that both are true or neither. Where somebody else works on
/// the job by now, that transaction must change nothing.
pub(super) async fn tell_in(tx: &mut Tx, id: i64, worker: &str, progress: &Progress, now: i64) -> Result<Heard> {
    let Some(Held { cancelled, errors, checkpoint: before }) = held(tx, id, worker).await? else {
        return Ok(Heard::Lost);
    };
    let mut update = Query::update()
        .table(Jobs::Table)
        .value(Jobs::Done, progress.done)
        .value(Jobs::LeasedUntil, now + LEASE_S)
        .value(Jobs::Errors, errors + progress.errors.len() as i64)
        .and_where(Expr::col(Jobs::Id).eq(id))
        .to_owned();
    if progress.total.is_some() {
        update.value(Jobs::Total, progress.total);
    }
    if let Some(checkpoint) = &progress.checkpoint {
        update.value(Jobs::Checkpoint, checkpoint.as_str());
        // Only from there somebody else goes on: what was done behind it is done again.
        if before.as_ref() != Some(checkpoint) {
            update.value(Jobs::Tries, 0);
        }
    }
    tx.execute(&update).await?;
    keep_errors(tx, id, errors, &progress.errors).await?;
    Ok(if cancelled { Heard::Cancelled } else { Heard::GoOn })
}

/// Says that somebody still works on a job.
pub async fn renew(db: &Db, id: i64, worker: &str, now: i64) -> Result<Heard> {
    db.write(|mut tx| async move {
        let Some(Held { cancelled, .. }) = held(&mut tx, id, worker).await? else {
            return tx.commit(Heard::Lost).await;
        };
        let update = Query::update()
            .table(Jobs::Table)
            .value(Jobs::LeasedUntil, now + LEASE_S)
            .and_where(Expr::col(Jobs::Id).eq(id))
            .to_owned();
        tx.execute(&update).await?;
        tx.commit(if cancelled { Heard::Cancelled } else { Heard::GoOn }).await
    })
    .await
}

/// Ends a job on which this worker works. Gives whether it still did.
pub async fn end(db: &Db, id: i64, worker: &str, end: &End, now: i64) -> Result<bool> {
    db.write(|mut tx| async move {
        let is_held = held(&mut tx, id, worker).await?.is_some();
        if is_held {
            end_in(&mut tx, id, end, now).await?;
        }
        tx.commit(is_held).await
    })
    .await
}

/// Puts a job back on which this worker works, for whoever takes it next: at an orderly end of the server.
pub async fn put_back(db: &Db, id: i64, worker: &str) -> Result<()> {
    let update = Query::update()
        .table(Jobs::Table)
        .value(Jobs::State, JobState::Queued.as_str())
        .value(Jobs::Worker, Option::<String>::None)
        .value(Jobs::LeasedUntil, Option::<i64>::None)
        .value(Jobs::Tries, 0)
        .and_where(Expr::col(Jobs::Id).eq(id))
        .and_where(Expr::col(Jobs::Worker).eq(worker))
        .and_where(Expr::col(Jobs::State).eq(JobState::Running.as_str()))
        .to_owned();
    db.execute(&update).await.map(|_| ())
}

/// Wants a job to end. One that waits ends at once, one that runs as soon as whoever works on it hears of it; to one that has ended this
/// changes nothing. Gives its state.
pub async fn cancel(db: &Db, account: &Account, id: i64, now: i64) -> Result<JobState> {
    db.write(|mut tx| async move {
        let state = visible(account).column(of(Jobs::State)).and_where(Expr::col(of(Jobs::Id)).eq(id)).to_owned();
        let (_,) = tx.optional::<(String,)>(&state).await?.ok_or_else(|| no_job(id))?;
        let cancel = Query::update()
            .table(Jobs::Table)
            .value(Jobs::Cancelled, true)
            .and_where(Expr::col(Jobs::Id).eq(id))
            .and_where(Expr::col(Jobs::EndedAt).is_null())
            .to_owned();
        // Holds the row, so that nobody takes it between.
        tx.execute(&cancel).await?;
        let (state,) = tx.optional::<(String,)>(&state).await?.ok_or_else(|| no_job(id))?;
        let mut state = read_state(&state)?;
        if state == JobState::Queued {
            end_in(&mut tx, id, &End::Cancelled, now).await?;
            state = JobState::Cancelled;
        }
        tx.commit(state).await
    })
    .await
}

/// Forgets a job that has ended.
pub async fn delete(db: &Db, account: &Account, id: i64) -> Result<()> {
    let job = get(db, account, id, 0).await?;
    if !job.state.has_ended() {
        return Err(StoreError::Conflict("this job has not ended; cancel it first".to_owned()));
    }
    let delete = Query::delete()
        .from_table(Jobs::Table)
        .and_where(Expr::col(Jobs::Id).eq(id))
        .and_where(Expr::col(Jobs::EndedAt).is_not_null())
        .to_owned();
    db.execute(&delete).await.map(|_| ())
}

/// Forgets all jobs that ended before this time.
pub async fn forget(db: &Db, before: i64) -> Result<u64> {
    let delete = Query::delete().from_table(Jobs::Table).and_where(Expr::col(Jobs::EndedAt).lt(before)).to_owned();
    db.execute(&delete).await
}

/// One job, if it is theirs or they are an administrator.
pub async fn get(db: &Db, account: &Account, id: i64, now: i64) -> Result<Job> {
    let statement = with_columns(visible(account), Expr::col(of(Jobs::Result)))
        .and_where(Expr::col(of(Jobs::Id)).eq(id))
        .to_owned();
    let row: Option<Row> = db.optional(&statement).await?;
    row.ok_or_else(|| no_job(id))?.job(now)
}

/// What a job of theirs is to do, as JSON that its kind understands.
pub async fn task_of(db: &Db, owner: i64, id: i64) -> Result<Option<String>> {
    let statement = Query::select()
        .column(Jobs::Task)
        .from(Jobs::Table)
        .and_where(Expr::col(Jobs::Id).eq(id))
        .and_where(Expr::col(Jobs::Owner).eq(owner))
        .to_owned();
    Ok(db.optional::<(String,)>(&statement).await?.map(|(task,)| task))
}

/// What jobs of theirs are to do that have not ended, by number.
pub async fn open_tasks(db: &Db, owner: i64, kind: JobKind) -> Result<Vec<(i64, String)>> {
    let statement = Query::select()
        .columns([Jobs::Id, Jobs::Task])
        .from(Jobs::Table)
        .and_where(Expr::col(Jobs::Owner).eq(owner))
        .and_where(Expr::col(Jobs::Kind).eq(kind.as_str()))
        .and_where(Expr::col(Jobs::EndedAt).is_null())
        .to_owned();
    db.all(&statement).await
}

/// A part of their jobs, the newest first and without results, which can be long. An administrator may ask for everybody's.
pub async fn list(db: &Db, account: &Account, everybody: bool, page: PageRequest, now: i64) -> Result<Page<Job>> {
    let mut wanted = visible(account);
    if !everybody {
        wanted.and_where(Expr::col(of(Jobs::Owner)).eq(account.id));
    }
    let statement = with_columns(wanted.clone(), Expr::val(Option::<String>::None))
        .order_by(of(Jobs::Id), Order::Desc)
        .offset(page.offset.unsigned_abs())
        .limit(page.limit.unsigned_abs())
        .to_owned();
    let total = wanted.expr(Func::count(Expr::col(of(Jobs::Id)))).to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<Row>(&statement).await?;
    let items = rows.into_iter().map(|row| row.job(now)).collect::<Result<_>>()?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// A part of what a job could not do, by its number, from one number on. Whoever asks has seen to it that the job may be seen.
pub async fn errors(db: &Db, id: i64, from: i64, limit: u64) -> Result<Vec<(i64, JobError)>> {
    let statement = Query::select()
        .columns([JobErrors::Number, JobErrors::Place, JobErrors::Message])
        .from(JobErrors::Table)
        .and_where(Expr::col(JobErrors::Job).eq(id))
        .and_where(Expr::col(JobErrors::Number).gte(from))
        .order_by(JobErrors::Number, Order::Asc)
        .limit(limit)
        .to_owned();
    let rows = db.all::<(i64, String, String)>(&statement).await?;
    Ok(rows.into_iter().map(|(number, place, message)| (number, JobError { place, message })).collect())
}

/// The jobs on which nobody works.
fn nobodys(now: i64) -> Condition {
    let abandoned = Condition::all()
        .add(Expr::col(of(Jobs::State)).eq(JobState::Running.as_str()))
        .add(Expr::col(of(Jobs::LeasedUntil)).lt(now));
    Condition::any().add(Expr::col(of(Jobs::State)).eq(JobState::Queued.as_str())).add(abandoned)
}

/// The jobs that an account may see, with their owners, without columns.
fn visible(account: &Account) -> SelectStatement {
    let own = (!account.admin).then(|| Expr::col(of(Jobs::Owner)).eq(account.id));
    Query::select()
        .from(Jobs::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(Jobs::Owner)))
        .cond_where(Condition::all().add_option(own))
        .to_owned()
}

/// `result` says what came of each, or nothing: that can be long.
fn with_columns(mut statement: SelectStatement, result: Expr) -> SelectStatement {
    statement
        .columns(
            [
                Jobs::Id,
                Jobs::Kind,
                Jobs::Title,
                Jobs::State,
                Jobs::Failure,
                Jobs::Done,
                Jobs::Total,
                Jobs::Errors,
                Jobs::Cancelled,
                Jobs::CreatedAt,
                Jobs::BeganAt,
                Jobs::BeganWith,
                Jobs::EndedAt,
            ]
            .map(of),
        )
        .expr_as(result.cast_as("text"), "result")
        .column((Users::Table, Users::Username));
    statement
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    title: String,
    username: String,
    state: String,
    result: Option<String>,
    failure: Option<String>,
    done: i64,
    total: Option<i64>,
    errors: i64,
    cancelled: bool,
    created_at: i64,
    began_at: Option<i64>,
    began_with: i64,
    ended_at: Option<i64>,
}

fn read_state(word: &str) -> Result<JobState> {
    word.parse().map_err(|_| StoreError::corrupt(format!("a job's state is `{word}`")))
}

impl Row {
    fn job(self, now: i64) -> Result<Job> {
        let state = read_state(&self.state)?;
        let kind = self.kind.parse().map_err(|_| StoreError::corrupt(format!("a job's kind is `{}`", self.kind)))?;
        let elapsed_s = self.began_at.map_or(0, |began| self.ended_at.unwrap_or(now) - began);
        let (rate, left_s) = pace(self.done, self.total, self.began_with, elapsed_s);
        Ok(Job {
            id: self.id,
            kind,
            title: self.title,
            owner: self.username,
            state,
            cancelling: self.cancelled && !state.has_ended(),
            done: self.done,
            total: self.total,
            errors: self.errors,
            rate: rate.filter(|_| state != JobState::Queued),
            left_s: left_s.filter(|_| state == JobState::Running),
            result: self.result.and_then(|text| serde_json::from_str(&text).ok()),
            failure: self.failure,
            created: self.created_at,
            ended: self.ended_at,
        })
    }
}

/// What is known of a job on which a worker works.
#[derive(sqlx::FromRow)]
struct Held {
    /// Whether somebody wants it to end.
    cancelled: bool,
    /// How many errors it has.
    errors: i64,
    /// From where somebody else would go on.
    checkpoint: Option<String>,
}

/// Holds the row of a job on which this worker works.
async fn held(tx: &mut Tx, id: i64, worker: &str) -> Result<Option<Held>> {
    let statement = Query::select()
        .columns([Jobs::Cancelled, Jobs::Errors, Jobs::Checkpoint])
        .from(Jobs::Table)
        .and_where(Expr::col(Jobs::Id).eq(id))
        .and_where(Expr::col(Jobs::Worker).eq(worker))
        .and_where(Expr::col(Jobs::State).eq(JobState::Running.as_str()))
        .lock(LockType::Update)
        .to_owned();
    tx.optional(&statement).await
}

async fn end_in(tx: &mut Tx, id: i64, end: &End, now: i64) -> Result<()> {
    let (state, result, failure) = match end {
        End::Done(result) => (JobState::Done, Some(result.as_str()), None),
        End::Failed(why) => (JobState::Failed, None, Some(why.as_str())),
        End::Cancelled => (JobState::Cancelled, None, None),
    };
    let update = Query::update()
        .table(Jobs::Table)
        .value(Jobs::State, state.as_str())
        .value(Jobs::Result, result)
        .value(Jobs::Failure, failure)
        .value(Jobs::Worker, Option::<String>::None)
        .value(Jobs::LeasedUntil, Option::<i64>::None)
        .value(Jobs::EndedAt, now)
        .and_where(Expr::col(Jobs::Id).eq(id))
        .to_owned();
    tx.execute(&update).await.map(|_| ())
}

/// Keeps what could not be done, behind the errors that there are. Beyond [`MAX_JOB_ERRORS`] they are only counted.
async fn keep_errors(tx: &mut Tx, id: i64, before: i64, errors: &[JobError]) -> Result<()> {
    let room = usize::try_from(MAX_JOB_ERRORS - before).unwrap_or(0);
    for (part, numbers) in errors[..errors.len().min(room)].chunks(super::db::ROWS_PER_STATEMENT).zip(0..) {
        let mut insert = Query::insert()
            .into_table(JobErrors::Table)
            .columns([JobErrors::Job, JobErrors::Number, JobErrors::Place, JobErrors::Message])
            .to_owned();
        for (error, index) in part.iter().zip(0..) {
            let number = before + numbers * super::db::ROWS_PER_STATEMENT as i64 + index;
            insert.values_panic([id.into(), number.into(), error.place.as_str().into(), error.message.as_str().into()]);
        }
        // Whoever went on from a checkpoint may say the same again.
        insert.on_conflict(OnConflict::columns([JobErrors::Job, JobErrors::Number]).do_nothing().to_owned());
        tx.execute(&insert).await?;
    }
    Ok(())
}
