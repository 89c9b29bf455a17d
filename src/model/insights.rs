//! What can be said of a query's results beside the pictures: how many there are of which kind, and what each rule does.

use super::error::AppError;
use super::text::escape_html;
use serde::{Deserialize, Serialize};

/// What results are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// The objects that regions show: exactly these, without what is more general.
    Object,
    /// The licences. A picture with two counts for both.
    Licence,
    /// The nature.
    Nature,
    /// Who posted it.
    Author,
    /// The year of posting, in UTC.
    Year,
    /// The month of posting, in UTC.
    Month,
    /// Whether it is at least as large as common sizes. A large picture counts for the smaller ones, too.
    Size,
    /// Its area, in classes.
    Area,
    /// Its number of regions, in classes.
    Regions,
    /// Its width and its height, in classes.
    WidthHeight,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Object,
        Self::Licence,
        Self::Nature,
        Self::Author,
        Self::Year,
        Self::Month,
        Self::Size,
        Self::Area,
        Self::Regions,
        Self::WidthHeight,
    ];
    /// Those by which people narrow a query down: their values have rules. The quickest to count come first.
    pub const FACETS: [Self; 7] =
        [Self::Nature, Self::Regions, Self::Year, Self::Size, Self::Licence, Self::Author, Self::Object];
    /// Those that are plotted.
    pub const STATISTICS: [Self; 6] =
        [Self::Area, Self::Regions, Self::Month, Self::Licence, Self::WidthHeight, Self::Object];

    /// The name in addresses and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Licence => "licence",
            Self::Nature => "nature",
            Self::Author => "author",
            Self::Year => "year",
            Self::Month => "month",
            Self::Size => "size",
            Self::Area => "area",
            Self::Regions => "regions",
            Self::WidthHeight => "width-height",
        }
    }

    /// The words for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::Object => "Object",
            Self::Licence => "Licence",
            Self::Nature => "Nature",
            Self::Author => "Author",
            Self::Year => "Year",
            Self::Month => "Month",
            Self::Size => "At least",
            Self::Area => "Area",
            Self::Regions => "Regions",
            Self::WidthHeight => "Width × height",
        }
    }

    /// What a plot of it shows.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Object => "Objects by the number of pictures with exactly this label",
            Self::Licence => "Pictures by licence",
            Self::Nature => "Pictures by nature",
            Self::Author => "Pictures by author",
            Self::Year => "Pictures posted over the years",
            Self::Month => "Pictures posted over time",
            Self::Size => "Pictures at least as large as common sizes",
            Self::Area => "Pictures by area",
            Self::Regions => "Regions per picture",
            Self::WidthHeight => "Width and height in pixels",
        }
    }
}

impl std::str::FromStr for Dimension {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            AppError::field("dimensions", format!("must be a list of {names}"))
        })
    }
}

/// A rule as a form holds it: what `query::rule_of` makes a rule of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    /// The rule's key.
    pub name: String,
    /// Its values as somebody types them.
    pub values: Vec<String>,
}

/// How many results there are of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// What they have in common: a name, an id, or a class in words, such as `2–5`.
    pub value: String,
    /// How many pictures.
    pub pictures: i64,
    /// How many regions; only of objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<i64>,
    /// The rules that leave exactly these pictures of the results if they are wanted. One alone can also be excluded; of
    /// several, each would exclude more. Empty where the language cannot say it.
    pub rules: Vec<RuleText>,
}

/// The results counted by one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// By what.
    pub dimension: Dimension,
    /// The most frequent names first; classes and times in their order.
    pub slices: Vec<Slice>,
    /// Whether there are more than these.
    pub more: bool,
}

/// What one rule of a query does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEffect {
    /// Whether it stands in `exclude`; otherwise it stands in `want`.
    pub excluded: bool,
    /// Its place in its list, from 0.
    pub index: i64,
    /// Its key.
    pub rule: String,
    /// How many more pictures there would be without it.
    pub removes: i64,
}

/// What can be said of a query's results, all of one state of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insights {
    /// How many pictures the query finds, exactly.
    pub total: i64,
    /// What each rule does, in the order of the query.
    pub effects: Vec<RuleEffect>,
    /// How many more pictures there would be with those that have been replaced; absent where the query includes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obsolete: Option<i64>,
    /// One for each dimension, in the order in which they were asked for.
    pub breakdowns: Vec<Breakdown>,
    /// Whether everything is here that was asked for. Otherwise the time was over before the rest was counted.
    pub complete: bool,
}

/// A breakdown to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plot {
    /// What it shows.
    pub breakdown: Breakdown,
    /// For each slice the query's text with the slice's rules. Absent where they say nothing new, or there are none.
    pub narrowed: Vec<Option<String>>,
    /// The plot itself, an `<svg>` element. What stands for a slice with a narrower query is a link ([`slice_link`]): whoever
    /// shows the plot says where it leads.
    pub svg: String,
}

/// The address of a slice's link in a plot, where it is not known yet where that leads.
pub fn slice_link(slice: usize) -> String {
    format!("#slice-{slice}")
}

/// A plot whose links lead somewhere: `hrefs` has one for each slice that is a link.
pub fn link_slices(svg: &str, hrefs: &[Option<String>]) -> String {
    let mut parts = svg.split("href=\"#slice-");
    let mut linked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('"').unwrap_or((part, ""));
        let href = number.parse().ok().and_then(|number: usize| hrefs.get(number)?.as_deref());
        linked.push_str(&format!("href=\"{}\"{rest}", escape_html(href.unwrap_or("#"))));
    }
    linked
}

/// What a query finds as plots, all of one state of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// How many pictures the query finds, exactly.
    pub total: i64,
    /// The plots.
    pub plots: Vec<Plot>,
    /// Whether there is a plot of everything; otherwise the time was over before the rest was counted.
    pub complete: bool,
}

/// Most slices of a breakdown that can be asked for.
pub const MAX_SLICES: i64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_plot_lead_where_they_are_told() {
        let svg = format!("<a href=\"{}\">x</a><a href=\"{}\"/><a href=\"/y\"/>", slice_link(1), slice_link(0));
        let hrefs = [None, Some("/query?a=\"&b".to_owned())];
        assert_eq!(link_slices(&svg, &hrefs), "<a href=\"/query?a=&quot;&amp;b\">x</a><a href=\"#\"/><a href=\"/y\"/>");
        assert_eq!(link_slices("<svg/>", &[]), "<svg/>");
    }
}
