//! What a form needs to know of a rule to let somebody fill it in: follows from what the rule compares.

use super::rules::{Bound, Form, IdField, NameField, NumberField, RULES, RuleSpec, Side, TextField, Vocabulary};

/// The control that a rule's argument is entered with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Widget {
    /// Several names, picked from those that exist.
    Names(Vocabulary),
    /// Several galleries.
    Galleries,
    /// Several pictures, by their numbers.
    Pictures,
    /// One line of text.
    Text {
        /// Whether `%` and `_` are wildcards in it.
        wildcards: bool,
    },
    /// A whole number.
    Number {
        /// What is counted, as a word behind the number.
        unit: &'static str,
        /// Numbers that people often want, with what they are called.
        presets: &'static [(&'static str, i64)],
    },
    /// A day, or a moment of it, in UTC.
    Time,
    /// Stars, also halves of them.
    Stars,
}

/// Rules that belong together where one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What regions show, and how many there are.
    Content,
    /// Kind of picture and terms of use.
    Terms,
    /// Who posted it, when, and where it comes from.
    Origin,
    /// Title and description.
    Words,
    /// Width and height.
    Size,
    /// What users think of it.
    Ratings,
    /// Which collection it is in.
    Collections,
}

impl Group {
    /// All groups, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Content, Self::Terms, Self::Words, Self::Size, Self::Origin, Self::Ratings, Self::Collections];

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Content => "What it shows",
            Self::Terms => "Kind and licence",
            Self::Origin => "Where and when",
            Self::Words => "Words",
            Self::Size => "Size",
            Self::Ratings => "Ratings",
            Self::Collections => "Collections",
        }
    }

    /// The rules of the group.
    pub fn rules(self) -> impl Iterator<Item = &'static RuleSpec> {
        RULES.iter().filter(move |spec| spec.form.group() == self)
    }
}

/// Common widths. Each is larger than the one before, and belongs to the height at its place.
pub const WIDTHS: &[(&str, i64)] = &[("VGA", 640), ("HD", 1280), ("Full HD", 1920), ("4K", 3840)];
/// Common heights.
pub const HEIGHTS: &[(&str, i64)] = &[("VGA", 480), ("HD", 720), ("Full HD", 1080), ("4K", 2160)];
const REGIONS: &[(&str, i64)] = &[("none", 0), ("one", 1), ("ten", 10), ("a hundred", 100)];
const RATINGS: &[(&str, i64)] = &[("none", 0), ("one", 1), ("five", 5)];

impl Form {
    /// The control for the argument.
    pub fn widget(self) -> Widget {
        match self {
            Self::Names(field) => Widget::Names(field.vocabulary()),
            Self::Ids(IdField::Gallery) => Widget::Galleries,
            Self::Ids(IdField::CopiedFrom) => Widget::Pictures,
            Self::Text(TextField::Title | TextField::Description) => Widget::Text { wildcards: true },
            Self::Origin => Widget::Text { wildcards: false },
            Self::Number(field, _) => {
                let (unit, presets) = match field {
                    NumberField::Width => ("pixels", WIDTHS),
                    NumberField::Height => ("pixels", HEIGHTS),
                    NumberField::RatingCount => ("ratings", RATINGS),
                    NumberField::RegionCount => ("regions", REGIONS),
                };
                Widget::Number { unit, presets }
            }
            Self::Time(_) => Widget::Time,
            Self::Rating(_) => Widget::Stars,
        }
    }

    /// Least value, greatest value if there is one, and the step between those that a control offers. `None` where the
    /// argument is not a number.
    pub fn range(self) -> Option<(f64, Option<f64>, f64)> {
        match self {
            Self::Number(..) => Some((0.0, None, 1.0)),
            Self::Ids(_) => Some((1.0, None, 1.0)),
            Self::Rating(_) => Some((1.0, Some(5.0), 0.5)),
            Self::Names(_) | Self::Text(_) | Self::Origin | Self::Time(_) => None,
        }
    }

    /// Whether the argument is a list that means "any of these".
    pub fn takes_list(self) -> bool {
        matches!(self, Self::Names(_) | Self::Ids(_))
    }

    /// The form that takes the same argument and asks for its counterpart: the other side of a number, or the object with
    /// or without what is more specific.
    pub fn counterpart(self) -> Option<Self> {
        let other = |bound| match bound {
            Bound::AtLeast => Bound::AtMost,
            Bound::AtMost => Bound::AtLeast,
        };
        match self {
            Self::Names(NameField::Object) => Some(Self::Names(NameField::ExactObject)),
            Self::Names(NameField::ExactObject) => Some(Self::Names(NameField::Object)),
            Self::Text(TextField::Title) => Some(Self::Text(TextField::Description)),
            Self::Text(TextField::Description) => Some(Self::Text(TextField::Title)),
            Self::Number(field, bound) => Some(Self::Number(field, other(bound))),
            Self::Rating(bound) => Some(Self::Rating(other(bound))),
            Self::Time(Side::Before) => Some(Self::Time(Side::After)),
            Self::Time(Side::After) => Some(Self::Time(Side::Before)),
            Self::Names(_) | Self::Ids(_) | Self::Origin => None,
        }
    }

    /// Where the rule is offered.
    pub fn group(self) -> Group {
        match self {
            Self::Names(NameField::Object | NameField::ExactObject) | Self::Number(NumberField::RegionCount, _) => {
                Group::Content
            }
            Self::Names(NameField::Nature | NameField::Licence) => Group::Terms,
            Self::Names(NameField::Dataset) => Group::Collections,
            Self::Names(NameField::Author) | Self::Origin | Self::Time(_) => Group::Origin,
            Self::Text(_) => Group::Words,
            Self::Number(NumberField::Width | NumberField::Height, _) => Group::Size,
            Self::Number(NumberField::RatingCount, _) | Self::Rating(_) => Group::Ratings,
            Self::Ids(_) => Group::Collections,
        }
    }
}

/// Moments that people often look back to, as Unix seconds before `now`, with what they are called.
pub fn times_ago(now: i64) -> [(&'static str, i64); 4] {
    const DAY: i64 = 86_400;
    let midnight = now.div_euclid(DAY).saturating_mul(DAY);
    [("today", 0), ("a week ago", 7), ("30 days ago", 30), ("a year ago", 365)]
        .map(|(label, days)| (label, midnight.saturating_sub(days * DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::rules::by_form;
    use crate::query::{Query, Rule, parse, write};

    #[test]
    fn every_rule_is_offered_once() {
        let offered: Vec<_> = Group::ALL.into_iter().flat_map(Group::rules).map(|spec| spec.name).collect();
        assert_eq!(offered.len(), RULES.len());
        assert!(RULES.iter().all(|spec| offered.contains(&spec.name)));
    }

    #[test]
    fn counterparts_are_rules_and_come_in_pairs() {
        for spec in &RULES {
            if let Some(other) = spec.form.counterpart() {
                assert_eq!(other.counterpart(), Some(spec.form));
                assert_eq!(by_form(other).expect(spec.name).form.widget(), spec.form.widget(), "{}", spec.name);
            }
        }
    }

    #[test]
    fn presets_and_ends_of_ranges_are_arguments() {
        for spec in &RULES {
            let Some((least, most, step)) = spec.form.range() else { continue };
            let written = |number: f64| parse(&format!("want: [{{{}: {number}}}]", spec.name));
            assert!(written(least).is_ok() && written(least - step).is_err(), "{}", spec.name);
            if let Some(most) = most {
                assert!(written(most).is_ok() && written(most + step).is_err(), "{}", spec.name);
            }
            let (Widget::Number { presets, .. }, Form::Number(field, bound)) = (spec.form.widget(), spec.form) else {
                continue;
            };
            for (_, number) in presets {
                let query = Query { want: vec![Rule::Number(field, bound, *number)], ..Query::default() };
                assert_eq!(parse(&write(&query)).unwrap().into_query(), query);
            }
        }
    }

    #[test]
    fn labels_are_unique_and_plain() {
        for (index, spec) in RULES.iter().enumerate() {
            assert!(spec.label.starts_with(char::is_uppercase) && !spec.label.contains('_'));
            assert!(RULES[..index].iter().all(|earlier| earlier.label != spec.label));
        }
    }

    #[test]
    fn times_ago_begin_at_midnight() {
        assert_eq!(times_ago(1_735_689_599)[0], ("today", 1_735_603_200));
        assert!(times_ago(i64::MIN)[3].1 <= times_ago(i64::MIN)[0].1);
    }
}
