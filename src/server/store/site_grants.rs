//! What was granted to whom at a storage site.

use super::access::visible_namespaces;
use super::audit::Actor;
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::namespaces;
use super::schema::{Namespaces, StorageSiteGrants};
use super::site_access::read_access;
use super::storage_sites::{hold_site, require};
use crate::model::{AuditAction, GrantedRight, SiteAccess, Viewer};
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query};
use std::collections::HashMap;

/// What was granted to which namespaces, by name, and last to those that the viewer may not see; for those who manage the site.
pub async fn list(db: &Db, viewer: &Viewer, id: i64) -> Result<Vec<GrantedRight>> {
    require(db, viewer, id, SiteAccess::Manage, "see who may use it").await?;
    let statement = Query::select()
        .columns([StorageSiteGrants::Namespace, StorageSiteGrants::Access])
        .from(StorageSiteGrants::Table)
        .and_where(Expr::col(StorageSiteGrants::Site).eq(id))
        .order_by(StorageSiteGrants::Namespace, Order::Asc)
        .to_owned();
    let granted = Query::select()
        .column(StorageSiteGrants::Namespace)
        .from(StorageSiteGrants::Table)
        .and_where(Expr::col(StorageSiteGrants::Site).eq(id))
        .to_owned();
    let names = Query::select()
        .columns([Namespaces::Id, Namespaces::Name].map(|column| (Namespaces::Table, column)))
        .from(Namespaces::Table)
        .and_where(Expr::col((Namespaces::Table, Namespaces::Id)).in_subquery(granted))
        .cond_where(visible_namespaces(viewer))
        .to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<(i64, String)>(&statement).await?;
    let mut names: HashMap<i64, String> = tx.all::<(i64, String)>(&names).await?.into_iter().collect();
    let mut rights = Vec::with_capacity(rows.len());
    for (number, access) in rows {
        rights.push(GrantedRight { number, namespace: names.remove(&number), access: read_access(&access)? });
    }
    rights.sort_by_key(|right| (right.namespace.is_none(), right.namespace.clone()));
    Ok(rights)
}

/// Grants something to a namespace, or without a right takes everything back. Doing so again changes nothing.
pub async fn set(
    db: &Db,
    viewer: &Viewer,
    id: i64,
    namespace: &str,
    access: Option<SiteAccess>,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold_site(&mut tx, viewer, id, SiteAccess::Manage, "say who may use it").await?;
        let found = match namespaces::by_name(&mut tx, viewer, namespace, true).await {
            Err(StoreError::NotFound(_)) => {
                let message = format!("names `{namespace}`, which is not a namespace");
                return Err(StoreError::field("namespace", message));
            }
            found => found?,
        };
        write(&mut tx, id, found.id, access).await?;
        let details = match access {
            Some(access) => format!("{namespace}: {}", access.as_str()),
            None => format!("{namespace}: nothing"),
        };
        held.note(&mut tx, actor, AuditAction::StorageSiteChanged, &details).await?;
        tx.commit(()).await
    })
    .await
}

/// Takes back what was granted to the namespace with this number, which those who manage the site need not see: it may have been
/// hidden since, or somebody else may have granted it. Doing so again changes nothing.
pub async fn take(db: &Db, viewer: &Viewer, id: i64, number: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold_site(&mut tx, viewer, id, SiteAccess::Manage, "say who may use it").await?;
        write(&mut tx, id, number, None).await?;
        let details = format!("namespace {number}: nothing");
        held.note(&mut tx, actor, AuditAction::StorageSiteChanged, &details).await?;
        tx.commit(()).await
    })
    .await
}

/// Writes a grant, or without a right removes it.
pub(super) async fn write(tx: &mut Tx, site: i64, namespace: i64, access: Option<SiteAccess>) -> Result<()> {
    let Some(access) = access else {
        let delete = Query::delete()
            .from_table(StorageSiteGrants::Table)
            .and_where(Expr::col(StorageSiteGrants::Site).eq(site))
            .and_where(Expr::col(StorageSiteGrants::Namespace).eq(namespace))
            .to_owned();
        return tx.execute(&delete).await.map(drop);
    };
    let key = [StorageSiteGrants::Site, StorageSiteGrants::Namespace];
    let insert = Query::insert()
        .into_table(StorageSiteGrants::Table)
        .columns([StorageSiteGrants::Site, StorageSiteGrants::Namespace, StorageSiteGrants::Access])
        .values_panic([site.into(), namespace.into(), access.as_str().into()])
        .on_conflict(OnConflict::columns(key).update_column(StorageSiteGrants::Access).to_owned())
        .to_owned();
    tx.execute(&insert).await.map(drop)
}
