//! What every rule of the language is in SQL. The matches are exhaustive: a rule that compares something new does not
//! compile before it is said here.
//!
//! Every condition is true or false, never NULL, so that `NOT` means what `exclude` means.

use super::names::{Names, unique};
use super::plan::{Purpose, Role};
use super::ranges::Range;
use crate::model::text::origin_key;
use crate::query::rules::{Bound, IdField, NameField, TextField};
use crate::query::{Pattern, Rule};
use crate::server::store::Engine;
use crate::server::store::db::escape_like;
use crate::server::store::schema::{
    GalleryPictures, ObjectClosure, PictureLicences, PictureObjects, PictureTexts, Pictures,
};
use sea_query::{BinOper, DynIden, Expr, ExprTrait, Iden, IntoIden, LikeExpr, Query, SelectStatement};

/// Writes rules as conditions on `pictures`.
pub(super) struct Translator<'a> {
    /// Ids of what the query names.
    pub names: &'a Names,
    /// For which database.
    pub engine: Engine,
}

/// A rule that asks whether a value is in a set; such a rule can lead the way to the pictures, because an index goes from
/// value to picture.
pub(super) struct Membership {
    place: Place,
    set: Set,
}

/// Where the value is.
enum Place {
    /// In a column of `pictures`.
    Column(Pictures),
    /// In another table, one row for each pair of picture and value.
    Pairs { table: DynIden, picture: DynIden, value: DynIden },
    /// In the index of what titles and descriptions have in them, by the column of `pictures`.
    Texts(Pictures),
}

/// So much of an address is in PostgreSQL's `origin_start`.
const INDEXED_CHARS: usize = 100;

enum Set {
    Ids(Vec<i64>),
    Texts(Vec<String>),
    /// Objects together with everything more specific.
    Descendants(Vec<i64>),
    /// Texts that begin like this one.
    Beginning(String, Engine),
    /// What SQLite's index of texts is asked for; it finds some that do not fit as well.
    Match(String),
    /// Texts that fit a pattern.
    Like(String),
}

fn column(column: Pictures) -> Expr {
    Expr::col((Pictures::Table, column))
}

fn texts(values: &[String]) -> Set {
    Set::Texts(unique(values.iter().cloned()))
}

fn ids(values: &[i64]) -> Set {
    Set::Ids(unique(values.iter().copied()))
}

impl Translator<'_> {
    /// The rule as a question about a set, if it is one.
    pub fn membership(&self, rule: &Rule) -> Option<Membership> {
        let shown = || pairs(PictureObjects::Table, PictureObjects::Picture, PictureObjects::Object);
        let (place, set) = match rule {
            Rule::Names(field, names) => match field {
                NameField::Object => {
                    let objects = self.names.objects(names);
                    let all = self.names.with_descendants(&objects);
                    (shown(), all.map_or_else(|| Set::Descendants(objects), Set::Ids))
                }
                NameField::ExactObject => (shown(), Set::Ids(self.names.objects(names))),
                NameField::Nature => (Place::Column(Pictures::Nature), texts(names)),
                NameField::Licence => {
                    (pairs(PictureLicences::Table, PictureLicences::Picture, PictureLicences::Licence), texts(names))
                }
                NameField::Author => (Place::Column(Pictures::Author), Set::Ids(self.names.users(names))),
                NameField::Dataset => (Place::Column(Pictures::Dataset), Set::Ids(self.names.datasets(names))),
            },
            Rule::Ids(field, values) => match field {
                IdField::Gallery => {
                    (pairs(GalleryPictures::Table, GalleryPictures::Picture, GalleryPictures::Gallery), ids(values))
                }
                IdField::CopiedFrom => (Place::Column(Pictures::CopiedFrom), ids(&self.names.pictures(values))),
            },
            Rule::Origin(text) => {
                let indexed = match self.engine {
                    Engine::Sqlite => Pictures::OriginKey,
                    Engine::Postgres => Pictures::OriginStart,
                };
                (Place::Column(indexed), Set::Beginning(origin_key(text), self.engine))
            }
            Rule::Text(field, text) => {
                let pattern = Pattern::new(text);
                let question = trigrams(searched(*field), &pattern)?;
                let set = match self.engine {
                    Engine::Sqlite => Set::Match(question),
                    Engine::Postgres => Set::Like(pattern.like()),
                };
                (Place::Texts(searched(*field)), set)
            }
            Rule::Number(..) | Rule::Time(..) | Rule::Rating(..) => return None,
        };
        Some(Membership { place, set })
    }

    /// Whether a region's object is one of those that the rule asks for. `None` of rules that ask for something else.
    pub fn asks_for(&self, rule: &Rule, object: Expr) -> Option<Expr> {
        match rule {
            Rule::Names(NameField::Object | NameField::ExactObject, _) => {
                Some(self.membership(rule)?.set.contains(tested(object, self.engine)))
            }
            _ => None,
        }
    }

    /// The rule as a condition, in the form that its role asks for. What [`Ranges`](super::ranges::Ranges) say is not said again.
    pub fn condition(&self, rule: &Rule, role: Role) -> Expr {
        match (role, self.membership(rule)) {
            (Role::Leads, Some(membership)) if membership.is_exact() => always(),
            (Role::Begins, Some(Membership { place: Place::Column(name), set })) => set.contains(column(name)),
            (Role::Lists, Some(membership)) if membership.is_exact() => membership.listed(self.engine),
            (Role::Lists, Some(membership)) => membership.listed(self.engine).and(self.test(rule)),
            (Role::LooksUp, Some(Membership { place: Place::Pairs { table, picture, value }, set })) => {
                // With an offset it is neither made a join nor a list of all rows.
                Expr::exists(set.row_of(&table, &picture, &value, self.engine).offset(0).to_owned())
            }
            _ => self.test(rule),
        }
    }

    /// The condition in the form that is quickest to test on a picture that something else has found.
    fn test(&self, rule: &Rule) -> Expr {
        match rule {
            Rule::Names(..) | Rule::Ids(..) | Rule::Origin(_) => match self.membership(rule) {
                Some(membership) => membership.test(self.engine),
                // Not reached: these are always about sets.
                None => never(),
            },
            Rule::Text(field, text) => {
                column(searched(*field)).like(LikeExpr::new(Pattern::new(text).like()).escape('\\'))
            }
            Rule::Number(..) | Rule::Time(..) => always(),
            // Every average is between these.
            Rule::Rating(Bound::AtLeast, ..=1.0) | Rule::Rating(Bound::AtMost, 5.0..) => always(),
            Rule::Rating(bound, rating) => {
                // The quotient of two whole numbers is the float nearest to the true average, and the number in the query
                // is the float nearest to what was written, so equal values compare as equal. Both databases know the
                // type by this name.
                let sum = column(Pictures::RatingSum).cast_as("double precision");
                // A division by zero is an error in PostgreSQL, whatever stands on the other side of the OR.
                let divisor = Expr::cust_with_expr(
                    match self.engine {
                        Engine::Sqlite => "MAX(?, 1)",
                        Engine::Postgres => "GREATEST($1, 1)",
                    },
                    column(Pictures::RatingCount),
                );
                column(Pictures::RatingCount).eq(0_i64).or(bounded(sum.div(divisor), *bound, Expr::val(*rating)))
            }
        }
    }
}

/// A condition that holds.
pub(super) fn always() -> Expr {
    Expr::cust("TRUE")
}

/// A condition that holds for nothing, of which databases know so before they look.
pub(super) fn never() -> Expr {
    Expr::cust("FALSE")
}

/// The column in which a text is searched.
fn searched(field: TextField) -> Pictures {
    match field {
        TextField::Title => Pictures::TitleFolded,
        TextField::Description => Pictures::DescriptionFolded,
    }
}

/// So many of the trigrams of a pattern are looked for: each is a list to be read, which may be long.
const TRIGRAMS: usize = 4;

/// What whatever fits the pattern has in it, in the words of SQLite's FTS5: texts of three characters, side by side. `None` where
/// there is none so long.
fn trigrams(column: Pictures, pattern: &Pattern) -> Option<String> {
    let starts = |length: usize| (0..length.saturating_sub(2)).step_by(3).chain(length.checked_sub(3));
    let literals: Vec<Vec<char>> = pattern.literals().collect();
    let parts = literals.iter().flat_map(|literal| starts(literal.len()).map(|start| &literal[start..start + 3]));
    // A NUL would end the question.
    let parts: Vec<&[char]> = unique(parts.filter(|part| !part.contains(&'\0')));
    let column = column.unquoted();
    let ask = |part: &[char]| format!("{column} : \"{}\"", part.iter().collect::<String>().replace('"', "\"\""));
    let asked: Vec<String> =
        parts.iter().step_by(parts.len().div_ceil(TRIGRAMS).max(1)).map(|part| ask(part)).collect();
    (!asked.is_empty()).then(|| asked.join(" AND "))
}

/// The values of a range. An index of the column may serve that only where it is to.
pub(super) fn within(name: Pictures, range: Range, engine: Engine, by_index: bool) -> Expr {
    let value = || if by_index { column(name) } else { tested(column(name), engine) };
    let least = range.least.map(|least| value().gte(least));
    let most = range.most.map(|most| value().lte(most));
    match (least, most) {
        (Some(least), Some(most)) => least.and(most),
        (least, most) => least.or(most).unwrap_or_else(always),
    }
}

/// The pictures whose column has a value of a range.
pub(super) fn rows_within(name: Pictures, range: Range, engine: Engine) -> SelectStatement {
    Query::select()
        .column((Pictures::Table, Pictures::Id))
        .from(Pictures::Table)
        .and_where(within(name, range, engine, true))
        .to_owned()
}

/// The pictures that these rows name.
pub(super) fn among(rows: &SelectStatement, engine: Engine, purpose: Purpose) -> Expr {
    let id = || column(Pictures::Id);
    match (engine, purpose) {
        // A list is made first, and is looked for in the index of ids; of a subquery PostgreSQL may make a join.
        (Engine::Postgres, Purpose::Page(..)) => {
            let list = Expr::SubQuery(None, Box::new(rows.clone().into()));
            Expr::cust_with_exprs("$1 = ANY (ARRAY $2)", [id(), list])
        }
        _ => id().in_subquery(rows.clone()),
    }
}

/// Whether the indexes by which pictures are walked through in order lack a column.
fn is_outside(name: Pictures) -> bool {
    matches!(name, Pictures::DescriptionFolded | Pictures::OriginKey | Pictures::OriginStart | Pictures::CopiedFrom)
}

fn bounded(value: Expr, bound: Bound, number: Expr) -> Expr {
    match bound {
        Bound::AtLeast => value.gte(number),
        Bound::AtMost => value.lte(number),
    }
}

fn pairs(table: impl IntoIden, picture: impl IntoIden, value: impl IntoIden) -> Place {
    Place::Pairs { table: table.into_iden(), picture: picture.into_iden(), value: value.into_iden() }
}

impl Set {
    /// A picture's row in a table of pairs, if its value is one of these.
    fn row_of(&self, table: &DynIden, picture: &DynIden, value: &DynIden, engine: Engine) -> SelectStatement {
        Query::select()
            .expr(Expr::cust("1"))
            .from(table.clone())
            .and_where(Expr::col((table.clone(), picture.clone())).equals((Pictures::Table, Pictures::Id)))
            .and_where(self.contains(tested(Expr::col((table.clone(), value.clone())), engine)))
            .to_owned()
    }

    fn contains(&self, value: Expr) -> Expr {
        match self {
            Self::Ids(ids) => value.is_in(ids.iter().copied()),
            Self::Texts(texts) => value.is_in(texts.iter().map(String::as_str)),
            Self::Descendants(ancestors) => value.in_subquery(
                Query::select()
                    .column(ObjectClosure::Descendant)
                    .from(ObjectClosure::Table)
                    .and_where(Expr::col(ObjectClosure::Ancestor).is_in(ancestors.iter().copied()))
                    .to_owned(),
            ),
            // An index of PostgreSQL serves LIKE; SQLite has no such index.
            Self::Beginning(text, Engine::Postgres) => {
                let begins = |text: &str| LikeExpr::new(format!("{}%", escape_like(text))).escape('\\');
                let first: String = text.chars().take(INDEXED_CHARS).collect();
                let indexed = value.like(begins(&first));
                // Said twice, it would seem to be twice as rare.
                let is_all = first.len() == text.len();
                if is_all { indexed } else { indexed.and(column(Pictures::OriginKey).like(begins(text))) }
            }
            Self::Like(pattern) => value.like(LikeExpr::new(pattern.as_str()).escape('\\')),
            // Of a table as a whole.
            Self::Match(question) => value.binary(BinOper::Custom("MATCH"), question.as_str()),
            Self::Beginning(text, Engine::Sqlite) => {
                let begins = value.clone().gte(text.as_str());
                after_all_that_begin(text).map_or(begins.clone(), |end| begins.and(value.lt(end)))
            }
        }
    }
}

/// The least text that is greater than every one that begins like this one, if there is any.
fn after_all_that_begin(text: &str) -> Option<String> {
    let (at, next) = text.char_indices().rev().find_map(|(at, last)| {
        // No character has the numbers of surrogates.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        Some((at, next?))
    })?;
    Some(format!("{}{next}", &text[..at]))
}

/// Keeps SQLite from starting at this column's index: it takes any index on a set for a short way in, although the set may
/// hold nearly every picture. PostgreSQL has statistics and decides better by itself.
pub(super) fn tested(value: Expr, engine: Engine) -> Expr {
    match engine {
        Engine::Sqlite => Expr::cust_with_expr("+?", value),
        Engine::Postgres => value,
    }
}

impl Membership {
    /// The rows from which an index leads to the pictures.
    pub fn rows(&self) -> SelectStatement {
        let mut rows = Query::select();
        match (&self.place, &self.set) {
            (Place::Column(_), _) => rows.column((Pictures::Table, Pictures::Id)).from(Pictures::Table),
            (Place::Texts(_), Set::Match(_)) => {
                rows.column((PictureTexts::Table, PictureTexts::Rowid)).from(PictureTexts::Table)
            }
            (Place::Texts(_), _) => rows.column((PictureTexts::Table, PictureTexts::Picture)).from(PictureTexts::Table),
            (Place::Pairs { table, picture, .. }, _) => {
                rows.column((table.clone(), picture.clone())).from(table.clone())
            }
        };
        rows.and_where(self.in_its_table()).to_owned()
    }

    /// The condition on a row of the table in which the value is.
    fn in_its_table(&self) -> Expr {
        self.set.contains(match (&self.place, &self.set) {
            (Place::Column(name), _) => column(*name),
            (Place::Texts(_), Set::Match(_)) => Expr::col(PictureTexts::Table),
            (Place::Texts(Pictures::TitleFolded), _) => Expr::col(PictureTexts::TitleFolded),
            (Place::Texts(_), _) => Expr::col(PictureTexts::DescriptionFolded),
            (Place::Pairs { table, value, .. }, _) => Expr::col((table.clone(), value.clone())),
        })
    }

    /// Whether all that it finds fits.
    pub fn is_exact(&self) -> bool {
        !matches!(self.set, Set::Match(_))
    }

    /// Whether a list of all that it finds saves something while the pictures are walked through: its rows are those of another
    /// table, or what it tests is not in the indexes by which one walks.
    pub fn can_be_listed(&self) -> bool {
        match self.place {
            Place::Pairs { .. } => true,
            Place::Column(name) | Place::Texts(name) => is_outside(name),
        }
    }

    /// The rows that are in all of these, which are in the same table.
    pub fn rows_in_all(memberships: &[Self]) -> Option<SelectStatement> {
        let (first, others) = memberships.split_first()?;
        let mut rows = first.rows();
        for other in others {
            rows.and_where(other.in_its_table());
        }
        Some(rows)
    }

    /// Whether its index is that of what texts have in them.
    pub fn is_of_texts(&self) -> bool {
        matches!(self.place, Place::Texts(_))
    }

    /// Whether its rows are those of another table, each a pair of picture and value.
    pub fn is_of_pairs(&self) -> bool {
        matches!(self.place, Place::Pairs { .. })
    }

    /// Whether the column's index leads to the pictures, and has what most rules test.
    pub fn is_inside_its_index(&self) -> bool {
        matches!(self.place, Place::Column(Pictures::OriginKey))
    }

    /// The condition for many pictures, which are looked for in a list that is made once.
    fn listed(&self, engine: Engine) -> Expr {
        let listed = tested(column(Pictures::Id), engine).in_subquery(self.rows());
        match engine {
            // As it is, PostgreSQL makes a join of it, and may look every picture up.
            Engine::Postgres => Expr::cust_with_expr("($1) IS TRUE", listed),
            Engine::Sqlite => listed,
        }
    }

    fn test(&self, engine: Engine) -> Expr {
        match &self.place {
            // Not reached: the text itself is compared.
            Place::Texts(_) => never(),
            Place::Column(name) => {
                let contained = self.set.contains(tested(column(*name), engine));
                match name {
                    Pictures::CopiedFrom | Pictures::OriginKey | Pictures::OriginStart | Pictures::Dataset => {
                        column(*name).is_not_null().and(contained)
                    }
                    _ => contained,
                }
            }
            Place::Pairs { table, picture, value } => {
                let row = self.set.row_of(table, picture, value, engine);
                // As it is, SQLite 3.51 makes a join of it, in which OFFSET counts a picture with two such rows twice.
                tested(Expr::exists(row), engine)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_by_some_of_its_trigrams() {
        let asked = |text: &str| trigrams(Pictures::TitleFolded, &Pattern::new(text));
        let of = |part: &str| format!("title_folded : \"{part}\"");
        assert_eq!(asked("ka"), None);
        assert_eq!(asked("a_b%c%"), None);
        assert_eq!(asked("CAT"), Some(of("cat")));
        assert_eq!(asked("%cats_dog"), Some([of("ats"), of("cat"), of("dog")].join(" AND ")));
        assert_eq!(asked("say \"hi\""), Some([of(" \"\"h"), of("hi\"\""), of("say")].join(" AND ")));
        assert_eq!(asked("a\0bcd"), Some(of("bcd")));
        assert_eq!(asked(&"abcdefgh".repeat(1000)).map(|asked| asked.matches(" AND ").count()), Some(TRIGRAMS - 1));
    }

    #[test]
    fn what_begins_alike_ends_somewhere() {
        for (text, end) in [
            ("", None),
            ("ab", Some("ac")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("é\u{d7ff}", Some("é\u{e000}")),
        ] {
            assert_eq!(after_all_that_begin(text).as_deref(), end, "{text}");
        }
    }
}
