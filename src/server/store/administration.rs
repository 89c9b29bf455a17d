//! What administrators and the command line do with accounts, each deed with its entry in the audit log.

use super::audit::{Actor, record};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{Pictures, Users};
use super::tokens::{self, Scope};
use super::users::{self, NewUser};
use super::{access, locks, sessions};
use crate::model::{
    AccountChange, AuditAction, Member, MemberFilter, MemberKind, MemberOrder, Page, PageRequest, Viewer,
};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::HashMap;

/// The lock of whoever may leave the site without administrators.
const ADMINISTRATORS: &str = "administrators";

type MemberRow = (i64, String, bool, i64, Option<i64>, Option<i64>);

fn select_members() -> SelectStatement {
    Query::select()
        .columns([Users::Id, Users::Username, Users::Admin, Users::Joined, Users::SuspendedAt, Users::ClosedAt])
        .from(Users::Table)
        .to_owned()
}

/// A part of the list of users, as administrators see them.
pub async fn members(db: &Db, filter: &MemberFilter, page: PageRequest) -> Result<Page<Member>> {
    let (mut statement, mut total) = (select_members(), users::select_count());
    for list in [&mut statement, &mut total] {
        if !filter.search.trim().is_empty() {
            list.and_where(users::name_contains(&filter.search));
        }
        let kind = match filter.kind {
            MemberKind::All => None,
            MemberKind::Administrators => Some(Expr::col(Users::Admin).eq(true)),
            MemberKind::Suspended => Some(Expr::col(Users::SuspendedAt).is_not_null()),
        };
        if let Some(kind) = kind {
            list.and_where(kind);
        }
    }
    if filter.order == MemberOrder::Joined {
        statement.order_by(Users::Joined, Order::Desc);
    }
    statement.order_by(Users::Username, Order::Asc).offset(page.offset as u64).limit(page.limit as u64);
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<MemberRow>(&statement).await?;
    let items = with_pictures(&mut tx, rows).await?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// One user, as administrators see them.
pub async fn member(db: &Db, username: &str) -> Result<Member> {
    let mut statement = select_members();
    statement.and_where(Expr::col(Users::Username).eq(username));
    let mut tx = db.snapshot().await?;
    let row = tx.all::<MemberRow>(&statement).await?;
    with_pictures(&mut tx, row).await?.pop().ok_or_else(|| users::unknown(username))
}

async fn with_pictures(tx: &mut Tx, rows: Vec<MemberRow>) -> Result<Vec<Member>> {
    let counts = Query::select()
        .column(Pictures::Author)
        .expr(Func::count(Expr::col((Pictures::Table, Pictures::Id))))
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Author).is_in(rows.iter().map(|row| row.0)))
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(Pictures::Author)
        .to_owned();
    let counts: HashMap<i64, i64> = tx.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let member = |(key, id, admin, joined, suspended_at, closed_at): MemberRow| Member {
        pictures: counts.get(&key).copied().unwrap_or(0),
        id,
        admin,
        joined,
        suspended_at,
        closed_at,
    };
    Ok(rows.into_iter().map(member).collect())
}

/// Takes somebody's rights as an administrator or gives them, keeps somebody out or lets them in again. What is so already
/// makes no entry in the log.
///
/// Nobody keeps themselves out, and one administrator stays who may sign in.
pub async fn change(db: &Db, username: &str, change: &AccountChange, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        // Before the row, in which order everybody locks who may leave the site without administrators.
        locks::hold(&mut tx, ADMINISTRATORS).await?;
        let now = lock(&mut tx, username).await?;
        if change.suspended == Some(true) && actor.user == Some(now.id) {
            return Err(StoreError::Conflict("you cannot suspend yourself".to_owned()));
        }
        let leaves = change.admin == Some(false) || change.suspended == Some(true);
        if leaves {
            keep_an_administrator(&mut tx, now.id).await?;
        }
        let (subject, reason) = (format!("user {username}"), change.reason.trim());
        if let Some(admin) = change.admin.filter(|admin| *admin != now.admin) {
            set(&mut tx, now.id, Users::Admin, admin).await?;
            let action = if admin { AuditAction::UserPromoted } else { AuditAction::UserDemoted };
            record(&mut tx, actor, action, &subject, reason).await?;
        }
        if let Some(suspended) = change.suspended.filter(|suspended| *suspended != now.suspended_at.is_some()) {
            set(&mut tx, now.id, Users::SuspendedAt, suspended.then_some(actor.at)).await?;
            let action = if suspended { AuditAction::UserSuspended } else { AuditAction::UserRestored };
            record(&mut tx, actor, action, &subject, reason).await?;
            if suspended {
                // Tokens work again when the user is let in again; a session may be somebody else's.
                tx.execute(&sessions::delete_all(now.id)).await?;
            }
        }
        tx.commit(()).await
    })
    .await
}

/// Fails if this user is the only administrator who may sign in. Until the end of the transaction nobody else can stop being
/// one: two who took each other's rights at once would leave nobody.
pub(super) async fn keep_an_administrator(tx: &mut Tx, user: i64) -> Result<()> {
    locks::hold(tx, ADMINISTRATORS).await?;
    let administrators = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Admin).eq(true))
        .cond_where(users::active())
        .limit(2)
        .to_owned();
    if tx.all::<(i64,)>(&administrators).await? == [(user,)] {
        let detail = "the site needs an administrator, and this is the last one; make somebody else one first";
        return Err(StoreError::Conflict(detail.to_owned()));
    }
    Ok(())
}

async fn set(tx: &mut Tx, user: i64, column: Users, value: impl Into<Expr>) -> Result<()> {
    let statement =
        Query::update().table(Users::Table).value(column, value).and_where(Expr::col(Users::Id).eq(user)).to_owned();
    tx.execute(&statement).await.map(drop)
}

/// What decides on a change to an account.
#[derive(sqlx::FromRow)]
pub(super) struct LockedUser {
    pub(super) id: i64,
    pub(super) admin: bool,
    pub(super) suspended_at: Option<i64>,
    closed_at: Option<i64>,
}

/// An account that nobody else changes until the end of the transaction. A closed one is a conflict: nothing of it changes
/// any more.
pub(super) async fn lock(tx: &mut Tx, username: &str) -> Result<LockedUser> {
    let statement = Query::select()
        .columns([Users::Id, Users::Admin, Users::SuspendedAt, Users::ClosedAt])
        .from(Users::Table)
        .and_where(Expr::col(Users::Username).eq(username))
        .lock_exclusive()
        .to_owned();
    let row: LockedUser = tx.optional(&statement).await?.ok_or_else(|| users::unknown(username))?;
    if row.closed_at.is_some() {
        return Err(StoreError::Conflict(format!("the account of `{username}` is closed")));
    }
    Ok(row)
}

/// Makes an account for somebody else and gives its id. A taken name is a conflict.
pub async fn add_user(db: &Db, user: &NewUser, actor: Actor) -> Result<i64> {
    db.write(|mut tx| async move {
        let id = users::insert_in(&mut tx, user).await?;
        let details = if user.admin { "administrator" } else { "" };
        record(&mut tx, actor, AuditAction::UserAdded, &format!("user {}", user.username), details).await?;
        tx.commit(id).await
    })
    .await
}

/// Gives somebody else's account another password, whose hash it takes, and ends all its sessions.
pub async fn set_password(db: &Db, username: &str, password_hash: &str, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let user = lock(&mut tx, username).await?;
        users::set_password_in(&mut tx, user.id, password_hash).await?;
        record(&mut tx, actor, AuditAction::PasswordSet, &format!("user {username}"), "").await?;
        tx.commit(()).await
    })
    .await
}

/// Adds a token to somebody else's account, under a name by which they recognise it.
pub async fn make_token(
    db: &Db,
    username: &str,
    name: &str,
    token_hash: &str,
    scope: Scope,
    expires_at: Option<i64>,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let user = lock(&mut tx, username).await?;
        let insert = tokens::insert_row(user.id, name, token_hash, scope, expires_at, actor.at);
        tx.execute(&insert).await?;
        let details = format!("{name}, {}", scope.as_str());
        record(&mut tx, actor, AuditAction::TokenMade, &format!("user {username}"), &details).await?;
        tx.commit(()).await
    })
    .await
}
