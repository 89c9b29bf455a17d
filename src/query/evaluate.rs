//! What a query means, said as plainly as possible. Nothing but tests runs this: the search must give the same answer on
//! every database.

use super::pattern::Pattern;
use super::rules::{Bound, IdField, NameField, NumberField, Side, TextField};
use super::shuffle::Shuffle;
use super::tree::{Query, Rule};
use crate::model::Ordering;
use crate::model::text::{fold, origin_key};
use std::cmp;

/// A picture, as far as queries can see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// Numeric identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Username of who posted it.
    pub author: String,
    /// Where it comes from.
    pub origin_url: Option<String>,
    /// When it was posted, in Unix seconds.
    pub timestamp: i64,
    /// Width in pixels.
    pub width: i64,
    /// Height in pixels.
    pub height: i64,
    /// Id of the nature.
    pub nature: String,
    /// Ids of the licences.
    pub licences: Vec<String>,
    /// For each region the object that it shows.
    pub objects: Vec<String>,
    /// Galleries that hold it.
    pub galleries: Vec<i64>,
    /// The ratings that users gave, from 1 to 5.
    pub ratings: Vec<i64>,
    /// The dataset that it belongs to, as `namespace/name`.
    pub dataset: Option<String>,
    /// The picture that it is a copy of.
    pub copied_from: Option<i64>,
    /// Whether another picture replaces it.
    pub obsolete: bool,
}

/// Whether the second object is the first or a descendant of it.
pub type IsA<'a> = &'a dyn Fn(&str, &str) -> bool;

/// The ids of the pictures that satisfy the query, in order.
pub fn find(query: &Query, subjects: &[Subject], is_a: IsA<'_>, ordering: Ordering, seed: i64) -> Vec<i64> {
    let mut found: Vec<&Subject> = subjects.iter().filter(|subject| matches(query, subject, is_a)).collect();
    let shuffle = Shuffle::new(seed);
    found.sort_by(|a, b| compare(a, b, ordering, shuffle));
    found.iter().map(|subject| subject.id).collect()
}

/// Whether a picture satisfies the query.
pub fn matches(query: &Query, subject: &Subject, is_a: IsA<'_>) -> bool {
    (query.include_obsolete || !subject.obsolete)
        && query.want.iter().all(|rule| satisfies(rule, subject, is_a))
        && !query.exclude.iter().any(|rule| satisfies(rule, subject, is_a))
}

fn satisfies(rule: &Rule, subject: &Subject, is_a: IsA<'_>) -> bool {
    match rule {
        Rule::Names(field, names) => match field {
            NameField::Object => subject.objects.iter().any(|shown| names.iter().any(|name| is_a(name, shown))),
            NameField::ExactObject => subject.objects.iter().any(|shown| names.contains(shown)),
            NameField::Nature => names.contains(&subject.nature),
            NameField::Licence => subject.licences.iter().any(|licence| names.contains(licence)),
            NameField::Author => names.contains(&subject.author),
            NameField::Dataset => subject.dataset.as_ref().is_some_and(|dataset| names.contains(dataset)),
        },
        Rule::Ids(IdField::Gallery, ids) => subject.galleries.iter().any(|gallery| ids.contains(gallery)),
        Rule::Ids(IdField::CopiedFrom, ids) => subject.copied_from.is_some_and(|picture| ids.contains(&picture)),
        Rule::Text(field, text) => {
            let searched = match field {
                TextField::Title => &subject.title,
                TextField::Description => &subject.description,
            };
            Pattern::new(text).matches(&fold(searched))
        }
        Rule::Origin(text) => {
            subject.origin_url.as_ref().is_some_and(|url| origin_key(url).starts_with(&origin_key(text)))
        }
        Rule::Number(field, bound, number) => {
            let value = match field {
                NumberField::Width => subject.width,
                NumberField::Height => subject.height,
                NumberField::RatingCount => count(&subject.ratings),
                NumberField::RegionCount => count(&subject.objects),
            };
            match bound {
                Bound::AtLeast => value >= *number,
                Bound::AtMost => value <= *number,
            }
        }
        Rule::Time(Side::Before, time) => subject.timestamp < *time,
        Rule::Time(Side::After, time) => subject.timestamp > *time,
        Rule::Rating(bound, rating) => {
            // Small whole numbers: exact as floats.
            #[allow(clippy::cast_precision_loss)]
            let average = subject.ratings.iter().sum::<i64>() as f64 / subject.ratings.len() as f64;
            subject.ratings.is_empty()
                || match bound {
                    Bound::AtLeast => average >= *rating,
                    Bound::AtMost => average <= *rating,
                }
        }
    }
}

fn count<T>(items: &[T]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

/// The order of two pictures. Ties go by id, in the direction of the ordering, so that one index serves both directions.
fn compare(a: &Subject, b: &Subject, ordering: Ordering, shuffle: Shuffle) -> cmp::Ordering {
    let ids = a.id.cmp(&b.id);
    let by_time = a.timestamp.cmp(&b.timestamp).then(ids);
    let by_title = || fold(&a.title).as_bytes().cmp(fold(&b.title).as_bytes()).then(ids);
    let by_regions = a.objects.len().cmp(&b.objects.len()).then(ids);
    match ordering {
        Ordering::DateDesc => by_time.reverse(),
        Ordering::DateAsc => by_time,
        Ordering::TitleAsc => by_title(),
        Ordering::TitleDesc => by_title().reverse(),
        Ordering::NumberRegionsDesc => by_regions.reverse(),
        Ordering::NumberRegionsAsc => by_regions,
        Ordering::Random => shuffle.key(a.id).cmp(&shuffle.key(b.id)).then(ids),
    }
}
