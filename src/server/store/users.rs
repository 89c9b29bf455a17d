//! Users.

use super::db::{Db, Result, Source, Tx, VALUES_PER_LIST, escape_like};
use super::error::StoreError;
use super::schema::{RetiredUsernames, Users};
use super::{links, locks, namespaces, sessions};
use crate::model::{Page, PageRequest, UserProfile};
use sea_query::{Cond, Condition, Expr, ExprTrait, Func, LikeExpr, Order, Query, SelectStatement};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A longer text than this is in no name.
const LONGEST_SEARCH: usize = 100;

/// An account to be made. Whoever calls has checked the name and the password.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Username.
    pub username: String,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// Now, in Unix seconds.
    pub joined: i64,
}

/// An account as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UserRow {
    /// Numeric identity; never shown.
    pub id: i64,
    /// Username.
    pub username: String,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// When the account was made, in Unix seconds.
    pub joined: i64,
    /// Since when an administrator has kept the user out, in Unix seconds.
    pub suspended_at: Option<i64>,
}

/// Accounts that may sign in and act: nobody has suspended them, and they are not closed.
pub(super) fn active() -> Condition {
    Cond::all()
        .add(Expr::col((Users::Table, Users::SuspendedAt)).is_null())
        .add(Expr::col((Users::Table, Users::ClosedAt)).is_null())
}

/// Fails unless the account may act, which nobody changes until the end of the transaction. Whoever asked before the work
/// may have been kept out since. To be called before rows of pictures are locked, as closing an account does.
pub(super) async fn hold_active(tx: &mut Tx, user: i64) -> Result<()> {
    let lock = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Id).eq(user))
        .cond_where(active())
        .lock_shared()
        .to_owned();
    tx.optional::<(i64,)>(&lock).await?.map(drop).ok_or(StoreError::Inactive)
}

/// The number of a user whose account is open, and that nobody closes until the end of the transaction.
pub(super) async fn hold_named(tx: &mut Tx, username: &str) -> Result<Option<i64>> {
    let lock = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Username).eq(username))
        .and_where(is_open())
        .lock_shared()
        .to_owned();
    Ok(tx.optional::<(i64,)>(&lock).await?.map(|(id,)| id))
}

/// Whether an account is in use: a closed one is nobody's, and only its row stays.
pub(super) fn is_open() -> Expr {
    Expr::col((Users::Table, Users::ClosedAt)).is_null()
}

fn select() -> SelectStatement {
    Query::select()
        .columns([Users::Id, Users::Username, Users::PasswordHash, Users::Admin, Users::Joined])
        .column(Users::SuspendedAt)
        .from(Users::Table)
        .and_where(is_open())
        .to_owned()
}

pub(super) fn unknown(name: &str) -> StoreError {
    StoreError::NotFound(format!("there is no user `{name}`"))
}

/// Makes an account with a namespace of its own within a transaction and gives its id. A taken name is a conflict, and so is one that
/// a closed account had: links, citations and unsaved work in browsers go by names.
pub(super) async fn insert_in(tx: &mut Tx, user: &NewUser) -> Result<i64> {
    let NewUser { username, password_hash, admin, joined } = user;
    let insert = Query::insert()
        .into_table(Users::Table)
        .columns([Users::Username, Users::PasswordHash, Users::Admin, Users::Joined])
        .values_panic([username.as_str().into(), password_hash.as_str().into(), (*admin).into(), (*joined).into()])
        .returning_col(Users::Id)
        .to_owned();
    let id = tx.scalar(&insert).await?;
    namespaces::insert_own(tx, id, username, *joined).await?;
    // Asked afterwards: where an account is being closed meanwhile, the row waits for the end of that.
    if is_retired(tx, username).await? {
        return Err(StoreError::Conflict("this username was that of an account that is closed".to_owned()));
    }
    Ok(id)
}

/// Whether a closed account had this name, and nobody else may have it.
pub(super) async fn is_retired(tx: &mut Tx, username: &str) -> Result<bool> {
    let retired = Query::select()
        .column(RetiredUsernames::NameHash)
        .from(RetiredUsernames::Table)
        .and_where(Expr::col(RetiredUsernames::NameHash).eq(name_hash(username)))
        .to_owned();
    Ok(tx.optional::<(String,)>(&retired).await?.is_some())
}

/// Sees to it that nobody gets a username any more.
pub(super) async fn retire_name(tx: &mut Tx, username: &str) -> Result<()> {
    let insert = Query::insert()
        .into_table(RetiredUsernames::Table)
        .columns([RetiredUsernames::NameHash])
        .values_panic([name_hash(username).into()])
        .to_owned();
    tx.execute(&insert).await.map(drop)
}

/// What is kept of a name that is given up: enough to know it again.
fn name_hash(username: &str) -> String {
    hex::encode(Sha256::digest(username))
}

/// Makes an account and gives its id. A taken name is a conflict.
pub async fn insert(db: &Db, user: &NewUser) -> Result<i64> {
    db.write(|mut tx| async move {
        let id = insert_in(&mut tx, user).await?;
        tx.commit(id).await
    })
    .await
}

/// Makes the first account, and uses up the one-time link of this purpose that allows to. Nothing if there is no such link;
/// a conflict if there is an account. Of several that try at once, with one link or with several, one succeeds.
pub async fn insert_first(db: &Db, user: &NewUser, purpose: &str, token_hash: &str, now: i64) -> Result<Option<i64>> {
    db.write(|mut tx| async move {
        locks::hold(&mut tx, "first-account").await?;
        if links::take_in(&mut tx, purpose, token_hash, now).await?.is_none() {
            return Ok(None);
        }
        if tx.scalar::<i64>(&select_count()).await? > 0 {
            return Err(StoreError::Conflict("there is an account already; sign in with it".to_owned()));
        }
        let id = insert_in(&mut tx, user).await?;
        tx.commit(Some(id)).await
    })
    .await
}

/// The account of this name, unless it is closed.
pub async fn by_name(db: &Db, username: &str) -> Result<Option<UserRow>> {
    let mut statement = select();
    statement.and_where(Expr::col(Users::Username).eq(username));
    db.optional(&statement).await
}

/// The names that these accounts have now, also where they are closed.
pub async fn usernames(db: &Db, ids: &[i64]) -> Result<HashMap<i64, String>> {
    let mut names = HashMap::new();
    for part in ids.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([Users::Id, Users::Username])
            .from(Users::Table)
            .and_where(Expr::col(Users::Id).is_in(part.iter().copied()))
            .to_owned();
        names.extend(db.all::<(i64, String)>(&statement).await?);
    }
    Ok(names)
}

/// The account with this id, unless it is closed.
pub async fn by_id(db: &Db, id: i64) -> Result<Option<UserRow>> {
    let mut statement = select();
    statement.and_where(Expr::col(Users::Id).eq(id));
    db.optional(&statement).await
}

/// A part of the list of users, by name: all of them, or those with a text in their names. Hashes of passwords stay in the
/// database.
pub async fn list(db: &Db, search: Option<&str>, page: PageRequest) -> Result<Page<UserProfile>> {
    let mut found = Query::select().from(Users::Table).and_where(is_open()).to_owned();
    if let Some(text) = search {
        found.and_where(name_contains(text));
    }
    let statement = found
        .clone()
        .columns([Users::Username, Users::Admin, Users::Joined])
        .order_by(Users::Username, Order::Asc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<(String, bool, i64)>(&statement).await?;
    let items = rows.into_iter().map(|(id, admin, joined)| UserProfile { id, admin, joined }).collect();
    let total = tx.scalar(found.expr(Func::count(Expr::col(Users::Id)))).await?;
    Ok(Page { items, total, offset: page.offset, limit: page.limit })
}

/// Whether a text is a part of the name, which has no capital letters.
pub(super) fn name_contains(text: &str) -> Expr {
    contains(Expr::col((Users::Table, Users::Username)), &text.trim().to_lowercase())
}

/// Whether a text is a part of a value, which is folded like the text.
pub(super) fn contains(value: Expr, text: &str) -> Expr {
    // Nobody searches for more, and databases limit the length of a pattern.
    let text: String = text.chars().take(LONGEST_SEARCH).collect();
    value.like(LikeExpr::new(format!("%{}%", escape_like(&text))).escape('\\'))
}

/// How many accounts there ever were, closed ones included.
pub async fn count(db: &Db) -> Result<i64> {
    db.scalar(&select_count()).await
}

/// Whether there ever was an account.
pub async fn any(db: &Db) -> Result<bool> {
    let statement = Query::select().column(Users::Id).from(Users::Table).limit(1).to_owned();
    Ok(db.optional::<(i64,)>(&statement).await?.is_some())
}

pub(super) fn select_count() -> SelectStatement {
    Query::select().expr(Func::count(Expr::col(Users::Id))).from(Users::Table).to_owned()
}

/// Gives a user another password, whose hash it takes, and ends all their sessions.
pub async fn set_password(db: &Db, username: &str, password_hash: &str) -> Result<()> {
    db.write(|mut tx| async move {
        let row = tx.optional::<(i64,)>(&lock_open(username)).await?;
        let (id,) = row.ok_or_else(|| unknown(username))?;
        set_password_in(&mut tx, id, password_hash).await?;
        tx.commit(()).await
    })
    .await
}

fn lock_open(username: &str) -> SelectStatement {
    Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Username).eq(username))
        .and_where(is_open())
        .lock_exclusive()
        .to_owned()
}

/// Does what [`set_password`] does, as a part of a transaction that holds the user's row.
pub(super) async fn set_password_in(tx: &mut Tx, user: i64, password_hash: &str) -> Result<()> {
    let update = Query::update()
        .table(Users::Table)
        .value(Users::PasswordHash, password_hash)
        .and_where(Expr::col(Users::Id).eq(user))
        .to_owned();
    tx.execute(&update).await?;
    tx.execute(&sessions::delete_all(user)).await.map(drop)
}
