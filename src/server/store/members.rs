//! Who has which role in a namespace or a dataset.

use super::access::{Right, read_role, right_in_dataset, right_in_namespace};
use super::audit::{Actor, record};
use super::db::{Result, Source, Tx};
use super::error::StoreError;
use super::schema::{DatasetMembers, NamespaceMembers, Users};
use super::users;
use crate::model::{AuditAction, Membership, Page, PageRequest, Role, Viewer};
use sea_query::{DynIden, Expr, ExprTrait, Func, IntoIden, OnConflict, Order, Query, SelectStatement};
use std::collections::HashMap;

/// What somebody is a member of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Circle {
    /// The namespace with this number.
    Namespace(i64),
    /// The dataset with this number.
    Dataset(i64),
}

/// The columns of the table of members.
struct Columns {
    table: DynIden,
    circle: DynIden,
    user: DynIden,
    role: DynIden,
}

impl Columns {
    fn of_namespaces() -> Self {
        Self {
            table: NamespaceMembers::Table.into_iden(),
            circle: NamespaceMembers::Namespace.into_iden(),
            user: NamespaceMembers::UserId.into_iden(),
            role: NamespaceMembers::Role.into_iden(),
        }
    }

    fn of_datasets() -> Self {
        Self {
            table: DatasetMembers::Table.into_iden(),
            circle: DatasetMembers::Dataset.into_iden(),
            user: DatasetMembers::UserId.into_iden(),
            role: DatasetMembers::Role.into_iden(),
        }
    }
}

impl Circle {
    fn columns(self) -> Columns {
        match self {
            Self::Namespace(_) => Columns::of_namespaces(),
            Self::Dataset(_) => Columns::of_datasets(),
        }
    }

    fn id(self) -> i64 {
        let (Self::Namespace(id) | Self::Dataset(id)) = self;
        id
    }

    /// Its members' rows, without columns and order.
    fn rows(self) -> SelectStatement {
        let Columns { table, circle, user, .. } = self.columns();
        Query::select()
            .from(table.clone())
            .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((table.clone(), user)))
            .and_where(Expr::col((table, circle)).eq(self.id()))
            .to_owned()
    }

    /// What a user may do here.
    pub async fn right(self, source: &mut impl Source, user: i64) -> Result<Right> {
        match self {
            Self::Namespace(namespace) => right_in_namespace(source, user, namespace).await,
            Self::Dataset(dataset) => right_in_dataset(source, user, dataset).await,
        }
    }
}

/// A part of the members, the highest role first, then by name.
pub(super) async fn list(tx: &mut Tx, circle: Circle, page: PageRequest) -> Result<Page<Membership>> {
    let Columns { table, role, .. } = circle.columns();
    let role = (table, role);
    let total = circle.rows().expr(Func::count(Expr::col((Users::Table, Users::Id)))).to_owned();
    let mut rank = sea_query::CaseStatement::new();
    for (place, value) in (0_i64..).zip(Role::ALL) {
        rank = rank.case(Expr::col(role.clone()).eq(value.as_str()), place);
    }
    let statement = circle
        .rows()
        .column((Users::Table, Users::Username))
        .column(role)
        .order_by_expr(rank.into(), Order::Desc)
        .order_by((Users::Table, Users::Username), Order::Asc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let rows = tx.all::<(String, String)>(&statement).await?;
    let items = rows
        .into_iter()
        .map(|(username, role)| Ok(Membership { username, role: read_role(&role)? }))
        .collect::<Result<_>>()?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// A change to the members of something whose row the transaction has locked.
pub(super) struct MemberChange<'c> {
    /// Of what.
    pub circle: Circle,
    /// What the log calls that.
    pub subject: &'c str,
    /// The user whose role cannot change: that of a namespace of their own.
    pub fixed: Option<i64>,
    /// Whether an owner has to stay.
    pub keeps_an_owner: bool,
    /// Whose role.
    pub username: &'c str,
    /// The new role; none takes them out.
    pub role: Option<Role>,
}

/// Gives somebody a role or takes them out. Doing so again changes nothing. Owners may do it to everybody, maintainers to those
/// below them, and everybody may leave.
pub(super) async fn change(tx: &mut Tx, change: MemberChange<'_>, actor: Actor, by: i64) -> Result<()> {
    let MemberChange { circle, subject, fixed, keeps_an_owner, username, role } = change;
    let right = circle.right(tx, by).await?;
    // Held, since closing the account meanwhile would end all roles but this one.
    let member = users::hold_named(tx, username).await?;
    let leaves = member == Some(by) && role.is_none();
    if !leaves {
        right.require(Role::Maintainer, "change members")?;
    }
    let member =
        member.ok_or_else(|| StoreError::field("username", format!("names `{username}`, which is not a user")))?;
    let now = role_of(tx, circle, member).await?;
    if now == role {
        return Ok(());
    }
    let needed = Ord::max(now, role).map_or(Role::Maintainer, Role::given_by);
    if !leaves {
        right.require(needed, "change members with this role")?;
    }
    if fixed == Some(member) {
        return Err(StoreError::Conflict(format!("{username} owns this namespace, which is called like the account")));
    }
    if keeps_an_owner && now == Some(Role::Owner) && owners(tx, circle).await? < 2 {
        return Err(StoreError::Conflict(
            "somebody has to stay as the owner; make another member one first".to_owned(),
        ));
    }
    write(tx, circle, member, role).await?;
    if !leaves && right.is_borrowed(needed) {
        let action = match circle {
            Circle::Namespace(_) => AuditAction::NamespaceChanged,
            Circle::Dataset(_) => AuditAction::DatasetChanged,
        };
        let details = match role {
            Some(role) => format!("{username} made {}", role.as_str()),
            None => format!("{username} taken out"),
        };
        record(tx, actor, action, subject, &details).await?;
    }
    Ok(())
}

async fn role_of(tx: &mut Tx, circle: Circle, user: i64) -> Result<Option<Role>> {
    let Columns { table, circle: of, user: member, role } = circle.columns();
    let statement = Query::select()
        .column(role)
        .from(table)
        .and_where(Expr::col(of).eq(circle.id()))
        .and_where(Expr::col(member).eq(user))
        .to_owned();
    tx.optional::<(String,)>(&statement).await?.map(|(role,)| read_role(&role)).transpose()
}

async fn owners(tx: &mut Tx, circle: Circle) -> Result<i64> {
    let Columns { table, role, .. } = circle.columns();
    let statement = circle
        .rows()
        .expr(Func::count(Expr::col((Users::Table, Users::Id))))
        .and_where(Expr::col((table, role)).eq(Role::Owner.as_str()))
        .and_where(users::is_open())
        .to_owned();
    tx.scalar(&statement).await
}

/// The viewer's own roles in these namespaces.
pub(super) async fn own_namespace_roles(tx: &mut Tx, viewer: &Viewer, ids: &[i64]) -> Result<HashMap<i64, Role>> {
    own_roles(tx, viewer, Columns::of_namespaces(), ids).await
}

/// The viewer's own roles in these datasets themselves.
pub(super) async fn own_dataset_roles(tx: &mut Tx, viewer: &Viewer, ids: &[i64]) -> Result<HashMap<i64, Role>> {
    own_roles(tx, viewer, Columns::of_datasets(), ids).await
}

async fn own_roles(tx: &mut Tx, viewer: &Viewer, columns: Columns, ids: &[i64]) -> Result<HashMap<i64, Role>> {
    let Some(account) = &viewer.account else { return Ok(HashMap::new()) };
    let Columns { table, circle, user, role } = columns;
    let statement = Query::select()
        .columns([circle.clone(), role])
        .from(table)
        .and_where(Expr::col(user).eq(account.id))
        .and_where(Expr::col(circle).is_in(ids.iter().copied()))
        .to_owned();
    let rows = tx.all::<(i64, String)>(&statement).await?;
    rows.into_iter().map(|(id, role)| Ok((id, read_role(&role)?))).collect()
}

/// Writes a role down, or that there is none, unchecked.
pub(super) async fn write(tx: &mut Tx, circle: Circle, user: i64, new: Option<Role>) -> Result<()> {
    let Columns { table, circle: of, user: member, role } = circle.columns();
    let Some(new) = new else {
        let delete = Query::delete()
            .from_table(table)
            .and_where(Expr::col(of).eq(circle.id()))
            .and_where(Expr::col(member).eq(user))
            .to_owned();
        return tx.execute(&delete).await.map(drop);
    };
    let insert = Query::insert()
        .into_table(table)
        .columns([of.clone(), member.clone(), role.clone()])
        .values_panic([circle.id().into(), user.into(), new.as_str().into()])
        .on_conflict(OnConflict::columns([of, member]).update_column(role).to_owned())
        .to_owned();
    tx.execute(&insert).await.map(drop)
}

/// Ends all roles of a user.
pub(super) async fn leave_all(tx: &mut Tx, user: i64) -> Result<()> {
    for Columns { table, user: member, .. } in [Columns::of_namespaces(), Columns::of_datasets()] {
        let delete = Query::delete().from_table(table).and_where(Expr::col(member).eq(user)).to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}
