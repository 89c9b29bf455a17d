//! Namespaces: what stands before the names of datasets. Every account has one of its own; groups make more.

use super::access::{self, Right, read_visibility};
use super::audit::{Actor, record};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::members::{self, Circle, MemberChange};
use super::schema::{Datasets, NamespaceMembers, Namespaces, Users};
use super::users;
use crate::model::dataset::{MAX_GROUPS, full_name};
use crate::model::text::fold;
use crate::model::{AuditAction, Membership, Namespace, NamespaceFilter, Page, PageRequest, Role, Viewer, Visibility};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::HashMap;

/// So many names are told where something stands in the way of a change.
const NAMED: u64 = 20;

fn no_namespace(name: &str) -> StoreError {
    StoreError::NotFound(format!("there is no namespace `{name}`"))
}

fn of(column: Namespaces) -> (Namespaces, Namespaces) {
    (Namespaces::Table, column)
}

/// A row of `namespaces`.
#[derive(sqlx::FromRow)]
pub(super) struct NamespaceRow {
    pub id: i64,
    name: String,
    user_id: Option<i64>,
    visibility: String,
    created_at: i64,
}

impl NamespaceRow {
    pub fn visibility(&self) -> Result<Visibility> {
        read_visibility(&self.visibility)
    }
}

fn select(viewer: &Viewer) -> SelectStatement {
    Query::select().from(Namespaces::Table).cond_where(access::visible_namespaces(viewer)).to_owned()
}

const COLUMNS: [(Namespaces, Namespaces); 5] = [
    (Namespaces::Table, Namespaces::Id),
    (Namespaces::Table, Namespaces::Name),
    (Namespaces::Table, Namespaces::UserId),
    (Namespaces::Table, Namespaces::Visibility),
    (Namespaces::Table, Namespaces::CreatedAt),
];

/// Makes the namespace of an account that is being made.
pub(super) async fn insert_own(tx: &mut Tx, user: i64, username: &str, now: i64) -> Result<()> {
    let id = insert_row(tx, username, Some(user), Visibility::Public, now).await.map_err(|error| match error {
        StoreError::Conflict(_) => StoreError::Conflict("this username is taken".to_owned()),
        other => other,
    })?;
    members::write(tx, Circle::Namespace(id), user, Some(Role::Owner)).await
}

/// Makes the namespaces of accounts that have none, since an older server made them after the database was brought up to date.
/// Where a group has the name by now, the account stays without one.
pub(super) async fn insert_missing(db: &Db) -> Result<()> {
    let own = Query::select()
        .column(Namespaces::UserId)
        .from(Namespaces::Table)
        .and_where(Expr::col(Namespaces::UserId).is_not_null())
        .to_owned();
    let missing = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Id).not_in_subquery(own))
        .order_by(Users::Id, Order::Asc)
        .to_owned();
    for (user,) in db.all::<(i64,)>(&missing).await? {
        match insert_missing_of(db, user).await {
            Err(StoreError::Conflict(error)) => tracing::warn!(user, error, "an account has no namespace of its own"),
            made => made?,
        }
    }
    Ok(())
}

async fn insert_missing_of(db: &Db, user: i64) -> Result<()> {
    // Locked, so that the account is not closed meanwhile.
    let account = Query::select()
        .columns([Users::Username, Users::Joined, Users::ClosedAt])
        .from(Users::Table)
        .and_where(Expr::col(Users::Id).eq(user))
        .lock_shared()
        .to_owned();
    db.write(|mut tx| {
        let account = account.clone();
        async move {
            if let Some((name, joined, closed)) = tx.optional::<(String, i64, Option<i64>)>(&account).await? {
                if closed.is_none() {
                    insert_own(&mut tx, user, &name, joined).await?;
                } else {
                    insert_row(&mut tx, &name, Some(user), Visibility::Private, joined).await?;
                }
            }
            tx.commit(()).await
        }
    })
    .await
}

async fn insert_row(tx: &mut Tx, name: &str, user: Option<i64>, visibility: Visibility, now: i64) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Namespaces::Table)
        .columns([Namespaces::Name, Namespaces::UserId, Namespaces::Visibility, Namespaces::CreatedAt])
        .values_panic([name.into(), user.into(), visibility.as_str().into(), now.into()])
        .returning_col(Namespaces::Id)
        .to_owned();
    tx.scalar(&insert).await
}

/// Makes the namespace of a group, whose owner is whoever makes it, and whose account has to be active still. The name of a user or
/// of another group is a conflict, and so is one that a closed account had, and any name for whoever owns many groups already.
pub async fn insert_group(db: &Db, name: &str, visibility: Visibility, owner: i64, now: i64) -> Result<()> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, owner).await?;
        let owned = Query::select()
            .expr(Func::count(Expr::col(of(Namespaces::Id))))
            .from(Namespaces::Table)
            .and_where(Expr::col(of(Namespaces::Id)).in_subquery(owned_by(owner)))
            .and_where(Expr::col(of(Namespaces::UserId)).is_null())
            .to_owned();
        if tx.scalar::<i64>(&owned).await? >= MAX_GROUPS {
            return Err(StoreError::Conflict(format!(
                "who owns {MAX_GROUPS} groups makes no more; delete some or leave them to others"
            )));
        }
        let id = insert_row(&mut tx, name, None, visibility, now).await?;
        if users::is_retired(&mut tx, name).await? {
            return Err(StoreError::Conflict("this name was that of an account that is closed".to_owned()));
        }
        members::write(&mut tx, Circle::Namespace(id), owner, Some(Role::Owner)).await?;
        tx.commit(()).await
    })
    .await
}

/// The namespaces that a user owns.
fn owned_by(user: i64) -> SelectStatement {
    Query::select()
        .column(NamespaceMembers::Namespace)
        .from(NamespaceMembers::Table)
        .and_where(Expr::col(NamespaceMembers::UserId).eq(user))
        .and_where(Expr::col(NamespaceMembers::Role).eq(Role::Owner.as_str()))
        .to_owned()
}

/// A part of the namespaces that the viewer may see, by name.
pub async fn list(db: &Db, viewer: &Viewer, filter: &NamespaceFilter, page: PageRequest) -> Result<Page<Namespace>> {
    let mut found = select(viewer);
    if let Some(text) = filter.search.as_deref().map(|text| fold(text.trim())).filter(|text| !text.is_empty()) {
        found.and_where(users::contains(Expr::col(of(Namespaces::Name)), &text));
    }
    if let Some(group) = filter.group {
        let user = Expr::col(of(Namespaces::UserId));
        found.and_where(if group { user.is_null() } else { user.is_not_null() });
    }
    if let Some(role) = filter.role {
        found.cond_where(access::namespaces_with_role(viewer, role));
    }
    let total = found.clone().expr(Func::count(Expr::col(of(Namespaces::Id)))).to_owned();
    let statement = found
        .columns(COLUMNS)
        .order_by(of(Namespaces::Name), Order::Asc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<NamespaceRow>(&statement).await?;
    let items = complete(&mut tx, viewer, rows).await?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// One namespace. One that the viewer may not see does not exist.
pub async fn get(db: &Db, viewer: &Viewer, name: &str) -> Result<Namespace> {
    let mut tx = db.snapshot().await?;
    let row = by_name(&mut tx, viewer, name, false).await?;
    complete(&mut tx, viewer, vec![row]).await?.pop().ok_or_else(|| no_namespace(name))
}

/// The row of a namespace, if the viewer may see it; locked until the end of the transaction where it is to change.
pub(super) async fn by_name(tx: &mut Tx, viewer: &Viewer, name: &str, lock: bool) -> Result<NamespaceRow> {
    let mut statement = select(viewer);
    statement.columns(COLUMNS).and_where(Expr::col(of(Namespaces::Name)).eq(name));
    if lock {
        statement.lock_exclusive();
    }
    tx.optional(&statement).await?.ok_or_else(|| no_namespace(name))
}

/// Locks a namespace for a dataset that is being made or changed.
pub(super) async fn hold(tx: &mut Tx, id: i64) -> Result<NamespaceRow> {
    let lock = Query::select()
        .columns(COLUMNS)
        .from(Namespaces::Table)
        .and_where(Expr::col(Namespaces::Id).eq(id))
        .lock_exclusive()
        .to_owned();
    tx.optional(&lock).await?.ok_or_else(|| no_namespace(&id.to_string()))
}

async fn complete(tx: &mut Tx, viewer: &Viewer, rows: Vec<NamespaceRow>) -> Result<Vec<Namespace>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let namespace = (Datasets::Table, Datasets::Namespace);
    let counts = Query::select()
        .column(namespace)
        .expr(Func::count(Expr::col((Datasets::Table, Datasets::Id))))
        .from(Datasets::Table)
        .and_where(Expr::col(namespace).is_in(ids.iter().copied()))
        .cond_where(access::visible_datasets(viewer))
        .group_by_col(namespace)
        .to_owned();
    let counts: HashMap<i64, i64> = tx.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let roles = members::own_namespace_roles(tx, viewer, &ids).await?;
    let administrator = viewer.account.as_ref().is_some_and(|account| account.admin);
    let namespace = |row: NamespaceRow| {
        Ok(Namespace {
            group: row.user_id.is_none(),
            visibility: row.visibility()?,
            created: row.created_at,
            datasets: counts.get(&row.id).copied().unwrap_or_default(),
            role: Right { own: roles.get(&row.id).copied(), administrator }.role(),
            name: row.name,
        })
    };
    rows.into_iter().map(namespace).collect()
}

/// Changes who may see a namespace. Where one of its datasets may be seen by more, that is a conflict, which names those.
pub async fn set_visibility(
    db: &Db,
    viewer: &Viewer,
    name: &str,
    visibility: Visibility,
    by: i64,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let row = by_name(&mut tx, viewer, name, true).await?;
        let right = Circle::Namespace(row.id).right(&mut tx, by).await?;
        right.require(Role::Maintainer, "change this namespace")?;
        let before = row.visibility()?;
        if before == visibility {
            return Ok(());
        }
        let wider = Visibility::ALL.iter().filter(|wider| **wider > visibility).map(|wider| wider.as_str());
        let above = Query::select()
            .column(Datasets::Name)
            .from(Datasets::Table)
            .and_where(Expr::col(Datasets::Namespace).eq(row.id))
            .and_where(Expr::col(Datasets::Visibility).is_in(wider))
            .order_by(Datasets::Name, Order::Asc)
            .limit(NAMED)
            .to_owned();
        let above: Vec<String> = tx.all::<(String,)>(&above).await?.into_iter().map(|(name,)| name).collect();
        if !above.is_empty() {
            let (datasets, visibility) = (above.join(", "), visibility.as_str());
            return Err(StoreError::Conflict(format!(
                "these datasets may be seen by more than a namespace that is {visibility}; change them first: {datasets}"
            )));
        }
        let update = Query::update()
            .table(Namespaces::Table)
            .value(Namespaces::Visibility, visibility.as_str())
            .and_where(Expr::col(Namespaces::Id).eq(row.id))
            .to_owned();
        tx.execute(&update).await?;
        if right.is_borrowed(Role::Maintainer) {
            let details = format!("{} made {}", before.as_str(), visibility.as_str());
            record(&mut tx, actor, AuditAction::NamespaceChanged, &format!("namespace {name}"), &details).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Deletes the namespace of a group, which its owners may. One with datasets is a conflict, and so is that of an account.
pub async fn delete(db: &Db, viewer: &Viewer, name: &str, by: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let row = by_name(&mut tx, viewer, name, true).await?;
        let right = Circle::Namespace(row.id).right(&mut tx, by).await?;
        right.require(Role::Owner, "delete this namespace")?;
        if row.user_id.is_some() {
            return Err(StoreError::Conflict("the namespace of an account stays as long as the account".to_owned()));
        }
        if !datasets_in(&mut tx, row.id).await?.is_empty() {
            return Err(StoreError::Conflict("there are datasets in this namespace; delete them first".to_owned()));
        }
        let delete =
            Query::delete().from_table(Namespaces::Table).and_where(Expr::col(Namespaces::Id).eq(row.id)).to_owned();
        tx.execute(&delete).await?;
        if right.is_borrowed(Role::Owner) {
            record(&mut tx, actor, AuditAction::NamespaceDeleted, &format!("namespace {name}"), "").await?;
        }
        tx.commit(()).await
    })
    .await
}

/// A part of the members of a namespace. Whoever sees it only because they are a member of one of its datasets does not see them.
pub async fn members(db: &Db, viewer: &Viewer, name: &str, page: PageRequest) -> Result<Page<Membership>> {
    let mut tx = db.snapshot().await?;
    let row = by_name(&mut tx, viewer, name, false).await?;
    if !access::is_open_to(viewer, row.visibility()?) {
        let right = match &viewer.account {
            None => Right::default(),
            Some(account) => Circle::Namespace(row.id).right(&mut tx, account.id).await?,
        };
        right.require(Role::Reader, "see who the others are")?;
    }
    members::list(&mut tx, Circle::Namespace(row.id), page).await
}

/// Gives somebody a role in a namespace, or takes them out where there is none. A group keeps an owner.
pub async fn set_member(
    db: &Db,
    viewer: &Viewer,
    name: &str,
    username: &str,
    role: Option<Role>,
    by: i64,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let row = by_name(&mut tx, viewer, name, true).await?;
        let change = MemberChange {
            circle: Circle::Namespace(row.id),
            subject: &format!("namespace {name}"),
            fixed: row.user_id,
            keeps_an_owner: true,
            username,
            role,
        };
        members::change(&mut tx, change, actor, by).await?;
        tx.commit(()).await
    })
    .await
}

/// The names of some of the datasets of a namespace.
async fn datasets_in(tx: &mut Tx, namespace: i64) -> Result<Vec<String>> {
    let statement = Query::select()
        .column(Datasets::Name)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Namespace).eq(namespace))
        .order_by(Datasets::Name, Order::Asc)
        .limit(NAMED)
        .to_owned();
    Ok(tx.all::<(String,)>(&statement).await?.into_iter().map(|(name,)| name).collect())
}

/// Fails with a conflict that names them if the namespace of an account has datasets, or groups have no other owner than this user,
/// neither of which changes until the end of the transaction. Their work may be that of others, too.
pub(super) async fn keep_datasets_and_owners(tx: &mut Tx, user: i64) -> Result<()> {
    let lock = Query::select()
        .columns(COLUMNS)
        .from(Namespaces::Table)
        .and_where(Expr::col(Namespaces::Id).in_subquery(owned_by(user)))
        .order_by(Namespaces::Id, Order::Asc)
        .lock_exclusive()
        .to_owned();
    let mut left = Vec::new();
    for row in tx.all::<NamespaceRow>(&lock).await? {
        if row.user_id == Some(user) {
            left.extend(datasets_in(tx, row.id).await?.iter().map(|name| full_name(&row.name, name)));
        } else if row.user_id.is_none() {
            let others = Query::select()
                .column(NamespaceMembers::UserId)
                .from(NamespaceMembers::Table)
                .and_where(Expr::col(NamespaceMembers::Namespace).eq(row.id))
                .and_where(Expr::col(NamespaceMembers::Role).eq(Role::Owner.as_str()))
                .and_where(Expr::col(NamespaceMembers::UserId).ne(user))
                .limit(1)
                .to_owned();
            if tx.optional::<(i64,)>(&others).await?.is_none() {
                left.push(row.name);
            }
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let left = left.join(", ");
    Err(StoreError::Conflict(format!(
        "others may work with what this account owns; delete these datasets and groups, or give the groups another owner: {left}"
    )))
}

/// Ends the roles of an account that is being closed, and lets its empty namespace be called as the account is from then on.
pub(super) async fn close_own(tx: &mut Tx, user: i64, username: &str) -> Result<()> {
    let update = Query::update()
        .table(Namespaces::Table)
        .value(Namespaces::Name, username)
        .value(Namespaces::Visibility, Visibility::Private.as_str())
        .and_where(Expr::col(Namespaces::UserId).eq(user))
        .returning_col(Namespaces::Id)
        .to_owned();
    // An account that an older server made since the last start has none.
    if let Some((namespace,)) = tx.optional::<(i64,)>(&update).await? {
        let everybody = Query::delete()
            .from_table(NamespaceMembers::Table)
            .and_where(Expr::col(NamespaceMembers::Namespace).eq(namespace))
            .to_owned();
        tx.execute(&everybody).await?;
    }
    members::leave_all(tx, user).await
}
