//! Nodes to a query with places: everything that can be known without the site's names.

use super::date::parse_iso_part;
use super::nearest::nearest;
use super::rules::{self, Form, KEYS, RuleSpec, Side};
use super::tree::Rule;
use super::words::{self, Meant};
use super::yaml::{self, Errors, MAX_DEPTH, Node, Place};
use super::{MAX_RULES, MAX_TEXT_BYTES, MAX_TEXT_CHARS, MAX_VALUES};
use crate::model::QueryError;

/// A query whose names have not been looked up yet, with the places of its rules and values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedQuery {
    /// A picture must satisfy every one of these.
    pub want: Vec<ParsedRule>,
    /// A picture must satisfy none of these.
    pub exclude: Vec<ParsedRule>,
    /// Whether pictures that have been replaced may appear.
    pub include_obsolete: bool,
}

/// A rule and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedRule {
    /// The rule.
    pub rule: Rule,
    /// Where its key starts.
    pub at: Place,
    /// Where its values start, one by one.
    pub values: Vec<Place>,
}

/// Reads a query. Gives all errors there are, in the order of the text.
pub fn parse(text: &str) -> Result<ParsedQuery, Vec<QueryError>> {
    let (query, errors) = read(text);
    if errors.is_empty() { Ok(query) } else { Err(errors) }
}

/// The rule that somebody fills into a form: the values are texts as they were typed. Says what is wrong as the parser would.
pub fn rule_of(spec: &'static RuleSpec, values: &[impl AsRef<str>]) -> Result<Rule, String> {
    let at = Place { line: 1, column: 1 };
    let is_text = matches!(spec.form, Form::Names(_) | Form::Text(_) | Form::Origin);
    let scalar = |value: &str| match is_text {
        true => Node::Scalar { text: value.to_owned(), plain: false, at },
        false => Node::Scalar { text: value.trim().to_owned(), plain: true, at },
    };
    let items = values.iter().map(|value| scalar(value.as_ref())).collect();
    let mut errors = Errors::default();
    let read =
        Argument { name: spec.name, form: spec.form, key: at, errors: &mut errors }.read(Node::List { items, at });
    match (read, errors.0.into_iter().next()) {
        (Some((rule, _)), None) => Ok(rule),
        (_, error) => Err(error.map(|error| error.message).unwrap_or_default()),
    }
}

/// Reads as much of a query as can be understood, so that what is understood can be checked further although something
/// else is wrong.
pub fn read(text: &str) -> (ParsedQuery, Vec<QueryError>) {
    let mut reader = Reader::default();
    if text.len() > MAX_TEXT_BYTES {
        let message = format!("the query is too long; at most {} KiB are allowed", MAX_TEXT_BYTES / 1024);
        reader.errors.add(Place { line: 1, column: 1 }, message);
    } else if let Some(root) = yaml::read(text, MAX_DEPTH, &mut reader.errors) {
        reader.query(root);
    }
    let mut errors = reader.errors.0;
    errors.sort_by_key(|error| (error.line, error.column));
    (reader.query, errors)
}

#[derive(Default)]
struct Reader {
    query: ParsedQuery,
    errors: Errors,
    rules: usize,
}

impl Reader {
    fn query(&mut self, root: Node) {
        let entries = match root {
            Node::Map { entries, .. } => entries,
            Node::List { at, .. } => {
                return self.errors.add(at, "a query is not a list; put these rules under `want:`");
            }
            Node::Scalar { at, .. } => {
                return self
                    .errors
                    .add(at, "a query has the keys `want`, `exclude` and `include_obsolete`, such as `want:`");
            }
            Node::Refused => return,
        };
        let mut seen: Vec<String> = Vec::new();
        for (key, value) in entries {
            let Some((name, at)) = self.key(key) else { continue };
            if seen.contains(&name) {
                self.errors.add(at, format!("`{name}` appears twice"));
                continue;
            }
            match name.as_str() {
                "want" => self.query.want = self.rules("want", at, value),
                "exclude" => self.query.exclude = self.rules("exclude", at, value),
                "include_obsolete" => self.include_obsolete(at, value),
                other if rules::by_name(other).is_some() => {
                    self.errors.add(at, format!("`{other}` is a rule; put it under `want:` as `- {other}: …`"));
                }
                other => {
                    let near = nearest(other, KEYS.iter().map(|key| key.name)).or_else(|| words::key_meant(other));
                    let other = shorten(other);
                    self.errors.suggest(
                        at,
                        format!("unknown key `{other}`; expected `want`, `exclude` or `include_obsolete`"),
                        near.iter().map(ToString::to_string).collect(),
                    );
                }
            }
            if seen.len() < KEYS.len() && rules::key(&name).is_some() {
                seen.push(name);
            }
        }
    }

    /// The word that a key is.
    fn key(&mut self, key: Node) -> Option<(String, Place)> {
        match key {
            Node::Scalar { text, at, .. } => Some((text, at)),
            Node::List { at, .. } | Node::Map { at, .. } => {
                self.errors.add(at, "a key must be a word");
                None
            }
            Node::Refused => None,
        }
    }

    fn include_obsolete(&mut self, key: Place, value: Node) {
        let at = match value {
            Node::Scalar { ref text, plain: true, at } => match text.as_str() {
                "true" | "True" | "TRUE" => {
                    self.query.include_obsolete = true;
                    return;
                }
                "false" | "False" | "FALSE" => return,
                "" => key,
                _ => at,
            },
            Node::Scalar { at, .. } | Node::List { at, .. } | Node::Map { at, .. } => at,
            Node::Refused => return,
        };
        self.errors.add(at, "`include_obsolete` must be `true` or `false`, without quotes");
    }

    fn rules(&mut self, list: &str, key: Place, value: Node) -> Vec<ParsedRule> {
        let null = value.is_null();
        let items = match value {
            Node::List { items, .. } if !items.is_empty() => items,
            Node::List { at, .. } => {
                self.errors.add(at, format!("`{list}` is empty; add a rule such as `- has: Cat`, or remove `{list}`"));
                return Vec::new();
            }
            Node::Refused => return Vec::new(),
            Node::Scalar { .. } if null => {
                self.errors.add(key, format!("`{list}` needs a list of rules, such as `- has: Cat`"));
                return Vec::new();
            }
            Node::Scalar { at, .. } => {
                self.errors.add(at, format!("`{list}` needs a list of rules, such as `- has: Cat`"));
                return Vec::new();
            }
            Node::Map { at, entries } => {
                let at = entries.first().and_then(|(key, _)| place_of(key)).unwrap_or(at);
                self.errors.add(at, format!("`{list}` needs a list of rules: put `- ` before each"));
                return Vec::new();
            }
        };
        items.into_iter().filter_map(|item| self.item(item)).collect()
    }

    fn item(&mut self, item: Node) -> Option<ParsedRule> {
        if self.errors.are_enough() {
            return None;
        }
        let mut entries = match item {
            Node::Map { entries, .. } if !entries.is_empty() => entries.into_iter(),
            // `has` and `has:Cat`: without a colon and a space there is no key.
            Node::Scalar { ref text, at, .. }
                if rules::by_name(text.split(':').next().unwrap_or_default()).is_some() =>
            {
                let name = text.split(':').next().unwrap_or_default();
                self.errors.add(at, format!("`{name}` needs a value: write `{name}: …`, with a space after the colon"));
                return None;
            }
            Node::Map { at, .. } | Node::Scalar { at, .. } | Node::List { at, .. } => {
                self.errors.add(at, "expected a rule, such as `has: Cat`");
                return None;
            }
            Node::Refused => return None,
        };
        let (key, value) = entries.next()?;
        let first = self.key(key);
        for (key, _) in entries {
            let Some((name, at)) = self.key(key) else { continue };
            if first.as_ref().is_some_and(|(first, _)| *first == name) {
                self.errors.add(at, format!("`{}` appears twice in one rule", shorten(&name)));
            } else {
                self.errors.add(at, format!("a rule has one key; put `- ` before `{}`", shorten(&name)));
            }
        }
        let (name, at) = first?;
        self.rules += 1;
        if self.rules > MAX_RULES {
            if self.rules == MAX_RULES + 1 {
                self.errors.add(at, format!("at most {MAX_RULES} rules are allowed"));
            }
            return None;
        }
        let Some(spec) = rules::by_name(&name) else {
            let message = format!("unknown rule `{}`", shorten(&name));
            match words::rule_meant(&name) {
                Meant::Rules(rules) if rules.is_empty() => {
                    self.errors.add(at, format!("{message}; rules are such as `has`, `licence` and `after_date`"));
                }
                Meant::Rules(rules) => {
                    self.errors.suggest(at, message, rules.into_iter().map(str::to_owned).collect());
                }
                Meant::Otherwise(hint) => self.errors.add(at, format!("{message}; {hint}")),
            }
            return None;
        };
        let mut argument = Argument { name: spec.name, form: spec.form, key: at, errors: &mut self.errors };
        let (rule, values) = argument.read(value)?;
        Some(ParsedRule { rule, at, values })
    }
}

fn place_of(node: &Node) -> Option<Place> {
    match node {
        Node::Scalar { at, .. } | Node::List { at, .. } | Node::Map { at, .. } => Some(*at),
        Node::Refused => None,
    }
}

/// A name as a message quotes it: not by the kilobyte.
pub(super) fn shorten(name: &str) -> String {
    match name.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// One scalar of an argument.
struct Value {
    text: String,
    plain: bool,
    at: Place,
}

/// Reads what stands after a rule's name.
struct Argument<'a> {
    name: &'static str,
    form: Form,
    key: Place,
    errors: &'a mut Errors,
}

impl Argument<'_> {
    fn read(&mut self, node: Node) -> Option<(Rule, Vec<Place>)> {
        match self.form {
            Form::Names(field) => {
                let (names, places) = self.list(node, Self::text)?;
                Some((Rule::Names(field, names), places))
            }
            Form::Ids(field) => {
                let (ids, places) = self.list(node, Self::id)?;
                Some((Rule::Ids(field, ids), places))
            }
            Form::Text(field) => {
                let (text, at) = self.one(node, Self::text)?;
                Some((Rule::Text(field, text), vec![at]))
            }
            Form::Origin => {
                let (text, at) = self.one(node, Self::origin)?;
                Some((Rule::Origin(text), vec![at]))
            }
            Form::Number(field, bound) => {
                let (number, at) = self.one(node, Self::count)?;
                Some((Rule::Number(field, bound, number), vec![at]))
            }
            Form::Time(side) => {
                let ((time, part), at) = self.one(node, Self::time)?;
                // Pictures have whole seconds: those before a part of a second are before the next whole one.
                let time = time + i64::from(part && side == Side::Before);
                Some((Rule::Time(side, time), vec![at]))
            }
            Form::Rating(bound) => {
                let (rating, at) = self.one(node, Self::rating)?;
                Some((Rule::Rating(bound, rating), vec![at]))
            }
        }
    }

    fn wrong(&mut self, at: Place, what: &str) {
        let message = format!("`{}` takes {}; {what}", self.name, self.form.takes());
        self.errors.add(at, message);
    }

    fn scalar(&mut self, node: Node) -> Option<Value> {
        let null = node.is_null();
        match node {
            Node::Scalar { text, plain: true, at } if null => {
                // Nothing at all has no place of its own: the parser gives that of whatever comes next.
                let (at, what) = match text.as_str() {
                    "" => (self.key, "there is none".to_owned()),
                    word => (at, format!("put `{word}` in quotes if it is a name or a text")),
                };
                self.wrong(at, &what);
                None
            }
            Node::Scalar { text, plain, at } => Some(Value { text, plain, at }),
            Node::List { at, .. } => {
                self.wrong(at, "a list cannot stand here");
                None
            }
            Node::Map { at, .. } => {
                self.wrong(at, "a mapping cannot stand here");
                None
            }
            Node::Refused => None,
        }
    }

    /// A list of values, or a single value that stands for a list of one. Values that are wrong are left out, so that the
    /// others can still be checked.
    fn list<T>(&mut self, node: Node, read: fn(&mut Self, &Value) -> Option<T>) -> Option<(Vec<T>, Vec<Place>)> {
        let items = match node {
            Node::List { items, at } => {
                if items.is_empty() {
                    self.wrong(at, "an empty list finds nothing");
                    return None;
                }
                if items.len() > MAX_VALUES {
                    let at = items.get(MAX_VALUES).and_then(place_of).unwrap_or(at);
                    self.errors.add(at, format!("a list has at most {MAX_VALUES} values"));
                    return None;
                }
                items
            }
            single => vec![single],
        };
        let (mut values, mut places) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
        for item in items {
            if let Some(value) = self.scalar(item)
                && let Some(read) = read(self, &value)
            {
                values.push(read);
                places.push(value.at);
            }
        }
        (!values.is_empty()).then_some((values, places))
    }

    fn one<T>(&mut self, node: Node, read: fn(&mut Self, &Value) -> Option<T>) -> Option<(T, Place)> {
        let node = match node {
            Node::List { mut items, .. } if items.len() == 1 => items.remove(0),
            Node::List { items, at } if items.is_empty() => {
                self.wrong(at, "there is none");
                return None;
            }
            Node::List { at, .. } => {
                let name = self.name;
                self.wrong(at, &format!("write one `- {name}: …` for each"));
                return None;
            }
            other => other,
        };
        let value = self.scalar(node)?;
        read(self, &value).map(|read| (read, value.at))
    }

    fn text(&mut self, value: &Value) -> Option<String> {
        if value.text.is_empty() {
            self.wrong(value.at, "the text is empty");
            return None;
        }
        if value.text.chars().count() > MAX_TEXT_CHARS {
            self.wrong(value.at, &format!("at most {MAX_TEXT_CHARS} characters are allowed"));
            return None;
        }
        // No name or title has such characters, and PostgreSQL refuses U+0000 outright.
        if value.text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.wrong(value.at, "control characters cannot be found");
            return None;
        }
        Some(value.text.clone())
    }

    fn origin(&mut self, value: &Value) -> Option<String> {
        let text = self.text(value)?;
        if crate::model::text::origin_key(&text).is_empty() {
            self.wrong(value.at, "there is nothing after the scheme");
            return None;
        }
        Some(text)
    }

    /// A number as YAML and JSON write them.
    fn number(&mut self, value: &Value) -> Option<f64> {
        let digits = value.text.strip_prefix(['-', '+']).unwrap_or(&value.text);
        // `inf` and `nan` are numbers to Rust, but to nobody else here.
        let looks_right = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let number = value.text.parse::<f64>().ok().filter(|number| looks_right && number.is_finite());
        match number {
            Some(number) if value.plain => Some(number),
            Some(_) => {
                self.wrong(value.at, "remove the quotes");
                None
            }
            None => {
                self.wrong(value.at, &format!("`{}` is not a number", shorten(&value.text)));
                None
            }
        }
    }

    fn whole(&mut self, value: &Value) -> Option<i64> {
        if value.plain
            && let Ok(number) = value.text.parse()
        {
            return Some(number);
        }
        let number = self.number(value)?;
        // Beyond 2^53 a float is no longer the number that was written.
        if number.fract() != 0.0 || number.abs() > 9_007_199_254_740_992.0 {
            self.wrong(value.at, &format!("`{}` is not a whole number that fits", shorten(&value.text)));
            return None;
        }
        // Exact: whole and small enough, as has just been checked.
        #[allow(clippy::cast_possible_truncation)]
        Some(number as i64)
    }

    fn count(&mut self, value: &Value) -> Option<i64> {
        let number = self.whole(value)?;
        if number < 0 {
            self.wrong(value.at, "it must not be negative");
            return None;
        }
        Some(number)
    }

    fn id(&mut self, value: &Value) -> Option<i64> {
        let number = self.whole(value)?;
        if number < 1 {
            self.wrong(value.at, "numbers start at 1");
            return None;
        }
        Some(number)
    }

    fn rating(&mut self, value: &Value) -> Option<f64> {
        let number = self.number(value)?;
        if !(1.0..=5.0).contains(&number) {
            self.wrong(value.at, &format!("`{}` is outside", shorten(&value.text)));
            return None;
        }
        Some(number)
    }

    /// Unix seconds, and whether a part of a second is to be added.
    fn time(&mut self, value: &Value) -> Option<(i64, bool)> {
        if let Some(time) = parse_iso_part(&value.text) {
            return Some(time);
        }
        // JSON has quotes around a year, where they cannot be what is wrong.
        let is_year = value.text.len() == 4 && value.text.bytes().all(|digit| digit.is_ascii_digit());
        if is_year && !value.plain {
            self.wrong(value.at, &format!("for the beginning of a year write `{}-01`", value.text));
            return None;
        }
        if value.text.parse::<f64>().is_ok() {
            return self.whole(value).map(|time| (time, false));
        }
        self.wrong(value.at, &format!("`{}` is neither", shorten(&value.text)));
        None
    }
}
