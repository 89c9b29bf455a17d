//! What can stand at the caret.

use super::position::floor;
use super::scan::{Role, State, Style, Token, TokenKind, scan};
use crate::model::search::Search;
use crate::model::text::fold;
use crate::query::date::write_iso;
use crate::query::rules::{self, Form, KEYS, RULES, Vocabulary};
use crate::query::widgets::{Widget, times_ago};
use crate::query::words::others_for;
use crate::query::write::scalar;
use std::ops::Range;

/// What can stand at the caret, and what it takes the place of.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The bytes that a choice replaces.
    pub range: Range<usize>,
    /// What has been typed of it, without quotes.
    pub typed: String,
    /// What there is to choose from.
    pub choices: Choices,
    lead: String,
    tail: &'static str,
}

/// What there is to choose from.
#[derive(Clone, Debug, PartialEq)]
pub enum Choices {
    /// Words of the language, best first.
    Words(Vec<Choice>),
    /// Names that the site has to be asked for.
    Names {
        /// Which names.
        from: Names,
        /// Those that the rule has already.
        taken: Vec<String>,
    },
}

/// Where names come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Names of objects, natures, licences or users.
    Of(Vocabulary),
    /// Galleries, which stand in a query as their numbers.
    Galleries,
    /// Pictures, which stand in a query as their numbers.
    Pictures,
}

/// A word of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word.
    pub label: String,
    /// What it means.
    pub help: String,
    /// What to write for it.
    insert: String,
}

impl Completion {
    /// What to write in place of the range for a word of the language.
    pub fn insert(&self, choice: &Choice) -> String {
        format!("{}{}{}", self.lead, choice.insert, self.tail)
    }

    /// What to write in place of the range for a name: in quotes where it needs them.
    pub fn insert_name(&self, name: &str) -> String {
        let written = match self.choices {
            Choices::Names { from: Names::Galleries | Names::Pictures, .. } => name.to_owned(),
            _ => scalar(name),
        };
        format!("{}{written}{}", self.lead, self.tail)
    }
}

/// What the caret is in or on.
struct Site<'t> {
    text: &'t str,
    /// All tokens of the text.
    tokens: Vec<Token>,
    /// The reading up to the caret.
    state: State,
    role: Role,
    range: Range<usize>,
    typed: String,
    /// The rule's name and where its token starts, if one is open.
    rule: Option<(String, usize)>,
    section: String,
    /// Whether what is replaced has its colon already.
    has_colon: bool,
    /// What has to come before a choice, such as a dash.
    lead: String,
}

/// What can stand at a byte of the text. `now` is the time in Unix seconds, from which dates are offered. Takes time linear in
/// the text and answers for whatever text there is.
pub fn complete(text: &str, caret: usize, now: i64) -> Option<Completion> {
    let site = site(text, floor(text, caret))?;
    let choices = match site.role {
        Role::TopKey => site.keys(),
        Role::Rule if site.section != "include_obsolete" => Choices::Words(site.rules()),
        Role::Value => site.values(now)?,
        Role::Rule | Role::Other => return None,
    };
    if matches!(&choices, Choices::Words(words) if words.is_empty()) {
        return None;
    }
    // Before the next value of a list there has to be a comma.
    let rest = text[site.range.end..].trim_start_matches([' ', '\t']);
    let before_value = site.role == Role::Value && !site.state.frames.is_empty();
    let tail = if before_value && !rest.is_empty() && !rest.starts_with([',', ']', '}', '\n', '\r', '#', ':']) {
        ", "
    } else {
        ""
    };
    Some(Completion { range: site.range, typed: site.typed, choices, lead: site.lead, tail })
}

fn site(text: &str, caret: usize) -> Option<Site<'_>> {
    let (before, state) = scan(&text[..caret]);
    let (tokens, _) = scan(text);
    let line_start = text[..caret].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let content = |index: Option<usize>| {
        index.and_then(|index| before.get(index)).map(|token| (token.content(text), token.start))
    };
    let on_line = before.last().filter(|last| last.end > line_start);
    if on_line.is_some_and(|last| matches!(last.kind, TokenKind::Comment | TokenKind::Mark | TokenKind::Wrong)) {
        return None;
    }
    let last = before.iter().rev().find(|token| token.kind != TokenKind::Comment);
    let mut site = Site {
        text,
        role: state.role(caret - line_start),
        range: caret..caret,
        typed: String::new(),
        rule: content(state.rule),
        section: content(state.section).map(|(name, _)| name).unwrap_or_default(),
        has_colon: false,
        lead: String::new(),
        tokens,
        state,
    };
    match on_line {
        Some(last) if matches!(last.kind, TokenKind::Scalar(Style::Plain | Style::Open)) && !last.key => {
            let written = site.tokens.iter().find(|token| token.start == last.start && token.is_scalar());
            site.range = last.start..caret.max(written.map_or(0, |token| whole(text, token)));
            site.role = last.role;
            site.has_colon = written.is_some_and(|token| token.key);
            site.typed = format!("{}{}", last.content(text), &text[last.end..caret]);
            if last.first && site.role == Role::Rule && site.state.frames.is_empty() {
                site.add_dash(line_start, last.start);
            }
        }
        Some(last) => {
            let open = matches!(last.kind, TokenKind::Colon | TokenKind::Comma | TokenKind::Open | TokenKind::Dash);
            if !open {
                return None;
            }
            if last.end == caret && matches!(last.kind, TokenKind::Colon | TokenKind::Dash) {
                site.lead = " ".to_owned();
            }
        }
        // An empty line.
        None if site.state.frames.is_empty() => match site.role {
            Role::Rule => site.add_dash(line_start, caret),
            Role::Value => {
                let form = site.form()?;
                let begun = last.is_some_and(|last| last.kind != TokenKind::Colon);
                let in_list = before
                    .iter()
                    .rev()
                    .find(|token| token.first && token.kind != TokenKind::Comment)
                    .is_some_and(|token| token.kind == TokenKind::Dash && token.role == Role::Value);
                if begun && !(in_list && form.takes_list()) {
                    return None;
                }
                site.lead = if form.takes_list() { "- ".to_owned() } else { String::new() };
            }
            Role::TopKey | Role::Other => {}
        },
        None => {
            if !last.is_some_and(|last| matches!(last.kind, TokenKind::Comma | TokenKind::Open | TokenKind::Colon)) {
                return None;
            }
        }
    }
    Some(site)
}

/// Where a scalar ends of which the caret has the beginning. A quote that closes it is its own only if nothing odd follows:
/// otherwise it is that of the next text.
fn whole(text: &str, token: &Token) -> usize {
    let closed = match token.kind {
        TokenKind::Scalar(Style::Plain) => return token.end,
        TokenKind::Scalar(Style::Single | Style::Double) => true,
        _ => false,
    };
    let rest = text[token.end..].trim_start_matches([' ', '\t']);
    let fits = rest.is_empty() || rest.starts_with([',', ']', '}', ':', '#', '\n', '\r']);
    if closed && fits && !token.raw(text).contains(['\n', '\r']) { token.end } else { 0 }
}

impl Site<'_> {
    fn form(&self) -> Option<Form> {
        self.rule.as_ref().and_then(|(name, _)| rules::by_name(name)).map(|spec| spec.form)
    }

    /// A rule on a line of its own needs a dash, in the column of the others.
    fn add_dash(&mut self, line_start: usize, until: usize) {
        let column = self.state.items.unwrap_or_else(|| (until - line_start).max(2));
        self.lead = format!("{}- ", " ".repeat(column));
        self.range.start = line_start;
    }

    fn keys(&self) -> Choices {
        let is_used = |name: &str| {
            let elsewhere = |token: &&Token| token.role == Role::TopKey && token.key && token.start != self.range.start;
            self.tokens.iter().filter(elsewhere).any(|token| token.content(self.text) == name)
        };
        let choices = KEYS.iter().filter(|key| !is_used(key.name)).map(|key| {
            let after = match key.name {
                _ if self.has_colon => "",
                "include_obsolete" => ": true",
                _ if self.state.frames.is_empty() => ":\n  - ",
                _ => ": ",
            };
            Choice { label: key.name.to_owned(), help: key.meaning.to_owned(), insert: format!("{}{after}", key.name) }
        });
        let mut words = self.fitting(choices.collect(), Clone::clone);
        // Where the dashes stand below the key, another rule can follow as well.
        if self.typed.is_empty() && self.state.items == Some(0) && self.state.frames.is_empty() {
            words.extend(
                self.rules().into_iter().map(|choice| Choice { insert: format!("- {}", choice.insert), ..choice }),
            );
        }
        Choices::Words(words)
    }

    fn rules(&self) -> Vec<Choice> {
        let after = if self.has_colon { "" } else { ": " };
        let choices = RULES.iter().map(|spec| Choice {
            label: spec.name.to_owned(),
            help: format!("The picture {}.", spec.meaning),
            insert: format!("{}{after}", spec.name),
        });
        let label = |name: &String| rules::by_name(name).map_or("", |spec| spec.label);
        self.fitting(choices.collect(), |name| format!("{name} {} {}", label(name), others_for(name)))
    }

    /// Those of the choices that fit what was typed, best first.
    fn fitting(&self, choices: Vec<Choice>, words: impl Fn(&String) -> String) -> Vec<Choice> {
        if self.typed.trim().is_empty() {
            return choices;
        }
        let names: Vec<String> = choices.iter().map(|choice| fold(&words(&choice.label))).collect();
        let found = Search::new(&self.typed).ranked(&names);
        found.into_iter().filter_map(|index| choices.get(index).cloned()).collect()
    }

    fn values(&self, now: i64) -> Option<Choices> {
        let Some((_, rule)) = self.rule else {
            let choice = |label: &str, help: &str| Choice {
                label: label.to_owned(),
                help: help.to_owned(),
                insert: label.to_owned(),
            };
            let both =
                vec![choice("true", "They may appear."), choice("false", "They never appear; as without this key.")];
            return (self.section == "include_obsolete").then(|| Choices::Words(self.fitting(both, Clone::clone)));
        };
        let from = match self.form()?.widget() {
            Widget::Names(vocabulary) => Names::Of(vocabulary),
            Widget::Galleries => Names::Galleries,
            Widget::Pictures => Names::Pictures,
            Widget::Text { .. } => return None,
            widget => return Some(Choices::Words(self.presets(widget, now))),
        };
        let of_rule = |token: &&Token| {
            let of_rule = token.rule.and_then(|index| self.tokens.get(index)).is_some_and(|token| token.start == rule);
            of_rule && token.role == Role::Value && token.is_scalar() && token.start != self.range.start
        };
        let taken = self.tokens.iter().filter(of_rule).map(|token| token.content(self.text)).collect();
        Some(Choices::Names { from, taken })
    }

    /// Numbers and dates that begin with what was typed.
    fn presets(&self, widget: Widget, now: i64) -> Vec<Choice> {
        let choice = |insert: String, help: String| Choice { label: insert.clone(), help, insert };
        let all: Vec<Choice> = match widget {
            Widget::Number { unit, presets } => {
                presets.iter().map(|(name, number)| choice(number.to_string(), format!("{unit}: {name}"))).collect()
            }
            Widget::Time => {
                times_ago(now).map(|(name, time)| choice(write_iso(time), name.to_owned())).into_iter().collect()
            }
            Widget::Stars => (1..=5).map(|stars| choice(stars.to_string(), "★".repeat(stars))).collect(),
            _ => Vec::new(),
        };
        all.into_iter().filter(|choice| choice.insert.starts_with(self.typed.trim())).collect()
    }
}
