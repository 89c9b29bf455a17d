//! Which storage site a dataset has: chosen once and before its first bytes, and asked about by whoever reads or adds some.

use super::audit::{Actor, record};
use super::blob_sites;
use super::datasets::hold;
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{DatasetBlobs, Datasets, Pictures, StorageSites};
use super::site_access;
use super::storage_sites::{of, require, select};
use crate::model::{AuditAction, DatasetSite, Role, SiteAccess, Viewer};
use sea_query::{Expr, ExprTrait, Query};
use std::collections::HashMap;

/// Where the bytes of a dataset are, for somebody who wants to do this with them: at this storage site, or without one in the site's
/// own folder. Fails unless the site lets them; that the dataset does is another matter.
pub async fn of_dataset(db: &Db, viewer: &Viewer, dataset: i64, needed: SiteAccess) -> Result<Option<i64>> {
    let Some(site) = blob_sites::of_dataset(&mut &*db, dataset).await? else { return Ok(None) };
    let refused = || {
        let (right, what) = match needed {
            SiteAccess::Read => ("read", "read"),
            SiteAccess::Use | SiteAccess::Manage => ("use", "add"),
        };
        let message = format!(
            "the files of this dataset are at a storage site that you may not {right}; ask those who manage it, so that you can \
             {what} files"
        );
        StoreError::Forbidden(message)
    };
    match require(db, viewer, site, needed, "do this").await {
        Err(StoreError::NotFound(_) | StoreError::Forbidden(_)) => Err(refused()),
        other => other.map(|()| Some(site)),
    }
}

/// Where the bytes of a dataset are, whoever asks.
pub async fn site_of(db: &Db, dataset: i64) -> Result<Option<i64>> {
    blob_sites::of_dataset(&mut &*db, dataset).await
}

/// The number of a site that is chosen for a dataset by its name: the viewer has to have the right to use it.
pub(super) async fn chosen(tx: &mut Tx, viewer: &Viewer, name: &str) -> Result<i64> {
    let seen = select(viewer, SiteAccess::Read)
        .columns([StorageSites::Id, StorageSites::Visibility].map(of))
        .and_where(Expr::col(of(StorageSites::Name)).eq(name))
        .to_owned();
    let unknown = || StoreError::field("storage_site", format!("names `{name}`, which is not a storage site"));
    let (id, visibility) = tx.optional::<(i64, String)>(&seen).await?.ok_or_else(unknown)?;
    let rights = site_access::rights(tx, viewer, &[(id, &visibility)]).await?;
    rights.get(&id).copied().unwrap_or_default().require(SiteAccess::Use, "choose it for a dataset")?;
    Ok(id)
}

/// Chooses where the bytes of a dataset shall live, once and before there are any; its maintainers may who may use the site.
pub async fn choose(db: &Db, viewer: &Viewer, dataset: i64, name: &str, by: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold(&mut tx, viewer, dataset, by).await?;
        held.right.require(Role::Maintainer, "change this dataset")?;
        let site = chosen(&mut tx, viewer, name).await?;
        if blob_sites::of_dataset(&mut tx, dataset).await?.is_some() {
            let message = "the storage site of this dataset is chosen already, and stays";
            return Err(StoreError::Conflict(message.to_owned()));
        }
        let bytes = Query::select()
            .column(DatasetBlobs::Md5)
            .from(DatasetBlobs::Table)
            .and_where(Expr::col(DatasetBlobs::Dataset).eq(dataset))
            .limit(1)
            .to_owned();
        let pictures = Query::select()
            .column(Pictures::Id)
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Dataset).eq(dataset))
            .limit(1)
            .to_owned();
        let is_begun =
            tx.optional::<(String,)>(&bytes).await?.is_some() || tx.optional::<(i64,)>(&pictures).await?.is_some();
        if is_begun {
            let message = "this dataset has or had files already, which stay where they are; make another dataset";
            return Err(StoreError::Conflict(message.to_owned()));
        }
        let update = Query::update()
            .table(Datasets::Table)
            .value(Datasets::StorageSite, site)
            .and_where(Expr::col(Datasets::Id).eq(dataset))
            .to_owned();
        tx.execute(&update).await?;
        if held.right.is_borrowed(Role::Maintainer) {
            let details = format!("storage site {name}");
            record(&mut tx, actor, AuditAction::DatasetChanged, &held.subject(), &details).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// The storage sites of these datasets: number and name, as far as the viewer may see them.
pub(super) async fn of_datasets(tx: &mut Tx, viewer: &Viewer, ids: &[i64]) -> Result<HashMap<i64, DatasetSite>> {
    let site = (Datasets::Table, Datasets::StorageSite);
    let statement = Query::select()
        .column((Datasets::Table, Datasets::Id))
        .column(site)
        .from(Datasets::Table)
        .and_where(Expr::col((Datasets::Table, Datasets::Id)).is_in(ids.iter().copied()))
        .and_where(Expr::col(site).is_not_null())
        .to_owned();
    let there = tx.all::<(i64, i64)>(&statement).await?;
    if there.is_empty() {
        return Ok(HashMap::new());
    }
    let names = select(viewer, SiteAccess::Read)
        .columns([StorageSites::Id, StorageSites::Name].map(of))
        .and_where(Expr::col(of(StorageSites::Id)).is_in(there.iter().map(|(_, site)| *site)))
        .to_owned();
    let names: HashMap<i64, String> = tx.all::<(i64, String)>(&names).await?.into_iter().collect();
    let shown = |(dataset, site): (i64, i64)| {
        let name = names.get(&site).cloned();
        (dataset, DatasetSite { id: name.as_ref().map(|_| site), name })
    };
    Ok(there.into_iter().map(shown).collect())
}
