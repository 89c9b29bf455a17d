//! Text to nodes: the part of YAML that queries and taxonomies use, with the place of everything.
//!
//! Built on the parser's events, so that nothing is ever expanded: anchors, aliases and tags are refused where they
//! stand. Memory and time are linear in the text, whose length is limited before reading starts.

use super::nearest::did_you_mean;
use crate::model::QueryError;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use std::borrow::Cow;

/// Line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// A value with its place.
#[derive(Debug)]
pub enum Node {
    /// A word, number or quoted text.
    Scalar {
        /// The text, without quotes and escapes.
        text: String,
        /// Whether it was written without quotes: only then can it be a number or a boolean.
        plain: bool,
        /// Where it starts.
        at: Place,
    },
    /// `[a, b]` or lines that start with `-`.
    List {
        /// The entries.
        items: Vec<Node>,
        /// Where it starts.
        at: Place,
    },
    /// `{a: b}` or lines of `a: b`. Keys can be anything in YAML.
    Map {
        /// Keys and values.
        entries: Vec<(Node, Node)>,
        /// Where it starts.
        at: Place,
    },
    /// Something that has been reported as an error already.
    Refused,
}

impl Node {
    /// Whether it is what YAML calls null: nothing at all, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Scalar { text, plain: true, .. } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// Deepest nesting of a query, which needs four levels.
pub(super) const MAX_DEPTH: usize = 16;

/// Most values of one text, keys included: each takes many times the bytes that its text has.
const MAX_NODES: usize = 1_000_000;

/// Most errors that one text is told about.
pub(super) const MAX_ERRORS: usize = 50;

/// Collects errors, and says when it has enough.
#[derive(Debug, Default)]
pub struct Errors(pub Vec<QueryError>);

impl Errors {
    pub fn add(&mut self, at: Place, message: impl Into<String>) {
        self.suggest(at, message, Vec::new());
    }

    /// Adds what was probably meant, which the message says, too.
    pub fn suggest(&mut self, at: Place, message: impl Into<String>, suggestions: Vec<String>) {
        if self.0.len() < MAX_ERRORS {
            let message = format!("{}{}", message.into(), did_you_mean(&suggestions));
            self.0.push(QueryError { line: at.line, column: at.column, message, suggestions });
        }
    }

    pub fn are_enough(&self) -> bool {
        self.0.len() >= MAX_ERRORS
    }
}

/// Reads one document. `None` stands for an empty one, and for one that is too much. Of a text whose syntax is wrong there
/// is what stands before the error, so that other errors come to light with it. The limit of the nesting keeps recursion over
/// nodes safe whatever the text is.
pub(crate) fn read(text: &str, max_depth: usize, errors: &mut Errors) -> Option<Node> {
    let places = Places::new(text);
    let source = places.source.clone();
    let parser = Parser::new_from_str(&source);
    let mut reader = Reader { parser, text: &source, places: &places, max_depth, nodes: 0, stop: None, errors };
    let root = reader.document();
    match reader.stop {
        Some(Stop::Syntax(error)) => {
            let at = places.place(error.marker());
            errors.add(at, explain(&source, &error));
        }
        Some(Stop::Reported) => return None,
        None => {}
    }
    root.filter(|node| !node.is_null())
}

/// Turns the parser's markers into places in the text that the person wrote.
struct Places<'a> {
    source: Cow<'a, str>,
    /// Places in `source` behind which it is two characters shorter than the text.
    shortened: Vec<(usize, usize)>,
    last_line: u32,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let last_line = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
        let (source, shortened) =
            if text.trim_start().starts_with('{') { join_surrogates(text) } else { (Cow::Borrowed(text), Vec::new()) };
        Self { source, shortened, last_line }
    }

    fn place(&self, marker: &Marker) -> Place {
        let shift =
            2 * self.shortened.iter().filter(|(line, column)| *line == marker.line() && *column < marker.col()).count();
        let line = u32::try_from(marker.line()).unwrap_or(u32::MAX).max(1);
        if line > self.last_line {
            // The parser stands behind the final line break; the person looks at the last line.
            let length = self.source.lines().last().unwrap_or_default().chars().count();
            return Place { line: self.last_line, column: u32::try_from(length).unwrap_or(u32::MAX).saturating_add(1) };
        }
        Place { line, column: u32::try_from(marker.col() + shift + 1).unwrap_or(u32::MAX) }
    }
}

/// JSON writes characters beyond U+FFFF as two escapes (`\ud83d\ude00`), YAML as one (`\U0001f600`). This is the only
/// difference that keeps YAML from being a superset of JSON here.
fn join_surrogates(text: &str) -> (Cow<'_, str>, Vec<(usize, usize)>) {
    fn unit(text: &str) -> Option<u32> {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    }
    if !text.contains("\\u") {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut joined, mut shortened) = (String::with_capacity(text.len()), Vec::new());
    let (mut line, mut column) = (1, 0);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let pair = unit(rest).zip(rest.get(6..).and_then(unit));
        if let Some((high @ 0xD800..=0xDBFF, low @ 0xDC00..=0xDFFF)) = pair {
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            joined.push_str(&format!("\\U{code:08x}"));
            shortened.push((line, column));
            column += 10;
            rest = &rest[12..];
            continue;
        }
        // A backslash and what it escapes go together: `\\u` is no escape of a character.
        let taken = if c == '\\' { rest.chars().take(2).map(char::len_utf8).sum() } else { c.len_utf8() };
        for c in rest[..taken].chars() {
            (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + 1) };
        }
        joined.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    (Cow::Owned(joined), shortened)
}

/// Why reading ended early.
enum Stop {
    Syntax(ScanError),
    Reported,
}

struct Reader<'a, 'e> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    places: &'a Places<'a>,
    max_depth: usize,
    nodes: usize,
    /// Set once; after that there are no more events.
    stop: Option<Stop>,
    errors: &'e mut Errors,
}

impl<'a> Reader<'a, '_> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        if self.stop.is_some() {
            return None;
        }
        match self.parser.next_event() {
            Some(Ok(event)) if !self.errors.are_enough() => return Some(event),
            Some(Err(error)) => self.stop = Some(Stop::Syntax(error)),
            _ => self.stop = Some(Stop::Reported),
        }
        None
    }

    fn refuse(&mut self, at: Place, message: impl Into<String>) -> Node {
        self.errors.add(at, message);
        self.stop = Some(Stop::Reported);
        Node::Refused
    }

    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        while let Some((event, span)) = self.next() {
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if root.is_some() => {
                    let at = self.places.place(&span.start);
                    self.refuse(at, "there can be only one document; remove the `---` and what follows it");
                }
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                event => root = Some(self.node(event, span, 0)),
            }
        }
        root
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Node {
        let at = self.places.place(&span.start);
        if depth > self.max_depth {
            return self.refuse(at, "the nesting is too deep");
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return self.refuse(at, format!("there are more than {MAX_NODES} names and values; split the text"));
        }
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor > 0, tag.is_some())
            }
            _ => (false, false),
        };
        let refused = self.errors.0.len();
        if anchor {
            let place = self.before(&span, '&');
            self.errors.add(place, "anchors (`&`) are not allowed; put a text that starts with `&` in quotes");
        }
        if tag {
            let place = self.before(&span, '!');
            self.errors.add(place, "tags (`!`) are not allowed; put a text that starts with `!` in quotes");
        }
        let node = match event {
            Event::Scalar(text, style, ..) => {
                Node::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain, at }
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                while let Some((event, span)) = self.next() {
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    items.push(self.node(event, span, depth + 1));
                }
                // A list that ends in an error before it has begun is not an empty list.
                if items.is_empty() && self.stop.is_some() { Node::Refused } else { Node::List { items, at } }
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                while let Some((event, span)) = self.next() {
                    if matches!(event, Event::MappingEnd) {
                        break;
                    }
                    let key = self.node(event, span, depth + 1);
                    let value = self.next().map_or(Node::Refused, |(event, span)| self.node(event, span, depth + 1));
                    entries.push((key, value));
                }
                if entries.is_empty() && self.stop.is_some() { Node::Refused } else { Node::Map { entries, at } }
            }
            Event::Alias(_) => {
                self.errors.add(at, ALIAS);
                Node::Refused
            }
            // The parser gives no other event where a node can be; refusing is safe all the same.
            _ => Node::Refused,
        };
        if self.errors.0.len() > refused && (anchor || tag) { Node::Refused } else { node }
    }

    /// The place of the nearest `mark` before a node: its anchor or tag.
    fn before(&self, span: &Span, mark: char) -> Place {
        let (mut place, mut found) = (Place { line: 1, column: 1 }, None);
        for c in self.text.chars().take(span.start.index() + 1) {
            if c == mark {
                found = Some(place);
            }
            place = match c {
                '\n' => Place { line: place.line + 1, column: 1 },
                _ => Place { line: place.line, column: place.column + 1 },
            };
        }
        found.unwrap_or_else(|| self.places.place(&span.start))
    }
}

const ALIAS: &str = "aliases (`*`) are not allowed; put a text that starts with `*` in quotes";

/// Says what a syntax error means to somebody who writes a query.
fn explain(source: &str, error: &ScanError) -> String {
    let info = error.info();
    let here = source.chars().nth(error.marker().index());
    if info.contains("unknown anchor") {
        return ALIAS.to_owned();
    }
    if info.starts_with("unexpected character") {
        return match here {
            Some(c) => format!("a text that starts with `{c}` has to be in quotes"),
            None => "a text like this has to be in quotes".to_owned(),
        };
    }
    let words = match info {
        "mapping values are not allowed in this context" => {
            "there is a second `:` here; put a text that contains `: ` in quotes, and start every rule with `- `"
        }
        "found unprintable character" => "this character cannot be used",
        "a byte order mark must not appear inside a document" => "a byte order mark cannot be used here",
        "unexpected eof" => "the text ends too early; a `]`, `}` or quote is missing",
        "misplaced bracket" => "this bracket does not belong here",
        "simple key expect ':'" | "simple key expected" | "unexpected end of plain scalar" => {
            "a `:` was expected after the key"
        }
        "block sequence entries are not allowed in this context" => {
            "a `-` cannot stand here; start a new line before it"
        }
        _ if info.contains("tab") => "tabs cannot be used to indent; use spaces",
        _ if info.contains("unexpected end of stream") => "the closing quote is missing",
        _ if info.contains("flow sequence") => "a `,` or `]` was expected here",
        _ if info.contains("flow mapping") => "a `,` or `}` was expected here",
        _ if info.contains("block mapping") => "a key was expected here; check the indentation",
        _ if info.contains("block collection") => "a `- ` was expected here; check the indentation",
        _ if info.contains("indentation") => "the indentation is wrong here",
        _ if info.contains("escape") || info.contains("hexadecimal") => {
            "this is not a known escape; write `\\\\` for a backslash, or use single quotes"
        }
        _ if info.contains("double-quoted") => "nothing can follow the closing quote; did you mean `\\\"` inside?",
        _ if info.contains("directive") || info.contains("DIRECTIVE") => {
            "a line cannot start with `%`; put such a text in quotes"
        }
        _ if info.contains("anchor") => {
            "anchors and aliases are not allowed; put a text that starts with `&` or `*` in quotes"
        }
        _ if info.contains("tag") => "tags (`!`) are not allowed; put a text that starts with `!` in quotes",
        _ if info.contains("document start") => "there can be only one document; this does not belong to it",
        _ => return format!("this is not valid YAML: {info}"),
    };
    words.to_owned()
}
