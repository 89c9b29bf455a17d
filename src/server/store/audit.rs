//! The audit log: what administrators did with rights that only they have, what the command line did to accounts, and who pushed to
//! datasets, of which commits say nothing that anybody has made sure of.
//!
//! An entry is written in the transaction of what it tells of, so that neither is there without the other.

use super::access::{PictureOwner, may_write_as_member};
use super::db::{Db, Result, Source, Tx};
use super::schema::{AuditLog, Users};
use crate::model::administration::COMMAND_LINE;
use crate::model::{AuditAction, AuditEntry, Page, PageRequest};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};

/// Who does something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user's id; none where the command line does it.
    pub user: Option<i64>,
    /// Now, in Unix seconds.
    pub at: i64,
}

impl Actor {
    /// A user who does something now.
    pub fn user(id: i64, at: i64) -> Self {
        Self { user: Some(id), at }
    }

    /// The command line.
    pub fn command_line(at: i64) -> Self {
        Self { user: None, at }
    }
}

/// Writes down what was done, and to what.
pub(super) async fn record(tx: &mut Tx, actor: Actor, action: AuditAction, subject: &str, details: &str) -> Result<()> {
    let statement = Query::insert()
        .into_table(AuditLog::Table)
        .columns([AuditLog::At, AuditLog::Actor, AuditLog::Action, AuditLog::Subject, AuditLog::Details])
        .values_panic([actor.at.into(), actor.user.into(), action.as_str().into(), subject.into(), details.into()])
        .to_owned();
    tx.execute(&statement).await.map(drop)
}

/// Writes down what was done to what belongs to somebody, unless they did it themselves. The entry names the owner.
pub(super) async fn record_if_anothers(
    tx: &mut Tx,
    actor: Actor,
    owner: Option<i64>,
    action: AuditAction,
    subject: &str,
    details: &str,
) -> Result<()> {
    let Some(owner) = owner else { return record(tx, actor, action, subject, details).await };
    if actor.user == Some(owner) {
        return Ok(());
    }
    let name =
        Query::select().column(Users::Username).from(Users::Table).and_where(Expr::col(Users::Id).eq(owner)).to_owned();
    let name = tx.scalar::<String>(&name).await?;
    record(tx, actor, action, subject, &format!("of {name}: {details}")).await
}

/// Writes down what was done to a picture, unless whoever did it may do so without the rights of administrators.
pub(super) async fn record_on_picture(
    tx: &mut Tx,
    actor: Actor,
    owner: PictureOwner,
    action: AuditAction,
    subject: &str,
    details: &str,
) -> Result<()> {
    if let Some(user) = actor.user
        && may_write_as_member(tx, user, owner).await?
    {
        return Ok(());
    }
    record_if_anothers(tx, actor, Some(owner.author), action, subject, details).await
}

/// A part of the log, the newest entry first: all of it, what one user did or [`COMMAND_LINE`], what was done in one way, or
/// both.
pub async fn list(
    db: &Db,
    actor: Option<&str>,
    action: Option<AuditAction>,
    page: PageRequest,
) -> Result<Page<AuditEntry>> {
    let mut entries = entries();
    if let Some(name) = actor {
        entries.and_where(match name {
            COMMAND_LINE => Expr::col((AuditLog::Table, AuditLog::Actor)).is_null(),
            name => Expr::col((Users::Table, Users::Username)).eq(name),
        });
    }
    if let Some(action) = action {
        entries.and_where(Expr::col((AuditLog::Table, AuditLog::Action)).eq(action.as_str()));
    }
    let total = entries.clone().expr(Func::count(Expr::col((AuditLog::Table, AuditLog::Id)))).to_owned();
    let part = entries
        .columns([AuditLog::Id, AuditLog::At].map(|column| (AuditLog::Table, column)))
        .column((Users::Table, Users::Username))
        .columns([AuditLog::Action, AuditLog::Subject, AuditLog::Details].map(|column| (AuditLog::Table, column)))
        .order_by((AuditLog::Table, AuditLog::Id), Order::Desc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<(i64, i64, Option<String>, String, String, String)>(&part).await?;
    let entry = |(id, timestamp, actor, action, subject, details)| AuditEntry {
        id,
        timestamp,
        actor,
        action,
        subject,
        details,
    };
    let items = rows.into_iter().map(entry).collect();
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

fn entries() -> SelectStatement {
    Query::select()
        .from(AuditLog::Table)
        .left_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((AuditLog::Table, AuditLog::Actor)))
        .to_owned()
}

/// The names of those whom the log tells of as actors, sorted.
pub async fn actors(db: &Db) -> Result<Vec<String>> {
    let logged = Query::select()
        .column(AuditLog::Actor)
        .from(AuditLog::Table)
        .and_where(Expr::col(AuditLog::Actor).is_not_null())
        .to_owned();
    let statement = Query::select()
        .column(Users::Username)
        .from(Users::Table)
        .and_where(Expr::col(Users::Id).in_subquery(logged))
        .order_by(Users::Username, Order::Asc)
        .to_owned();
    db.column(&statement).await
}
