//! The registry of rules: the one place where a rule's name, what it takes, what it means and how it is tested are tied
//! together.
//!
//! The parser, the checker, the writer, the evaluator, the translation to SQL, the help page and the API's description
//! all read [`RULES`]. A new rule is a new row here; if it looks at something that no rule has looked at before, it is
//! also a new variant of one of the fields below, and the compiler then names the places (the evaluator, the SQL and the builder's
//! widget) that have to say what it is.

/// What a rule compares, and with what kind of argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One of several names.
    Names(NameField),
    /// One of several numeric ids.
    Ids(IdField),
    /// A text, possibly with wildcards.
    Text(TextField),
    /// The start of the origin's address.
    Origin,
    /// A whole number.
    Number(NumberField, Bound),
    /// A point in time.
    Time(Side),
    /// An average rating.
    Rating(Bound),
}

/// What is compared with names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameField {
    /// The objects that regions show, and everything more general than those.
    Object,
    /// The objects that regions show.
    ExactObject,
    /// The nature.
    Nature,
    /// The licences.
    Licence,
    /// Who posted the picture.
    Author,
    /// The dataset that the picture belongs to.
    Dataset,
}

/// A set of names that exist on the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vocabulary {
    /// Names of objects.
    Objects,
    /// Ids of natures.
    Natures,
    /// Ids of licences.
    Licences,
    /// Usernames.
    Users,
    /// Names of datasets with those of their namespaces, as far as the viewer may see them.
    Datasets,
}

/// What is compared with numeric ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdField {
    /// The galleries that hold the picture.
    Gallery,
    /// The picture that this one is a copy of.
    CopiedFrom,
}

/// What is searched for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    /// The title.
    Title,
    /// The description.
    Description,
}

/// What is compared with a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberField {
    /// Width in pixels.
    Width,
    /// Height in pixels.
    Height,
    /// How many users rated the picture.
    RatingCount,
    /// How many regions the picture has.
    RegionCount,
}

/// On which side of a number a value must lie; the number itself is on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The number or more.
    AtLeast,
    /// The number or less.
    AtMost,
}

/// On which side of a point in time; the point itself is on neither side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Earlier.
    Before,
    /// Later.
    After,
}

impl NameField {
    /// Where the names have to come from.
    pub fn vocabulary(self) -> Vocabulary {
        match self {
            Self::Object | Self::ExactObject => Vocabulary::Objects,
            Self::Nature => Vocabulary::Natures,
            Self::Licence => Vocabulary::Licences,
            Self::Author => Vocabulary::Users,
            Self::Dataset => Vocabulary::Datasets,
        }
    }
}

impl Vocabulary {
    /// The word for one entry, as messages use it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Objects => "object",
            Self::Natures => "nature",
            Self::Licences => "licence",
            Self::Users => "user",
            Self::Datasets => "dataset",
        }
    }

    /// Whether there are few of them on every site.
    pub fn is_short(self) -> bool {
        matches!(self, Self::Natures | Self::Licences)
    }
}

impl Form {
    /// What the rule takes, as the continuation of "takes".
    pub fn takes(self) -> &'static str {
        match self {
            Self::Names(field) => match field.vocabulary() {
                Vocabulary::Objects => "the name of an object or a list of them",
                Vocabulary::Natures => "the id of a nature or a list of them",
                Vocabulary::Licences => "the id of a licence or a list of them",
                Vocabulary::Users => "a username or a list of them",
                Vocabulary::Datasets => "the name of a dataset, as namespace/name, or a list of them",
            },
            Self::Ids(IdField::Gallery) => "the number of a gallery or a list of them",
            Self::Ids(IdField::CopiedFrom) => "the number of a picture or a list of them",
            Self::Text(_) | Self::Origin => "one text",
            Self::Number(..) => "a whole number",
            Self::Time(_) => "a time: Unix seconds, or a date such as 2024-12, 2024-12-31 or 2024-12-31T18:00:00Z",
            Self::Rating(_) => "a number from 1 to 5",
        }
    }

    /// The argument's placeholder in a reference: `[objects]`.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Names(field) => match field.vocabulary() {
                Vocabulary::Objects => "[objects]",
                Vocabulary::Natures => "[natures]",
                Vocabulary::Licences => "[licences]",
                Vocabulary::Users => "[usernames]",
                Vocabulary::Datasets => "[namespace/name]",
            },
            Self::Ids(_) => "[numbers]",
            Self::Text(_) | Self::Origin => "text",
            Self::Number(..) => "number",
            Self::Time(_) => "date",
            Self::Rating(_) => "1 to 5",
        }
    }
}

/// A key of a query.
#[derive(Debug)]
pub struct KeySpec {
    /// The key.
    pub name: &'static str,
    /// What it says, as a sentence.
    pub meaning: &'static str,
}

/// The keys of a query.
pub static KEYS: [KeySpec; 3] = [
    KeySpec { name: "want", meaning: "A picture must satisfy every one of these rules." },
    KeySpec { name: "exclude", meaning: "A picture must satisfy none of these rules." },
    KeySpec { name: "include_obsolete", meaning: "Whether pictures that have been replaced may appear." },
];

/// The key called `name`.
pub fn key(name: &str) -> Option<&'static KeySpec> {
    KEYS.iter().find(|key| key.name == name)
}

/// A row of the registry.
#[derive(Debug)]
pub struct RuleSpec {
    /// The key in a query.
    pub name: &'static str,
    /// What it asks, in plain words: the heading of its card.
    pub label: &'static str,
    /// What it compares, and with what.
    pub form: Form,
    /// When a picture satisfies it, as the continuation of "The picture …".
    pub meaning: &'static str,
    /// The rule in use, as one line of YAML.
    pub example: &'static str,
}

const fn rule(
    name: &'static str,
    label: &'static str,
    form: Form,
    meaning: &'static str,
    example: &'static str,
) -> RuleSpec {
    RuleSpec { name, label, form, meaning, example }
}

/// Every rule of the language, in the order in which help lists them.
pub static RULES: [RuleSpec; 23] = [
    rule(
        "has",
        "Shows",
        Form::Names(NameField::Object),
        "shows one of these objects or something more specific (a cat is an animal)",
        "has: [Cat, Dog]",
    ),
    rule(
        "has_object",
        "Labelled exactly",
        Form::Names(NameField::ExactObject),
        "has a region labelled with exactly one of these objects",
        "has_object: Cat",
    ),
    rule("nature", "Nature", Form::Names(NameField::Nature), "is of one of these natures", "nature: [photo, scan]"),
    rule(
        "licence",
        "Licence",
        Form::Names(NameField::Licence),
        "may be used under at least one of these licences",
        "licence: [CC0-1.0, CC-BY-4.0]",
    ),
    rule(
        "author",
        "Posted by",
        Form::Names(NameField::Author),
        "was posted by one of these users",
        "author: [alice, bob]",
    ),
    rule(
        "title",
        "Title",
        Form::Text(TextField::Title),
        "has a title that contains the text, whatever the case; with `%` (any text) or `_` (any character) in it, the \
         whole title must fit; `\\` escapes both",
        "title: winter",
    ),
    rule(
        "description",
        "Description",
        Form::Text(TextField::Description),
        "has a description that contains the text; wildcards as in `title`",
        "description: \"%in the snow%\"",
    ),
    rule(
        "origin_url",
        "Comes from",
        Form::Origin,
        "comes from an address that starts with the text; the scheme (`https://`) does not count",
        "origin_url: commons.wikimedia.org/",
    ),
    rule(
        "above_width",
        "At least this wide",
        Form::Number(NumberField::Width, Bound::AtLeast),
        "is at least so many pixels wide",
        "above_width: 800",
    ),
    rule(
        "below_width",
        "At most this wide",
        Form::Number(NumberField::Width, Bound::AtMost),
        "is at most so many pixels wide",
        "below_width: 4000",
    ),
    rule(
        "above_height",
        "At least this high",
        Form::Number(NumberField::Height, Bound::AtLeast),
        "is at least so many pixels high",
        "above_height: 600",
    ),
    rule(
        "below_height",
        "At most this high",
        Form::Number(NumberField::Height, Bound::AtMost),
        "is at most so many pixels high",
        "below_height: 4000",
    ),
    rule(
        "after_date",
        "Posted after",
        Form::Time(Side::After),
        "was posted after this moment (UTC); a day or a month means its beginning, and a number alone is Unix seconds, so that \
         the year 2024 begins at `2024-01`",
        "after_date: 2024-12-31",
    ),
    rule(
        "before_date",
        "Posted before",
        Form::Time(Side::Before),
        "was posted before this moment (UTC); days, months and numbers mean the same as in `after_date`",
        "before_date: 2025-06-01T12:00:00Z",
    ),
    rule(
        "in_gallery",
        "In gallery",
        Form::Ids(IdField::Gallery),
        "is in one of these galleries",
        "in_gallery: [3, 14]",
    ),
    rule(
        "in_dataset",
        "In dataset",
        Form::Names(NameField::Dataset),
        "belongs to one of these datasets",
        "in_dataset: [bird-lab/garden-birds, alice/cats]",
    ),
    rule(
        "above_rating",
        "Rated at least",
        Form::Rating(Bound::AtLeast),
        "has an average rating of at least this, or no rating; `above_rating_count: 1` leaves those without out",
        "above_rating: 3.5",
    ),
    rule(
        "below_rating",
        "Rated at most",
        Form::Rating(Bound::AtMost),
        "has an average rating of at most this, or no rating; `above_rating_count: 1` leaves those without out",
        "below_rating: 2",
    ),
    rule(
        "above_rating_count",
        "At least so many ratings",
        Form::Number(NumberField::RatingCount, Bound::AtLeast),
        "was rated at least so many times",
        "above_rating_count: 5",
    ),
    rule(
        "below_rating_count",
        "At most so many ratings",
        Form::Number(NumberField::RatingCount, Bound::AtMost),
        "was rated at most so many times",
        "below_rating_count: 0",
    ),
    rule(
        "above_region_count",
        "At least so many regions",
        Form::Number(NumberField::RegionCount, Bound::AtLeast),
        "has at least so many regions",
        "above_region_count: 1",
    ),
    rule(
        "below_region_count",
        "At most so many regions",
        Form::Number(NumberField::RegionCount, Bound::AtMost),
        "has at most so many regions",
        "below_region_count: 10",
    ),
    rule(
        "copied_from",
        "Copy of",
        Form::Ids(IdField::CopiedFrom),
        "is a copy of one of these pictures",
        "copied_from: 42",
    ),
];

/// The row of the rule called `name`.
pub fn by_name(name: &str) -> Option<&'static RuleSpec> {
    RULES.iter().find(|spec| spec.name == name)
}

/// The row of the rule that compares in the way of `form`. Every form that a rule can have is in the table: a rule comes
/// into being through a row of it.
pub fn by_form(form: Form) -> Option<&'static RuleSpec> {
    RULES.iter().find(|spec| spec.form == form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_forms_are_unique() {
        for (index, spec) in RULES.iter().enumerate() {
            assert_eq!(by_name(spec.name).unwrap().form, spec.form);
            assert!(RULES[..index].iter().all(|earlier| earlier.form != spec.form), "{} twice", spec.name);
        }
    }

    #[test]
    fn every_example_is_a_query() {
        for spec in &RULES {
            let parsed = crate::query::parse(&format!("want:\n  - {}\n", spec.example)).expect(spec.name);
            assert_eq!(parsed.want[0].rule.form(), spec.form, "{}", spec.name);
        }
    }
}
