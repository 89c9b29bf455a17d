//! Users.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::Users;
use crate::model::{Page, PageRequest, UserProfile};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};

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
}

impl From<UserRow> for UserProfile {
    fn from(row: UserRow) -> Self {
        Self { id: row.username, admin: row.admin, joined: row.joined }
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([Users::Id, Users::Username, Users::PasswordHash, Users::Admin, Users::Joined])
        .from(Users::Table)
        .to_owned()
}

fn unknown(name: &str) -> StoreError {
    StoreError::NotFound(format!("there is no user `{name}`"))
}

/// Makes an account and gives its id. A taken name is a conflict.
pub async fn insert(db: &Db, user: NewUser) -> Result<i64> {
    let statement = Query::insert()
        .into_table(Users::Table)
        .columns([Users::Username, Users::PasswordHash, Users::Admin, Users::Joined])
        .values_panic([user.username.into(), user.password_hash.into(), user.admin.into(), user.joined.into()])
        .returning_col(Users::Id)
        .to_owned();
    let row = db.execute_returning::<(i64,)>(&statement).await?;
    row.map(|(id,)| id).ok_or_else(|| StoreError::corrupt("INSERT returned no id"))
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

/// What everybody may know of a user.
pub async fn profile(db: &Db, username: &str) -> Result<UserProfile> {
    by_name(db, username).await?.map(UserProfile::from).ok_or_else(|| unknown(username))
}

/// A part of the list of users, by name.
pub async fn list(db: &Db, page: PageRequest) -> Result<Page<UserProfile>> {
    let mut statement = select();
    statement.order_by(Users::Username, Order::Asc).offset(page.offset as u64).limit(page.limit as u64);
    let items = db.all::<UserRow>(&statement).await?.into_iter().map(UserProfile::from).collect();
    Ok(Page { items, total: count(db).await?, offset: page.offset, limit: page.limit })
}

/// How many accounts there are.
pub async fn count(db: &Db) -> Result<i64> {
    let statement = Query::select().expr(Func::count(Expr::col(Users::Id))).from(Users::Table).to_owned();
    db.scalar(&statement).await
}

/// Gives a user another password. Takes its hash.
pub async fn set_password(db: &Db, username: &str, password_hash: &str) -> Result<()> {
    let statement = Query::update()
        .table(Users::Table)
        .value(Users::PasswordHash, password_hash)
        .and_where(Expr::col(Users::Username).eq(username))
        .to_owned();
    if db.execute(&statement).await? == 0 { Err(unknown(username)) } else { Ok(()) }
}

/// Makes a user an administrator, or no longer one.
pub async fn set_admin(db: &Db, username: &str, admin: bool) -> Result<()> {
    let statement = Query::update()
        .table(Users::Table)
        .value(Users::Admin, admin)
        .and_where(Expr::col(Users::Username).eq(username))
        .to_owned();
    if db.execute(&statement).await? == 0 { Err(unknown(username)) } else { Ok(()) }
}
