//! A query that is edited rule by rule while its text stays what its author made of it.
//!
//! An edit gives a new text. Comments, order, empty lines and the rules that it is not about stay as they are written; where
//! that cannot be (in a query that is written as JSON, or in YAML that hardly anybody writes), the text is formatted or,
//! at last, written anew. [`Edited::lost`] tells beforehand which comments would go. Whatever is given back has been read
//! again: its rules are those that the edit is about to make, or the edit is refused.

use super::print::{Style, print};
use super::scan::{TokenKind, scan};
use super::sheet::{Body, Card, Line, List, Section, Sheet};
use crate::model::QueryError;
use crate::query::parse;
use crate::query::tree::{Query, Rule};
use crate::query::write::values;
use std::collections::BTreeMap;

/// One step of editing. Places in a list count all its rules, also those that are disabled.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A new rule, at a place or at the end.
    Add {
        /// Into which list.
        list: List,
        /// Before which rule; the number of rules for the end.
        at: usize,
        /// The rule.
        rule: Rule,
    },
    /// A rule goes, with the comments on its lines.
    Remove {
        /// From which list.
        list: List,
        /// Which.
        at: usize,
    },
    /// A rule gets another argument, or becomes another rule.
    Change {
        /// In which list.
        list: List,
        /// Which.
        at: usize,
        /// What it becomes.
        rule: Rule,
    },
    /// A rule counts, or is commented out ([`super::disabled`]).
    SetEnabled {
        /// In which list.
        list: List,
        /// Which.
        at: usize,
        /// Whether it counts.
        enabled: bool,
    },
    /// A rule goes elsewhere, in its list or into the other one, with its comments.
    Move {
        /// Where it is.
        from: (List, usize),
        /// Where it will be, counted without it.
        to: (List, usize),
    },
    /// Whether pictures that have been replaced may appear.
    IncludeObsolete(bool),
}

/// What an edit makes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// Comments that the new text no longer has.
    pub lost: Vec<String>,
}

/// Why there is no new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such rule or place: the edit is about an older text.
    NoSuchRule,
    /// The new text would have these errors: too many rules, too long, an argument that the rule does not take.
    Errors(Vec<QueryError>),
}

/// The rules of a query with those that are disabled: what an edit means, without any text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// What pictures must satisfy, each with whether it counts.
    pub want: Vec<(Rule, bool)>,
    /// What pictures must not satisfy, each with whether it counts.
    pub exclude: Vec<(Rule, bool)>,
    /// Whether pictures that have been replaced may appear.
    pub include_obsolete: bool,
}

impl Rules {
    fn list(&mut self, list: List) -> &mut Vec<(Rule, bool)> {
        match list {
            List::Want => &mut self.want,
            List::Exclude => &mut self.exclude,
        }
    }

    /// Does the edit. `None` where there is no such rule or place.
    pub fn apply(&mut self, edit: &Edit) -> Option<()> {
        match edit {
            Edit::Add { list, at, rule } => insert(self.list(*list), *at, (rule.clone(), true)),
            Edit::Remove { list, at } => take(self.list(*list), *at).map(drop),
            Edit::Change { list, at, rule } => self.list(*list).get_mut(*at).map(|entry| entry.0 = rule.clone()),
            Edit::SetEnabled { list, at, enabled } => self.list(*list).get_mut(*at).map(|entry| entry.1 = *enabled),
            Edit::Move { from, to } => {
                let entry = take(self.list(from.0), from.1)?;
                insert(self.list(to.0), to.1, entry)
            }
            Edit::IncludeObsolete(include) => {
                self.include_obsolete = *include;
                Some(())
            }
        }
    }

    /// The query: the rules that count.
    pub fn query(&self) -> Query {
        let counting = |rules: &[(Rule, bool)]| {
            rules.iter().filter(|(_, enabled)| *enabled).map(|(rule, _)| rule.clone()).collect()
        };
        Query { want: counting(&self.want), exclude: counting(&self.exclude), include_obsolete: self.include_obsolete }
    }
}

impl From<Query> for Rules {
    fn from(query: Query) -> Self {
        let counting = |rules: Vec<Rule>| rules.into_iter().map(|rule| (rule, true)).collect();
        Self { want: counting(query.want), exclude: counting(query.exclude), include_obsolete: query.include_obsolete }
    }
}

fn take<T>(list: &mut Vec<T>, at: usize) -> Option<T> {
    (at < list.len()).then(|| list.remove(at))
}

fn insert<T>(list: &mut Vec<T>, at: usize, entry: T) -> Option<()> {
    (at <= list.len()).then(|| list.insert(at, entry))
}

/// A text that can be edited rule by rule.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    sheet: Sheet,
    comments: Vec<String>,
}

impl Document {
    /// Reads a text. Names are not looked up. A text with errors cannot be edited rule by rule.
    pub fn read(text: &str) -> Result<Self, Vec<QueryError>> {
        let parsed = parse(text)?;
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        match Sheet::read(&text, &parsed) {
            Some(sheet) => Ok(Self { comments: sheet.comments(), text, sheet }),
            None => {
                let (tokens, _) = scan(&text);
                let comments = tokens.iter().filter(|token| token.kind == TokenKind::Comment);
                let comments = comments.map(|token| token.raw(&text).trim_end().to_owned()).collect();
                Ok(Self { comments, text, sheet: Sheet::anew(&parsed.into_query().into()) })
            }
        }
    }

    /// The rules of a list, also those that are disabled.
    pub fn cards(&self, list: List) -> impl Iterator<Item = &Card> {
        self.sheet.sections.iter().filter(move |section| section.list() == Some(list)).flat_map(Section::cards)
    }

    /// The rules without their text.
    pub fn rules(&self) -> Rules {
        let of = |list| self.cards(list).map(|card| (card.rule.clone(), card.enabled)).collect();
        let include = |section: &Section| matches!(section.body, Body::IncludeObsolete(true));
        Rules {
            want: of(List::Want),
            exclude: of(List::Exclude),
            include_obsolete: self.sheet.sections.iter().any(include),
        }
    }

    /// All comments, without what is commented out.
    pub fn comments(&self) -> &[String] {
        &self.comments
    }

    /// The text after an edit. Nothing changes here: ask, show what would be lost, and take the text or leave it.
    pub fn edit(&self, edit: &Edit) -> Result<Edited, Refused> {
        let mut rules = self.rules();
        rules.apply(edit).ok_or(Refused::NoSuchRule)?;
        if rules == self.rules() {
            return Ok(Edited { text: self.text.clone(), lost: Vec::new() });
        }
        let mut sheet = self.sheet.clone();
        sheet.apply(edit).ok_or(Refused::NoSuchRule)?;
        self.printed(&sheet, &rules, &[Style::AsItIs, Style::Canonical])
    }

    /// The text as the writer would write it, comments and empty lines kept.
    pub fn format(&self) -> Result<Edited, Refused> {
        self.printed(&self.sheet, &self.rules(), &[Style::Canonical])
    }

    /// The first text that has these rules.
    fn printed(&self, sheet: &Sheet, rules: &Rules, styles: &[Style]) -> Result<Edited, Refused> {
        let mut errors = Vec::new();
        let anew = [(Sheet::anew(rules), Style::Canonical)];
        let sheets =
            styles.iter().map(|style| (sheet, *style)).chain(anew.iter().map(|(sheet, style)| (sheet, *style)));
        for (sheet, style) in sheets {
            let text = print(sheet, style);
            match Self::read(&text) {
                Ok(document) if document.rules() == *rules => {
                    let lost = missing(&self.comments, &document.comments);
                    return Ok(Edited { text, lost });
                }
                Ok(_) => {}
                Err(found) => errors = found,
            }
        }
        Err(Refused::Errors(errors))
    }
}

/// Those of the comments that are not among the others, each as often as it is missing.
fn missing(comments: &[String], others: &[String]) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for other in others {
        *left.entry(other).or_default() += 1;
    }
    let is_missing = |comment: &&String| match left.get_mut(comment.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    comments.iter().filter(is_missing).cloned().collect()
}

/// The text as the writer would write it, with its comments. Means the same, and formatted again it stays as it is. Fails for a
/// text with errors.
pub fn format(text: &str) -> Result<String, Vec<QueryError>> {
    match Document::read(text)?.format() {
        Ok(edited) => Ok(edited.text),
        Err(Refused::Errors(errors)) => Err(errors),
        Err(Refused::NoSuchRule) => Ok(text.to_owned()),
    }
}

impl Sheet {
    /// A sheet of rules alone.
    fn anew(rules: &Rules) -> Self {
        let card = |(rule, enabled): &(Rule, bool)| Card { enabled: *enabled, ..Card::new(rule.clone()) };
        let lists = [(List::Want, &rules.want), (List::Exclude, &rules.exclude)];
        let mut sheet = Self::default();
        for (list, rules) in lists.into_iter().filter(|(_, rules)| !rules.is_empty()) {
            sheet.sections.push(Section::new(Body::Rules(list, rules.iter().map(card).collect())));
        }
        if rules.include_obsolete {
            sheet.sections.push(Section::new(Body::IncludeObsolete(true)));
        }
        sheet
    }

    fn apply(&mut self, edit: &Edit) -> Option<()> {
        match edit {
            Edit::Add { list, at, rule } => self.put(*list, *at, Card::new(rule.clone())),
            Edit::Remove { list, at } => self.take(*list, *at, false).map(drop),
            Edit::Change { list, at, rule } => {
                change(self.card(*list, *at)?, rule);
                Some(())
            }
            Edit::SetEnabled { list, at, enabled } => {
                self.card(*list, *at)?.enabled = *enabled;
                self.unite(*list);
                Some(())
            }
            Edit::Move { from, to } => {
                let card = self.take(from.0, from.1, true)?;
                self.put(to.0, to.1, card)
            }
            Edit::IncludeObsolete(include) => {
                let body = Body::IncludeObsolete(*include);
                match self.sections.iter_mut().find(|section| section.list().is_none()) {
                    Some(section) => (section.body, section.source) = (body, None),
                    None => self.sections.push(Section::new(body)),
                }
                Some(())
            }
        }
    }

    /// The section and the place in it of a rule of a list.
    fn locate(&self, list: List, mut at: usize) -> Option<(usize, usize)> {
        for (index, section) in self.sections.iter().enumerate().filter(|(_, section)| section.list() == Some(list)) {
            match at.checked_sub(section.cards().len()) {
                None => return Some((index, at)),
                Some(left) => at = left,
            }
        }
        None
    }

    /// The section of a rule that is about to change, and the rule's place in it.
    fn touch(&mut self, list: List, at: usize) -> Option<(&mut Section, usize)> {
        let (index, at) = self.locate(list, at)?;
        let section = self.sections.get_mut(index)?;
        section.source = None;
        Some((section, at))
    }

    fn card(&mut self, list: List, at: usize) -> Option<&mut Card> {
        let (section, at) = self.touch(list, at)?;
        section.cards_mut()?.get_mut(at)
    }

    /// Takes a rule out. The comments above it, up to an empty line, go with it or stay.
    fn take(&mut self, list: List, at: usize, with_comments: bool) -> Option<Card> {
        let (section, at) = self.touch(list, at)?;
        let mut card = take(section.cards_mut()?, at)?;
        let attached = card.before.iter().rposition(|line| !matches!(line, Line::Comment(..))).map_or(0, |at| at + 1);
        let attached = if with_comments { card.before.split_off(attached) } else { Vec::new() };
        let staying = std::mem::replace(&mut card.before, attached);
        let next = match section.cards_mut()?.get_mut(at) {
            Some(next) => &mut next.before,
            None => &mut section.after,
        };
        next.splice(..0, staying);
        Some(card)
    }

    fn put(&mut self, list: List, at: usize, card: Card) -> Option<()> {
        let place = self.locate(list, at).or_else(|| {
            let last = self.sections.iter().rposition(|section| section.list() == Some(list))?;
            Some((last, self.sections[last].cards().len()))
        });
        let (index, at) = place.unwrap_or_else(|| {
            let index = self.place_of_new(list);
            self.sections.insert(index, Section::new(Body::Rules(list, Vec::new())));
            (index, 0)
        });
        let section = self.sections.get_mut(index)?;
        section.source = None;
        insert(section.cards_mut()?, at, card)?;
        self.unite(list);
        Some(())
    }

    /// `want` comes first, `exclude` after it, and neither after `include_obsolete`.
    fn place_of_new(&self, list: List) -> usize {
        match list {
            List::Want => 0,
            List::Exclude => {
                let want = self.sections.iter().rposition(|section| section.list() == Some(List::Want));
                let other = self.sections.iter().position(|section| section.list().is_none());
                want.map(|at| at + 1).or(other).unwrap_or(self.sections.len())
            }
        }
    }

    /// A key can be there once: what is commented out with a key of its own joins the rules that count.
    fn unite(&mut self, list: List) {
        let of_list: Vec<usize> =
            (0..self.sections.len()).filter(|at| self.sections[*at].list() == Some(list)).collect();
        let counts = |at: &&usize| self.sections[**at].cards().iter().any(|card| card.enabled);
        let [first, others @ ..] = of_list.as_slice() else { return };
        if others.is_empty() || of_list.iter().filter(counts).count() < 2 {
            return;
        }
        let own = self.sections.get(*first).map_or(0, |section| section.cards().len());
        for at in others.iter().rev() {
            let other = self.sections.remove(*at);
            let Body::Rules(_, mut cards) = other.body else { continue };
            let notes = other.own.into_iter().map(|text| Line::Comment(text, 0));
            let before: Vec<Line> = other.before.into_iter().chain(notes).collect();
            let Some(section) = self.sections.get_mut(*first) else { continue };
            section.source = None;
            if let Some(card) = cards.first_mut() {
                card.before.splice(..0, before);
            } else {
                section.after.extend(before);
            }
            section.after.extend(other.after);
            if let Some(all) = section.cards_mut() {
                // From the last section to the second one, each right behind the first.
                all.splice(own..own, cards);
            }
        }
    }
}

/// Gives a rule another argument. The comments of values that stay, stay with them.
fn change(card: &mut Card, rule: &Rule) {
    let old = values(&card.rule);
    let new = values(rule);
    let mut notes: Vec<_> = old.into_iter().zip(std::mem::take(&mut card.notes.values)).map(Some).collect();
    let is_single = notes.len() == 1 && new.len() == 1 && !rule.form().takes_list();
    card.notes.values = new
        .iter()
        .map(|value| {
            let same =
                |note: &&mut Option<(String, _)>| note.as_ref().is_some_and(|(old, _)| is_single || old == value);
            notes.iter_mut().find(same).and_then(Option::take).map(|(_, notes)| notes).unwrap_or_default()
        })
        .collect();
    card.rule = rule.clone();
    card.source = None;
}
