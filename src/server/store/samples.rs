//! Regions as examples of what an object looks like, and where to cut them out.

use super::access;
use super::db::{Db, Result, Source};
use super::objects::id_of;
use super::schema::{Datasets, ObjectClosure, Objects, Pictures, Regions};
use crate::model::{Rect, Sample, Viewer};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::HashSet;

/// So many of the newest regions are looked at for each sample that is wanted, so that several pictures come into it.
const CHOICE: u64 = 5;

/// So many ids back the newest regions are looked for at first: a database visits every region of a common object to find its
/// newest ones.
const NEWEST: i64 = 20_000;

/// Where a region lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The picture's file.
    pub blob: String,
    /// The smallest upright rectangle around the region.
    pub bounds: Rect,
    /// Width and height of the upright picture in pixels.
    pub size: (u32, u32),
    /// Whether the picture belongs to the commons.
    pub in_commons: bool,
    /// The storage site of the picture's dataset, if it has one.
    pub site: Option<i64>,
}

/// Up to `most` regions that show an object or a descendant, on pictures that the viewer may see and that are not obsolete: the
/// newest, those of different pictures first.
pub async fn of_object(db: &Db, viewer: &Viewer, name: &str, most: usize) -> Result<Vec<Sample>> {
    let mut tx = db.snapshot().await?;
    let id = id_of(&mut tx, name).await?;
    let wanted = most as u64 * CHOICE;
    let last = Query::select().expr(Func::max(Expr::col(Regions::Id))).from(Regions::Table).to_owned();
    let last = tx.scalar::<Option<i64>>(&last).await?.unwrap_or_default();
    let newest =
        select(viewer, id, wanted).and_where(Expr::col((Regions::Table, Regions::Id)).gt(last - NEWEST)).to_owned();
    let mut rows = tx.all::<SampleRow>(&newest).await?;
    if (rows.len() as u64) < wanted {
        rows = tx.all(&select(viewer, id, wanted)).await?;
    }
    let samples: Vec<Sample> = rows
        .into_iter()
        .map(|(region, picture, title, object)| {
            let crop = format!("/crop/{region}");
            Sample { region, picture, title, object, crop }
        })
        .collect();
    let mut pictures = HashSet::new();
    let (mut chosen, others): (Vec<Sample>, Vec<Sample>) =
        samples.into_iter().partition(|sample| pictures.insert(sample.picture));
    chosen.extend(others);
    chosen.truncate(most);
    Ok(chosen)
}

/// Region, picture, the picture's title, the object's name.
type SampleRow = (i64, i64, String, String);

/// The newest regions that show an object or a descendant.
fn select(viewer: &Viewer, object: i64, limit: u64) -> SelectStatement {
    let of = |column| (Regions::Table, column);
    Query::select()
        .columns([of(Regions::Id), of(Regions::Picture)])
        .column((Pictures::Table, Pictures::Title))
        .column((Objects::Table, Objects::Name))
        .from(Regions::Table)
        .inner_join(Objects::Table, Expr::col((Objects::Table, Objects::Id)).equals(of(Regions::Object)))
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(of(Regions::Picture)))
        .and_where(
            Expr::col(of(Regions::Object)).in_subquery(
                Query::select()
                    .column(ObjectClosure::Descendant)
                    .from(ObjectClosure::Table)
                    .and_where(Expr::col(ObjectClosure::Ancestor).eq(object))
                    .to_owned(),
            ),
        )
        .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
        .cond_where(access::visible(viewer))
        .order_by(of(Regions::Id), Order::Desc)
        .limit(limit)
        .to_owned()
}

/// Where a region lies, if the viewer may see its picture.
pub async fn place(db: &Db, viewer: &Viewer, region: i64) -> Result<Option<Place>> {
    let of = |column| (Regions::Table, column);
    let statement = Query::select()
        .columns([Pictures::Blob, Pictures::Width, Pictures::Height].map(|column| (Pictures::Table, column)))
        .columns([of(Regions::X), of(Regions::Y), of(Regions::W), of(Regions::H)])
        .column((Pictures::Table, Pictures::Dataset))
        .column((Datasets::Table, Datasets::StorageSite))
        .from(Regions::Table)
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(of(Regions::Picture)))
        .left_join(
            Datasets::Table,
            Expr::col((Datasets::Table, Datasets::Id)).equals((Pictures::Table, Pictures::Dataset)),
        )
        .and_where(Expr::col(of(Regions::Id)).eq(region))
        .cond_where(access::visible(viewer))
        .to_owned();
    let row = db.optional::<(String, i64, i64, f64, f64, f64, f64, Option<i64>, Option<i64>)>(&statement).await?;
    let pixels = |side: i64| u32::try_from(side).unwrap_or(u32::MAX);
    Ok(row.map(|(blob, width, height, x, y, w, h, dataset, site)| Place {
        blob,
        bounds: Rect { x, y, w, h },
        size: (pixels(width), pixels(height)),
        in_commons: dataset.is_none(),
        site,
    }))
}
