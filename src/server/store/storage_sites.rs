//! Storage sites: registered, changed and removed. Who may do what with one is said by `site_access`.

use super::access::{is_administrator, read_visibility, visible_datasets};
use super::audit::{Actor, record};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::members::Circle;
use super::namespaces;
use super::schema::{Datasets, StorageSites};
use super::site_access::{self, SiteRight, no_site, sites_with};
use super::site_grants;
use super::users::{self, contains};
use crate::model::text::fold;
use crate::model::{
    AuditAction, NewStorageSite, Page, PageRequest, Role, SiteAccess, SitePlace, StorageSite, StorageSiteFilter,
    Viewer, Visibility,
};
use sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::HashMap;

pub(super) fn of(column: StorageSites) -> (StorageSites, StorageSites) {
    (StorageSites::Table, column)
}

/// What opening a site needs.
#[derive(Clone, Debug)]
pub struct SiteRow {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: SitePlace,
    /// What its objects' names begin with.
    pub base: String,
    /// Its credentials, encrypted.
    pub credentials: Option<String>,
    /// Changes with them.
    pub revision: i64,
}

/// A row as a list needs it.
#[derive(sqlx::FromRow)]
struct ListedRow {
    id: i64,
    name: String,
    description: String,
    place: String,
    visibility: String,
    created_at: i64,
}

const COLUMNS: [StorageSites; 6] = [
    StorageSites::Id,
    StorageSites::Name,
    StorageSites::Description,
    StorageSites::Place,
    StorageSites::Visibility,
    StorageSites::CreatedAt,
];

/// The sites with which the viewer may do at least this, without columns.
pub(super) fn select(viewer: &Viewer, least: SiteAccess) -> SelectStatement {
    Query::select().from(StorageSites::Table).cond_where(sites_with(viewer, least)).to_owned()
}

fn read_place(text: &str) -> Result<SitePlace> {
    serde_json::from_str(text).map_err(|_| StoreError::corrupt("the place of a storage site cannot be read"))
}

/// The site with this number, whoever asks.
pub async fn row(db: &Db, id: i64) -> Result<SiteRow> {
    let statement = Query::select()
        .columns([
            StorageSites::Name,
            StorageSites::Place,
            StorageSites::Base,
            StorageSites::Credentials,
            StorageSites::Revision,
        ])
        .from(StorageSites::Table)
        .and_where(Expr::col(StorageSites::Id).eq(id))
        .to_owned();
    let row = db.optional::<(String, String, String, Option<String>, i64)>(&statement).await?;
    let (name, place, base, credentials, revision) = row.ok_or_else(|| no_site(id))?;
    Ok(SiteRow { name, place: read_place(&place)?, base, credentials, revision })
}

/// The numbers of all sites.
pub async fn all(db: &Db) -> Result<Vec<i64>> {
    let statement = Query::select()
        .column(StorageSites::Id)
        .from(StorageSites::Table)
        .order_by(StorageSites::Id, Order::Asc)
        .to_owned();
    db.column(&statement).await
}

/// A part of the sites that the viewer may see, by name.
pub async fn list(
    db: &Db,
    viewer: &Viewer,
    filter: &StorageSiteFilter,
    page: PageRequest,
) -> Result<Page<StorageSite>> {
    let mut found = select(viewer, filter.access.unwrap_or(SiteAccess::Read));
    if let Some(text) = filter.search.as_deref().map(|text| fold(text.trim())).filter(|text| !text.is_empty()) {
        found.cond_where(
            Condition::any()
                .add(contains(Expr::col(of(StorageSites::Name)), &text))
                .add(contains(Expr::col(of(StorageSites::DescriptionFolded)), &text)),
        );
    }
    let total = found.clone().expr(Func::count(Expr::col(of(StorageSites::Id)))).to_owned();
    let statement = found
        .columns(COLUMNS.map(of))
        .order_by(of(StorageSites::Name), Order::Asc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<ListedRow>(&statement).await?;
    let items = complete(&mut tx, viewer, rows).await?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// One site. One that the viewer may not see does not exist.
pub async fn get(db: &Db, viewer: &Viewer, id: i64) -> Result<StorageSite> {
    let mut tx = db.snapshot().await?;
    let statement = select(viewer, SiteAccess::Read)
        .columns(COLUMNS.map(of))
        .and_where(Expr::col(of(StorageSites::Id)).eq(id))
        .to_owned();
    let rows = tx.all::<ListedRow>(&statement).await?;
    complete(&mut tx, viewer, rows).await?.pop().ok_or_else(|| no_site(id))
}

async fn complete(tx: &mut Tx, viewer: &Viewer, rows: Vec<ListedRow>) -> Result<Vec<StorageSite>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let site = (Datasets::Table, Datasets::StorageSite);
    let counts = Query::select()
        .column(site)
        .expr(Func::count(Expr::col((Datasets::Table, Datasets::Id))))
        .from(Datasets::Table)
        .and_where(Expr::col(site).is_in(ids))
        .cond_where(visible_datasets(viewer))
        .group_by_col(site)
        .to_owned();
    let counts: HashMap<i64, i64> = tx.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let with_visibility: Vec<(i64, &str)> = rows.iter().map(|row| (row.id, row.visibility.as_str())).collect();
    let rights = site_access::rights(tx, viewer, &with_visibility).await?;
    let site = |row: ListedRow| {
        let place = read_place(&row.place)?;
        let access = rights.get(&row.id).copied().unwrap_or_default().access().unwrap_or(SiteAccess::Read);
        Ok(StorageSite {
            id: row.id,
            kind: place.kind(),
            visibility: read_visibility(&row.visibility)?,
            created: row.created_at,
            access,
            datasets: counts.get(&row.id).copied().unwrap_or_default(),
            place: (access == SiteAccess::Manage).then_some(place),
            name: row.name,
            description: row.description,
        })
    };
    rows.into_iter().map(site).collect()
}

/// What a new site is like beside what was asked for.
pub struct Prepared<'p> {
    /// Where it is, as it is stored.
    pub place: &'p str,
    /// What its objects' names begin with.
    pub base: &'p str,
    /// Its credentials, encrypted.
    pub credentials: Option<&'p str>,
}

/// Fails unless somebody may register a site in the name of a namespace: its maintainers may, and administrators without one.
pub async fn check_registrar(db: &Db, viewer: &Viewer, namespace: Option<&str>, by: i64) -> Result<()> {
    let mut tx = db.snapshot().await?;
    registrar(&mut tx, viewer, namespace, by, false).await.map(drop)
}

/// The namespace in whose name a site is registered, and whether only administrators could do that.
async fn registrar(
    tx: &mut Tx,
    viewer: &Viewer,
    namespace: Option<&str>,
    by: i64,
    lock: bool,
) -> Result<(Option<i64>, bool)> {
    let Some(name) = namespace else {
        if !is_administrator(viewer) {
            return Err(StoreError::field("namespace", "is needed: its maintainers are to manage the storage site"));
        }
        return Ok((None, true));
    };
    let namespace = match namespaces::by_name(tx, viewer, name, lock).await {
        Err(StoreError::NotFound(_)) => {
            return Err(StoreError::field("namespace", format!("names `{name}`, which is not a namespace")));
        }
        found => found?,
    };
    let right = Circle::Namespace(namespace.id).right(tx, by).await?;
    right.require(Role::Maintainer, "register storage sites for this namespace")?;
    Ok((Some(namespace.id), right.is_borrowed(Role::Maintainer)))
}

/// Fails if a site has this name already.
pub async fn check_name(db: &Db, name: &str) -> Result<()> {
    let taken = Query::select()
        .column(StorageSites::Id)
        .from(StorageSites::Table)
        .and_where(Expr::col(StorageSites::Name).eq(name))
        .to_owned();
    match db.optional::<(i64,)>(&taken).await? {
        Some(_) => Err(StoreError::Conflict(format!("there is a storage site `{name}` already"))),
        None => Ok(()),
    }
}

/// Registers a site and gives its number. The maintainers of its namespace manage it.
pub async fn insert(
    db: &Db,
    viewer: &Viewer,
    site: &NewStorageSite,
    prepared: Prepared<'_>,
    by: i64,
    actor: Actor,
) -> Result<i64> {
    let prepared = &prepared;
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        let (namespace, borrowed) = registrar(&mut tx, viewer, site.namespace.as_deref(), by, true).await?;
        let insert = Query::insert()
            .into_table(StorageSites::Table)
            .columns([
                StorageSites::Name,
                StorageSites::Description,
                StorageSites::DescriptionFolded,
                StorageSites::Kind,
                StorageSites::Place,
                StorageSites::Base,
                StorageSites::Credentials,
                StorageSites::Visibility,
                StorageSites::CreatedAt,
            ])
            .values_panic([
                site.name.as_str().into(),
                site.description.as_str().into(),
                fold(&site.description).into(),
                site.place.kind().as_str().into(),
                prepared.place.into(),
                prepared.base.into(),
                prepared.credentials.map(str::to_owned).into(),
                site.visibility.as_str().into(),
                actor.at.into(),
            ])
            .returning_col(StorageSites::Id)
            .to_owned();
        let id = tx.scalar::<i64>(&insert).await?;
        if let Some(namespace) = namespace {
            site_grants::write(&mut tx, id, namespace, Some(SiteAccess::Manage)).await?;
        }
        if borrowed {
            record(&mut tx, actor, AuditAction::StorageSiteChanged, &subject(&site.name), "registered").await?;
        }
        tx.commit(id).await
    })
    .await
}

fn subject(name: &str) -> String {
    format!("storage site {name}")
}

/// A site that is about to change, whose row the transaction has locked.
pub(super) struct HeldSite {
    name: String,
    right: SiteRight,
}

/// Locks a site that the viewer may see, and that they may do this with.
pub(super) async fn hold_site(
    tx: &mut Tx,
    viewer: &Viewer,
    id: i64,
    needed: SiteAccess,
    what: &str,
) -> Result<HeldSite> {
    let seen = select(viewer, SiteAccess::Read)
        .columns([StorageSites::Name, StorageSites::Visibility].map(of))
        .and_where(Expr::col(of(StorageSites::Id)).eq(id))
        .lock_exclusive()
        .to_owned();
    let (name, visibility) = tx.optional::<(String, String)>(&seen).await?.ok_or_else(|| no_site(id))?;
    let right = site_access::rights(tx, viewer, &[(id, &visibility)]).await?.remove(&id).unwrap_or_default();
    right.require(needed, what)?;
    Ok(HeldSite { name, right })
}

impl HeldSite {
    /// Writes down what only administrators could do.
    pub async fn note(&self, tx: &mut Tx, actor: Actor, action: AuditAction, details: &str) -> Result<()> {
        if !self.right.is_borrowed(SiteAccess::Manage) {
            return Ok(());
        }
        record(tx, actor, action, &subject(&self.name), details).await
    }
}

/// New settings of a site; absent ones stay.
#[derive(Clone, Debug, Default)]
pub struct SiteChange {
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Its credentials, encrypted.
    pub credentials: Option<String>,
}

/// Changes the settings of a site, which those who manage it may.
pub async fn update(db: &Db, viewer: &Viewer, id: i64, change: &SiteChange, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold_site(&mut tx, viewer, id, SiteAccess::Manage, "change it").await?;
        let mut update = Query::update();
        update.table(StorageSites::Table).and_where(Expr::col(StorageSites::Id).eq(id));
        let mut changed = Vec::new();
        if let Some(description) = &change.description {
            update.value(StorageSites::Description, description.as_str());
            update.value(StorageSites::DescriptionFolded, fold(description));
            changed.push("description".to_owned());
        }
        if let Some(visibility) = change.visibility {
            update.value(StorageSites::Visibility, visibility.as_str());
            changed.push(format!("made {}", visibility.as_str()));
        }
        if let Some(credentials) = &change.credentials {
            update.value(StorageSites::Credentials, credentials.as_str());
            update.value(StorageSites::Revision, Expr::col(StorageSites::Revision).add(1));
            changed.push("credentials".to_owned());
        }
        if !changed.is_empty() {
            tx.execute(&update).await?;
            held.note(&mut tx, actor, AuditAction::StorageSiteChanged, &changed.join(", ")).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Forgets a site, which those who manage it may. One that datasets use is a conflict. What is still there stays there.
pub async fn delete(db: &Db, viewer: &Viewer, id: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold_site(&mut tx, viewer, id, SiteAccess::Manage, "remove it").await?;
        let used = Query::select()
            .column(Datasets::Id)
            .from(Datasets::Table)
            .and_where(Expr::col(Datasets::StorageSite).eq(id))
            .limit(1)
            .to_owned();
        if tx.optional::<(i64,)>(&used).await?.is_some() {
            let message = "there are datasets whose files are at this storage site; delete them first";
            return Err(StoreError::Conflict(message.to_owned()));
        }
        let delete =
            Query::delete().from_table(StorageSites::Table).and_where(Expr::col(StorageSites::Id).eq(id)).to_owned();
        tx.execute(&delete).await?;
        held.note(&mut tx, actor, AuditAction::StorageSiteDeleted, "").await?;
        tx.commit(()).await
    })
    .await
}

/// Fails unless the viewer may do this with a site that they may see. The refusal says what was to be done.
pub async fn require(db: &Db, viewer: &Viewer, id: i64, needed: SiteAccess, what: &str) -> Result<()> {
    let seen = select(viewer, SiteAccess::Read)
        .column(of(StorageSites::Visibility))
        .and_where(Expr::col(of(StorageSites::Id)).eq(id))
        .to_owned();
    let (visibility,) = db.optional::<(String,)>(&seen).await?.ok_or_else(|| no_site(id))?;
    let rights = site_access::rights(&mut &*db, viewer, &[(id, &visibility)]).await?;
    rights.get(&id).copied().unwrap_or_default().require(needed, what)
}
