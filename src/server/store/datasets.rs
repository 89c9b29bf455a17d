//! Datasets: named collections of pictures, each in a namespace.

use super::access::{self, Right, read_visibility, right_in_dataset, right_in_namespace, unknown_dataset};
use super::audit::{Actor, record};
use super::dataset_files;
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::members::{self, Circle, MemberChange};
use super::namespaces;
use super::picture_changes::delete_silently;
use super::schema::{Blobs, DatasetTags, Datasets, Namespaces, PictureObjects, Pictures};
use super::site_choice;
use super::users::{self, contains};
use crate::model::dataset::{full_name, is_reserved};
use crate::model::text::fold;
use crate::model::{
    AuditAction, Dataset, DatasetChange, DatasetFilter, DatasetNumbers, DatasetOrder, Membership, NewDataset, Page,
    PageRequest, Role, Viewer, Visibility,
};
use sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::HashMap;

/// Pictures that go in one transaction: nobody who waits for a lock waits long.
const BATCH: u64 = 100;
/// So many pictures stand for a dataset in a list.
const COVERS: u64 = 4;

fn no_dataset(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no dataset {id}"))
}

fn of(column: Datasets) -> (Datasets, Datasets) {
    (Datasets::Table, column)
}

/// A row of `datasets` with the name of its namespace.
#[derive(sqlx::FromRow)]
struct DatasetRow {
    id: i64,
    namespace: i64,
    namespace_name: String,
    name: String,
    description: String,
    visibility: String,
    created_at: i64,
    head: Option<String>,
}

/// The datasets that the viewer may see, without columns and order.
fn select(viewer: &Viewer) -> SelectStatement {
    Query::select()
        .from(Datasets::Table)
        .inner_join(Namespaces::Table, Expr::col((Namespaces::Table, Namespaces::Id)).equals(of(Datasets::Namespace)))
        .cond_where(access::visible_datasets(viewer))
        .to_owned()
}

fn with_columns(mut statement: SelectStatement) -> SelectStatement {
    statement
        .columns([Datasets::Id, Datasets::Namespace, Datasets::Name, Datasets::Description].map(of))
        .columns([Datasets::Visibility, Datasets::CreatedAt, Datasets::Head].map(of))
        .expr_as(Expr::col((Namespaces::Table, Namespaces::Name)), "namespace_name");
    statement
}

/// A part of the datasets that the viewer may see.
pub async fn list(
    db: &Db,
    viewer: &Viewer,
    filter: &DatasetFilter,
    order: DatasetOrder,
    page: PageRequest,
) -> Result<Page<Dataset>> {
    let namespace = (Namespaces::Table, Namespaces::Name);
    let mut found = select(viewer);
    if let Some(name) = &filter.namespace {
        found.and_where(Expr::col(namespace).eq(name.as_str()));
    }
    if let Some(visibility) = filter.visibility {
        found.and_where(Expr::col(of(Datasets::Visibility)).eq(visibility.as_str()));
    }
    if let Some(role) = filter.role {
        found.cond_where(access::datasets_with_role(viewer, role));
    }
    if let Some(tag) = &filter.tag {
        let tagged = tagged(Expr::col((DatasetTags::Table, DatasetTags::Tag)).eq(fold(tag.trim())));
        found.and_where(Expr::col(of(Datasets::Id)).in_subquery(tagged));
    }
    if let Some(text) = filter.search.as_deref().map(|text| fold(text.trim())).filter(|text| !text.is_empty()) {
        let tagged = tagged(contains(Expr::col((DatasetTags::Table, DatasetTags::Tag)), &text));
        let mut anywhere = Condition::any()
            .add(contains(Expr::col(of(Datasets::Name)), &text))
            .add(contains(Expr::col(namespace), &text))
            .add(contains(Expr::col(of(Datasets::DescriptionFolded)), &text))
            .add(Expr::col(of(Datasets::Id)).in_subquery(tagged));
        // As queries call it.
        if let Some((before, name)) = text.split_once('/') {
            let both = Expr::col(namespace).eq(before).and(contains(Expr::col(of(Datasets::Name)), name));
            anywhere = anywhere.add(both);
        }
        found.cond_where(anywhere);
    }
    let total = found.clone().expr(Func::count(Expr::col(of(Datasets::Id)))).to_owned();
    let mut statement = with_columns(found);
    match order {
        DatasetOrder::Name => statement.order_by(namespace, Order::Asc).order_by(of(Datasets::Name), Order::Asc),
        DatasetOrder::Newest => statement.order_by(of(Datasets::Id), Order::Desc),
        DatasetOrder::Oldest => statement.order_by(of(Datasets::Id), Order::Asc),
    };
    statement.offset(page.offset as u64).limit(page.limit as u64);
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<DatasetRow>(&statement).await?;
    let items = complete(&mut tx, viewer, rows).await?;
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// The datasets that have a tag like this.
fn tagged(tag: Expr) -> SelectStatement {
    Query::select().column(DatasetTags::Dataset).from(DatasetTags::Table).and_where(tag).to_owned()
}

/// One dataset. One that the viewer may not see does not exist.
pub async fn get(db: &Db, viewer: &Viewer, id: i64) -> Result<Dataset> {
    let statement = with_columns(select(viewer)).and_where(Expr::col(of(Datasets::Id)).eq(id)).to_owned();
    one(db, viewer, &statement).await?.ok_or_else(|| no_dataset(id))
}

/// The same by its name.
pub async fn by_name(db: &Db, viewer: &Viewer, namespace: &str, name: &str) -> Result<Dataset> {
    let full = full_name(namespace, name);
    let statement = with_columns(named(viewer, namespace, name));
    one(db, viewer, &statement).await?.ok_or_else(|| StoreError::NotFound(format!("there is no dataset `{full}`")))
}

fn named(viewer: &Viewer, namespace: &str, name: &str) -> SelectStatement {
    select(viewer)
        .and_where(Expr::col((Namespaces::Table, Namespaces::Name)).eq(namespace))
        .and_where(Expr::col(of(Datasets::Name)).eq(name))
        .to_owned()
}

async fn one(db: &Db, viewer: &Viewer, statement: &SelectStatement) -> Result<Option<Dataset>> {
    let mut tx = db.snapshot().await?;
    let rows = tx.all::<DatasetRow>(statement).await?;
    Ok(complete(&mut tx, viewer, rows).await?.pop())
}

/// The hashes of the files of some pictures of each of these datasets, as far as the viewer may see them; the newest first.
pub async fn covers(db: &Db, viewer: &Viewer, ids: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
    let mut tx = db.snapshot().await?;
    let mut covers = HashMap::new();
    for id in ids {
        let newest = pictures_of(viewer, *id)
            .column((Pictures::Table, Pictures::Blob))
            .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
            .order_by((Pictures::Table, Pictures::Id), Order::Desc)
            .limit(COVERS)
            .to_owned();
        covers.insert(*id, tx.all::<(String,)>(&newest).await?.into_iter().map(|(hash,)| hash).collect());
    }
    Ok(covers)
}

/// Counts what a dataset has, as far as the viewer may see it. Who asks for that of a very large one may wait, so that the time
/// is bounded.
pub async fn numbers(db: &Db, viewer: &Viewer, id: i64) -> Result<DatasetNumbers> {
    let sum = |expr: Expr| Expr::expr(Func::coalesce([Func::sum(expr).into(), Expr::val(0)])).cast_as("BIGINT");
    let mut source = db.bounded().await?;
    let pictures = pictures_of(viewer, id)
        .expr(Func::count(Expr::col((Pictures::Table, Pictures::ReplacedBy))))
        .expr(sum(Expr::col((Pictures::Table, Pictures::RegionCount))))
        .to_owned();
    let (replaced, regions) = source.optional::<(i64, i64)>(&pictures).await?.unwrap_or_default();
    let shown = pictures_of(viewer, id).column((Pictures::Table, Pictures::Id)).to_owned();
    let objects = Query::select()
        .expr(Func::count_distinct(Expr::col(PictureObjects::Object)))
        .from(PictureObjects::Table)
        .and_where(Expr::col(PictureObjects::Picture).in_subquery(shown))
        .to_owned();
    let (objects,) = source.optional::<(i64,)>(&objects).await?.unwrap_or_default();
    let files = pictures_of(viewer, id).column((Pictures::Table, Pictures::Blob)).to_owned();
    let size = Query::select()
        .expr(sum(Expr::col(Blobs::Size)))
        .from(Blobs::Table)
        .and_where(Expr::col(Blobs::Hash).in_subquery(files))
        .to_owned();
    let (size_bytes,) = source.optional::<(i64,)>(&size).await?.unwrap_or_default();
    source.close().await?;
    Ok(DatasetNumbers { replaced, regions, objects, size_bytes })
}

/// The pictures of a dataset that the viewer may see, without columns and order.
fn pictures_of(viewer: &Viewer, dataset: i64) -> SelectStatement {
    Query::select()
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Dataset)).eq(dataset))
        .cond_where(access::visible(viewer))
        .to_owned()
}

/// The number of a dataset that is named by it, or as `namespace/name`, where the viewer may see it. Fails as a field of a form.
pub async fn resolve(db: &Db, viewer: &Viewer, name: &str) -> Result<i64> {
    let mut statement = match (name.parse::<i64>(), name.split_once('/')) {
        (Ok(id), _) => select(viewer).and_where(Expr::col(of(Datasets::Id)).eq(id)).to_owned(),
        (_, Some((namespace, name))) => named(viewer, namespace, name),
        _ => return Err(unknown_dataset(name)),
    };
    let row = db.optional::<(i64,)>(statement.column(of(Datasets::Id))).await?;
    row.map(|(id,)| id).ok_or_else(|| unknown_dataset(name))
}

/// Fails unless a user may put pictures into a dataset now, before work is put into a file.
pub async fn check_writable(db: &Db, user: i64, dataset: i64) -> Result<()> {
    right_in_dataset(&mut &*db, user, dataset).await?.require(Role::Writer, "add pictures to this dataset")
}

/// The newest commit of a dataset that the database describes; none before the first one. Fails unless the viewer may see it.
pub async fn head_of(db: &Db, viewer: &Viewer, id: i64) -> Result<Option<String>> {
    let seen = select(viewer).column(of(Datasets::Head)).and_where(Expr::col(of(Datasets::Id)).eq(id)).to_owned();
    let row = db.optional::<(Option<String>,)>(&seen).await?;
    row.map(|(head,)| head).ok_or_else(|| no_dataset(id))
}

/// The newest commit that the database describes, whoever asks.
pub async fn head(db: &Db, id: i64) -> Result<Option<String>> {
    head_in(&mut &*db, id).await
}

/// Like [`head`], within a transaction.
pub(super) async fn head_in(source: &mut impl Source, id: i64) -> Result<Option<String>> {
    let statement = Query::select()
        .column(Datasets::Head)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Id).eq(id))
        .to_owned();
    let row = source.optional::<(Option<String>,)>(&statement).await?;
    row.map(|(head,)| head).ok_or_else(|| no_dataset(id))
}

/// Fails unless a user has this role in a dataset that the viewer may see. The refusal says what was to be done.
pub async fn require(db: &Db, viewer: &Viewer, id: i64, by: i64, needed: Role, what: &str) -> Result<()> {
    head_of(db, viewer, id).await?;
    right_in_dataset(&mut &*db, by, id).await?.require(needed, what)
}

/// What somebody may do in a dataset that they may see.
pub async fn role_of(db: &Db, viewer: &Viewer, id: i64) -> Result<Option<Role>> {
    match &viewer.account {
        None => Ok(None),
        Some(account) => Ok(right_in_dataset(&mut &*db, account.id, id).await?.role()),
    }
}

/// The numbers of all datasets, with the commits that the database describes.
pub async fn heads(db: &Db) -> Result<Vec<(i64, Option<String>)>> {
    let statement = Query::select()
        .columns([Datasets::Id, Datasets::Head])
        .from(Datasets::Table)
        .order_by(Datasets::Id, Order::Asc)
        .to_owned();
    db.all(&statement).await
}

/// Writes down that a user has done something to a dataset's history, if only administrators could.
pub async fn record_if_borrowed(db: &Db, id: i64, needed: Role, actor: Actor, details: &str) -> Result<()> {
    db.write(|mut tx| async move {
        note_if_borrowed(&mut tx, id, needed, actor, details).await?;
        tx.commit(()).await
    })
    .await
}

/// Does what [`record_if_borrowed`] does, as a part of a transaction.
pub(super) async fn note_if_borrowed(tx: &mut Tx, id: i64, needed: Role, actor: Actor, details: &str) -> Result<()> {
    let Some(user) = actor.user else { return Ok(()) };
    let right = right_in_dataset(tx, user, id).await?;
    if !right.administrator || !right.is_borrowed(needed) {
        return Ok(());
    }
    let subject = subject_of(tx, id).await?;
    record(tx, actor, AuditAction::DatasetChanged, &subject, details).await
}

/// Writes down who has pushed to a dataset.
pub async fn record_push(db: &Db, id: i64, actor: Actor, details: &str) -> Result<()> {
    db.write(|mut tx| async move {
        note_push(&mut tx, id, actor, details).await?;
        tx.commit(()).await
    })
    .await
}

/// Does what [`record_push`] does, as a part of a transaction.
pub(super) async fn note_push(tx: &mut Tx, id: i64, actor: Actor, details: &str) -> Result<()> {
    let subject = subject_of(tx, id).await?;
    record(tx, actor, AuditAction::DatasetPushed, &subject, details).await
}

/// What the audit log calls a dataset.
async fn subject_of(tx: &mut Tx, id: i64) -> Result<String> {
    let name = Query::select()
        .column((Namespaces::Table, Namespaces::Name))
        .column(of(Datasets::Name))
        .from(Datasets::Table)
        .inner_join(Namespaces::Table, Expr::col((Namespaces::Table, Namespaces::Id)).equals(of(Datasets::Namespace)))
        .and_where(Expr::col(of(Datasets::Id)).eq(id))
        .to_owned();
    let (namespace, name) = tx.optional::<(String, String)>(&name).await?.ok_or_else(|| no_dataset(id))?;
    Ok(format!("dataset {}", full_name(&namespace, &name)))
}

async fn complete(tx: &mut Tx, viewer: &Viewer, rows: Vec<DatasetRow>) -> Result<Vec<Dataset>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let counts = Query::select()
        .column(Pictures::Dataset)
        .expr(Func::count(Expr::col(Pictures::Id)))
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Dataset).is_in(ids.iter().copied()))
        .group_by_col(Pictures::Dataset)
        .to_owned();
    let counts: HashMap<i64, i64> = tx.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let sizes = dataset_files::sizes(tx, &ids).await?;
    let statement = Query::select()
        .columns([DatasetTags::Dataset, DatasetTags::Tag])
        .from(DatasetTags::Table)
        .and_where(Expr::col(DatasetTags::Dataset).is_in(ids.iter().copied()))
        .order_by(DatasetTags::Tag, Order::Asc)
        .to_owned();
    let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
    for (dataset, tag) in tx.all::<(i64, String)>(&statement).await? {
        tags.entry(dataset).or_default().push(tag);
    }
    let mut sites = site_choice::of_datasets(tx, viewer, &ids).await?;
    let around: Vec<i64> = rows.iter().map(|row| row.namespace).collect();
    let in_namespaces = members::own_namespace_roles(tx, viewer, &around).await?;
    let in_datasets = members::own_dataset_roles(tx, viewer, &ids).await?;
    let administrator = viewer.account.as_ref().is_some_and(|account| account.admin);
    let dataset = |row: DatasetRow| {
        let own = Ord::max(in_namespaces.get(&row.namespace), in_datasets.get(&row.id)).copied();
        Ok(Dataset {
            visibility: read_visibility(&row.visibility)?,
            tags: tags.remove(&row.id).unwrap_or_default(),
            pictures: counts.get(&row.id).copied().unwrap_or_default(),
            files: sizes.get(&row.id).map_or(0, |size| size.files),
            bytes: sizes.get(&row.id).map_or(0, |size| size.bytes),
            head: row.head,
            storage_site: sites.remove(&row.id),
            role: Right { own, administrator }.role(),
            id: row.id,
            namespace: row.namespace_name,
            name: row.name,
            description: row.description,
            created: row.created_at,
        })
    };
    rows.into_iter().map(dataset).collect()
}

/// Makes a dataset and gives its number. Whoever does so is a maintainer of the namespace, whose account has to be active still; the
/// namespace is unknown where the viewer may not see it.
pub async fn insert(db: &Db, viewer: &Viewer, dataset: &NewDataset, by: i64, actor: Actor) -> Result<i64> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        let namespace = match namespaces::by_name(&mut tx, viewer, &dataset.namespace, true).await {
            Err(StoreError::NotFound(_)) => {
                let message = format!("names `{}`, which is not a namespace", dataset.namespace);
                return Err(StoreError::field("namespace", message));
            }
            found => found?,
        };
        let right = Circle::Namespace(namespace.id).right(&mut tx, by).await?;
        right.require(Role::Maintainer, "make datasets in this namespace")?;
        // New accounts are not called so, but they may be older than this rule or than the address.
        if is_reserved(&dataset.namespace) {
            return Err(StoreError::field("namespace", "is called like an address of this site; choose another one"));
        }
        must_fit(dataset.visibility, namespace.visibility()?)?;
        let site = match dataset.storage_site.as_deref() {
            Some(name) => Some(site_choice::chosen(&mut tx, viewer, name).await?),
            None => None,
        };
        let insert = Query::insert()
            .into_table(Datasets::Table)
            .columns([
                Datasets::Namespace,
                Datasets::Name,
                Datasets::Description,
                Datasets::DescriptionFolded,
                Datasets::Visibility,
                Datasets::CreatedAt,
                Datasets::StorageSite,
            ])
            .values_panic([
                namespace.id.into(),
                dataset.name.as_str().into(),
                dataset.description.as_str().into(),
                fold(&dataset.description).into(),
                dataset.visibility.as_str().into(),
                actor.at.into(),
                site.into(),
            ])
            .returning_col(Datasets::Id)
            .to_owned();
        let id = tx.scalar::<i64>(&insert).await?;
        insert_tags(&mut tx, id, &dataset.tags).await?;
        if right.is_borrowed(Role::Maintainer) {
            let subject = format!("dataset {}", full_name(&dataset.namespace, &dataset.name));
            record(&mut tx, actor, AuditAction::DatasetChanged, &subject, "made").await?;
        }
        tx.commit(id).await
    })
    .await
}

/// Fails where more would see a dataset than its namespace.
fn must_fit(visibility: Visibility, namespace: Visibility) -> Result<()> {
    if visibility <= namespace {
        return Ok(());
    }
    let message = format!("must not be more than that of the namespace, which is {}", namespace.as_str());
    Err(StoreError::field("visibility", message))
}

async fn insert_tags(tx: &mut Tx, dataset: i64, tags: &[String]) -> Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(DatasetTags::Table).columns([DatasetTags::Dataset, DatasetTags::Tag]);
    for tag in tags {
        insert.values_panic([dataset.into(), tag.as_str().into()]);
    }
    tx.execute(&insert).await.map(drop)
}

/// A dataset that is about to change, whose row and whose namespace's row the transaction has locked.
pub(super) struct Held {
    row: DatasetRow,
    namespace: Visibility,
    pub right: Right,
}

impl Held {
    pub fn subject(&self) -> String {
        format!("dataset {}", full_name(&self.row.namespace_name, &self.row.name))
    }
}

/// Locks a dataset that the viewer may see. The namespace comes first, as it does for whoever changes that.
pub(super) async fn hold(tx: &mut Tx, viewer: &Viewer, id: i64, by: i64) -> Result<Held> {
    let seen = || with_columns(select(viewer)).and_where(Expr::col(of(Datasets::Id)).eq(id)).to_owned();
    let before = tx.optional::<DatasetRow>(&seen()).await?.ok_or_else(|| no_dataset(id))?;
    let namespace = namespaces::hold(tx, before.namespace).await?.visibility()?;
    let lock = Query::select()
        .column(Datasets::Id)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Id).eq(id))
        .lock_exclusive()
        .to_owned();
    tx.optional::<(i64,)>(&lock).await?.ok_or_else(|| no_dataset(id))?;
    // As it is by now.
    let row = tx.optional::<DatasetRow>(&seen()).await?.ok_or_else(|| no_dataset(id))?;
    Ok(Held { row, namespace, right: right_in_dataset(tx, by, id).await? })
}

/// Changes the settings of a dataset, which its maintainers may. A new name takes those of the namespace, since a conflict tells of
/// another dataset there, which others may not see.
pub async fn update(db: &Db, viewer: &Viewer, id: i64, change: &DatasetChange, by: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold(&mut tx, viewer, id, by).await?;
        held.right.require(Role::Maintainer, "change this dataset")?;
        let mut borrowed = held.right.is_borrowed(Role::Maintainer);
        let mut values: Vec<(Datasets, Expr)> = Vec::new();
        let mut changed = Vec::new();
        if let Some(name) = change.name.as_ref().filter(|name| **name != held.row.name) {
            let right = right_in_namespace(&mut tx, by, held.row.namespace).await?;
            right.require(Role::Maintainer, "name the datasets of this namespace")?;
            borrowed |= right.is_borrowed(Role::Maintainer);
            changed.push(format!("name {name}"));
            values.push((Datasets::Name, name.as_str().into()));
        }
        if let Some(description) = change.description.as_ref().filter(|text| **text != held.row.description) {
            changed.push("description".to_owned());
            values.push((Datasets::Description, description.as_str().into()));
            values.push((Datasets::DescriptionFolded, fold(description).into()));
        }
        if let Some(visibility) = change.visibility.filter(|visibility| visibility.as_str() != held.row.visibility) {
            must_fit(visibility, held.namespace)?;
            changed.push(format!("{} made {}", held.row.visibility, visibility.as_str()));
            values.push((Datasets::Visibility, visibility.as_str().into()));
        }
        if !values.is_empty() {
            let update = Query::update()
                .table(Datasets::Table)
                .values(values)
                .and_where(Expr::col(Datasets::Id).eq(id))
                .to_owned();
            tx.execute(&update).await?;
        }
        if let Some(tags) = &change.tags {
            let delete = Query::delete()
                .from_table(DatasetTags::Table)
                .and_where(Expr::col(DatasetTags::Dataset).eq(id))
                .to_owned();
            tx.execute(&delete).await?;
            insert_tags(&mut tx, id, tags).await?;
            changed.push("tags".to_owned());
        }
        if borrowed && !changed.is_empty() {
            record(&mut tx, actor, AuditAction::DatasetChanged, &held.subject(), &changed.join(", ")).await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Deletes a dataset with its pictures, which its owners may.
///
/// The pictures go first, then what is known of files, in batches, while the dataset is still there; the rest is one transaction at the end, which takes along
/// what was added meanwhile. So whoever was interrupted can ask again, and nothing is left that nobody could reach.
pub async fn delete(db: &Db, viewer: &Viewer, id: i64, by: i64, actor: Actor) -> Result<()> {
    loop {
        let deleted = db
            .write(|mut tx| async move {
                must_own(&mut tx, viewer, id, by).await?;
                let mut deleted = delete_batch(&mut tx, id).await? as u64;
                if deleted == 0 {
                    deleted = dataset_files::forget_some(&mut tx, id).await?;
                }
                tx.commit(deleted).await
            })
            .await?;
        if deleted == 0 {
            break;
        }
    }
    db.write(|mut tx| async move {
        let held = hold(&mut tx, viewer, id, by).await?;
        held.right.require(Role::Owner, "delete this dataset")?;
        while delete_batch(&mut tx, id).await? > 0 {}
        let delete = Query::delete().from_table(Datasets::Table).and_where(Expr::col(Datasets::Id).eq(id)).to_owned();
        tx.execute(&delete).await?;
        if held.right.is_borrowed(Role::Owner) {
            record(&mut tx, actor, AuditAction::DatasetDeleted, &held.subject(), "").await?;
        }
        tx.commit(()).await
    })
    .await
}

/// Fails unless a user owns a dataset that the viewer may see. Nothing is locked, so that others go on meanwhile.
async fn must_own(tx: &mut Tx, viewer: &Viewer, id: i64, by: i64) -> Result<()> {
    let seen = select(viewer).column(of(Datasets::Id)).and_where(Expr::col(of(Datasets::Id)).eq(id)).to_owned();
    tx.optional::<(i64,)>(&seen).await?.ok_or_else(|| no_dataset(id))?;
    right_in_dataset(tx, by, id).await?.require(Role::Owner, "delete this dataset")
}

/// Deletes some pictures of a dataset and gives their number; none when there are none left.
async fn delete_batch(tx: &mut Tx, dataset: i64) -> Result<usize> {
    let some = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Dataset).eq(dataset))
        .order_by(Pictures::Id, Order::Asc)
        .limit(BATCH)
        .lock_exclusive()
        .to_owned();
    let ids = tx.all::<(i64,)>(&some).await?;
    for (id,) in &ids {
        delete_silently(tx, *id).await?;
    }
    Ok(ids.len())
}

/// A part of the members of a dataset that the viewer may see; those of its namespace are not among them.
pub async fn members(db: &Db, viewer: &Viewer, id: i64, page: PageRequest) -> Result<Page<Membership>> {
    let mut tx = db.snapshot().await?;
    let seen = select(viewer).column(of(Datasets::Id)).and_where(Expr::col(of(Datasets::Id)).eq(id)).to_owned();
    tx.optional::<(i64,)>(&seen).await?.ok_or_else(|| no_dataset(id))?;
    members::list(&mut tx, Circle::Dataset(id), page).await
}

/// Gives somebody a role in a dataset, or takes them out where there is none. The owners of the namespace own it as well.
pub async fn set_member(
    db: &Db,
    viewer: &Viewer,
    id: i64,
    username: &str,
    role: Option<Role>,
    by: i64,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let held = hold(&mut tx, viewer, id, by).await?;
        let change = MemberChange {
            circle: Circle::Dataset(id),
            subject: &held.subject(),
            fixed: None,
            keeps_an_owner: false,
            username,
            role,
        };
        members::change(&mut tx, change, actor, by).await?;
        tx.commit(()).await
    })
    .await
}
