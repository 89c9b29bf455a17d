//! Storage sites: places beside the site's own folder where the bytes of datasets live.
//!
//! The mutating functions that forms call are URL-encoded, so that they work without JavaScript.

// The fields of a form are the arguments of its function.
#![allow(clippy::too_many_arguments)]

use crate::model::{
    AppError, Dataset, GrantedRight, NewStorageSite, Page, SiteAccess, SiteTest, StorageSite, StorageSiteChange,
    StorageSiteFilter, Visibility,
};
#[cfg(feature = "ssr")]
use crate::model::{SiteCredentials, SiteKind, SitePlace};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the storage sites that the viewer may see, by name.
#[server(prefix = "/fn", endpoint = "storage_sites", input = Json)]
pub async fn storage_sites(
    filter: StorageSiteFilter,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<StorageSite>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(crate::server::store::storage_sites::list(db, viewer, &filter, page).await?)
}

/// One storage site.
#[server(name = GetStorageSite, prefix = "/fn", endpoint = "storage_site", input = Json)]
pub async fn storage_site(id: i64) -> Result<StorageSite, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::storage_sites::get(&context.state.db, &context.viewer, id).await?)
}

/// Whether the settings of this site let anybody register storage sites.
#[server(prefix = "/fn", endpoint = "storage_sites_possible", input = Json)]
pub async fn storage_sites_possible() -> Result<bool, AppError> {
    Ok(crate::server::context::current()?.state.storage.allowed().any())
}

/// Registers a storage site: maintainers of its namespace may, and administrators.
#[server(prefix = "/fn", endpoint = "create_storage_site", input = Json)]
pub async fn create_storage_site(site: NewStorageSite) -> Result<StorageSite, AppError> {
    use crate::server::store::storage_sites as store;
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut site = site;
    AppError::refuse(site.check())?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    // Before a folder is made or an address looked at.
    store::check_registrar(db, viewer, site.namespace.as_deref(), account.id).await?;
    store::check_name(db, &site.name).await?;
    let credentials = site.credentials.take();
    let prepared = context.state.storage.prepare(&mut site.place, credentials.as_ref()).await?;
    let place = crate::server::storage::written(&site.place)?;
    let (base, credentials) = (prepared.base.as_str(), prepared.credentials.as_deref());
    let prepared = store::Prepared { place: &place, base, credentials };
    match store::insert(db, viewer, &site, prepared, account.id, actor).await {
        Ok(id) => Ok(store::get(db, viewer, id).await?),
        Err(error) => {
            // Where the database failed nobody knows whether there is a site, and it might need its folder.
            if !matches!(error, crate::server::store::StoreError::Database(_)) {
                context.state.storage.unmake(&site.place, base).await;
            }
            Err(error.into())
        }
    }
}

/// Changes the settings of a storage site; absent ones stay.
#[server(prefix = "/fn", endpoint = "update_storage_site", input = Json)]
pub async fn update_storage_site(id: i64, change: StorageSiteChange) -> Result<StorageSite, AppError> {
    use crate::server::store::storage_sites as store;
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut change = change;
    AppError::refuse(change.check())?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    store::require(db, viewer, id, SiteAccess::Manage, "change it").await?;
    let credentials = match &change.credentials {
        None => None,
        Some(credentials) => {
            let place = store::row(db, id).await?.place;
            if place.kind() != SiteKind::S3 {
                return Err(AppError::field("access_key", "must not be given for a folder"));
            }
            Some(context.state.storage.seal(credentials, &place).await?)
        }
    };
    let change = store::SiteChange { description: change.description, visibility: change.visibility, credentials };
    store::update(db, viewer, id, &change, actor).await?;
    Ok(store::get(db, viewer, id).await?)
}

/// Forgets a storage site that no dataset uses.
#[server(prefix = "/fn", endpoint = "delete_storage_site", input = Json)]
pub async fn delete_storage_site(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    Ok(crate::server::store::storage_sites::delete(db, viewer, id, actor).await?)
}

/// Writes, reads and deletes something small at a storage site, for those who manage it.
#[server(prefix = "/fn", endpoint = "test_storage_site", input = Json)]
pub async fn test_storage_site(id: i64) -> Result<SiteTest, AppError> {
    let context = crate::server::context::current()?;
    context.writer()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    crate::server::store::storage_sites::require(db, viewer, id, SiteAccess::Manage, "test it").await?;
    Ok(context.state.storage.test(id).await?)
}

/// What was granted to which namespaces, by name, those without one last; for those who manage the storage site.
#[server(prefix = "/fn", endpoint = "storage_site_grants", input = Json)]
pub async fn storage_site_grants(id: i64) -> Result<Vec<GrantedRight>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::site_grants::list(&context.state.db, &context.viewer, id).await?)
}

/// Grants something to a namespace; without a right, everything is taken back. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "set_storage_site_grant", input = Json)]
pub async fn set_storage_site_grant(id: i64, namespace: String, access: Option<SiteAccess>) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let namespace = namespace.trim();
    Ok(crate::server::store::site_grants::set(db, viewer, id, namespace, access, actor).await?)
}

/// Takes back what was granted to the namespace with this number. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "remove_storage_site_grant", input = Json)]
pub async fn remove_storage_site_grant(id: i64, number: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    Ok(crate::server::store::site_grants::take(db, viewer, id, number, actor).await?)
}

/// Chooses where the bytes of a dataset shall live, once and before there are any.
#[server(prefix = "/fn", endpoint = "choose_storage_site", input = Json)]
pub async fn choose_storage_site(id: i64, storage_site: String) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    crate::server::store::site_choice::choose(db, viewer, id, storage_site.trim(), account.id, actor).await?;
    Ok(crate::server::store::datasets::get(db, viewer, id).await?)
}

/// Chooses from a form where the files of a dataset shall be.
#[server(prefix = "/fn", endpoint = "pick_storage_site")]
pub async fn pick_storage_site(id: i64, #[server(default)] storage_site: String) -> Result<Dataset, AppError> {
    if storage_site.trim().is_empty() {
        return Err(AppError::field("storage_site", "must name the storage site"));
    }
    choose_storage_site(id, storage_site).await
}

/// The names of the storage sites that the viewer may choose for datasets.
pub async fn usable_storage_sites() -> Result<Vec<String>, AppError> {
    const MOST: i64 = 1000;
    let filter = StorageSiteFilter { search: None, access: Some(SiteAccess::Use) };
    let sites = storage_sites(filter, None, Some(MOST)).await?.items;
    Ok(sites.into_iter().map(|site| site.name).collect())
}

/// The credentials that a form sends, if it sends any.
#[cfg(feature = "ssr")]
fn credentials_of(access_key: &str, secret_key: &str) -> Option<SiteCredentials> {
    let (access_key, secret_key) = (access_key.trim().to_owned(), secret_key.trim().to_owned());
    (!(access_key.is_empty() && secret_key.is_empty())).then_some(SiteCredentials { access_key, secret_key })
}

/// Registers a folder or a bucket from a form, and goes on to its page.
#[server(name = RegisterStorageSite, prefix = "/fn", endpoint = "new_storage_site")]
pub async fn new_storage_site(
    kind: String,
    name: String,
    #[server(default)] description: String,
    visibility: Visibility,
    #[server(default)] namespace: String,
    #[server(default)] folder: String,
    #[server(default)] endpoint: String,
    #[server(default)] region: String,
    #[server(default)] bucket: String,
    #[server(default)] prefix: String,
    #[server(default)] path_style: bool,
    #[server(default)] access_key: String,
    #[server(default)] secret_key: String,
) -> Result<StorageSite, AppError> {
    let place = match kind.parse::<SiteKind>()? {
        SiteKind::Folder => SitePlace::Folder { folder: folder.trim().to_owned() },
        SiteKind::S3 => {
            let (region, bucket) = (region.trim().to_owned(), bucket.trim().to_owned());
            SitePlace::S3 { endpoint, region, bucket, prefix, path_style }
        }
    };
    let credentials = match place.kind() {
        SiteKind::Folder => None,
        SiteKind::S3 => credentials_of(&access_key, &secret_key),
    };
    let namespace = Some(namespace).filter(|name| !name.is_empty());
    let name = name.trim().to_owned();
    let site =
        create_storage_site(NewStorageSite { name, description, visibility, namespace, place, credentials }).await?;
    leptos_axum::redirect(&format!("/storage-sites/{}", site.id));
    Ok(site)
}

/// Changes the settings of a storage site from a form. Keys that are left empty stay as they are.
#[server(prefix = "/fn", endpoint = "edit_storage_site")]
pub async fn edit_storage_site(
    id: i64,
    #[server(default)] description: String,
    visibility: Visibility,
    #[server(default)] access_key: String,
    #[server(default)] secret_key: String,
) -> Result<StorageSite, AppError> {
    let credentials = credentials_of(&access_key, &secret_key);
    let change = StorageSiteChange { description: Some(description), visibility: Some(visibility), credentials };
    update_storage_site(id, change).await
}

/// Tests a storage site from a form.
#[server(prefix = "/fn", endpoint = "try_storage_site")]
pub async fn try_storage_site(id: i64) -> Result<SiteTest, AppError> {
    test_storage_site(id).await
}

/// Grants something to a namespace from a form.
#[server(prefix = "/fn", endpoint = "grant_storage_site")]
pub async fn grant_storage_site(id: i64, namespace: String, access: SiteAccess) -> Result<(), AppError> {
    set_storage_site_grant(id, namespace, Some(access)).await
}

/// Takes back from a form what was granted to a namespace, and says whether the viewer still sees the site.
#[server(prefix = "/fn", endpoint = "take_storage_site_grant")]
pub async fn take_storage_site_grant(id: i64, number: i64) -> Result<bool, AppError> {
    remove_storage_site_grant(id, number).await?;
    if matches!(storage_site(id).await, Err(AppError::NotFound(_))) {
        leptos_axum::redirect("/storage-sites");
        return Ok(false);
    }
    Ok(true)
}

/// Forgets a storage site from a form, and goes on to the list.
#[server(prefix = "/fn", endpoint = "remove_storage_site")]
pub async fn remove_storage_site(id: i64) -> Result<(), AppError> {
    delete_storage_site(id).await?;
    leptos_axum::redirect("/storage-sites");
    Ok(())
}
