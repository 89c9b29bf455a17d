//! A sheet to text.

use super::disabled;
use super::sheet::{Body, Card, Line, Section, Sheet, ValueNotes};
use crate::query::write::{rule_lines, values};

/// How much of what is written is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Everything that no edit has touched.
    AsItIs,
    /// Comments, their order, and whether there are empty lines.
    Canonical,
}

/// The column of dashes where the text does not say otherwise.
const INDENT: usize = 2;

pub(super) fn print(sheet: &Sheet, style: Style) -> String {
    let mut printer = Printer { text: String::new(), style, disabled: false, blanks: 0 };
    printer.lines(&sheet.head, None);
    for section in &sheet.sections {
        printer.section(section);
    }
    printer.lines(&sheet.tail, None);
    printer.text
}

struct Printer {
    text: String,
    style: Style,
    /// Whether the line before is of a rule that is commented out.
    disabled: bool,
    /// Empty lines before the next line.
    blanks: usize,
}

impl Printer {
    fn line(&mut self, indent: usize, text: &str) {
        let blanks = match self.style {
            Style::AsItIs => self.blanks,
            Style::Canonical if self.text.is_empty() => 0,
            Style::Canonical => self.blanks.min(1),
        };
        self.text.extend(std::iter::repeat_n('\n', blanks));
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
        self.text.push('\n');
        self.blanks = 0;
        self.disabled = false;
    }

    /// Lines without a rule, in a column or where they are.
    fn lines(&mut self, lines: &[Line], column: Option<usize>) {
        for line in lines {
            match line {
                Line::Blank => self.blanks += 1,
                Line::Mark(text) if self.style == Style::AsItIs => self.line(0, text),
                Line::Mark(_) => {}
                Line::Comment(text, own) => {
                    // What is indented below a rule that is commented out would be read as a part of it.
                    if self.disabled && text.starts_with("#  ") {
                        self.blanks = self.blanks.max(1);
                    }
                    let kept = if self.style == Style::AsItIs { *own } else { 0 };
                    self.line(column.unwrap_or(kept), text);
                }
            }
        }
    }

    fn section(&mut self, section: &Section) {
        self.lines(&section.before, None);
        if let Some(source) = section.source.as_ref().filter(|_| self.style == Style::AsItIs) {
            return source.iter().for_each(|line| self.line(0, line));
        }
        let note = if section.own.is_empty() { String::new() } else { format!("  {}", section.own.join(" ")) };
        match &section.body {
            Body::IncludeObsolete(include) => {
                self.line(0, &format!("include_obsolete: {include}{note}"));
                self.lines(&section.after, Some(INDENT));
            }
            Body::Rules(_, cards) if cards.is_empty() => {
                section.own.iter().for_each(|own| self.line(0, &alone(own)));
                self.lines(&section.after, Some(0));
            }
            Body::Rules(list, cards) => {
                let sign = if cards.iter().any(|card| card.enabled) { "" } else { "# " };
                self.line(0, &format!("{sign}{}:{note}", list.key()));
                let column = |card: &Card| card.source.as_ref().map(|(_, column)| *column);
                let kept = cards.iter().filter(|card| card.enabled).find_map(column);
                let kept = kept.or_else(|| cards.iter().find_map(column)).filter(|_| self.style == Style::AsItIs);
                let indent = kept.unwrap_or(INDENT);
                for card in cards {
                    self.card(card, indent);
                }
                self.lines(&section.after, Some(indent.max(1)));
            }
        }
    }

    fn card(&mut self, card: &Card, indent: usize) {
        let written =
            card.source.as_ref().filter(|_| self.style == Style::AsItIs).and_then(|(lines, column)| {
                lines.iter().map(|line| unindented(line, *column)).collect::<Option<Vec<_>>>()
            });
        let mut hoisted = Vec::new();
        let lines = match written {
            Some(lines) => lines,
            None => canonical(card, &mut hoisted, self.style),
        };
        self.lines(&card.before, Some(indent));
        self.lines(&hoisted, Some(indent));
        for line in lines {
            match (card.enabled, line.as_str()) {
                (true, line) => self.line(if line.is_empty() { 0 } else { indent }, line),
                // An empty line would end the comment.
                (false, "") => {}
                (false, line) => self.line(indent, &format!("# {line}")),
            }
        }
        self.disabled = !card.enabled;
    }
}

fn unindented(line: &str, column: usize) -> Option<String> {
    let (indent, rest) = line.split_at_checked(column).unwrap_or((line, ""));
    indent.bytes().all(|byte| byte == b' ').then(|| rest.to_owned())
}

/// The lines of a rule as the writer writes them, with its comments. Comments that have no place there go before it.
fn canonical(card: &Card, hoisted: &mut Vec<Line>, style: Style) -> Vec<String> {
    let notes = &card.notes;
    let mut own = notes.own.clone();
    let has_inner =
        notes.values.iter().any(|value| !value.own.is_empty() || comments(&value.before)) || comments(&notes.after);
    let values = values(&card.rule);
    let is_list = card.rule.form().takes_list();
    let mut lines = if is_list && (has_inner || (card.is_tall && style == Style::AsItIs)) {
        let mut lines = vec![format!("- {}:", card.rule.name())];
        let none = ValueNotes::default();
        for (index, value) in values.into_iter().enumerate() {
            let notes = notes.values.get(index).unwrap_or(&none);
            lines.extend(inner(&notes.before));
            let note: String = notes.own.iter().map(|own| format!("  {own}")).collect();
            lines.push(format!("    - {value}{note}"));
        }
        lines.extend(inner(&notes.after));
        lines
    } else {
        for value in &notes.values {
            hoisted.extend(value.before.iter().filter(|line| **line != Line::Blank).cloned());
            own.extend(value.own.iter().cloned());
        }
        hoisted.extend(notes.after.iter().filter(|line| **line != Line::Blank).cloned());
        rule_lines(&card.rule)
    };
    // One comment behind the rule, the others before it.
    if let (Some(last), Some(first)) = (own.pop(), lines.first_mut()) {
        hoisted.extend(own.into_iter().map(|text| Line::Comment(text, 0)));
        first.push_str(&format!("  {last}"));
    }
    for line in hoisted {
        if let Line::Comment(text, _) = line {
            *text = alone(text);
        }
    }
    lines
}

/// A comment for a line of its own. One that looks like a rule must not become a rule that is commented out there.
fn alone(text: &str) -> String {
    if disabled::begins(text) { format!("# {text}") } else { text.to_owned() }
}

fn comments(lines: &[Line]) -> bool {
    lines.iter().any(|line| matches!(line, Line::Comment(..)))
}

fn inner(lines: &[Line]) -> impl Iterator<Item = String> {
    lines.iter().filter_map(|line| match line {
        Line::Comment(text, _) => Some(format!("    {text}")),
        Line::Blank | Line::Mark(_) => None,
    })
}
