//! Users.

use super::db::{Db, Result, escape_like};
use super::error::StoreError;
use super::schema::Users;
use super::{links, locks};
use crate::model::{Page, PageRequest, UserProfile};
use sea_query::{
    Cond, Condition, Expr, ExprTrait, Func, InsertStatement, LikeExpr, Order, Query, SelectStatement, UpdateStatement,
};

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

fn select() -> SelectStatement {
    Query::select()
        .columns([Users::Id, Users::Username, Users::PasswordHash, Users::Admin, Users::Joined])
        .column(Users::SuspendedAt)
        .from(Users::Table)
        .to_owned()
}

pub(super) fn unknown(name: &str) -> StoreError {
    StoreError::NotFound(format!("there is no user `{name}`"))
}

pub(super) fn insert_row(user: &NewUser) -> InsertStatement {
    let NewUser { username, password_hash, admin, joined } = user;
    Query::insert()
        .into_table(Users::Table)
        .columns([Users::Username, Users::PasswordHash, Users::Admin, Users::Joined])
        .values_panic([username.as_str().into(), password_hash.as_str().into(), (*admin).into(), (*joined).into()])
        .returning_col(Users::Id)
        .to_owned()
}

/// Makes an account and gives its id. A taken name is a conflict.
pub async fn insert(db: &Db, user: &NewUser) -> Result<i64> {
    let row = db.execute_returning::<(i64,)>(&insert_row(user)).await?;
    row.map(|(id,)| id).ok_or_else(|| StoreError::corrupt("INSERT returned no id"))
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
        let id = tx.scalar(&insert_row(user)).await?;
        tx.commit(Some(id)).await
    })
    .await
}

/// The account of this name.
pub async fn by_name(db: &Db, username: &str) -> Result<Option<UserRow>> {
    let mut statement = select();
    statement.and_where(Expr::col(Users::Username).eq(username));
    db.optional(&statement).await
}

/// The account with this id.
pub async fn by_id(db: &Db, id: i64) -> Result<Option<UserRow>> {
    let mut statement = select();
    statement.and_where(Expr::col(Users::Id).eq(id));
    db.optional(&statement).await
}

/// What everybody may know. Hashes of passwords stay in the database.
fn select_profiles() -> SelectStatement {
    Query::select().columns([Users::Username, Users::Admin, Users::Joined]).from(Users::Table).to_owned()
}

fn read_profile((id, admin, joined): (String, bool, i64)) -> UserProfile {
    UserProfile { id, admin, joined }
}

/// What everybody may know of a user.
pub async fn profile(db: &Db, username: &str) -> Result<UserProfile> {
    let mut statement = select_profiles();
    statement.and_where(Expr::col(Users::Username).eq(username));
    db.optional(&statement).await?.map(read_profile).ok_or_else(|| unknown(username))
}

/// A part of the list of users, by name: all of them, or those with a text in their names.
pub async fn list(db: &Db, search: Option<&str>, page: PageRequest) -> Result<Page<UserProfile>> {
    let (mut statement, mut total) = (select_profiles(), select_count());
    if let Some(text) = search {
        statement.and_where(name_contains(text));
        total.and_where(name_contains(text));
    }
    statement.order_by(Users::Username, Order::Asc).offset(page.offset as u64).limit(page.limit as u64);
    let items = db.all(&statement).await?.into_iter().map(read_profile).collect();
    Ok(Page { items, total: db.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// Whether a text is a part of the name, which has no capital letters.
pub(super) fn name_contains(text: &str) -> Expr {
    // No name is as long, and databases limit the length of a pattern.
    let text: String = text.trim().to_lowercase().chars().take(LONGEST_SEARCH).collect();
    Expr::col((Users::Table, Users::Username)).like(LikeExpr::new(format!("%{}%", escape_like(&text))).escape('\\'))
}

/// How many accounts there are.
pub async fn count(db: &Db) -> Result<i64> {
    db.scalar(&select_count()).await
}

pub(super) fn select_count() -> SelectStatement {
    Query::select().expr(Func::count(Expr::col(Users::Id))).from(Users::Table).to_owned()
}

/// Gives a user another password. Takes its hash.
pub async fn set_password(db: &Db, username: &str, password_hash: &str) -> Result<()> {
    let statement = update_password(password_hash).and_where(Expr::col(Users::Username).eq(username)).to_owned();
    if db.execute(&statement).await? == 0 { Err(unknown(username)) } else { Ok(()) }
}

/// Gives whom the caller chooses another password.
pub(super) fn update_password(password_hash: &str) -> UpdateStatement {
    Query::update().table(Users::Table).value(Users::PasswordHash, password_hash).to_owned()
}
