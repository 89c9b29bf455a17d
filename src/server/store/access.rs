//! Who may see and do what: the one predicate on pictures that every read of them includes, that on datasets and namespaces, and
//! the roles that writing asks for.

use super::db::{Result, Source, Tx};
use super::error::StoreError;
use super::schema::{DatasetMembers, Datasets, NamespaceMembers, Namespaces, Pictures, Users};
use crate::model::{Account, Role, Viewer, Visibility};
use sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, UnionType};
use std::collections::HashSet;

const DATASET_OF_PICTURE: (Pictures, Pictures) = (Pictures::Table, Pictures::Dataset);

pub(super) fn is_administrator(viewer: &Viewer) -> bool {
    viewer.account.as_ref().is_some_and(|account| account.admin)
}

/// The condition under which `viewer` may see a row of `pictures`: it belongs to the commons or to a dataset that they may see. It
/// names the columns of that table unqualified by an alias, so that a statement which reads pictures must call the table by its
/// own name.
///
/// The commons come first, so that whoever walks past their pictures asks for nothing else; the datasets are listed once for a
/// statement. For those who see everything the condition is empty: it adds nothing to a statement.
pub fn visible(viewer: &Viewer) -> Condition {
    if is_administrator(viewer) {
        return Condition::all();
    }
    let visible = Query::select()
        .column((Datasets::Table, Datasets::Id))
        .from(Datasets::Table)
        .cond_where(visible_datasets(viewer))
        .to_owned();
    Condition::any().add(in_commons()).add(Expr::col(DATASET_OF_PICTURE).in_subquery(visible))
}

/// The condition under which a row of `pictures` belongs to no dataset, so that everybody may see it for as long as it is there.
pub(super) fn in_commons() -> Expr {
    Expr::col(DATASET_OF_PICTURE).is_null()
}

/// The visibilities that suffice for whoever is a member of nothing.
pub(super) fn open_to(viewer: &Viewer) -> impl Iterator<Item = &'static str> + '_ {
    Visibility::ALL.iter().filter(|visibility| is_open_to(viewer, **visibility)).map(|visibility| visibility.as_str())
}

/// Whether a visibility suffices for the viewer even if they are a member of nothing.
pub(super) fn is_open_to(viewer: &Viewer, visibility: Visibility) -> bool {
    match visibility {
        Visibility::Public => true,
        Visibility::Internal => viewer.account.is_some(),
        Visibility::Private => false,
    }
}

/// The condition under which `viewer` may see a row of `datasets`. Its visibility is never more than that of its namespace.
pub(in crate::server) fn visible_datasets(viewer: &Viewer) -> Condition {
    if is_administrator(viewer) {
        return Condition::all();
    }
    let of = |column| Expr::col((Datasets::Table, column));
    let open = Condition::any().add(of(Datasets::Visibility).is_in(open_to(viewer)));
    match &viewer.account {
        None => open,
        Some(account) => open
            .add(of(Datasets::Id).in_subquery(datasets_of(account)))
            .add(of(Datasets::Namespace).in_subquery(namespaces_of(account))),
    }
}

/// The condition under which `viewer` may see a row of `namespaces`. Members of one of its datasets know its name anyway. Those of
/// closed accounts are nobody's.
pub(super) fn visible_namespaces(viewer: &Viewer) -> Condition {
    let of = |column| Expr::col((Namespaces::Table, column));
    let closed = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col((Users::Table, Users::ClosedAt)).is_not_null())
        .to_owned();
    let alive =
        Condition::any().add(of(Namespaces::UserId).is_null()).add(of(Namespaces::UserId).not_in_subquery(closed));
    if is_administrator(viewer) {
        return alive;
    }
    let mut seen = Condition::any().add(of(Namespaces::Visibility).is_in(open_to(viewer)));
    if let Some(account) = &viewer.account {
        let around = Query::select()
            .column((Datasets::Table, Datasets::Namespace))
            .from(Datasets::Table)
            .and_where(Expr::col((Datasets::Table, Datasets::Id)).in_subquery(datasets_of(account)))
            .to_owned();
        seen = seen
            .add(of(Namespaces::Id).in_subquery(namespaces_of(account)))
            .add(of(Namespaces::Id).in_subquery(around));
    }
    Condition::all().add(alive).add(seen)
}

/// The condition under which `viewer` has at least this role in a row of `datasets`, by it or by its namespace. What only
/// administrators may does not count.
pub(super) fn datasets_with_role(viewer: &Viewer, least: Role) -> Condition {
    let of = |column| Expr::col((Datasets::Table, column));
    let Some(account) = &viewer.account else { return Condition::all().add(of(Datasets::Id).is_in([0_i64; 0])) };
    let (mut own, mut around) = (datasets_of(account), namespaces_of(account));
    own.and_where(Expr::col((DatasetMembers::Table, DatasetMembers::Role)).is_in(from(least)));
    around.and_where(Expr::col((NamespaceMembers::Table, NamespaceMembers::Role)).is_in(from(least)));
    Condition::any().add(of(Datasets::Id).in_subquery(own)).add(of(Datasets::Namespace).in_subquery(around))
}

/// The same of a row of `namespaces`.
pub(super) fn namespaces_with_role(viewer: &Viewer, least: Role) -> Condition {
    let id = Expr::col((Namespaces::Table, Namespaces::Id));
    let Some(account) = &viewer.account else { return Condition::all().add(id.is_in([0_i64; 0])) };
    let mut own = namespaces_of(account);
    own.and_where(Expr::col((NamespaceMembers::Table, NamespaceMembers::Role)).is_in(from(least)));
    Condition::all().add(id.in_subquery(own))
}

/// Those of some pictures that belong to datasets in which `viewer` may draw nothing.
pub(super) async fn locked(tx: &mut Tx, viewer: &Viewer, pictures: &[i64]) -> Result<HashSet<i64>> {
    if is_administrator(viewer) {
        return Ok(HashSet::new());
    }
    let open = Query::select()
        .column((Datasets::Table, Datasets::Id))
        .from(Datasets::Table)
        .cond_where(datasets_with_role(viewer, Role::Annotator))
        .to_owned();
    let statement = Query::select()
        .column((Pictures::Table, Pictures::Id))
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).is_in(pictures.iter().copied()))
        .and_where(Expr::col(DATASET_OF_PICTURE).is_not_null())
        .and_where(Expr::col(DATASET_OF_PICTURE).not_in_subquery(open))
        .to_owned();
    Ok(tx.all::<(i64,)>(&statement).await?.into_iter().map(|(id,)| id).collect())
}

/// This role and those that may do more.
fn from(least: Role) -> impl Iterator<Item = &'static str> {
    Role::ALL.iter().filter(move |role| **role >= least).map(|role| role.as_str())
}

/// The datasets that an account is a member of.
fn datasets_of(account: &Account) -> SelectStatement {
    Query::select()
        .column(DatasetMembers::Dataset)
        .from(DatasetMembers::Table)
        .and_where(Expr::col((DatasetMembers::Table, DatasetMembers::UserId)).eq(account.id))
        .to_owned()
}

/// The namespaces that an account is a member of.
fn namespaces_of(account: &Account) -> SelectStatement {
    Query::select()
        .column(NamespaceMembers::Namespace)
        .from(NamespaceMembers::Table)
        .and_where(Expr::col((NamespaceMembers::Table, NamespaceMembers::UserId)).eq(account.id))
        .to_owned()
}

/// What is said of a picture that does not exist, and of one that the viewer may not know of.
pub fn no_picture(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no picture {id}"))
}

/// Fails unless the viewer may see the picture, in the same words whether or not it exists.
pub async fn require_visible(source: &mut impl Source, viewer: &Viewer, picture: i64) -> Result<()> {
    let statement = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(picture))
        .cond_where(visible(viewer))
        .to_owned();
    match source.optional::<(i64,)>(&statement).await? {
        Some(_) => Ok(()),
        None => Err(no_picture(picture)),
    }
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Right {
    /// The role that they have as a member.
    pub own: Option<Role>,
    /// Whether they are an administrator, who may do everything.
    pub administrator: bool,
}

impl Right {
    /// The role that counts.
    pub fn role(self) -> Option<Role> {
        if self.administrator { Some(Role::Owner) } else { self.own }
    }

    /// Fails unless it is at least this role. The refusal says what was to be done, such as "change it".
    pub fn require(self, needed: Role, what: &str) -> Result<()> {
        if self.role() >= Some(needed) {
            return Ok(());
        }
        Err(StoreError::Forbidden(format!("only members with the role {} or a higher one may {what}", needed.as_str())))
    }

    /// Whether only administrators could do this, which is then written down.
    pub fn is_borrowed(self, needed: Role) -> bool {
        self.own < Some(needed)
    }
}

/// What a user may do in a dataset, by their role in it or in its namespace: of two the higher one counts.
pub(super) async fn right_in_dataset(source: &mut impl Source, user: i64, dataset: i64) -> Result<Right> {
    let namespace = Query::select()
        .column(Datasets::Namespace)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Id).eq(dataset))
        .to_owned();
    let mut roles = Query::select()
        .column(DatasetMembers::Role)
        .from(DatasetMembers::Table)
        .and_where(Expr::col(DatasetMembers::Dataset).eq(dataset))
        .and_where(Expr::col(DatasetMembers::UserId).eq(user))
        .to_owned();
    roles.union(
        UnionType::All,
        namespace_roles(user).and_where(Expr::col(NamespaceMembers::Namespace).in_subquery(namespace)).to_owned(),
    );
    right(source, user, &roles).await
}

/// What a user may do in a namespace.
pub(super) async fn right_in_namespace(source: &mut impl Source, user: i64, namespace: i64) -> Result<Right> {
    let roles = namespace_roles(user).and_where(Expr::col(NamespaceMembers::Namespace).eq(namespace)).to_owned();
    right(source, user, &roles).await
}

fn namespace_roles(user: i64) -> SelectStatement {
    Query::select()
        .column(NamespaceMembers::Role)
        .from(NamespaceMembers::Table)
        .and_where(Expr::col(NamespaceMembers::UserId).eq(user))
        .to_owned()
}

async fn right(source: &mut impl Source, user: i64, roles: &SelectStatement) -> Result<Right> {
    let mut own = None;
    for (word,) in source.all::<(String,)>(roles).await? {
        own = Ord::max(own, Some(read_role(&word)?));
    }
    Ok(Right { own, administrator: is_admin(source, user).await? })
}

async fn is_admin(source: &mut impl Source, user: i64) -> Result<bool> {
    let admin =
        Query::select().column(Users::Admin).from(Users::Table).and_where(Expr::col(Users::Id).eq(user)).to_owned();
    Ok(source.optional::<(bool,)>(&admin).await?.is_some_and(|(admin,)| admin))
}

/// A stored role.
pub(super) fn read_role(word: &str) -> Result<Role> {
    word.parse().map_err(|_| StoreError::corrupt(format!("the unknown role `{word}`")))
}

/// A stored visibility.
pub(super) fn read_visibility(word: &str) -> Result<Visibility> {
    word.parse().map_err(|_| StoreError::corrupt(format!("the unknown visibility `{word}`")))
}

/// Fails unless the viewer has at least this role in the dataset of a picture that they may see. Pictures of the commons ask for
/// none. The refusal says what was to be done.
pub(super) async fn require_role(
    source: &mut impl Source,
    viewer: &Viewer,
    dataset: Option<i64>,
    needed: Role,
    what: &str,
) -> Result<()> {
    let Some(dataset) = dataset else { return Ok(()) };
    let right = match &viewer.account {
        None => Right::default(),
        Some(account) => right_in_dataset(source, account.id, dataset).await?,
    };
    right.require(needed, what)
}

/// What is said of a dataset that does not exist, and of one that the viewer may not know of.
pub(super) fn unknown_dataset(name: &str) -> StoreError {
    StoreError::field("dataset", format!("names `{name}`, which is not a dataset"))
}

/// Fails unless a user may put pictures into this dataset, which stays and keeps its members until the end of the transaction. One
/// that they may not see is unknown.
pub(super) async fn hold_writable(tx: &mut Tx, user: i64, dataset: i64) -> Result<()> {
    let lock = Query::select()
        .column(Datasets::Visibility)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Id).eq(dataset))
        .lock_shared()
        .to_owned();
    let unknown = || unknown_dataset(&dataset.to_string());
    let (visibility,) = tx.optional::<(String,)>(&lock).await?.ok_or_else(unknown)?;
    let right = right_in_dataset(tx, user, dataset).await?;
    if right.role().is_none() && read_visibility(&visibility)? == Visibility::Private {
        return Err(unknown());
    }
    right.require(Role::Writer, "add pictures to this dataset")
}

/// Whom a picture belongs to: its dataset, or in the commons its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct PictureOwner {
    /// The id of who posted it.
    pub author: i64,
    /// Its dataset; none in the commons.
    pub dataset: Option<i64>,
}

/// Whether an account may change, replace and delete a picture: in the commons its author may, in a dataset its writers.
pub async fn may_write(source: &mut impl Source, account: &Account, owner: PictureOwner) -> Result<bool> {
    Ok(account.admin || may_write_as_member(source, account.id, owner).await?)
}

/// What somebody is told who may not change a picture. It says what was to be done, such as "delete it".
pub fn not_a_writer(picture: i64, owner: PictureOwner, what: &str) -> StoreError {
    StoreError::Forbidden(match owner.dataset {
        None => format!("only the author of picture {picture} or an administrator may {what}"),
        Some(_) => format!("only writers of the dataset that picture {picture} belongs to may {what}"),
    })
}

/// Fails unless a user may change a picture. The transaction that changes it asks again: they may have lost their role since they
/// were let in.
pub(super) async fn require_writer(
    tx: &mut Tx,
    user: i64,
    picture: i64,
    owner: PictureOwner,
    what: &str,
) -> Result<()> {
    if may_write_as_member(tx, user, owner).await? || is_admin(tx, user).await? {
        return Ok(());
    }
    Err(not_a_writer(picture, owner, what))
}

/// The same as [`may_write`] of a user without the rights of administrators.
pub(super) async fn may_write_as_member(source: &mut impl Source, user: i64, owner: PictureOwner) -> Result<bool> {
    match owner.dataset {
        None => Ok(owner.author == user),
        Some(dataset) => Ok(right_in_dataset(source, user, dataset).await?.own >= Some(Role::Writer)),
    }
}
