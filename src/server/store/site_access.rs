//! Who may see and do what with a storage site.
//!
//! A site may be open to everybody, or to all who are signed in, to be seen and read. Members of a namespace may do what was granted
//! to it, as far as their role there goes: readers and annotators read, writers use, maintainers and owners manage. Administrators
//! do everything. A dataset's bytes ask for both: the dataset's right and the site's.

use super::access::{is_administrator, is_open_to, open_to, read_role, read_visibility};
use super::db::{Result, Source};
use super::error::StoreError;
use super::schema::{Datasets, NamespaceMembers, StorageSiteGrants, StorageSites};
use crate::model::{Account, Role, SiteAccess, Viewer};
use sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use std::collections::HashMap;

/// What is said of a storage site that does not exist, and of one that the viewer may not know of.
pub(super) fn no_site(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no storage site {id}"))
}

/// The most that somebody with this role in a namespace may do with what was granted to it.
fn most(role: Role) -> SiteAccess {
    match role {
        Role::Reader | Role::Annotator => SiteAccess::Read,
        Role::Writer => SiteAccess::Use,
        Role::Maintainer | Role::Owner => SiteAccess::Manage,
    }
}

/// A stored right.
pub(super) fn read_access(word: &str) -> Result<SiteAccess> {
    word.parse().map_err(|_| StoreError::corrupt(format!("the unknown right `{word}`")))
}

/// The grants of which somebody has a part, without columns.
fn grants_of(account: &Account) -> SelectStatement {
    Query::select()
        .from(StorageSiteGrants::Table)
        .inner_join(
            NamespaceMembers::Table,
            Expr::col((NamespaceMembers::Table, NamespaceMembers::Namespace))
                .equals((StorageSiteGrants::Table, StorageSiteGrants::Namespace)),
        )
        .and_where(Expr::col((NamespaceMembers::Table, NamespaceMembers::UserId)).eq(account.id))
        .to_owned()
}

/// The condition under which `viewer` may do at least this with a row of `storage_sites`.
pub(super) fn sites_with(viewer: &Viewer, least: SiteAccess) -> Condition {
    if is_administrator(viewer) {
        return Condition::all();
    }
    let of = |column| Expr::col((StorageSites::Table, column));
    let mut any = Condition::any();
    if least == SiteAccess::Read {
        any = any.add(of(StorageSites::Visibility).is_in(open_to(viewer)));
    }
    let Some(account) = &viewer.account else {
        // A condition without parts would hold.
        return any.add(of(StorageSites::Id).is_in([0_i64; 0]));
    };
    let rights = SiteAccess::ALL.iter().filter(|access| **access >= least).map(|access| access.as_str());
    let roles = Role::ALL.iter().filter(|role| most(**role) >= least).map(|role| role.as_str());
    let mut granted = grants_of(account);
    granted
        .column((StorageSiteGrants::Table, StorageSiteGrants::Site))
        .and_where(Expr::col((StorageSiteGrants::Table, StorageSiteGrants::Access)).is_in(rights))
        .and_where(Expr::col((NamespaceMembers::Table, NamespaceMembers::Role)).is_in(roles));
    any.add(of(StorageSites::Id).in_subquery(granted))
}

/// The condition under which `viewer` may read what a row of `datasets` has at its storage site; that they may see the dataset is
/// another one.
pub(super) fn readable_datasets(viewer: &Viewer) -> Condition {
    if is_administrator(viewer) {
        return Condition::all();
    }
    let site = || Expr::col((Datasets::Table, Datasets::StorageSite));
    let seen = Query::select()
        .column((StorageSites::Table, StorageSites::Id))
        .from(StorageSites::Table)
        .cond_where(sites_with(viewer, SiteAccess::Read))
        .to_owned();
    Condition::any().add(site().is_null()).add(site().in_subquery(seen))
}

/// What somebody may do with a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SiteRight {
    /// By what was granted to namespaces of theirs, or because it is open to them.
    pub own: Option<SiteAccess>,
    /// Whether they are an administrator.
    pub administrator: bool,
}

impl SiteRight {
    /// What counts.
    pub fn access(self) -> Option<SiteAccess> {
        if self.administrator { Some(SiteAccess::Manage) } else { self.own }
    }

    /// Fails unless it is at least this. The refusal says what was to be done.
    pub fn require(self, needed: SiteAccess, what: &str) -> Result<()> {
        if self.access() >= Some(needed) {
            return Ok(());
        }
        let right = needed.as_str();
        Err(StoreError::Forbidden(format!("only those with the right to {right} the storage site may {what}")))
    }

    /// Whether only administrators could do this, which is then written down.
    pub fn is_borrowed(self, needed: SiteAccess) -> bool {
        self.administrator && self.own < Some(needed)
    }
}

/// What the viewer may do with each of these sites, given who may see them.
pub(super) async fn rights(
    source: &mut impl Source,
    viewer: &Viewer,
    sites: &[(i64, &str)],
) -> Result<HashMap<i64, SiteRight>> {
    let administrator = is_administrator(viewer);
    let mut rights = HashMap::with_capacity(sites.len());
    for (id, visibility) in sites {
        let own = is_open_to(viewer, read_visibility(visibility)?).then_some(SiteAccess::Read);
        rights.insert(*id, SiteRight { own, administrator });
    }
    let Some(account) = &viewer.account else { return Ok(rights) };
    let mut statement = grants_of(account);
    statement
        .columns([StorageSiteGrants::Site, StorageSiteGrants::Access].map(|column| (StorageSiteGrants::Table, column)))
        .column((NamespaceMembers::Table, NamespaceMembers::Role))
        .and_where(
            Expr::col((StorageSiteGrants::Table, StorageSiteGrants::Site)).is_in(sites.iter().map(|(id, _)| *id)),
        );
    for (site, access, role) in source.all::<(i64, String, String)>(&statement).await? {
        let right = rights.entry(site).or_default();
        right.own = Ord::max(right.own, Some(Ord::min(read_access(&access)?, most(read_role(&role)?))));
    }
    Ok(rights)
}
