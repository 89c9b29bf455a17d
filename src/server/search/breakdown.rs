//! The results of a query counted by one of their properties.

use crate::model::insights::{Breakdown, Dimension, RuleText, Slice};
use crate::query::Rule;
use crate::query::date::{civil_from_days, days_from_civil};
use crate::query::rules::{Bound, NameField, NumberField, Side};
use crate::query::widgets::{HEIGHTS, WIDTHS};
use crate::server::store::Source;
use crate::server::store::db::Result;
use crate::server::store::schema::{Objects, PictureLicences, PictureObjects, Pictures, Users};
use sea_query::{CaseStatement, Expr, ExprTrait, Func, IntoColumnRef, IntoIden, Order, Query, SelectStatement};
use std::collections::{BTreeMap, HashMap};

const DAY_S: i64 = 86_400;
/// The classes of the number of regions, by their least number.
const REGIONS: [i64; 8] = [0, 1, 2, 6, 11, 21, 51, 101];
/// The classes of the width and the height, by their least number of pixels, after that of the smallest ones: steps of the
/// square root of two.
const EXTENTS: [i64; 13] = [100, 140, 200, 280, 400, 560, 800, 1120, 1600, 2240, 3200, 4480, 6400];
/// The classes of the area, by their least number of pixels, after that of the smallest ones.
const AREAS: [(&str, i64); 8] = [
    ("0.1 MP", 100_000),
    ("0.3 MP", 300_000),
    ("1 MP", 1_000_000),
    ("2 MP", 2_000_000),
    ("5 MP", 5_000_000),
    ("10 MP", 10_000_000),
    ("20 MP", 20_000_000),
    ("50 MP", 50_000_000),
];

/// Counts the pictures of `results`, rows of `pictures` without columns and order. At most `top` names.
pub(super) async fn breakdown(
    source: &mut impl Source,
    results: &SelectStatement,
    dimension: Dimension,
    top: i64,
) -> Result<Breakdown> {
    let (mut slices, ordered) = match dimension {
        Dimension::Object => (objects(source, results, top).await?, true),
        Dimension::Author => (authors(source, results, top).await?, true),
        Dimension::Licence => {
            let joined = results
                .clone()
                .inner_join(
                    PictureLicences::Table,
                    Expr::col((PictureLicences::Table, PictureLicences::Picture))
                        .equals((Pictures::Table, Pictures::Id)),
                )
                .to_owned();
            let column = (PictureLicences::Table, PictureLicences::Licence);
            (names(source, &joined, column, NameField::Licence).await?, true)
        }
        Dimension::Nature => {
            (names(source, results, (Pictures::Table, Pictures::Nature), NameField::Nature).await?, true)
        }
        Dimension::Year => (times(source, results, |(year, _)| (year, 1), |(year, _)| (year + 1, 1)).await?, false),
        Dimension::Month => {
            let next = |(year, month)| if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            (times(source, results, |month| month, next).await?, false)
        }
        Dimension::Size => (sizes(source, results).await?, false),
        Dimension::Area => (areas(source, results).await?, false),
        Dimension::Regions => (region_counts(source, results).await?, false),
        Dimension::WidthHeight => (extents(source, results).await?, false),
    };
    let mut more = false;
    if ordered {
        slices.sort_by(|a, b| b.pictures.cmp(&a.pictures).then_with(|| a.value.cmp(&b.value)));
        let top = usize::try_from(top).unwrap_or(usize::MAX);
        more = slices.len() > top;
        slices.truncate(top);
    }
    Ok(Breakdown { dimension, slices, more })
}

fn column(column: Pictures) -> Expr {
    Expr::col((Pictures::Table, column))
}

fn slice(value: String, pictures: i64, rules: &[Rule]) -> Slice {
    let text = |rule: &Rule| RuleText { name: rule.name().to_owned(), values: rule.values() };
    Slice { value, pictures, regions: None, rules: rules.iter().map(text).collect() }
}

/// One more than the most frequent `top`, so that it is known whether there are more.
fn most_frequent(results: &SelectStatement, key: impl IntoColumnRef + Copy, top: i64) -> SelectStatement {
    results
        .clone()
        .column(key)
        .expr(Expr::cust("COUNT(*)"))
        .add_group_by([Expr::col(key)])
        .order_by_expr(Expr::cust("COUNT(*)"), Order::Desc)
        .order_by(key, Order::Asc)
        .limit(top.unsigned_abs().saturating_add(1))
        .to_owned()
}

async fn objects(source: &mut impl Source, results: &SelectStatement, top: i64) -> Result<Vec<Slice>> {
    let pairs = |column| (PictureObjects::Table, column);
    let joined = results
        .clone()
        .inner_join(
            PictureObjects::Table,
            Expr::col(pairs(PictureObjects::Picture)).equals((Pictures::Table, Pictures::Id)),
        )
        .to_owned();
    let regions = Expr::expr(Func::sum(Expr::col(pairs(PictureObjects::Count)))).cast_as("BIGINT");
    let statement = most_frequent(&joined, pairs(PictureObjects::Object), top).expr(regions).to_owned();
    let found: Vec<(i64, i64, i64)> = source.all(&statement).await?;
    let ids = found.iter().map(|(id, ..)| *id).collect();
    let mut names = names_of(source, Objects::Table, Objects::Id, Objects::Name, ids).await?;
    let object = |(id, pictures, regions)| {
        let name: String = names.remove(&id)?;
        let rule = Rule::Names(NameField::ExactObject, vec![name.clone()]);
        Some(Slice { regions: Some(regions), ..slice(name, pictures, &[rule]) })
    };
    Ok(found.into_iter().filter_map(object).collect())
}

async fn authors(source: &mut impl Source, results: &SelectStatement, top: i64) -> Result<Vec<Slice>> {
    let found: Vec<(i64, i64)> = source.all(&most_frequent(results, (Pictures::Table, Pictures::Author), top)).await?;
    let ids = found.iter().map(|(id, _)| *id).collect();
    let mut names = names_of(source, Users::Table, Users::Id, Users::Username, ids).await?;
    let author = |(id, pictures)| {
        let name: String = names.remove(&id)?;
        let rule = Rule::Names(NameField::Author, vec![name.clone()]);
        Some(slice(name, pictures, &[rule]))
    };
    Ok(found.into_iter().filter_map(author).collect())
}

async fn names_of<C: IntoColumnRef + Copy>(
    source: &mut impl Source,
    table: impl IntoIden,
    id: C,
    name: C,
    ids: Vec<i64>,
) -> Result<HashMap<i64, String>> {
    let statement =
        Query::select().column(id).column(name).from(table.into_iden()).and_where(Expr::col(id).is_in(ids)).to_owned();
    Ok(source.all::<(i64, String)>(&statement).await?.into_iter().collect())
}

/// By one of the short lists of names, which are read whole.
async fn names(
    source: &mut impl Source,
    results: &SelectStatement,
    key: impl IntoColumnRef + Copy,
    field: NameField,
) -> Result<Vec<Slice>> {
    let statement = results.clone().column(key).expr(Expr::cust("COUNT(*)")).add_group_by([Expr::col(key)]).to_owned();
    let found: Vec<(String, i64)> = source.all(&statement).await?;
    let rule = |name: &String| Rule::Names(field, vec![name.clone()]);
    Ok(found.into_iter().map(|(name, pictures)| slice(name.clone(), pictures, &[rule(&name)])).collect())
}

/// How many pictures there are for each value of a number.
async fn classes(source: &mut impl Source, results: &SelectStatement, class: Expr) -> Result<BTreeMap<i64, i64>> {
    let statement = results
        .clone()
        .expr_as(class, "class")
        .expr(Expr::cust("COUNT(*)"))
        // By its place: PostgreSQL takes the same text with other parameters for another expression.
        .add_group_by([Expr::cust("1")])
        .to_owned();
    Ok(source.all::<(i64, i64)>(&statement).await?.into_iter().collect())
}

/// The number of the last of these conditions that holds, from 1; 0 where none does.
fn last_that_holds(conditions: impl DoubleEndedIterator<Item = Expr> + ExactSizeIterator) -> Expr {
    let mut class = CaseStatement::new();
    for (index, condition) in conditions.enumerate().rev() {
        class = class.case(condition, i64::try_from(index).unwrap_or(i64::MAX - 1) + 1);
    }
    class.finally(0_i64).into()
}

fn number(value: NumberField, bound: Bound, number: i64) -> Rule {
    Rule::Number(value, bound, number)
}

/// Year and month.
type Month = (i64, i64);

/// By the part of time that begins with the month that `start` gives, up to the one that `next` gives.
async fn times(
    source: &mut impl Source,
    results: &SelectStatement,
    start: fn(Month) -> Month,
    next: fn(Month) -> Month,
) -> Result<Vec<Slice>> {
    let days = classes(source, results, column(Pictures::CreatedAt).div(DAY_S)).await?;
    let mut parts: BTreeMap<Month, i64> = BTreeMap::new();
    for (day, pictures) in days {
        let (year, month, _) = civil_from_days(day);
        *parts.entry(start((year, month))).or_default() += pictures;
    }
    let second = |(year, month)| days_from_civil(year, month, 1) * DAY_S;
    let part = |(first, pictures): (Month, i64)| {
        let end = next(first);
        let is_year = end == (first.0 + 1, 1) && first.1 == 1;
        let value = if is_year { format!("{:04}", first.0) } else { format!("{:04}-{:02}", first.0, first.1) };
        let rules = [Rule::Time(Side::After, second(first) - 1), Rule::Time(Side::Before, second(end))];
        slice(value, pictures, &rules)
    };
    Ok(parts.into_iter().map(part).collect())
}

async fn sizes(source: &mut impl Source, results: &SelectStatement) -> Result<Vec<Slice>> {
    let sizes = || WIDTHS.iter().zip(HEIGHTS).map(|((name, width), (_, height))| (*name, *width, *height));
    let fits =
        sizes().map(|(_, width, height)| column(Pictures::Width).gte(width).and(column(Pictures::Height).gte(height)));
    let found = classes(source, results, last_that_holds(fits)).await?;
    let sized = sizes().zip(1..).map(|((name, width, height), class)| {
        let rules =
            [number(NumberField::Width, Bound::AtLeast, width), number(NumberField::Height, Bound::AtLeast, height)];
        slice(format!("{name} ({width} × {height})"), found.range(class..).map(|(_, pictures)| pictures).sum(), &rules)
    });
    Ok(sized.filter(|slice| slice.pictures > 0).collect())
}

async fn areas(source: &mut impl Source, results: &SelectStatement) -> Result<Vec<Slice>> {
    let area = || column(Pictures::Width).mul(column(Pictures::Height));
    let found = classes(source, results, last_that_holds(AREAS.iter().map(|(_, least)| area().gte(*least)))).await?;
    let name = |class: usize| match (class.checked_sub(1).and_then(|at| AREAS.get(at)), AREAS.get(class)) {
        (None, Some((most, _))) => format!("below {most}"),
        (Some((least, _)), Some((most, _))) => format!("{}–{most}", least.trim_end_matches(" MP")),
        (Some((least, _)), None) => format!("{least} and more"),
        (None, None) => String::new(),
    };
    // Every class between the first and the last, so that a plot has no gaps.
    let (Some((&first, _)), Some((&last, _))) = (found.first_key_value(), found.last_key_value()) else {
        return Ok(Vec::new());
    };
    let class = |class: i64| {
        let pictures = found.get(&class).copied().unwrap_or_default();
        slice(name(usize::try_from(class).unwrap_or_default()), pictures, &[])
    };
    Ok((first..=last).map(class).collect())
}

async fn region_counts(source: &mut impl Source, results: &SelectStatement) -> Result<Vec<Slice>> {
    let least = REGIONS.iter().map(|least| column(Pictures::RegionCount).gte(*least));
    let found = classes(source, results, last_that_holds(least)).await?;
    let class = |(class, (least, most)): (i64, (i64, Option<i64>))| {
        let pictures = *found.get(&class)?;
        let rules: Vec<Rule> = within(NumberField::RegionCount, least, most).collect();
        Some(slice(class_name(least, most), pictures, &rules))
    };
    Ok((1..).zip(bounds(REGIONS.iter().copied())).filter_map(class).collect())
}

async fn extents(source: &mut impl Source, results: &SelectStatement) -> Result<Vec<Slice>> {
    let class = |side: Pictures| last_that_holds(EXTENTS.iter().map(move |least| column(side).gte(*least)));
    let statement = results
        .clone()
        .expr_as(class(Pictures::Width), "width_class")
        .expr_as(class(Pictures::Height), "height_class")
        .expr(Expr::cust("COUNT(*)"))
        .add_group_by([Expr::cust("1"), Expr::cust("2")])
        .to_owned();
    let mut found: Vec<(i64, i64, i64)> = source.all(&statement).await?;
    found.sort_unstable();
    let classes: Vec<(i64, Option<i64>)> = bounds(extents_from_zero()).collect();
    let of = |class: i64| classes.get(usize::try_from(class).ok()?).copied();
    let class = |(width, height, pictures): (i64, i64, i64)| {
        let ((least_width, most_width), (least_height, most_height)) = (of(width)?, of(height)?);
        let value = format!("{} × {}", class_name(least_width, most_width), class_name(least_height, most_height));
        let wide = within(NumberField::Width, least_width, most_width);
        let rules: Vec<Rule> = wide.chain(within(NumberField::Height, least_height, most_height)).collect();
        Some(slice(value, pictures, &rules))
    };
    Ok(found.into_iter().filter_map(class).collect())
}

fn extents_from_zero() -> impl Iterator<Item = i64> + Clone {
    std::iter::once(0).chain(EXTENTS)
}

/// The names of the classes of the number of regions, in their order.
pub(in crate::server) fn region_classes() -> Vec<String> {
    bounds(REGIONS.iter().copied()).map(|(least, most)| class_name(least, most)).collect()
}

/// The names of the classes of the width and of the height, which are the same, in their order.
pub(in crate::server) fn extent_classes() -> Vec<String> {
    bounds(extents_from_zero()).map(|(least, most)| class_name(least, most)).collect()
}

/// The least and the greatest number of each class; the last has no greatest.
fn bounds(least: impl Iterator<Item = i64> + Clone) -> impl Iterator<Item = (i64, Option<i64>)> {
    let most = least.clone().skip(1).map(|next| Some(next - 1)).chain([None]);
    least.zip(most)
}

fn class_name(least: i64, most: Option<i64>) -> String {
    match most {
        None => format!("{least} and more"),
        Some(most) if most == least => least.to_string(),
        Some(most) => format!("{least}–{most}"),
    }
}

/// The rules that leave the numbers of a class.
fn within(field: NumberField, least: i64, most: Option<i64>) -> impl Iterator<Item = Rule> {
    let at_least = (least > 0).then(|| number(field, Bound::AtLeast, least));
    let at_most = most.map(|most| number(field, Bound::AtMost, most));
    at_least.into_iter().chain(at_most)
}
