//! What a query's rules say of numbers and dates, taken together: one range for each column.
//!
//! `exclude` of one side is `want` of the other, so that both lists say the same in the end. A range is what an index can
//! serve, and one that holds nothing is known to without a look at any picture.

use crate::query::rules::{Bound, NumberField, Side};
use crate::query::{Query, Rule};
use crate::server::store::schema::Pictures;

/// The values of one column that fit, its ends included; without an end any is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    /// The least one.
    pub least: Option<i64>,
    /// The greatest one.
    pub most: Option<i64>,
    /// No value fits, whatever the ends say.
    nothing: bool,
}

impl Range {
    fn at_least(&mut self, number: i64) {
        self.least = self.least.max(Some(number));
    }

    fn at_most(&mut self, number: i64) {
        self.most = Some(self.most.map_or(number, |most| most.min(number)));
    }

    fn more_than(&mut self, number: i64) {
        match number.checked_add(1) {
            Some(next) => self.at_least(next),
            None => self.nothing = true,
        }
    }

    fn less_than(&mut self, number: i64) {
        match number.checked_sub(1) {
            Some(last) => self.at_most(last),
            None => self.nothing = true,
        }
    }

    /// Whether no value fits.
    pub fn is_empty(self) -> bool {
        self.nothing || self.least.zip(self.most).is_some_and(|(least, most)| least > most)
    }

    /// Whether any value fits.
    pub fn is_everything(self) -> bool {
        self == Self::default()
    }
}

/// The columns of which rules say ranges, with the least value that each can have.
const COLUMNS: [(Pictures, Option<i64>); 5] = [
    (Pictures::CreatedAt, None),
    (Pictures::Width, Some(1)),
    (Pictures::Height, Some(1)),
    (Pictures::RatingCount, Some(0)),
    (Pictures::RegionCount, Some(0)),
];

/// The ranges of all such columns.
#[derive(Debug, Default)]
pub(super) struct Ranges([Range; COLUMNS.len()]);

impl Ranges {
    /// What the rules of both lists say.
    pub fn of(query: &Query) -> Self {
        let mut ranges = Self::default();
        for rule in &query.want {
            ranges.narrow(rule, false);
        }
        for rule in &query.exclude {
            ranges.narrow(rule, true);
        }
        ranges
    }

    /// Whether what a rule says is a range.
    pub fn has(rule: &Rule) -> bool {
        matches!(rule, Rule::Number(..) | Rule::Time(..))
    }

    fn narrow(&mut self, rule: &Rule, excluded: bool) {
        let [created_at, width, height, rating_count, region_count] = &mut self.0;
        match rule {
            Rule::Number(field, bound, number) => {
                let range = match field {
                    NumberField::Width => width,
                    NumberField::Height => height,
                    NumberField::RatingCount => rating_count,
                    NumberField::RegionCount => region_count,
                };
                match (bound, excluded) {
                    (Bound::AtLeast, false) => range.at_least(*number),
                    (Bound::AtMost, false) => range.at_most(*number),
                    (Bound::AtLeast, true) => range.less_than(*number),
                    (Bound::AtMost, true) => range.more_than(*number),
                }
            }
            Rule::Time(side, time) => match (side, excluded) {
                (Side::Before, false) => created_at.less_than(*time),
                (Side::After, false) => created_at.more_than(*time),
                (Side::Before, true) => created_at.at_least(*time),
                (Side::After, true) => created_at.at_most(*time),
            },
            Rule::Names(..) | Rule::Ids(..) | Rule::Text(..) | Rule::Origin(_) | Rule::Rating(..) => {}
        }
    }

    /// The columns of which not every value fits, with those that do.
    pub fn iter(&self) -> impl Iterator<Item = (Pictures, Range)> {
        COLUMNS.into_iter().zip(self.0).filter_map(|((column, least), mut range)| {
            if range.least.is_some_and(|said| least.is_some_and(|least| said <= least)) {
                range.least = None;
            }
            (!range.is_everything()).then_some((column, range))
        })
    }

    /// Whether no picture can fit.
    pub fn are_impossible(&self) -> bool {
        let least = |range: Range, least: Option<i64>| Range { least: range.least.max(least), ..range };
        COLUMNS.into_iter().zip(self.0).any(|((_, own), range)| least(range, own).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule() -> impl Strategy<Value = Rule> {
        let number = prop_oneof![-3_i64..6, Just(i64::MIN), Just(i64::MAX)];
        let field = prop_oneof![
            Just(NumberField::Width),
            Just(NumberField::Height),
            Just(NumberField::RatingCount),
            Just(NumberField::RegionCount)
        ];
        let bound = prop_oneof![Just(Bound::AtLeast), Just(Bound::AtMost)];
        let side = prop_oneof![Just(Side::Before), Just(Side::After)];
        prop_oneof![
            (field, bound, number.clone()).prop_map(|(field, bound, number)| Rule::Number(field, bound, number)),
            (side, number).prop_map(|(side, time)| Rule::Time(side, time)),
        ]
    }

    fn holds(rule: &Rule, value: i64) -> bool {
        match rule {
            Rule::Number(_, Bound::AtLeast, number) => value >= *number,
            Rule::Number(_, Bound::AtMost, number) => value <= *number,
            Rule::Time(Side::Before, time) => value < *time,
            Rule::Time(Side::After, time) => value > *time,
            _ => unreachable!(),
        }
    }

    fn column_of(rule: &Rule) -> Pictures {
        match rule {
            Rule::Number(field, ..) => match field {
                NumberField::Width => Pictures::Width,
                NumberField::Height => Pictures::Height,
                NumberField::RatingCount => Pictures::RatingCount,
                NumberField::RegionCount => Pictures::RegionCount,
            },
            _ => Pictures::CreatedAt,
        }
    }

    proptest! {
        #[test]
        fn a_range_says_what_the_rules_say(
            want in prop::collection::vec(rule(), 0..4),
            exclude in prop::collection::vec(rule(), 0..4),
            value in prop_oneof![-5_i64..8, Just(i64::MIN), Just(i64::MAX)],
        ) {
            let query = Query { want, exclude, ..Query::default() };
            let ranges = Ranges::of(&query);
            let mut all_fit = true;
            for (column, least) in COLUMNS {
                // No picture has less.
                let value = least.map_or(value, |least| value.max(least));
                let said = query.want.iter().filter(|rule| column_of(rule) == column).all(|rule| holds(rule, value))
                    && !query.exclude.iter().filter(|rule| column_of(rule) == column).any(|rule| holds(rule, value));
                let range = ranges.iter().find(|(name, _)| *name == column).map_or(Range::default(), |(_, range)| range);
                let fits = !range.is_empty()
                    && range.least.is_none_or(|least| value >= least)
                    && range.most.is_none_or(|most| value <= most);
                prop_assert_eq!(fits, said);
                all_fit &= said;
            }
            prop_assert!(!(all_fit && ranges.are_impossible()));
        }
    }

    #[test]
    fn what_contradicts_itself_is_impossible() {
        let width = |bound, number| Rule::Number(NumberField::Width, bound, number);
        let impossible = |want: Vec<Rule>, exclude: Vec<Rule>| {
            Ranges::of(&Query { want, exclude, ..Query::default() }).are_impossible()
        };
        assert!(impossible(vec![width(Bound::AtLeast, 5), width(Bound::AtMost, 4)], Vec::new()));
        assert!(!impossible(vec![width(Bound::AtLeast, 5), width(Bound::AtMost, 5)], Vec::new()));
        assert!(impossible(vec![width(Bound::AtMost, 0)], Vec::new()));
        assert!(impossible(Vec::new(), vec![width(Bound::AtLeast, 1)]));
        assert!(impossible(vec![Rule::Time(Side::Before, i64::MIN)], Vec::new()));
    }
}
