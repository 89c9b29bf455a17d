//! The ids of a part of what a query finds.

use super::order;
use super::plan::Plan;
use crate::model::{Ordering, PageRequest};
use crate::query::Shuffle;
use crate::server::store::Source;
use crate::server::store::db::Result;
use crate::server::store::queue::Place;
use crate::server::store::schema::Pictures;
use sea_query::SelectStatement;

/// Of a shuffle as many pictures are put together from its parts; to come to later ones, all are sorted.
const PUT_TOGETHER: i64 = 10_000;

/// From where pictures are read, and in which order.
pub(super) struct Reading<'p> {
    /// What led to them.
    pub plan: &'p Plan,
    /// In which order.
    pub ordering: Ordering,
    /// Of a shuffle.
    pub seed: i64,
    /// Only those after a place, or before it, where one is given.
    pub place: Option<(Place, bool)>,
}

impl Reading<'_> {
    /// The ids of a part of these rows of `pictures`, which the plan has led to.
    pub async fn ids(
        &self,
        source: &mut impl Source,
        pictures: &SelectStatement,
        page: PageRequest,
    ) -> Result<Vec<i64>> {
        let mut found = match self.put_together(source, pictures, page).await? {
            Some(found) => found,
            None => self.part(source, pictures.clone(), page).await?,
        };
        if matches!(self.place, Some((_, false))) {
            found.reverse();
        }
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// The beginning of a shuffle, from the parts that it goes through one after the other, if there is enough in them.
    async fn put_together(
        &self,
        source: &mut impl Source,
        pictures: &SelectStatement,
        page: PageRequest,
    ) -> Result<Option<Vec<(i64,)>>> {
        let end = page.offset.saturating_add(page.limit);
        if self.ordering != Ordering::Random || !self.plan.walks() || end > PUT_TOGETHER {
            return Ok(None);
        }
        let (picture, after) = match &self.place {
            Some((place, after)) => (Some(place.picture), *after),
            None => (None, true),
        };
        let expected = self.plan.passed() * Shuffle::BUCKETS as f64;
        let next = order::nearest_buckets(self.seed, picture, after, expected);
        let mut found = Vec::new();
        for inside in next.parts {
            let limit = end - found.len() as i64;
            let inside = pictures.clone().and_where(inside).to_owned();
            found.extend(self.part(source, inside, PageRequest { offset: 0, limit }).await?);
            if found.len() as i64 >= end {
                break;
            }
        }
        let is_enough = next.are_all || found.len() as i64 >= end;
        Ok(is_enough.then(|| found.split_off(found.len().min(page.offset as usize))))
    }

    async fn part(
        &self,
        source: &mut impl Source,
        mut pictures: SelectStatement,
        page: PageRequest,
    ) -> Result<Vec<(i64,)>> {
        let limit = page.limit.unsigned_abs();
        if let Some((place, after)) = &self.place {
            let ordered = order::ordered(pictures, self.plan, self.ordering, self.seed);
            return ordered.from(source, &[Pictures::Id], Some(place), *after, limit).await;
        }
        pictures.column((Pictures::Table, Pictures::Id)).limit(limit).offset(page.offset.unsigned_abs());
        order::apply(&mut pictures, self.plan, self.ordering, self.seed);
        source.all(&pictures).await
    }
}
