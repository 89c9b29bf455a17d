//! Recomputes every derived value and says where what is stored differs from it.
//!
//! Pictures are gone through in batches, each in a transaction of its own, so that a large site can be checked and
//! repaired while it runs.

use super::db::{Db, Result, Source, Tx};
use super::objects::{load_graph, lock_graph, replace_closure};
use super::regions::{read_shape, replace_picture_objects};
use super::schema::{Datasets, ObjectClosure, Objects, PictureObjects, Pictures, Ratings, Regions};
use crate::model::text::{fold, origin_key};
use sea_query::{Expr, ExprTrait, Func, Order, Query};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Pictures of one transaction.
const BATCH: u64 = 500;

/// A derived value that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row, by its key.
    pub row: String,
    /// The column, or what of the row is meant.
    pub column: &'static str,
    /// What is stored.
    pub stored: String,
    /// What should be.
    pub expected: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, column, stored, expected } = self;
        write!(f, "{table} {row}: {column} is {stored}, should be {expected}")
    }
}

/// Compares every derived value and changes nothing.
pub async fn check(db: &Db) -> Result<Vec<Difference>> {
    let mut found = objects(&mut db.snapshot().await?, false).await?;
    found.extend(datasets(&mut db.snapshot().await?, false).await?);
    let mut last = Some(0);
    while let Some(after) = last {
        let (differences, next) = pictures(&mut db.snapshot().await?, after, false).await?;
        found.extend(differences);
        last = next;
    }
    Ok(found)
}

/// Compares every derived value, corrects those that differ, and gives what was wrong.
pub async fn repair(db: &Db) -> Result<Vec<Difference>> {
    let mut found = db
        .write(|mut tx| async move {
            let mut differences = objects(&mut tx, true).await?;
            differences.extend(datasets(&mut tx, true).await?);
            tx.commit(differences).await
        })
        .await?;
    let mut last = Some(0);
    while let Some(after) = last {
        let (differences, next) = db
            .write(|mut tx| async move {
                let outcome = pictures(&mut tx, after, true).await?;
                tx.commit(outcome).await
            })
            .await?;
        found.extend(differences);
        last = next;
    }
    Ok(found)
}

/// The closure and the folded names of objects.
async fn objects(tx: &mut Tx, fix: bool) -> Result<Vec<Difference>> {
    if fix {
        lock_graph(tx).await?;
    }
    let mut found = Vec::new();
    let statement =
        Query::select().columns([Objects::Id, Objects::Name, Objects::NameFolded]).from(Objects::Table).to_owned();
    let rows = tx.all::<(i64, String, String)>(&statement).await?;
    for (id, name, stored) in &rows {
        let expected = fold(name);
        if *stored != expected {
            if fix {
                let update = Query::update()
                    .table(Objects::Table)
                    .value(Objects::NameFolded, expected.as_str())
                    .and_where(Expr::col(Objects::Id).eq(*id))
                    .to_owned();
                tx.execute(&update).await?;
            }
            found.push(difference("objects", id, "name_folded", stored, &expected));
        }
    }
    let graph = load_graph(tx).await?;
    let closure = Query::select()
        .columns([ObjectClosure::Descendant, ObjectClosure::Ancestor])
        .from(ObjectClosure::Table)
        .to_owned();
    let mut stored: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (descendant, ancestor) in tx.all::<(i64, i64)>(&closure).await? {
        stored.entry(descendant).or_default().insert(ancestor);
    }
    let mut wrong = BTreeSet::new();
    for (id, _, _) in &rows {
        let (stored, expected) = (stored.remove(id).unwrap_or_default(), graph.ancestors(*id));
        if stored != expected {
            wrong.insert(*id);
            found.push(difference("object_closure", id, "ancestors", &list(&stored), &list(&expected)));
        }
    }
    if fix && !wrong.is_empty() {
        replace_closure(tx, &graph, &wrong).await?;
    }
    Ok(found)
}

/// The folded descriptions of datasets.
async fn datasets(tx: &mut Tx, fix: bool) -> Result<Vec<Difference>> {
    let statement = Query::select()
        .columns([Datasets::Id, Datasets::Description, Datasets::DescriptionFolded])
        .from(Datasets::Table)
        .to_owned();
    let mut found = Vec::new();
    for (id, description, stored) in tx.all::<(i64, String, String)>(&statement).await? {
        let expected = fold(&description);
        if stored == expected {
            continue;
        }
        if fix {
            let update = Query::update()
                .table(Datasets::Table)
                .value(Datasets::DescriptionFolded, expected.as_str())
                .and_where(Expr::col(Datasets::Id).eq(id))
                .to_owned();
            tx.execute(&update).await?;
        }
        found.push(difference("datasets", &id, "description_folded", &stored, &expected));
    }
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct PictureRow {
    id: i64,
    title: String,
    title_folded: String,
    description: String,
    description_folded: String,
    origin_url: Option<String>,
    origin_key: Option<String>,
    region_count: i64,
    region_bytes: i64,
    rating_sum: i64,
    rating_count: i64,
    replaced_by: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RegionRow {
    id: i64,
    picture: i64,
    kind: String,
    shape: String,
    object: i64,
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

/// What the rows that belong to one picture add up to.
#[derive(Default)]
struct Sums {
    regions: i64,
    region_bytes: i64,
    objects: BTreeMap<i64, i64>,
    stored_objects: BTreeMap<i64, i64>,
    rating_sum: i64,
    rating_count: i64,
    replaced_by: Option<i64>,
}

/// One batch of pictures with ids above `after`, and where the next begins, if there is one.
async fn pictures(tx: &mut Tx, after: i64, fix: bool) -> Result<(Vec<Difference>, Option<i64>)> {
    let mut statement = Query::select()
        .columns([
            Pictures::Id,
            Pictures::Title,
            Pictures::TitleFolded,
            Pictures::Description,
            Pictures::DescriptionFolded,
            Pictures::OriginUrl,
            Pictures::OriginKey,
            Pictures::RegionCount,
            Pictures::RegionBytes,
            Pictures::RatingSum,
            Pictures::RatingCount,
            Pictures::ReplacedBy,
        ])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).gt(after))
        .order_by(Pictures::Id, Order::Asc)
        .limit(BATCH)
        .to_owned();
    if fix {
        statement.lock_exclusive();
    }
    let rows = tx.all::<PictureRow>(&statement).await?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok((Vec::new(), None)) };
    let mut found = Vec::new();
    let mut sums = sums(tx, after, last, fix, &mut found).await?;
    for row in rows {
        let sums = sums.remove(&row.id).unwrap_or_default();
        let mut values: Vec<(Pictures, Expr)> = Vec::new();
        let mut compare = |name, column, stored: String, expected: String, value: Expr| {
            if stored != expected {
                found.push(difference("pictures", &row.id, name, &stored, &expected));
                values.push((column, value));
            }
        };
        let folded = fold(&row.title);
        compare("title_folded", Pictures::TitleFolded, row.title_folded, folded.clone(), folded.into());
        let folded = fold(&row.description);
        compare(
            "description_folded",
            Pictures::DescriptionFolded,
            row.description_folded,
            folded.clone(),
            folded.into(),
        );
        let key = row.origin_url.as_deref().map(origin_key);
        compare("origin_key", Pictures::OriginKey, option(&row.origin_key), option(&key), key.into());
        for (name, column, stored, expected) in [
            ("region_count", Pictures::RegionCount, row.region_count, sums.regions),
            ("region_bytes", Pictures::RegionBytes, row.region_bytes, sums.region_bytes),
            ("rating_sum", Pictures::RatingSum, row.rating_sum, sums.rating_sum),
            ("rating_count", Pictures::RatingCount, row.rating_count, sums.rating_count),
        ] {
            compare(name, column, stored.to_string(), expected.to_string(), expected.into());
        }
        let expected = sums.replaced_by;
        compare("replaced_by", Pictures::ReplacedBy, option(&row.replaced_by), option(&expected), expected.into());
        if sums.objects != sums.stored_objects {
            let (stored, expected) = (counts(&sums.stored_objects), counts(&sums.objects));
            found.push(difference("picture_objects", &row.id, "counts", &stored, &expected));
            if fix {
                replace_picture_objects(tx, row.id, sums.objects).await?;
            }
        }
        if fix && !values.is_empty() {
            let update = Query::update()
                .table(Pictures::Table)
                .values(values)
                .and_where(Expr::col(Pictures::Id).eq(row.id))
                .to_owned();
            tx.execute(&update).await?;
        }
    }
    Ok((found, Some(last)))
}

/// Adds up what belongs to the pictures with ids above `after`, up to `last`. Regions' bounds are compared on the way.
async fn sums(
    tx: &mut Tx,
    after: i64,
    last: i64,
    fix: bool,
    found: &mut Vec<Difference>,
) -> Result<BTreeMap<i64, Sums>> {
    let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
    let statement = Query::select()
        .columns([
            Regions::Id,
            Regions::Picture,
            Regions::Kind,
            Regions::Shape,
            Regions::Object,
            Regions::X,
            Regions::Y,
            Regions::W,
            Regions::H,
        ])
        .from(Regions::Table)
        .and_where(Expr::col(Regions::Picture).gt(after))
        .and_where(Expr::col(Regions::Picture).lte(last))
        .to_owned();
    for region in tx.all::<RegionRow>(&statement).await? {
        let sums = sums.entry(region.picture).or_default();
        sums.regions += 1;
        sums.region_bytes += region.shape.len() as i64;
        *sums.objects.entry(region.object).or_default() += 1;
        let bounds = read_shape(&region.kind, &region.shape)?.bounds();
        let stored = [region.x, region.y, region.w, region.h];
        let expected = [bounds.x, bounds.y, bounds.w, bounds.h];
        if stored != expected {
            found.push(difference("regions", &region.id, "bounds", &format!("{stored:?}"), &format!("{expected:?}")));
            if fix {
                let update = Query::update()
                    .table(Regions::Table)
                    .values([
                        (Regions::X, bounds.x.into()),
                        (Regions::Y, bounds.y.into()),
                        (Regions::W, bounds.w.into()),
                        (Regions::H, bounds.h.into()),
                    ])
                    .and_where(Expr::col(Regions::Id).eq(region.id))
                    .to_owned();
                tx.execute(&update).await?;
            }
        }
    }
    let statement = Query::select()
        .columns([PictureObjects::Picture, PictureObjects::Object, PictureObjects::Count])
        .from(PictureObjects::Table)
        .and_where(Expr::col(PictureObjects::Picture).gt(after))
        .and_where(Expr::col(PictureObjects::Picture).lte(last))
        .to_owned();
    for (picture, object, count) in tx.all::<(i64, i64, i64)>(&statement).await? {
        sums.entry(picture).or_default().stored_objects.insert(object, count);
    }
    let statement = Query::select()
        .columns([Ratings::Picture, Ratings::Rating])
        .expr(Func::count(Expr::col(Ratings::UserId)))
        .from(Ratings::Table)
        .and_where(Expr::col(Ratings::Picture).gt(after))
        .and_where(Expr::col(Ratings::Picture).lte(last))
        .group_by_columns([Ratings::Picture, Ratings::Rating])
        .to_owned();
    for (picture, rating, count) in tx.all::<(i64, i64, i64)>(&statement).await? {
        let sums = sums.entry(picture).or_default();
        sums.rating_sum += rating * count;
        sums.rating_count += count;
    }
    let statement = Query::select()
        .columns([Pictures::Replaces, Pictures::Id])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Replaces).gt(after))
        .and_where(Expr::col(Pictures::Replaces).lte(last))
        .to_owned();
    for (replaced, by) in tx.all::<(i64, i64)>(&statement).await? {
        sums.entry(replaced).or_default().replaced_by = Some(by);
    }
    Ok(sums)
}

fn difference(table: &'static str, row: &i64, column: &'static str, stored: &str, expected: &str) -> Difference {
    Difference { table, row: row.to_string(), column, stored: stored.to_owned(), expected: expected.to_owned() }
}

fn option(value: &Option<impl fmt::Display>) -> String {
    value.as_ref().map_or_else(|| "absent".to_owned(), ToString::to_string)
}

fn list(ids: &BTreeSet<i64>) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn counts(counts: &BTreeMap<i64, i64>) -> String {
    counts.iter().map(|(object, count)| format!("{object} × {count}")).collect::<Vec<_>>().join(", ")
}
