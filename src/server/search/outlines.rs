//! The regions that show what a query asks for, as they are outlined on the cards of its results.

use super::rules::Translator;
use super::{SearchError, understand};
use crate::geometry::{Size, sketch};
use crate::model::{Outline, Rect, Shape, Viewer};
use crate::query::rules::NameField;
use crate::query::{self, Rule};
use crate::server::store::regions::read_shape;
use crate::server::store::schema::{Objects, Pictures, Regions};
use crate::server::store::{Db, Source, StoreError, access};
use sea_query::{CaseStatement, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement, WindowStatement};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Outlines that take longer are left out: pictures do not wait for them.
const TIME: Duration = Duration::from_secs(2);
/// So many pictures get outlines, the first ones.
const PICTURES: usize = 100;
/// So many regions of a picture are outlined, the largest ones.
const REGIONS: i64 = 50;
/// The shapes of one picture are read up to so many bytes, the largest first; of others the upright rectangle around them is drawn.
const SHAPE_BYTES: i64 = 30_000;
/// The paths of one picture have about so many bytes at most; what comes afterwards is left out.
const PATH_BYTES: usize = 6_000;

/// For each of the pictures that the viewer may see, the outlines of what the query `text` asks for with `has` and `has_object`
/// in `want`. Pictures without any are absent, and so are those for which there is no time, and all after the hundredth.
pub async fn outlines(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    pictures: &[i64],
) -> Result<HashMap<i64, Vec<Outline>>, SearchError> {
    // Most queries need no look into the database.
    let asks = query::parse(text).is_ok_and(|parsed| parsed.into_query().want.iter().any(asks_for_objects));
    if !asks || pictures.is_empty() {
        return Ok(HashMap::new());
    }
    let deadline = Instant::now() + TIME;
    let pictures = &pictures[..pictures.len().min(PICTURES)];
    let rows = match tokio::time::timeout_at(deadline.into(), regions(db, viewer, text, pictures)).await {
        Ok(Ok(rows)) => rows,
        // The query has been answered. That it cannot be now, since an object has gone meanwhile, hurts nobody.
        Err(_) | Ok(Err(SearchError::Store(StoreError::TimedOut | StoreError::Busy) | SearchError::Query(_))) => {
            return Ok(HashMap::new());
        }
        Ok(Err(error)) => return Err(error),
    };
    let drawn = tokio::task::spawn_blocking(move || draw(rows, deadline)).await;
    Ok(drawn.map_err(|error| StoreError::corrupt(error.to_string()))??)
}

fn asks_for_objects(rule: &Rule) -> bool {
    matches!(rule, Rule::Names(NameField::Object | NameField::ExactObject, _))
}

/// A region, with what is needed of its picture.
#[derive(sqlx::FromRow)]
struct RegionRow {
    picture: i64,
    width: i64,
    height: i64,
    object: String,
    kind: String,
    /// Absent where it is too long.
    shape: Option<String>,
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

/// The largest regions of each picture.
async fn regions(db: &Db, viewer: &Viewer, text: &str, pictures: &[i64]) -> Result<Vec<RegionRow>, SearchError> {
    let (mut source, query, names) = understand(db, viewer, text).await?;
    let rules = Translator { names: &names, engine: db.engine() };
    let of = |column| (Regions::Table, column);
    let wanted = query.want.iter().filter_map(|rule| rules.asks_for(rule, Expr::col(of(Regions::Object))));
    let wanted = wanted.fold(Condition::any(), Condition::add);
    let rows = source.all::<RegionRow>(&select(viewer, pictures, &wanted)).await?;
    source.close().await?;
    Ok(rows)
}

fn select(viewer: &Viewer, pictures: &[i64], wanted: &Condition) -> SelectStatement {
    let of = |column| (Regions::Table, column);
    let picture = |column| (Pictures::Table, column);
    // By width and height together, so that lines are not taken for small.
    let largest_first = || {
        WindowStatement::partition_by(of(Regions::Picture))
            .order_by_expr(Expr::col(of(Regions::W)).add(Expr::col(of(Regions::H))), Order::Desc)
            .order_by(of(Regions::Id), Order::Asc)
            .to_owned()
    };
    let bytes = Func::cust("SUM").arg(Func::cust("OCTET_LENGTH").arg(Expr::col(of(Regions::Shape))));
    let ranked = Query::select()
        .column(of(Regions::Id))
        .expr_window_as(Expr::cust("ROW_NUMBER()"), largest_first(), "place")
        .expr_window_as(bytes, largest_first(), "bytes")
        .from(Regions::Table)
        .inner_join(Pictures::Table, Expr::col(picture(Pictures::Id)).equals(of(Regions::Picture)))
        .and_where(Expr::col(of(Regions::Picture)).is_in(pictures.iter().copied()))
        .cond_where(wanted.clone())
        .cond_where(access::visible(viewer))
        .to_owned();
    let shape =
        CaseStatement::new().case(Expr::col(("ranked", "bytes")).lte(SHAPE_BYTES), Expr::col(of(Regions::Shape)));
    Query::select()
        .column(of(Regions::Picture))
        .columns([Pictures::Width, Pictures::Height].map(picture))
        .expr_as(Expr::col((Objects::Table, Objects::Name)), "object")
        .column(of(Regions::Kind))
        .expr_as(shape, "shape")
        .columns([Regions::X, Regions::Y, Regions::W, Regions::H].map(of))
        .from_subquery(ranked, "ranked")
        .inner_join(Regions::Table, Expr::col(of(Regions::Id)).equals(("ranked", "id")))
        .inner_join(Pictures::Table, Expr::col(picture(Pictures::Id)).equals(of(Regions::Picture)))
        .inner_join(Objects::Table, Expr::col((Objects::Table, Objects::Id)).equals(of(Regions::Object)))
        .and_where(Expr::col(("ranked", "place")).lte(REGIONS))
        .order_by(of(Regions::Picture), Order::Asc)
        .order_by(("ranked", "place"), Order::Asc)
        .to_owned()
}

/// The paths by picture and object, as many as there is time for.
fn draw(rows: Vec<RegionRow>, deadline: Instant) -> Result<HashMap<i64, Vec<Outline>>, StoreError> {
    let mut outlines: HashMap<i64, Vec<Outline>> = HashMap::new();
    for RegionRow { picture, width, height, object, kind, shape, x, y, w, h } in rows {
        if Instant::now() >= deadline {
            break;
        }
        let shape = match shape {
            Some(text) => read_shape(&kind, &text)?,
            None => Shape::Bbox(Rect { x, y, w, h }),
        };
        let of_picture = outlines.entry(picture).or_default();
        if of_picture.iter().map(|outline| outline.path.len()).sum::<usize>() >= PATH_BYTES {
            continue;
        }
        let path = sketch(&shape, Size::new(width as f64, height as f64));
        match of_picture.iter_mut().find(|outline| outline.object == object) {
            Some(outline) => outline.path.push_str(&path),
            None => of_picture.push(Outline { object, path }),
        }
    }
    Ok(outlines)
}
