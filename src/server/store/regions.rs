//! Regions: the annotated shapes of a picture, and every state they were in.
//!
//! `regions` holds the present, `past_regions` every form that a region had before, each stored once with the states it
//! lasted for. So a thousand saves of a picture with five hundred regions store what changed, not half a million rows,
//! and any state can still be read with two range queries.

use super::access::{self, no_picture};
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST};
use super::error::StoreError;
use super::region_plan::{Arrival, Entry, Plan, Wanted};
use super::schema::{Objects, PastRegions, PictureObjects, PictureRevisions, Pictures, Regions};
use super::users;
use crate::model::region::{MAX_REGIONS, MAX_SHAPE_BYTES};
use crate::model::{Annotations, FieldError, Rect, Region, Role, Shape, Viewer};
use sea_query::{Expr, ExprTrait, InsertStatement, LockType, Order, Query, SelectStatement, WindowStatement};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What became of an attempt to save.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveOutcome {
    /// The regions are now these.
    Saved(Annotations),
    /// Nothing changed: somebody else saved since the state that the attempt was based on. The regions are these.
    Outdated(Annotations),
}

/// A region as its row tells it. `object` is the name.
#[derive(Clone, Debug, sqlx::FromRow)]
struct RegionRow {
    id: i64,
    picture: i64,
    position: i64,
    kind: String,
    shape: String,
    object: String,
}

impl RegionRow {
    fn into_region(self) -> Result<Region> {
        Ok(Region { id: Some(self.id), shape: read_shape(&self.kind, &self.shape)?, object: self.object })
    }
}

/// The value of `shape` as JSON text. Numbers come back from it bit for bit.
pub(super) fn write_shape(shape: &Shape) -> Result<String> {
    match shape {
        Shape::Bbox(rect) => serde_json::to_string(rect),
        Shape::Polygon(points) | Shape::Polyline(points) => serde_json::to_string(points),
        Shape::Point(point) => serde_json::to_string(point),
    }
    .map_err(|error| StoreError::corrupt(format!("a shape cannot be written: {error}")))
}

pub(in crate::server) fn read_shape(kind: &str, text: &str) -> Result<Shape> {
    match kind {
        "bbox" => serde_json::from_str(text).map(Shape::Bbox),
        "polygon" => serde_json::from_str(text).map(Shape::Polygon),
        "polyline" => serde_json::from_str(text).map(Shape::Polyline),
        "point" => serde_json::from_str(text).map(Shape::Point),
        other => return Err(StoreError::corrupt(format!("a shape of the unknown kind `{other}`"))),
    }
    .map_err(|error| StoreError::corrupt(format!("a stored shape cannot be read: {error}")))
}

fn select_regions() -> SelectStatement {
    Query::select()
        .columns([
            (Regions::Table, Regions::Id),
            (Regions::Table, Regions::Picture),
            (Regions::Table, Regions::Position),
            (Regions::Table, Regions::Kind),
            (Regions::Table, Regions::Shape),
        ])
        .expr_as(Expr::col((Objects::Table, Objects::Name)), "object")
        .from(Regions::Table)
        .inner_join(Objects::Table, Expr::col((Objects::Table, Objects::Id)).equals((Regions::Table, Regions::Object)))
        .to_owned()
}

/// How many bytes the regions of several pictures take as JSON text, about: of those that the viewer may see.
pub(super) async fn bytes_of_pictures(source: &mut impl Source, viewer: &Viewer, pictures: &[i64]) -> Result<i64> {
    let statement = Query::select()
        .expr(Expr::cust("CAST(COALESCE(SUM(region_bytes), 0) AS BIGINT)"))
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(pictures.iter().copied()))
        .cond_where(access::visible(viewer))
        .to_owned();
    Ok(source.optional::<(i64,)>(&statement).await?.map_or(0, |(bytes,)| bytes))
}

/// The names of the objects that pictures show most often, at most so many for each. The caller has made sure that the
/// pictures may be seen.
pub(super) async fn named_objects(
    source: &mut impl Source,
    pictures: &[i64],
    most: i64,
) -> Result<HashMap<i64, Vec<String>>> {
    let of = |column| (PictureObjects::Table, column);
    let frequent_first = WindowStatement::partition_by(of(PictureObjects::Picture))
        .order_by(of(PictureObjects::Count), Order::Desc)
        .order_by(of(PictureObjects::Object), Order::Asc)
        .to_owned();
    let ranked = Query::select()
        .columns([PictureObjects::Picture, PictureObjects::Object].map(of))
        .expr_window_as(Expr::cust("ROW_NUMBER()"), frequent_first, "place")
        .from(PictureObjects::Table)
        .and_where(Expr::col(of(PictureObjects::Picture)).is_in(pictures.iter().copied()))
        .to_owned();
    let statement = Query::select()
        .column(("ranked", "picture"))
        .column((Objects::Table, Objects::Name))
        .from_subquery(ranked, "ranked")
        .inner_join(Objects::Table, Expr::col((Objects::Table, Objects::Id)).equals(("ranked", "object")))
        .and_where(Expr::col(("ranked", "place")).lte(most))
        .order_by(("ranked", "picture"), Order::Asc)
        .order_by(("ranked", "place"), Order::Asc)
        .to_owned();
    let mut names: HashMap<i64, Vec<String>> = HashMap::new();
    for (picture, name) in source.all::<(i64, String)>(&statement).await? {
        names.entry(picture).or_default().push(name);
    }
    Ok(names)
}

/// The regions of several pictures, in drawing order. The caller has made sure that the pictures may be seen.
pub(super) async fn of_pictures(source: &mut impl Source, pictures: &[i64]) -> Result<HashMap<i64, Vec<Region>>> {
    let mut statement = select_regions();
    statement
        .and_where(Expr::col((Regions::Table, Regions::Picture)).is_in(pictures.iter().copied()))
        .order_by((Regions::Table, Regions::Picture), Order::Asc)
        .order_by((Regions::Table, Regions::Position), Order::Asc);
    let mut regions: HashMap<i64, Vec<Region>> = HashMap::new();
    for row in source.all::<RegionRow>(&statement).await? {
        regions.entry(row.picture).or_default().push(row.into_region()?);
    }
    Ok(regions)
}

/// The regions of pictures that are files of a dataset, for the site itself, which keeps them in the dataset's history.
pub async fn of_files(db: &Db, pictures: &[i64]) -> Result<HashMap<i64, Vec<Region>>> {
    of_pictures(&mut &*db, pictures).await
}

fn select_revision(viewer: &Viewer, picture: i64) -> SelectStatement {
    Query::select()
        .column(Pictures::Revision)
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(picture))
        .cond_where(access::visible(viewer))
        .to_owned()
}

/// The number of the newest state, if the viewer may see the picture.
pub(super) async fn visible_revision(source: &mut impl Source, viewer: &Viewer, picture: i64) -> Result<i64> {
    let row = source.optional::<(i64,)>(&select_revision(viewer, picture)).await?;
    row.map(|(revision,)| revision).ok_or_else(|| no_picture(picture))
}

/// The regions that a picture has now.
pub async fn annotations(db: &Db, viewer: &Viewer, picture: i64) -> Result<Annotations> {
    // One snapshot, so that the number of the state and the regions belong together.
    let mut tx = db.snapshot().await?;
    let revision = visible_revision(&mut tx, viewer, picture).await?;
    let regions = present(&mut tx, picture).await?;
    Ok(Annotations { revision, regions })
}

/// The same, unless this is the state `known`.
pub async fn annotations_since(db: &Db, viewer: &Viewer, picture: i64, known: i64) -> Result<Option<Annotations>> {
    let mut tx = db.snapshot().await?;
    let revision = visible_revision(&mut tx, viewer, picture).await?;
    if revision == known {
        return Ok(None);
    }
    let regions = present(&mut tx, picture).await?;
    Ok(Some(Annotations { revision, regions }))
}

/// The regions that a picture had in one of its states. 0 is the one before the first.
pub async fn annotations_at(db: &Db, viewer: &Viewer, picture: i64, revision: i64) -> Result<Annotations> {
    let mut tx = db.snapshot().await?;
    let newest = visible_revision(&mut tx, viewer, picture).await?;
    let regions = earlier(&mut tx, picture, newest, revision).await?;
    Ok(Annotations { revision, regions })
}

pub(super) async fn present(tx: &mut Tx, picture: i64) -> Result<Vec<Region>> {
    let mut statement = select_regions();
    statement
        .and_where(Expr::col((Regions::Table, Regions::Picture)).eq(picture))
        .order_by((Regions::Table, Regions::Position), Order::Asc);
    tx.all::<RegionRow>(&statement).await?.into_iter().map(RegionRow::into_region).collect()
}

/// The regions that a picture has now, as another picture would begin with them.
pub(super) async fn without_ids(tx: &mut Tx, picture: i64) -> Result<Vec<Region>> {
    let mut regions = present(tx, picture).await?;
    regions.iter_mut().for_each(|region| region.id = None);
    Ok(regions)
}

/// The regions as they were in an earlier state, or are in the newest. State 0 is that before the first save.
pub async fn at_revision(db: &Db, viewer: &Viewer, picture: i64, revision: i64) -> Result<Vec<Region>> {
    let mut tx = db.snapshot().await?;
    let newest = visible_revision(&mut tx, viewer, picture).await?;
    earlier(&mut tx, picture, newest, revision).await
}

/// The regions in one of the states up to `newest`.
async fn earlier(tx: &mut Tx, picture: i64, newest: i64, revision: i64) -> Result<Vec<Region>> {
    if !(0..=newest).contains(&revision) {
        return Err(StoreError::NotFound(format!("picture {picture} has no revision {revision}")));
    }
    let mut now = select_regions();
    now.and_where(Expr::col((Regions::Table, Regions::Picture)).eq(picture))
        .and_where(Expr::col((Regions::Table, Regions::Since)).lte(revision));
    let of = |column| (PastRegions::Table, column);
    let then = Query::select()
        .expr_as(Expr::col(of(PastRegions::Region)), "id")
        .columns([of(PastRegions::Picture), of(PastRegions::Position), of(PastRegions::Kind), of(PastRegions::Shape)])
        .expr_as(Expr::col((Objects::Table, Objects::Name)), "object")
        .from(PastRegions::Table)
        .inner_join(Objects::Table, Expr::col((Objects::Table, Objects::Id)).equals(of(PastRegions::Object)))
        .and_where(Expr::col(of(PastRegions::Picture)).eq(picture))
        .and_where(Expr::col(of(PastRegions::Since)).lte(revision))
        .and_where(Expr::col(of(PastRegions::Until)).gte(revision))
        .to_owned();
    let mut rows = tx.all::<RegionRow>(&now).await?;
    rows.extend(tx.all::<RegionRow>(&then).await?);
    rows.sort_by_key(|row| (row.position, row.id));
    rows.into_iter().map(RegionRow::into_region).collect()
}

/// Makes `regions` the newest state of a picture, all or nothing. With `base`, only if that is the newest state now. The
/// author's account has to be active still.
///
/// Regions keep their identity: an id that the picture has now or had in an earlier state is kept, and a region without
/// id that equals one which is otherwise gone takes over that one's id. Other ids are ignored. Saving what is there
/// already changes nothing and makes no new state.
pub async fn save(
    db: &Db,
    viewer: &Viewer,
    picture: i64,
    base: Option<i64>,
    regions: &[Region],
    author: i64,
    now: i64,
) -> Result<SaveOutcome> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, author).await?;
        let revision = lock(&mut tx, viewer, picture).await?;
        if base.is_some_and(|base| base != revision) {
            let regions = present(&mut tx, picture).await?;
            return Ok(SaveOutcome::Outdated(Annotations { revision, regions }));
        }
        let revision = replace_in(&mut tx, picture, revision, regions, "", author, now).await?;
        let regions = present(&mut tx, picture).await?;
        tx.commit(SaveOutcome::Saved(Annotations { revision, regions })).await
    })
    .await
}

/// Makes the regions of an earlier state the newest, and gives them. What others saved until now stays in the history.
pub async fn revert(
    db: &Db,
    viewer: &Viewer,
    picture: i64,
    revision: i64,
    author: i64,
    now: i64,
) -> Result<Annotations> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, author).await?;
        let newest = lock(&mut tx, viewer, picture).await?;
        let regions = earlier(&mut tx, picture, newest, revision).await?;
        let revision = replace_in(&mut tx, picture, newest, &regions, "", author, now).await?;
        let regions = present(&mut tx, picture).await?;
        tx.commit(Annotations { revision, regions }).await
    })
    .await
}

/// Locks a picture that the viewer may annotate until the end of the transaction, so that savers come one after the other,
/// and gives the number of its newest state.
pub(super) async fn lock(tx: &mut Tx, viewer: &Viewer, picture: i64) -> Result<i64> {
    let mut statement = select_revision(viewer, picture);
    let row = tx.optional::<(i64, Option<i64>)>(statement.column(Pictures::Dataset).lock_exclusive()).await?;
    let (revision, dataset) = row.ok_or_else(|| no_picture(picture))?;
    access::require_role(tx, viewer, dataset, Role::Annotator, "annotate pictures of this dataset").await?;
    Ok(revision)
}

/// Replaces the regions of a picture whose row the transaction has locked, and gives the number of the new state, which
/// is the old one if nothing changes. `path` is what errors call the list.
pub(super) async fn replace_in(
    tx: &mut Tx,
    picture: i64,
    revision: i64,
    regions: &[Region],
    path: &str,
    author: i64,
    now: i64,
) -> Result<i64> {
    let names = regions.iter().map(|region| region.object.as_str()).enumerate();
    let objects = held_object_ids(tx, names, |index| format!("{path}[{index}].object")).await?;
    let mut wanted = Vec::with_capacity(regions.len());
    for region in regions {
        wanted.push(Wanted {
            id: region.id,
            kind: region.shape.kind().as_str(),
            shape: write_shape(&region.shape)?,
            object: objects[region.object.as_str()],
        });
    }
    let current = current_entries(tx, picture).await?;
    let present = current.iter().map(|entry| entry.id).collect();
    let past = past_ids(tx, picture, &present, wanted.iter().filter_map(|region| region.id)).await?;
    let plan = Plan::new(&current, &wanted, &past);
    if plan.is_empty() {
        return Ok(revision);
    }
    let size =
        Size { regions: wanted.len() as i64, bytes: wanted.iter().map(|region| region.shape.len() as i64).sum() };
    let bytes_before = current.iter().map(|entry| entry.shape.len() as i64).sum();
    size.must_fit(bytes_before, if path.is_empty() { "body" } else { path })?;
    let next = revision + 1;
    retire(tx, picture, revision, plan.leaving(&current)).await?;
    let row = |arrival: &Arrival| {
        let region = &wanted[arrival.index];
        NewRow {
            id: arrival.id,
            position: arrival.position,
            kind: region.kind,
            shape: region.shape.as_str(),
            bounds: regions[arrival.index].shape.bounds(),
            object: region.object,
            created_at: arrival.created_at.unwrap_or(now),
        }
    };
    insert_rows(tx, picture, next, &plan.arriving().map(row).collect::<Vec<_>>(), author, now).await?;
    count_objects(tx, picture, &current, &wanted).await?;
    let numbers = Changes { added: plan.added(), changed: plan.changed(), removed: plan.removed() };
    write_state(tx, picture, next, size, numbers, author, now).await?;
    Ok(next)
}

/// How a state differs from the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Changes {
    pub added: i64,
    pub changed: i64,
    pub removed: i64,
}

/// How much the regions of a picture are together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// How many there are.
    pub regions: i64,
    /// How many bytes their shapes take as JSON text.
    pub bytes: i64,
}

impl Size {
    /// Refuses more than a picture may have. What was too much before the limit was set may still become less.
    pub fn must_fit(self, bytes_before: i64, path: &str) -> Result<()> {
        if self.regions > MAX_REGIONS as i64 {
            return Err(StoreError::field(path, format!("must leave the picture with at most {MAX_REGIONS} regions")));
        }
        if self.bytes > MAX_SHAPE_BYTES as i64 && self.bytes > bytes_before {
            let most = MAX_SHAPE_BYTES / 1_000_000;
            let message =
                format!("must leave the picture with shapes of at most {most} MB; fewer corners or digits take less");
            return Err(StoreError::field(path, message));
        }
        Ok(())
    }
}

/// The columns of what is said of a state.
pub(super) const STATE_COLUMNS: [PictureRevisions; 7] = [
    PictureRevisions::Picture,
    PictureRevisions::Revision,
    PictureRevisions::Author,
    PictureRevisions::CreatedAt,
    PictureRevisions::Added,
    PictureRevisions::Changed,
    PictureRevisions::Removed,
];

/// What is said of a state in these columns.
pub(super) fn state_values(picture: i64, revision: i64, numbers: Changes, author: i64, now: i64) -> [Expr; 7] {
    let Changes { added, changed, removed } = numbers;
    [picture.into(), revision.into(), author.into(), now.into(), added.into(), changed.into(), removed.into()]
}

/// Makes `revision` the newest state of a picture, whose regions are so much in it.
pub(super) async fn write_state(
    tx: &mut Tx,
    picture: i64,
    revision: i64,
    size: Size,
    numbers: Changes,
    author: i64,
    now: i64,
) -> Result<()> {
    let update = Query::update()
        .table(Pictures::Table)
        .value(Pictures::Revision, revision)
        .value(Pictures::RegionCount, size.regions)
        .value(Pictures::RegionBytes, size.bytes)
        .and_where(Expr::col(Pictures::Id).eq(picture))
        .to_owned();
    tx.execute(&update).await?;
    let summary = Query::insert()
        .into_table(PictureRevisions::Table)
        .columns(STATE_COLUMNS)
        .values_panic(state_values(picture, revision, numbers, author, now))
        .to_owned();
    tx.execute(&summary).await.map(drop)
}

/// The ids of the objects that the regions name. Every unknown name is reported.
pub(super) async fn object_ids<'r>(
    source: &mut impl Source,
    regions: &'r [Region],
    path: &str,
) -> Result<HashMap<&'r str, i64>> {
    let names = regions.iter().map(|region| region.object.as_str()).enumerate();
    object_ids_by_name(source, names, |index| format!("{path}[{index}].object")).await
}

/// The ids of the objects with these names, or that had them. Every unknown name is reported; `path` says where one stands.
async fn object_ids_by_name<'r>(
    source: &mut impl Source,
    names: impl Iterator<Item = (usize, &'r str)> + Clone,
    path: impl Fn(usize) -> String,
) -> Result<HashMap<&'r str, i64>> {
    let distinct: BTreeSet<&str> = names.clone().map(|(_, name)| name).collect();
    let found = super::objects::ids_by_name(source, distinct.iter().copied()).await?;
    let errors: Vec<FieldError> = names
        .filter(|(_, name)| !found.contains_key(*name))
        .take(100)
        .map(|(index, name)| FieldError::new(path(index), format!("names `{name}`, which is not a registered object")))
        .collect();
    if !errors.is_empty() {
        return Err(StoreError::Invalid(errors));
    }
    Ok(distinct.into_iter().map(|name| (name, found[name])).collect())
}

/// Like [`object_ids_by_name`], and keeps the objects as they are until the end of the transaction: none of them can be
/// merged into another between the look at its name and the region that shows it.
pub(super) async fn held_object_ids<'r>(
    tx: &mut Tx,
    names: impl Iterator<Item = (usize, &'r str)> + Clone,
    path: impl Fn(usize) -> String,
) -> Result<HashMap<&'r str, i64>> {
    loop {
        let ids = object_ids_by_name(tx, names.clone(), &path).await?;
        let distinct: Vec<i64> = ids.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let mut held = 0;
        for chunk in distinct.chunks(VALUES_PER_LIST) {
            let hold = Query::select()
                .column(Objects::Id)
                .from(Objects::Table)
                .and_where(Expr::col(Objects::Id).is_in(chunk.iter().copied()))
                .lock(LockType::KeyShare)
                .to_owned();
            held += tx.all::<(i64,)>(&hold).await?.len();
        }
        // One that is missing was merged meanwhile, and its name leads elsewhere now.
        if held == distinct.len() {
            return Ok(ids);
        }
    }
}

/// Every region of a picture, in drawing order.
async fn current_entries(tx: &mut Tx, picture: i64) -> Result<Vec<Entry>> {
    tx.all(select_entries(picture).order_by(Regions::Position, Order::Asc).lock_exclusive()).await
}

/// Those regions of a picture that have one of these ids.
pub(super) async fn entries_by_id(tx: &mut Tx, picture: i64, ids: &[i64]) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(VALUES_PER_LIST) {
        let mut statement = select_entries(picture);
        statement.and_where(Expr::col(Regions::Id).is_in(chunk.iter().copied()));
        statement.lock_exclusive();
        entries.extend(tx.all::<Entry>(&statement).await?);
    }
    Ok(entries)
}

fn select_entries(picture: i64) -> SelectStatement {
    Query::select()
        .columns([
            Regions::Id,
            Regions::Position,
            Regions::Kind,
            Regions::Shape,
            Regions::Object,
            Regions::Author,
            Regions::Since,
            Regions::CreatedAt,
        ])
        .from(Regions::Table)
        .and_where(Expr::col(Regions::Picture).eq(picture))
        .to_owned()
}

/// Which of the ids that are asked for, but not present, the picture had in an earlier state.
pub(super) async fn past_ids(
    tx: &mut Tx,
    picture: i64,
    present: &BTreeSet<i64>,
    asked_for: impl Iterator<Item = i64>,
) -> Result<BTreeSet<i64>> {
    let missing: BTreeSet<i64> = asked_for.filter(|id| !present.contains(id)).collect();
    let missing: Vec<i64> = missing.into_iter().collect();
    let mut past = BTreeSet::new();
    for chunk in missing.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .distinct()
            .column(PastRegions::Region)
            .from(PastRegions::Table)
            .and_where(Expr::col(PastRegions::Picture).eq(picture))
            .and_where(Expr::col(PastRegions::Region).is_in(chunk.iter().copied()))
            .to_owned();
        past.extend(tx.all::<(i64,)>(&statement).await?.into_iter().map(|(id,)| id));
    }
    Ok(past)
}

/// Moves rows from the present to the past, where they last until `revision`.
pub(super) async fn retire(tx: &mut Tx, picture: i64, revision: i64, leaving: Vec<&Entry>) -> Result<()> {
    for chunk in leaving.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(PastRegions::Table).columns([
            PastRegions::Picture,
            PastRegions::Region,
            PastRegions::Since,
            PastRegions::Until,
            PastRegions::Position,
            PastRegions::Kind,
            PastRegions::Shape,
            PastRegions::Object,
            PastRegions::Author,
        ]);
        for entry in chunk {
            insert.values_panic([
                picture.into(),
                entry.id.into(),
                entry.since.into(),
                revision.into(),
                entry.position.into(),
                entry.kind.as_str().into(),
                entry.shape.as_str().into(),
                entry.object.into(),
                entry.author.into(),
            ]);
        }
        tx.execute(&insert).await?;
    }
    for chunk in leaving.chunks(VALUES_PER_LIST) {
        let delete = Query::delete()
            .from_table(Regions::Table)
            .and_where(Expr::col(Regions::Id).is_in(chunk.iter().map(|entry| entry.id)))
            .to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}

/// A row of `regions` to be inserted.
pub(super) struct NewRow<'r> {
    /// The id to give it; a new one if there is none.
    pub id: Option<i64>,
    pub position: i64,
    pub kind: &'r str,
    pub shape: &'r str,
    pub bounds: Rect,
    pub object: i64,
    pub created_at: i64,
}

const REGION_COLUMNS: [Regions; 13] = [
    Regions::Picture,
    Regions::Position,
    Regions::Kind,
    Regions::Shape,
    Regions::X,
    Regions::Y,
    Regions::W,
    Regions::H,
    Regions::Object,
    Regions::Author,
    Regions::Since,
    Regions::CreatedAt,
    Regions::UpdatedAt,
];

/// Inserts new regions, whose rows follow.
pub(super) fn region_insertion() -> InsertStatement {
    Query::insert().into_table(Regions::Table).columns(REGION_COLUMNS).to_owned()
}

/// A region's row as a part of the state `revision` of a picture.
pub(super) fn region_values(picture: i64, revision: i64, row: &NewRow<'_>, author: i64, now: i64) -> [Expr; 13] {
    [
        picture.into(),
        row.position.into(),
        row.kind.into(),
        row.shape.into(),
        row.bounds.x.into(),
        row.bounds.y.into(),
        row.bounds.w.into(),
        row.bounds.h.into(),
        row.object.into(),
        author.into(),
        revision.into(),
        row.created_at.into(),
        now.into(),
    ]
}

/// Inserts regions as parts of the state `revision`: first those whose id is known, then the new ones. Gives the ids by
/// position.
pub(super) async fn insert_rows(
    tx: &mut Tx,
    picture: i64,
    revision: i64,
    rows: &[NewRow<'_>],
    author: i64,
    now: i64,
) -> Result<HashMap<i64, i64>> {
    let mut ids = HashMap::with_capacity(rows.len());
    let (known, new): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.id.is_some());
    for (rows, with_id) in [(known, true), (new, false)] {
        for chunk in rows.chunks(ROWS_PER_STATEMENT) {
            let mut insert = Query::insert();
            insert.into_table(Regions::Table);
            insert.columns(REGION_COLUMNS.into_iter().chain(with_id.then_some(Regions::Id)));
            for row in chunk {
                let values = region_values(picture, revision, row, author, now);
                insert.values_panic(values.into_iter().chain(row.id.map(Expr::from)));
            }
            insert.returning(Query::returning().columns([Regions::Position, Regions::Id]));
            ids.extend(tx.all::<(i64, i64)>(&insert).await?);
        }
    }
    Ok(ids)
}

/// Keeps `picture_objects` in step. Most saves move shapes and leave it alone.
async fn count_objects(tx: &mut Tx, picture: i64, current: &[Entry], wanted: &[Wanted]) -> Result<()> {
    let count = |objects: &mut dyn Iterator<Item = i64>| {
        let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
        objects.for_each(|object| *counts.entry(object).or_default() += 1);
        counts
    };
    let after = count(&mut wanted.iter().map(|region| region.object));
    if count(&mut current.iter().map(|entry| entry.object)) == after {
        return Ok(());
    }
    replace_picture_objects(tx, picture, after).await
}

/// Adds which object is shown by which picture, and how often.
pub(super) fn picture_objects_insertion(shown: impl IntoIterator<Item = (i64, i64, i64)>) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(PictureObjects::Table).columns([
        PictureObjects::Object,
        PictureObjects::Picture,
        PictureObjects::Count,
    ]);
    for (object, picture, count) in shown {
        insert.values_panic([object.into(), picture.into(), count.into()]);
    }
    insert
}

/// Writes anew which objects a picture shows, and how often each.
pub(super) async fn replace_picture_objects(tx: &mut Tx, picture: i64, counts: BTreeMap<i64, i64>) -> Result<()> {
    let delete = Query::delete()
        .from_table(PictureObjects::Table)
        .and_where(Expr::col(PictureObjects::Picture).eq(picture))
        .to_owned();
    tx.execute(&delete).await?;
    let rows: Vec<(i64, i64)> = counts.into_iter().collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let shown = chunk.iter().map(|(object, count)| (*object, picture, *count));
        tx.execute(&picture_objects_insertion(shown)).await?;
    }
    Ok(())
}
