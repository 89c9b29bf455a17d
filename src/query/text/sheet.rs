//! A query's text as sections, rules and comments: what is printed again after an edit.
//!
//! The parser says which rules there are, the tokens say where they and the comments stand. Where the two do not agree
//! about the rules, as in YAML that hardly anybody writes, there is no sheet, and whoever wanted one writes the query anew.

use super::disabled;
use super::scan::{Role, Token, TokenKind, scan};
use crate::query::tree::Rule;
use crate::query::{ParsedQuery, ParsedRule};
use std::collections::VecDeque;
use std::ops::Range;

/// One of the two lists of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Rules that a picture must satisfy.
    Want,
    /// Rules that a picture must not satisfy.
    Exclude,
}

impl List {
    /// Both lists.
    pub const ALL: [Self; 2] = [Self::Want, Self::Exclude];

    /// The key in a query.
    pub fn key(self) -> &'static str {
        match self {
            Self::Want => "want",
            Self::Exclude => "exclude",
        }
    }
}

/// A line without a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    Blank,
    /// The comment from its `#` on, and the column in which it stands.
    Comment(String, usize),
    /// `---` and the like.
    Mark(String),
}

/// Comments inside a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// On the line of the rule's name, or behind the last value.
    pub own: Vec<String>,
    /// One for each value.
    pub values: Vec<ValueNotes>,
    /// Below the last value.
    pub after: Vec<Line>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ValueNotes {
    pub before: Vec<Line>,
    pub own: Vec<String>,
}

/// A rule with what stands around it.
#[derive(Clone, Debug)]
pub struct Card {
    /// The rule.
    pub rule: Rule,
    /// Whether it counts. One that does not is commented out in the text.
    pub enabled: bool,
    /// Its lines in the text, from 0.
    pub lines: Range<usize>,
    pub(super) before: Vec<Line>,
    pub(super) notes: Notes,
    /// Whether its values have a line each.
    pub(super) is_tall: bool,
    /// Its lines as they are written, and the column of its dash.
    pub(super) source: Option<(Vec<String>, usize)>,
}

impl Card {
    pub(super) fn new(rule: Rule) -> Self {
        let (before, notes) = (Vec::new(), Notes::default());
        Self { rule, enabled: true, lines: 0..0, before, notes, is_tall: false, source: None }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Rules(List, Vec<Card>),
    IncludeObsolete(bool),
}

/// A key of the query with what belongs to it. A list without a rule that counts is commented out as a whole.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub before: Vec<Line>,
    /// Comments behind the key.
    pub own: Vec<String>,
    pub body: Body,
    pub after: Vec<Line>,
    /// The lines as they are written, as long as nothing in them is to change.
    pub source: Option<Vec<String>>,
    lines: Range<usize>,
}

impl Section {
    pub fn new(body: Body) -> Self {
        Self { before: Vec::new(), own: Vec::new(), body, after: Vec::new(), source: None, lines: 0..0 }
    }

    pub fn list(&self) -> Option<List> {
        match self.body {
            Body::Rules(list, _) => Some(list),
            Body::IncludeObsolete(_) => None,
        }
    }

    pub fn cards(&self) -> &[Card] {
        match &self.body {
            Body::Rules(_, cards) => cards,
            Body::IncludeObsolete(_) => &[],
        }
    }

    pub fn cards_mut(&mut self) -> Option<&mut Vec<Card>> {
        match &mut self.body {
            Body::Rules(_, cards) => Some(cards),
            Body::IncludeObsolete(_) => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub head: Vec<Line>,
    pub sections: Vec<Section>,
    pub tail: Vec<Line>,
}

impl Sheet {
    /// The sheet of a text that has been parsed without errors. Line breaks have to be `\n`.
    pub fn read(text: &str, parsed: &ParsedQuery) -> Option<Self> {
        Reader::new(text, parsed, true).read()
    }

    /// The only rule of a text that has nothing else.
    pub fn read_one(text: &str, parsed: &ParsedQuery) -> Option<Card> {
        let mut sheet = Reader::new(text, parsed, false).read()?;
        let is_bare = sheet.sections.len() == 1 && sheet.head.is_empty() && sheet.tail.is_empty();
        let mut section = sheet.sections.pop().filter(|section| is_bare && section.after.is_empty())?;
        let cards = section.cards_mut()?;
        (cards.len() == 1).then(|| cards.pop()).flatten().filter(|card| card.before.is_empty())
    }

    /// The comments, without what is commented out.
    pub fn comments(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut add = |lines: &[Line]| {
            found.extend(lines.iter().filter_map(|line| match line {
                Line::Comment(text, _) => Some(text.clone()),
                Line::Blank | Line::Mark(_) => None,
            }));
        };
        add(&self.head);
        add(&self.tail);
        for section in &self.sections {
            add(&section.before);
            add(&section.after);
            for card in section.cards() {
                add(&card.before);
                add(&card.notes.after);
                card.notes.values.iter().for_each(|value| add(&value.before));
            }
        }
        for section in &self.sections {
            found.extend(section.own.iter().cloned());
            for card in section.cards() {
                found.extend(card.notes.own.iter().cloned());
                card.notes.values.iter().for_each(|value| found.extend(value.own.iter().cloned()));
            }
        }
        found
    }
}

/// A line that has not found its place yet, and its number.
pub(super) struct Pending {
    pub line: Line,
    pub number: usize,
}

/// What a comment behind a token is about.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Nobody,
    Key,
    Card,
    Value(usize),
}

struct Reader<'t> {
    text: &'t str,
    /// The rules in the order of the text.
    rules: VecDeque<(List, &'t ParsedRule)>,
    /// Whether rules that are commented out are looked for.
    finds_disabled: bool,
    sheet: Sheet,
    pending: Vec<Pending>,
    owner: Owner,
    /// Where the values of the open rule stand that have not come yet.
    values: VecDeque<crate::query::Place>,
    /// Line and column of the latest dash before a rule.
    dash: Option<(usize, usize)>,
    /// Line and column of the latest rule's name.
    rule_line: usize,
    rule_column: usize,
    /// Whether the text is one pair of brackets, as in JSON.
    is_flow: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, parsed: &'t ParsedQuery, finds_disabled: bool) -> Self {
        let want = parsed.want.iter().map(|rule| (List::Want, rule));
        let mut rules: Vec<_> = want.chain(parsed.exclude.iter().map(|rule| (List::Exclude, rule))).collect();
        rules.sort_by_key(|(_, rule)| rule.at);
        Self {
            text,
            rules: rules.into(),
            finds_disabled,
            sheet: Sheet::default(),
            pending: Vec::new(),
            owner: Owner::Nobody,
            values: VecDeque::new(),
            dash: None,
            rule_line: 0,
            rule_column: 0,
            is_flow: false,
        }
    }

    fn read(mut self) -> Option<Sheet> {
        let (tokens, _) = scan(self.text);
        let mut next_line = 0;
        let mut previous = None;
        for token in &tokens {
            for number in next_line..token.line {
                self.pending.push(Pending { line: Line::Blank, number });
            }
            next_line = token.line + 1 + token.raw(self.text).matches('\n').count();
            match token.kind {
                TokenKind::Comment => self.comment(token),
                TokenKind::Mark => {
                    let line = Line::Mark(token.raw(self.text).to_owned());
                    self.pending.push(Pending { line, number: token.line });
                }
                _ => {
                    self.content(token, previous)?;
                    previous = Some(token.kind);
                }
            }
            self.extend(next_line);
        }
        if !self.rules.is_empty() {
            return None;
        }
        self.sheet.tail = self.boundary();
        self.take_sources();
        Some(self.sheet)
    }

    fn card(&mut self) -> Option<&mut Card> {
        self.sheet.sections.last_mut()?.cards_mut()?.last_mut()
    }

    /// What the latest token belongs to goes on to a line.
    fn extend(&mut self, end: usize) {
        if self.owner == Owner::Nobody {
            return;
        }
        if matches!(self.owner, Owner::Card | Owner::Value(_))
            && self.pending.is_empty()
            && let Some(card) = self.card()
        {
            card.lines.end = end;
        }
        if self.pending.is_empty()
            && let Some(section) = self.sheet.sections.last_mut()
        {
            section.lines.end = end;
        }
    }

    fn comment(&mut self, token: &Token) {
        let text = token.raw(self.text).trim_end().to_owned();
        let owner = match self.owner {
            _ if token.first => Owner::Nobody,
            // `- has: Cat # comment` is about the rule.
            Owner::Value(_) if token.line == self.rule_line => Owner::Card,
            owner => owner,
        };
        let own = match owner {
            Owner::Nobody => None,
            Owner::Key => self.sheet.sections.last_mut().map(|section| &mut section.own),
            Owner::Card => self.card().map(|card| &mut card.notes.own),
            Owner::Value(index) => {
                self.card().and_then(|card| card.notes.values.get_mut(index)).map(|value| &mut value.own)
            }
        };
        match own {
            Some(own) => own.push(text),
            None => self.pending.push(Pending { line: Line::Comment(text, token.column), number: token.line }),
        }
    }

    fn take_pending(&mut self) -> Vec<Line> {
        self.pending.drain(..).map(|pending| pending.line).collect()
    }

    fn content(&mut self, token: &Token, previous: Option<TokenKind>) -> Option<()> {
        let in_card = matches!(self.owner, Owner::Card | Owner::Value(_));
        match (token.kind, token.role) {
            (TokenKind::Wrong, _) => return None,
            (TokenKind::Scalar(_), Role::TopKey) if token.key => {
                let before = self.boundary();
                let body = match token.content(self.text).as_str() {
                    "want" => Body::Rules(List::Want, Vec::new()),
                    "exclude" => Body::Rules(List::Exclude, Vec::new()),
                    "include_obsolete" => Body::IncludeObsolete(false),
                    _ => return None,
                };
                let mut section = Section::new(body);
                section.lines = token.line..token.line + 1;
                self.add_section(section, before);
                self.owner = Owner::Key;
            }
            (TokenKind::Scalar(_), Role::Rule) if token.key => self.begin_card(token)?,
            (TokenKind::Scalar(_), Role::Value) if in_card => self.value(token),
            (TokenKind::Scalar(_), Role::Value) => {
                let value = token.raw(self.text).eq_ignore_ascii_case("true");
                match &mut self.sheet.sections.last_mut()?.body {
                    Body::IncludeObsolete(include) => *include = value,
                    Body::Rules(..) => return None,
                }
            }
            (TokenKind::Scalar(_), _) => return None,
            (TokenKind::Dash, Role::Rule) => {
                self.owner = Owner::Nobody;
                self.dash = token.first.then_some((token.line, token.column));
            }
            (TokenKind::Dash, _) => {
                if let Some(card) = self.card() {
                    card.is_tall = true;
                }
            }
            (TokenKind::Open, _) if token.rule.is_none() => {
                self.is_flow |= self.sheet.sections.is_empty();
                if previous != Some(TokenKind::Colon) {
                    self.owner = Owner::Nobody;
                    self.dash = self.dash.filter(|_| previous == Some(TokenKind::Dash));
                }
            }
            (TokenKind::Close, _) if token.rule.is_some() && in_card => {
                let after = self.take_pending();
                if let Some(card) = self.card() {
                    card.notes.after.extend(after);
                }
                self.owner = Owner::Card;
            }
            (TokenKind::Close, _) => {
                let after = self.absorb();
                if let Some(section) = self.sheet.sections.last_mut() {
                    section.after.extend(after);
                }
            }
            _ => {}
        }
        Some(())
    }

    fn begin_card(&mut self, token: &Token) -> Option<()> {
        let (list, parsed) = self.rules.pop_front()?;
        let column = self.text[token.start - token.column..token.start].chars().count() + 1;
        let is_there = parsed.at.line as usize == token.line + 1 && parsed.at.column as usize == column;
        if !is_there || self.sheet.sections.last()?.list() != Some(list) {
            return None;
        }
        let mut card = Card::new(parsed.rule.clone());
        card.before = self.absorb();
        let (line, dash) = match self.dash.take() {
            Some((line, column)) => (line, Some(column)),
            None => (token.line, None),
        };
        card.lines = line..token.line + 1;
        (self.rule_line, self.rule_column) = (token.line, token.column);
        card.source = dash.map(|column| (Vec::new(), column));
        card.notes.values = vec![ValueNotes::default(); parsed.values.len()];
        self.values = parsed.values.iter().copied().collect();
        self.sheet.sections.last_mut()?.cards_mut()?.push(card);
        self.owner = Owner::Card;
        Some(())
    }

    fn value(&mut self, token: &Token) {
        let column = self.text[token.start - token.column..token.start].chars().count() + 1;
        let is_next = self
            .values
            .front()
            .is_some_and(|place| place.line as usize == token.line + 1 && place.column as usize == column);
        if !is_next {
            return;
        }
        self.values.pop_front();
        let before = self.take_pending();
        let left = self.values.len();
        let Some(card) = self.card() else { return };
        let index = card.notes.values.len() - left - 1;
        card.notes.values[index].before = before;
        self.owner = Owner::Value(index);
    }

    fn add_section(&mut self, mut section: Section, mut before: Vec<Line>) {
        if self.sheet.sections.is_empty() {
            // What is apart from the first key is about the whole.
            let apart = before.iter().rposition(|line| !matches!(line, Line::Comment(..))).map_or(0, |at| at + 1);
            section.before = before.split_off(apart);
            self.sheet.head = before;
        } else {
            section.before = before;
        }
        self.sheet.sections.push(section);
    }

    /// Gives the pending lines to the section that is open: rules that are commented out become cards. What is left stands
    /// before the next thing.
    fn absorb(&mut self) -> Vec<Line> {
        let pending = std::mem::take(&mut self.pending);
        let mut lines = Vec::new();
        let mut at = self.below_values(&pending);
        while at < pending.len() {
            let found = if self.finds_disabled { disabled::rule(&pending[at..]) } else { None };
            match (found, self.sheet.sections.last_mut()) {
                (Some((card, length)), Some(section)) if section.list().is_some() => {
                    at += length;
                    add_disabled(section, card, std::mem::take(&mut lines));
                }
                _ => {
                    lines.push(pending[at].line.clone());
                    at += 1;
                }
            }
        }
        lines
    }

    /// How many of the lines belong to the open rule, whose values have a line each: they are indented like those.
    fn below_values(&mut self, pending: &[Pending]) -> usize {
        let column = self.rule_column;
        let Some(card) = self.card().filter(|card| card.is_tall && card.enabled) else { return 0 };
        let is_below =
            |line: &Line| matches!(line, Line::Comment(_, own) if *own > column) && !disabled::looks_disabled(line);
        let length =
            pending.iter().take_while(|pending| pending.line == Line::Blank || is_below(&pending.line)).count();
        let Some(last) = pending[..length].iter().rposition(|pending| is_below(&pending.line)) else { return 0 };
        card.notes.after.extend(pending[..=last].iter().map(|pending| pending.line.clone()));
        card.lines.end = pending[last].number + 1;
        last + 1
    }

    /// Gives the pending lines to the section that ends here, and makes sections of those that are commented out. What is
    /// left stands before the next section.
    fn boundary(&mut self) -> Vec<Line> {
        let mut rest = std::mem::take(&mut self.pending).into_iter();
        while let Some(pending) = rest.next() {
            let header = if self.finds_disabled { disabled::header(&pending.line, rest.as_slice()) } else { None };
            let Some((list, own)) = header else {
                self.pending.push(pending);
                continue;
            };
            let before = self.close_section();
            let mut section = Section::new(Body::Rules(list, Vec::new()));
            section.own = own;
            section.lines = pending.number..pending.number + 1;
            self.add_section(section, before);
        }
        self.close_section()
    }

    fn close_section(&mut self) -> Vec<Line> {
        let numbers: Vec<usize> = self.pending.iter().map(|pending| pending.number).collect();
        let mut lines = self.absorb();
        let Some(section) = self.sheet.sections.last_mut() else { return lines };
        let inside = lines.iter().rposition(|line| matches!(line, Line::Comment(_, column) if *column > 0));
        let rest = lines.split_off(inside.map_or(0, |at| at + 1));
        if let Some(number) = numbers.len().checked_sub(rest.len() + 1).and_then(|at| numbers.get(at)) {
            section.lines.end = section.lines.end.max(number + 1);
        }
        section.after.extend(lines);
        rest
    }

    /// Keeps the lines of what may be printed as it is.
    fn take_sources(&mut self) {
        let lines: Vec<&str> = self.text.split('\n').collect();
        let copy = |range: &Range<usize>| -> Option<Vec<String>> {
            Some(lines.get(range.clone())?.iter().map(|line| (*line).to_owned()).collect())
        };
        for section in &mut self.sheet.sections {
            if !self.is_flow {
                section.source = copy(&section.lines);
            }
            for card in section.cards_mut().into_iter().flatten().filter(|card| card.enabled) {
                card.source = card.source.take().and_then(|(_, column)| Some((copy(&card.lines)?, column)));
            }
        }
    }
}

fn add_disabled(section: &mut Section, mut card: Card, before: Vec<Line>) {
    section.lines.end = section.lines.end.max(card.lines.end);
    card.before = before;
    if let Some(cards) = section.cards_mut() {
        cards.push(card);
    }
}
