//! Regions that come with an import: many for many pictures in one transaction, together with how far the import is then.

use super::access;
use super::dataset_files::{begins_with, of as of_file};
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST};
use super::error::StoreError;
use super::jobs::{self, Heard, Progress};
use super::objects::register_missing;
use super::region_plan::GAP;
use super::regions::{
    Changes, NewRow, STATE_COLUMNS, Size, held_object_ids, picture_objects_insertion, region_insertion, region_values,
    replace_in, state_values, write_shape,
};
use super::schema::{DatasetFiles, PictureObjects, PictureRevisions, Pictures, Regions};
use super::users;
use crate::model::job::JobError;
use crate::model::region::{MAX_REGIONS, MAX_SHAPE_BYTES};
use crate::model::{Region, Role, Viewer};
use sea_query::{
    Alias, Expr, ExprTrait, Func, IntoIden, IntoValueTuple, OnConflict, Order, Query, TableRef, UpdateStatement,
};
use std::collections::{BTreeMap, HashMap};

/// A picture that is a file of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PictureFile {
    /// Its path in the dataset.
    pub path: String,
    /// Its number.
    pub picture: i64,
    /// Upright width in pixels.
    pub width: i64,
    /// Upright height in pixels.
    pub height: i64,
}

/// The pictures among the files of a dataset's newest commit whose paths begin with `prefix`, by path. Whoever calls has made sure
/// that the viewer may see the dataset.
pub async fn pictures_below(db: &Db, dataset: i64, prefix: &str) -> Result<Vec<PictureFile>> {
    let statement = Query::select()
        .columns([DatasetFiles::Path, DatasetFiles::Picture].map(of_file))
        .columns([(Pictures::Table, Pictures::Width), (Pictures::Table, Pictures::Height)])
        .from(DatasetFiles::Table)
        .inner_join(
            Pictures::Table,
            Expr::col((Pictures::Table, Pictures::Id)).equals((DatasetFiles::Table, DatasetFiles::Picture)),
        )
        .and_where(Expr::col(of_file(DatasetFiles::Dataset)).eq(dataset))
        .cond_where(begins_with(DatasetFiles::Path, prefix))
        .order_by(of_file(DatasetFiles::Path), Order::Asc)
        .to_owned();
    db.all(&statement).await
}

/// Regions that a picture gets.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The picture's number.
    pub picture: i64,
    /// What it is called where something is wrong with it.
    pub path: String,
    /// Whether those go that it has.
    pub replaces: bool,
    /// Its new regions, in drawing order.
    pub regions: Vec<Region>,
}

/// Whose import it is.
#[derive(Clone, Copy)]
pub struct Importer<'a> {
    /// Whoever wants it.
    pub viewer: &'a Viewer,
    /// The number of their account.
    pub author: i64,
    /// The dataset whose pictures get regions.
    pub dataset: i64,
    /// The job: its number, who works on it, and how far it is when the regions are there.
    pub job: (i64, &'a str, &'a Progress),
    /// Its checkpoint when so many regions are there.
    pub checkpoint: &'a (dyn Fn(u64) -> serde_json::Result<String> + Send + Sync),
}

/// What became of some regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What is heard of the job. If somebody else works on it by now, nothing was changed.
    pub heard: Heard,
    /// So many regions are there.
    pub regions: u64,
}

/// Registers those of these objects that there are not.
pub async fn register_objects(db: &Db, names: &[String], author: i64, now: i64) -> Result<()> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, author).await?;
        register_missing(&mut tx, "classes", names, author, now).await?;
        tx.commit(()).await
    })
    .await
}

/// Gives pictures regions, all or nothing, and says in the same transaction how far the job is: so each region counts once, however
/// often the job is gone on with. Each picture is named at most once. What a picture has no room for, and pictures that are gone, are
/// errors of the job.
pub async fn add(db: &Db, importer: Importer<'_>, additions: &[Addition], now: i64) -> Result<Stored> {
    let additions = additions.iter().map(Written::new).collect::<Result<Vec<_>>>()?;
    let additions = &additions;
    db.write(|mut tx| async move {
        let (id, worker, progress) = importer.job;
        users::hold_active(&mut tx, importer.author).await?;
        let dataset = Some(importer.dataset);
        let what = "annotate pictures of this dataset";
        access::require_role(&mut tx, importer.viewer, dataset, Role::Annotator, what).await?;
        let mut progress = progress.clone();
        let regions = add_in(&mut tx, importer, additions, &mut progress.errors, now).await?;
        let unwritten = |error| StoreError::corrupt(format!("a checkpoint cannot be written: {error}"));
        progress.checkpoint = Some((importer.checkpoint)(regions).map_err(unwritten)?);
        let heard = jobs::tell_in(&mut tx, id, worker, &progress, now).await?;
        if heard == Heard::Lost {
            return Ok(Stored { heard, regions: 0 });
        }
        tx.commit(Stored { heard, regions }).await
    })
    .await
}

/// An addition as it is stored.
struct Written<'a> {
    addition: &'a Addition,
    shapes: Vec<String>,
}

impl<'a> Written<'a> {
    fn new(addition: &'a Addition) -> Result<Self> {
        let shapes = addition.regions.iter().map(|region| write_shape(&region.shape)).collect::<Result<_>>()?;
        Ok(Self { addition, shapes })
    }

    /// How many of the regions a picture has room for that is of this size without them, and how large it is then.
    fn fitting(&self, before: Size) -> (usize, Size) {
        let mut size = before;
        for (count, shape) in self.shapes.iter().enumerate() {
            let bytes = size.bytes + shape.len() as i64;
            if size.regions >= MAX_REGIONS as i64 || bytes > MAX_SHAPE_BYTES as i64 {
                return (count, size);
            }
            size = Size { regions: size.regions + 1, bytes };
        }
        (self.shapes.len(), size)
    }
}

/// A picture whose row is locked.
#[derive(Clone, Copy, sqlx::FromRow)]
struct Row {
    id: i64,
    revision: i64,
    region_count: i64,
    region_bytes: i64,
}

async fn locked(tx: &mut Tx, importer: Importer<'_>, additions: &[Written<'_>]) -> Result<HashMap<i64, Row>> {
    let mut ids: Vec<i64> = additions.iter().map(|written| written.addition.picture).collect();
    ids.sort_unstable();
    let mut rows = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns([Pictures::Id, Pictures::Revision, Pictures::RegionCount, Pictures::RegionBytes])
            .from(Pictures::Table)
            .and_where(Expr::col((Pictures::Table, Pictures::Id)).is_in(chunk.iter().copied()))
            .and_where(Expr::col((Pictures::Table, Pictures::Dataset)).eq(importer.dataset))
            .cond_where(access::visible(importer.viewer))
            // Always in the same order, so that nobody waits for each other.
            .order_by((Pictures::Table, Pictures::Id), Order::Asc)
            .lock_exclusive()
            .to_owned();
        rows.extend(tx.all::<Row>(&statement).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(rows)
}

/// Gives how many regions were added.
async fn add_in(
    tx: &mut Tx,
    importer: Importer<'_>,
    additions: &[Written<'_>],
    errors: &mut Vec<JobError>,
    now: i64,
) -> Result<u64> {
    let rows = locked(tx, importer, additions).await?;
    let names: Vec<&str> = {
        let regions = additions.iter().flat_map(|written| &written.addition.regions);
        let mut names: Vec<&str> = regions.map(|region| region.object.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let objects = held_object_ids(tx, names.iter().copied().enumerate(), |_| "classes".to_owned()).await?;
    let mut regions = 0;
    let mut appended = Vec::new();
    for written in additions {
        let addition = written.addition;
        let mut wrong = |message: String| errors.push(JobError { place: addition.path.clone(), message });
        let Some(row) = rows.get(&addition.picture) else {
            wrong("the picture is gone".to_owned());
            continue;
        };
        let replaces = addition.replaces && row.region_count > 0;
        let before = match replaces {
            true => Size { regions: 0, bytes: 0 },
            false => Size { regions: row.region_count, bytes: row.region_bytes },
        };
        let (count, size) = written.fitting(before);
        let left_out = written.shapes.len() - count;
        if left_out > 0 {
            wrong(format!("there is no room for {left_out} more regions on the picture"));
        }
        if replaces {
            let wanted = &addition.regions[..count];
            let (id, author) = (addition.picture, importer.author);
            replace_in(tx, id, row.revision, wanted, "", author, now).await?;
        } else if count > 0 {
            appended.push(Appended { written, row: *row, count, size });
        }
        regions += count as u64;
    }
    append(tx, &appended, &objects, importer.author, now).await?;
    Ok(regions)
}

/// Regions that come after those that a picture has.
struct Appended<'a> {
    written: &'a Written<'a>,
    row: Row,
    count: usize,
    /// How large the picture is with them.
    size: Size,
}

async fn append(
    tx: &mut Tx,
    appended: &[Appended<'_>],
    objects: &HashMap<&str, i64>,
    author: i64,
    now: i64,
) -> Result<()> {
    let last = last_positions(tx, appended).await?;
    let (mut rows, mut counts) = (Vec::new(), Vec::new());
    for Appended { written, row, count, .. } in appended {
        let begin = last.get(&row.id).copied().unwrap_or_default();
        let mut shown: BTreeMap<i64, i64> = BTreeMap::new();
        let regions = &written.addition.regions[..*count];
        for ((region, shape), number) in regions.iter().zip(&written.shapes).zip(1..) {
            let object = objects[region.object.as_str()];
            *shown.entry(object).or_default() += 1;
            let new = NewRow {
                id: None,
                position: begin + number * GAP,
                kind: region.shape.kind().as_str(),
                shape,
                bounds: region.shape.bounds(),
                object,
                created_at: now,
            };
            rows.push((row.id, row.revision + 1, new));
        }
        counts.extend(shown.into_iter().map(|(object, count)| (object, row.id, count)));
    }
    // In the order of the index.
    counts.sort_unstable();
    let states = appended.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let mut insert = Query::insert();
        insert.into_table(PictureRevisions::Table).columns(STATE_COLUMNS);
        for Appended { row, count, .. } in chunk {
            let changes = Changes { added: *count as i64, ..Changes::default() };
            insert.values_panic(state_values(row.id, row.revision + 1, changes, author, now));
        }
        insert
    });
    let rows = rows.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let mut insert = region_insertion();
        for (picture, revision, row) in chunk {
            insert.values_panic(region_values(*picture, *revision, row, author, now));
        }
        insert
    });
    tx.insert_all::<(i64,)>(states.chain(rows)).await?;
    for chunk in counts.chunks(ROWS_PER_STATEMENT) {
        let shown = Expr::col((PictureObjects::Table, PictureObjects::Count))
            .add(Expr::col((Alias::new("excluded"), PictureObjects::Count)));
        let mut insert = picture_objects_insertion(chunk.iter().copied());
        let key = OnConflict::columns([PictureObjects::Object, PictureObjects::Picture]);
        insert.on_conflict(key.to_owned().value(PictureObjects::Count, shown).to_owned());
        tx.execute(&insert).await?;
    }
    for chunk in appended.chunks(ROWS_PER_STATEMENT) {
        tx.execute(&grown(chunk)).await?;
    }
    Ok(())
}

/// Says of several pictures at once which state is their newest and how large it is.
fn grown(pictures: &[Appended<'_>]) -> UpdateStatement {
    let values =
        pictures.iter().map(|Appended { row, size, .. }| (row.id, size.regions, size.bytes).into_value_tuple());
    let of = |column: &'static str| Expr::col((Alias::new("new"), Alias::new(column)));
    Query::update()
        .table(Pictures::Table)
        .from(TableRef::ValuesList(values.collect(), Alias::new("new").into_iden()))
        .value(Pictures::Revision, Expr::col((Pictures::Table, Pictures::Revision)).add(1))
        .value(Pictures::RegionCount, of("column2"))
        .value(Pictures::RegionBytes, of("column3"))
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(of("column1")))
        .to_owned()
}

/// Where the last region of each picture is that has any.
async fn last_positions(tx: &mut Tx, appended: &[Appended<'_>]) -> Result<HashMap<i64, i64>> {
    let ids: Vec<i64> = appended.iter().filter(|one| one.row.region_count > 0).map(|one| one.row.id).collect();
    let mut last = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .column(Regions::Picture)
            .expr(Func::max(Expr::col(Regions::Position)))
            .from(Regions::Table)
            .and_where(Expr::col(Regions::Picture).is_in(chunk.iter().copied()))
            .group_by_col(Regions::Picture)
            .to_owned();
        last.extend(tx.all::<(i64, i64)>(&statement).await?);
    }
    Ok(last)
}
