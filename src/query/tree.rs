//! A query as a tree: what the builder edits, the writer writes and the search runs.

use super::date::write_iso;
use super::rules::{self, Bound, Form, IdField, NameField, NumberField, Side, TextField};

/// Which pictures are wanted. The default is every picture that has not been replaced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// A picture must satisfy every one of these.
    pub want: Vec<Rule>,
    /// A picture must satisfy none of these.
    pub exclude: Vec<Rule>,
    /// Whether pictures that have been replaced may appear.
    pub include_obsolete: bool,
}

/// One rule with its argument. The variants are those of [`Form`], so that a rule can never have an argument that its
/// row in the registry does not allow.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// The field has one of these names.
    Names(NameField, Vec<String>),
    /// The field has one of these ids.
    Ids(IdField, Vec<i64>),
    /// The field contains the text or fits the pattern ([`super::Pattern`]).
    Text(TextField, String),
    /// The origin's address starts with the text.
    Origin(String),
    /// The field is on this side of the number, or the number itself.
    Number(NumberField, Bound, i64),
    /// Posted before or after this moment, in Unix seconds.
    Time(Side, i64),
    /// The average rating is on this side of the number, or the number itself, or absent.
    Rating(Bound, f64),
}

impl Rule {
    /// What the rule compares, and with what.
    pub fn form(&self) -> Form {
        match self {
            Self::Names(field, _) => Form::Names(*field),
            Self::Ids(field, _) => Form::Ids(*field),
            Self::Text(field, _) => Form::Text(*field),
            Self::Origin(_) => Form::Origin,
            Self::Number(field, bound, _) => Form::Number(*field, *bound),
            Self::Time(side, _) => Form::Time(*side),
            Self::Rating(bound, _) => Form::Rating(*bound),
        }
    }

    /// The values as somebody types them into a form: what [`super::rule_of`] makes the rule of.
    pub fn values(&self) -> Vec<String> {
        match self {
            Self::Names(_, names) => names.clone(),
            Self::Ids(_, ids) => ids.iter().map(ToString::to_string).collect(),
            Self::Text(_, text) | Self::Origin(text) => vec![text.clone()],
            Self::Number(_, _, number) => vec![number.to_string()],
            Self::Time(_, time) => vec![write_iso(*time)],
            Self::Rating(_, rating) => vec![rating.to_string()],
        }
    }

    /// The rule's key in a query.
    pub fn name(&self) -> &'static str {
        rules::by_form(self.form()).map_or("", |spec| spec.name)
    }
}
